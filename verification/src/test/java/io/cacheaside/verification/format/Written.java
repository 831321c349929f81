package io.cacheaside.verification.format;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ContextLoader;
import io.cacheaside.ReadOptions;
import io.cacheaside.WriteFence;
import java.time.Duration;
import java.util.List;

/** What is done with a new cache {@code users}, so that states of all kinds are written. */
enum Written {
  LEASE {
    @Override
    void with(CacheAside<String, String> users) {
      users.get("42", key -> "Ada");
    }
  },
  LOADED {
    @Override
    void with(CacheAside<String, String> users) {
      users.get("42", key -> "Ada");
    }
  },
  PUT {
    @Override
    void with(CacheAside<String, String> users) {
      users.put("42", "Ada");
    }
  },
  ABSENT {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.absentTtl(Duration.ofSeconds(10));
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.get("42", key -> null);
    }
  },
  KEPT_LONGER {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.staleIfError(Duration.ofSeconds(30));
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.put("42", "Ada");
    }
  },
  MARKED {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.staleIfError(Duration.ofSeconds(30));
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.put("42", "Ada");
      users.markStale("42");
    }
  },
  REFRESHED {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.staleWhileRevalidate(Duration.ofSeconds(30));
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.put("42", "Ada");
      users.markStale("42");
      users.get("42", key -> "Ada Lovelace");
    }
  },
  FAILED {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.failureBackoff(Duration.ofSeconds(1), Duration.ofMinutes(1));
    }

    @Override
    void with(CacheAside<String, String> users) {
      try {
        users.get("42", key -> fail());
      } catch (IllegalStateException expected) {
        // what is noted is what is wanted
      }
    }

    private static String fail() {
      throw new IllegalStateException("the source is down");
    }
  },
  NOT_TO_BE_CACHED {
    @Override
    void with(CacheAside<String, String> users) {
      ContextLoader<String, String> passing =
          (key, context) -> {
            context.doNotCache();
            return "Ada";
          };
      users.get("42", ReadOptions.defaults(), passing);
    }
  },
  HELD_OFF {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.holdOff(Duration.ofSeconds(5));
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.invalidate("42");
    }
  },
  HELD_OFF_FOR_A_VERSION {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.holdOff(Duration.ofSeconds(5)).version(String::length);
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.invalidate("42", 7);
    }
  },
  FENCED {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.fenceTime(Duration.ofMinutes(1));
    }

    @Override
    void with(CacheAside<String, String> users) {
      WriteFence fence = users.fence("42");
      fence.lift();
    }
  },
  TAGGED {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.tags(key -> List.of("red", "blue"));
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.get("42", key -> "Ada");
    }
  },
  TAG {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.tags(key -> List.of("red", "blue"));
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.get("42", key -> "Ada");
    }
  },
  OF_A_GENERATION {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.instantClear();
    }

    @Override
    void with(CacheAside<String, String> users) {
      users.get("42", key -> "Ada");
    }
  },
  TAGGED_BY_ITS_LOADER {
    @Override
    CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
      return users.loaderTags();
    }

    @Override
    void with(CacheAside<String, String> users) {
      ContextLoader<String, String> tagging =
          (key, context) -> {
            context.tags("grün");
            return "Ada";
          };
      users.get("42", ReadOptions.defaults(), tagging);
    }
  };

  CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
    return users;
  }

  abstract void with(CacheAside<String, String> users);
}
