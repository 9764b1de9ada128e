import { checkRules, type Steering } from "./check-rules.js";
import { byteMask, type Prefix, parsePrefix } from "./prefix.js";
import { type PacketFields, readPacket } from "./read-packet.js";
import type { Rule } from "./rule.js";

/** Tells whether a packet, from its Ethernet header on, is selected. Keeps nothing of it. */
export type PacketFilter = (packet: Uint8Array) => boolean;

/**
 * Makes of rules what tells for each packet whether they select it: the XDP program's twin, for simulations and
 * tests. Of a packet in several buffers the program sees the first only, this one all that it is given.
 *
 * @throws XdpError ERR_XDP_RULE
 */
export function compileRules(steering: Steering): PacketFilter {
  const matchers = checkRules(steering).map(compileRule);
  return (packet) => {
    const fields = readPacket(packet);
    return matchers.some((matches) => matches(fields));
  };
}

/**
 * Tells whether rules select one packet; for many packets use {@link compileRules}.
 *
 * @throws XdpError ERR_XDP_RULE
 */
export function evaluateRules(steering: Steering, packet: Uint8Array): boolean {
  return compileRules(steering)(packet);
}

/** Rules by slot; the slots are tried from the lowest on, whatever their order here. */
export type SlotRules = Iterable<readonly [slot: number, rules: Steering]>;

/**
 * Tells to which slot a packet goes, -1 for none. `entered` tells for a slot whether it has a socket on the packet's
 * queue: rules of one that has not are passed over.
 */
export type SlotFilter = (packet: Uint8Array, entered: (slot: number) => boolean) => number;

/**
 * {@link compileRules} for the rules of several slots.
 *
 * @throws XdpError ERR_XDP_RULE
 */
export function compileSlots(slots: SlotRules): SlotFilter {
  const matchers = [...slots]
    .sort(([one], [other]) => one - other)
    .flatMap(([slot, steering]) =>
      checkRules(steering).map((rule) => ({ slot, matches: compileRule(rule) })),
    );
  return (packet, entered) => {
    const fields = readPacket(packet);
    return matchers.find(({ slot, matches }) => matches(fields) && entered(slot))?.slot ?? -1;
  };
}

function compileRule(rule: Rule): (fields: PacketFields) => boolean {
  const { vlan, etherType, protocol, port } = rule;
  const destination = optionalPrefix("destination", rule.destination);
  const source = optionalPrefix("source", rule.source);
  return (fields) =>
    (vlan === undefined || fields.vlan === vlan) &&
    (etherType === undefined || fields.etherType === etherType) &&
    (protocol === undefined || fields.protocol === protocol) &&
    (port === undefined || fields.port === port) &&
    (destination === undefined || contains(destination, fields.version, fields.destination)) &&
    (source === undefined || contains(source, fields.version, fields.source));
}

function optionalPrefix(field: string, text: string | undefined): Prefix | undefined {
  return text === undefined ? undefined : parsePrefix(field, text);
}

function contains(prefix: Prefix, version?: 4 | 6, address?: Uint8Array): boolean {
  if (version !== prefix.version || address === undefined) return false;
  return prefix.bytes.every(
    (byte, index) => ((address[index] as number) & byteMask(prefix.length, index)) === byte,
  );
}
