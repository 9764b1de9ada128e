import { type Fd, isXdpError, type Kernel, type XdpError, XSK_TX_BATCH } from "@afxdp/core";
import type {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
} from "@afxdp/ring";
import type { FrameAccount, Umem } from "@afxdp/umem";
import { MutableCounters } from "./counters.js";
import { closedError, frameSizeError, missingRing } from "./io-errors.js";
import { drainTx } from "./kick.js";
import type { QueueRings } from "./queue-rings.js";
import type { RxBatch } from "./rx-batch.js";

/** The least that can be sent: an Ethernet header. */
const ETH_HLEN = 14;

/** A socket's own rings; at least one of them is there. */
export interface OwnRings {
  readonly rx: DescriptorConsumer | undefined;
  readonly tx: DescriptorProducer | undefined;
}

/**
 * The moving of frames between the application and the four rings. Invariants: frames in state `fill` never
 * outnumber the fill ring's entries, so that there is always room for one that comes back; frames staged for
 * sending are in state `transmit` and in reserved entries of the tx ring, in order.
 */
export class SocketIo {
  readonly kernel: Kernel;
  readonly fd: Fd;
  readonly umem: Umem;
  /** What it has in common with the other sockets on its queue. */
  readonly queue: QueueRings;
  readonly account: FrameAccount;
  readonly counters: MutableCounters = new MutableCounters();
  readonly fill: AddressProducer;
  readonly completion: AddressConsumer;
  readonly rx: DescriptorConsumer | undefined;
  readonly tx: DescriptorProducer | undefined;
  /** Set when closing begins: the application may not move frames any more. */
  closing = false;
  /** Set when the rings are about to go: nothing may be touched any more. */
  closed = false;
  /** Called when closing begins, to end what waits. */
  readonly waiters: Set<() => void> = new Set<() => void>();
  #staged = 0;
  #reserved = 0;
  #poison: XdpError | undefined;

  constructor(kernel: Kernel, fd: Fd, queue: QueueRings, rings: OwnRings) {
    this.kernel = kernel;
    this.fd = fd;
    this.umem = queue.umem;
    this.queue = queue;
    this.account = queue.account;
    this.fill = queue.fill;
    this.completion = queue.completion;
    this.rx = rings.rx;
    this.tx = rings.tx;
    queue.users++;
    if (rings.rx !== undefined) queue.feed();
  }

  /**
   * Gives free frames to the kernel up to the fill target; returns how many. To be called wherever frames may have
   * become free: without a frame in the fill ring no packet comes, so no packet would ever bring it about.
   */
  refill(): number {
    const wanted = Math.min(this.queue.fillTarget - this.account.fillCount, this.umem.freeCount);
    if (wanted <= 0 || this.#poison !== undefined) return 0;
    const granted = this.#reserveFill(wanted);
    for (let i = 0; i < granted; i++) this.fill.setAddress(i, this.account.allocateForFill());
    this.fill.submit(granted);
    return granted;
  }

  #reserveFill(frames: number): number {
    try {
      return this.fill.reserve(frames);
    } catch (error) {
      throw this.#poisoned(error);
    }
  }

  /** `refill`, when the kernel is short of frames: for calls that come once per frame. */
  relieve(): void {
    if (this.account.fillCount <= this.queue.fillTarget >>> 2) this.refill();
  }

