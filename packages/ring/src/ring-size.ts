import { XdpError } from "@afxdp/core";
import { describe } from "./describe.js";

/**
 * The most entries that a ring may have. The kernel takes rings of up to 2^28 and more, at the price of contiguous
 * address space; no driver gains from more than this.
 */
export const MAX_RING_ENTRIES = 65536;

/**
 * Returns `entries` if a ring can have that many: a power of two from 1 to {@link MAX_RING_ENTRIES}. `what` names the
 * ring in the error, ERR_XDP_RING_SIZE.
 */
export function checkRingSize(entries: unknown, what = "the ring"): number {
  if (
    typeof entries === "number" &&
    Number.isInteger(entries) &&
    entries >= 1 &&
    entries <= MAX_RING_ENTRIES &&
    (entries & (entries - 1)) === 0
  ) {
    return entries;
  }
  throw new XdpError(
    "ERR_XDP_RING_SIZE",
    `The entries of ${what} must be a power of two from 1 to ${MAX_RING_ENTRIES}, not ${describe(entries)}.`,
  );
}
