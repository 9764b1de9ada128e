import { ERRNO, type FlowRule, type Kernel, wrapKernel, XdpSystemError } from "@afxdp/core";
import { addFlowRule, type FlowRuleOptions } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { describe, expect, it } from "vitest";

describeOnKernel("addFlowRule", () => {
  const lab = useLab({ queues: 2 });
  const kernel = createLinuxKernel();
  const failure = (code: string): unknown => expect.objectContaining({ code });

  /** What a driver is asked for; no device that a namespace can have takes rules. A card is tried in a virtual machine. */
  function card(): { card: Kernel; rules: Map<number, FlowRule> } {
    const rules = new Map<number, FlowRule>();
    const taking = wrapKernel(kernel, (method, args, proceed) => {
      if (method === "addFlowRule") {
        rules.set(7, args[1] as FlowRule);
        return 7;
      }
      if (method !== "removeFlowRule") return proceed();
      if (rules.delete(args[1] as number)) return undefined;
      throw new XdpSystemError({ step: "interface", syscall: "ioctl", errno: ERRNO.ENOENT });
    });
    return { card: taking, rules };
  }
  const encoded = (rule: FlowRuleOptions): FlowRule | undefined => {
    const { card: taking, rules } = card();
    addFlowRule(taking, "va", rule);
    return rules.get(7);
  };

  it("says that veth has no rules, and how to switch them on where a card has", () => {
    const add = (): unknown => addFlowRule(kernel, "va", { protocol: "udp4", queue: 0 });
    expect(add).toThrow(expect.objectContaining({ code: "ERR_XDP_FEATURE", feature: "flowRules" }));
    expect(add).toThrow(/The driver of va does not have flow rules/);
    expect(add).toThrow(expect.objectContaining({ hint: expect.stringContaining("ntuple on") }));
  });

  it("encodes addresses, ports, EtherType and MAC for the kernel", () => {
    expect(
      encoded({
        protocol: "udp4",
        queue: 1,
        sourceAddress: "10.0.0.1",
        destinationAddress: "192.0.2.255",
        sourcePort: 1,
        destinationPort: 65535,
      }),
    ).toEqual({
      protocol: "udp4",
      queue: 1,
      sourceAddress: Uint8Array.of(10, 0, 0, 1),
      destinationAddress: Uint8Array.of(192, 0, 2, 255),
      sourcePort: 1,
      destinationPort: 65535,
    });
    expect(
      encoded({
        protocol: "ether",
        queue: 0,
        etherType: 0x88b5,
        destinationMac: "02:00:00:00:00:fE",
      }),
    ).toEqual({
      protocol: "ether",
      queue: 0,
      etherType: 0x88b5,
      destinationMac: Uint8Array.of(2, 0, 0, 0, 0, 0xfe),
    });
    expect(encoded({ protocol: "tcp6", queue: 0 })).toEqual({ protocol: "tcp6", queue: 0 });
  });

  it.each([
    ["::", []],
    ["::1", [[15, 1]]],
    [
      "fd00::1",
      [
        [0, 0xfd],
        [15, 1],
      ],
    ],
    ["1::", [[1, 1]]],
    [
      "1:2:3:4:5:6:7:8",
      [
        [1, 1],
        [3, 2],
        [5, 3],
        [7, 4],
        [9, 5],
        [11, 6],
        [13, 7],
        [15, 8],
      ],
    ],
    [
      "::ffff:192.0.2.1",
      [
        [10, 255],
        [11, 255],
        [12, 192],
        [14, 2],
        [15, 1],
      ],
    ],
    [
      "ABCD:ef01::2:0",
      [
        [0, 0xab],
        [1, 0xcd],
        [2, 0xef],
        [3, 1],
        [13, 2],
      ],
    ],
  ] as const)("reads %s", (text, expected) => {
    const bytes = new Uint8Array(16);
    for (const [at, value] of expected) bytes[at] = value;
    const rule = encoded({ protocol: "udp6", queue: 0, destinationAddress: text });
    expect(rule?.destinationAddress).toEqual(bytes);
  });

  it("removes a rule once, also when it or the device is gone", () => {
    const { card: taking, rules } = card();
    const rule = addFlowRule(taking, "va", { protocol: "udp4", queue: 0 });
    expect(rule.location).toBe(7);
    rule.remove();
    expect(rules.size).toBe(0);
    rules.set(7, { protocol: "tcp4", queue: 0 });
    rule.remove();
    expect(rules.size).toBe(1);
    {
      using _rule = addFlowRule(taking, "va", { protocol: "udp4", queue: 0 });
    }
    expect(rules.size).toBe(0);
    const lost = addFlowRule(taking, "va", { protocol: "udp4", queue: 0 });
    rules.clear();
    lost.remove();
    const elsewhere = addFlowRule(taking, "va", { protocol: "udp4", queue: 0 });
    const leave = lab.b.enter();
    try {
      expect(() => elsewhere.remove()).toThrow(failure("ERR_XDP_NO_DEVICE"));
    } finally {
      leave();
    }
    elsewhere.remove();
    expect(rules.size).toBe(0);
  });

  it("passes on what else the driver says", () => {
    const full = wrapKernel(kernel, (method, _args, proceed) => {
      if (method !== "addFlowRule") return proceed();
      throw new XdpSystemError({ step: "interface", syscall: "ioctl", errno: ERRNO.ENOSPC });
    });
    expect(() => addFlowRule(full, "va", { protocol: "udp4", queue: 0 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_SYSCALL", errnoName: "ENOSPC" }),
    );
  });

  describe("refuses before the driver is asked", () => {
    const nobody = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "addFlowRule") throw new Error("asked");
      return proceed();
    });
    it.each([
      ["ERR_XDP_ARGUMENT", { protocol: "udp4", queue: 0, port: 1 }],
      ["ERR_XDP_ARGUMENT", null],
      ["ERR_XDP_QUEUE_ID", { protocol: "udp4", queue: 2 }],
      ["ERR_XDP_QUEUE_ID", { protocol: "udp4", queue: 65536 }],
      ["ERR_XDP_QUEUE_ID", { protocol: "udp4" }],
      ["ERR_XDP_RULE", { protocol: "udp", queue: 0 }],
      ["ERR_XDP_RULE", { protocol: "toString", queue: 0 }],
      ["ERR_XDP_RULE", { protocol: "ether", queue: 0 }],
      ["ERR_XDP_RULE", { protocol: "ether", queue: 0, etherType: 0x5ff }],
      ["ERR_XDP_RULE", { protocol: "ether", queue: 0, etherType: 0x10000 }],
      ["ERR_XDP_RULE", { protocol: "ether", queue: 0, destinationMac: "2:0:0:0:0:a" }],
      ["ERR_XDP_RULE", { protocol: "ether", queue: 0, destinationMac: 2 }],
      ["ERR_XDP_RULE", { protocol: "ether", queue: 0, etherType: 0x800, sourcePort: 1 }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, etherType: 0x800 }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, sourcePort: -1 }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, destinationPort: 65536 }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, destinationPort: 1.5 }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, sourceAddress: "::1" }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, sourceAddress: "10.0.0" }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, sourceAddress: "10.0.0.0/8" }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, sourceAddress: "010.0.0.1" }],
      ["ERR_XDP_RULE", { protocol: "udp4", queue: 0, sourceAddress: 1 }],
      ["ERR_XDP_RULE", { protocol: "udp6", queue: 0, sourceAddress: "10.0.0.1" }],
      ["ERR_XDP_RULE", { protocol: "udp6", queue: 0, sourceAddress: "fe80::1%va" }],
      ["ERR_XDP_RULE", { protocol: "udp6", queue: 0, sourceAddress: "1::2::3" }],
    ])("with %s: %j", (code, rule) => {
      expect(() => addFlowRule(nobody, "va", rule as never)).toThrow(failure(code));
    });

    it("a name that no interface has", () => {
      const rule = { protocol: "udp4", queue: 0 } as const;
      expect(() => addFlowRule(nobody, "nowhere", rule)).toThrow(failure("ERR_XDP_NO_DEVICE"));
    });
  });
});
