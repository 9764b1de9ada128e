import type { AttachedProgram } from "@afxdp/core";
import type { Addon } from "./addon.js";
import { check } from "./check.js";

/**
 * Finds the XDP program of an interface. When there are several (one in the hardware beside one on the host), the
 * host's is meant, since that is the one in the way of another.
 */
export function findAttachedProgram(
  addon: Addon,
  interfaceIndex: number,
): AttachedProgram | undefined {
  const link = addon.linkAttributes(interfaceIndex);
  if (typeof link === "number") {
    check(link, {
      step: "interface",
      syscall: "rtnetlink(RTM_GETLINK)",
      given: `interface ${interfaceIndex}`,
    });
    return undefined;
  }
  for (const mode of ["drv", "skb", "hw"] as const) {
    const id = link[mode];
    if (id === 0) continue;
    const name = addon.programName(id);
    return { id, name: typeof name === "string" ? name : "", mode };
  }
  return undefined;
}
