import type { ErrorCode } from "@afxdp/core";
import type { Kernel, Socket } from "afxdp";
import { afxdp, redirect } from "afxdp";

/** The builder as plain JavaScript has it: any call at any time. */
export interface AnyStage {
  [verb: string]: (...args: unknown[]) => AnyStage;
}

/** What a row finds there. */
export interface BuilderBench {
  readonly kernel: Kernel;
  readonly device: string;
  /** An open socket on queue 95. */
  readonly owner: Socket;
  /** A queue that nobody has had yet. */
  readonly queue: () => number;
  /** From here on calls count. */
  readonly now: () => void;
  /** Closes a socket after the row. */
  readonly later: (socket: unknown) => void;
}

/** How a row of the driver's tables is said to the builder, and what the builder says; or why it cannot be said. */
export type Saying =
  | { readonly say: (bench: BuilderBench) => unknown; readonly code: ErrorCode }
  | { readonly cannot: string };

const frames = { frameCount: 64 };
const begin = ({ device, kernel }: BuilderBench, queue = 0): AnyStage =>
  afxdp(device, { kernel, queue }) as unknown as AnyStage;
const umem =
  (options: object) =>
  (bench: BuilderBench): unknown =>
    begin(bench).umem?.(options);
const after =
  (calls: readonly (readonly [string, ...unknown[]])[], queue?: number) =>
  (bench: BuilderBench): unknown =>
    calls.reduce<AnyStage>(
      (stage, [verb, ...args]) => (stage[verb] as AnyStage[string])(...args),
      begin(bench, queue),
    );
const SIZED = [
  ["umem", frames],
  ["fill", 16],
  ["completion", 16],
] as const;
const READY = [...SIZED, ["rx", 16], ["program", redirect.all()]] as const;
/** The builder learns the size of a page when it opens. */
const opened = (options: object) =>
  after([["umem", options], ["fill", 8], ["completion", 8], ["tx", 8], ["open"]]);
const sharing =
  (verb: "shareUmem" | "shareQueue", what: (bench: BuilderBench) => unknown, queue: number) =>
  (bench: BuilderBench): unknown =>
    begin(bench, queue)[verb]?.(what(bench));
const flagged = (options: object): Saying => ({
  say: ({ device, kernel, owner }) => {
    const sharing = afxdp(device, { kernel, queue: 95 }).shareQueue(owner);
    const ready = sharing.tx(16) as unknown as AnyStage;
    return ready.open?.(options);
  },
  code: "ERR_XDP_CONFLICT",
});
const map = "the builder has no call that maps: open does, when all rings are sized";

