import { ERRNO, errnoName, XdpFeatureError, XSK_TX_BATCH } from "@afxdp/core";
import { type Bench, RING } from "../bench.js";
import { errnoOf, expectEqual } from "../outcome.js";
import type { Xsk } from "../socket/xsk.js";
import { exchange } from "../traffic/exchange.js";
import { planRx, planTx, SHORT } from "../traffic/packets.js";
import { Receiver } from "../traffic/receiver.js";
import { kickOnce, Sender } from "../traffic/sender.js";
import type { Case } from "./case.js";
import { type Link, openLink } from "./link.js";

const COPY_ONLY = {
  modes: ["SKB", "DRV"],
  reason: "in zero copy the driver sends, and not the system call",
} as const;

/** One call of `sendto`, which takes exactly `budget` descriptors when more are pending. */
function kickWithBudget(budget: number): (xsk: Xsk) => number {
  return (xsk) => {
    const before = xsk.tx.pending();
    const result = kickOnce(xsk);
    if (before > budget) {
      // Where this is 0, the kernel publishes the index only when it looks at the ring again, as it did in 6.12.
      expectEqual(
        "descriptors that one sendto took, by the consumer index",
        before - xsk.tx.pending(),
        budget,
      );
      expectEqual("what sendto said", errnoName(result), errnoName(ERRNO.EAGAIN));
    }
    return result;
  };
}

/** Sends one batch that the budget does not cover. */
function sendBatch(bench: Bench, { sender, receiver }: Link, count: number, budget: number): void {
  const length = (): number => SHORT;
  const { frameSize, frames } = sender.memory;
  const sent = planTx({ count, length, frameSize, frames });
  const options = { batch: count, kick: kickWithBudget(budget) };
  exchange({
    senders: [new Sender(sender, bench.profile, sent, options)],
    receivers: [new Receiver(receiver, planRx({ count, length }))],
  });
}

/** Few more than without the option: a socket's send buffer (SO_SNDBUF) holds some 45 packets of a driver that copies none. */
const BUDGET = 36;

function runOption(bench: Bench): void {
  const link = openLink(bench);
  const { kernel } = bench.pair.a;
  try {
    kernel.setTxBudget(link.sender.fd, BUDGET);
  } catch (error) {
    if (error instanceof XdpFeatureError) bench.skip(error.message);
    throw error;
  }
  const refused = (what: string, fd: number, budget: number): void =>
    expectEqual(
      `setting a budget ${what}`,
      errnoName(errnoOf(() => kernel.setTxBudget(fd, budget))),
      errnoName(ERRNO.EACCES),
    );
  refused("below 32", link.sender.fd, XSK_TX_BATCH - 1);
  refused("above the tx ring's entries", link.sender.fd, RING + 1);
  refused("without a tx ring", link.receiver.fd, BUDGET);
  // One call only: at the next one a card may still be busy with the first, and take less.
  sendBatch(bench, link, BUDGET + 1, BUDGET);
}

/** How much one system call sends. */
export const TX_BUDGET: readonly Case[] = [
  {
    number: 35,
    name: "TX_QUEUE_CONSUMER",
    about: "Of 33 descriptors one sendto takes exactly 32.",
    only: COPY_ONLY,
    run: (bench) => sendBatch(bench, openLink(bench), XSK_TX_BATCH + 1, XSK_TX_BATCH),
  },
  {
    name: "TX_BUDGET_OPTION",
    about:
      "With XDP_MAX_TX_SKB_BUDGET at 36 one sendto takes exactly 36; other numbers are refused.",
    only: COPY_ONLY,
    run: runOption,
  },
];
