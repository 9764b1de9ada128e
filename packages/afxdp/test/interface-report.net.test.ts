import { steerObject } from "@afxdp/bpf";
import { XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE } from "@afxdp/core";
import { describeInterface } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

describeOnKernel("the report of an interface", () => {
  useLab();
  const kernel = createLinuxKernel();

  it.each([
    ["skb", XDP_FLAGS_SKB_MODE],
    ["drv", XDP_FLAGS_DRV_MODE],
  ] as const)("names the program that is attached in %s mode", (mode, flags) => {
    const before = footprint();
    const { program, id, name, maps } = kernel.loadProgram({ object: steerObject() });
    const link = kernel.attachProgram(program, kernel.interfaceState("va").index, flags);
    try {
      expect(describeInterface(kernel, "va").attachedProgram).toEqual({ id, name, mode });
    } finally {
      for (const fd of [link, program, ...Object.values(maps)]) kernel.close(fd);
    }
    expect(describeInterface(kernel, "va").attachedProgram).toBeUndefined();
    expect(footprint()).toEqual(before);
  });
});
