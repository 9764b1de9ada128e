import {
  checkCount,
  checkOptions,
  ERRNO,
  type FlowRule,
  XdpError,
  XdpSystemError,
} from "@afxdp/core";
import type { Addon } from "./addon.js";
import { checkObject, checkPermitted, type Place } from "./check.js";

/** What `ETHTOOL_SRXCLSRLINS` is given of a rule: in `mask` the bits of `value` that a packet must have are set. */
export interface EncodedRule {
  /** UDP_V4_FLOW and so on. */
  readonly flowType: number;
  readonly value: Uint8Array;
  readonly mask: Uint8Array;
}

type FieldName = Exclude<keyof FlowRule, "protocol" | "queue">;

/** Where a field lies, and its bytes. */
type Fields = Readonly<Partial<Record<FieldName, readonly [offset: number, length: number]>>>;

/** A struct of `union ethtool_flow_union` (include/uapi/linux/ethtool.h); all of it is in network byte order. */
interface Layout {
  readonly size: number;
  readonly fields: Fields;
}

const IPV4: Layout = {
  size: 16,
  fields: {
    sourceAddress: [0, 4],
    destinationAddress: [4, 4],
    sourcePort: [8, 2],
    destinationPort: [10, 2],
  },
};

const IPV6: Layout = {
  size: 40,
  fields: {
    sourceAddress: [0, 16],
    destinationAddress: [16, 16],
    sourcePort: [32, 2],
    destinationPort: [34, 2],
  },
};

const ETHER: Layout = { size: 14, fields: { destinationMac: [0, 6], etherType: [12, 2] } };

const PROTOCOLS: Readonly<Record<FlowRule["protocol"], readonly [flowType: number, Layout]>> = {
  tcp4: [0x01, IPV4],
  udp4: [0x02, IPV4],
  tcp6: [0x05, IPV6],
  udp6: [0x06, IPV6],
  ether: [0x12, ETHER],
};

/** The card chooses the location (RX_CLS_LOC_ANY). */
const ANY_LOCATION = 0xffff_ffff;

/**
 * Encodes a rule as the kernel wants it. ERR_XDP_ARGUMENT for an unknown protocol, a field that the protocol does not
 * have, and one of the wrong length or out of range.
 */
export function encodeFlowRule(rule: FlowRule): EncodedRule {
  if (typeof rule !== "object" || rule === null || !Object.hasOwn(PROTOCOLS, rule.protocol)) {
    const names = Object.keys(PROTOCOLS).join(", ");
    throw new XdpError("ERR_XDP_ARGUMENT", `The protocol of a flow rule is none of ${names}.`);
  }
  const [flowType, { size, fields }] = PROTOCOLS[rule.protocol];
  const names = Object.keys(fields) as FieldName[];
  checkOptions(`A flow rule of ${rule.protocol}`, rule, ["protocol", "queue", ...names]);
  checkCount("queue", rule.queue, 0xffff_ffff);
  const value = new Uint8Array(size);
  const mask = new Uint8Array(size);
  for (const name of names) {
    const given = rule[name];
    const [offset, length] = fields[name] ?? [0, 0];
    if (given === undefined) continue;
    value.set(bytesOf(name, given, length), offset);
    mask.fill(0xff, offset, offset + length);
  }
  return { flowType, value, mask };
}

/**
 * Adds a rule to the card and returns its location. A card that does not choose one gets the last that is free, as
 * `ethtool -N` does it: of two rules that match, the one before goes first. Should another process take that location
 * in the same moment, the card keeps the later rule. ENOSPC when none is free.
 */
export function insertFlowRule(
  addon: Pick<Addon, "countFlowRules" | "listFlowRules" | "insertFlowRule">,
  name: string,
  rule: EncodedRule & { readonly queue: number },
): number {
  const place = (command: string): Place => ({
    step: "setting",
    syscall: `ioctl(${command})`,
    given: JSON.stringify(name),
  });
  const counted = checkObject(addon.countFlowRules(name), place("ETHTOOL_GRXCLSRLCNT"));
  let location = ANY_LOCATION;
  if (!counted.choosesLocation) {
    const listing = place("ETHTOOL_GRXCLSRLALL");
    const { size, locations } = checkObject(addon.listFlowRules(name, counted.count), listing);
    const taken = new Set(locations);
    location = size - 1;
    while (location >= 0 && taken.has(location)) location--;
    if (location < 0) throw new XdpSystemError({ ...listing, errno: ERRNO.ENOSPC });
  }
  const { flowType, queue, value, mask } = rule;
  const result = addon.insertFlowRule(name, flowType, queue, value, mask, location);
  return checkPermitted(result, place("ETHTOOL_SRXCLSRLINS"), "CAP_NET_ADMIN");
}

function bytesOf(name: FieldName, given: number | Uint8Array, length: number): Uint8Array {
  if (name === "sourcePort" || name === "destinationPort" || name === "etherType") {
    checkCount(name, given as number, 0xffff);
    return Uint8Array.of((given as number) >> 8, given as number);
  }
  if (given instanceof Uint8Array && given.length === length) return given;
  throw new XdpError("ERR_XDP_ARGUMENT", `${name} is not a Uint8Array of ${length} bytes.`);
}
