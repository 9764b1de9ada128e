import { XdpError } from "@afxdp/core";

/** The code of the XdpError that `action` throws; "none" when it throws nothing. Anything else goes through. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof XdpError) return error.code;
    throw error;
  }
  return "none";
}
