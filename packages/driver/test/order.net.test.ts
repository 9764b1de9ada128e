import { type Kernel, STEP_NAMES, wrapKernel } from "@afxdp/core";
import { beginSetup, XdpSocket } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";

type Any = Record<string, (...args: unknown[]) => unknown>;

const DRIVER_STEPS = STEP_NAMES.slice(0, STEP_NAMES.indexOf("mode") + 1);
const ARGUMENTS: Record<string, unknown[]> = {
  umem: [{ frameCount: 64 }],
  fill: [64],
  completion: [64],
  rx: [64],
  tx: [64],
};

describeOnKernel("the driver's set-up in plain JavaScript", () => {
  let lab: Lab;
  let leave: () => void;
  let calls = 0;
  let kernel: Kernel;
  beforeAll(() => {
    lab = createLab();
    leave = lab.a.enter();
    kernel = wrapKernel(createLinuxKernel(), (_method, _args, proceed) => {
      calls++;
      return proceed();
    });
  });
  afterAll(() => {
    leave();
    lab.close();
  });

  it("refuses every step out of its turn: it names the legal ones, makes no call, and goes on", async () => {
    const before = footprint();
    const setup = beginSetup(kernel, lab.a.device, 0);
    const stage = setup as unknown as Any;
    const take = async (step: string): Promise<unknown> =>
      stage[step]?.(...(ARGUMENTS[step] ?? []));
    for (const next of DRIVER_STEPS) {
      const legal = setup.sequence.legal();
      expect(legal).toContain(next);
      const made = calls;
      for (const wrong of DRIVER_STEPS.filter((step) => !legal.includes(step))) {
        await expect(take(wrong)).rejects.toMatchObject({ code: "ERR_XDP_STATE", legal });
      }
      expect(calls).toBe(made);
      await take(next);
    }
    expect(setup.sequence.done).toEqual(DRIVER_STEPS);
    await setup.close();
    await expect(take("mode")).rejects.toMatchObject({ code: "ERR_XDP_CLOSED" });
    expect(footprint()).toEqual(before);
  });

  it("can be given up at every stage", async () => {
    const before = footprint();
    for (let length = 1; length <= DRIVER_STEPS.length; length++) {
      const setup = beginSetup(kernel, lab.a.device, 0);
      const stage = setup as unknown as Any;
      for (const step of DRIVER_STEPS.slice(0, length)) {
        await stage[step]?.(...(ARGUMENTS[step] ?? []));
      }
      await setup.close();
      await setup.close();
      expect(footprint()).toEqual(before);
    }
  });

  it("takes a wrong value for none: the step can be tried again", async () => {
    const setup = beginSetup(kernel, lab.a.device, 0);
    const needsUmem = setup.socket();
    expect(() => needsUmem.umem({ frameCount: 1 })).toThrow(/frameCount/);
    const needsFill = needsUmem.umem({ frameCount: 64 });
    expect(() => needsFill.fill(128)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_UMEM_SIZE" }),
    );
    expect(() => needsFill.fill(3)).toThrow(expect.objectContaining({ code: "ERR_XDP_RING_SIZE" }));
    const bound = await needsFill.fill(64).completion(64).rx(64).map().prefill().bind();
    const socket = new XdpSocket(bound.mode());
    expect(socket.frames).toMatchObject({ fill: 64, free: 0 });
    await socket.close();
  });

  it("refuses frames larger than a page before it opens anything that lasts", async () => {
    const before = footprint();
    const needsUmem = beginSetup(kernel, lab.a.device, 0).socket();
    expect(() => needsUmem.umem({ frameCount: 64, frameSize: 8192 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_CHUNK_SIZE" }),
    );
    await needsUmem.close();
    expect(footprint()).toEqual(before);
  });
});