/** By the `what` of the driver's rows. */
export const SAYINGS: Readonly<Record<string, Saying>> = {
  "a chunk below 2048": {
    say: umem({ frameCount: 8, frameSize: 1024 }),
    code: "ERR_XDP_CHUNK_SIZE",
  },
  "a chunk above the page size": {
    say: opened({ frameCount: 8, frameSize: 8192 }),
    code: "ERR_XDP_CHUNK_SIZE",
  },
  "an aligned chunk that is no power of two": {
    say: umem({ frameCount: 8, frameSize: 3000 }),
    code: "ERR_XDP_CHUNK_SIZE",
  },
  "an unaligned chunk above the page size": {
    say: opened({ frameCount: 8, frameSize: 4097, unaligned: true }),
    code: "ERR_XDP_CHUNK_SIZE",
  },
  "no frames": { say: umem({ frameCount: 0 }), code: "ERR_XDP_UMEM_SIZE" },
  "part of a frame": { say: umem({ frameCount: 2.5 }), code: "ERR_XDP_UMEM_SIZE" },
  "an unknown UMEM flag": { say: umem({ frameCount: 8, flags: 8 }), code: "ERR_XDP_ARGUMENT" },
  "TX metadata of 256 bytes": {
    say: umem({ frameCount: 8, txMetadata: { length: 256 } }),
    code: "ERR_XDP_TX_METADATA",
  },
  "TX metadata that is no multiple of 8": {
    say: umem({ frameCount: 8, txMetadata: { length: 28 } }),
    code: "ERR_XDP_TX_METADATA",
  },
  "headroom that leaves no room": {
    say: umem({ frameCount: 8, headroom: 1792 }),
    code: "ERR_XDP_HEADROOM",
  },
  "frames that begin within a page": {
    say: umem({ frameCount: 8, placement: { slack: 4096, offsetIn: () => 64 } }),
    code: "ERR_XDP_ARGUMENT",
  },
  "a second UMEM": {
    say: after([
      ["umem", frames],
      ["umem", frames],
    ]),
    code: "ERR_XDP_STATE",
  },
  "a ring of no entries": { say: after([...SIZED, ["rx", 0]]), code: "ERR_XDP_RING_SIZE" },
  "a ring of 3 entries": { say: after([...SIZED, ["rx", 3]]), code: "ERR_XDP_RING_SIZE" },
  "a ring of 2^31 entries": { say: after([...SIZED, ["rx", 2 ** 31]]), code: "ERR_XDP_RING_SIZE" },
  "a ring twice": { say: after([...SIZED, ["rx", 16], ["rx", 16]]), code: "ERR_XDP_STATE" },
  "a ring of a bound socket": { say: after([...READY, ["tx", 16]]), code: "ERR_XDP_STATE" },
  "a budget without a tx ring": {
    say: after([...SIZED, ["rx", 64, { budget: 32 }]]),
    code: "ERR_XDP_ARGUMENT",
  },
  "a budget below 32": {
    say: after([...SIZED, ["tx", 64, { budget: 31 }]]),
    code: "ERR_XDP_ARGUMENT",
  },
  "a budget above the tx ring": {
    say: after([...SIZED, ["tx", 64, { budget: 65 }]]),
    code: "ERR_XDP_ARGUMENT",
  },
  "mapping rings that are not there": { cannot: map },
  "mapping more than a ring has: the set-up is never told a length": { cannot: map },
  "copy and zero copy at once": {
    say: after([...READY, ["open", { zeroCopy: ["never", "require"] }]]),
    code: "ERR_XDP_ARGUMENT",
  },
  "an unknown bind flag": {
    say: after([...READY, ["open", { flags: 32 }]]),
    code: "ERR_XDP_ARGUMENT",
  },
  "an interface that is not there": {
    say: ({ kernel }) => afxdp("no/such", { kernel }),
    code: "ERR_XDP_NO_DEVICE",
  },
  "a queue above 16 bits, which the kernel takes for queue 0": {
    say: (bench) => begin(bench, 65536),
    code: "ERR_XDP_QUEUE_ID",
  },
  "neither an rx nor a tx ring": { say: after([...SIZED, ["open"]]), code: "ERR_XDP_STATE" },
  "no UMEM": { say: after([["rx", 16]]), code: "ERR_XDP_STATE" },
  "no fill ring": {
    say: after([
      ["umem", frames],
      ["completion", 16],
    ]),
    code: "ERR_XDP_STATE",
  },
  "no completion ring": {
    say: after([
      ["umem", frames],
      ["fill", 16],
      ["rx", 16],
    ]),
    code: "ERR_XDP_STATE",
  },
  "binding twice": {
    say: async (bench) => {
      const ready = after([...SIZED, ["tx", 16]], bench.queue())(bench) as AnyStage;
      bench.later(await ready.open?.());
      bench.now();
      return ready.open?.();
    },
    code: "ERR_XDP_STATE",
  },
  "sharing with XDP_COPY": flagged({ zeroCopy: "never" }),
  "sharing with XDP_ZEROCOPY": flagged({ zeroCopy: "require" }),
  "sharing with XDP_USE_NEED_WAKEUP": flagged({ needWakeup: true }),
  "sharing with XDP_USE_SG": flagged({ multiBuffer: true }),
  "sharing with a UMEM of one's own": {
    say: (bench) =>
      after([
        ["umem", frames],
        ["shareUmem", bench.owner],
      ])(bench),
    code: "ERR_XDP_STATE",
  },
  "sharing with what is no socket": {
    say: sharing("shareUmem", () => ({}), 1),
    code: "ERR_XDP_ARGUMENT",
  },
  "sharing with a socket that is not bound": {
    say: sharing("shareUmem", after([...SIZED, ["tx", 16]]), 1),
    code: "ERR_XDP_ARGUMENT",
  },
  "sharing a queue with rings of one's own": {
    say: (bench) => begin(bench, 95).shareQueue?.(bench.owner).fill?.(16),
    code: "ERR_XDP_STATE",
  },
  "sharing across queues without rings of one's own": {
    say: sharing("shareQueue", ({ owner }) => owner, 1),
    code: "ERR_XDP_CONFLICT",
  },
  "sharing on a queue that another socket of the UMEM has": {
    say: async (bench) => {
      const queue = bench.queue();
      const own = [["fill", 16], ["completion", 16], ["tx", 16], ["open"]] as const;
      const opening = after([["shareUmem", bench.owner], ...own], queue)(bench);
      bench.later(await (opening as Promise<unknown>));
      bench.now();
      return begin(bench, queue).shareUmem?.(bench.owner);
    },
    code: "ERR_XDP_CONFLICT",
  },
};
