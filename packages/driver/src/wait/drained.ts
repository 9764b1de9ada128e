import { throwIfAborted } from "@afxdp/core";
import { closedError } from "../io/io-errors.js";
import type { SocketIo } from "../io/socket-io.js";
import { pause } from "../setup/pause.js";
import { checkDevice } from "./device-check.js";
import type { ReadableOptions } from "./readable.js";

/** Waits until no frame is with the kernel for sending: see `XdpSocket.drained`. */
export async function sent(io: SocketIo, options: ReadableOptions): Promise<boolean> {
  const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    throwIfAborted(signal);
    if (io.closing) throw closedError("drained");
    io.flush();
    if (io.umem.transmitCount === 0) return true;
    if (performance.now() >= deadline) return false;
    checkDevice(io);
    await pause(1, signal);
  }
}
