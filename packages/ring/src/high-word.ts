import { XdpError } from "@afxdp/core";
import { describe } from "./describe.js";

/** The high word of an address that does not fit in 32 bits. Errors: ERR_XDP_ARGUMENT for what is no address. */
export function highWord(address: number): number {
  if (!Number.isSafeInteger(address) || address < 0) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `An address must be a whole number from 0 to 2^53 - 1, not ${describe(address)}.`,
    );
  }
  return Math.floor(address / 4294967296);
}
