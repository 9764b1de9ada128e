import { type Prefix, parsePrefix } from "./prefix.js";
import { ETHER_TYPES, IP_PROTOCOLS, type ProtocolName, VLAN_TAG_TYPES } from "./registry.js";
import type { Rule, RuleFields } from "./rule.js";
import { ruleError } from "./rule-error.js";

const FIELDS: readonly string[] = [
  "vlan",
  "etherType",
  "protocol",
  "port",
  "destination",
  "source",
] satisfies (keyof Rule)[];

/**
 * Makes a rule of its fields: numbers for names, prefixes in the usual notation, frozen. A field that is there must
 * have a value, since a rule that is wider than meant takes packets away from the rest of the machine. Fields that
 * no packet can meet together are refused. Giving it a rule gives an equal one.
 *
 * @param implied the protocol that the call stands for; the fields then have none
 * @throws XdpError ERR_XDP_RULE naming the field
 */
export function checkRule(fields: RuleFields, implied?: ProtocolName): Rule {
  const given = plainObject(fields);
  if (implied !== undefined) {
    if ("protocol" in given) {
      throw ruleError("protocol", given.protocol, `given, although the call says ${implied}`);
    }
    given.protocol = implied;
  }
  const rule = {
    ...("vlan" in given && { vlan: wholeNumber("vlan", given.vlan, 0, 4094) }),
    ...("etherType" in given && { etherType: etherType(given.etherType) }),
    ...("protocol" in given && { protocol: protocol(given.protocol) }),
    ...("port" in given && { port: wholeNumber("port", given.port, 1, 65535) }),
  };
  const destination = prefix("destination", given);
  const source = prefix("source", given);
  checkTogether(rule, destination, source);
  return Object.freeze({
    ...rule,
    ...(destination && { destination: destination.text }),
    ...(source && { source: source.text }),
  });
}

function plainObject(fields: unknown): Record<string, unknown> {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw ruleError("rule", fields, "not an object", "Make rules by redirect.all() and the like.");
  }
  // A copy, with what is inherited: each field is looked at once and cannot change on the way.
  const copy: Record<string, unknown> = {};
  for (const field in fields) {
    if (!FIELDS.includes(field)) {
      throw ruleError("field", field, "unknown", `A rule can have ${FIELDS.join(", ")}.`);
    }
    copy[field] = (fields as Record<string, unknown>)[field];
  }
  return copy;
}

function wholeNumber(field: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw ruleError(field, value, `not a whole number from ${least} to ${most}`);
  }
  return value as number;
}

function named(field: string, value: string, names: Readonly<Record<string, number>>): number {
  const number = Object.hasOwn(names, value) ? names[value] : undefined;
  if (number === undefined) {
    throw ruleError(field, value, "unknown", `Use ${Object.keys(names).join(", ")} or a number.`);
  }
  return number;
}

function etherType(value: unknown): number {
  if (typeof value === "string") return named("etherType", value, ETHER_TYPES);
  // Below 0x0600 the field is the length of an 802.3 frame.
  const number = wholeNumber("etherType", value, 0x0600, 0xffff);
  if (VLAN_TAG_TYPES.includes(number)) {
    const fault = "the type of a VLAN tag, while rules look behind the tags";
    throw ruleError("etherType", value, fault, "Use `vlan` to select a tag.");
  }
  return number;
}

function protocol(value: unknown): number {
  if (typeof value === "string") return named("protocol", value, IP_PROTOCOLS);
  return wholeNumber("protocol", value, 0, 255);
}

function prefix(field: "destination" | "source", given: Record<string, unknown>) {
  return field in given ? parsePrefix(field, given[field]) : undefined;
}

function checkTogether(rule: Rule, destination?: Prefix, source?: Prefix): void {
  const isIp = rule.etherType === ETHER_TYPES.ipv4 || rule.etherType === ETHER_TYPES.ipv6;
  if (rule.protocol !== undefined && rule.etherType !== undefined && !isIp) {
    throw ruleError("protocol", rule.protocol, "only IPv4 and IPv6 have one, not the etherType");
  }
  if (rule.port !== undefined && !hasPorts(rule.protocol)) {
    const hint = "Use redirect.udp({ port }) or redirect.tcp({ port }).";
    throw ruleError("port", rule.port, "only with the protocol udp or tcp", hint);
  }
  for (const [field, value] of Object.entries({ destination, source })) {
    if (value === undefined || rule.etherType === undefined) continue;
    if (rule.etherType !== ETHER_TYPES[value.version === 4 ? "ipv4" : "ipv6"]) {
      throw ruleError(field, value.text, `an IPv${value.version} prefix, unlike the etherType`);
    }
  }
  if (destination !== undefined && source !== undefined && destination.version !== source.version) {
    throw ruleError("source", source.text, "not of the same IP version as the destination");
  }
}

function hasPorts(protocol: number | undefined): boolean {
  return protocol === IP_PROTOCOLS.udp || protocol === IP_PROTOCOLS.tcp;
}
