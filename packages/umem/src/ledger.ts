/** Who a frame belongs to. */
export type FrameState = "free" | "application" | "fill" | "transmit";

/** The number of frames in each state; the first four add up to `total`, always. */
export interface FrameCounts {
  /** In the allocator. */
  readonly free: number;
  /** With the application: allocated, received or held. */
  readonly application: number;
  /** With the kernel for receiving: in the fill ring, inside the kernel, or in the rx ring. */
  readonly fill: number;
  /** With the kernel for sending: in the tx ring, inside the kernel, or in the completion ring. */
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

const NAMES: readonly FrameState[] = ["free", "application", "fill", "transmit"];

/**
 * One byte of state per frame, and the count of frames in each state. A transition happens only from the state
 * that it starts in; each method tells whether it did. Frames are numbers below the frame count, unchecked.
 */
export class FrameLedger {
  readonly #states: Uint8Array;
  readonly #counts = new Int32Array(4);

  constructor(frameCount: number) {
    this.#states = new Uint8Array(frameCount);
    this.#counts[FREE] = frameCount;
  }

  /** Whether a frame is in `state` (FREE, APPLICATION, FILL or TRANSMIT). */
  is(frame: number, state: number): boolean {
    return ((this.#states[frame] as number) & STATE) === state;
  }

  stateOf(frame: number): FrameState {
    return NAMES[(this.#states[frame] as number) & STATE] as FrameState;
  }

  isHeld(frame: number): boolean {
    return ((this.#states[frame] as number) & HELD) !== 0;
  }

  isLent(frame: number): boolean {
    return ((this.#states[frame] as number) & LENT) !== 0;
  }

  count(state: number): number {
    return this.#counts[state] as number;
  }

  /** Moves a frame between two plain states, dropping all marks on it. */
  move(frame: number, from: number, to: number): boolean {
    return this.#move(frame, from, to, 0);
  }

  /** fill -> application, lent. */
  receive(frame: number): boolean {
    return this.#move(frame, FILL, APPLICATION, LENT);
  }

  /** application -> transmit; keeps the mark of a held frame. */
  transmit(frame: number): boolean {
    return this.#move(frame, APPLICATION, TRANSMIT, (this.#states[frame] as number) & HELD);
  }

  /** transmit -> application when held, otherwise transmit -> free. */
  complete(frame: number): boolean {
    return this.isHeld(frame)
      ? this.#move(frame, TRANSMIT, APPLICATION, HELD)
      : this.#move(frame, TRANSMIT, FREE, 0);
  }

  /** Makes a lent frame the application's for good; a frame of the application that is not lent stays so. */
  keep(frame: number): boolean {
    const state = this.#states[frame] as number;
    if ((state & STATE) !== APPLICATION) return false;
    this.#states[frame] = state & ~LENT;
    return true;
  }

  /** Marks a frame of the application or under way as held; a lent one stays with the application. */
  hold(frame: number): boolean {
    const state = (this.#states[frame] as number) & STATE;
    if (state !== APPLICATION && state !== TRANSMIT) return false;
    this.#states[frame] = state | HELD;
    return true;
  }

  /** Takes the mark away; a frame of the application stays its own until freed. */
  unhold(frame: number): boolean {
    if (!this.isHeld(frame)) return false;
    this.#states[frame] = (this.#states[frame] as number) & STATE;
    return true;
  }

  counts(): FrameCounts {
    return {
      free: this.count(FREE),
      application: this.count(APPLICATION),
      fill: this.count(FILL),
      transmit: this.count(TRANSMIT),
      total: this.#states.length,
    };
  }

  /** Whether the counts are what the states say: recounts every frame. */
  audit(): boolean {
    const counted = new Int32Array(4);
    for (const state of this.#states)
      counted[state & STATE] = (counted[state & STATE] as number) + 1;
    return counted.every((count, state) => count === this.#counts[state]);
  }

  #move(frame: number, from: number, to: number, marks: number): boolean {
    if (((this.#states[frame] as number) & STATE) !== from) return false;
    this.#states[frame] = to | marks;
    this.#counts[from] = (this.#counts[from] as number) - 1;
    this.#counts[to] = (this.#counts[to] as number) + 1;
    return true;
  }
}
