import { loadSteering, redirect } from "@afxdp/bpf";
import { ERRNO, type Kernel, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { refused } from "./support/refused.js";

describeOnKernel("closing a steering program", () => {
  const kernel = createLinuxKernel();
  const options = { rules: redirect.all(), queues: 1 };
  let lab: Lab;
  let leave: () => void;
  let index: number;
  let before: ReturnType<typeof footprint>;
  beforeAll(() => {
    lab = createLab();
    leave = lab.a.enter();
    index = kernel.interfaceState(lab.a.device).index;
  });
  beforeEach(() => {
    before = footprint();
  });
  afterEach(() => expect(footprint()).toEqual(before));
  afterAll(() => {
    leave();
    lab.close();
  });

  it("detaches it and closes everything, once", () => {
    const program = loadSteering(kernel, options);
    const attachment = program.attach(index, lab.a.device);
    program.close();
    expect(kernel.attachedProgram(index)).toBeUndefined();
    program.close();
    program[Symbol.dispose]();
    attachment.detach();
  });

  it("afterwards every call says that it is closed", () => {
    const program = loadSteering(kernel, options);
    program.close();
    for (const call of [
      () => program.setRules(redirect.vlan(1)),
      () => program.enter(0, 0),
      () => program.leave(0),
      () => program.attach(index, lab.a.device),
      () => program.socketMap,
    ]) {
      refused("ERR_XDP_CLOSED", call);
    }
    expect(program.rules).toEqual([{}]);
  });

  it.each([1, 2, 3, 4, 5])("closes the others when close %i of 5 fails", (nth) => {
    let closes = 0;
    const failing: Kernel = wrapKernel(kernel, (method, _, proceed) => {
      const answer = proceed();
      if (method !== "close" || ++closes !== nth) return answer;
      throw new XdpSystemError({ step: "close", syscall: "close", errno: ERRNO.EIO });
    });
    const program = loadSteering(failing, options);
    program.attach(index, lab.a.device);
    expect(refused("ERR_XDP_SYSCALL", () => program.close()).suppressed).toEqual([]);
    expect(closes).toBe(5);
    program.close();
  });

  it("throws the first failure with the others beside it", () => {
    const failing: Kernel = wrapKernel(kernel, (method, _, proceed) => {
      const answer = proceed();
      if (method !== "close") return answer;
      throw new XdpSystemError({ step: "close", syscall: "close", errno: ERRNO.EIO });
    });
    const program = loadSteering(failing, options);
    expect(refused("ERR_XDP_SYSCALL", () => program.close()).suppressed.length).toBe(3);
  });

  it("a failed setRules leaves the rules in force", () => {
    let fail = false;
    const failing: Kernel = wrapKernel(kernel, (method, _, proceed) => {
      if (method !== "updateMap" || !fail) return proceed();
      throw new XdpSystemError({ step: "program", syscall: "bpf", errno: ERRNO.ENOMEM });
    });
    const program = loadSteering(failing, options);
    fail = true;
    refused("ERR_XDP_SYSCALL", () => program.setRules(redirect.vlan(1)));
    refused("ERR_XDP_RULE", () => program.setRules([]));
    expect(program.rules).toEqual([{}]);
    fail = false;
    program.setRules(redirect.vlan(1));
    expect(program.rules).toEqual([{ vlan: 1 }]);
    program.close();
  });
});
