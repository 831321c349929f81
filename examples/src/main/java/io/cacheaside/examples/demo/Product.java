package io.cacheaside.examples.demo;

/**
 * A product as a shop shows it.
 *
 * @param sku its key
 * @param priceCents what it costs, in cents
 * @param reviews how many reviews it has
 * @param stars the average of their stars
 */
record Product(String sku, String name, long priceCents, long reviews, double stars) {}
