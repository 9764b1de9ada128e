import { type Fd, type Kernel, XDP_PKT_CONTD, XDP_TX_METADATA, XSK_TX_BATCH } from "@afxdp/core";
import type { DescriptorProducer } from "@afxdp/ring";
import { ChecksumSum } from "./checksum.js";
import {
  chainError,
  closedError,
  frameSizeError,
  frameStateError,
  missingRing,
} from "./io-errors.js";
import { drainTx } from "./kick.js";
import { QueueIo } from "./queue-io.js";
import type { QueueRings } from "./queue-rings.js";
import { type TxCapabilities, type TxMetadata, txCapabilitiesOf } from "./tx-metadata.js";
import { TxMetadataWriter } from "./tx-metadata-writer.js";

/** The least that can be sent: an Ethernet header. */
const ETH_HLEN = 14;

/**
 * The sending side. Invariant: frames staged for sending are in state `transmit` and in reserved entries of the tx ring,
 * in order, a packet's descriptors all of them or none.
 */
export abstract class SendingIo extends QueueIo {
  readonly tx: DescriptorProducer | undefined;
  /** Most frames of one packet, received or sent; 1 unless the socket is bound with XDP_USE_SG. */
  readonly maxSegments: number;
  /** What of TX metadata card and kernel do; nothing until the set-up knows better. */
  txCapabilities: TxCapabilities = txCapabilitiesOf(true, 0, 0);
  #staged = 0;
  #reserved = 0;
  #metadata: TxMetadataWriter | undefined;
  /** The chain that is being checked: what was read of it is not read again. */
  readonly #addresses: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #one: number[] = [0];

  constructor(
    kernel: Kernel,
    fd: Fd,
    queue: QueueRings,
    tx: DescriptorProducer | undefined,
    maxSegments: number,
  ) {
    super(kernel, fd, queue);
    this.tx = tx;
    this.maxSegments = maxSegments;
    this.#addresses = new Float64Array(maxSegments);
    this.#lengths = new Uint32Array(maxSegments);
  }

  /** Packets' descriptors that are staged and not yet published. */
  get staged(): number {
    return this.#staged;
  }

  /** Whether there is something to send or to take back. */
  get busy(): boolean {
    return this.#staged > 0 || this.account.transmitCount > 0;
  }

