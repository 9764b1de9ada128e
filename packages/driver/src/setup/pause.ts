import { type AbortSignalLike, throwIfAborted } from "@afxdp/core";

/**
 * Waits, or gives up when the signal is aborted.
 *
 * @throws XdpError ERR_XDP_ABORTED
 */
export async function pause(ms: number, signal: AbortSignalLike | undefined): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
  throwIfAborted(signal);
}
