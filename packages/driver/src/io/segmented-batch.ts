import { type FrameSocket, ioOf } from "../frame-socket.js";
import { frameStateError } from "./io-errors.js";
import { RxBatch } from "./rx-batch.js";
import type { SocketIo } from "./socket-io.js";

/**
 * A batch whose packets can lie in several frames. Segments stand in one row, packet after packet; those of a packet
 * that is not whole yet are at its end (`open`) and belong to no packet.
 */
export class SegmentedBatch extends RxBatch {
  readonly #addresses: Uint32Array;
  readonly #lengths: Uint32Array;
  /** By packet: its first segment. */
  readonly #first: Uint32Array;
  /** Segments of whole packets, and of those with the open one. */
  #closed = 0;
  #used = 0;
  #openBytes = 0;

  /** @internal */
  constructor(io: SocketIo, capacity: number, segments: number) {
    super(io, capacity);
    this.#addresses = new Uint32Array(segments);
    this.#lengths = new Uint32Array(segments);
    this.#first = new Uint32Array(capacity + 1);
  }

  override segmentCount(i: number): number {
    this.check(i);
    return (this.#first[i + 1] as number) - (this.#first[i] as number);
  }

  override segmentAddress(i: number, s: number): number {
    this.checkSegment(i, s);
    return this.#addresses[(this.#first[i] as number) + s] as number;
  }

  override segmentLength(i: number, s: number): number {
    this.checkSegment(i, s);
    return this.#lengths[(this.#first[i] as number) + s] as number;
  }

  override packet(i: number): Uint8Array {
    if (this.segmentCount(i) === 1) return super.packet(i);
    const bytes = new Uint8Array(this.length(i));
    let at = 0;
    for (const view of this.views(i)) {
      bytes.set(view, at);
      at += view.length;
    }
    return bytes;
  }

  override send(i: number, length: number = this.length(i)): boolean {
    return this.#sendBy(this.io, i, length);
  }

  override forward(i: number, other: FrameSocket, length: number = this.length(i)): boolean {
    this.check(i);
    return this.#sendBy(this.io.target(ioOf(other)), i, length);
  }

  override keep(i: number): void {
    const { umem } = this.io;
    const count = this.segmentCount(i);
    const first = this.#first[i] as number;
    for (let k = first; k < first + count; k++) {
      const address = this.#addresses[k] as number;
      const state = umem.stateOf(address);
      if (state !== "application") throw frameStateError("keep", address, state);
    }
    for (let k = first; k < first + count; k++) umem.keep(this.#addresses[k] as number);
  }

  /** Sends the segments that hold the first `length` bytes; the last one may grow into the rest of its frame. */
  #sendBy(io: SocketIo, i: number, length: number): boolean {
    const count = this.segmentCount(i);
    if (count === 1) return io.transmit(this.address(i), length);
    const first = this.#first[i] as number;
    let left = length;
    let s = 0;
    while (s < count - 1 && left > (this.#lengths[first + s] as number)) {
      left -= this.#lengths[first + s++] as number;
    }
    if (s === 0) return io.transmit(this.address(i), length);
    return io.transmitChain(this.#addresses, this.#lengths, s + 1, undefined, first, left);
  }

  /** @internal */
  override get frameCount(): number {
    return this.#closed;
  }

  /** @internal */
  override frameAddress(k: number): number {
    return this.#addresses[k] as number;
  }

  /** @internal Segments of the packet that is not whole yet. */
  get open(): number {
    return this.#used - this.#closed;
  }

  /** @internal */
  openAddress(s: number): number {
    return this.#addresses[this.#closed + s] as number;
  }

  /** @internal */
  openLength(s: number): number {
    return this.#lengths[this.#closed + s] as number;
  }

  /** @internal Adds a segment to the open packet. */
  append(address: number, length: number): void {
    this.#addresses[this.#used] = address;
    this.#lengths[this.#used++] = length;
    this.#openBytes += length;
  }

  /** @internal Makes the open packet one of the batch; returns its length. */
  commit(): number {
    const length = this.#openBytes;
    this.put(this.openAddress(0), length);
    this.#closed = this.#used;
    this.#first[this.count] = this.#closed;
    this.#openBytes = 0;
    return length;
  }

  /** @internal Forgets the open packet; its frames are the caller's to see to. */
  dropOpen(): void {
    this.#used = this.#closed;
    this.#openBytes = 0;
  }

  /** @internal */
  override clear(): void {
    super.clear();
    this.#closed = 0;
    this.#used = 0;
    this.#openBytes = 0;
  }
}