  /**
   * Takes up to `batch.capacity` packets from the rx ring into `batch`; their frames are lent from here on.
   * Returns how many. Each descriptor is read once, then checked; what cannot be true is counted and dropped.
   *
   * @throws XdpError ERR_XDP_RING_CORRUPT, ERR_XDP_CLOSED
   */
  receive(batch: RxBatch, limit: number): number {
    if (this.closing) throw closedError("receive");
    if (this.#poison !== undefined) throw this.#poison;
    const rx = this.rx;
    if (rx === undefined) throw missingRing("receive", "rx");
    batch.clear();
    let available = 0;
    try {
      available = rx.peek(limit);
    } catch (error) {
      throw this.#poisoned(error);
    }
    if (available === 0) return 0;
    const { umem, account, counters } = this;
    const { geometry } = umem;
    let bytes = 0;
    for (let i = 0; i < available; i++) {
      const address = geometry.addressAt(rx.addressLow(i), rx.addressHigh(i));
      const length = rx.length(i);
      const options = rx.options(i);
      if (!account.received(address)) {
        counters.rxInvalid++;
      } else if (length === 0 || length > geometry.roomAt(address) || options !== 0) {
        umem.free(address);
        counters.rxInvalid++;
      } else {
        batch.put(address, length);
        bytes += length;
      }
    }
    rx.release(available);
    const { count } = batch;
    if (count < available) this.refill(); // for the frames of what was refused
    counters.rxPackets += count;
    counters.rxBytes += bytes;
    return count;
  }

  /**
   * Ends a batch: sends what was staged, takes back completed frames, and gives the kernel frames to receive
   * into: those still lent first, then free ones.
   */
  settle(batch: RxBatch): void {
    if (this.closed) return;
    try {
      if (this.#staged > 0 || this.account.transmitCount > 0) this.push();
    } finally {
      this.#takeBack(batch);
    }
  }

  #takeBack(batch: RxBatch): void {
    const { fill } = this;
    const { count } = batch;
    let granted = 0;
    let returned = 0;
    try {
      if (this.#poison === undefined) granted = this.#reserveFill(count);
    } finally {
      returned = this.#endLoans(batch, granted);
    }
    if (this.#poison !== undefined) return;
    fill.submit(returned);
    this.refill();
    if (fill.needsWakeup()) {
      this.counters.rxKicks++;
      this.kernel.kickRx(this.fd);
    }
  }

  /** Puts frames that are still lent into the granted entries of the fill ring, or else into the allocator. */
  #endLoans(batch: RxBatch, granted: number): number {
    const { umem, account, fill } = this;
    const { count } = batch;
    let returned = 0;
    for (let i = 0; i < count; i++) {
      const address = batch.address(i);
      if (returned === granted) {
        if (umem.isLent(address)) umem.free(address);
      } else if (account.reclaimLent(address)) {
        fill.setAddress(returned++, umem.geometry.baseOf(address));
      }
    }
    batch.clear();
    return returned;
  }

  /**
   * Stages `length` bytes at `address` for sending: the frame is the kernel's from here on. False, and nothing
   * changed, when the tx ring is full. `flush` sends.
   *
   * @throws XdpError ERR_XDP_FRAME_SIZE, ERR_XDP_FRAME_STATE, ERR_XDP_FOREIGN_FRAME, ERR_XDP_CLOSED
   */
  transmit(address: number, length: number): boolean {
    if (this.closing) throw closedError("transmit");
    if (this.#poison !== undefined) throw this.#poison;
    const tx = this.tx;
    if (tx === undefined) throw missingRing("transmit", "tx");
    const room = this.umem.geometry.sendRoomAt(address);
    if (!(length >= ETH_HLEN && length <= room) || (length | 0) !== length) {
      this.umem.stateOf(address); // an address of no frame is the greater mistake
      throw frameSizeError(address, length, room);
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

  /**
   * Publishes what was staged, kicks the kernel until it has taken everything or cannot go on, and takes back
   * completed frames. Returns the packets that are still in the tx ring: 0 unless the driver is busy or the link
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
    if (this.#poison !== undefined) throw this.#poison;
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
      throw this.#poisoned(error);
    }
  }

  /** Takes back frames that have been sent; returns how many. Completions that cannot be true are none. */
  reap(): number {
    const { completion, account, counters } = this;
    const { geometry } = this.umem;
    let available = 0;
    try {
      available = completion.peek(completion.size);
    } catch (error) {
      throw this.#poisoned(error);
    }
    if (available === 0) return 0;
    let good = 0;
    for (let i = 0; i < available; i++) {
      const address = geometry.addressAt(completion.addressLow(i), completion.addressHigh(i));
      if (account.completed(address)) good++;
    }
    completion.release(available);
    counters.txPackets += good;
    counters.invalidCompletions += available - good;
    return good;
  }

  /** Notes that a ring is corrupt: nothing is moved any more, through whichever ring. Returns the error. */
  #poisoned(error: unknown): unknown {
    if (isXdpError(error) && error.code === "ERR_XDP_RING_CORRUPT") this.#poison = error;
    return error;
  }

  /** Takes what the rx ring still holds back into the allocator; returns how many. */
  discard(): number {
    const rx = this.rx;
    if (rx === undefined) return 0;
    let discarded = 0;
    for (let n = rx.peek(rx.size); n > 0 && discarded < rx.size; n = rx.peek(rx.size)) {
      for (let i = 0; i < n; i++) {
        const address = this.umem.geometry.addressAt(rx.addressLow(i), rx.addressHigh(i));
        if (this.account.received(address)) this.umem.free(address);
        else this.counters.rxInvalid++;
      }
      rx.release(n);
      discarded += n;
    }
    return discarded;
  }
}
