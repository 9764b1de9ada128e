import { errnoName, POLLIN, XDP_PACKET_HEADROOM, XDP_PKT_CONTD } from "@afxdp/core";
import { expect, expectEqual } from "../outcome.js";
import type { Xsk } from "../socket/xsk.js";
import { hex } from "./completions.js";
import { BATCH, type RxPacket } from "./packets.js";
import { checkPiece } from "./payload.js";

/** How a receiver receives; what is absent is as in most cases. */
export interface ReceiverOptions {
  /** Most descriptors at a time. */
  readonly batch?: number;
  /** Reads only after `poll` has said POLLIN. */
  readonly poll?: boolean;
  /** Gives the chunks back to the fill ring; true when absent. */
  readonly refill?: boolean;
  /** Gives the descriptors back to the rx ring; true when absent. */
  readonly release?: boolean;
  /** Looks at the bytes before a packet, at `at` in the view of the memory. */
  readonly metadata?: (view: DataView, at: number, packet: RxPacket) => void;
}

const POLL_MS = 10;

/** Receives packets and holds each to what was sent: order, length, every word, and where in its chunk it lies. */
export class Receiver {
  readonly xsk: Xsk;
  readonly #expected: readonly RxPacket[];
  readonly #options: ReceiverOptions;
  readonly #batch: number;
  readonly #arriving: number;
  /** Where in `expected` the packet is that comes next. */
  #next = 0;
  #received = 0;
  /** Bytes and descriptors of the packet that is being received. */
  #position = 0;
  #pieces = 0;
  /** Descriptors that were read and not released. */
  #held = 0;

  constructor(xsk: Xsk, expected: readonly RxPacket[], options: ReceiverOptions = {}) {
    this.xsk = xsk;
    this.#expected = expected;
    this.#options = options;
    this.#batch = options.batch ?? BATCH;
    this.#arriving = expected.filter((packet) => packet.arrives).length;
  }

  /** Whole packets received. */
  get received(): number {
    return this.#received;
  }

  /** Packets of the stream that are behind us: those received, and those before them that did not arrive. */
  get passed(): number {
    return this.#next;
  }

  get done(): boolean {
    return this.#received === this.#arriving && this.#pieces === 0;
  }

  /** Reads a batch; returns whether anything came. */
  step(): boolean {
    const { kernel } = this.xsk.end;
    const { rx } = this.xsk;
    const error = -kernel.kickRx(this.xsk.fd);
    expect(error === 0, `recvfrom failed: ${errnoName(error)}`);
    if (this.#options.poll === true) {
      const events = kernel.wait(this.xsk.fd, POLLIN, POLL_MS, -1);
      expect(events === 0 || events === POLLIN, `poll(POLLIN) gave ${events}`);
      if (events === 0) return false;
    }
    const count = rx.peek(this.#held + this.#batch);
    const fresh = count - this.#held;
    const chunks: number[] = [];
    for (let i = this.#held; i < count; i++) chunks.push(this.#read(i));
    if (this.#options.refill !== false) this.xsk.pool.refill(chunks);
    if (this.#options.release === false) this.#held = count;
    else rx.release(count);
    return fresh > 0;
  }

  toString(): string {
    const { rxDropped, rxRingFull, rxFillRingEmptyDescs } = this.xsk.end.kernel.statistics(
      this.xsk.fd,
    );
    return `${this.#received} of ${this.#arriving} packets received, rx_dropped ${rxDropped}, rx_ring_full ${rxRingFull}, rx_fill_ring_empty_descs ${rxFillRingEmptyDescs}`;
  }

  /** Checks one descriptor; returns the address to put back into the fill ring. */
  #read(i: number): number {
    const { rx, memory } = this.xsk;
    const low = rx.addressLow(i);
    const high = rx.addressHigh(i);
    const length = rx.length(i);
    const options = rx.options(i);
    // An unaligned chunk's offset is in the upper 16 bits, its address in the lower 48.
    const chunk = memory.unaligned ? (high & 0xffff) * 0x1_0000_0000 + low : low;
    const address = memory.unaligned ? chunk + (high >>> 16) : high * 0x1_0000_0000 + low;
    if (this.#pieces === 0) this.#skipMissing();
    const packet = this.#expected[this.#next];
    expect(
      packet !== undefined,
      `received too many packets: one of ${length} bytes at ${hex(address)}`,
    );
    expectEqual("the option bits of a received descriptor", options & ~XDP_PKT_CONTD, 0);
    this.#checkPlace(packet, address, length);
    const at = memory.base + address;
    checkPiece(
      memory.view,
      { at, length, position: this.#position, packet: packet.number },
      packet.patterned,
    );
    if (this.#pieces === 0) this.#options.metadata?.(memory.view, at, packet);
    this.#pieces++;
    this.#position += length;
    if ((options & XDP_PKT_CONTD) === 0) this.#finish(packet);
    return chunk;
  }

  #skipMissing(): void {
    while (this.#expected[this.#next]?.arrives === false) this.#next++;
  }

  #finish(packet: RxPacket): void {
    expectEqual(`the length of packet ${packet.number}`, this.#position, packet.length);
    this.#next++;
    this.#received++;
    this.#position = 0;
    this.#pieces = 0;
  }

  #checkPlace(packet: RxPacket, address: number, length: number): void {
    const { memory } = this.xsk;
    const { frameSize, unaligned } = memory;
    const end = address + length;
    expect(
      address >= 0 && end <= memory.length,
      `received ${length} bytes at ${hex(address)}, outside of the UMEM of ${memory.length}`,
    );
    const offset = address % frameSize;
    if (!unaligned) {
      expect(
        offset + length <= frameSize,
        `received ${length} bytes at ${hex(address)}, across the end of the chunk`,
      );
    }
    const start = (unaligned ? packet.offset : 0) + memory.headroom + XDP_PACKET_HEADROOM;
    const wanted = ((start % frameSize) + frameSize) % frameSize;
    expectEqual(`where packet ${packet.number} begins in its chunk`, offset, wanted);
  }
}
