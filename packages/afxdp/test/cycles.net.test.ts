import { createLab, footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { createLinuxKernel } from "afxdp";
import { expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("opening and closing", () => {
  it("one hundred times leaves as many descriptors, mappings, programs, maps and links as before", async () => {
    const lab = createLab();
    const leave = lab.a.enter();
    try {
      await (await open(lab, "both")).close();
      const before = footprint();
      const modes = ["skb", "drv", "auto"] as const;
      for (let cycle = 0; cycle < 100; cycle++) {
        const rings = (["both", "rx", "tx"] as const)[cycle % 3] as "both";
        const socket = await open(lab, rings, { mode: modes[cycle % 3] as "auto" });
        if (cycle === 0) expect(footprint()).not.toEqual(before);
        await socket.close();
      }
      expect(footprint()).toEqual(before);
      const kernel = createLinuxKernel();
      expect(kernel.attachedProgram(kernel.interfaceState(lab.a.device).index)).toBeUndefined();
    } finally {
      leave();
      lab.close();
    }
  });
});
