import type { Kernel } from "@afxdp/core";
import { Mismatch } from "../outcome.js";

/** Milliseconds without any progress after which a case has failed. */
const PATIENCE_MS = 5000;
/** Rounds without progress before the thread rests between them. */
const EAGER_ROUNDS = 8;

const alarm = new Int32Array(new SharedArrayBuffer(4));

/** Rests the calling thread. */
export function nap(milliseconds: number): void {
  Atomics.wait(alarm, 0, 0, milliseconds);
}

/**
 * Repeats `step`, which says whether it got anything done, until `done`. A Mismatch with what `describe` says once
 * nothing was done for five seconds.
 */
export function until(
  kernel: Kernel,
  done: () => boolean,
  step: () => boolean,
  describe: () => string,
): void {
  let last = kernel.clockMs();
  let idle = 0;
  while (!done()) {
    if (step()) {
      last = kernel.clockMs();
      idle = 0;
      continue;
    }
    if (((kernel.clockMs() - last) & 0x3fffffff) > PATIENCE_MS) {
      throw new Mismatch(`nothing moved for ${PATIENCE_MS} ms: ${describe()}`);
    }
    // Somebody else's turn: with a processor of its own the kernel is done by now.
    if (++idle > EAGER_ROUNDS) nap(1);
  }
}
