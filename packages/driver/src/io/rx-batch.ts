import { XdpError } from "@afxdp/core";
import { type FrameSocket, ioOf } from "../frame-socket.js";
import { notASegment, notInBatch } from "./io-errors.js";
import type { SocketIo } from "./socket-io.js";

/**
 * The packets of one batch, as numbers. One object serves all batches: what it says holds until the handler
 * returns, or until the next turn of a `for await`. Then each frame that was neither sent, kept, forwarded nor freed
 * goes back to the fill ring.
 *
 * A packet lies in one frame, or, where the socket is bound for it (`multiBuffer`), in several segments of a frame each;
 * what is said of segments here holds for one, too.
 */
export class RxBatch {
  /** The UMEM's bytes: index it with an address. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** @internal */
  protected readonly io: SocketIo;
  readonly #addresses: Uint32Array;
  readonly #lengths: Uint32Array;
  #count = 0;

  /** @internal */
  constructor(io: SocketIo, capacity: number) {
    this.io = io;
    this.bytes = io.umem.bytes;
    this.#addresses = new Uint32Array(capacity);
    this.#lengths = new Uint32Array(capacity);
  }

  /** Packets in the batch. */
  get count(): number {
    return this.#count;
  }

  /** Most packets it can hold. */
  get capacity(): number {
    return this.#addresses.length;
  }

  /** Where packet `i` begins (its first segment), in bytes from the start of the UMEM. */
  address(i: number): number {
    return this.#addresses[i] as number;
  }

  /** Bytes of the whole packet `i`, from the Ethernet header on. */
  length(i: number): number {
    return this.#lengths[i] as number;
  }

  /**
   * Bytes that are free in front of packet `i` in its frame, 256 and the UMEM's `headroom` less room for TX metadata:
   * to put a header there and send from `address(i) - n` by `transmit`. @throws as `packet`
   */
  headroom(i: number): number {
    this.check(i);
    const { geometry } = this.io.umem;
    const address = this.address(i);
    return Math.max(0, address - geometry.baseOf(address) - geometry.txMetadataLength);
  }

  /** Frames that packet `i` lies in; 1 unless the socket is bound for several. @throws as `packet` */
  segmentCount(i: number): number {
    this.check(i);
    return 1;
  }

  /** Where segment `s` of packet `i` begins. @throws XdpError ERR_XDP_ARGUMENT for one that it does not have */
  segmentAddress(i: number, s: number): number {
    this.checkSegment(i, s);
    return this.address(i);
  }

  /** Bytes of segment `s` of packet `i`. @throws as `segmentAddress` */
  segmentLength(i: number, s: number): number {
    this.checkSegment(i, s);
    return this.length(i);
  }

  /**
   * The bytes of packet `i`: a view of its frame (about 40 ns: on a hot path use `bytes` and `address`), or where it
   * lies in several frames a copy in a new buffer; `views` and `copy` do without that.
   *
   * @throws XdpError ERR_XDP_ARGUMENT for a packet that is not in the batch
   */
  packet(i: number): Uint8Array {
    this.check(i);
    const address = this.address(i);
    return this.bytes.subarray(address, address + this.length(i));
  }

  /** Views of the segments of packet `i`, in order; they last as long as the batch. @throws as `packet` */
  views(i: number): Uint8Array<SharedArrayBuffer>[] {
    const views: Uint8Array<SharedArrayBuffer>[] = [];
    for (let s = 0; s < this.segmentCount(i); s++) {
      const address = this.segmentAddress(i, s);
      views.push(this.bytes.subarray(address, address + this.segmentLength(i, s)));
    }
    return views;
  }

  /**
   * Copies the whole packet `i` to `target` at `offset`; returns its length. Makes no object; byte by byte, so that for
   * large packets `target.set(view)` is quicker.
   *
   * @throws XdpError ERR_XDP_ARGUMENT unless it fits into a Uint8Array there; nothing has been written then
   */
  copy(i: number, target: Uint8Array, offset = 0): number {
    const segments = this.segmentCount(i);
    const length = this.length(i);
    const fits = target instanceof Uint8Array && Number.isInteger(offset) && offset >= 0;
    if (!fits || offset + length > target.length) {
      throw new XdpError(
        "ERR_XDP_ARGUMENT",
        `The ${length} bytes of packet ${i} do not fit into the target at ${String(offset)}.`,
        { hint: "Pass a Uint8Array with room for batch.length(i) bytes behind the offset." },
      );
    }
    const { bytes } = this;
    let to = offset;
    for (let s = 0; s < segments; s++) {
      const address = this.segmentAddress(i, s);
      const end = address + this.segmentLength(i, s);
      for (let at = address; at < end; at++) target[to++] = bytes[at] as number;
    }
    return length;
  }

  /**
   * Sends packet `i` out of the frames that it came in, after the handler. False when the tx ring has no room for it:
   * its frames are still lent then.
   *
   * @param length bytes to send; what was received by default
   * @throws XdpError ERR_XDP_FRAME_SIZE, ERR_XDP_FRAME_STATE when it was sent or freed already, ERR_XDP_ARGUMENT
   * for a packet that is not in the batch
   */
  send(i: number, length: number = this.length(i)): boolean {
    this.check(i);
    return this.io.transmit(this.address(i), length);
  }

  /**
   * Sends packet `i` out of the frames that it came in by another socket on the same UMEM, without copying it. The
   * other socket's `flush` happens with the end of the batch, and what it throws comes from this socket's loop. Once
   * sent, the frames are free for both. False when its tx ring has no room: the frames are still lent then.
   *
   * @param length bytes to send; what was received by default
   * @throws XdpError as `send`; ERR_XDP_FOREIGN_FRAME for a socket on another UMEM, ERR_XDP_STATE for one without a tx
   * ring, ERR_XDP_CLOSED, ERR_XDP_CHAIN when it cannot send so many segments
   */
  forward(i: number, other: FrameSocket, length: number = this.length(i)): boolean {
    this.check(i);
    return this.io.target(ioOf(other)).transmit(this.address(i), length);
  }

  /**
   * Keeps the frames of packet `i` for the application: send or free them later, by their addresses. Once sent they go
   * to the allocator; `hold` one to have it back.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE, ERR_XDP_ARGUMENT for a packet that is not in the batch
   */
  keep(i: number): void {
    this.check(i);
    this.io.umem.keep(this.address(i));
  }

  /** @internal Frames that are lent with the batch. */
  get frameCount(): number {
    return this.#count;
  }

  /** @internal An address in each of them. */
  frameAddress(k: number): number {
    return this.#addresses[k] as number;
  }

  /** @internal */
  put(address: number, length: number): void {
    this.#addresses[this.#count] = address;
    this.#lengths[this.#count++] = length;
  }

  /** @internal */
  clear(): void {
    this.#count = 0;
  }

  /** @internal */
  protected check(i: number): void {
    // What is left of an earlier batch behind the count may be somebody's frame by now.
    if (!(i >= 0 && i < this.#count)) throw notInBatch(i, this.#count);
  }

  /** @internal */
  protected checkSegment(i: number, s: number): void {
    const count = this.segmentCount(i);
    if (!(Number.isInteger(s) && s >= 0 && s < count)) throw notASegment(s, count);
  }
}
