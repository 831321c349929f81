package io.cacheaside.verification.behaviour;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Restricts a test class to the face that alone has the behaviour. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface Only {
  Face value();
}
