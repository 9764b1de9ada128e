import { ERRNO, errnoName, XDP_COPY, XDP_USE_NEED_WAKEUP } from "@afxdp/core";
import { type Bench, RING } from "../bench.js";
import { errnoOf, expectEqual } from "../outcome.js";
import { bindFlags, bindOnce, bindXsk } from "../socket/bind.js";
import type { Case } from "./case.js";

/** In copy mode nobody looks at the tx ring unasked, and nobody has to be told of the fill ring. */
function runNeedWakeup(bench: Bench): void {
  const { b } = bench.pair;
  for (const flags of [XDP_COPY | XDP_USE_NEED_WAKEUP, XDP_COPY]) {
    bench.nested((own) => {
      const xsk = own.socket(b, { memory: own.memory(b), rx: RING, tx: RING, flags });
      const bound = flags === XDP_COPY ? "without the flag" : "with the flag";
      expectEqual(`the tx ring's need-wakeup ${bound}`, xsk.tx.needsWakeup(), true);
      expectEqual(`the fill ring's need-wakeup ${bound}`, xsk.pool.fill.needsWakeup(), false);
    });
  }
}

/** The first queue id that does not fit into the 16 bits in which the kernel keeps it. */
const WIDE = 65_536;

function runWideQueue(bench: Bench): void {
  const { b } = bench.pair;
  const flags = bindFlags(bench.mode, bench.mtu);
  const wide = bench.unbound(b, { memory: bench.memory(b), rx: RING, queue: WIDE });
  const error = errnoOf(() => bindXsk(wide, flags));
  if (!bench.profile.wideQueueTruncated) {
    expectEqual("a bind to queue 65536", errnoName(error), errnoName(ERRNO.EINVAL));
    return;
  }
  expectEqual("the errno of a bind to queue 65536", error, 0);
  const other = bench.unbound(b, { memory: bench.memory(b), rx: RING });
  const next = errnoOf(() => bindOnce(other, flags, 0));
  expectEqual("a bind to queue 0 after that", errnoName(next), errnoName(ERRNO.EBUSY));
}

/** What a socket is bound with. */
export const BINDING: readonly Case[] = [
  {
    name: "NEED_WAKEUP_COPY",
    about: "In copy mode the tx ring always asks for a wake-up and the fill ring never does.",
    only: { modes: ["SKB", "DRV"], reason: "a driver sets the flags when it likes" },
    run: runNeedWakeup,
  },
  {
    name: "QUEUE_ID_16_BIT",
    about: "A bind to queue 65536 takes queue 0, or is refused, as the profile says.",
    run: runWideQueue,
  },
];
