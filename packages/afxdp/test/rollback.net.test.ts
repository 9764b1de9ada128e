import { type Kernel, STEPS, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afxdp, createLinuxKernel, probeFeatures, redirect } from "afxdp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { open, type Wanted } from "./support/open.js";

/** Calls of a set-up with everything in it that can fail, with the step that the error has to name. */
const CALLS: [method: keyof Kernel, nth: number, step: string][] = [
  ["socket", 1, "socket"],
  ["createMemory", 1, "umem"],
  ["mapMemory", 1, "umem"],
  ["registerUmem", 1, "umem"],
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
  ["options", 1, "mode"],
  ["setSocketOption", 1, "busyPoll"],
  ["setSocketOption", 2, "busyPoll"],
  ["setSocketOption", 3, "busyPoll"],
  ["promiscuous", 1, "promiscuous"],
  ["loadProgram", 1, "program"],
  ["updateMap", 1, "program"],
  ["enterXskMap", 1, "xskmap"],
  ["attachProgram", 1, "attach"],
];

/** A set-up that takes every optional step of the table, too. */
const EVERYTHING: Wanted = {
  umem: { memory: { shared: true }, sharers: 2 },
  tx: { budget: 64 },
  busyPoll: { microseconds: 20, budget: 64 },
  promiscuous: true,
  zeroCopy: "never", // where it is only preferred, its bind may fail
};

/** Has the n-th call of a method from `arm` on fail with EIO instead of being made. */
class Fault {
  #armed: { method: keyof Kernel; left: number; step: string } | undefined;

  arm(method: keyof Kernel, left: number, step: string): void {
    this.#armed = { method, left, step };
  }

  wrap(kernel: Kernel): Kernel {
    return wrapKernel(kernel, (called, _args, proceed) => {
      const armed = this.#armed;
      if (called !== armed?.method || --armed.left > 0) return proceed();
      this.#armed = undefined;
      const step = armed.step as "bind";
      throw new XdpSystemError({ step, syscall: called, errno: 5, code: "ERR_XDP_SYSCALL" });
    });
  }
}

/** The real Kernel with its features known, of which the n-th call of a method fails. */
function failing(method: keyof Kernel, nth: number, step: string): Kernel {
  const fault = new Fault();
  const kernel = fault.wrap(createLinuxKernel());
  probeFeatures(kernel); // a probe makes such calls as well, once
  fault.arm(method, nth, step);
  return kernel;
}

describeOnKernel("a set-up that fails leaves nothing behind", () => {
  let lab: Lab;
  let leave: () => void;
  beforeAll(async () => {
    lab = createLab({ queues: 2 });
    leave = lab.a.enter();
    await (await open(lab, "both", EVERYTHING)).close(); // whatever is made once is made now
  });
  afterAll(() => {
    leave();
    lab.close();
  });

  it.each(CALLS)("when call %s (%i) fails at step %s", async (method, nth, step) => {
    const before = footprint();
    const kernel = failing(method, nth, step);
    const attempt = open(lab, "both", { ...EVERYTHING, kernel });
    await expect(attempt).rejects.toMatchObject({ step, errno: 5, suppressed: [] });
    expect(footprint()).toEqual(before);
    const socket = await open(lab, "both");
    expect(socket.frames).toMatchObject({ fill: 128, free: 384 });
    await socket.close();
    expect(footprint()).toEqual(before);
  });

  it("and every step of the table that makes a system call is among those that failed", () => {
    const steps = new Set(CALLS.map(([, , step]) => step));
    const calling = STEPS.filter((step) => step.syscalls.length > 0).map((step) => step.name);
    expect([...steps]).toEqual(calling);
  });

  it.each([
    ["shareUmem", "socket", 1, "socket"],
    ["shareUmem", "setRingSize", 1, "fill"],
    ["shareUmem", "setRingSize", 4, "tx"],
    ["shareUmem", "mapRing", 1, "map"],
    ["shareUmem", "mapRing", 4, "map"],
    ["shareUmem", "bind", 1, "bind"],
    ["shareUmem", "options", 1, "mode"],
    ["shareUmem", "updateMap", 1, "program"],
    ["shareUmem", "enterXskMap", 1, "xskmap"],
    ["shareQueue", "socket", 1, "socket"],
    ["shareQueue", "setRingSize", 1, "rx"],
    ["shareQueue", "setRingSize", 2, "tx"],
    ["shareQueue", "mapRing", 2, "map"],
    ["shareQueue", "bind", 1, "bind"],
    ["shareQueue", "options", 1, "mode"],
    ["shareQueue", "updateMap", 1, "program"],
    ["shareQueue", "enterXskMap", 1, "xskmap"],
  ] as const)(
    "after %s, when call %s (%i) fails at step %s: the owner goes on",
    async (how, method, nth, step) => {
      const before = footprint();
      const fault = new Fault();
      const kernel = fault.wrap(createLinuxKernel());
      const owner = await open(lab, "both", { kernel, umem: { sharers: 1 } });
      const held = footprint();
      const frames = owner.frames;
      const share = () => {
        const begun = afxdp(lab.a.device, { queue: how === "shareUmem" ? 1 : 0 });
        const rings =
          how === "shareUmem"
            ? begun.shareUmem(owner).fill(64).completion(64)
            : begun.shareQueue(owner);
        return rings.rx(64).tx(64).program(redirect.etherType("arp")).open();
      };
      fault.arm(method, nth, step);
      await expect(share()).rejects.toMatchObject({ step, errno: 5, suppressed: [] });
      expect(footprint()).toEqual(held);
      expect(owner.frames).toEqual(frames);
      const sharer = await share();
      await sharer.close();
      expect(owner.frames).toEqual(frames);
      await owner.close();
      expect(footprint()).toEqual(before);
    },
  );

  it.each(["leaveXskMap", "unmapRing", "close"] as const)(
    "when closing meets an error of %s: it is reported and the rest is released",
    async (method) => {
      const before = footprint();
      let armed = false;
      const kernel = wrapKernel(createLinuxKernel(), (called, _args, proceed) => {
        const value = proceed();
        if (armed && called === method) throw new Error(`${method} failed`);
        return value;
      });
      const socket = await open(lab, "both", { kernel });
      armed = true;
      await expect(socket.close()).rejects.toThrow(`${method} failed`);
      await expect(socket.close()).rejects.toThrow(`${method} failed`);
      expect(footprint()).toEqual(before);
    },
  );

  it("when undoing fails as well: both are reported and the rest is released", async () => {
    const before = footprint();
    const kernel = wrapKernel(failing("attachProgram", 1, "attach"), (method, _args, proceed) => {
      const value = proceed();
      if (method === "leaveXskMap") throw new Error("leaving failed");
      return value;
    });
    await expect(open(lab, "both", { kernel })).rejects.toMatchObject({
      step: "attach",
      suppressed: [expect.objectContaining({ message: "leaving failed" })],
    });
    expect(footprint()).toEqual(before);
  });
});
