import { frameAt, wrongState } from "./frame-errors.js";
import type { FrameStack } from "./frame-stack.js";
import type { FrameGeometry } from "./geometry.js";
import { FILL, FREE, type FrameLedger, kernelWord, TRANSMIT } from "./ledger.js";

/**
 * What the kernel holds of a UMEM's frames on behalf of one queue: those given to it through the queue's fill ring and
 * those put into tx rings whose frames come back by the queue's completion ring. Sockets that share a UMEM have an
 * account for each queue; sockets that share a queue share its account. Made by `Umem.openAccount`.
 *
 * A frame that was given to the kernel for one account is taken back only through the same.
 */
export class FrameAccount {
  readonly #geometry: FrameGeometry;
  readonly #ledger: FrameLedger;
  readonly #stack: FrameStack;
  readonly #fillWord: number;
  readonly #transmitWord: number;
  #fill = 0;
  #transmit = 0;
  #ended = false;

  /** @internal */
  constructor(geometry: FrameGeometry, ledger: FrameLedger, stack: FrameStack, index: number) {
    this.#geometry = geometry;
    this.#ledger = ledger;
    this.#stack = stack;
    this.#fillWord = kernelWord(FILL, index);
    this.#transmitWord = kernelWord(TRANSMIT, index);
  }

  /** Frames with the kernel for receiving. */
  get fillCount(): number {
    return this.#fill;
  }

  /** Frames with the kernel for sending. */
  get transmitCount(): number {
    return this.#transmit;
  }

  /** Takes a free frame for the fill ring: returns its first address, or -1 when there is none. */
  allocateForFill(): number {
    const frame = this.#stack.pop();
    if (frame < 0) return -1;
    this.#ledger.allocateForFill(frame, this.#fillWord);
    this.#fill++;
    return this.#geometry.addressOf(frame);
  }

  /**
   * Notes that a frame of the application goes into the fill ring; a hold on it ends.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE when it is not the application's, ERR_XDP_FOREIGN_FRAME
   */
  filled(address: number): void {
    const frame = frameAt(this.#geometry, address);
    if (!this.#ledger.fill(frame, this.#fillWord)) {
      throw wrongState("ERR_XDP_FRAME_STATE", "fill", address, this.#ledger.stateOf(frame));
    }
    this.#fill++;
  }

  /**
   * Notes that the kernel delivered a packet at `address`: the frame is the application's now, lent until its
   * callback returns. False, and nothing changed, when it was not with the kernel for receiving.
   */
  received(address: number): boolean {
    const frame = this.#geometry.frameOf(address);
    if (frame < 0 || !this.#ledger.receive(frame, this.#fillWord)) return false;
    this.#fill--;
    return true;
  }

  /** Moves a frame that is still lent back to the fill ring: true when the caller has to put it there. */
  reclaimLent(address: number): boolean {
    const frame = this.#geometry.frameOf(address);
    if (frame < 0 || !this.#ledger.reclaim(frame, this.#fillWord)) return false;
    this.#fill++;
    return true;
  }

  /**
   * Notes that a frame of the application goes into a tx ring.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE when it is not the application's, ERR_XDP_FOREIGN_FRAME
   */
  transmitted(address: number): void {
    const frame = frameAt(this.#geometry, address);
    if (!this.#ledger.transmit(frame, this.#transmitWord)) {
      throw wrongState("ERR_XDP_FRAME_STATE", "send", address, this.#ledger.stateOf(frame));
    }
    this.#transmit++;
  }

  /**
   * Notes a completion: a held frame is the application's again, any other is free. False, and nothing changed,
   * when the address is foreign or its frame was not being sent.
   */
  completed(address: number): boolean {
    const frame = this.#geometry.frameOf(address);
    if (frame < 0) return false;
    const state = this.#ledger.complete(frame, this.#transmitWord);
    if (state < 0) return false;
    if (state === FREE) this.#stack.push(frame);
    this.#transmit--;
    return true;
  }

  /**
   * Ends the account: takes back what the kernel still holds for it, once the kernel can touch none of it any more,
   * because the queue's last socket is closed. A held frame is the application's again, any other is free. Walks over
   * all frames; returns how many came back. Nothing may be noted in the account afterwards: another gets its number.
   */
  reclaimAll(): number {
    const reclaimed = this.#fill + this.#transmit;
    for (let frame = 0; frame < this.#geometry.frameCount; frame++) {
      if (this.#ledger.has(frame, this.#fillWord)) this.#ledger.release(frame);
      else if (this.#ledger.complete(frame, this.#transmitWord) !== FREE) continue;
      this.#stack.push(frame);
    }
    this.#fill = 0;
    this.#transmit = 0;
    this.#ended = true;
    return reclaimed;
  }

  /** @internal Whether `reclaimAll` has ended it. */
  get ended(): boolean {
    return this.#ended;
  }
}
