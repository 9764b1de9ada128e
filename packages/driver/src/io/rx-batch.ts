import { notInBatch } from "./io-errors.js";
import type { SocketIo } from "./socket-io.js";

/**
 * The packets of one batch, as numbers. One object serves all batches: what it says holds until the handler
 * returns, or until the next turn of a `for await`. Then each frame that was neither sent, kept nor freed goes
 * back to the fill ring.
 */
export class RxBatch {
  /** The UMEM's bytes: index it with an address. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly #io: SocketIo;
  readonly #addresses: Uint32Array;
  readonly #lengths: Uint32Array;
  #count = 0;

  /** @internal */
  constructor(io: SocketIo, capacity: number) {
    this.#io = io;
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

  /** Where packet `i` begins, in bytes from the start of the UMEM. */
  address(i: number): number {
    return this.#addresses[i] as number;
  }

  /** Bytes of packet `i`, from the Ethernet header on. */
  length(i: number): number {
    return this.#lengths[i] as number;
  }

  /**
   * A view of packet `i`. Makes an object (about 40 ns): on a hot path use `bytes` and `address`.
   *
   * @throws XdpError ERR_XDP_ARGUMENT for a packet that is not in the batch
   */
  packet(i: number): Uint8Array<SharedArrayBuffer> {
    this.#check(i);
    const address = this.address(i);
    return this.bytes.subarray(address, address + this.length(i));
  }

  /**
   * Sends packet `i` out of the frame that it came in, after the handler. False when the tx ring is full: the
   * frame is still lent then.
   *
   * @param length bytes to send; what was received by default
   * @throws XdpError ERR_XDP_FRAME_SIZE, ERR_XDP_FRAME_STATE when it was sent or freed already, ERR_XDP_ARGUMENT
   * for a packet that is not in the batch
   */
  send(i: number, length: number = this.length(i)): boolean {
    this.#check(i);
    return this.#io.transmit(this.address(i), length);
  }

  /**
   * Keeps the frame of packet `i` for the application: send or free it later, by its address. Once sent it goes to the
   * allocator; `hold` it to have it back.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE, ERR_XDP_ARGUMENT for a packet that is not in the batch
   */
  keep(i: number): void {
    this.#check(i);
    this.#io.umem.keep(this.address(i));
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

  #check(i: number): void {
    // What is left of an earlier batch behind the count may be somebody's frame by now.
    if (!(i >= 0 && i < this.#count)) throw notInBatch(i, this.#count);
  }
}
