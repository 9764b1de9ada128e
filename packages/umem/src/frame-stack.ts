/** The free frames, the last freed on top: its cache lines are still warm. Numbers of frames, unchecked. */
export class FrameStack {
  readonly #frames: Uint32Array;
  #top: number;

  constructor(frameCount: number) {
    this.#frames = Uint32Array.from({ length: frameCount }, (_, i) => frameCount - 1 - i);
    this.#top = frameCount;
  }

  /** Frames in it. */
  get count(): number {
    return this.#top;
  }

  /** Takes a frame, or -1 when there is none. */
  pop(): number {
    return this.#top === 0 ? -1 : (this.#frames[--this.#top] as number);
  }

  push(frame: number): void {
    this.#frames[this.#top++] = frame;
  }

  /** Every frame in it, once even when it is there twice. */
  frames(): ReadonlySet<number> {
    return new Set(this.#frames.subarray(0, this.#top));
  }
}
