/** Who a frame belongs to. */
export type FrameState = "free" | "application" | "fill" | "transmit";

/** The number of frames in each state; the first four add up to `total`, always. */
export interface FrameCounts {
  /** In the allocator. */
  readonly free: number;
  /** With the application: allocated, received or held. */
  readonly application: number;
  /** With the kernel for receiving: in a fill ring, inside the kernel, or in an rx ring. */
  readonly fill: number;
  /** With the kernel for sending: in a tx ring, inside the kernel, or in a completion ring. */
  readonly transmit: number;
  readonly total: number;
}

export const FREE = 0;
export const APPLICATION = 1;
export const FILL = 2;
export const TRANSMIT = 3;

const STATE = 3;
/** Received and lent to a callback: goes back to the fill ring after it, unless sent, held or freed. */
const LENT = 4;
/** Held: comes back to the application instead of the allocator when it has been sent. */
const HELD = 8;
/** Above the marks: the number of the account, for a frame that is with the kernel. */
const ACCOUNT_SHIFT = 4;
/** Accounts that fit at a time. */
export const MAX_ACCOUNTS = 4096;

const NAMES: readonly FrameState[] = ["free", "application", "fill", "transmit"];

/** The word of a frame that is with the kernel, unmarked: for receiving or for sending, on behalf of an account. */
export function kernelWord(state: number, account: number): number {
  return (account << ACCOUNT_SHIFT) | state;
}

/**
 * One word of state per frame: its owner, its marks, and for a frame with the kernel the account it counts for. A
 * transition happens only from the state that it starts in; each method tells whether it did. Frames are numbers below
 * the frame count, unchecked. It counts nothing: the allocator and the accounts do.
 */
export class FrameLedger {
  readonly #words: Uint16Array;

  constructor(frameCount: number) {
    this.#words = new Uint16Array(frameCount);
  }

  /** Whether a frame is in `state` (FREE, APPLICATION, FILL or TRANSMIT). */
  is(frame: number, state: number): boolean {
    return ((this.#words[frame] as number) & STATE) === state;
  }

  stateOf(frame: number): FrameState {
    return NAMES[(this.#words[frame] as number) & STATE] as FrameState;
  }

  isHeld(frame: number): boolean {
    return ((this.#words[frame] as number) & HELD) !== 0;
  }

  isLent(frame: number): boolean {
    return ((this.#words[frame] as number) & LENT) !== 0;
  }

  /** free -> application. */
  allocate(frame: number): void {
    this.#words[frame] = APPLICATION;
  }

  /** application -> free, all marks dropped. */
  free(frame: number): boolean {
    return this.#fromApplication(frame, FREE);
  }

  /** application -> fill, all marks dropped; `word` is a FILL word. */
  fill(frame: number, word: number): boolean {
    return this.#fromApplication(frame, word);
  }

  /** free -> fill; `word` is a FILL word. */
  allocateForFill(frame: number, word: number): void {
    this.#words[frame] = word;
  }

  /** fill -> application, lent; `word` is the FILL word that the frame must have. */
  receive(frame: number, word: number): boolean {
    if (this.#words[frame] !== word) return false;
    this.#words[frame] = APPLICATION | LENT;
    return true;
  }

  /** application and lent -> fill. */
  reclaim(frame: number, word: number): boolean {
    const now = this.#words[frame] as number;
    if ((now & LENT) === 0) return false;
    this.#words[frame] = word;
    return true;
  }

  /** application -> transmit; keeps the mark of a held frame. `word` is a TRANSMIT word. */
  transmit(frame: number, word: number): boolean {
    const now = this.#words[frame] as number;
    if ((now & STATE) !== APPLICATION) return false;
    this.#words[frame] = word | (now & HELD);
    return true;
  }

  /**
   * transmit -> application when held, otherwise transmit -> free; `word` is the TRANSMIT word that the frame must have.
   * Returns the state it is in now, or -1 when nothing changed.
   */
  complete(frame: number, word: number): number {
    const now = this.#words[frame] as number;
    if ((now & ~HELD) !== word) return -1;
    const state = now === word ? FREE : APPLICATION;
    this.#words[frame] = state === FREE ? FREE : APPLICATION | HELD;
    return state;
  }

  /** Makes a lent frame the application's for good; a frame of the application that is not lent stays so. */
  keep(frame: number): boolean {
    const now = this.#words[frame] as number;
    if ((now & STATE) !== APPLICATION) return false;
    this.#words[frame] = now & ~LENT;
    return true;
  }

  /** Marks a frame of the application or under way as held; a lent one stays with the application. */
  hold(frame: number): boolean {
    const now = this.#words[frame] as number;
    const state = now & STATE;
    if (state !== APPLICATION && state !== TRANSMIT) return false;
    this.#words[frame] = (now & ~LENT) | HELD;
    return true;
  }

  /** Takes the mark away; a frame of the application stays its own until freed. */
  unhold(frame: number): boolean {
    if (!this.isHeld(frame)) return false;
    this.#words[frame] = (this.#words[frame] as number) & ~(HELD | LENT);
    return true;
  }

  /** Whether a frame has this FILL word. */
  has(frame: number, word: number): boolean {
    return this.#words[frame] === word;
  }

  /** fill -> free. */
  release(frame: number): void {
    this.#words[frame] = FREE;
  }

  /** Counts every frame by state, in the order FREE, APPLICATION, FILL, TRANSMIT. */
  recount(): number[] {
    const counted = [0, 0, 0, 0];
    for (const word of this.#words) counted[word & STATE] = (counted[word & STATE] as number) + 1;
    return counted;
  }

  #fromApplication(frame: number, word: number): boolean {
    if (((this.#words[frame] as number) & STATE) !== APPLICATION) return false;
    this.#words[frame] = word;
    return true;
  }
}
