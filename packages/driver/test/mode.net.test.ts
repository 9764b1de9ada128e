import {
  type BindAddress,
  ERRNO,
  type Kernel,
  wrapKernel,
  XDP_COPY,
  XDP_USE_NEED_WAKEUP,
  XDP_USE_SG,
  XDP_ZEROCOPY,
} from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { beforeEach, expect, it } from "vitest";
import { failing } from "./support/counted.js";
import { open, prepare, ready } from "./support/open.js";

describeOnKernel("zero copy", () => {
  const lab = useLab({ queues: 24, ipv6: false });
  /** A queue for each test: what a test before has closed may be busy yet, and would be bound to again and again. */
  let queue = -1;
  beforeEach(() => {
    queue++;
  });

  /** The Linux Kernel, and the flags of each bind. */
  function flagged(): { kernel: Kernel; flags: number[] } {
    const flags: number[] = [];
    const kernel = wrapKernel(createLinuxKernel(), (method, args, proceed) => {
      if (method === "bind") flags.push((args[1] as BindAddress).flags);
      return proceed();
    });
    return { kernel, flags };
  }

  it("is tried by itself when preferred, and what refused it is reported with the copy mode", async () => {
    const { kernel, flags } = flagged();
    const socket = await open(kernel, lab.a.device, { queue });
    expect(flags).toEqual([XDP_ZEROCOPY | XDP_USE_NEED_WAKEUP, XDP_COPY | XDP_USE_NEED_WAKEUP]);
    expect(socket).toMatchObject({ zeroCopy: false, copyReason: "EOPNOTSUPP" });
    await socket.close();
  });

  it("is not tried when it is not wanted, and there is nothing to report", async () => {
    const { kernel, flags } = flagged();
    const socket = await open(kernel, lab.a.device, {
      queue,
      bind: { zeroCopy: "never", needWakeup: false },
    });
    expect(flags).toEqual([XDP_COPY]);
    expect(socket).toMatchObject({ zeroCopy: false, copyReason: undefined });
    await socket.close();
  });

  it("is an error where it is required and the driver has none, and everything is undone", async () => {
    const { kernel, flags } = flagged();
    const before = footprint();
    await expect(
      open(kernel, lab.a.device, { queue, bind: { zeroCopy: "require" } }),
    ).rejects.toMatchObject({
      code: "ERR_XDP_ZERO_COPY",
      message: expect.stringContaining("EOPNOTSUPP"),
      cause: expect.objectContaining({ errnoName: "EOPNOTSUPP", step: "bind" }),
    });
    expect(flags).toEqual([XDP_ZEROCOPY | XDP_USE_NEED_WAKEUP]);
    expect(footprint()).toEqual(before);
  });

  it("names the MTU where that may be what it was refused for", async () => {
    const { kernel, fail } = failing();
    fail("bind", 1, "bind", ERRNO.EINVAL);
    await expect(
      open(kernel, lab.a.device, { queue, bind: { zeroCopy: "require" } }),
    ).rejects.toMatchObject({ code: "ERR_XDP_ZERO_COPY", hint: expect.stringContaining("1500") });
  });

  it.each([
    ["prefer", 2],
    ["require", 1],
  ] as const)(
    "%s: a queue that stays busy is a busy queue, not a refusal",
    async (zeroCopy, attempts) => {
      const holder = await open(createLinuxKernel(), lab.a.device, { queue });
      const { kernel, flags } = flagged();
      await expect(
        open(kernel, lab.a.device, { queue, bind: { zeroCopy, busyTimeoutMs: 0 } }),
      ).rejects.toMatchObject({ code: "ERR_XDP_QUEUE_BUSY" });
      expect(flags.length).toBe(attempts);
      await holder.close();
    },
  );

  it("is given up for copy mode when the queue is only busy for it", async () => {
    const { kernel, fail } = failing();
    fail("bind", 1, "bind", ERRNO.EBUSY);
    const socket = await open(kernel, lab.a.device, { queue, bind: { busyTimeoutMs: 0 } });
    expect(socket.copyReason).toBe("EBUSY");
    await socket.close();
  });

  it.each(["EINVAL", "ENOMEM", "EIO", "ENXIO"] as const)(
    "is given up for copy mode whatever errno the driver has for it: %s",
    async (name) => {
      const { kernel, fail } = failing();
      fail("bind", 1, "bind", ERRNO[name]);
      const socket = await open(kernel, lab.a.device, { queue });
      expect(socket).toMatchObject({ zeroCopy: false, copyReason: name });
      await socket.close();
      fail("bind", 1, "bind", ERRNO[name]);
      await expect(
        open(kernel, lab.a.device, { queue, bind: { zeroCopy: "require" } }),
      ).rejects.toMatchObject({ code: "ERR_XDP_ZERO_COPY" });
    },
  );

  it("is not given up for copy mode when there is no such device", async () => {
    const { kernel, fail } = failing();
    fail("bind", 1, "bind", ERRNO.ENODEV);
    await expect(open(kernel, lab.a.device, { queue })).rejects.toMatchObject({
      code: "ERR_XDP_NO_DEVICE",
    });
  });

  it("is not tried with frames that cross pages, which the kernel would swallow", async () => {
    const umem = { frameCount: 64, frameSize: 3000, unaligned: true };
    const { kernel, flags } = flagged();
    const socket = await open(kernel, lab.a.device, { queue, umem });
    expect(flags.at(-1)).toBe(XDP_COPY | XDP_USE_NEED_WAKEUP);
    expect(flags.filter((flag) => (flag & XDP_ZEROCOPY) !== 0)).toEqual([]);
    expect(socket.copyReason).toBe("frames of 3000 bytes cross pages of 4096");
    await socket.close();
    const needsBind = prepare(kernel, lab.a.device, { queue, umem });
    flags.length = 0;
    await expect(needsBind.bind({ zeroCopy: "require" })).rejects.toMatchObject({
      code: "ERR_XDP_CONFLICT",
    });
    expect(flags).toEqual([]);
    const made = (await needsBind.bind({ zeroCopy: "never" })).mode();
    expect(made.copyReason).toBeUndefined();
    await made.sequence.close();
  });

  it("is tried with unaligned frames that cross none", async () => {
    const umem = { frameCount: 64, frameSize: 2048, unaligned: true };
    const socket = await open(createLinuxKernel(), lab.a.device, { queue, umem });
    expect(socket.copyReason).toBe("EOPNOTSUPP");
    await socket.close();
  });

  it("takes no frame from a socket that only sends where the driver says that it has none", async () => {
    const socket = await open(createLinuxKernel(), lab.a.device, { queue, rings: "tx" });
    expect(socket.frames).toMatchObject({ free: 64, fill: 0 });
    await socket.close();
  });

  it("gets frames of a socket that only sends where the driver has it; a refusal leaves them counted", async () => {
    const kernel = wrapKernel(createLinuxKernel(), (method, _args, proceed) =>
      method === "interfaceFeatures" ? { ...(proceed() as object), xdp: 8 } : proceed(),
    );
    const socket = await open(kernel, lab.a.device, { queue, rings: "tx" });
    expect(socket.frames).toMatchObject({ free: 48, fill: 16 });
    // A sharer that receives has them at its disposal.
    const receiver = await open(kernel, lab.a.device, { queue, rings: "rx", queueOf: socket });
    expect(socket.frames).toMatchObject({ free: 48, fill: 16 });
    await receiver.close();
    await socket.close();
  });
});

