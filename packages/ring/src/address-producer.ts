import { highWord } from "./high-word.js";
import type { RingLayout } from "./layout.js";
import { placeRing, type RingMemory } from "./memory.js";
import { RingProducer } from "./ring-producer.js";

/**
 * The producing end of a ring of 64-bit addresses, such as a socket's fill ring. It takes the ring up where its words
 * in memory stand. Errors: ERR_XDP_RING_SIZE, ERR_XDP_RING_MEMORY, ERR_XDP_RING_CORRUPT.
 */
export class AddressProducer extends RingProducer {
  constructor(memory: RingMemory, layout: RingLayout) {
    super(placeRing(memory, layout, 8), 1);
  }

  /**
   * Writes reserved entry `i`: a whole number from 0 to 2^53 - 1.
   * Errors: ERR_XDP_RING_MISUSE, ERR_XDP_ARGUMENT, ERR_XDP_RING_CORRUPT.
   */
  setAddress(i: number, address: number): void {
    const word = this.entryWord(i);
    const high = address >>> 0 === address ? 0 : highWord(address);
    this.words[word] = address;
    this.words[word + 1] = high;
  }
}
