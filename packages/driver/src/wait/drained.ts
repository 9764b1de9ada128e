import type { SocketIo } from "../io/socket-io.js";
import { pause } from "../setup/pause.js";
import { checkDevice } from "./device-check.js";
import { checkWait, type WaitOptions } from "./readable.js";

/** Waits until no frame is with the kernel for sending: see `XdpSocket.drained`. */
export async function drained(io: SocketIo, options: WaitOptions): Promise<boolean> {
  checkWait("drained", options);
  const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    io.flush();
    if (io.account.transmitCount === 0) return true;
    if (performance.now() >= deadline) return false;
    checkDevice(io);
    await pause(1, signal);
  }
}
