import { type Kernel, wrapKernel } from "@afxdp/core";
import { beginSetup, type NeedsBudgetOrMap, XdpSocket } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { failing } from "./support/counted.js";

describeOnKernel("the budget of a kick", () => {
  const lab = useLab({ queues: 4, ipv6: false });

  const sized = (kernel: Kernel, queue: number): NeedsBudgetOrMap =>
    beginSetup(kernel, lab.a.device, queue)
      .socket()
      .umem({ frameCount: 256 })
      .fill(16)
      .completion(256)
      .tx(128);

  it("is how many descriptors the kernel takes at a time", async () => {
    const taken: number[] = [];
    for (const [queue, budget] of [32, 96].entries()) {
      const kernel = createLinuxKernel();
      const once = wrapKernel(kernel, (method, args, proceed) =>
        method === "kickTx" ? kernel.kickTx(args[0] as number, 1) : proceed(),
      );
      const needsBind = sized(once, queue).budget(budget).map().prefill();
      const ready = (await needsBind.bind()).mode();
      const socket = new XdpSocket(ready);
      for (let i = 0; i < 128; i++) socket.transmit(socket.allocate(), 60);
      socket.flush();
      taken.push(Math.ceil(128 / socket.stats().txKicks));
      expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
      await socket.close();
    }
    expect(taken).toEqual([32, 64]); // 96 and the rest
  });

  it("is checked before it is set, and the step can be tried again", async () => {
    const { kernel, fail, failed } = failing();
    const needsBudget = sized(kernel, 2);
    fail("setTxBudget", 1, "budget");
    for (const wrong of [31, 129, 0, -1, 32.5, Number.NaN, "64"]) {
      expect(() => needsBudget.budget(wrong as number)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }),
      );
    }
    expect(failed()).toBe(0);
    await needsBudget.close();
  });

  it("is a feature that a kernel may not have: then the set-up goes on without", async () => {
    const { kernel, fail } = failing();
    const needsBudget = sized(kernel, 3);
    fail("setTxBudget", 1, "budget", 92); // ENOPROTOOPT, to the probe
    expect(() => needsBudget.budget(64)).toThrow(
      expect.objectContaining({
        code: "ERR_XDP_FEATURE",
        feature: "txBudget",
        minimumKernel: "6.18",
      }),
    );
    needsBudget.map();
    await needsBudget.close();
  });
});
