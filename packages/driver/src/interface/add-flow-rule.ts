import { ERRNO, type Kernel, XdpError } from "@afxdp/core";
import { unlessDriverLacks } from "./driver-lacks.js";
import { errnoOf } from "./errno-of.js";
import { encodeFlowRule, type FlowRuleOptions } from "./flow-rule.js";
import { identify, isStillThere } from "./identity.js";
import { undoable } from "./undoable.js";

/** A rule of the card that was added. Whoever holds it removes it: it outlives the process. */
export interface AddedFlowRule extends Disposable {
  /** Where the card keeps it, as `ethtool -n` shows it. */
  readonly location: number;
  /** Removes it. Idempotent; no error when the rule or the device is gone already. */
  remove(): void;
}

/**
 * Adds a rule of the card (ntuple, `ethtool -N`) that sends packets to a queue, for instance to the one that a socket
 * is bound to, before any program sees them. The rule is checked before the driver is asked.
 *
 * @throws XdpError ERR_XDP_RULE, ERR_XDP_QUEUE_ID, ERR_XDP_ARGUMENT, ERR_XDP_NO_DEVICE, ERR_XDP_PERMISSION;
 * XdpFeatureError when the driver has no such rules, or ntuple is off; XdpSystemError with what else the driver says
 */
export function addFlowRule(
  kernel: Kernel,
  interfaceName: string,
  rule: FlowRuleOptions,
): AddedFlowRule {
  const encoded = encodeFlowRule(rule);
  const device = identify(kernel, interfaceName);
  const { rxQueues } = kernel.interfaceState(interfaceName);
  if (encoded.queue >= rxQueues) {
    throw new XdpError(
      "ERR_XDP_QUEUE_ID",
      `${interfaceName} has no queue ${encoded.queue} to receive: it has ${rxQueues}.`,
      { hint: `Use 0 to ${rxQueues - 1}.` },
    );
  }
  const location = unlessDriverLacks(
    "flowRules",
    interfaceName,
    () => kernel.addFlowRule(interfaceName, encoded),
    `If the driver can, switch them on: \`ethtool -K ${interfaceName} ntuple on\`. Otherwise use the program's rules.`,
  );
  const { restore } = undoable(() => {
    if (!isStillThere(kernel, device)) return;
    try {
      kernel.removeFlowRule(interfaceName, location);
    } catch (error) {
      if (errnoOf(error) !== ERRNO.ENOENT) throw error;
    }
  });
  return { location, remove: restore, [Symbol.dispose]: restore };
}
