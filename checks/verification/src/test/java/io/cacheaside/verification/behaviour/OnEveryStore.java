package io.cacheaside.verification.behaviour;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Runs the tests of a {@link CacheTest} through both faces on every kind of store: in the quick run
 * on some of them, in the full run on the others.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("unit")
@Tag("redis")
@Tag("valkey")
@Tag("cluster")
@Tag("async")
@Tag("quick")
@Tag("full")
@ParameterizedClass
@ArgumentsSource(Setups.class)
@interface OnEveryStore {}
