import { after, type Row, SIZED } from "./bench.js";

const ring = (what: string, entries: number, errno: string): Row => ({
  what: `a ring of ${what}`,
  attempt: after(SIZED, "rx", entries),
  code: "ERR_XDP_RING_SIZE",
  raw: ({ raw }) => raw().size("rx", entries),
  errno,
});

/** Sizes and mappings of rings. */
export const RING_ROWS: Row[] = [
  ring("no entries", 0, "EINVAL"),
  ring("3 entries", 3, "EINVAL"),
  ring("2^31 entries", 2 ** 31, "ENOMEM"),
  {
    what: "a ring twice",
    attempt: after([...SIZED, ["rx", 16]], "rx", 16),
    code: "ERR_XDP_STATE",
    raw: ({ raw }) => raw().ring("rx", "rx"),
    errno: "EINVAL",
  },
  {
    what: "a ring of a bound socket",
    attempt: after([...SIZED, ["rx", 16], ["map"], ["prefill"]], "tx", 16),
    code: "ERR_XDP_STATE",
    raw: ({ raw, queue }) =>
      raw().umem().ring("fill", "completion", "rx").bind({ queueId: queue() }).ring("tx"),
    errno: "EBUSY",
  },
  {
    what: "a budget without a tx ring",
    attempt: after([...SIZED, ["rx", 16]], "budget", 32),
    code: "ERR_XDP_STATE",
    raw: ({ raw }) => raw().budget(32),
    errno: "EACCES",
  },
  {
    what: "a budget below 32",
    attempt: after([...SIZED, ["tx", 64]], "budget", 31),
    code: "ERR_XDP_ARGUMENT",
    raw: ({ raw }) => raw().size("tx", 64).budget(31),
    errno: "EACCES",
  },
  {
    what: "a budget above the tx ring",
    attempt: after([...SIZED, ["tx", 64]], "budget", 65),
    code: "ERR_XDP_ARGUMENT",
    raw: ({ raw }) => raw().size("tx", 64).budget(65),
    errno: "EACCES",
  },
  {
    what: "mapping rings that are not there",
    attempt: after(SIZED, "map"),
    code: "ERR_XDP_STATE",
    raw: ({ raw }) => raw().map("tx"),
    errno: "EINVAL",
  },
  {
    what: "mapping more than a ring has: the set-up is never told a length",
    attempt: after(SIZED, "map", { length: 65536 }),
    code: "ERR_XDP_STATE",
    raw: ({ raw }) => raw().ring("tx").map("tx", 65536),
    errno: "EINVAL",
  },
];
