/**
 * The table of set-up steps: the one legal order in which a socket comes to be, and what undoes each step.
 * The builder, the driver, the fault tests and the diagram are driven by it.
 */
export const STEPS = [
  {
    name: "socket",
    does: "open an AF_XDP socket",
    syscalls: ["socket"],
    optional: false,
    undo: "close the socket",
  },
  {
    name: "umem",
    does: "register the arena's frames as UMEM, with memory of its own under them if it was asked for",
    syscalls: ["setsockopt(XDP_UMEM_REG)"],
    optional: false,
    undo: "take the memory away that was mapped for it",
  },
  {
    name: "shareUmem",
    does: "use the UMEM of a socket on another queue or interface, instead of one of its own",
    syscalls: [],
    optional: false,
    undo: null,
  },
  {
    name: "shareQueue",
    does: "use the UMEM, fill and completion ring of a socket on the same queue",
    syscalls: [],
    optional: false,
    undo: null,
  },
  {
    name: "fill",
    does: "size the fill ring",
    syscalls: ["setsockopt(XDP_UMEM_FILL_RING)"],
    optional: false,
    undo: null,
  },
  {
    name: "completion",
    does: "size the completion ring",
    syscalls: ["setsockopt(XDP_UMEM_COMPLETION_RING)"],
    optional: false,
    undo: null,
  },
  {
    name: "rx",
    does: "size the rx ring",
    syscalls: ["setsockopt(XDP_RX_RING)"],
    optional: true,
    undo: null,
  },
  {
    name: "tx",
    does: "size the tx ring",
    syscalls: ["setsockopt(XDP_TX_RING)"],
    optional: true,
    undo: null,
  },
  {
    name: "budget",
    does: "set how many descriptors a kick sends in copy mode",
    syscalls: ["setsockopt(XDP_MAX_TX_SKB_BUDGET)"],
    optional: true,
    undo: null,
  },
  {
    name: "map",
    does: "map the rings into the arena",
    syscalls: ["getsockopt(XDP_MMAP_OFFSETS)", "mmap"],
    optional: false,
    undo: "map zero pages over the rings",
  },
  {
    name: "prefill",
    does: "give the kernel frames to receive into",
    syscalls: [],
    optional: false,
    undo: "drain the rings, so that the frames can be counted",
  },
  {
    name: "bind",
    does: "bind to a queue of an interface",
    syscalls: ["bind"],
    optional: false,
    undo: null,
  },
  {
    name: "mode",
    does: "read back the mode the kernel chose",
    syscalls: ["getsockopt(XDP_OPTIONS)"],
    optional: false,
    undo: null,
  },
  {
    name: "busyPoll",
    does: "have the socket's calls poll the card",
    syscalls: [
      "setsockopt(SO_PREFER_BUSY_POLL)",
      "setsockopt(SO_BUSY_POLL)",
      "setsockopt(SO_BUSY_POLL_BUDGET)",
    ],
    optional: true,
    undo: "restore the interface's NAPI settings, if they were changed",
  },
  {
    name: "promiscuous",
    does: "have the card pass on packets for every address",
    syscalls: ["setsockopt(PACKET_ADD_MEMBERSHIP)"],
    optional: true,
    undo: "leave promiscuous mode",
  },
  {
    name: "program",
    does: "load the XDP program and its rules",
    syscalls: ["bpf(BPF_PROG_LOAD)", "bpf(BPF_MAP_CREATE)", "bpf(BPF_MAP_UPDATE_ELEM)"],
    optional: true,
    undo: "unload the program",
  },
  {
    name: "xskmap",
    does: "enter the socket in the XSKMAP",
    syscalls: ["bpf(BPF_MAP_UPDATE_ELEM)"],
    optional: true,
    undo: "leave the XSKMAP",
  },
  {
    name: "attach",
    does: "attach the program to the interface",
    syscalls: ["bpf(BPF_LINK_CREATE)"],
    optional: true,
    undo: "detach the program",
  },
] as const;

/** One row of the table. */
export interface Step {
  readonly name: string;
  /** What the step does, as a phrase. */
  readonly does: string;
  readonly syscalls: readonly string[];
  /** Whether a socket can do without; of rx and tx one is needed all the same. */
  readonly optional: boolean;
  /** What undoes it, as a phrase; null where closing the socket does. */
  readonly undo: string | null;
}

/** The name of a set-up step. */
export type StepName = (typeof STEPS)[number]["name"];

/** The steps' names in their order. */
export const STEP_NAMES: readonly StepName[] = STEPS.map((step) => step.name);

/** Steps that need another to have been taken before. */
const NEEDS: Partial<Record<StepName, StepName>> = {
  budget: "tx",
  xskmap: "program",
  attach: "xskmap",
};

/** Where the frames come from: one of these is taken, and the others are not. */
const UMEM_STEPS: readonly StepName[] = ["umem", "shareUmem", "shareQueue"];

/** What belongs to the queue, and so to the socket that is there already. */
const QUEUE_STEPS: readonly StepName[] = ["fill", "completion"];

/**
 * The steps that may come next when `done` have been taken, in the table's order. A step is legal when no later
 * one has been taken, every earlier one that is not optional has, and its own requirement is met: one of `umem`,
 * `shareUmem` and `shareQueue` is taken, after the last neither `fill` nor `completion`; `map` needs rx or tx,
 * `budget` needs tx, `xskmap` needs `program`, `attach` needs `xskmap`.
 */
export function legalSteps(done: ReadonlySet<StepName>): StepName[] {
  const last = STEPS.findLastIndex((step) => done.has(step.name));
  const hasUmem = UMEM_STEPS.some((step) => done.has(step));
  const excluded = (step: StepName): boolean =>
    (hasUmem && UMEM_STEPS.includes(step)) ||
    (done.has("shareQueue") && QUEUE_STEPS.includes(step));
  const legal: StepName[] = [];
  for (const { name, optional } of STEPS.slice(last + 1)) {
    if (excluded(name)) continue;
    const before = NEEDS[name];
    const allowed =
      name === "map" ? done.has("rx") || done.has("tx") : before === undefined || done.has(before);
    if (allowed) legal.push(name);
    if (!optional && name !== "umem" && name !== "shareUmem") break;
  }
  return legal;
}
