import type { AddressConsumer, AddressProducer } from "@afxdp/ring";
import type { FrameAccount, Umem } from "@afxdp/umem";

/**
 * What belongs to a queue and not to a socket: its fill and completion ring, and the account of the frames that the
 * kernel holds for it. Sockets that share a queue share this; all of them are in one thread, so there is no lock.
 */
export class QueueRings {
  readonly umem: Umem;
  readonly account: FrameAccount;
  readonly fill: AddressProducer;
  readonly completion: AddressConsumer;
  /** Sockets that use it and are not closed. */
  users = 0;
  #fillTarget = 0;

  constructor(umem: Umem, fill: AddressProducer, completion: AddressConsumer) {
    this.umem = umem;
    this.account = umem.openAccount();
    this.fill = fill;
    this.completion = completion;
  }

  /** Frames that shall be with the kernel for receiving; 0 while no socket on the queue receives. */
  get fillTarget(): number {
    return this.#fillTarget;
  }

  /** From now on the kernel is given so many frames, as far as the fill ring holds them; all that it holds by default. */
  feed(frames: number = this.fill.size): void {
    this.#fillTarget = Math.min(frames, this.fill.size, this.umem.geometry.frameCount);
  }
}
