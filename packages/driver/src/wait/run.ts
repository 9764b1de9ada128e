import { setImmediate as turn } from "node:timers/promises";
import { POLLIN, throwIfAborted, XdpSystemError } from "@afxdp/core";
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
const LOOKS = 32;

/** The busy loop of a socket: see `XdpSocket.run`. */
export async function run(
  io: SocketIo,
  size: number,
  handler: BatchHandler,
  options: RunOptions,
): Promise<void> {
  const { signal, spin = 1000, waitMs = 10 } = options;
  checkCount("spin", spin, 0x7fff_ffff);
  checkCount("waitMs", waitMs, 100);
  const batch = new RxBatch(io, batchSize(options.batch, size));
  for (;;) {
    throwIfAborted(signal);
    const slice = performance.now() + SLICE_MS;
    let idle = 0;
    do {
      for (let look = 0; look < LOOKS; look++) {
        const handled = handleBatch(io, batch, handler);
        if (handled === STOP) return;
        idle = handled === 0 ? idle + 1 : 0;
      }
      if (idle > spin && waitMs > 0) {
        sleep(io, waitMs);
        break;
      }
    } while (performance.now() < slice);
    await turn();
  }
}

/** Blocks until a packet comes, for `waitMs` at most, or hardly at all while something is still to be sent. */
function sleep(io: SocketIo, waitMs: number): void {
  const left = io.umem.transmitCount > 0 ? io.flush() : 0;
  const events = io.kernel.wait(io.fd, POLLIN, left > 0 ? Math.min(1, waitMs) : waitMs, -1);
  if (events < 0) throw new XdpSystemError({ step: "wait", syscall: "poll", errno: events });
  if (events === 0) checkDevice(io);
}
