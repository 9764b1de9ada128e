import {
  abortError,
  checkCount,
  checkOptions,
  checkSignal,
  POLLIN,
  throwIfAborted,
  XdpSystemError,
} from "@afxdp/core";
import type { RxBatch } from "../io/rx-batch.js";
import type { SocketIo } from "../io/socket-io.js";
import { checkDevice } from "./device-check.js";
import { handleBatch, STOP } from "./handle-batch.js";
import {
  type BatchHandler,
  batchSize,
  checkHandler,
  RECEIVE_OPTIONS,
  type ReceiveOptions,
} from "./receive-options.js";

/** What the busy loop takes. */
export interface RunOptions extends ReceiveOptions {
  /** Empty looks at the rx ring before the thread goes to sleep. Default 1000; 0 sleeps at once. */
  readonly spin?: number | undefined;
  /** How long the thread sleeps at most, in milliseconds, 0 to 100; 0 never sleeps. Default 10. */
  readonly waitMs?: number | undefined;
}

/** The loop gives way to the event loop this often, in milliseconds, so that timers and signals run. */
const SLICE_MS = 5;
/** Most looks at the ring between two looks at the clock. */
const MAX_LOOKS = 64;
const CLOCK_MASK = 0x3fff_ffff;

/** The busy loop of a socket: see `XdpSocket.run`. */
export async function run(
  io: SocketIo,
  size: number,
  handler: BatchHandler,
  options: RunOptions,
): Promise<void> {
  checkHandler(handler);
  checkOptions("run", options, [...RECEIVE_OPTIONS, "spin", "waitMs"]);
  const { signal, spin = 1000, waitMs = 10 } = options;
  checkSignal(signal);
  checkCount("spin", spin, 0x7fff_ffff);
  checkCount("waitMs", waitMs, 100);
  const batch = io.createBatch(batchSize(options.batch, size));
  throwIfAborted(signal);
  const { kernel } = io;
  const loop = new BusyLoop(io, batch, handler, spin, waitMs);
  const onAbort = (): void => loop.abort();
  signal?.addEventListener("abort", onAbort);
  // A descriptor that is always readable brings the loop back in each turn of the event loop, without the garbage that
  // an immediate or a promise per turn would be.
  const waker = kernel.createWaker();
  try {
    kernel.wake(waker);
    await new Promise<void>((resolve, reject) => {
      const watch = kernel.watch(waker, POLLIN, () => {
        try {
          if (loop.slice()) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        watch.stop();
      });
    });
  } finally {
    kernel.close(waker);
    signal?.removeEventListener("abort", onAbort);
  }
  if (signal?.aborted) throw abortError(signal);
}

class BusyLoop {
  readonly #io: SocketIo;
  readonly #batch: RxBatch;
  readonly #handler: BatchHandler;
  readonly #spin: number;
  readonly #waitMs: number;
  #aborted = false;

  constructor(io: SocketIo, batch: RxBatch, handler: BatchHandler, spin: number, waitMs: number) {
    this.#io = io;
    this.#batch = batch;
    this.#handler = handler;
    this.#spin = spin;
    this.#waitMs = waitMs;
  }

  /** Ends the loop before its next batch. */
  abort(): void {
    this.#aborted = true;
  }

  /** Handles batches for SLICE_MS, sleeping where there are none; false when it is over. */
  slice(): boolean {
    const { kernel } = this.#io;
    let idle = 0;
    let quiet = true;
    // However long a batch takes, the clock is looked at in time: seldom while the looks are quick.
    let looks = 1;
    const start = kernel.clockMs();
    let before = start;
    for (;;) {
      for (let look = 0; look < looks; look++) {
        if (this.#aborted) return false;
        const handled = handleBatch(this.#io, this.#batch, this.#handler);
        if (handled === STOP) return false;
        idle = handled === 0 ? idle + 1 : 0;
        if (handled !== 0) quiet = false;
      }
      if (idle > this.#spin && this.#waitMs > 0) {
        this.#sleep();
        idle = 0;
        quiet = false;
      }
      const now = kernel.clockMs();
      if (((now - start) & CLOCK_MASK) >= SLICE_MS) break;
      looks = now === before ? Math.min(looks * 2, MAX_LOOKS) : 1;
      before = now;
    }
    // A loop that only spins would neither take sent frames back nor hear that the device is gone.
    if (quiet) this.#upkeep();
    return true;
  }

  /** Blocks until a packet comes, for `waitMs` at most, or hardly at all while something is still to be sent. */
  #sleep(): void {
    const io = this.#io;
    const left = io.flush();
    const events = io.kernel.wait(io.fd, POLLIN, left > 0 ? 1 : this.#waitMs, -1);
    if (events < 0) throw new XdpSystemError({ step: "wait", syscall: "poll", errno: events });
    if (events === 0) checkDevice(io);
  }

  #upkeep(): void {
    this.#io.flush();
    checkDevice(this.#io);
  }
}
