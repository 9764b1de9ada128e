import { XDP_PKT_CONTD } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { setAddress } from "../socket/pool.js";
import type { Xsk } from "../socket/xsk.js";
import { readAddress } from "../traffic/completions.js";
import { kickOnce } from "../traffic/sender.js";
import { until } from "../traffic/until.js";
import type { Profile } from "./profile.js";

/** What becomes of invalid descriptors. */
export type InvalidTx = Pick<
  Profile,
  "invalidTxCompleted" | "voidedTxCompleted" | "brokenTxDrained" | "oddCompletionsRounded"
>;

const LENGTH = 64;
const TOO_LONG = 9001;
/** Where the packet lies whose completion says that all before it has been decided; as sent, and rounded. */
const MARK = 0x5001;
const MARK_ROUNDED = 0x5000;

/** Sends invalid descriptors, alone and within a packet, and looks what comes back. */
export function probeInvalidTx(bench: Bench): InvalidTx {
  const { a } = bench.pair;
  const xsk = bench.socket(a, { memory: bench.memory(a), tx: 64 });
  bench.program(a);
  const entries: readonly (readonly [address: number, length: number, options: number])[] = [
    [0x1000, TOO_LONG, 0],
    [0x2000, LENGTH, XDP_PKT_CONTD],
    [0x3000, TOO_LONG, XDP_PKT_CONTD],
    [0x4000, LENGTH, 0],
    [MARK, LENGTH, 0],
  ];
  xsk.tx.reserve(entries.length);
  for (const [i, [address, length, options]] of entries.entries()) {
    xsk.tx.set(i, 0, length, options);
    setAddress(xsk.tx, i, address);
  }
  xsk.tx.submit(entries.length);
  const completed = collectTo(xsk, [MARK, MARK_ROUNDED]);
  // The first, the one within a packet and the part before it; the part behind it only when it belongs to them.
  const { txInvalidDescs } = a.kernel.statistics(xsk.fd);
  return {
    invalidTxCompleted: completed.has(0x1000),
    voidedTxCompleted: completed.has(0x2000),
    brokenTxDrained: txInvalidDescs === 4,
    oddCompletionsRounded: completed.has(MARK_ROUNDED),
  };
}

/** Kicks until one of the addresses was completed; returns all that were by then. */
function collectTo(xsk: Xsk, marks: readonly number[]): Set<number> {
  const { ring } = xsk.pool.completions;
  const seen = new Set<number>();
  until(
    xsk.end.kernel,
    () => marks.some((mark) => seen.has(mark)),
    () => {
      if (!xsk.tx.consumed()) kickOnce(xsk);
      const count = ring.peek(ring.size);
      for (let i = 0; i < count; i++) seen.add(readAddress(ring, i));
      ring.release(count);
      return count > 0;
    },
    () => `${seen.size} completions, ${xsk.tx.pending()} descriptors not consumed`,
  );
  return seen;
}
