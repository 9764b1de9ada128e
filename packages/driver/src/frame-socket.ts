import { type ArenaBytes, XdpError } from "@afxdp/core";
import type { FrameCounts, Umem } from "@afxdp/umem";
import { closedError } from "./io/io-errors.js";
import type { SocketIo } from "./io/socket-io.js";

/**
 * The frames of a socket and what sends them. A received frame is lent to the handler and goes back to the kernel by
 * itself, unless it is sent, kept or freed. An allocated one is the application's until sent or freed.
 */
export abstract class FrameSocket {
  /** The packet memory. Its own methods note transitions; use the socket's to move frames. */
  readonly umem: Umem;
  readonly #io: SocketIo;

  /** @internal */
  constructor(io: SocketIo) {
    this.#io = io;
    this.umem = io.umem;
  }

  /** Whether `close` has been called. */
  abstract get closed(): boolean;

  /** The UMEM's bytes: index it with an address. */
  get bytes(): ArenaBytes {
    return this.umem.bytes;
  }

  /** Frames by owner: they always add up. Readable after close, too. */
  get frames(): FrameCounts {
    return this.umem.counts();
  }

  /**
   * Takes a free frame: its first address, or -1 when there is none.
   *
   * @throws XdpError ERR_XDP_CLOSED, ERR_XDP_RING_CORRUPT
   */
  allocate(): number {
    this.checkOpen("allocate");
    const address = this.umem.allocate();
    return address === -1 && this.#io.reap() > 0 ? this.umem.allocate() : address;
  }

  /** Gives a frame back to the allocator. @throws as `Umem.free`, and ERR_XDP_CLOSED */
  free(address: number): void {
    this.checkOpen("free");
    this.umem.free(address);
    this.#io.relieve();
  }

  /** Keeps a received frame beyond its handler: send or free it later. @throws as `Umem.keep`, and ERR_XDP_CLOSED */
  keep(address: number): void {
    this.checkOpen("keep");
    this.umem.keep(address);
  }

  /**
   * Has a frame come back to the application each time it has been sent, until `unhold` or `free`.
   *
   * @throws as `Umem.hold`, and ERR_XDP_CLOSED
   */
  hold(address: number): void {
    this.checkOpen("hold");
    this.umem.hold(address);
  }

  /** Ends a hold. @throws as `Umem.unhold`, and ERR_XDP_CLOSED */
  unhold(address: number): void {
    this.checkOpen("unhold");
    this.umem.unhold(address);
  }

  /**
   * Stages `length` bytes at `address`, in a frame of the application, for sending. `flush` sends; a receiving loop
   * flushes after each batch. False, and nothing changed, when the tx ring is full.
   *
   * @throws XdpError ERR_XDP_FRAME_SIZE, ERR_XDP_FRAME_STATE, ERR_XDP_FOREIGN_FRAME, ERR_XDP_STATE without a tx
   * ring, ERR_XDP_CLOSED, ERR_XDP_RING_CORRUPT
   */
  transmit(address: number, length: number): boolean {
    return this.#io.transmit(address, length);
  }

  /**
   * Sends what is staged and takes back sent frames. Returns the packets that could not go yet because the driver is
   * busy or the link down: they go with the next flush.
   *
   * @throws XdpError ERR_XDP_DEVICE_GONE, ERR_XDP_CLOSED, ERR_XDP_RING_CORRUPT
   */
  flush(): number {
    return this.#io.flush();
  }

  /**
   * Copies a packet into a free frame and sends it. False when there is no free frame or no room in the tx ring.
   *
   * @throws XdpError ERR_XDP_ARGUMENT unless it is a Uint8Array, ERR_XDP_FRAME_SIZE unless it has 14 bytes up to a
   * frame's size; as `transmit` and `flush`
   */
  send(packet: Uint8Array): boolean {
    if (!(packet instanceof Uint8Array)) {
      throw new XdpError("ERR_XDP_ARGUMENT", "The packet to send is not a Uint8Array.");
    }
    const address = this.allocate();
    if (address === -1) return false;
    let staged = false;
    try {
      if (packet.length <= this.umem.geometry.frameSize) this.bytes.set(packet, address);
      staged = this.#io.transmit(address, packet.length);
    } finally {
      if (!staged) this.umem.free(address);
    }
    this.#io.flush();
    return staged;
  }

  /** Throws ERR_XDP_CLOSED after close. */
  protected checkOpen(verb: string): void {
    if (this.closed) throw closedError(verb);
  }
}
