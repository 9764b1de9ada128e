import { type ArenaBytes, XdpError } from "@afxdp/core";
import type { FrameCounts, Umem } from "@afxdp/umem";
import { closedError } from "./io/io-errors.js";
import { sendBytes } from "./io/send-bytes.js";
import type { SocketIo } from "./io/socket-io.js";
import type { TxMetadata } from "./io/tx-metadata.js";

let readIo: (socket: FrameSocket) => SocketIo | undefined;

/** @internal The I/O behind a socket. @throws XdpError ERR_XDP_ARGUMENT for what is no socket */
export function ioOf(socket: FrameSocket): SocketIo {
  const io = readIo(socket);
  if (io === undefined) {
    throw new XdpError("ERR_XDP_ARGUMENT", "The socket to forward to is not an afxdp socket.");
  }
  return io;
}

/**
 * The frames of a socket and what sends them. A received frame is lent to the handler and goes back to the kernel by
 * itself, unless it is sent, kept or freed. An allocated one is the application's until sent or freed.
 */
export abstract class FrameSocket {
  /** The packet memory. Its own methods note transitions; use the socket's to move frames. */
  readonly umem: Umem;
  readonly #io: SocketIo;

  static {
    readIo = (socket) =>
      typeof socket === "object" && socket !== null && #io in socket ? socket.#io : undefined;
  }

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
    return this.#io.allocate();
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
   * `transmit` with something for the card or the kernel to do: a checksum, a launch time, a timestamp. The request is
   * written in front of the packet, `txMetadataLength` bytes before `address`; packets sent later from there without
   * one are not affected. Everything is checked first, since a request that the kernel refuses would block the queue.
   *
   * @throws XdpError as `transmit`; ERR_XDP_TX_METADATA, ERR_XDP_ARGUMENT for an option that does not exist,
   * ERR_XDP_FEATURE for a launch time, or in zero copy a timestamp, where the card has none
   */
  transmitWith(address: number, length: number, metadata: TxMetadata): boolean {
    return this.#io.transmitWith(address, length, metadata);
  }

  /**
   * Stages one packet that lies in `count` frames of the application, each once: the first `count` of `addresses` with
   * as many bytes as `lengths` says, the first with 14 at least. TX metadata goes in front of the first one; its
   * checksum lies in it, and covers all. False, and nothing changed, when the tx ring has no room for all of it.
   *
   * @throws XdpError before anything has changed: ERR_XDP_CHAIN for no segment, an empty one, two in one frame, or more
   * than the socket or its tx ring can take (1 unless it is bound for several); ERR_XDP_ARGUMENT for what is no list;
   * as `transmit` and `transmitWith`
   */
  transmitChain(
    addresses: ArrayLike<number>,
    lengths: ArrayLike<number>,
    count: number = addresses?.length,
    metadata?: TxMetadata,
  ): boolean {
    checkList("addresses", addresses);
    checkList("lengths", lengths);
    return this.#io.transmitChain(addresses, lengths, count, metadata);
  }

  /**
   * When the packet left that was sent from `address` with `timestamp: true`, in nanoseconds of the card's clock, or in
   * copy mode of the kernel's (TAI). To be asked when the frame is the application's again, before it is sent again or
   * freed: it is there once. Undefined when there is none.
   *
   * @throws XdpError ERR_XDP_TX_METADATA when the UMEM was made without, ERR_XDP_FRAME_STATE while the kernel has the
   * frame, ERR_XDP_FOREIGN_FRAME, ERR_XDP_CLOSED
   */
  txTimestamp(address: number): bigint | undefined {
    this.checkOpen("txTimestamp");
    return this.#io.txTimestamp(address);
  }

  /**
   * Sends what is staged and takes back sent frames. Returns the frames of packets that could not go yet because the
   * driver is busy or the link down: they go with the next flush.
   *
   * @throws XdpError ERR_XDP_DEVICE_GONE, ERR_XDP_CLOSED, ERR_XDP_RING_CORRUPT
   */
  flush(): number {
    return this.#io.flush();
  }

  /**
   * Copies a packet into a free frame, or as many as it needs where the socket is bound for several, and sends it. False
   * when there are not enough free frames or entries of the tx ring.
   *
   * @throws XdpError ERR_XDP_ARGUMENT unless it is a Uint8Array, ERR_XDP_FRAME_SIZE unless it has 14 bytes up to what
   * fits into a frame, or as many as one packet can have; as `transmit` and `flush`
   */
  send(packet: Uint8Array): boolean {
    if (!(packet instanceof Uint8Array)) {
      throw new XdpError("ERR_XDP_ARGUMENT", "The packet to send is not a Uint8Array.");
    }
    this.checkOpen("send");
    return sendBytes(this.#io, packet);
  }

  /** Throws ERR_XDP_CLOSED after close. */
  protected checkOpen(verb: string): void {
    if (this.closed) throw closedError(verb);
  }
}

function checkList(name: string, list: ArrayLike<number>): void {
  if (typeof list !== "object" || list === null || !Number.isInteger(list.length)) {
    throw new XdpError("ERR_XDP_ARGUMENT", `${name} is no array of numbers.`);
  }
}
