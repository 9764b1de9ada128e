import { type Kernel, XdpError } from "@afxdp/core";
import type { ReadySocket } from "./stages.js";
import type { Target } from "./target.js";

/** What every ReadySocket, and every XdpSocket made from one, was made from. */
const owners = new WeakMap<object, ReadySocket>();

/** Notes that an object can be shared with: a ReadySocket, or the socket made from it. */
export function ownedBy(owner: object, ready: ReadySocket): void {
  owners.set(owner, ready);
}

/**
 * The ReadySocket behind an object to share with.
 *
 * @throws XdpError ERR_XDP_ARGUMENT when it is none of this thread, ERR_XDP_CLOSED, ERR_XDP_CONFLICT when it is on
 * another Kernel
 */
export function readyOf(owner: unknown, kernel: Kernel): ReadySocket {
  const ready = typeof owner === "object" && owner !== null ? owners.get(owner) : undefined;
  if (ready === undefined) {
    throw new XdpError("ERR_XDP_ARGUMENT", "The owner to share with is no socket of this thread.", {
      hint: "Pass an XdpSocket, or the ReadySocket that it is made from.",
    });
  }
  if (ready.sequence.closed) {
    throw new XdpError("ERR_XDP_CLOSED", `The socket on ${nameOf(ready.target)} is closed.`, {
      hint: "Share with a socket that is open.",
    });
  }
  if (ready.kernel !== kernel) {
    throw new XdpError("ERR_XDP_CONFLICT", "The owner to share with is on another Kernel.", {
      hint: "Begin the set-up with the owner's kernel.",
    });
  }
  return ready;
}

/** A target in words. */
export function nameOf({ interfaceName, queueId }: Target): string {
  return `${interfaceName} queue ${queueId}`;
}

/** Whether two targets are one queue. Indices of interfaces repeat from one network namespace to the next. */
export function isSameQueue(one: Target, other: Target): boolean {
  return (
    one.namespace === other.namespace &&
    one.interfaceIndex === other.interfaceIndex &&
    one.queueId === other.queueId
  );
}
