import { type InterfaceFeatures, isXdpError, MAX_SKB_FRAGS } from "@afxdp/core";
import { SegmentedIo } from "../io/segmented-io.js";
import type { SocketIo } from "../io/socket-io.js";
import { txCapabilitiesOf } from "../io/tx-metadata.js";
import type { UmemMode } from "./share.js";
import type { Target } from "./target.js";

/** A socket's I/O. Step `prefill` makes one, step `mode` may put another in its place. */
export interface IoSlot {
  io: SocketIo;
}

/**
 * Puts the I/O in its place that fits what was negotiated: one for packets of several frames where the socket takes
 * them, with what card and kernel make of TX metadata. Nothing has been moved but frames into the fill ring, which
 * belong to the queue.
 */
export function fitIo(slot: IoSlot, target: Target, mode: UmemMode): void {
  const { zeroCopy, multiBuffer } = mode;
  const before = slot.io;
  const { kernel, fd, queue, rx, tx } = before;
  const wantsMetadata = before.umem.geometry.txMetadataLength > 0;
  if (!multiBuffer && !wantsMetadata) return;
  const features = featuresOf(before, target);
  if (multiBuffer) {
    // In zero copy the driver says how many; a kernel that has multi-buffer tells (Linux 6.6).
    const own = features?.zeroCopyMaxSegments ?? 0;
    const most = zeroCopy && own > 0 ? own : MAX_SKB_FRAGS + 1;
    slot.io = new SegmentedIo(kernel, fd, queue, { rx, tx }, most);
    queue.leave(rx !== undefined);
  }
  const { flags } = before.umem.geometry;
  slot.io.txCapabilities = txCapabilitiesOf(zeroCopy, features?.xsk ?? 0, flags);
}

function featuresOf({ kernel }: SocketIo, target: Target): InterfaceFeatures | undefined {
  try {
    return kernel.interfaceFeatures(target.interfaceIndex);
  } catch (error) {
    if (isXdpError(error) && error.code === "ERR_XDP_FEATURE") return undefined;
    throw error;
  }
}
