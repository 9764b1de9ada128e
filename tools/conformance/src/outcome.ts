import { XdpSystemError } from "@afxdp/core";

/** Thrown by a case that cannot be run here; the message is the reason, for the user. */
export class Skip extends Error {
  override readonly name = "Skip";
}

/** Thrown by a case when the kernel does something else than it should; the message says what was seen. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

/** Ends the case as failed unless `holds`. */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Mismatch(otherwise);
}

/** Ends the case as failed unless both are the same. */
export function expectEqual<T extends number | string | boolean>(
  what: string,
  seen: T,
  wanted: T,
): void {
  expect(seen === wanted, `${what}: expected ${wanted}, saw ${seen}`);
}

/** The error number with which a system call fails; 0 when it succeeds. */
export function errnoOf(call: () => void): number {
  try {
    call();
  } catch (error) {
    if (error instanceof XdpSystemError) return error.errno;
    throw error;
  }
  return 0;
}
