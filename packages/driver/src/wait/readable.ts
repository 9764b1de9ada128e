import { abortError, POLLIN, throwIfAborted, type Watch } from "@afxdp/core";
import type { SocketIo } from "../io/socket-io.js";
import { CHECK_MS, checkDevice } from "./device-check.js";

/** What ends a wait for packets. */
export interface ReadableOptions {
  /** Ends it with ERR_XDP_ABORTED. */
  readonly signal?: AbortSignal;
  /** Ends it with `false` after so many milliseconds; without it the wait lasts until something happens. */
  readonly timeoutMs?: number;
}

/**
 * Watches a socket from the event loop: calls `onReadable` while packets are there, and sees to the device and to
 * what is still to be sent every 100 ms. Resolves when `onReadable` returns true, when the socket begins to close
 * (false), or after the timeout (false).
 *
 * @throws XdpError ERR_XDP_ABORTED, ERR_XDP_DEVICE_GONE, and what `onReadable` throws
 */
export function watchReadable(
  io: SocketIo,
  options: ReadableOptions,
  onReadable: () => boolean,
): Promise<boolean> {
  const { signal, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    let watch: Watch | undefined;
    const finish = (settle: () => void): void => {
      watch?.stop();
      clearInterval(upkeep);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      io.waiters.delete(onClosing);
      settle();
    };
    const onAbort = (): void => finish(() => reject(abortError(signal as AbortSignal)));
    const onClosing = (): void => finish(() => resolve(false));
    const guard = (body: () => boolean): void => {
      try {
        if (body()) finish(() => resolve(true));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const upkeep = setInterval(() => {
      guard(() => {
        if (io.umem.transmitCount > 0) io.flush();
        checkDevice(io);
        return false;
      });
    }, CHECK_MS);
    const timer = timeoutMs === undefined ? undefined : setTimeout(onClosing, timeoutMs);
    signal?.addEventListener("abort", onAbort);
    io.waiters.add(onClosing);
    guard(() => {
      watch = io.kernel.watch(io.fd, POLLIN, () => guard(onReadable));
      return false;
    });
  });
}
