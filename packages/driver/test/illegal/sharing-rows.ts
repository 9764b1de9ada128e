import { XDP_SHARED_UMEM } from "@afxdp/core";
import { prepare } from "../support/open.js";
import { type Anything, after, type Bench, FRAMES, prepared, type Row } from "./bench.js";

/** What the kernel says to a socket with these rings that shares with the owner. */
const sharing =
  (
    rings: readonly ("fill" | "completion" | "rx")[],
    queueId: number | "new",
    flags = XDP_SHARED_UMEM,
  ) =>
  ({ raw, owner, queue }: Bench): void => {
    const id = queueId === "new" ? queue() : queueId;
    raw()
      .ring(...rings)
      .bind({ queueId: id, flags, sharedUmemFd: owner.fd });
  };

const shareWith =
  (step: "shareUmem" | "shareQueue", owner: (bench: Bench) => unknown, own = false) =>
  (bench: Bench) => {
    const needsUmem = bench.begin(own ? 0 : bench.queue()).socket?.() as Anything;
    const given = owner(bench);
    bench.now();
    return needsUmem[step]?.(given);
  };

const modeFlag = (name: string, options: object, flag: number): Row => ({
  what: `sharing with ${name}`,
  attempt: (bench) => {
    const { owner } = bench;
    const needsBind = prepare(owner.kernel, owner.target.interfaceName, { queueOf: owner });
    bench.later(() => needsBind.close());
    bench.now();
    return needsBind.bind(options);
  },
  code: "ERR_XDP_ARGUMENT",
  raw: sharing(["rx"], 0, XDP_SHARED_UMEM | flag),
  errno: "EINVAL",
});

/** Binding to another's UMEM. */
export const SHARING_ROWS: Row[] = [
  modeFlag("XDP_COPY", { zeroCopy: "never" }, 2),
  modeFlag("XDP_ZEROCOPY", { zeroCopy: "require" }, 4),
  modeFlag("XDP_USE_NEED_WAKEUP", { needWakeup: true }, 8),
  modeFlag("XDP_USE_SG", { multiBuffer: true }, 16),
  {
    what: "sharing with a UMEM of one's own",
    attempt: (bench) => after([["socket"], FRAMES], "shareUmem", bench.owner)(bench),
    code: "ERR_XDP_STATE",
    raw: ({ raw, owner, queue }) =>
      raw()
        .umem()
        .ring("fill", "completion", "rx")
        .bind({ queueId: queue(), flags: XDP_SHARED_UMEM, sharedUmemFd: owner.fd }),
    errno: "EINVAL",
  },
  {
    what: "sharing with what is no socket",
    attempt: shareWith("shareUmem", () => ({})),
    code: "ERR_XDP_ARGUMENT",
    raw: ({ raw, queue }) =>
      raw()
        .ring("fill", "completion", "rx")
        .bind({ queueId: queue(), flags: XDP_SHARED_UMEM, sharedUmemFd: 1_000_000 }),
    errno: "ENOTSOCK",
  },
  {
    what: "sharing with a socket that is not bound",
    attempt: shareWith("shareUmem", prepared),
    code: "ERR_XDP_ARGUMENT",
    raw: ({ raw, queue }) => {
      const unbound = raw().umem().ring("fill", "completion", "rx");
      raw()
        .ring("fill", "completion", "rx")
        .bind({ queueId: queue(), flags: XDP_SHARED_UMEM, sharedUmemFd: unbound.fd });
    },
    errno: "EBADF",
  },
  {
    what: "sharing a queue with rings of one's own",
    attempt: shareWith("shareUmem", ({ owner }) => owner, true),
    code: "ERR_XDP_CONFLICT",
    raw: sharing(["fill", "completion", "rx"], 0),
    errno: "EINVAL",
  },
  {
    what: "sharing across queues without rings of one's own",
    attempt: shareWith("shareQueue", ({ owner }) => owner),
    code: "ERR_XDP_CONFLICT",
    raw: sharing(["rx"], "new"),
    errno: "EINVAL",
  },
  {
    what: "sharing on a queue that another socket of the UMEM has",
    attempt: (bench) => {
      const { owner } = bench;
      const queue = bench.queue();
      const first = bench.begin(queue).socket?.() as Anything;
      first.shareUmem?.(owner);
      const needsUmem = bench.begin(queue).socket?.() as Anything;
      bench.now();
      return needsUmem.shareUmem?.(owner);
    },
    code: "ERR_XDP_CONFLICT",
    raw: (bench) => {
      const queue = bench.queue();
      sharing(["fill", "completion", "rx"], queue)(bench);
      sharing(["fill", "completion", "rx"], queue)(bench);
    },
    errno: "EBUSY",
  },
];
