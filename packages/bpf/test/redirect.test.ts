import { type Rule, redirect } from "@afxdp/bpf";
import { describe, expect, it } from "vitest";
import { refused } from "./support/refused.js";

describe("redirect makes plain rules", () => {
  it.each<[string, Rule, Rule]>([
    ["all", redirect.all(), {}],
    ["a named EtherType", redirect.etherType("arp"), { etherType: 0x0806 }],
    ["a numbered EtherType", redirect.etherType(0x88b5), { etherType: 0x88b5 }],
    ["a named protocol", redirect.protocol("icmpv6"), { protocol: 58 }],
    ["the least protocol", redirect.protocol(0), { protocol: 0 }],
    ["the greatest protocol", redirect.protocol(255), { protocol: 255 }],
    ["UDP", redirect.udp(), { protocol: 17 }],
    ["a UDP port", redirect.udp({ port: 9000 }), { protocol: 17, port: 9000 }],
    ["the greatest TCP port", redirect.tcp({ port: 65535 }), { protocol: 6, port: 65535 }],
    ["an IPv4 prefix", redirect.prefix("192.0.2.0/24"), { destination: "192.0.2.0/24" }],
    ["an IPv4 address", redirect.prefix("192.0.2.1"), { destination: "192.0.2.1/32" }],
    ["all of IPv4", redirect.prefix("0.0.0.0/0"), { destination: "0.0.0.0/0" }],
    ["an IPv6 prefix", redirect.prefix("2001:DB8:0:0::/32"), { destination: "2001:db8::/32" }],
    ["an IPv6 address", redirect.prefix("fd77::1"), { destination: "fd77::1/128" }],
    ["a priority tag", redirect.vlan(0), { vlan: 0 }],
    ["the greatest VLAN", redirect.vlan(4094), { vlan: 4094 }],
    [
      "every field",
      redirect.match({
        vlan: 5,
        etherType: "ipv4",
        protocol: "udp",
        port: 53,
        destination: "10.0.0.0/8",
        source: "192.0.2.1",
      }),
      {
        vlan: 5,
        etherType: 0x0800,
        protocol: 17,
        port: 53,
        destination: "10.0.0.0/8",
        source: "192.0.2.1/32",
      },
    ],
  ])("%s", (_, rule, expected) => {
    expect(rule).toStrictEqual(expected);
    expect(Object.isFrozen(rule)).toBe(true);
    expect(redirect.match(rule)).toStrictEqual(rule);
  });
});

describe("redirect.any makes one list of rules and lists", () => {
  it("in their order", () => {
    const inner = redirect.any(redirect.vlan(1), redirect.vlan(2));
    const list = redirect.any(inner, redirect.all());
    expect(list).toStrictEqual([{ vlan: 1 }, { vlan: 2 }, {}]);
    expect(Object.isFrozen(list)).toBe(true);
  });
});

/** Passes what types would not allow, as JavaScript can. */
const wrong = (value: unknown): never => value as never;

