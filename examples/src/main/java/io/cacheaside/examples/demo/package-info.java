/**
 * The demo: eight scenarios on a real Redis and a real SQL database, each of which shows one thing
 * by counts. {@code Demo} runs them; every scenario is one class to read on its own.
 */
@NullMarked
package io.cacheaside.examples.demo;

import org.jspecify.annotations.NullMarked;
