package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUriTest {
  @ParameterizedTest
  @CsvSource({
    "redis://host, STANDALONE, false",
    "rediss://host, STANDALONE, true",
    "redis-sentinel://host#main, SENTINEL, false",
    "rediss-sentinel://host#main, SENTINEL, true",
    "redis-cluster://host, CLUSTER, false",
    "rediss-cluster://host, CLUSTER, true",
    "REDIS://host, STANDALONE, false",
    "RedisS://host, STANDALONE, true",
    "REDISS-Sentinel://host#main, SENTINEL, true"
  })
  void theSchemeSaysTopologyAndTls(String text, Topology topology, boolean tls) {
    RedisUri uri = RedisUri.parse(text);

    assertThat(uri.topology()).isEqualTo(topology);
    assertThat(uri.tls()).isEqualTo(tls);
  }

  @Test
  void everythingMayBeGiven() {
    RedisUri uri = RedisUri.parse("redis-sentinel://app:s3cret@a:1,b,[::1]:3/5#main");

    assertThat(uri.username()).isEqualTo("app");
    assertThat(uri.password()).containsExactly("s3cret".toCharArray());
    assertThat(uri.nodes())
        .isEqualTo(List.of(new Node("a", 1), new Node("b", 26_379), new Node("::1", 3)));
    assertThat(uri.database()).isEqualTo(5);
    assertThat(uri.sentinelMaster()).isEqualTo("main");
    assertThat(uri).hasToString("redis-sentinel://[a:1, b:26379, [::1]:3]");
  }

  @Test
  void onlyAHostHasToBeGiven() {
    RedisUri uri = RedisUri.parse("redis://host/");

    assertThat(uri.username()).isNull();
    assertThat(uri.password()).isNull();
    assertThat(uri.nodes()).containsExactly(new Node("host", 6_379));
    assertThat(uri.database()).isZero();
    assertThat(uri.sentinelMaster()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "redis://host/, host, 6379, 0",
    "redis://host//, host, 6379, 0",
    "redis://host:1/2/, host, 1, 2",
    "redis://[::1], ::1, 6379, 0",
    "redis://[fe80::1%eth0]:1/, fe80::1%eth0, 1, 0",
    "redis://:pw@[::1]:1/2, ::1, 1, 2"
  })
  void oneServerIsHostPortAndDatabase(String text, String host, int port, int database) {
    RedisUri uri = RedisUri.parse(text);

    assertThat(uri.nodes()).containsExactly(new Node(host, port));
    assertThat(uri.database()).isEqualTo(database);
  }

  @ParameterizedTest
  @CsvSource({
    "redis://:pw@host, , pw",
    "redis://user:@host, user, ",
    "redis://a%40b:c%3Ad%2F%25+@host, a@b, c:d/%+",
    "redis://user:p:w@host, user, p:w",
    "redis://%C3%A9:%e6%97%a5@host, é, 日"
  })
  void userAndPasswordAreDecoded(String text, String username, String password) {
    RedisUri uri = RedisUri.parse(text);

    assertThat(uri.username()).isEqualTo(username);
    assertThat(uri.password() == null ? null : new String(uri.password())).isEqualTo(password);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host",
        "host:6379",
        "redis:host",
        "redis://",
        "redis:///1",
        "http://host",
        "rediss-http://host",
        "redis://host/one",
        "redis://host/-1",
        "redis://host/1234567890",
        "redis://host?timeout=1s",
        "redis://host:port",
        "redis://host:0",
        "redis://host:70000",
        "redis://a,,b",
        "redis://[::1",
        "redis://[::1]6379",
        "redis://::1",
        "redis://host:",
        "redis://:6379",
        "redis://host:+1",
        "redis-sentinel://host#",
        "redis://ho st",
        "redis://host#",
        "redis://host#main",
        "redis-cluster://host#main"
      })
  void otherTextsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> RedisUri.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3cret@host",
        "redis://s3cret@host",
        "redis-sentinel://s3cret@host:1,b#main",
        "redis://user:s3cret@host/one",
        "redis://user:s3cret%@host",
        "redis://user:s3cret%4@host",
        "redis://user:s3cret%zz@host",
        "redis://user:s3cret@host?x",
        "redis://user:s3cret/@host",
        "redis://user:s3cret@s3cret@host",
        "redis://user:s3cret@host:port",
        "redis//user:s3cret@host",
        "s3cret://user:s3cret@host",
        "redis://user:s3cret?a#b/c@host",
        "redis://user:s3cret#s3cret@host",
        "redis://host?password=s3cret",
        "redis://host?password=:s3cret@host",
        "redis://host:s3cret",
        "redis://host:s3cret/1",
        "redis://host:1,host:s3cret?x",
        "rediss://host:1:s3cret",
        "redis://[host:s3cret",
        "http://host:s3cret",
        "host:s3cret"
      })
  void aRefusalDoesNotShowThePassword(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).contains("host").doesNotContain("s3cret"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "redis://:s3cr@t@host         | percent-encode user and password: @ as %40, / as %2F",
        "redis://:s3cr/t@host         | percent-encode user and password: @ as %40, / as %2F",
        "redis://app:a/b@c@host/1     | percent-encode user and password: @ as %40, / as %2F",
        "redis://:s3cr?t@host         | ? as %3F, # as %23",
        "redis://:s3cr#t@host         | ? as %3F, # as %23",
        "redis://:s3cr%t@host         | write a percent sign in the user or password as %25",
        "redis://host?db=1            | write the database as /1 behind the host",
        "redis://host?a=b&database=1  | write the database as /1 behind the host",
        "redis://:pw@host:6379/0?ssl=true | set options at the builder or as properties",
        "redis://s3cret@host          | :password@ for a password alone, or user:password@",
        "rediss-cluster://s3cret@host:1 | :password@ for a password alone, or user:password@",
        "host:6379                    | redis://[user:password@]host",
        "redis:host                   | begin with a scheme",
        "http://host                  | the nearest one is redis",
        "redis+ssl://host             | the nearest one is rediss",
        "valkeys://host               | the nearest one is rediss",
        "redis+sentinel://host        | the nearest one is redis-sentinel",
        "rediss+cluster://host        | the nearest one is rediss-cluster",
        "redis:///host                | name a host behind the ://",
        "redis://:6379#host           | host is ''; use a host name",
        "redis://host,                | host is ''; use a host name",
        "redis://host:6379x           | the port of 'host' is no number",
        "redis://host:70000           | port is 70000; use 1 to 65535",
        "redis://host,::1             | an IPv6 address has no brackets",
        "redis://host/one             | the number of the database behind the host, such as /1",
        "redis://host/1/2             | the number of the database behind the host, such as /1",
        "redis://host#main            | a #name goes with redis-sentinel:// only",
        "redis-sentinel://host#       | the name by which the Sentinels know the primary"
      })
  void aRefusalSaysWhatIsWrong(String text, String fix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse(text))
        .withMessageContaining(fix)
        .withMessageContaining("host");
  }

  @Test
  void aRefusalShowsWhatIsNoSecret() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse("redis://a:1,[::1]:2/one?password=s3cret"))
        .withMessageStartingWith("uri is 'redis://a:1,[::1]:2/one***'; ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse("redis://host:s3cret/1"))
        .withMessageStartingWith("uri is 'redis://host***'; ");
  }

  @Test
  void aRefusalSaysHowToWriteIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse("http://user:s3cret@host"))
        .withMessage(
            "uri is '***@host'; the scheme is redis, redis-sentinel or redis-cluster, with TLS"
                + " rediss, rediss-sentinel or rediss-cluster; the nearest one is redis");
  }
}
