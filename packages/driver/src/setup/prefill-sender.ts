import { isXdpError, NETDEV_XDP_ACT_XSK_ZEROCOPY } from "@afxdp/core";
import type { SocketIo } from "../io/socket-io.js";
import type { Target } from "./target.js";

/**
 * Gives the kernel frames of a socket that only sends, before it is bound in zero copy: drivers take buffers from the
 * fill ring when they switch a queue over, and some stall or leak where there are none. Those frames, half of all at
 * most, are the kernel's until the socket is closed. A driver that says it has no zero copy gets none. When one that
 * has it refuses, the frames stay in the fill ring, counted as `fill`, for a socket that receives on the queue: whether
 * the driver has read them cannot be told, so they cannot be taken back.
 */
export function feedForZeroCopy(io: SocketIo, { interfaceIndex }: Target): void {
  if (io.queue.fillTarget > 0 || !mayHaveZeroCopy(io, interfaceIndex)) return;
  io.queue.feed(Math.floor(io.umem.geometry.frameCount / 2));
  io.refill();
}

/** Gives no more of them, when it came to copy mode on a queue where nobody receives. */
export function stopFeeding({ queue, rx }: SocketIo): void {
  if (rx === undefined && queue.users === 1) queue.feed(0);
}

function mayHaveZeroCopy({ kernel }: SocketIo, interfaceIndex: number): boolean {
  try {
    return (kernel.interfaceFeatures(interfaceIndex).xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY) !== 0;
  } catch (error) {
    // Before Linux 6.3 nobody tells.
    if (isXdpError(error) && error.code === "ERR_XDP_FEATURE") return true;
    throw error;
  }
}
