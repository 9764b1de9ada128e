import { setTimeout as sleep } from "node:timers/promises";
import type { SocketIo } from "../io/socket-io.js";

/** How long closing waits for frames that are being sent, in milliseconds. */
const DRAIN_MS = 100;

/**
 * The last I/O of a socket, when no packet can reach it any more: sends what is staged, takes back what is
 * completed, empties the rx ring, and forbids all further I/O. Frames that the kernel still holds afterwards stay
 * counted as its own. With `now` it does one round without waiting.
 */
export function drain(io: SocketIo, now: boolean): void | Promise<void> {
  io.closing = true;
  if (now || !round(io)) return finish(io);
  return drainSlowly(io);
}

async function drainSlowly(io: SocketIo): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  do await sleep(1);
  while (!io.closed && round(io) && performance.now() < deadline);
  finish(io);
}

/** Whether frames are still under way and may yet come back. */
function round(io: SocketIo): boolean {
  try {
    const { linkDown } = io.counters;
    io.push();
    io.discard();
    // What others send on the same queue is theirs to wait for.
    const sending = io.queue.users > 1 ? (io.tx?.pending() ?? 0) : io.account.transmitCount;
    return sending > 0 && io.counters.linkDown === linkDown;
  } catch {
    // A device that is gone or a corrupt ring gives nothing back; the frames stay counted as the kernel's.
    return false;
  }
}

function finish(io: SocketIo): void {
  if (io.closed) return;
  round(io);
  cutOff(io);
}

/**
 * Forbids all further I/O, without any; also in the midst of a `drain`, which ends with its pause then: when a socket is
 * closed at once, its rings and its descriptor are gone by the time that one goes on.
 */
export function cutOff(io: SocketIo): void {
  if (io.closed) return;
  io.abandon();
  io.closed = true;
  io.queue.leave(io.rx !== undefined);
}
