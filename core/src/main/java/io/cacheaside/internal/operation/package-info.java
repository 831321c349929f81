/**
 * What a caller can ask of a cache: a service for each, which makes an object for each call. {@code
 * Operations} is the door. {@code ReadPlans} decides what a read does; {@code Gets} serves, and
 * {@code Misses} loads.
 */
@NullMarked
package io.cacheaside.internal.operation;

import org.jspecify.annotations.NullMarked;
