import { type ErrorCode, isXdpError, type XdpError } from "@afxdp/core";

/** Runs what must throw an XdpError of this code, and returns the error. */
export function refused(code: ErrorCode, action: () => unknown): XdpError {
  try {
    action();
  } catch (error) {
    if (isXdpError(error) && error.code === code) return error;
    throw error;
  }
  throw new Error(`nothing was thrown instead of ${code}`);
}
