import { XdpError } from "@afxdp/core";
import type { Plan } from "./plan.js";
import { Socket } from "./socket.js";
import { queuesOf } from "./umem-queues.js";

/**
 * Checks that a socket's UMEM can be used by another.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CLOSED, ERR_XDP_CONFLICT with another Kernel
 */
export function checkOwner(plan: Plan, owner: Socket): void {
  if (!(owner instanceof Socket)) {
    throw new XdpError("ERR_XDP_ARGUMENT", "The socket to share with is not one of afxdp's.");
  }
  if (owner.closed) throw new XdpError("ERR_XDP_CLOSED", "The socket to share with is closed.");
  if (plan.kernel !== undefined && plan.kernel !== owner.kernel) {
    throw new XdpError("ERR_XDP_CONFLICT", "The socket to share with is on another Kernel.", {
      hint: "Leave the kernel out: it is the owner's.",
    });
  }
}

/**
 * Checks that no socket of the owner's UMEM is on the plan's queue. Only where the names agree is the kernel asked,
 * whether that is one interface or two of one name in two network namespaces.
 *
 * @throws XdpError ERR_XDP_CONFLICT
 */
export function checkOtherQueue(plan: Plan, { umem, kernel }: Socket): void {
  for (const { target } of queuesOf(umem)) {
    const { interfaceName, queueId, namespace } = target;
    if (plan.interfaceName !== interfaceName || plan.queueId !== queueId) continue;
    if (namespace !== 0n && kernel.namespaceCookie() !== namespace) continue;
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `A socket of this UMEM is on ${interfaceName} queue ${queueId} already.`,
      { hint: "Share that socket's queue: shareQueue(socket)." },
    );
  }
}

/** @throws XdpError ERR_XDP_CONFLICT unless the owner is on the same queue */
export function checkSameQueue(plan: Plan, owner: Socket): void {
  const { interfaceName, queueId } = owner.target;
  if (plan.interfaceName !== interfaceName || plan.queueId !== queueId) {
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `${plan.interfaceName} queue ${plan.queueId} cannot share the queue of ${interfaceName} queue ${queueId}.`,
      { hint: "Use shareUmem() for another queue or interface." },
    );
  }
}
