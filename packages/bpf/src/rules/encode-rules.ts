import { checkCount } from "@afxdp/core";
import { checkRules, type Steering } from "./check-rules.js";
import { STEER_ABI } from "./layout.js";
import { byteMask, parsePrefix } from "./prefix.js";
import type { Rule } from "./rule.js";

const { key: KEY, has: HAS, rule: RULE, maxSlots } = STEER_ABI;

/**
 * Encodes rules as the program reads them: `struct steer_rule` after `struct steer_rule`, 88 bytes each, which are
 * a value and a mask over the fields of a packet, and the slot of the sockets that it goes to.
 *
 * @throws XdpError ERR_XDP_RULE, ERR_XDP_ARGUMENT for a slot that is not from 0 to 63
 */
export function encodeRules(steering: Steering, slot = 0): Uint8Array<ArrayBuffer> {
  const rules = checkRules(steering);
  checkCount("slot", slot, maxSlots - 1);
  const bytes = new Uint8Array(rules.length * RULE.size);
  for (const [index, rule] of rules.entries()) {
    encodeRule(rule, slot, bytes.subarray(index * RULE.size, (index + 1) * RULE.size));
  }
  return bytes;
}

function encodeRule(rule: Rule, slot: number, bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const match16 = (offset: number, value: number, has: number): void => {
    view.setUint16(RULE.value + offset, value);
    view.setUint16(RULE.mask + offset, 0xffff);
    present(has);
  };
  const match8 = (offset: number, value: number, mask: number): void => {
    bytes[RULE.value + offset] = value;
    bytes[RULE.mask + offset] = mask;
  };
  const present = (has: number): void => {
    const all = view.getUint8(RULE.mask + KEY.has) | has;
    match8(KEY.has, all, all);
  };
  const matchPrefix = (offset: number, field: string, text: string): void => {
    const prefix = parsePrefix(field, text);
    present(prefix.version === 4 ? HAS.ipv4 : HAS.ipv6);
    for (const [index, byte] of prefix.bytes.entries()) {
      match8(offset + index, byte, byteMask(prefix.length, index));
    }
  };

  view.setUint32(RULE.used, 1, true);
  view.setUint32(RULE.slot, slot, true);
  if (rule.vlan !== undefined) match16(KEY.vlan, rule.vlan, HAS.vlan);
  if (rule.etherType !== undefined) match16(KEY.etherType, rule.etherType, HAS.etherType);
  if (rule.port !== undefined) match16(KEY.port, rule.port, HAS.port);
  if (rule.protocol !== undefined) {
    match8(KEY.protocol, rule.protocol, 0xff);
    present(HAS.protocol);
  }
  if (rule.destination !== undefined) matchPrefix(KEY.destination, "destination", rule.destination);
  if (rule.source !== undefined) matchPrefix(KEY.source, "source", rule.source);
}
