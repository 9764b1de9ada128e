import {
  type BindAddress,
  ERRNO,
  type Fd,
  type Feature,
  isXdpError,
  type Kernel,
  type UmemRegistration,
  XDP_COPY,
  XDP_UMEM_TX_METADATA_LEN,
  XDP_UMEM_UNALIGNED_CHUNK_FLAG,
  XDP_USE_NEED_WAKEUP,
  XDP_USE_SG,
  XSK_TX_METADATA_SIZE,
} from "@afxdp/core";
import { Arena } from "@afxdp/umem";
import { errnoOf } from "../interface/errno-of.js";

/**
 * The features that a socket can be asked for. Not among them: `frags` and `rxHints`, which only loading a program
 * tells (@afxdp/bpf does); `txLaunchTime`, which only sending tells, since the kernel looks at the flags of TX metadata
 * when it takes the packet, and an unknown one blocks the queue for ever; `channels`, `deviceRings` and `flowRules`,
 * which are the driver's.
 */
export type SocketFeature = Exclude<
  Feature,
  "frags" | "rxHints" | "txTimestamp" | "txLaunchTime" | "channels" | "deviceRings" | "flowRules"
>;

/** Asks a kernel for a feature by system calls on scratch sockets, which are closed again; changes nothing. */
type Probe = (kernel: Kernel) => boolean;

/** Greatest index of an interface: no device has it. */
const NO_DEVICE = 0x7fff_ffff;
/** The loopback device has this index in every network namespace (include/net/net_namespace.h). */
const LOOPBACK_IFINDEX = 1;
/** No power of two, which a kernel that does not know the unaligned flag, and so ignores it, refuses. */
const ODD_CHUNK = 3000;
/** Not a multiple of 8, which a kernel that reads the length refuses (net/xdp/xdp_umem.c). */
const BAD_METADATA_LENGTH = 255;
const LEAST_TX_BUDGET = 32;

export const PROBES: Readonly<Record<SocketFeature, Probe>> = {
  needWakeup: (kernel) => knowsBindFlag(kernel, XDP_USE_NEED_WAKEUP),
  multiBuffer: (kernel) => knowsBindFlag(kernel, XDP_USE_SG),
  unaligned: (kernel) =>
    takesUmem(kernel, { chunkSize: ODD_CHUNK, flags: XDP_UMEM_UNALIGNED_CHUNK_FLAG }),
  // The first kernels with TX metadata have no flag for it, but check the length; older ones do not read it.
  txMetadata: (kernel) =>
    takesUmem(kernel, {
      flags: XDP_UMEM_TX_METADATA_LEN,
      txMetadataLength: XSK_TX_METADATA_SIZE,
    }) || !takesUmem(kernel, { txMetadataLength: BAD_METADATA_LENGTH }),
  // Before 5.10 the fill ring belongs to the UMEM, and a socket without one cannot have it (net/xdp/xsk.c).
  sharedUmem: (kernel) =>
    withSocket(kernel, (fd) =>
      allows(() => kernel.setRingSize(fd, "fill", 1), { no: ERRNO.EINVAL }),
    ),
  busyPoll: (kernel) =>
    withSocket(kernel, (fd) =>
      allows(() => kernel.socketOption(fd, "SO_PREFER_BUSY_POLL"), { no: ERRNO.ENOPROTOOPT }),
    ),
  // Without a tx ring a kernel that knows the option says EACCES.
  txBudget: (kernel) =>
    withSocket(kernel, (fd) =>
      allows(() => kernel.setTxBudget(fd, LEAST_TX_BUDGET), {
        yes: ERRNO.EACCES,
        no: ERRNO.ENOPROTOOPT,
      }),
    ),
  interfaceFeatures: (kernel) =>
    allows(() => kernel.interfaceFeatures(LOOPBACK_IFINDEX), { yes: ERRNO.ENODEV }),
};

/** The kernel looks at the flags before the device (net/xdp/xsk.c, xsk_bind). */
function knowsBindFlag(kernel: Kernel, flag: number): boolean {
  const address: BindAddress = {
    flags: XDP_COPY | flag,
    interfaceIndex: NO_DEVICE,
    queueId: 0,
    sharedUmemFd: 0,
  };
  return withSocket(kernel, (fd) =>
    allows(() => kernel.bind(fd, address), { yes: ERRNO.ENODEV, no: ERRNO.EINVAL }),
  );
}

function takesUmem(kernel: Kernel, what: Partial<UmemRegistration>): boolean {
  const length = 2 * kernel.pageSize;
  const arena = new Arena(length, 0);
  const registration: UmemRegistration = {
    offset: 0,
    length,
    chunkSize: kernel.pageSize,
    headroom: 0,
    flags: 0,
    txMetadataLength: 0,
    ...what,
  };
  return withSocket(kernel, (fd) =>
    allows(() => kernel.registerUmem(fd, arena.bytes, registration), { no: ERRNO.EINVAL }),
  );
}

function withSocket<T>(kernel: Kernel, use: (fd: Fd) => T): T {
  const fd = kernel.socket();
  try {
    return use(fd);
  } finally {
    kernel.close(fd);
  }
}

/** Whether a call is answered with success or with `yes`; not when with `no`. Any other error is the caller's. */
function allows(call: () => void, errno: { readonly yes?: number; readonly no?: number }): boolean {
  try {
    call();
    return true;
  } catch (error) {
    const given = errnoOf(error);
    if (given !== undefined && given === errno.yes) return true;
    if (given !== undefined && given === errno.no) return false;
    if (isXdpError(error) && error.code === "ERR_XDP_FEATURE") return false;
    throw error;
  }
}
