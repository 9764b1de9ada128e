import { type ArenaBytes, type ErrorCode, XdpError } from "@afxdp/core";
import { Arena, RINGS_LENGTH } from "./arena.js";
import { FrameGeometry, type FrameOptions } from "./geometry.js";
import {
  APPLICATION,
  FILL,
  FREE,
  type FrameCounts,
  FrameLedger,
  type FrameState,
  TRANSMIT,
} from "./ledger.js";

/** What a UMEM is made from. */
export interface UmemOptions extends FrameOptions {
  /** Bytes behind the frames for rings; the default has room for one socket's rings of any size. */
  readonly ringsLength?: number | undefined;
}

/**
 * The packet memory: an arena cut into frames, the allocator of free frames, and the ledger that knows whom each
 * frame belongs to. A frame is named by any address inside it, in bytes from the start of the UMEM.
 *
 * Ownership: `allocate` and `received` give a frame to the application; `transmitted`, `filled` and `free` take it
 * away. Only the application's frames may be written to.
 */
export class Umem {
  readonly geometry: FrameGeometry;
  readonly arena: Arena;
  /** The frames' bytes: index it with an address. */
  readonly bytes: ArenaBytes;
  readonly #ledger: FrameLedger;
  /** Free frames, the last freed on top: its cache lines are still warm. */
  readonly #free: Uint32Array;
  #top: number;
  #claimed = false;

  /** @throws XdpError ERR_XDP_CHUNK_SIZE, ERR_XDP_UMEM_SIZE, ERR_XDP_HEADROOM, ERR_XDP_ARENA */
  constructor(options: UmemOptions) {
    this.geometry = new FrameGeometry(options);
    this.arena = new Arena(this.geometry.length, options.ringsLength ?? RINGS_LENGTH);
    this.bytes = this.arena.bytes.subarray(0, this.geometry.length);
    const { frameCount } = this.geometry;
    this.#ledger = new FrameLedger(frameCount);
    this.#free = Uint32Array.from({ length: frameCount }, (_, i) => frameCount - 1 - i);
    this.#top = frameCount;
  }

  /**
   * Marks the UMEM as registered: its ledger can speak of one set-up only, also after that has closed.
   *
   * @throws XdpError ERR_XDP_ARGUMENT the second time
   */
  claim(): void {
    if (this.#claimed) {
      throw new XdpError("ERR_XDP_ARGUMENT", "The UMEM has been registered by a set-up before.", {
        hint: "Make a new Umem for each set-up.",
      });
    }
    this.#claimed = true;
  }

  /** Frames by owner. */
  counts(): FrameCounts {
    return this.#ledger.counts();
  }

  /** Frames that `allocate` can still give. */
  get freeCount(): number {
    return this.#top;
  }

  /** Frames with the kernel for receiving. */
  get fillCount(): number {
    return this.#ledger.count(FILL);
  }

  /** Frames with the kernel for sending. */
  get transmitCount(): number {
    return this.#ledger.count(TRANSMIT);
  }

  /** Whether ledger, counts and allocator agree; walks over all frames. */
  audit(): boolean {
    const { frameCount } = this.geometry;
    const seen = new Set(this.#free.subarray(0, this.#top));
    for (const frame of seen) if (!this.#ledger.is(frame, FREE)) return false;
    const counts = this.#ledger.counts();
    const sum = counts.free + counts.application + counts.fill + counts.transmit;
    return (
      this.#ledger.audit() &&
      sum === frameCount &&
      seen.size === this.#top &&
      counts.free === this.#top
    );
  }

  /** The owner of the frame at an address. @throws XdpError ERR_XDP_FOREIGN_FRAME */
  stateOf(address: number): FrameState {
    return this.#ledger.stateOf(this.#frame(address));
  }

  /** Whether the frame at an address is held. @throws XdpError ERR_XDP_FOREIGN_FRAME */
  isHeld(address: number): boolean {
    return this.#ledger.isHeld(this.#frame(address));
  }

  /** Takes a free frame: returns its first address, or -1 when there is none. It belongs to the application now. */
  allocate(): number {
    if (this.#top === 0) return -1;
    const frame = this.#free[--this.#top] as number;
    this.#ledger.move(frame, FREE, APPLICATION);
    return this.geometry.addressOf(frame);
  }

  /**
   * Gives a frame of the application back to the allocator; a hold on it ends.
   *
   * @throws XdpError ERR_XDP_DOUBLE_FREE when it is free, ERR_XDP_FRAME_STATE when it is with the kernel,
   * ERR_XDP_FOREIGN_FRAME when the address lies in no frame; nothing has changed then
   */
  free(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.move(frame, APPLICATION, FREE)) {
      const code = this.#ledger.is(frame, FREE) ? "ERR_XDP_DOUBLE_FREE" : "ERR_XDP_FRAME_STATE";
      throw this.#wrong(code, "free", address, frame);
    }
    this.#free[this.#top++] = frame;
  }

  /**
   * Keeps a received frame beyond its callback: it is the application's, to be sent or freed later.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE unless it is with the application, ERR_XDP_FOREIGN_FRAME
   */
  keep(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.keep(frame)) throw this.#wrong("ERR_XDP_FRAME_STATE", "keep", address, frame);
  }

  /**
   * Has a frame come back to the application, instead of the allocator, each time it has been sent: for sending it
   * again. A received one is kept as well. Lasts until `unhold` or `free`.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE unless it is with the application or being sent, ERR_XDP_FOREIGN_FRAME
   */
  hold(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.hold(frame)) throw this.#wrong("ERR_XDP_FRAME_STATE", "hold", address, frame);
  }

