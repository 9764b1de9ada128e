import type { FlowRule } from "@afxdp/core";
import { describe, expect, it } from "vitest";
import { encodeFlowRule, insertFlowRule } from "../dist/flow-rule.js";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("encodeFlowRule", () => {
  it("puts what a rule of IPv4 names in network byte order, and nothing else in its mask", () => {
    const rule: FlowRule = {
      protocol: "udp4",
      queue: 1,
      sourceAddress: Uint8Array.of(10, 77, 0, 1),
      destinationPort: 0x1234,
    };
    expect(encodeFlowRule(rule)).toEqual({
      flowType: 2,
      value: bytes("0a4d0001000000000000123400000000"),
      mask: bytes("ffffffff000000000000ffff00000000"),
    });
  });

  it("has a place for every field of each protocol", () => {
    const address = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
    const ports = { sourcePort: 0x0102, destinationPort: 0x0304 };
    const all = { sourceAddress: address, destinationAddress: address, ...ports };
    expect(encodeFlowRule({ protocol: "tcp6", queue: 0, ...all })).toEqual({
      flowType: 5,
      value: bytes(
        "0102030405060708090a0b0c0d0e0f100102030405060708090a0b0c0d0e0f100102030400000000",
      ),
      mask: bytes(`${"ff".repeat(36)}00000000`),
    });
    expect(encodeFlowRule({ protocol: "udp6", queue: 0 }).flowType).toBe(6);
    expect(encodeFlowRule({ protocol: "tcp4", queue: 0, sourcePort: 0xffff })).toMatchObject({
      flowType: 1,
      value: bytes("0000000000000000ffff000000000000"),
    });
    const ether = { destinationMac: Uint8Array.of(2, 0, 0, 0, 0, 9), etherType: 0x88b5 };
    expect(encodeFlowRule({ protocol: "ether", queue: 0, ...ether })).toEqual({
      flowType: 0x12,
      value: bytes("02000000000900000000000088b5"),
      mask: bytes("ffffffffffff000000000000ffff"),
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ["without a protocol", { queue: 0 }],
    ["of an unknown protocol", { protocol: "sctp4", queue: 0 }],
    ["of an inherited name", { protocol: "constructor", queue: 0 }],
    ["without a queue", { protocol: "udp4" }],
    ["of a queue of more than 32 bits", { protocol: "udp4", queue: 2 ** 32 }],
    ["of a misspelt field", { protocol: "udp4", queue: 0, destPort: 1 }],
    ["of a port for Ethernet", { protocol: "ether", queue: 0, sourcePort: 1 }],
    ["of a type for UDP", { protocol: "udp4", queue: 0, etherType: 1 }],
    ["of a port of 17 bits", { protocol: "udp4", queue: 0, sourcePort: 65536 }],
    ["of a type that is no number", { protocol: "ether", queue: 0, etherType: "ip" }],
    ["of a short address", { protocol: "udp4", queue: 0, sourceAddress: new Uint8Array(3) }],
    [
      "of an IPv4 address for IPv6",
      { protocol: "udp6", queue: 0, sourceAddress: bytes("0a000001") },
    ],
    ["of a MAC address as a string", { protocol: "ether", queue: 0, destinationMac: "02:00" }],
  ])("refuses a rule %s", (_, rule) => {
    expect(() => encodeFlowRule(rule as unknown as FlowRule)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }),
    );
  });
});

describe("insertFlowRule", () => {
  // No driver that runs here has rules: this stands for a card with a table of four.
  const card = (taken: number[], choosesLocation = false) => ({
    countFlowRules: () => ({ count: taken.length, choosesLocation }),
    listFlowRules: (_: string, room: number) => ({ size: 4, locations: taken.slice(0, room) }),
    insertFlowRule: (...[, , , , , location]: [string, ...unknown[]]) => {
      taken.push(location as number);
      return choosesLocation ? 2 : (location as number);
    },
  });
  const rule = { ...encodeFlowRule({ protocol: "udp4", queue: 0 }), queue: 0 };

  it("takes the last location that is free", () => {
    expect(insertFlowRule(card([]), "va", rule)).toBe(3);
    expect(insertFlowRule(card([3, 1, 2]), "va", rule)).toBe(0);
  });

  it("lets a card choose that can", () => {
    const taken = [0];
    expect(insertFlowRule(card(taken, true), "va", rule)).toBe(2);
    expect(taken).toEqual([0, 0xffff_ffff]);
  });

  it("says ENOSPC of a full table", () => {
    expect(() => insertFlowRule(card([0, 1, 2, 3]), "va", rule)).toThrow("ENOSPC");
  });
});
