import { isXdpError, XDP_USE_NEED_WAKEUP, XDP_ZEROCOPY, XdpSystemError } from "@afxdp/core";
import type { End } from "../pair.js";
import { bindXsk } from "../socket/bind.js";
import { PacketMemory } from "../socket/packet-memory.js";
import { Xsk } from "../socket/xsk.js";

/** Tries to bind in zero copy; returns nothing when that works, and otherwise why not. */
export function missingZeroCopy(end: End): string | undefined {
  const memory = new PacketMemory(end.kernel, {});
  const xsk = new Xsk({ end, queue: 0, memory, rx: 64, tx: 64, fill: 64, completion: 64 });
  try {
    bindXsk(xsk, XDP_ZEROCOPY | XDP_USE_NEED_WAKEUP);
    return undefined;
  } catch (error) {
    if (!(isXdpError(error) && error instanceof XdpSystemError)) throw error;
    return `${end.interfaceName} has no zero copy (bind: ${error.errnoName})`;
  } finally {
    xsk.close();
    memory.close();
  }
}
