import { type ArenaBytes, XdpError } from "@afxdp/core";
import { FrameAccount } from "./account.js";
import { Arena, RINGS_LENGTH } from "./arena.js";
import { frameAt, wrongState } from "./frame-errors.js";
import { FrameStack } from "./frame-stack.js";
import { type FrameGeometry, type FrameOptions, planFrames } from "./geometry.js";
import { FREE, type FrameCounts, FrameLedger, type FrameState, MAX_ACCOUNTS } from "./ledger.js";

/** What a UMEM is made from. */
export interface UmemOptions extends FrameOptions {
  /** Bytes behind the frames for rings; the default has room for one socket's rings of any size. */
  readonly ringsLength?: number | undefined;
  /** Where the frames begin in the arena; at its start when absent. */
  readonly placement?: UmemPlacement | undefined;
}

/** Places the frames in an arena, for memory that needs an aligned address (huge pages). */
export interface UmemPlacement {
  /** Bytes that the arena has to have beside the frames, so that there is such a place. */
  readonly slack: number;
  /** The offset of the frames, at most `slack`. */
  offsetIn(arena: Arena): number;
}

/**
 * The packet memory: an arena cut into frames, the allocator of free frames, and the ledger that knows whom each
 * frame belongs to. A frame is named by any address inside it, in bytes from the start of the UMEM.
 *
 * Ownership: `allocate` and an account's `received` give a frame to the application; an account's `transmitted` and
 * `filled`, and `free`, take it away. Only the application's frames may be written to.
 */
export class Umem {
  readonly geometry: FrameGeometry;
  readonly arena: Arena;
  /** Where the frames begin in the arena, in bytes. */
  readonly offset: number;
  /** The frames' bytes: index it with an address. */
  readonly bytes: ArenaBytes;
  readonly #ledger: FrameLedger;
  readonly #stack: FrameStack;
  readonly #accounts: FrameAccount[] = [];
  #claimed = false;

  /** @throws XdpError ERR_XDP_CHUNK_SIZE, ERR_XDP_UMEM_SIZE, ERR_XDP_HEADROOM, ERR_XDP_TX_METADATA, ERR_XDP_ARENA */
  constructor(options: UmemOptions) {
    this.geometry = planFrames(options);
    const { frameCount, length } = this.geometry;
    const { ringsLength = RINGS_LENGTH, placement } = options;
    this.arena = new Arena(length, ringsLength, placement?.slack);
    this.offset = placement?.offsetIn(this.arena) ?? 0;
    this.bytes = this.arena.bytes.subarray(this.offset, this.offset + length);
    this.#ledger = new FrameLedger(frameCount);
    this.#stack = new FrameStack(frameCount);
  }

  /**
   * Marks the UMEM as registered: its ledger can speak of one registration only, also after that has closed.
   *
   * @throws XdpError ERR_XDP_ARGUMENT the second time
   */
  claim(): void {
    if (this.#claimed) {
      throw new XdpError("ERR_XDP_ARGUMENT", "The UMEM has been registered by a set-up before.", {
        hint: "Make a new Umem for each set-up; to use one for several sockets, share it.",
      });
    }
    this.#claimed = true;
  }

  /**
   * Opens an account for one queue: what the kernel holds of these frames for it.
   *
   * @throws XdpError ERR_XDP_ARGUMENT when there are 4096 that have not ended
   */
  openAccount(): FrameAccount {
    const ended = this.#accounts.findIndex((account) => account.ended);
    const index = ended === -1 ? this.#accounts.length : ended;
    if (index === MAX_ACCOUNTS) {
      throw new XdpError("ERR_XDP_ARGUMENT", `A UMEM can have ${MAX_ACCOUNTS} accounts.`, {
        hint: "Make a new Umem.",
      });
    }
    const account = new FrameAccount(this.geometry, this.#ledger, this.#stack, index);
    this.#accounts[index] = account;
    return account;
  }

  /** Frames by owner. */
  counts(): FrameCounts {
    const free = this.#stack.count;
    let fill = 0;
    let transmit = 0;
    for (const account of this.#accounts) {
      fill += account.fillCount;
      transmit += account.transmitCount;
    }
    const total = this.geometry.frameCount;
    return { free, application: total - free - fill - transmit, fill, transmit, total };
  }

  /** Frames that `allocate` can still give. */
  get freeCount(): number {
    return this.#stack.count;
  }

  /** Whether ledger, accounts and allocator agree; walks over all frames. */
  audit(): boolean {
    const free = this.#stack.frames();
    for (const frame of free) if (!this.#ledger.is(frame, FREE)) return false;
    const counts = this.counts();
    const counted = this.#ledger.recount();
    return (
      free.size === counts.free &&
      counted[0] === counts.free &&
      counted[1] === counts.application &&
      counted[2] === counts.fill &&
      counted[3] === counts.transmit
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

  /** Whether the frame at an address was received and is still lent. False for an address in no frame. */
  isLent(address: number): boolean {
    const frame = this.geometry.frameOf(address);
    return frame >= 0 && this.#ledger.isLent(frame);
  }

  /**
   * Takes a free frame: returns the first address at which a packet can be put, or -1 when there is none. It belongs to
   * the application now.
   */
  allocate(): number {
    const frame = this.#stack.pop();
    if (frame < 0) return -1;
    this.#ledger.allocate(frame);
    return this.geometry.packetAddressOf(frame);
  }

  /**
   * Gives a frame of the application back to the allocator; a hold on it ends.
   *
   * @throws XdpError ERR_XDP_DOUBLE_FREE when it is free, ERR_XDP_FRAME_STATE when it is with the kernel,
   * ERR_XDP_FOREIGN_FRAME when the address lies in no frame; nothing has changed then
   */
  free(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.free(frame)) {
      const code = this.#ledger.is(frame, FREE) ? "ERR_XDP_DOUBLE_FREE" : "ERR_XDP_FRAME_STATE";
      throw wrongState(code, "free", address, this.#ledger.stateOf(frame));
    }
    this.#stack.push(frame);
  }

  /**
   * Keeps a received frame beyond its callback: it is the application's, to be sent or freed later.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE unless it is with the application, ERR_XDP_FOREIGN_FRAME
   */
  keep(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.keep(frame)) throw this.#refuse("keep", address, frame);
  }

  /**
   * Has a frame come back to the application, instead of the allocator, each time it has been sent: for sending it
   * again. A received one is kept as well. Lasts until `unhold` or `free`.
   *
   * @throws XdpError ERR_XDP_FRAME_STATE unless it is with the application or being sent, ERR_XDP_FOREIGN_FRAME
   */
  hold(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.hold(frame)) throw this.#refuse("hold", address, frame);
  }

  /** Ends a hold: once sent, the frame goes to the allocator again. @throws as `hold` */
  unhold(address: number): void {
    const frame = this.#frame(address);
    if (!this.#ledger.unhold(frame)) throw this.#refuse("unhold", address, frame, ", not held");
  }

  #frame(address: number): number {
    return frameAt(this.geometry, address);
  }

  #refuse(verb: string, address: number, frame: number, more = ""): XdpError {
    return wrongState("ERR_XDP_FRAME_STATE", verb, address, this.#ledger.stateOf(frame), more);
  }
}
