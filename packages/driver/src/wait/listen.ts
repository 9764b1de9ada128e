import { checkOptions, checkSignal, throwIfAborted } from "@afxdp/core";
import type { SocketIo } from "../io/socket-io.js";
import { handleBatch, STOP } from "./handle-batch.js";
import { watchReadable } from "./readable.js";
import {
  type BatchHandler,
  batchSize,
  checkHandler,
  RECEIVE_OPTIONS,
  type ReceiveOptions,
} from "./receive-options.js";

/** Batches handled in one turn of the event loop before others get theirs. */
const ROUNDS = 8;

/** The event-loop way to receive: see `XdpSocket.listen`. */
export async function listen(
  io: SocketIo,
  size: number,
  handler: BatchHandler,
  options: ReceiveOptions,
): Promise<void> {
  checkHandler(handler);
  checkOptions("listen", options, RECEIVE_OPTIONS);
  const { signal } = options;
  checkSignal(signal);
  throwIfAborted(signal);
  const batch = io.createBatch(batchSize(options.batch, size));
  const { over } = watchReadable(io, { signal }, (isOver) => {
    for (let round = 0; round < ROUNDS && !isOver(); round++) {
      const handled = handleBatch(io, batch, handler);
      if (handled === STOP) return !io.closing;
      if (handled < batch.capacity) return false;
    }
    return false;
  });
  await over;
}
