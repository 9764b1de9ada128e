import {
  compileRules,
  compileSlots,
  loadSteering,
  type Rule,
  redirect,
  type Steering,
  type SteeringProgram,
} from "@afxdp/bpf";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packets, probes, rules } from "./support/arbitraries.js";
import { bytes, ethernet, ipv4, ipv6, ports, TCP, UDP } from "./support/packets.js";
import { createVerdictRunner, PASS, REDIRECT, type VerdictRunner } from "./support/verdicts.js";

const SLOTS = 4;

describeOnKernel("the XDP program selects what evaluateRules selects", () => {
  const kernel = createLinuxKernel();
  let program: SteeringProgram;
  let socket: number;
  let runner: VerdictRunner;
  beforeAll(() => {
    runner = createVerdictRunner();
    program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    socket = kernel.socket();
    program.enter(0, socket);
  });
  afterAll(() => {
    program.close();
    kernel.close(socket);
    runner.remove();
  });

  /** The packets on which the two disagree, in hexadecimal. */
  const disagreements = (steering: Steering, judged: readonly Uint8Array[]): string[] => {
    program.setRules(steering);
    const verdicts = runner.judge(program, judged);
    const selects = compileRules(steering);
    expect(verdicts.length).toBe(judged.length);
    return judged
      .filter((packet, index) => verdicts[index] !== (selects(packet) ? REDIRECT : PASS))
      .map((packet) => Buffer.from(packet).toString("hex"));
  };

  it("for any rules and packets, whole, cut off and damaged", () => {
    fc.assert(
      fc.property(
        fc.array(rules, { minLength: 1, maxLength: 4 }),
        fc.array(packets, { minLength: 40, maxLength: 60 }),
        (steering, judged) => {
          expect(disagreements(steering, judged)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("for any rules in several slots, of which some have a socket", () => {
    const slotted = loadSteering(kernel, { rules: redirect.all(), queues: 1, slots: SLOTS });
    const lists = fc.array(rules, { minLength: 1, maxLength: 3 });
    const slots = fc.uniqueArray(fc.tuple(fc.nat({ max: SLOTS - 1 }), lists, fc.boolean()), {
      selector: ([slot]) => slot,
      maxLength: SLOTS,
    });
    try {
      fc.assert(
        fc.property(slots, fc.array(packets, { minLength: 40, maxLength: 60 }), (used, judged) => {
          for (let slot = 0; slot < SLOTS; slot++) slotted.removeSlot(slot);
          for (const [slot, steering] of used) slotted.setRules(steering, slot);
          const entered = new Set(used.filter(([, , has]) => has).map(([slot]) => slot));
          for (const slot of entered) slotted.enter(0, socket, slot);
          const slotOf = compileSlots(used.map(([slot, steering]) => [slot, steering]));
          const expected = judged.map((packet) =>
            slotOf(packet, (slot) => entered.has(slot)) < 0 ? PASS : REDIRECT,
          );
          expect(runner.judge(slotted, judged)).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    } finally {
      slotted.close();
    }
  });

  it("for thousands of packets in each of their fields", () => {
    const thousands = fc.array(packets, { minLength: 4000, maxLength: 4000 });
    const selected = new Map<Rule, number>();
    fc.assert(
      fc.property(thousands, (judged) => {
        for (const probe of probes) {
          expect({ probe, packets: disagreements(probe, judged) }).toEqual({ probe, packets: [] });
          selected.set(probe, judged.filter(compileRules(probe)).length);
        }
      }),
      { numRuns: 1, endOnFailure: true },
    );
    // Else the test would be easy to pass.
    const idle = [...selected].filter(([, count]) => count < 10);
    expect(idle).toEqual([]);
  });

  it("for rules that name one field, met and missed by one value", () => {
    const udp = ethernet();
    const tcp6 = ethernet({
      tags: [{ type: 0x88a8, control: 0xe005 }],
      etherType: 0x86dd,
      payload: ipv6({ next: TCP, payload: ports(80) }),
    });
    const arp = ethernet({ etherType: 0x0806, payload: bytes(new Uint8Array(28)) });
    const single = {
      vlan: redirect.vlan(5),
      etherType: redirect.etherType("arp"),
      protocol: redirect.protocol("tcp"),
      port: redirect.udp({ port: 9000 }),
      destination: redirect.prefix("198.51.100.0/30"),
      source: redirect.match({ source: "2001:db8:1::/48" }),
    };
    const verdicts = Object.entries(single).map(([field, rule]) => {
      program.setRules(rule);
      return [field, runner.judge(program, [udp, tcp6, arp])];
    });
    expect(Object.fromEntries(verdicts)).toEqual({
      vlan: [PASS, REDIRECT, PASS],
      etherType: [PASS, PASS, REDIRECT],
      protocol: [PASS, REDIRECT, PASS],
      port: [REDIRECT, PASS, PASS],
      destination: [REDIRECT, PASS, PASS],
      source: [PASS, REDIRECT, PASS],
    });
  });

  it("when the last of 64 rules is the one that selects, and when it is taken away", () => {
    const others = Array.from({ length: 63 }, (_, index) => redirect.udp({ port: index + 1 }));
    const packet = ethernet({ payload: ipv4({ protocol: UDP, payload: ports(9000) }) });
    program.setRules([...others, redirect.udp({ port: 9000 })]);
    expect(runner.judge(program, [packet])).toEqual([REDIRECT]);
    program.setRules(others);
    expect(runner.judge(program, [packet])).toEqual([PASS]);
  });

  it("and passes what is selected where the queue has no socket", () => {
    program.setRules(redirect.all());
    program.leave(0);
    expect(runner.judge(program, [ethernet()])).toEqual([PASS]);
    program.enter(0, socket);
    expect(runner.judge(program, [ethernet()])).toEqual([REDIRECT]);
  });
});
