import { ERRNO, XdpSystemError } from "@afxdp/core";
import type { SocketIo } from "../io/socket-io.js";

/** How long anything waits before it asks for the device again, in milliseconds. */
export const CHECK_MS = 100;

/**
 * Asks whether the device is still there. Neither poll nor epoll ever tells that it was removed or moved away, so
 * every wait asks from time to time. A link that is down is no error: it may come up again.
 *
 * @throws XdpSystemError ERR_XDP_DEVICE_GONE
 */
export function checkDevice(io: SocketIo): void {
  const sendsOnly = io.rx === undefined;
  const errno = sendsOnly ? io.kernel.kickTx(io.fd, 1) : io.kernel.kickRx(io.fd);
  if (errno === -ERRNO.ENXIO) {
    throw new XdpSystemError({ step: "wait", syscall: sendsOnly ? "sendto" : "recvfrom", errno });
  }
}
