import { ERRNO, errnoName, XSK_TX_BATCH } from "@afxdp/core";
import { expectEqual } from "../outcome.js";
import type { Xsk } from "../socket/xsk.js";
import { kickOnce } from "../traffic/sender.js";
import type { Case } from "./case.js";
import { runTraffic } from "./link.js";

/** Why the cases of the budget are not for zero copy. */
export const COPY_ONLY = {
  modes: ["SKB", "DRV"],
  reason: "the driver sends, and not the system call",
} as const;

/** One call of `sendto` that has to take exactly `budget` of the more descriptors that are pending. */
export function kickWithBudget(budget: number): (xsk: Xsk) => number {
  return (xsk) => {
    const before = xsk.tx.pending();
    const result = kickOnce(xsk);
    if (before > budget) {
      expectEqual("descriptors that one sendto took", before - xsk.tx.pending(), budget);
      expectEqual("what sendto said", errnoName(result), errnoName(ERRNO.EAGAIN));
    }
    return result;
  };
}

/** How much one system call sends. */
export const TX_BUDGET: readonly Case[] = [
  {
    number: 35,
    name: "TX_QUEUE_CONSUMER",
    about: "Of 33 descriptors one sendto takes exactly 32.",
    only: COPY_ONLY,
    run(bench) {
      const count = XSK_TX_BATCH + 1;
      runTraffic(bench, {
        count,
        sending: { batch: count, kick: kickWithBudget(XSK_TX_BATCH) },
      });
    },
  },
];