  /**
   * Stages `length` bytes at `address` for sending: the frame is the kernel's from here on. False, and nothing
   * changed, when the tx ring is full. `flush` sends.
   *
   * @throws XdpError ERR_XDP_FRAME_SIZE, ERR_XDP_FRAME_STATE, ERR_XDP_FOREIGN_FRAME, ERR_XDP_CLOSED
   */
  transmit(address: number, length: number): boolean {
    if (this.closing) throw closedError("transmit");
    if (this.poison !== undefined) throw this.poison;
    const tx = this.tx;
    if (tx === undefined) throw missingRing("transmit", "tx");
    const room = this.umem.geometry.sendRoomAt(address);
    if (!(length >= ETH_HLEN && length <= room) || (length | 0) !== length) {
      this.umem.stateOf(address); // an address of no frame is the greater mistake
      throw frameSizeError(address, length, room, ETH_HLEN);
    }
    if (this.#staged === this.#reserved) {
      this.#reserved = tx.reserve(Math.min(this.#staged + XSK_TX_BATCH, tx.size));
      if (this.#staged === this.#reserved) return false;
    }
    this.account.transmitted(address);
    tx.set(this.#staged++, address, length, 0);
    this.counters.txQueued++;
    return true;
  }

  /** `transmit` with TX metadata. @throws as `transmitChain`, of which it is the case of one segment */
  transmitWith(address: number, length: number, metadata: TxMetadata): boolean {
    this.#one[0] = address;
    return this.transmitChain(this.#one, this.#one, 1, metadata, 0, length);
  }

  /** Takes a free frame, or one that has been sent by now: its first address, or -1 when there is none. */
  allocate(): number {
    const address = this.umem.allocate();
    return address === -1 && this.reap() > 0 ? this.umem.allocate() : address;
  }

  /**
   * Stages a packet that lies in `count` frames, in the order of `addresses` and `lengths` from index `from` on; all of
   * it or, when the tx ring has no room for all of it, nothing: false then. TX metadata goes with the first descriptor.
   *
   * @param last bytes of the last segment; what `lengths` says by default
   * @throws XdpError before anything has changed: ERR_XDP_CHAIN for no segment, an empty one, two in one frame, more
   * than `maxSegments` or than the tx ring; ERR_XDP_FRAME_SIZE, ERR_XDP_FRAME_STATE, ERR_XDP_FOREIGN_FRAME,
   * ERR_XDP_TX_METADATA, ERR_XDP_CLOSED
   */
  transmitChain(
    addresses: ArrayLike<number>,
    lengths: ArrayLike<number>,
    count: number,
    metadata?: TxMetadata,
    from = 0,
    last: number = lengths[from + count - 1] as number,
  ): boolean {
    if (this.closing) throw closedError("transmitChain");
    if (this.poison !== undefined) throw this.poison;
    const tx = this.tx;
    if (tx === undefined) throw missingRing("transmitChain", "tx");
    const most = Math.min(this.maxSegments, tx.size);
    if (!Number.isInteger(count) || count < 1 || count > most) {
      throw chainError(`A packet of ${String(count)} segments cannot be sent: 1 to ${most} can.`);
    }
    for (let s = 0; s < count; s++) {
      const length = s === count - 1 ? last : (lengths[from + s] as number);
      this.#checkSegment(s, addresses[from + s] as number, length);
    }
    const first = this.#addresses[0] as number;
    if (metadata !== undefined) this.#request(first, metadata);
    if (!this.#hasRoom(tx, count)) return false;
    for (let s = 0; s < count; s++) this.account.transmitted(this.#addresses[s] as number);
    const bits = metadata !== undefined && this.#applyMetadata(first, count) ? XDP_TX_METADATA : 0;
    for (let s = 0; s < count; s++) {
      const address = this.#addresses[s] as number;
      const continues = s < count - 1;
      const options = (continues ? XDP_PKT_CONTD : 0) | (s === 0 ? bits : 0);
      tx.set(this.#staged++, address, this.#lengths[s] as number, options);
      this.queue.markSegment(address, continues);
    }
    this.counters.txQueued++;
    return true;
  }

  /** Reads segment `s` once, checks it, and keeps it in the scratch arrays. */
  #checkSegment(s: number, address: number, length: number): void {
    const { umem } = this;
    const state = umem.stateOf(address);
    if (length === 0) throw chainError(`Segment ${s} of the packet is empty.`);
    // The kernel takes the header from the first buffer.
    const least = s === 0 ? ETH_HLEN : 1;
    const room = umem.geometry.sendRoomAt(address);
    if (!(length >= least && length <= room) || !Number.isInteger(length)) {
      throw frameSizeError(address, length, room, least);
    }
    if (state !== "application") throw frameStateError("send", address, state);
    const frame = umem.geometry.frameOf(address);
    for (let other = 0; other < s; other++) {
      if (umem.geometry.frameOf(this.#addresses[other] as number) === frame) {
        throw chainError(`Segments ${other} and ${s} of the packet lie in one frame.`);
      }
    }
    this.#addresses[s] = address;
    this.#lengths[s] = length;
  }

  #hasRoom(tx: DescriptorProducer, count: number): boolean {
    if (this.#reserved - this.#staged < count) {
      const wanted = this.#staged + Math.max(count, XSK_TX_BATCH);
      this.#reserved = tx.reserve(Math.min(wanted, tx.size));
    }
    return this.#reserved - this.#staged >= count;
  }

  #request(address: number, metadata: TxMetadata): void {
    this.#metadata ??= new TxMetadataWriter(this.umem);
    const length = this.#lengths[0] as number;
    this.#metadata.check(this.txCapabilities, address, length, metadata);
  }

  /** Writes what was requested into the frames; false when that leaves nothing for the kernel to do. */
  #applyMetadata(address: number, count: number): boolean {
    const writer = this.#metadata as TxMetadataWriter;
    if (writer.software) {
      const { bytes } = this.umem;
      const sum = new ChecksumSum();
      const start = writer.checksumStart;
      sum.add(bytes, address + start, (this.#lengths[0] as number) - start);
      for (let s = 1; s < count; s++) {
        sum.add(bytes, this.#addresses[s] as number, this.#lengths[s] as number);
      }
      const at = address + writer.checksumPlace;
      const value = sum.value();
      bytes[at] = value >>> 8;
      bytes[at + 1] = value & 0xff;
    }
    return writer.write(address);
  }

  /** See `FrameSocket.txTimestamp`. */
  txTimestamp(address: number): bigint | undefined {
    this.#metadata ??= new TxMetadataWriter(this.umem);
    return this.#metadata.takeTimestamp(address);
  }

  /**
   * Publishes what was staged, kicks the kernel until it has taken everything or cannot go on, and takes back
   * completed frames. Returns the descriptors that are still in the tx ring: 0 unless the driver is busy or the link
   * is down; they go with the next flush.
   *
   * @throws XdpError ERR_XDP_DEVICE_GONE, ERR_XDP_RING_CORRUPT, ERR_XDP_CLOSED
   */
  flush(): number {
    if (this.closing) throw closedError("flush");
    const left = this.push();
    this.refill();
    return left;
  }

  /** Sends and takes back as `flush` does, also while the socket closes; gives the kernel no frames. */
  push(): number {
    if (this.poison !== undefined) throw this.poison;
    const tx = this.tx;
    if (tx === undefined) return 0;
    try {
      if (this.#staged > 0) {
        tx.submit(this.#staged);
        this.#staged = 0;
        this.#reserved = 0;
      }
      return drainTx(this, tx);
    } catch (error) {
      throw this.poisoned(error);
    }
  }
}
