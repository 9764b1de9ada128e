import {
  checkCount,
  checkOptions,
  type Fd,
  type Kernel,
  type Sequence,
  XdpError,
} from "@afxdp/core";
import { requireFeature } from "../features/probe-features.js";
import { applyBusyPollSettings } from "../interface/napi/apply-busy-poll-settings.js";
import type { Target } from "./target.js";

/** Settings of the interface's NAPI for busy polling. They are the whole interface's. */
export interface NapiOptions {
  /** How often in a row the card's interrupt stays off after a poll that found nothing (`napi_defer_hard_irqs`). */
  readonly deferHardIrqs?: number;
  /** Nanoseconds after which the kernel polls if the application has not (`gro_flush_timeout`). */
  readonly groFlushTimeoutNs?: number;
}

/** How a socket's calls poll the card. */
export interface BusyPollOptions {
  /** How long a call polls at most, 1 to 2147483647 (SO_BUSY_POLL). */
  readonly microseconds: number;
  /** Most packets per poll, 1 to 65535 (SO_BUSY_POLL_BUDGET). */
  readonly budget: number;
  /** Keeps the card's interrupts off while the application polls (SO_PREFER_BUSY_POLL). Default true. */
  readonly prefer?: boolean | undefined;
  /**
   * Changes the interface's settings as well; they are put back when the socket closes, or after a crash by the next
   * socket that is set up on the interface. Unchanged when absent.
   */
  readonly napi?: NapiOptions | undefined;
}

const MAX_MICROSECONDS = 0x7fff_ffff;
const MAX_BUDGET = 0xffff;

/** Checks the options without a system call. @throws XdpError ERR_XDP_ARGUMENT */
export function checkBusyPoll(options: BusyPollOptions): void {
  checkOptions("busyPoll", options, ["microseconds", "budget", "prefer", "napi"]);
  const { microseconds, budget, prefer = true, napi } = options;
  checkRange("microseconds", microseconds, MAX_MICROSECONDS);
  checkRange("budget", budget, MAX_BUDGET);
  if (typeof prefer !== "boolean") {
    throw new XdpError("ERR_XDP_ARGUMENT", `prefer ${String(prefer)} is not a boolean.`);
  }
  if (napi !== undefined) checkNapi(napi);
}

/**
 * Step `busyPoll` of a socket.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_FEATURE, and nothing has changed; what the step meets, and all is undone
 */
export function performBusyPoll(
  kernel: Kernel,
  sequence: Sequence,
  fd: Fd,
  target: Target,
  options: BusyPollOptions,
): void {
  sequence.check("busyPoll");
  checkBusyPoll(options);
  const { microseconds, budget, prefer = true, napi } = options;
  requireFeature(kernel, "busyPoll");
  sequence.perform(
    "busyPoll",
    () => {
      kernel.setSocketOption(fd, "SO_PREFER_BUSY_POLL", prefer ? 1 : 0);
      kernel.setSocketOption(fd, "SO_BUSY_POLL", microseconds);
      kernel.setSocketOption(fd, "SO_BUSY_POLL_BUDGET", budget);
      return napi === undefined
        ? undefined
        : applyBusyPollSettings(kernel, target.interfaceName, napi);
    },
    (applied) => () => applied?.restore(),
  );
}

function checkNapi(napi: NapiOptions): void {
  checkOptions("napi", napi, ["deferHardIrqs", "groFlushTimeoutNs"]);
  const { deferHardIrqs, groFlushTimeoutNs } = napi;
  if (deferHardIrqs === undefined && groFlushTimeoutNs === undefined) {
    throw new XdpError("ERR_XDP_ARGUMENT", "napi is given nothing to set.", {
      hint: "Pass deferHardIrqs, groFlushTimeoutNs, or both; or no napi.",
    });
  }
  checkCount("deferHardIrqs", deferHardIrqs ?? 0, MAX_MICROSECONDS);
  checkCount("groFlushTimeoutNs", groFlushTimeoutNs ?? 0, Number.MAX_SAFE_INTEGER);
}

function checkRange(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `busyPoll's ${name} ${String(value)} is not a whole number from 1 to ${most}.`,
    );
  }
}
