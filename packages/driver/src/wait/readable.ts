import {
  type AbortSignalLike,
  abortError,
  checkOptions,
  checkSignal,
  checkTimeout,
  POLLIN,
  throwIfAborted,
  type Watch,
} from "@afxdp/core";
import type { SocketIo } from "../io/socket-io.js";
import { CHECK_MS, checkDevice } from "./device-check.js";

/** What ends a wait. */
export interface WaitOptions {
  /** Ends it with ERR_XDP_ABORTED. */
  readonly signal?: AbortSignalLike | undefined;
  /** Ends it with `false` after so many milliseconds; without it the wait lasts until something happens. */
  readonly timeoutMs?: number | undefined;
}

/** A wait that is under way. */
export interface PendingWait {
  /** True when `onReadable` said that it is over, false after the timeout, on `end` and on close. */
  readonly over: Promise<boolean>;
  /** Ends it with false; idempotent. */
  end(): void;
}

/** Checks the options of a wait. @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_ABORTED */
export function checkWait(what: string, options: WaitOptions): void {
  checkOptions(what, options, ["signal", "timeoutMs"]);
  const { signal, timeoutMs } = options;
  checkSignal(signal);
  checkTimeout("timeoutMs", timeoutMs);
  throwIfAborted(signal);
}

/**
 * Watches a socket from the event loop: calls `onReadable` while packets are there, until it returns true, and sees
 * to the device, to what is still to be sent and to the fill ring every 100 ms. What `onReadable` throws ends the
 * wait, and wins over an end that it brought about itself; `isOver` tells it of such an end.
 */
export function watchReadable(
  io: SocketIo,
  options: WaitOptions,
  onReadable: (isOver: () => boolean) => boolean,
): PendingWait {
  const { signal, timeoutMs } = options;
  let end = (): void => {};
  const over = new Promise<boolean>((resolve, reject) => {
    let watch: Watch | undefined;
    let running = false;
    let settle: (() => void) | undefined;
    const finish = (how: () => void): void => {
      if (settle !== undefined) return;
      settle = how;
      watch?.stop();
      clearInterval(upkeep);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      io.waiters.delete(end);
      if (!running) settle();
    };
    const onAbort = (): void => finish(() => reject(abortError(signal as AbortSignalLike)));
    const isOver = (): boolean => settle !== undefined;
    const guard = (body: () => boolean): void => {
      running = true;
      try {
        if (body()) finish(() => resolve(true));
        running = false;
        settle?.();
      } catch (error) {
        running = false;
        finish(() => undefined);
        reject(error);
      }
    };
    end = (): void => finish(() => resolve(false));
    const upkeep = setInterval(() => {
      guard(() => {
        io.flush();
        checkDevice(io);
        return false;
      });
    }, CHECK_MS);
    const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
    signal?.addEventListener("abort", onAbort);
    io.waiters.add(end);
    guard(() => {
      watch = io.kernel.watch(io.fd, POLLIN, () => guard(() => onReadable(isOver)));
      return false;
    });
  });
  return { over, end: () => end() };
}
