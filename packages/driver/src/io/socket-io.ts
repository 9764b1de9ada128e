import type { Fd, Kernel } from "@afxdp/core";
import type { DescriptorConsumer, DescriptorProducer } from "@afxdp/ring";
import { closedError, foreignUmem, missingRing } from "./io-errors.js";
import type { QueueRings } from "./queue-rings.js";
import { RxBatch } from "./rx-batch.js";
import { SendingIo } from "./sending-io.js";

/** A socket's own rings; at least one of them is there. */
export interface OwnRings {
  readonly rx: DescriptorConsumer | undefined;
  readonly tx: DescriptorProducer | undefined;
}

/**
 * The moving of frames between the application and the four rings, for packets in one frame each. `SegmentedIo` is the
 * one for packets in several: a class of its own, so that this one has no branch for them.
 */
export class SocketIo extends SendingIo {
  readonly rx: DescriptorConsumer | undefined;
  /** Sockets that packets are forwarded to. */
  readonly #targets: SocketIo[] = [];

  /** @param maxSegments most frames of one packet; 1 here */
  constructor(kernel: Kernel, fd: Fd, queue: QueueRings, rings: OwnRings, maxSegments = 1) {
    super(kernel, fd, queue, rings.tx, maxSegments);
    this.rx = rings.rx;
    queue.join(rings.rx !== undefined);
  }

  /** A batch for `receive` and `settle`. */
  createBatch(capacity: number): RxBatch {
    return new RxBatch(this, capacity);
  }

  /** The rx ring to receive from. @throws XdpError ERR_XDP_CLOSED, ERR_XDP_RING_CORRUPT, ERR_XDP_STATE */
  protected receiving(): DescriptorConsumer {
    if (this.closing) throw closedError("receive");
    if (this.poison !== undefined) throw this.poison;
    if (this.rx === undefined) throw missingRing("receive", "rx");
    return this.rx;
  }

  protected peekRx(rx: DescriptorConsumer, limit: number): number {
    try {
      return rx.peek(limit);
    } catch (error) {
      throw this.poisoned(error);
    }
  }

  /**
   * Takes up to `limit` packets from the rx ring into `batch`; their frames are lent from here on. Returns how many.
   * Each descriptor is read once, then checked; what cannot be true is counted and dropped.
   *
   * @param limit at most `batch.capacity`
   * @throws XdpError ERR_XDP_RING_CORRUPT, ERR_XDP_CLOSED
   */
  receive(batch: RxBatch, limit: number): number {
    const rx = this.receiving();
    batch.clear();
    const available = this.peekRx(rx, limit);
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
    // For the frames of what was refused; where packets are lent, settling refills, and what it throws loses none.
    if (count === 0) this.refill();
    counters.rxPackets += count;
    counters.rxBytes += bytes;
    return count;
  }

  /**
   * Ends a batch: sends what was staged and forwarded, takes back completed frames, and gives the kernel frames to
   * receive into: those still lent first, then free ones.
   */
  settle(batch: RxBatch): void {
    if (this.closed) return;
    try {
      if (this.busy) this.push();
    } finally {
      try {
        this.#serveTargets();
      } finally {
        this.#takeBack(batch);
      }
    }
  }

  /**
   * Prepares another socket for a packet of a batch: whatever is staged there goes out when the batch is settled. From
   * then on its completions are seen to from here as well, since frames that wait there are missing here.
   *
   * @throws XdpError ERR_XDP_FOREIGN_FRAME for a socket on another UMEM
   */
  target(other: SocketIo): SocketIo {
    if (other.umem !== this.umem) throw foreignUmem();
    if (!this.#targets.includes(other)) this.#targets.push(other);
    return other;
  }

  /** Sees to each of them, whatever another meets; throws the error of the first that met one. */
  #serveTargets(from: number = this.#targets.length - 1): void {
    for (let i = from; i >= 0; i--) {
      const target = this.#targets[i] as SocketIo;
      if (target.closing) this.#targets.splice(i, 1);
      else if (target.busy) {
        try {
          target.push();
          target.refill();
        } catch (error) {
          this.#serveRest(i - 1);
          throw error;
        }
      }
    }
  }

  /** After an error, which is the one to be told. */
  #serveRest(from: number): void {
    try {
      this.#serveTargets(from);
    } catch {
      // It comes again with the next flush of that target.
    }
  }

  override flush(): number {
    if (this.closing) throw closedError("flush");
    const left = this.push();
    this.#serveTargets();
    this.refill();
    return left;
  }

  #takeBack(batch: RxBatch): void {
    const { fill } = this;
    let granted = 0;
    let returned = 0;
    try {
      if (this.poison === undefined) granted = this.reserveFill(batch.frameCount);
    } finally {
      returned = this.#endLoans(batch, granted);
    }
    if (this.poison !== undefined) return;
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
    const { frameCount } = batch;
    let returned = 0;
    for (let i = 0; i < frameCount; i++) {
      const address = batch.frameAddress(i);
      if (returned === granted) {
        if (umem.isLent(address)) umem.free(address);
      } else if (account.reclaimLent(address)) {
        fill.setAddress(returned++, umem.geometry.baseOf(address));
      }
    }
    batch.clear();
    return returned;
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

  /** Frees the frames that it holds of a packet that has not come whole yet, when it closes: here there are none. */
  abandon(): void {}
}
