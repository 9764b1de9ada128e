import { checkOptions, type FlowRule, XdpError } from "@afxdp/core";
import { checkQueueId } from "../setup/target.js";
import { addressBytes, macBytes } from "./address.js";

/** A rule of the card: packets that match it go to a queue. Absent fields match anything. */
export interface FlowRuleOptions {
  /** What it is matched against; `ether` is any packet. */
  readonly protocol: "udp4" | "tcp4" | "udp6" | "tcp6" | "ether";
  /** The queue that receives what matches. */
  readonly queue: number;
  /** `"10.0.0.1"` or `"fd00::1"`, of the protocol's version. */
  readonly sourceAddress?: string;
  readonly destinationAddress?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** For `ether`, 0x600 to 0xffff. */
  readonly etherType?: number;
  /** For `ether`, `"02:00:00:00:00:0a"`. */
  readonly destinationMac?: string;
}

const VERSIONS = { udp4: 4, tcp4: 4, udp6: 6, tcp6: 6 } as const;
const IP_FIELDS = ["sourceAddress", "destinationAddress", "sourcePort", "destinationPort"] as const;
const ETHER_FIELDS = ["etherType", "destinationMac"] as const;
const FIELDS = ["protocol", "queue", ...IP_FIELDS, ...ETHER_FIELDS] as const;
/** Below it the field is a length (IEEE 802.3). */
const LEAST_ETHER_TYPE = 0x600;

/**
 * Checks a rule and encodes it for the kernel. Makes no call.
 *
 * @throws XdpError ERR_XDP_RULE, ERR_XDP_QUEUE_ID, ERR_XDP_ARGUMENT for a name that is no field
 */
export function encodeFlowRule(rule: FlowRuleOptions): FlowRule {
  checkOptions("addFlowRule", rule, FIELDS);
  checkQueueId(rule.queue);
  const { protocol, queue } = rule;
  if (protocol === "ether") {
    refuse(rule, IP_FIELDS, 'for "ether"; use "udp4", "tcp4", "udp6" or "tcp6"');
    if (rule.etherType === undefined && rule.destinationMac === undefined) {
      throw ruleError("protocol", protocol, "to be given with etherType or destinationMac");
    }
    return {
      protocol,
      queue,
      ...some("etherType", rule.etherType, (value) => inRange(value, LEAST_ETHER_TYPE)),
      ...some("destinationMac", rule.destinationMac, macBytes),
    };
  }
  if (!Object.hasOwn(VERSIONS, protocol)) {
    throw ruleError("protocol", protocol, 'one of "udp4", "tcp4", "udp6", "tcp6", "ether"');
  }
  refuse(rule, ETHER_FIELDS, 'for a protocol of IP; use "ether"');
  const version = VERSIONS[protocol];
  const address = (text: string): Uint8Array | undefined => addressBytes(text, version);
  return {
    protocol,
    queue,
    ...some("sourceAddress", rule.sourceAddress, address, `an IPv${version} address`),
    ...some("destinationAddress", rule.destinationAddress, address, `an IPv${version} address`),
    ...some("sourcePort", rule.sourcePort, (value) => inRange(value, 0)),
    ...some("destinationPort", rule.destinationPort, (value) => inRange(value, 0)),
  };
}

const EXPECTED: Readonly<Record<string, string>> = {
  etherType: "a whole number from 0x600 to 0xffff",
  destinationMac: 'a MAC address like "02:00:00:00:00:0a"',
  sourcePort: "a whole number from 0 to 65535",
  destinationPort: "a whole number from 0 to 65535",
};

/** A field encoded, or none where it is absent. */
function some<Name extends string, Value, Encoded>(
  name: Name,
  value: Value | undefined,
  encode: (value: Value) => Encoded | undefined,
  expected: string = EXPECTED[name] ?? "",
): { [K in Name]?: Encoded } {
  if (value === undefined) return {};
  const encoded = encode(value);
  if (encoded === undefined) throw ruleError(name, value, expected);
  return { [name]: encoded } as { [K in Name]?: Encoded };
}

function inRange(value: number, least: number): number | undefined {
  return Number.isInteger(value) && value >= least && value <= 0xffff ? value : undefined;
}

function refuse(
  rule: FlowRuleOptions,
  fields: readonly (keyof FlowRuleOptions)[],
  why: string,
): void {
  for (const field of fields) {
    if (rule[field] === undefined) continue;
    throw new XdpError("ERR_XDP_RULE", `The rule's ${field} is not ${why}.`, {
      hint: `Leave out ${field}, or change the protocol.`,
    });
  }
}

function ruleError(field: string, value: unknown, expected: string): XdpError {
  const given = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new XdpError("ERR_XDP_RULE", `The rule's ${field} ${given} is not ${expected}.`);
}
