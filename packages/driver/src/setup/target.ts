import { type Kernel, XDP_MAX_QUEUE_ID, XdpError } from "@afxdp/core";
import { namespaceOf } from "../interface/namespace.js";

/** One queue of one interface. */
export interface Target {
  /** The network namespace that the interface is in: its cookie, 0 where the kernel has none (before Linux 5.14). */
  readonly namespace: bigint;
  readonly interfaceName: string;
  readonly interfaceIndex: number;
  readonly queueId: number;
  /** Queues that the interface has: a program's XSKMAP wants an entry for each. */
  readonly queueCount: number;
}

const IFNAMSIZ = 16;

/**
 * Checks an interface's name for what no interface is called, before the kernel is asked.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE
 */
export function checkInterfaceName(name: string): void {
  const bytes = typeof name === "string" ? new TextEncoder().encode(name).length : 0;
  // NUL would cut the name short in the kernel.
  if (bytes === 0 || bytes >= IFNAMSIZ || /[/\s\0]/.test(name)) {
    throw new XdpError(
      "ERR_XDP_NO_DEVICE",
      `${JSON.stringify(name)} is not the name of a network interface: 1 to ${IFNAMSIZ - 1} bytes without "/" or blanks.`,
    );
  }
}

/**
 * Checks a queue number for what no interface has.
 *
 * @throws XdpError ERR_XDP_QUEUE_ID
 */
export function checkQueueId(queueId: number): void {
  // The kernel keeps 16 bits: it would bind 65536 to queue 0 without a word.
  if (!Number.isInteger(queueId) || queueId < 0 || queueId > XDP_MAX_QUEUE_ID) {
    throw new XdpError(
      "ERR_XDP_QUEUE_ID",
      `Queue ${String(queueId)} is not a whole number from 0 to ${XDP_MAX_QUEUE_ID}.`,
    );
  }
}

/**
 * Looks up an interface and checks that it has the queue. Changes nothing.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE, ERR_XDP_QUEUE_ID
 */
export function resolveTarget(kernel: Kernel, interfaceName: string, queueId: number): Target {
  checkInterfaceName(interfaceName);
  checkQueueId(queueId);
  const state = kernel.interfaceState(interfaceName);
  const queueCount = Math.max(state.rxQueues, state.txQueues);
  if (queueId >= queueCount) {
    throw new XdpError(
      "ERR_XDP_QUEUE_ID",
      `${interfaceName} has no queue ${queueId}: it has ${queueCount}.`,
      { hint: `Use 0 to ${queueCount - 1}.` },
    );
  }
  const namespace = namespaceOf(kernel);
  return { namespace, interfaceName, interfaceIndex: state.index, queueId, queueCount };
}
