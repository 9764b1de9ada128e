import { type ErrorCode, XdpError } from "@afxdp/core";
import type { FrameGeometry } from "./geometry.js";

/** The number of the frame that holds an address. @throws XdpError ERR_XDP_FOREIGN_FRAME */
export function frameAt(geometry: FrameGeometry, address: number): number {
  const frame = Number.isInteger(address) ? geometry.frameOf(address) : -1;
  if (frame < 0) {
    throw new XdpError(
      "ERR_XDP_FOREIGN_FRAME",
      `Address ${String(address)} lies in no frame of this UMEM (0 to ${geometry.length - 1}).`,
    );
  }
  return frame;
}

/** The error for a frame that is not in the state that a call needs. */
export function wrongState(
  code: ErrorCode,
  verb: string,
  address: number,
  state: string,
  more = "",
): XdpError {
  return new XdpError(
    code,
    `Cannot ${verb} the frame at ${address}: its state is ${state}${more}.`,
  );
}
