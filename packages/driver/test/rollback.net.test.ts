import { type Kernel, STEPS } from "@afxdp/core";
import {
  type BindOptions,
  beginSetup,
  probeFeatures,
  type ReadySocket,
  type XdpSocket,
} from "@afxdp/driver";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { beforeAll, describe, expect, it } from "vitest";
import { failing } from "./support/counted.js";
import { open } from "./support/open.js";

type Call = readonly [method: keyof Kernel, nth: number, step: string];

const RINGS: readonly Call[] = [
  ["setRingSize", 1, "fill"],
  ["setRingSize", 2, "completion"],
  ["setRingSize", 3, "rx"],
  ["setRingSize", 4, "tx"],
  ["setTxBudget", 1, "budget"],
  ["mmapOffsets", 1, "map"],
  ["mapRing", 1, "map"],
  ["mapRing", 2, "map"],
  ["mapRing", 3, "map"],
  ["mapRing", 4, "map"],
  ["bind", 1, "bind"],
];
const END: readonly Call[] = [
  ["options", 1, "mode"],
  ["setSocketOption", 1, "busyPoll"],
  ["setSocketOption", 2, "busyPoll"],
  ["setSocketOption", 3, "busyPoll"],
];

/** Calls of each way that can fail, with the step that the error has to name. */
const OWN: readonly Call[] = [
  ["socket", 1, "socket"],
  ["createMemory", 1, "memory"],
  ["mapMemory", 1, "memory"],
  ["preferNode", 1, "memory"],
  ["registerUmem", 1, "umem"],
  ...RINGS,
  ...END,
  ["setInterfaceSetting", 1, "busyPoll"],
  ["setInterfaceSetting", 2, "busyPoll"],
];
const SHARED_UMEM: readonly Call[] = [["socket", 1, "socket"], ...RINGS, ...END];
const SHARED_QUEUE: readonly Call[] = [
  ["socket", 1, "socket"],
  ["setRingSize", 1, "rx"],
  ["setRingSize", 2, "tx"],
  ["mmapOffsets", 1, "map"],
  ["mapRing", 2, "map"],
  ["bind", 1, "bind"],
  ["options", 1, "mode"],
];

describeOnKernel("a set-up that fails leaves nothing behind", () => {
  const lab = useLab({ queues: 2, ipv6: false });
  const injector = failing();
  const { kernel } = injector;
  beforeAll(() => {
    probeFeatures(kernel); // made once, and not to be failed
  });

  /** Takes every step that has a system call. */
  async function whole(owner: XdpSocket | undefined): Promise<ReadySocket> {
    const needsUmem = beginSetup(kernel, lab.a.device, owner === undefined ? 0 : 1).socket();
    const memory = { shared: true, node: 0 };
    const needsFill =
      owner === undefined ? needsUmem.umem({ frameCount: 64, memory }) : needsUmem.shareUmem(owner);
    const needsMap = needsFill.fill(64).completion(64).rx(64).tx(64).budget(48);
    // Where zero copy is only preferred, its bind may fail.
    const wish: BindOptions = owner === undefined ? { zeroCopy: "never" } : {};
    const bound = await needsMap.map().prefill().bind(wish);
    const napi = { deferHardIrqs: 2, groFlushTimeoutNs: 1000 };
    return bound.mode().busyPoll({ microseconds: 20, budget: 16, ...(owner ? {} : { napi }) });
  }

  describe("with all that a UMEM of its own can have", () => {
    it.each(OWN)("when call %s (%i) fails at step %s", async (method, nth, step) => {
      const before = footprint();
      injector.fail(method, nth, step);
      await expect(whole(undefined)).rejects.toMatchObject({ step, errno: 5, suppressed: [] });
      expect(injector.failed()).toBe(1);
      expect(footprint()).toEqual(before);
      expect(kernel.interfaceSetting(lab.a.device, "napi_defer_hard_irqs")).toBe(0);
      expect(kernel.interfaceSetting(lab.a.device, "gro_flush_timeout")).toBe(0);
    });
  });

  describe.each([
    ["another's UMEM", SHARED_UMEM],
    ["another's queue", SHARED_QUEUE],
  ] as const)("with %s", (way, calls) => {
    it.each(calls)("when call %s (%i) fails at step %s", async (method, nth, step) => {
      const owner = await open(kernel, lab.a.device, { umem: { frameCount: 128, sharers: 1 } });
      const { frames } = owner;
      const before = footprint();
      injector.fail(method, nth, step);
      const attempt =
        way === "another's UMEM" ? whole(owner) : open(kernel, lab.a.device, { queueOf: owner });
      await expect(attempt).rejects.toMatchObject({ step, errno: 5, suppressed: [] });
      expect(injector.failed()).toBe(1);
      expect(footprint()).toEqual(before);
      expect(owner.frames).toEqual(frames);
      await owner.close(); // nobody shares with it any more
    });
  });

  it("and every step of the driver that makes a system call is among those that failed", () => {
    const failed = new Set(OWN.map(([, , step]) => step));
    // What comes after the driver's last step is performed by whoever loads a program.
    const driver = STEPS.slice(0, STEPS.findIndex((step) => step.name === "busyPoll") + 1);
    const calling = driver.filter((step) => step.syscalls.length > 0).map((step) => step.name);
    expect([...failed].filter((step) => step !== "memory")).toEqual(calling);
  });
});
