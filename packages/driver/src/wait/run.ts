import { abortError, POLLIN, XdpSystemError } from "@afxdp/core";
import { RxBatch } from "../io/rx-batch.js";
import type { SocketIo } from "../io/socket-io.js";
import { checkDevice } from "./device-check.js";
import { handleBatch, STOP } from "./handle-batch.js";
import {
  type BatchHandler,
  batchSize,
  checkCount,
  type ReceiveOptions,
} from "./receive-options.js";

/** What the busy loop takes. */
export interface RunOptions extends ReceiveOptions {
  /** Empty looks at the rx ring before the thread goes to sleep. Default 1000; 0 sleeps at once. */
  readonly spin?: number;
  /** How long the thread sleeps at most, in milliseconds, 0 to 100; 0 never sleeps. Default 10. */
  readonly waitMs?: number;
}

/** The loop gives way to the event loop this often, in milliseconds, so that timers and signals run. */
const SLICE_MS = 5;
/** Looks at the ring between two looks at the clock. */
const LOOKS = 64;
const CLOCK_MASK = 0x3fff_ffff;

/** The busy loop of a socket: see `XdpSocket.run`. */
export function run(
  io: SocketIo,
  size: number,
  handler: BatchHandler,
  options: RunOptions,
): Promise<void> {
  const { signal, spin = 1000, waitMs = 10 } = options;
  checkCount("spin", spin, 0x7fff_ffff);
  checkCount("waitMs", waitMs, 100);
  const batch = new RxBatch(io, batchSize(options.batch, size));
  const { kernel } = io;
  // A descriptor that is always readable brings the loop back in each turn of the event loop, without the garbage that
  // an immediate or a promise per turn would be.
  const waker = kernel.createWaker();
  return new Promise<void>((resolve, reject) => {
    kernel.wake(waker);
    const watch = kernel.watch(waker, POLLIN, () => {
      try {
        if (signal?.aborted) throw abortError(signal);
        if (slice(io, batch, handler, spin, waitMs)) return;
        resolve();
      } catch (error) {
        reject(error);
      }
      watch.stop();
    });
  }).finally(() => kernel.close(waker));
}

/** Handles batches for SLICE_MS, sleeping where there are none; false when the handler wants no more. */
function slice(
  io: SocketIo,
  batch: RxBatch,
  handler: BatchHandler,
  spin: number,
  waitMs: number,
): boolean {
  const { kernel } = io;
  const start = kernel.clockMs();
  let idle = 0;
  let busy = false;
  do {
    for (let look = 0; look < LOOKS; look++) {
      const handled = handleBatch(io, batch, handler);
      if (handled === STOP) return false;
      if (handled === 0) {
        idle++;
      } else {
        idle = 0;
        busy = true;
      }
    }
    if (idle > spin && waitMs > 0) {
      sleep(io, waitMs);
      idle = 0;
      busy = true;
    }
  } while (((kernel.clockMs() - start) & CLOCK_MASK) < SLICE_MS);
  // A loop that only spins would neither take sent frames back nor hear that the device is gone.
  if (!busy) {
    if (io.umem.transmitCount > 0) io.flush();
    checkDevice(io);
  }
  return true;
}

/** Blocks until a packet comes, for `waitMs` at most, or hardly at all while something is still to be sent. */
function sleep(io: SocketIo, waitMs: number): void {
  const left = io.umem.transmitCount > 0 ? io.flush() : 0;
  const events = io.kernel.wait(io.fd, POLLIN, left > 0 ? 1 : waitMs, -1);
  if (events < 0) throw new XdpSystemError({ step: "wait", syscall: "poll", errno: events });
  if (events === 0) checkDevice(io);
}
