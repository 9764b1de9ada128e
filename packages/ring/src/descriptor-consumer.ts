import type { RingLayout } from "./layout.js";
import { placeRing, type RingMemory } from "./memory.js";
import { RingConsumer } from "./ring-consumer.js";

/**
 * The consuming end of a ring of descriptors (`struct xdp_desc`: address, length, options), such as a socket's rx
 * ring. It takes the ring up where its words in memory stand.
 * Errors: ERR_XDP_RING_SIZE, ERR_XDP_RING_MEMORY, ERR_XDP_RING_CORRUPT.
 */
export class DescriptorConsumer extends RingConsumer {
  constructor(memory: RingMemory, layout: RingLayout) {
    super(placeRing(memory, layout, 16), 2);
  }

  /** The packet's length in bytes in peeked entry `i`, unsigned. Errors: as `addressLow`. */
  length(i: number): number {
    return (this.words[this.entryWord(i) + 2] as number) >>> 0;
  }

  /** The option bits of peeked entry `i` (XDP_PKT_CONTD, XDP_TX_METADATA), unsigned. Errors: as `addressLow`. */
  options(i: number): number {
    return (this.words[this.entryWord(i) + 3] as number) >>> 0;
  }
}
