import { XDP_RING_NEED_WAKEUP, type XdpError } from "@afxdp/core";
import { auditRing, type RingAudit } from "./audit.js";
import { corrupt, describeJump, notACount, outside, tooMany } from "./faults.js";
import type { RingWords } from "./memory.js";

/**
 * The producing end of a ring: reserve, write, submit. One thread owns it. Entries of both kinds begin with an address.
 * The names (A) to (D) in the comments are those of the barriers in net/xdp/xsk_queue.h.
 *
 * The peer is not trusted: if its index moves back, or past what was submitted, the ring is poisoned, and this and
 * every later call but `audit` and the getters throws ERR_XDP_RING_CORRUPT.
 */
export abstract class RingProducer {
  /** The view over the ring's memory. */
  protected readonly words: Int32Array;
  // All numbers are small integers and stay so: indices count modulo 2^32, signed, as `| 0` leaves them.
  readonly #size: number;
  readonly #producerWord: number;
  readonly #consumerWord: number;
  readonly #flagsWord: number;
  readonly #entries: number;
  readonly #entryShift: number;
  /** Ours, and authoritative; the word in memory is only written. */
  #producer: number;
  /** The peer's, as last read; at most #size behind #producer. */
  #consumer: number;
  #reserved = 0;
  #corrupt = false;
  #fault = "";

