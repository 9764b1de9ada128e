import { XDP_RING_NEED_WAKEUP, type XdpError } from "@afxdp/core";
import { auditRing, type RingAudit } from "./audit.js";
import { corrupt, describeJump, notACount, outside, tooMany } from "./faults.js";
import type { RingWords } from "./memory.js";

/**
 * The consuming end of a ring: peek, read, release. One thread owns it. Entries of both kinds begin with an address.
 * The names (A) to (D) in the comments are those of the barriers in net/xdp/xsk_queue.h.
 *
 * The peer is not trusted. If its index moves back, or further than the ring is long, the ring is poisoned, and this
 * and every later call but `audit` and the getters throws ERR_XDP_RING_CORRUPT. It can also rewrite an entry at any
 * time: read each field once, check what was read, and do not read it again.
 */
export abstract class RingConsumer {
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
  #consumer: number;
  /** The peer's, as last read; at most #size ahead of #consumer. */
  #producer: number;
  #peeked = 0;
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
    // Only this end writes the consumer word, so there is nothing to pair with; the producer's is (C), as in peek.
    this.#consumer = Atomics.load(place.words, place.consumer);
    this.#producer = Atomics.load(place.words, place.producer);
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
   * Makes up to `n` entries readable and returns how many: fewer, down to 0, when the ring holds less. The entries are
   * then `0` to the count less one. Until `release`, a repeated call shows the same entries from the same start, and
   * the largest count stays readable. Errors: ERR_XDP_ARGUMENT, ERR_XDP_RING_CORRUPT.
   */
  peek(n: number): number {
    if (this.#corrupt || n >>> 0 !== n) throw this.#refusal("peek", n);
    let available = (this.#producer - this.#consumer) | 0;
    if (available < n) available = this.#refresh();
    const granted = Math.min(n, available);
    if (granted > this.#peeked) this.#peeked = granted;
    return granted;
  }

  /**
   * Gives the first `n` peeked entries back to the producer, which may overwrite them at once. The others stay peeked
   * and are counted from 0 again. Errors: ERR_XDP_RING_MISUSE for more than is peeked, ERR_XDP_RING_CORRUPT.
   */
  release(n: number): void {
    if (this.#corrupt || n >>> 0 !== n || n > this.#peeked) throw this.#refusal("release", n);
    const consumer = (this.#consumer + n) | 0;
    this.#consumer = consumer;
    this.#peeked -= n;
    // (D): the entries' loads come before this store. Pairs with (A), the control dependency on
    // READ_ONCE(ring->consumer) in xskq_prod_nb_free.
    Atomics.store(this.words, this.#consumerWord, consumer);
  }

  /** The entries in the ring, those peeked included, by a fresh look. Errors: ERR_XDP_RING_CORRUPT. */
  available(): number {
    if (this.#corrupt) throw this.#refusal("available", 0);
    return this.#refresh();
  }

  /**
   * Tells the producer whether it has to wake this end after a submit (XDP_RING_NEED_WAKEUP). For a program that plays
   * the kernel's part in a fill or tx ring, where the consumer owns the flags word; on a ring whose producer is the
   * kernel the word is the kernel's. Before sleeping: set it, look at `available` once more, and only then sleep.
   * Errors: ERR_XDP_RING_CORRUPT.
   */
  setNeedWakeup(on: boolean): void {
    if (this.#corrupt) throw this.#refusal("setNeedWakeup", 0);
    // Atomic, so that it stays before the load of `available`; pairs with the load in RingProducer.needsWakeup.
    if (on) Atomics.or(this.words, this.#flagsWord, XDP_RING_NEED_WAKEUP);
    else Atomics.and(this.words, this.#flagsWord, ~XDP_RING_NEED_WAKEUP);
  }

  /** Checks the ring's words against each other; changes nothing, and works on a poisoned ring. Not for hot paths. */
  audit(): RingAudit {
    return auditRing({
      role: "consumer",
      size: this.#size,
      producer: Atomics.load(this.words, this.#producerWord),
      consumer: Atomics.load(this.words, this.#consumerWord),
      own: this.#consumer,
      peer: this.#producer,
      granted: this.#peeked,
      fault: this.#fault,
    });
  }

  /** The low 32 bits of the address in peeked entry `i`, unsigned. Errors: ERR_XDP_RING_MISUSE, ERR_XDP_RING_CORRUPT. */
  addressLow(i: number): number {
    return (this.words[this.entryWord(i)] as number) >>> 0;
  }

  /** Its high 32 bits, unsigned: 0 in a UMEM of up to 4 GiB with aligned chunks. Errors: as `addressLow`. */
  addressHigh(i: number): number {
    return (this.words[this.entryWord(i) + 1] as number) >>> 0;
  }

  /** The whole address in peeked entry `i`; rounded when it is over 2^53. Errors: as `addressLow`. */
  address(i: number): number {
    const word = this.entryWord(i);
    const low = (this.words[word] as number) >>> 0;
    const high = (this.words[word + 1] as number) >>> 0;
    return high === 0 ? low : high * 4294967296 + low;
  }

  /** The word at which peeked entry `index` begins. Errors: ERR_XDP_RING_MISUSE, ERR_XDP_RING_CORRUPT. */
  protected entryWord(index: number): number {
    // Poisoning clears what was peeked, so this guards against both. Of the forms that refuse fractions and
    // strings, too, this one costs least in a counting loop: see bench/hot-path.mjs.
    if ((index | 0) !== index || index < 0 || index >= this.#peeked) {
      throw this.#entryRefusal(index);
    }
    return this.#entries + (((this.#consumer + index) & (this.#size - 1)) << this.#entryShift);
  }

  /** Reads the producer index and returns the entries that are available. */
  #refresh(): number {
    // (C): no entry is read before this load. Pairs with (B), smp_store_release(&ring->producer) in
    // __xskq_prod_submit.
    const seen = Atomics.load(this.words, this.#producerWord);
    const believed = this.#producer;
    const room = this.#size - ((believed - this.#consumer) | 0);
    // Forward by no more than there was room: this excludes a step back and a distance over the size.
    if ((seen - believed) >>> 0 > room) throw this.#poison(seen, room);
    this.#producer = seen;
    return (seen - this.#consumer) | 0;
  }

  #poison(seen: number, room: number): XdpError {
    this.#corrupt = true;
    this.#peeked = 0;
    this.#fault = describeJump("consumer", this.#producer, seen, room, this.#size);
    return corrupt(this.#fault);
  }

  #refusal(verb: string, count: number): XdpError {
    if (this.#corrupt) return corrupt(this.#fault);
    return verb === "peek" ? notACount(verb, count) : tooMany(verb, count, this.#peeked);
  }

  #entryRefusal(index: number): XdpError {
    return this.#corrupt ? corrupt(this.#fault) : outside(index, this.#peeked);
  }
}
