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
  /** Sockets that use it and are not closed; those of them that receive. */
  #users = 0;
  #receivers = 0;
  #fillTarget = 0;
  /** By frame: whether the packet goes on in another frame. Only where packets can have several. */
  #continues: Uint8Array | undefined;

  constructor(umem: Umem, fill: AddressProducer, completion: AddressConsumer) {
    this.umem = umem;
    this.account = umem.openAccount();
    this.fill = fill;
    this.completion = completion;
  }

  /** Sockets that use it and are not closed. */
  get users(): number {
    return this.#users;
  }

  /** Notes a socket that begins to use it. */
  join(receives: boolean): void {
    this.#users++;
    if (!receives) return;
    this.#receivers++;
    this.feed();
  }

  /** Notes that a socket is closed: when nobody receives any more, the kernel is given no more frames. */
  leave(receives: boolean): void {
    this.#users--;
    if (receives && --this.#receivers === 0) this.feed(0);
  }

  /** Frames that shall be with the kernel for receiving; 0 while no socket on the queue receives. */
  get fillTarget(): number {
    return this.#fillTarget;
  }

  /** From now on the kernel is given so many frames, as far as the fill ring holds them; all that it holds by default. */
  feed(frames: number = this.fill.size): void {
    this.#fillTarget = Math.min(frames, this.fill.size, this.umem.geometry.frameCount);
  }

  /** From now on frames that are sent are marked, so that completions can be counted by packet. */
  tellSegments(): void {
    this.#continues ??= new Uint8Array(this.umem.geometry.frameCount);
  }

  /** Notes of a frame that is being sent whether its packet goes on in another one. */
  markSegment(address: number, continues: boolean): void {
    if (this.#continues === undefined) return;
    this.#continues[this.umem.geometry.frameOf(address)] = continues ? 1 : 0;
  }

  /** Whether a frame was the last of its packet. */
  endsPacket(address: number): boolean {
    return this.#continues?.[this.umem.geometry.frameOf(address)] !== 1;
  }
}
