import { XDP_PKT_CONTD } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { completed, put } from "../traffic/raw.js";
import { kickOnce } from "../traffic/sender.js";
import { until } from "../traffic/until.js";

/** Enough for a header in the first, and so few that the longest packet is short of any MTU. */
const PIECE = 16;
/** More than any kernel can be built with (CONFIG_MAX_SKB_FRAGS: 17 to 45). */
const TOO_MANY = 64;

/**
 * Finds the most descriptors that a packet can be sent of. In copy mode by sending packets and looking which were
 * counted as invalid; in zero copy the devices say.
 */
export function findMaxTxDescriptors(bench: Bench): number {
  const { a, b } = bench.pair;
  if (bench.mode === "ZC") {
    return Math.min(...[a, b].map((end) => bench.features(end).zeroCopyMaxSegments));
  }
  const xsk = bench.socket(a, { memory: bench.memory(a), tx: 256 });
  bench.program(a);
  const countInvalid = (): number => a.kernel.statistics(xsk.fd).txInvalidDescs;
  const isSent = (count: number): boolean => {
    const before = countInvalid();
    put(
      xsk,
      Array.from({ length: count }, (_, i) => ({
        address: i * xsk.memory.frameSize,
        length: PIECE,
        options: i < count - 1 ? XDP_PKT_CONTD : 0,
      })),
    );
    until(
      a.kernel,
      () => xsk.tx.consumed(),
      () => {
        const pending = xsk.tx.pending();
        kickOnce(xsk);
        return completed(xsk).length > 0 || xsk.tx.pending() < pending;
      },
      () => `${xsk.tx.pending()} descriptors not consumed`,
    );
    return countInvalid() === before;
  };
  let sent = 1;
  let refused = TOO_MANY;
  while (refused - sent > 1) {
    const tried = (sent + refused) >> 1;
    if (isSent(tried)) sent = tried;
    else refused = tried;
  }
  return sent;
}
