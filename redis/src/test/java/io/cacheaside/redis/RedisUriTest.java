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
    "rediss-cluster://host, CLUSTER, true"
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
        "REDIS://host",
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
        "redis//user:s3cret@host"
      })
  void aRefusalDoesNotShowThePassword(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).contains("host").doesNotContain("s3cret"));
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS://host, lower case",
    "redis://:s3cr@t@host, %40",
    "redis://:s3cr/t@host, %2F",
    "redis://app:a/b@c@host/1, %40",
    "redis://host?db=1, no parameters; write the database as /1",
    "redis://:pw@host:6379/0?timeout=1s, no parameters",
    "redis://s3cret@host, ':password@ for a password alone, or user:password@'",
    "rediss-cluster://s3cret@host:1, ':password@ for a password alone, or user:password@'",
    "host:6379, redis://[user:password@]host"
  })
  void aRefusalSaysWhatIsWrong(String text, String fix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse(text))
        .withMessageContaining(fix)
        .withMessageContaining("host");
  }

  @Test
  void aRefusalSaysHowToWriteIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUri.parse("http://user:s3cret@host"))
        .withMessage(
            "uri is '***@host'; the scheme is redis, redis-sentinel or redis-cluster, with TLS"
                + " rediss, rediss-sentinel or rediss-cluster");
  }
}
