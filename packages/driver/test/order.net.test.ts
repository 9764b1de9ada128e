import { STEP_NAMES, type StepName } from "@afxdp/core";
import { beginSetup, type NeedsSocket, XdpSocket } from "@afxdp/driver";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { counted } from "./support/counted.js";
import { open } from "./support/open.js";

type Any = Record<string, (...args: unknown[]) => unknown>;

/** The driver's own steps, and those of a way to have frames. */
const OWN_STEPS = STEP_NAMES.slice(0, STEP_NAMES.indexOf("mode") + 1);
const WAYS: Record<string, readonly StepName[]> = {
  "a UMEM of its own": OWN_STEPS.filter((step) => step !== "shareUmem" && step !== "shareQueue"),
  "another's UMEM": OWN_STEPS.filter((step) => step !== "umem" && step !== "shareQueue"),
  "another's queue": OWN_STEPS.filter(
    (step) => !["umem", "shareUmem", "fill", "completion"].includes(step),
  ),
};

describeOnKernel("the driver's set-up in plain JavaScript", () => {
  const lab = useLab({ queues: 2, ipv6: false });
  const { kernel, calls } = counted();
  let owner: XdpSocket;
  let steps: Record<string, unknown[]>;
  beforeAll(async () => {
    owner = await open(kernel, lab.a.device, { umem: { sharers: 1 } });
    steps = {
      umem: [{ frameCount: 64 }],
      shareUmem: [owner],
      shareQueue: [owner],
      ...{ fill: [64], completion: [64], rx: [64], tx: [64], budget: [64] },
    };
  });
  afterAll(() => owner.close());

  /** Begins where the way can lead to the end: beside the owner's queue, or on it. */
  const begin = (way: string): NeedsSocket =>
    beginSetup(kernel, lab.a.device, way === "another's queue" ? 0 : 1);

  describe.each(Object.entries(WAYS))("with %s", (way, path) => {
    it("refuses every step out of its turn: it names the legal ones, makes no call, and goes on", async () => {
      const before = footprint();
      const setup = begin(way);
      const stage = setup as unknown as Any;
      const take = async (step: string): Promise<unknown> => stage[step]?.(...(steps[step] ?? []));
      for (const next of path) {
        const legal = setup.sequence.legal();
        expect(legal).toContain(next);
        const made = calls.length;
        for (const wrong of OWN_STEPS.filter((step) => !legal.includes(step))) {
          await expect(take(wrong)).rejects.toMatchObject({ code: "ERR_XDP_STATE", legal });
        }
        expect(calls.length).toBe(made);
        await take(next);
      }
      expect(setup.sequence.done).toEqual(path);
      await setup.close();
      await expect(take("mode")).rejects.toMatchObject({ code: "ERR_XDP_CLOSED" });
      expect(footprint()).toEqual(before);
    });

    it("can be given up at every stage", async () => {
      const before = footprint();
      for (let length = 1; length <= path.length; length++) {
        const setup = begin(way);
        const stage = setup as unknown as Any;
        for (const step of path.slice(0, length)) await stage[step]?.(...(steps[step] ?? []));
        await setup.close();
        await setup.close();
        expect(footprint()).toEqual(before);
      }
    });
  });

  it("takes a wrong value for none: the step can be tried again", async () => {
    const setup = beginSetup(kernel, lab.a.device, 1);
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
    const needsUmem = beginSetup(kernel, lab.a.device, 1).socket();
    expect(() => needsUmem.umem({ frameCount: 64, frameSize: 8192 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_CHUNK_SIZE" }),
    );
    await needsUmem.close();
    expect(footprint()).toEqual(before);
  });
});
