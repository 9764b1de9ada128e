import { isXdpError, runAll } from "@afxdp/core";

/** Closes what had been opened before an error, and returns the error, with what failed at that in its `suppressed`. */
export function afterClosing<T>(error: T, closing: Iterable<() => void>): T {
  try {
    runAll(closing);
  } catch (met) {
    if (isXdpError(error)) error.suppressed.push(met);
  }
  return error;
}
