import {
  type AbortSignalLike,
  checkOptions,
  checkSignal,
  checkTimeout,
  type Fd,
  type Kernel,
  type Sequence,
  throwIfAborted,
  XDP_COPY,
  XDP_SHARED_UMEM,
  XDP_USE_NEED_WAKEUP,
  XDP_USE_SG,
  XDP_ZEROCOPY,
  XdpError,
  XdpSystemError,
} from "@afxdp/core";
import { pause } from "./pause.js";
import type { BindOptions, ZeroCopyWish } from "./stages.js";
import type { Target } from "./target.js";

/** Pauses between attempts to bind to a busy queue, in milliseconds: a closed socket lets go within 50. */
const BACK_OFF_MS = [2, 4, 8, 16, 32];

const DEFAULT_BUSY_TIMEOUT_MS = 1000;
const MAX_BUSY_TIMEOUT_MS = 60_000;
const SHARED_OPTIONS = ["signal", "busyTimeoutMs"];
const OPTIONS = [...SHARED_OPTIONS, "zeroCopy", "needWakeup", "multiBuffer"];
const WISHES: readonly unknown[] = ["never", "prefer", "require"];

/** How to bind, checked and with defaults. */
export interface BindWish {
  readonly signal: AbortSignalLike | undefined;
  readonly busyTimeoutMs: number;
  readonly zeroCopy: ZeroCopyWish;
  readonly needWakeup: boolean;
  readonly multiBuffer: boolean;
}

/**
 * Checks the options of `bind`, for a socket that shares or one that does not.
 *
 * @throws XdpError ERR_XDP_ARGUMENT
 */
export function checkBindOptions(options: BindOptions, sharing: boolean): BindWish {
  checkOptions("bind", options, sharing ? SHARED_OPTIONS : OPTIONS);
  const { signal, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS, zeroCopy = "prefer" } = options;
  const { needWakeup = true, multiBuffer = false } = options;
  checkSignal(signal);
  checkTimeout("busyTimeoutMs", busyTimeoutMs, MAX_BUSY_TIMEOUT_MS);
  if (!WISHES.includes(zeroCopy)) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `zeroCopy ${JSON.stringify(zeroCopy)} is not "never", "prefer" or "require".`,
    );
  }
  for (const [name, value] of Object.entries({ needWakeup, multiBuffer })) {
    if (typeof value !== "boolean") {
      throw new XdpError("ERR_XDP_ARGUMENT", `${name} ${String(value)} is not a boolean.`);
    }
  }
  return { signal, busyTimeoutMs, zeroCopy, needWakeup, multiBuffer };
}

/** One socket to be bound. */
export interface Binding {
  readonly kernel: Kernel;
  readonly sequence: Sequence;
  readonly fd: Fd;
  readonly target: Target;
}

/** Gives up on a queue that stays busy after this time of `performance.now()`, or when the signal is aborted. */
interface Patience {
  readonly deadline: number;
  readonly signal: AbortSignalLike | undefined;
}

/**
 * Binds a socket that has its own UMEM. Zero copy is an attempt of its own: the kernel's choice, when it is given
 * neither flag, would be made in silence. Resolves to the name of the errno that zero copy was refused with, or to
 * nothing where it was not tried or not refused.
 *
 * @throws XdpError ERR_XDP_QUEUE_BUSY, ERR_XDP_ZERO_COPY, ERR_XDP_NO_DEVICE, ERR_XDP_ABORTED
 */
export async function bindOwn(binding: Binding, wish: BindWish): Promise<string | undefined> {
  const { zeroCopy, needWakeup, multiBuffer, signal, busyTimeoutMs } = wish;
  const flags = (needWakeup ? XDP_USE_NEED_WAKEUP : 0) | (multiBuffer ? XDP_USE_SG : 0);
  const patience = { deadline: performance.now() + busyTimeoutMs, signal };
  if (zeroCopy !== "never") {
    try {
      await bindPatiently(binding, flags | XDP_ZEROCOPY, 0, patience);
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (zeroCopy === "require") throw required(error, binding);
      await bindPatiently(binding, flags | XDP_COPY, 0, patience);
      return error.errnoName;
    }
  }
  await bindPatiently(binding, flags | XDP_COPY, 0, patience);
  return undefined;
}

/** Binds a socket to another's UMEM, whose mode it inherits. @throws as `bindOwn` */
export async function bindShared(
  binding: Binding,
  ownerFd: Fd,
  zeroCopy: boolean,
  { signal, busyTimeoutMs }: BindWish,
): Promise<void> {
  const patience = { deadline: performance.now() + busyTimeoutMs, signal };
  try {
    await bindPatiently(binding, XDP_SHARED_UMEM, ownerFd, patience);
  } catch (error) {
    throw zeroCopy && isRefusal(error) ? required(error, binding) : error;
  }
}

async function bindPatiently(
  { kernel, sequence, fd, target }: Binding,
  flags: number,
  sharedUmemFd: Fd,
  { deadline, signal }: Patience,
): Promise<void> {
  const { interfaceIndex, queueId } = target;
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(signal);
    try {
      kernel.bind(fd, { flags, interfaceIndex, queueId, sharedUmemFd });
      return;
    } catch (error) {
      const busy = error instanceof XdpSystemError && error.code === "ERR_XDP_QUEUE_BUSY";
      const left = deadline - performance.now();
      if (!busy || left <= 0) throw error;
      // The kernel lets go of a closed socket's queue later, so busy now may be free in a moment.
      await pause(Math.min(left, BACK_OFF_MS[attempt] ?? 32), signal);
      if (sequence.closed) return; // which performAsync reports
    }
  }
}

/**
 * Whether an error may mean that only zero copy is impossible: a driver answers with whatever errno it likes, and the
 * kernel left to itself takes any of them for a reason to copy (net/xdp/xsk_buff_pool.c, xp_assign_dev). What would stop
 * copy mode, too, the attempt in copy mode tells: a queue that another socket holds is EBUSY in both.
 */
function isRefusal(error: unknown): error is XdpSystemError {
  return error instanceof XdpSystemError && error.errnoName !== "ENODEV";
}

/** ERR_XDP_ZERO_COPY for what a driver refused; a busy queue stays what it is. */
function required(error: XdpSystemError, { kernel, target }: Binding): XdpError {
  if (error.errnoName === "EBUSY") return error;
  const { interfaceName, queueId } = target;
  const { mtu } = kernel.interfaceState(interfaceName);
  const hint =
    error.errnoName === "EINVAL"
      ? `Check that the MTU of ${interfaceName}, ${mtu}, with 26 bytes more fits a frame less its headroom.`
      : undefined;
  return new XdpError(
    "ERR_XDP_ZERO_COPY",
    `${interfaceName} refuses zero copy on queue ${queueId}: ${error.errnoName}.`,
    hint === undefined ? { cause: error } : { cause: error, hint },
  );
}
