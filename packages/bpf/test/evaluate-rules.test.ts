import { compileRules, evaluateRules, redirect, type Steering } from "@afxdp/bpf";
import { describe, expect, it } from "vitest";
import { ethernet, ipv4, ipv6, ports, TCP } from "./support/packets.js";

const udp4 = ethernet({ tags: [{ type: 0x8100, control: 5 }] });
const tcp6 = ethernet({ etherType: 0x86dd, payload: ipv6({ next: TCP, payload: ports(22) }) });
const fragment4 = ethernet({ payload: ipv4({ fragment: 0x2000 }) });
const packets = [udp4, tcp6, fragment4];

describe("evaluateRules tells which packets rules select", () => {
  it.each<[string, Steering, boolean[]]>([
    ["a rule without fields: all", redirect.all(), [true, true, true]],
    ["VLAN", redirect.vlan(5), [true, false, false]],
    ["VLAN 0 is not 'no VLAN'", redirect.vlan(0), [false, false, false]],
    ["EtherType behind the tag", redirect.etherType("ipv4"), [true, false, true]],
    ["protocol of either IP version", redirect.protocol("tcp"), [false, true, false]],
    ["protocol of fragments", redirect.udp(), [true, false, true]],
    ["port, but of no fragment", redirect.udp({ port: 9000 }), [true, false, false]],
    ["port of the other protocol", redirect.tcp({ port: 9000 }), [false, false, false]],
    ["IPv4 destination", redirect.prefix("198.51.100.2"), [true, false, true]],
    ["IPv4 prefix within a byte", redirect.prefix("198.51.100.0/30"), [true, false, true]],
    ["the next IPv4 prefix", redirect.prefix("198.51.100.4/30"), [false, false, false]],
    ["all of IPv4", redirect.prefix("0.0.0.0/0"), [true, false, true]],
    ["all of IPv6", redirect.prefix("::/0"), [false, true, false]],
    ["IPv6 source", redirect.match({ source: "2001:db8:1::/48" }), [false, true, false]],
    [
      "all fields of a rule together",
      redirect.udp({ vlan: 5, destination: "198.51.100.0/24", source: "192.0.2.9" }),
      [false, false, false],
    ],
    [
      "any rule of a list",
      redirect.any(redirect.vlan(5), redirect.tcp({ port: 22 })),
      [true, true, false],
    ],
  ])("%s", (_, rules, expected) => {
    expect(packets.map((packet) => evaluateRules(rules, packet))).toEqual(expected);
    expect(packets.map(compileRules(rules))).toEqual(expected);
  });

  it("an empty packet is selected by a rule without fields only", () => {
    expect(evaluateRules(redirect.all(), new Uint8Array(0))).toBe(true);
    expect(evaluateRules(redirect.etherType("ipv4"), new Uint8Array(0))).toBe(false);
  });
});