  /** Ends a hold: once sent, the frame goes to the allocator again. @throws as `hold` */
  unhold(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.unhold(frame)) {
      throw this.#wrong("ERR_XDP_FRAME_STATE", "unhold", address, frame, ", not held");
    }
  }

  /** Takes a free frame for the fill ring: returns its first address, or -1 when there is none. */
  allocateForFill(): number {
    if (this.#top === 0) return -1;
    const frame = this.#free[--this.#top] as number;
    this.#ledger.move(frame, FREE, FILL);
    return this.geometry.addressOf(frame);
  }

  /**
   * Notes that a frame of the application goes into the fill ring; a hold on it ends.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE when it is not the application's, ERR_XDP_FOREIGN_FRAME
   */
  filled(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.move(frame, APPLICATION, FILL)) {
      throw this.#wrong("ERR_XDP_FRAME_STATE", "fill", address, frame);
    }
  }

  /**
   * Notes that the kernel delivered a packet at `address`: the frame is the application's now, lent until its
   * callback returns. False, and nothing changed, when it was not with the kernel for receiving.
   */
  received(address: number): boolean {
    const frame = this.geometry.frameOf(address);
    return frame >= 0 && this.#ledger.receive(frame);
  }

  /** Moves a frame that is still lent back to the fill ring: true when the caller has to put it there. */
  reclaimLent(address: number): boolean {
    const frame = this.geometry.frameOf(address);
    return frame >= 0 && this.#ledger.isLent(frame) && this.#ledger.move(frame, APPLICATION, FILL);
  }

  /** Whether the frame at an address was received and is still lent. False for an address in no frame. */
  isLent(address: number): boolean {
    const frame = this.geometry.frameOf(address);
    return frame >= 0 && this.#ledger.isLent(frame);
  }

  /**
   * Notes that a frame of the application goes into the tx ring.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE when it is not the application's, ERR_XDP_FOREIGN_FRAME
   */
  transmitted(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.transmit(frame)) {
      throw this.#wrong("ERR_XDP_FRAME_STATE", "send", address, frame);
    }
  }

  /**
   * Notes a completion: a held frame is the application's again, any other is free. False, and nothing changed,
   * when the address is foreign or its frame was not being sent.
   */
  completed(address: number): boolean {
    const frame = this.geometry.frameOf(address);
    if (frame < 0 || !this.#ledger.complete(frame)) return false;
    if (this.#ledger.is(frame, FREE)) this.#free[this.#top++] = frame;
    return true;
  }

  #frame(address: number): number {
    const frame = Number.isInteger(address) ? this.geometry.frameOf(address) : -1;
    if (frame < 0) {
      throw new XdpError(
        "ERR_XDP_FOREIGN_FRAME",
        `Address ${String(address)} lies in no frame of this UMEM (0 to ${this.geometry.length - 1}).`,
      );
    }
    return frame;
  }

  #wrong(code: ErrorCode, verb: string, address: number, frame: number, more = ""): XdpError {
    return new XdpError(
      code,
      `Cannot ${verb} the frame at ${address}: its state is ${this.#ledger.stateOf(frame)}${more}.`,
    );
  }
}
