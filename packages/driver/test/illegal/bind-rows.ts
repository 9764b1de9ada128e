import { beginSetup } from "@afxdp/driver";
import { type Anything, after, FRAMES, prepared, type Row, SIZED } from "./bench.js";

const binding = (what: string, options: object, flags: number): Row => ({
  what,
  attempt: (bench) => {
    const needsBind = prepared(bench);
    bench.now();
    return needsBind.bind?.(options);
  },
  code: "ERR_XDP_ARGUMENT",
  raw: ({ raw, queue }) =>
    raw().umem().ring("fill", "completion", "rx").bind({ queueId: queue(), flags }),
  errno: "EINVAL",
});

/** Binding with a UMEM of its own. */
export const BIND_ROWS: Row[] = [
  binding("copy and zero copy at once", { zeroCopy: ["never", "require"] }, 2 | 4),
  binding("an unknown bind flag", { flags: 32 }, 2 | 32),
  {
    what: "an interface that is not there",
    attempt: ({ owner, now }) => {
      now();
      return beginSetup(owner.kernel, "no/such", 0);
    },
    code: "ERR_XDP_NO_DEVICE",
    raw: ({ raw }) => raw().umem().ring("fill", "completion", "rx").bind({ interfaceIndex: 9999 }),
    errno: "ENODEV",
  },
  {
    what: "a queue above 16 bits, which the kernel takes for queue 0",
    attempt: ({ owner, now }) => {
      now();
      return beginSetup(owner.kernel, owner.target.interfaceName, 65536);
    },
    code: "ERR_XDP_QUEUE_ID",
    // The owner has queue 0.
    raw: ({ raw }) => raw().umem().ring("fill", "completion", "rx").bind({ queueId: 65536 }),
    errno: "EBUSY",
  },
  {
    what: "neither an rx nor a tx ring",
    attempt: after(SIZED, "bind"),
    code: "ERR_XDP_STATE",
    raw: ({ raw, queue }) => raw().umem().ring("fill", "completion").bind({ queueId: queue() }),
    errno: "EINVAL",
  },
  {
    what: "no UMEM",
    attempt: after([["socket"]], "rx", 16),
    code: "ERR_XDP_STATE",
    raw: ({ raw, queue }) => raw().ring("fill", "completion", "rx").bind({ queueId: queue() }),
    errno: "EINVAL",
  },
  {
    what: "no fill ring",
    attempt: after([["socket"], FRAMES], "completion", 16),
    code: "ERR_XDP_STATE",
    raw: ({ raw, queue }) => raw().umem().ring("completion", "rx").bind({ queueId: queue() }),
    errno: "EINVAL",
  },
  {
    what: "no completion ring",
    attempt: after([["socket"], FRAMES, ["fill", 16]], "rx", 16),
    code: "ERR_XDP_STATE",
    raw: ({ raw, queue }) => raw().umem().ring("fill", "rx").bind({ queueId: queue() }),
    errno: "EINVAL",
  },
  {
    what: "binding twice",
    attempt: async (bench) => {
      const bound = (await prepared(bench).bind?.()) as Anything;
      bench.now();
      return bound.bind?.();
    },
    code: "ERR_XDP_STATE",
    raw: ({ raw, queue }) => raw().whole(queue()).bind({ queueId: queue() }),
    errno: "EBUSY",
  },
];
