import { ERRNO, XDP_USE_SG, XdpSystemError, XSK_TX_METADATA_SIZE } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { inside } from "../pair.js";
import { bindFlags, bindXsk } from "../socket/bind.js";
import { PacketMemory } from "../socket/packet-memory.js";

/** Whether a socket can be bound for packets of several buffers (XDP_USE_SG). */
export function probeMultiBuffer(bench: Bench): boolean {
  const { b } = bench.pair;
  const xsk = bench.unbound(b, { memory: bench.memory(b), rx: 64 });
  return accepted([ERRNO.EINVAL, ERRNO.EOPNOTSUPP], () =>
    bindXsk(xsk, bindFlags(bench.mode, bench.mtu) | XDP_USE_SG),
  );
}

/** Whether a UMEM can be registered with room for TX metadata. */
export function probeTxMetadata(bench: Bench): boolean {
  const { a } = bench.pair;
  const memory = new PacketMemory(a.kernel, { frames: 16, metadata: XSK_TX_METADATA_SIZE });
  const socket = inside(a, () => a.kernel.socket());
  bench.defer(() => a.kernel.close(socket));
  return accepted([ERRNO.EINVAL], () => memory.register(socket));
}

/** Whether a bind to a queue above 16 bits takes another queue, instead of failing. */
export function probeWideQueue(bench: Bench): boolean {
  const { b } = bench.pair;
  const xsk = bench.unbound(b, { memory: bench.memory(b), rx: 64, queue: 65_536 });
  return accepted([ERRNO.EINVAL], () => bindXsk(xsk, bindFlags(bench.mode, bench.mtu)));
}

/** Whether a call succeeds; throws when it fails otherwise than with these errors. */
function accepted(refusals: readonly number[], call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof XdpSystemError && refusals.includes(error.errno)) return false;
    throw error;
  }
}
