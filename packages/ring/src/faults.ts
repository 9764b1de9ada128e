import { XdpError } from "@afxdp/core";
import { describe } from "./describe.js";

/** Which end of a ring. */
export type Role = "producer" | "consumer";

/** The error of a ring whose peer's index cannot be true. */
export function corrupt(fault: string): XdpError {
  return new XdpError("ERR_XDP_RING_CORRUPT", fault);
}

/** Puts into words that the peer's index went from `accepted` to `seen`, when it may reach at most `limit`. */
export function describeJump(
  role: Role,
  accepted: number,
  seen: number,
  room: number,
  size: number,
): string {
  const peer = role === "producer" ? "consumer" : "producer";
  const limit = (accepted + room) >>> 0;
  return (
    `The ring's ${peer} index went from ${accepted >>> 0} to ${seen >>> 0}, ` +
    `but can only be from ${accepted >>> 0} to ${limit} (${size} entries, modulo 2^32).`
  );
}

/** The error of a count that is no count. */
export function notACount(verb: string, count: unknown): XdpError {
  return new XdpError(
    "ERR_XDP_ARGUMENT",
    `${verb}() takes a whole number from 0 to 2^32 - 1, not ${describe(count)}.`,
  );
}

/** The error of publishing more than was granted. */
export function tooMany(verb: string, count: unknown, granted: number): XdpError {
  return new XdpError(
    "ERR_XDP_RING_MISUSE",
    `${verb}() takes a whole number from 0 to the ${granted} granted, not ${describe(count)}.`,
  );
}

/** The error of touching an entry that was not granted. */
export function outside(index: unknown, granted: number): XdpError {
  return new XdpError(
    "ERR_XDP_RING_MISUSE",
    `Entry ${describe(index)} is not one of the ${granted} granted.`,
  );
}
