/** Values as MessagePack: {@link io.cacheaside.msgpack.MessagePackCodec}. */
@NullMarked
package io.cacheaside.msgpack;

import org.jspecify.annotations.NullMarked;
