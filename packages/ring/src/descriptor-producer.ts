import { highWord } from "./high-word.js";
import type { RingLayout } from "./layout.js";
import { placeRing, type RingMemory } from "./memory.js";
import { RingProducer } from "./ring-producer.js";

/**
 * The producing end of a ring of descriptors (`struct xdp_desc`: address, length, options), such as a socket's tx
 * ring. It takes the ring up where its words in memory stand.
 * Errors: ERR_XDP_RING_SIZE, ERR_XDP_RING_MEMORY, ERR_XDP_RING_CORRUPT.
 */
export class DescriptorProducer extends RingProducer {
  constructor(memory: RingMemory, layout: RingLayout) {
    super(placeRing(memory, layout, 16), 2);
  }

  /**
   * Writes reserved entry `i`: the address is a whole number from 0 to 2^53 - 1, length and options are taken modulo
   * 2^32. Errors: ERR_XDP_RING_MISUSE, ERR_XDP_ARGUMENT, ERR_XDP_RING_CORRUPT.
   */
  set(i: number, address: number, length: number, options: number): void {
    const word = this.entryWord(i);
    const high = address >>> 0 === address ? 0 : highWord(address);
    this.words[word] = address;
    this.words[word + 1] = high;
    this.words[word + 2] = length;
    this.words[word + 3] = options;
  }
}
