import { XdpError } from "@afxdp/core";

/** ERR_XDP_RULE for one field: `port 0: not a whole number from 1 to 65535.` */
export function ruleError(field: string, given: unknown, fault: string, hint?: string): XdpError {
  const message = `${field} ${show(given)}: ${fault}.`;
  return new XdpError("ERR_XDP_RULE", message, hint === undefined ? {} : { hint });
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[…]" : "{…}";
  return typeof value === "function" ? "a function" : String(value);
}
