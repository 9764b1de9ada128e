import { loadSteering, redirect, type SteeringProgram } from "@afxdp/bpf";
import { wrapKernel, type XdpProgramPresentError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type CompiledProgram, compileProgram } from "./support/programs.js";
import { refused } from "./support/refused.js";

describeOnKernel("a program that somebody else attached is left alone", () => {
  const kernel = createLinuxKernel();
  let lab: Lab;
  let leave: () => void;
  let index: number;
  let foreign: CompiledProgram;
  let program: SteeringProgram;
  beforeAll(() => {
    lab = createLab();
    leave = lab.a.enter();
    index = kernel.interfaceState(lab.a.device).index;
    foreign = compileProgram("foreign");
  });
  beforeEach(() => {
    program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
  });
  afterEach(() => program.close());
  afterAll(() => {
    foreign.remove();
    leave();
    lab.close();
  });

  const present = (mode: "auto" | "drv" | "skb"): XdpProgramPresentError =>
    refused("ERR_XDP_PROGRAM_PRESENT", () =>
      program.attach(index, lab.a.device, mode),
    ) as XdpProgramPresentError;

  it.each([
    ["xdpdrv", "auto"],
    ["xdpdrv", "drv"],
    ["xdpdrv", "skb"],
    ["xdpgeneric", "auto"],
    ["xdpgeneric", "drv"],
    ["xdpgeneric", "skb"],
  ] as const)("with `ip link set ... %s`, attaching in mode %s names it", (how, mode) => {
    const link = ["link", "set", "dev", lab.a.device, how];
    // To load an object, ip mounts a BPF file system, which the machine shall not keep.
    lab.a.run("unshare", "--mount", "ip", ...link, "obj", foreign.path, "sec", "xdp");
    try {
      const attached = kernel.attachedProgram(index);
      expect(attached?.name).toBe("foreign");
      const error = present(mode);
      expect(error).toMatchObject({ programId: attached?.id, programName: "foreign" });
      expect(error.message).toContain(`${attached?.id} (foreign)`);
      expect(error.message).toContain(lab.a.device);
      expect(kernel.attachedProgram(index)).toEqual(attached);
    } finally {
      lab.a.run("ip", ...link, "off");
    }
    program.attach(index, lab.a.device, mode).detach();
  });

  it.each(["auto", "drv", "skb"] as const)("with a link of another owner, in mode %s", (mode) => {
    const other = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    other.attach(index, lab.a.device);
    const attached = kernel.attachedProgram(index);
    expect(present(mode)).toMatchObject({ programId: other.id, programName: "steer" });
    expect(kernel.attachedProgram(index)).toEqual(attached);
    other.close();
    program.attach(index, lab.a.device, mode).detach();
  });

  it("and named too when it comes between the look and the attaching", () => {
    const other = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    let looks = 0;
    const racing = wrapKernel(kernel, (method, _, proceed) => {
      const answer = proceed();
      if (method === "attachedProgram" && looks++ === 0) other.attach(index, lab.a.device);
      return answer;
    });
    const late = loadSteering(racing, { rules: redirect.all(), queues: 1 });
    try {
      const error = refused("ERR_XDP_PROGRAM_PRESENT", () => late.attach(index, lab.a.device));
      expect(error).toMatchObject({ programId: other.id, cause: { errnoName: "EBUSY" } });
    } finally {
      late.close();
      other.close();
    }
  });
});