describeOnKernel("the other wishes of bind", () => {
  const lab = useLab({ ipv6: false });

  it("become the kernel's flags", async () => {
    const flags: number[] = [];
    const kernel = wrapKernel(createLinuxKernel(), (method, args, proceed) => {
      if (method === "bind") flags.push((args[1] as BindAddress).flags);
      return proceed();
    });
    const made = await ready(kernel, lab.a.device, {
      bind: { zeroCopy: "never", multiBuffer: true },
    });
    expect(flags.at(-1)).toBe(XDP_COPY | XDP_USE_NEED_WAKEUP | XDP_USE_SG);
    expect(made.multiBuffer).toBe(true);
    await made.sequence.close();
  });

  it("are checked before any call, and the step can be tried again", async () => {
    const { kernel, fail, failed } = failing();
    const needsBind = prepare(kernel, lab.a.device);
    fail("bind", 1, "bind");
    for (const wrong of [
      { zeroCopy: "yes" },
      { needWakeup: 1 },
      { multiBuffer: "no" },
      { busyTimeoutMs: -1 },
      { copy: true },
    ]) {
      await expect(needsBind.bind(wrong as never)).rejects.toMatchObject({
        code: "ERR_XDP_ARGUMENT",
      });
    }
    expect(failed()).toBe(0);
    await needsBind.close();
  });

  it("are the owner's for who shares", async () => {
    const owner = await open(createLinuxKernel(), lab.a.device);
    const needsBind = prepare(owner.kernel, lab.a.device, { queueOf: owner });
    for (const wrong of [{ zeroCopy: "never" }, { needWakeup: true }, { multiBuffer: false }]) {
      await expect(needsBind.bind(wrong as never)).rejects.toMatchObject({
        code: "ERR_XDP_ARGUMENT",
      });
    }
    await needsBind.close();
    await owner.close();
  });
});
