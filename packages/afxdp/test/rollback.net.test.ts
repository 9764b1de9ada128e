import { type Kernel, STEPS, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { createLinuxKernel } from "afxdp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { open } from "./support/open.js";

/** Calls of the set-up that can fail, with the step that the error has to name. */
const CALLS: [method: keyof Kernel, nth: number, step: string][] = [
  ["socket", 1, "socket"],
  ["registerUmem", 1, "umem"],
  ["setRingSize", 1, "fill"],
  ["setRingSize", 2, "completion"],
  ["setRingSize", 3, "rx"],
  ["setRingSize", 4, "tx"],
  ["mmapOffsets", 1, "map"],
  ["mapRing", 1, "map"],
  ["mapRing", 2, "map"],
  ["mapRing", 3, "map"],
  ["mapRing", 4, "map"],
  ["bind", 1, "bind"],
  ["options", 1, "mode"],
  ["loadProgram", 1, "program"],
  ["updateMap", 1, "program"],
  ["enterXskMap", 1, "xskmap"],
  ["attachProgram", 1, "attach"],
];

/** The real Kernel, of which the n-th call of a method fails with EIO instead of being made. */
function failing(method: keyof Kernel, nth: number, step: string): Kernel {
  let left = nth;
  return wrapKernel(createLinuxKernel(), (called, _args, proceed) => {
    if (called !== method || --left > 0) return proceed();
    throw new XdpSystemError({
      step: step as "bind",
      syscall: method,
      errno: 5,
      code: "ERR_XDP_SYSCALL",
    });
  });
}

describeOnKernel("a set-up that fails leaves nothing behind", () => {
  let lab: Lab;
  let leave: () => void;
  beforeAll(async () => {
    lab = createLab();
    leave = lab.a.enter();
    await (await open(lab, "both")).close(); // whatever is made once is made now
  });
  afterAll(() => {
    leave();
    lab.close();
  });

  it.each(CALLS)("when call %s (%i) fails at step %s", async (method, nth, step) => {
    const before = footprint();
    const attempt = open(lab, "both", { kernel: failing(method, nth, step) });
    await expect(attempt).rejects.toMatchObject({ step, errno: 5, suppressed: [] });
    expect(footprint()).toEqual(before);
    const socket = await open(lab, "both");
    expect(socket.frames).toMatchObject({ fill: 128, free: 384 });
    await socket.close();
    expect(footprint()).toEqual(before);
  });

  it("and every step of the table that makes a system call is among those that failed", () => {
    const steps = new Set(CALLS.map(([, , step]) => step));
    const unused = ["budget", "busyPoll"]; // the driver's rollback test takes them
    const calling = STEPS.filter((step) => step.syscalls.length > 0)
      .map((step) => step.name)
      .filter((step) => !unused.includes(step));
    expect([...steps]).toEqual(calling);
  });

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
