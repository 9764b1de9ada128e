import { XdpError } from "./errors/xdp-error.js";

/** An AbortSignal, as far as it is needed here; those of Node and of browsers are one. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * Checks that a `signal` option is an AbortSignal or absent.
 *
 * @throws XdpError ERR_XDP_ARGUMENT
 */
export function checkSignal(signal: AbortSignalLike | undefined): void {
  if (signal === undefined) return;
  const isSignal =
    typeof signal === "object" &&
    signal !== null &&
    typeof signal.aborted === "boolean" &&
    typeof signal.addEventListener === "function";
  if (!isSignal) throw new XdpError("ERR_XDP_ARGUMENT", "signal is not an AbortSignal.");
}

/** Throws ERR_XDP_ABORTED, with the signal's reason as cause, if the signal is aborted. */
export function throwIfAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** Makes the ERR_XDP_ABORTED error of an aborted signal. */
export function abortError(signal: AbortSignalLike): XdpError {
  return new XdpError("ERR_XDP_ABORTED", "The operation was aborted.", { cause: signal.reason });
}
