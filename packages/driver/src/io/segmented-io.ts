import { type Fd, type Kernel, MAX_SKB_FRAGS, XDP_PKT_CONTD } from "@afxdp/core";
import type { QueueRings } from "./queue-rings.js";
import type { RxBatch } from "./rx-batch.js";
import { SegmentedBatch } from "./segmented-batch.js";
import { type OwnRings, SocketIo } from "./socket-io.js";

/**
 * The I/O of a socket that is bound with XDP_USE_SG, or shares with one: a packet is a chain of descriptors, all but the
 * last with XDP_PKT_CONTD. A chain whose rest has not come yet is held until it has; it is dropped as a whole, with all
 * up to its end, when one of its descriptors cannot be true, when it is longer than `maxSegments`, or when the kernel
 * has no frame left to put the rest into. (Zero-copy drivers of Linux before 7.0 can leave a chain without its end.)
 */
export class SegmentedIo extends SocketIo {
  readonly #heldAddresses: Uint32Array;
  readonly #heldLengths: Uint32Array;
  #held = 0;
  /** Whether descriptors are dropped until the end of a packet. */
  #skipping = false;

  /** @param maxSegments most frames of one packet: MAX_SKB_FRAGS + 1 in copy mode, the device's own in zero copy */
  constructor(
    kernel: Kernel,
    fd: Fd,
    queue: QueueRings,
    rings: OwnRings,
    maxSegments: number = MAX_SKB_FRAGS + 1,
  ) {
    super(kernel, fd, queue, rings, maxSegments);
    this.#heldAddresses = new Uint32Array(maxSegments);
    this.#heldLengths = new Uint32Array(maxSegments);
    queue.tellSegments();
  }

  override createBatch(capacity: number): RxBatch {
    // A batch's descriptors are those of one look at the ring and those that were held before it.
    const most = (this.rx?.size ?? 0) + this.maxSegments;
    return new SegmentedBatch(this, capacity, Math.min(capacity * this.maxSegments, most));
  }

  override receive(batch: RxBatch, limit: number): number {
    const rx = this.receiving();
    batch.clear();
    const available = this.peekRx(rx, rx.size);
    if (available === 0) {
      this.#endHopeless();
      return 0;
    }
    const { umem, account, counters } = this;
    const { geometry } = umem;
    const chain = batch as SegmentedBatch;
    this.#takeUp(chain);
    let bytes = 0;
    let lost = false;
    let taken = 0;
    while (taken < available && chain.count < limit) {
      const address = geometry.addressAt(rx.addressLow(taken), rx.addressHigh(taken));
      const length = rx.length(taken);
      const options = rx.options(taken++);
      const continues = (options & XDP_PKT_CONTD) !== 0;
      const known = account.received(address);
      const sound =
        known &&
        length !== 0 &&
        length <= geometry.roomAt(address) &&
        (options & ~XDP_PKT_CONTD) === 0;
      if (!sound) counters.rxInvalid++;
      if (sound && !this.#skipping && chain.open < this.maxSegments) {
        chain.append(address, length);
        if (!continues) bytes += chain.commit();
        continue;
      }
      lost = true;
      if (known) umem.free(address);
      if (!this.#skipping && (continues || chain.open > 0)) this.#breakOpen(chain);
      if (!continues) this.#skipping = false;
    }
    rx.release(taken);
    this.#putAside(chain);
    const { count } = chain;
    // Otherwise settling does. What is held is missing in a small fill ring, without which its rest cannot come.
    if (count === 0 && (lost || this.#held > 0)) this.refill();
    counters.rxPackets += count;
    counters.rxBytes += bytes;
    return count;
  }

  /** Drops the packet that is open; from here on its descriptors are skipped. */
  #breakOpen(chain: SegmentedBatch): void {
    const { umem } = this;
    for (let s = 0; s < chain.open; s++) {
      const address = chain.openAddress(s);
      if (umem.isLent(address)) umem.free(address);
    }
    chain.dropOpen();
    this.#skipping = true;
    this.counters.rxBrokenChains++;
  }

  /** Goes on with what was held. */
  #takeUp(chain: SegmentedBatch): void {
    for (let s = 0; s < this.#held; s++) {
      chain.append(this.#heldAddresses[s] as number, this.#heldLengths[s] as number);
    }
    this.#held = 0;
  }

  /** Holds the packet that is open at the end of a batch. */
  #putAside(chain: SegmentedBatch): void {
    const { open } = chain;
    for (let s = 0; s < open; s++) {
      this.#heldAddresses[s] = chain.openAddress(s);
      this.#heldLengths[s] = chain.openLength(s);
    }
    this.#held = open;
    chain.dropOpen();
  }

  /** Drops what is held when the kernel has no frame for the rest, and none that could be given to it. */
  #endHopeless(): void {
    const { account, umem } = this;
    const hope = account.fillCount > 0 || account.transmitCount > 0 || umem.freeCount > 0;
    if (this.#held === 0 || hope) return;
    this.abandon();
    this.#skipping = true;
    this.counters.rxBrokenChains++;
    this.refill();
  }

  override flush(): number {
    const left = super.flush();
    this.#endHopeless();
    return left;
  }

  override transmit(address: number, length: number): boolean {
    const staged = super.transmit(address, length);
    if (staged) this.queue.markSegment(address, false);
    return staged;
  }

  override reap(): number {
    const { completion, account, counters, queue } = this;
    const { geometry } = this.umem;
    const available = this.peekCompletions();
    if (available === 0) return 0;
    let good = 0;
    for (let i = 0; i < available; i++) {
      const address = geometry.addressAt(completion.addressLow(i), completion.addressHigh(i));
      if (!account.completed(address)) continue;
      good++;
      if (queue.endsPacket(address)) counters.txPackets++;
    }
    completion.release(available);
    counters.invalidCompletions += available - good;
    return good;
  }

  override abandon(): void {
    const { umem } = this;
    for (let s = 0; s < this.#held; s++) {
      const address = this.#heldAddresses[s] as number;
      if (umem.isLent(address)) umem.free(address);
    }
    this.#held = 0;
  }
}
