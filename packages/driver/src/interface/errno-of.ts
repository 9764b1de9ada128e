import { isXdpError } from "@afxdp/core";

/** The error number, positive, of a system call that failed; nothing for any other error. */
export function errnoOf(error: unknown): number | undefined {
  if (!isXdpError(error) || !("errno" in error)) return undefined;
  return typeof error.errno === "number" ? error.errno : undefined;
}
