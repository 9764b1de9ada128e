import { loadSteering, type Rule, redirect, type SteeringProgram } from "@afxdp/bpf";
import { ERRNO, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ethernet, ipv4, ports } from "./support/packets.js";
import { refused } from "./support/refused.js";
import { createVerdictRunner, PASS, REDIRECT, type VerdictRunner } from "./support/verdicts.js";

const QUEUES = 2;
const udp = (port: number): Rule => redirect.udp({ port });
const packet = (port: number): Uint8Array => ethernet({ payload: ipv4({ payload: ports(port) }) });

describeOnKernel("slots let several sockets of a queue share the program", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ queues: QUEUES });
  let program: SteeringProgram;
  let socket: number;
  let runner: VerdictRunner;
  let before: ReturnType<typeof footprint>;
  beforeAll(() => {
    runner = createVerdictRunner();
    socket = kernel.socket();
  });
  beforeEach(() => {
    before = footprint();
    program = loadSteering(kernel, { rules: udp(9000), queues: QUEUES, slots: 3 });
  });
  afterEach(() => {
    program.close();
    expect(footprint()).toEqual(before);
  });
  afterAll(() => {
    kernel.close(socket);
    runner.remove();
  });
  const verdicts = (...judged: number[]): number[] => runner.judge(program, judged.map(packet));

  it("a slot is taken with rules of its own, which stand behind those of lower slots", () => {
    expect(program.addSlot(udp(9001))).toBe(1);
    expect(program.addSlot(udp(9002))).toBe(2);
    expect(program.rules).toEqual([udp(9000), udp(9001), udp(9002)]);
    expect(program.rulesOf(1)).toEqual([udp(9001)]);
  });

  it("each slot's packets are redirected while it has a socket on the queue", () => {
    const slot = program.addSlot(udp(9001));
    expect(verdicts(9000, 9001)).toEqual([PASS, PASS]);
    program.enter(0, socket, slot);
    expect(verdicts(9000, 9001)).toEqual([PASS, REDIRECT]);
    program.enter(0, socket);
    expect(verdicts(9000, 9001)).toEqual([REDIRECT, REDIRECT]);
    program.leave(0, slot);
    expect(verdicts(9000, 9001)).toEqual([REDIRECT, PASS]);
  });

  it("a rule whose slot has no socket is passed over, and the next ones are tried", () => {
    const slot = program.addSlot(redirect.all());
    program.enter(0, socket, slot);
    expect(verdicts(9000)).toEqual([REDIRECT]);
    program.setRules(udp(9001), slot);
    expect(verdicts(9000)).toEqual([PASS]);
  });

  it("a queue beyond those that it was loaded for does not find the socket of another slot", () => {
    const one = loadSteering(kernel, { rules: redirect.all(), queues: 1, slots: 2 });
    try {
      one.setRules(redirect.all(), 1);
      one.enter(0, socket, 1);
      const { index } = kernel.interfaceState(lab.a.device);
      one.attach(index, lab.a.device, "drv");
      const on = (queue: number) =>
        runner.judge(one, [packet(9000)], { device: lab.a.device, queue });
      expect([on(0), on(1)]).toEqual([[REDIRECT], [PASS]]);
    } finally {
      one.close();
    }
  });

  it("changing one slot's rules leaves those of the others", () => {
    const slot = program.addSlot(udp(9001));
    program.setRules([udp(1), udp(2)], slot);
    expect(program.rules).toEqual([udp(9000), udp(1), udp(2)]);
    program.setRules(udp(3));
    expect(program.rules).toEqual([udp(3), udp(1), udp(2)]);
  });

  it("a slot that is removed takes its rules and its sockets of all queues along", () => {
    const slot = program.addSlot(redirect.all());
    program.enter(0, socket, slot);
    program.enter(1, socket, slot);
    program.removeSlot(slot);
    expect(program.rulesOf(slot)).toEqual([]);
    expect(verdicts(9001)).toEqual([PASS]);
    expect(program.addSlot(redirect.all())).toBe(slot);
    expect(verdicts(9001)).toEqual([PASS]);
    program.removeSlot(slot);
    program.removeSlot(slot);
  });

  it("slot 0 can leave, too, and be taken anew", () => {
    program.enter(0, socket);
    program.removeSlot(0);
    expect(program.rules).toEqual([]);
    expect(verdicts(9000)).toEqual([PASS]);
    expect(program.addSlot(udp(9000))).toBe(0);
  });

  it("a lower slot comes first although it was taken later", () => {
    program.addSlot(udp(9001));
    program.removeSlot(0);
    expect(program.addSlot(udp(9000))).toBe(0);
    expect(program.rules).toEqual([udp(9000), udp(9001)]);
  });

  it("64 slots of one rule each are possible, and all of them are looked through", () => {
    const many = loadSteering(kernel, { rules: udp(1), queues: 1, slots: 64 });
    for (let slot = 1; slot < 64; slot++) expect(many.addSlot(udp(slot + 1))).toBe(slot);
    many.enter(0, socket, 63);
    expect(runner.judge(many, [packet(63), packet(64)])).toEqual([PASS, REDIRECT]);
    many.close();
  });

  it("when all are in use there is no more", () => {
    program.addSlot(udp(1));
    program.addSlot(udp(2));
    refused("ERR_XDP_MAP_FULL", () => program.addSlot(udp(3)));
  });

  it("more than 64 rules in all are refused, and those before stay", () => {
    const many = Array.from({ length: 63 }, (_, index) => udp(index + 1));
    const slot = program.addSlot(many);
    expect(refused("ERR_XDP_RULE", () => program.addSlot(udp(100))).message).toContain("65");
    refused("ERR_XDP_RULE", () => program.setRules([...many, udp(99)], slot));
    expect(program.rules.length).toBe(64);
  });

  it("after a failed addSlot the slot is free and its rules are not in force", () => {
    let fail = false;
    const failing = wrapKernel(kernel, (method, _, proceed) => {
      if (method !== "updateMap" || !fail) return proceed();
      throw new XdpSystemError({ step: "program", syscall: "bpf", errno: ERRNO.ENOMEM });
    });
    const other = loadSteering(failing, { rules: udp(1), queues: 1, slots: 2 });
    fail = true;
    refused("ERR_XDP_SYSCALL", () => other.addSlot(udp(2)));
    fail = false;
    expect(other.rules).toEqual([udp(1)]);
    expect(other.addSlot(udp(2))).toBe(1);
    other.close();
  });

  it("a slot whose socket could not be taken out is not given anew, until it could", () => {
    let fail = false;
    const failing = wrapKernel(kernel, (method, _, proceed) => {
      if (method !== "leaveXskMap" || !fail) return proceed();
      throw new XdpSystemError({ step: "leave", syscall: "bpf", errno: ERRNO.ENOMEM });
    });
    const other = loadSteering(failing, { rules: redirect.all(), queues: 1, slots: 2 });
    try {
      other.enter(0, socket);
      fail = true;
      refused("ERR_XDP_SYSCALL", () => other.removeSlot(0));
      expect(other.addSlot(udp(9000))).toBe(1);
      expect(runner.judge(other, [packet(9000)])).toEqual([PASS]);
      fail = false;
      other.removeSlot(0);
      expect(other.addSlot(udp(9001))).toBe(0);
      expect(runner.judge(other, [packet(9001)])).toEqual([PASS]);
    } finally {
      other.close();
    }
  });

  it.each([-1, 3, 1.5, "0"])("slot %s is refused", (given) => {
    const slot = given as number;
    refused("ERR_XDP_ARGUMENT", () => program.setRules(udp(1), slot));
    refused("ERR_XDP_ARGUMENT", () => program.removeSlot(slot));
    refused("ERR_XDP_ARGUMENT", () => program.enter(0, socket, slot));
    refused("ERR_XDP_ARGUMENT", () => program.leave(0, slot));
  });

  it("a socket cannot enter a slot without rules", () => {
    const enter = () => program.enter(0, socket, 1);
    expect(refused("ERR_XDP_ARGUMENT", enter).hint).toContain("addSlot");
  });

  it("a closed program has no slots to give", () => {
    program.close();
    refused("ERR_XDP_CLOSED", () => program.addSlot(udp(1)));
    refused("ERR_XDP_CLOSED", () => program.removeSlot(0));
  });
});
