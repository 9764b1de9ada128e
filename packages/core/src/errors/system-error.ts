import { type ErrnoName, errnoName } from "../abi/errno.js";
import type { StepName } from "../order/steps.js";
import type { ErrorCode } from "./catalogue.js";
import { XdpError } from "./xdp-error.js";

/** Where a system call was made: a set-up step, or one of the calls outside of the sequence. */
export type CallSite =
  | StepName
  | "interface"
  | "memory"
  | "pin"
  | "setting"
  | "statistics"
  | "kick"
  | "wait"
  | "detach"
  | "leave"
  | "unmap"
  | "close";

/** What failed, for {@link XdpSystemError}. */
export interface SystemFailure {
  readonly step: CallSite;
  /** The system call, with its option where it has one: `"setsockopt(XDP_UMEM_REG)"`. */
  readonly syscall: string;
  /** The error number, with either sign. */
  readonly errno: number;
  /** What it was given, as a phrase: `"veth0 queue 3"`. */
  readonly given?: string;
  readonly hint?: string;
  /** Overrides the code that step and errno would give. */
  readonly code?: ErrorCode;
}

/** A system call that failed. `code` follows from step and errno; both are kept. */
export class XdpSystemError extends XdpError {
  /** Linux error number, positive. */
  readonly errno: number;
  /** Its name, for instance `"EBUSY"`. */
  readonly errnoName: string;
  readonly syscall: string;
  readonly step: CallSite;

  constructor(failure: SystemFailure) {
    const errno = Math.abs(failure.errno);
    const code = failure.code ?? codeOf(failure.step, errno);
    const given = failure.given === undefined ? "" : ` for ${failure.given}`;
    const hint = failure.hint ?? HINTS[failure.step]?.[errnoName(errno) as ErrnoName];
    super(
      code,
      `${failure.syscall} failed${given}: ${errnoName(errno)} (step ${failure.step}).`,
      hint === undefined ? {} : { hint },
    );
    this.errno = errno;
    this.errnoName = errnoName(errno);
    this.syscall = failure.syscall;
    this.step = failure.step;
  }
}

type Table<T> = Partial<Record<CallSite, Partial<Record<ErrnoName, T>>>>;

/** Codes that a step gives for an errno; what is not here falls through to the general ones below. */
const CODES: Table<ErrorCode> = {
  interface: { ENODEV: "ERR_XDP_NO_DEVICE", ENXIO: "ERR_XDP_NO_DEVICE" },
  setting: { ENODEV: "ERR_XDP_NO_DEVICE" },
  socket: { EAFNOSUPPORT: "ERR_XDP_KERNEL_UNSUPPORTED" },
  umem: { ENOBUFS: "ERR_XDP_MEMLOCK" },
  budget: { ENOPROTOOPT: "ERR_XDP_FEATURE" },
  busyPoll: { ENOPROTOOPT: "ERR_XDP_FEATURE" },
  bind: { EBUSY: "ERR_XDP_QUEUE_BUSY", ENODEV: "ERR_XDP_NO_DEVICE" },
  xskmap: { E2BIG: "ERR_XDP_MAP_FULL" },
  attach: {
    EBUSY: "ERR_XDP_PROGRAM_PRESENT",
    EEXIST: "ERR_XDP_PROGRAM_PRESENT",
    ENODEV: "ERR_XDP_NO_DEVICE",
    EOPNOTSUPP: "ERR_XDP_ATTACH",
    ERANGE: "ERR_XDP_ATTACH",
    EINVAL: "ERR_XDP_ATTACH",
    ENOSPC: "ERR_XDP_ATTACH",
    ENOLINK: "ERR_XDP_DEVICE_GONE",
  },
  detach: {
    EBUSY: "ERR_XDP_PROGRAM_PRESENT",
    EEXIST: "ERR_XDP_PROGRAM_PRESENT",
    ENODEV: "ERR_XDP_NO_DEVICE",
  },
  kick: { ENXIO: "ERR_XDP_DEVICE_GONE" },
  wait: { ENXIO: "ERR_XDP_DEVICE_GONE" },
};

const GENERAL: Partial<Record<ErrnoName, ErrorCode>> = {
  EPERM: "ERR_XDP_PERMISSION",
  EACCES: "ERR_XDP_PERMISSION",
};

const HINTS: Table<string> = {
  socket: { EPERM: "Grant CAP_NET_RAW, or run as root." },
  program: { EPERM: "Grant CAP_BPF and CAP_NET_ADMIN, or run as root." },
  xskmap: { EPERM: "Grant CAP_BPF, or run as root." },
  attach: {
    EPERM: "Grant CAP_NET_ADMIN, or run as root.",
    ERANGE:
      "The MTU is too large for a program of this kind in driver mode: lower it or use 'skb'.",
    ENOSPC:
      "The driver has too few queues: veth wants as many rx queues as its peer has tx queues (`ethtool -L`); or use 'skb'.",
  },
  detach: { EPERM: "Grant CAP_NET_ADMIN, or run as root." },
  pin: {
    EEXIST: "Something is pinned there already: choose another path, or unpin that first.",
    ENOENT: "Make the directory, and mount the file system: `mount -t bpf bpf /sys/fs/bpf`.",
  },
  bind: {
    EOPNOTSUPP:
      "In copy mode a recent kernel refuses txMetadata.softwareChecksum on a device like virtio_net: leave it out.",
    EINVAL: "Check the queue number against `ethtool -l`, and that fill and completion ring exist.",
  },
};

function codeOf(step: CallSite, errno: number): ErrorCode {
  const name = errnoName(errno) as ErrnoName;
  return CODES[step]?.[name] ?? GENERAL[name] ?? "ERR_XDP_SYSCALL";
}
