import { setTimeout as sleep } from "node:timers/promises";
import { abortError } from "@afxdp/core";

/**
 * Waits, or gives up when the signal is aborted.
 *
 * @throws XdpError ERR_XDP_ABORTED
 */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal === undefined ? error : abortError(signal);
  }
}
