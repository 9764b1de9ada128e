import { loadSteering, redirect, steerObject } from "@afxdp/bpf";
import { ERRNO, type Kernel, wrapKernel, type XdpProgramError, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { compileProgram } from "./support/programs.js";
import { refused } from "./support/refused.js";

describeOnKernel("loading", () => {
  const kernel = createLinuxKernel();
  const options = { rules: redirect.udp({ port: 9000 }), queues: 4 };

  it("gives a program with an id, a name and its rules, and close takes it away", () => {
    const before = footprint();
    const program = loadSteering(kernel, options);
    expect(program.id).toBeGreaterThan(0);
    expect(program.name).toBe("steer");
    expect(program.rules).toEqual([{ protocol: 17, port: 9000 }]);
    const { bpfPrograms, bpfMaps } = footprint();
    expect(bpfPrograms - before.bpfPrograms).toBe(1);
    expect(bpfMaps - before.bpfMaps).toBe(3);
    program.close();
    expect(footprint()).toEqual(before);
  });

  it("takes as many queues as an interface can have", () => {
    loadSteering(kernel, { ...options, queues: 65536 }).close();
  });

  it("a program that the verifier rejects gives its words, and nothing stays", () => {
    const before = footprint();
    const object = compileProgram("rejected");
    const error = refused("ERR_XDP_PROGRAM", () => kernel.loadProgram({ object: object.bytes }));
    expect((error as XdpProgramError).log).toContain("invalid access to packet");
    expect((error as XdpProgramError).errno).toBe(ERRNO.EACCES);
    expect(footprint()).toEqual(before);
    object.remove();
  });

  it.each([
    ["no bytes", (_: Uint8Array) => new Uint8Array(0)],
    ["half of the bytes", (object: Uint8Array) => object.subarray(0, object.length >> 1)],
    ["another file", (_: Uint8Array) => new TextEncoder().encode("#!/bin/sh\nexit 0\n".repeat(9))],
  ])("%s are no program, and nothing stays", (_, damage) => {
    const before = footprint();
    refused("ERR_XDP_PROGRAM", () => kernel.loadProgram({ object: damage(steerObject()) }));
    expect(footprint()).toEqual(before);
  });

  it.each([1, 2, 3])("when update %i of a map fails, nothing stays", (nth) => {
    const before = footprint();
    let updates = 0;
    const failing: Kernel = wrapKernel(kernel, (method, _, proceed) => {
      if (method === "updateMap" && ++updates === nth) {
        throw new XdpSystemError({
          step: "program",
          syscall: "bpf(BPF_MAP_UPDATE_ELEM)",
          errno: ERRNO.EPERM,
        });
      }
      return proceed();
    });
    refused("ERR_XDP_PERMISSION", () => loadSteering(failing, options));
    expect(footprint()).toEqual(before);
  });
});
