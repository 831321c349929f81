/**
 * What tests of caches need and cannot have from a mock: real Redis and Valkey servers, clusters
 * and Sentinels that end with the JVM, a proxy that breaks the network between them, a store that
 * fails or stops where a test says so, a slow source of truth whose reads are counted and can be
 * held, and time that stands still. Assertions find loads that are made twice and values that are
 * stale; JUnit extensions start servers and find what a test has left behind. And, for stores of
 * your own, the contract they have to keep, as tests.
 *
 * <p>Servers need a POSIX system ({@code sh}, {@code kill}): Linux or macOS. Everything listens on
 * the loopback interface only.
 */
@NullMarked
package io.cacheaside.testkit;

import org.jspecify.annotations.NullMarked;
