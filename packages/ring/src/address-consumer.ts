import type { RingLayout } from "./layout.js";
import { placeRing, type RingMemory } from "./memory.js";
import { RingConsumer } from "./ring-consumer.js";

/**
 * The consuming end of a ring of 64-bit addresses, such as a socket's completion ring. It takes the ring up where its
 * words in memory stand. Errors: ERR_XDP_RING_SIZE, ERR_XDP_RING_MEMORY, ERR_XDP_RING_CORRUPT.
 */
export class AddressConsumer extends RingConsumer {
  constructor(memory: RingMemory, layout: RingLayout) {
    super(placeRing(memory, layout, 8), 1);
  }
}