describe("a malformed rule is refused at once, with the field's name", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["port 0", () => redirect.udp({ port: 0 }), /^port 0:/],
    ["port 65536", () => redirect.udp({ port: 65536 }), /^port 65536:/],
    ["port 1.5", () => redirect.tcp({ port: 1.5 }), /^port 1.5:/],
    ["port NaN", () => redirect.tcp({ port: Number.NaN }), /^port NaN:/],
    ["port as a string", () => redirect.udp({ port: wrong("53") }), /^port "53":/],
    ["port as a bigint", () => redirect.udp({ port: wrong(53n) }), /^port 53n:/],
    ["port undefined", () => redirect.udp({ port: wrong(undefined) }), /^port undefined:/],
    ["a port alone", () => redirect.match({ port: 53 }), /^port 53:/],
    ["a port of ICMP", () => redirect.match({ port: 53, protocol: "icmp" }), /^port 53:/],
    ["VLAN -1", () => redirect.vlan(-1), /^vlan -1:/],
    ["VLAN 4095", () => redirect.vlan(4095), /^vlan 4095:/],
    ["an EtherType that is a length", () => redirect.etherType(0x05ff), /^etherType 1535:/],
    ["EtherType 0x10000", () => redirect.etherType(0x1_0000), /^etherType 65536:/],
    ["the EtherType of a tag", () => redirect.etherType(0x8100), /^etherType 33024:/],
    ["an unknown EtherType", () => redirect.etherType(wrong("ipx")), /^etherType "ipx":/],
    ["an inherited name", () => redirect.etherType(wrong("toString")), /^etherType "toString":/],
    ["protocol 256", () => redirect.protocol(256), /^protocol 256:/],
    ["an unknown protocol", () => redirect.protocol(wrong("sctp")), /^protocol "sctp":/],
    ["two protocols", () => redirect.udp(wrong({ protocol: 6 })), /^protocol 6:/],
    ["a number as prefix", () => redirect.prefix(wrong(10)), /^destination 10:/],
    ["no address", () => redirect.prefix(""), /^destination "":/],
    ["a host name", () => redirect.prefix("localhost"), /^destination "localhost":/],
    ["an octal part", () => redirect.prefix("010.0.0.1"), /^destination "010/],
    ["three parts", () => redirect.prefix("10.0.1"), /^destination "10.0.1"/],
    ["part 256", () => redirect.prefix("10.0.0.256"), /^destination "10/],
    ["a space", () => redirect.prefix(" 10.0.0.1"), /^destination " 10/],
    ["an IPv4 prefix of 33", () => redirect.prefix("10.0.0.0/33"), /^destination "10/],
    ["a prefix of -1", () => redirect.prefix("10.0.0.0/-1"), /^destination "10/],
    ["a prefix without length", () => redirect.prefix("10.0.0.0/"), /^destination "10/],
    ["an IPv6 prefix of 129", () => redirect.prefix("::/129"), /^destination "::/],
    ["a zone", () => redirect.prefix("fe80::1%eth0"), /^destination "fe80/],
    ["bits behind the prefix", () => redirect.prefix("10.0.0.1/8"), /^destination "10.0.0.1\/8":/],
    ["a malformed source", () => redirect.match({ source: "x" }), /^source "x":/],
    [
      "an IPv4 prefix in IPv6",
      () => redirect.match({ etherType: "ipv6", destination: "10.0.0.0/8" }),
      /^destination "10/,
    ],
    [
      "an IPv6 prefix in ARP",
      () => redirect.match({ etherType: "arp", source: "::1" }),
      /^source "::1/,
    ],
    [
      "prefixes of two versions",
      () => redirect.match({ destination: "10.0.0.1", source: "::1" }),
      /^source "::1/,
    ],
    [
      "a protocol in ARP",
      () => redirect.match({ etherType: "arp", protocol: "udp" }),
      /^protocol 17:/,
    ],
    ["an unknown field", () => redirect.match(wrong({ prot: 1 })), /^field "prot":/],
    ["a number as rule", () => redirect.match(wrong(53)), /^rule 53:/],
    ["a string of fields", () => redirect.udp(wrong("53")), /^rule "53":/],
    ["null", () => redirect.match(wrong(null)), /^rule null:/],
    ["a list as rule", () => redirect.match(wrong([])), /^rule \[…\]:/],
    ["no rules", () => redirect.any(), /no rule/],
    ["something else in a list", () => redirect.any(wrong(undefined)), /^rule undefined:/],
  ])("%s", (_, make, message) => {
    expect(refused("ERR_XDP_RULE", make).message).toMatch(message);
  });

  it("and for bits behind a prefix the hint says what to write instead", () => {
    const { hint } = refused("ERR_XDP_RULE", () => redirect.prefix("2001:db8::1/32"));
    expect(hint).toContain('"2001:db8::/32"');
    expect(hint).toContain('"2001:db8::1"');
  });
});
