import { isXdpError, XdpError } from "@afxdp/core";
import type { RxBatch } from "../io/rx-batch.js";
import type { SocketIo } from "../io/socket-io.js";
import type { BatchHandler } from "./receive-options.js";

/** What `handleBatch` says when the handler wants no more, or closed the socket. */
export const STOP = -1;

/**
 * One batch without waiting: receives, calls the handler, settles. Returns the packets handled, 0 when there were
 * none, or STOP. When the handler throws, the batch is settled all the same, and the handler's error wins.
 */
export function handleBatch(io: SocketIo, batch: RxBatch, handler: BatchHandler): number {
  if (io.closing) return STOP;
  const count = io.receive(batch, batch.capacity);
  if (count === 0) return 0;
  let answer: unknown;
  try {
    answer = handler(batch);
  } catch (error) {
    settleAfter(error, io, batch);
    throw error;
  }
  io.settle(batch);
  if (answer === undefined || answer === true) return count;
  if (answer === false) return STOP;
  throw notSynchronous(answer);
}

function settleAfter(error: unknown, io: SocketIo, batch: RxBatch): void {
  try {
    io.settle(batch);
  } catch (met) {
    if (isXdpError(error)) error.suppressed.push(met);
  }
}

function notSynchronous(answer: unknown): XdpError {
  // What a promise comes to is not waited for: it must not be reported as nobody's, beside this error.
  if (answer instanceof Promise) answer.catch(() => undefined);
  return new XdpError(
    "ERR_XDP_ARGUMENT",
    "The handler returned neither undefined nor a boolean: its frames are lent only until it returns.",
    {
      hint: "Make it synchronous; to await something per batch, use `for await (const batch of socket.batches())`.",
    },
  );
}