  /** `entryShift`: entries are `1 << entryShift` words long. Errors: ERR_XDP_RING_CORRUPT. */
  protected constructor(place: RingWords, entryShift: number) {
    this.words = place.words;
    this.#size = place.size;
    this.#producerWord = place.producer;
    this.#consumerWord = place.consumer;
    this.#flagsWord = place.flags;
    this.#entries = place.entries;
    this.#entryShift = entryShift;
    // Only this end writes the producer word, so there is nothing to pair with; the consumer's is (A), as in reserve.
    this.#producer = Atomics.load(place.words, place.producer);
    this.#consumer = Atomics.load(place.words, place.consumer);
    const used = (this.#producer - this.#consumer) >>> 0;
    if (used > place.size) {
      throw corrupt(
        `The ring's indices are ${used} apart, but it has only ${place.size} entries: ` +
          `producer ${this.#producer >>> 0}, consumer ${this.#consumer >>> 0}.`,
      );
    }
  }

  /** The number of entries in the ring. */
  get size(): number {
    return this.#size;
  }

  /** Whether the peer was caught moving its index to where it cannot be. */
  get corrupt(): boolean {
    return this.#corrupt;
  }

  /**
   * Reserves up to `n` entries for writing and returns how many were granted: fewer, down to 0, when the ring is full.
   * The entries are then `0` to the count less one. Until `submit`, a repeated call grants the same entries from the
   * same start; the reservation is the largest that was granted. Errors: ERR_XDP_ARGUMENT, ERR_XDP_RING_CORRUPT.
   */
  reserve(n: number): number {
    if (this.#corrupt || n >>> 0 !== n) throw this.#refusal("reserve", n);
    let free = this.#size - ((this.#producer - this.#consumer) | 0);
    if (free < n) free = this.#size - this.#refresh();
    const granted = Math.min(n, free);
    if (granted > this.#reserved) this.#reserved = granted;
    return granted;
  }

  /**
   * Hands the first `n` reserved entries to the consumer. The others stay reserved and are counted from 0 again.
   * Afterwards the entries belong to the consumer, and so does what they point to. Hand over all descriptors of a
   * packet in one call. Errors: ERR_XDP_RING_MISUSE for more than is reserved, ERR_XDP_RING_CORRUPT.
   */
  submit(n: number): void {
    if (this.#corrupt || n >>> 0 !== n || n > this.#reserved) throw this.#refusal("submit", n);
    const producer = (this.#producer + n) | 0;
    this.#producer = producer;
    this.#reserved -= n;
    // (B): the entries' stores come before this one. Pairs with (C), smp_load_acquire(&ring->producer) in
    // __xskq_cons_peek.
    Atomics.store(this.words, this.#producerWord, producer);
  }

  /** Gives the reservation back; nothing of it is published. Errors: ERR_XDP_RING_CORRUPT. */
  cancel(): void {
    if (this.#corrupt) throw this.#refusal("cancel", 0);
    this.#reserved = 0;
  }

  /**
   * Whether the consumer sleeps and has to be told of what was submitted (XDP_RING_NEED_WAKEUP). Ask after `submit`.
   * Errors: ERR_XDP_RING_CORRUPT.
   */
  needsWakeup(): boolean {
    if (this.#corrupt) throw this.#refusal("needsWakeup", 0);
    // Atomic, so that it stays behind the store of submit: a consumer that goes to sleep sets the flag, then looks at
    // the producer index once more. A plain load may pass our store on arm64 (and sit in a register of a spin loop),
    // and then either side misses the other.
    return (Atomics.load(this.words, this.#flagsWord) & XDP_RING_NEED_WAKEUP) !== 0;
  }

  /** The entries that `reserve` could grant now, those reserved already included. Errors: ERR_XDP_RING_CORRUPT. */
  free(): number {
    return this.#size - this.pending();
  }

  /** The entries submitted and not yet consumed, by a fresh look. Errors: ERR_XDP_RING_CORRUPT. */
  pending(): number {
    if (this.#corrupt) throw this.#refusal("pending", 0);
    return this.#refresh();
  }

  /** Whether the consumer has taken everything that was submitted. Errors: ERR_XDP_RING_CORRUPT. */
  consumed(): boolean {
    return this.pending() === 0;
  }

  /** Checks the ring's words against each other; changes nothing, and works on a poisoned ring. Not for hot paths. */
  audit(): RingAudit {
    return auditRing({
      role: "producer",
      size: this.#size,
      producer: Atomics.load(this.words, this.#producerWord),
      consumer: Atomics.load(this.words, this.#consumerWord),
      own: this.#producer,
      peer: this.#consumer,
      granted: this.#reserved,
      fault: this.#fault,
    });
  }

  /**
   * Writes the address of reserved entry `i` as two 32-bit words, for all 64 bits (an unaligned chunk's offset is in
   * the top 16). Errors: ERR_XDP_RING_MISUSE, ERR_XDP_RING_CORRUPT.
   */
  setAddressWords(i: number, low: number, high: number): void {
    const word = this.entryWord(i);
    this.words[word] = low;
    this.words[word + 1] = high;
  }

  /** The word at which reserved entry `index` begins. Errors: ERR_XDP_RING_MISUSE, ERR_XDP_RING_CORRUPT. */
  protected entryWord(index: number): number {
    // Poisoning clears the reservation, so this guards against both. Of the forms that refuse fractions and
    // strings, too, this one costs least in a counting loop: see bench/hot-path.mjs.
    if ((index | 0) !== index || index < 0 || index >= this.#reserved) {
      throw this.#entryRefusal(index);
    }
    return this.#entries + (((this.#producer + index) & (this.#size - 1)) << this.#entryShift);
  }

  /** Reads the consumer index and returns the entries that are pending. */
  #refresh(): number {
    // (A): no entry is written before this load says that there is room. Pairs with (D),
    // smp_store_release(&ring->consumer) in __xskq_cons_release.
    const seen = Atomics.load(this.words, this.#consumerWord);
    const believed = this.#consumer;
    const pending = (this.#producer - believed) | 0;
    // Forward by no more than was pending: this excludes a step back, a lead over us, and a distance over the size.
    if ((seen - believed) >>> 0 > pending) throw this.#poison(seen, pending);
    this.#consumer = seen;
    return (this.#producer - seen) | 0;
  }

  #poison(seen: number, room: number): XdpError {
    this.#corrupt = true;
    this.#reserved = 0;
    this.#fault = describeJump("producer", this.#consumer, seen, room, this.#size);
    return corrupt(this.#fault);
  }

  #refusal(verb: string, count: number): XdpError {
    if (this.#corrupt) return corrupt(this.#fault);
    return verb === "reserve" ? notACount(verb, count) : tooMany(verb, count, this.#reserved);
  }

  #entryRefusal(index: number): XdpError {
    return this.#corrupt ? corrupt(this.#fault) : outside(index, this.#reserved);
  }
}
