import { type Fd, isXdpError, type Kernel, type XdpError } from "@afxdp/core";
import type { AddressConsumer, AddressProducer } from "@afxdp/ring";
import type { FrameAccount, Umem } from "@afxdp/umem";
import { MutableCounters } from "./counters.js";
import type { QueueRings } from "./queue-rings.js";

/**
 * A socket's use of its queue: giving the kernel frames to receive into and taking back those that were sent.
 * Invariant: frames in state `fill` never outnumber the fill ring's entries, so that there is always room for one that
 * comes back.
 */
export abstract class QueueIo {
  readonly kernel: Kernel;
  readonly fd: Fd;
  readonly umem: Umem;
  /** What it has in common with the other sockets on its queue. */
  readonly queue: QueueRings;
  readonly account: FrameAccount;
  readonly counters: MutableCounters = new MutableCounters();
  readonly fill: AddressProducer;
  readonly completion: AddressConsumer;
  /** Set when closing begins: the application may not move frames any more. */
  closing = false;
  /** Set when the rings are about to go: nothing may be touched any more. */
  closed = false;
  /** Called when closing begins, to end what waits. */
  readonly waiters: Set<() => void> = new Set<() => void>();
  #poison: XdpError | undefined;

  constructor(kernel: Kernel, fd: Fd, queue: QueueRings) {
    this.kernel = kernel;
    this.fd = fd;
    this.umem = queue.umem;
    this.queue = queue;
    this.account = queue.account;
    this.fill = queue.fill;
    this.completion = queue.completion;
  }

  /** The error that ended all I/O, if one did. */
  protected get poison(): XdpError | undefined {
    return this.#poison;
  }

  /** Notes that a ring is corrupt: nothing is moved any more, through whichever ring. Returns the error. */
  protected poisoned(error: unknown): unknown {
    if (isXdpError(error) && error.code === "ERR_XDP_RING_CORRUPT") this.#poison = error;
    return error;
  }

  /**
   * Gives free frames to the kernel up to the fill target; returns how many. To be called wherever frames may have
   * become free: without a frame in the fill ring no packet comes, so no packet would ever bring it about.
   */
  refill(): number {
    const missing = this.queue.fillTarget - this.account.fillCount;
    if (missing <= 0 || this.#poison !== undefined) return 0;
    const wanted = Math.min(missing, this.umem.freeCount);
    if (wanted < missing) this.counters.fillStarved++;
    if (wanted === 0) return 0;
    const granted = this.reserveFill(wanted);
    for (let i = 0; i < granted; i++) this.fill.setAddress(i, this.account.allocateForFill());
    this.fill.submit(granted);
    return granted;
  }

  protected reserveFill(frames: number): number {
    try {
      return this.fill.reserve(frames);
    } catch (error) {
      throw this.poisoned(error);
    }
  }

  /** `refill`, when the kernel is short of frames: for calls that come once per frame. */
  relieve(): void {
    if (this.account.fillCount <= this.queue.fillTarget >>> 2) this.refill();
  }

  /** Takes back frames that have been sent; returns how many. Completions that cannot be true are none. */
  reap(): number {
    const { completion, account, counters } = this;
    const { geometry } = this.umem;
    const available = this.peekCompletions();
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

  protected peekCompletions(): number {
    try {
      return this.completion.peek(this.completion.size);
    } catch (error) {
      throw this.poisoned(error);
    }
  }
}
