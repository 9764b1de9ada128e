import {
  compileRules,
  encodeRules,
  type PacketFields,
  readPacket,
  redirect,
  STEER_ABI,
} from "@afxdp/bpf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packets, rules } from "./support/arbitraries.js";

const { key: KEY, has: HAS, rule: RULE } = STEER_ABI;

/** `union steer_key` of a packet, as bpf/steer.h describes it. */
function keyOf(fields: PacketFields): Uint8Array {
  const key = new Uint8Array(KEY.size);
  const view = new DataView(key.buffer);
  const { vlan, etherType, version, protocol, port } = fields;
  view.setUint16(KEY.vlan, vlan ?? 0);
  view.setUint16(KEY.etherType, etherType ?? 0);
  view.setUint16(KEY.port, port ?? 0);
  key[KEY.protocol] = protocol ?? 0;
  key.set(fields.destination ?? [], KEY.destination);
  key.set(fields.source ?? [], KEY.source);
  key[KEY.has] =
    (vlan === undefined ? 0 : HAS.vlan) |
    (etherType === undefined ? 0 : HAS.etherType) |
    (version === 4 ? HAS.ipv4 : 0) |
    (version === 6 ? HAS.ipv6 : 0) |
    (protocol === undefined ? 0 : HAS.protocol) |
    (port === undefined ? 0 : HAS.port);
  return key;
}

function equalUnderMask(key: Uint8Array, rule: Uint8Array): boolean {
  const value = rule.subarray(RULE.value, RULE.value + KEY.size);
  const mask = rule.subarray(RULE.mask, RULE.mask + KEY.size);
  return key.every((byte, at) => ((byte ^ (value[at] ?? 0)) & (mask[at] ?? 0)) === 0);
}

describe("encodeRules writes a value and a mask over a packet's fields", () => {
  it("that select what the rules select", () => {
    fc.assert(
      fc.property(rules, packets, (rule, packet) => {
        const key = keyOf(readPacket(packet));
        expect(equalUnderMask(key, encodeRules(rule))).toBe(compileRules(rule)(packet));
      }),
      { numRuns: 3000 },
    );
  });

  it("with an empty mask for a rule without fields", () => {
    const rule = encodeRules(redirect.all());
    expect(rule.subarray(0, RULE.used).every((byte) => byte === 0)).toBe(true);
    expect(rule.length).toBe(RULE.size);
    expect(rule[RULE.used]).toBe(1);
  });

  it("in network byte order", () => {
    const rule = encodeRules(
      redirect.udp({ vlan: 0x123, port: 0x4567, destination: "192.0.2.128/25" }),
    );
    const value = rule.subarray(RULE.value);
    const mask = rule.subarray(RULE.mask);
    const has = HAS.vlan | HAS.protocol | HAS.port | HAS.ipv4;
    expect([...value.subarray(0, 12)]).toEqual([
      0,
      0,
      1,
      0x23,
      0x45,
      0x67,
      17,
      has,
      192,
      0,
      2,
      128,
    ]);
    expect([...mask.subarray(0, 12)]).toEqual([
      0,
      0,
      255,
      255,
      255,
      255,
      255,
      has,
      255,
      255,
      255,
      128,
    ]);
  });

  it("one after the other", () => {
    const list = redirect.any(redirect.vlan(1), redirect.vlan(2), redirect.all());
    const encoded = encodeRules(list);
    const each = list.flatMap((rule) => [...encodeRules(rule)]);
    expect([...encoded]).toEqual(each);
  });
});
