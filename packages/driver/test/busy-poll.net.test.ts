import { ERRNO, type Kernel, type SocketOption } from "@afxdp/core";
import { probeFeatures, XdpSocket } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { failing } from "./support/counted.js";
import { ready } from "./support/open.js";

describeOnKernel("busy polling", () => {
  const lab = useLab({ queues: 16, ipv6: false });
  let kernel: Kernel;
  let queue = -1;
  beforeAll(() => {
    kernel = createLinuxKernel();
    probeFeatures(kernel);
  });
  beforeEach(() => {
    queue++;
  });

  const option = (fd: number, name: SocketOption): number => kernel.socketOption(fd, name);
  const settings = (): number[] => [
    kernel.interfaceSetting(lab.a.device, "napi_defer_hard_irqs"),
    kernel.interfaceSetting(lab.a.device, "gro_flush_timeout"),
  ];

  it("sets the socket's options and leaves the interface alone", async () => {
    const made = await ready(kernel, lab.a.device, { queue });
    expect(made.busyPoll({ microseconds: 20, budget: 16 })).toBe(made);
    expect(option(made.fd, "SO_PREFER_BUSY_POLL")).toBe(1);
    expect(option(made.fd, "SO_BUSY_POLL")).toBe(20);
    expect(settings()).toEqual([0, 0]);
    expect(made.sequence.done.at(-1)).toBe("busyPoll");
    await made.sequence.close();
  });

  it("changes the interface's settings on request only, and puts them back on close", async () => {
    const before = footprint();
    const made = await ready(kernel, lab.a.device, { queue });
    const napi = { deferHardIrqs: 2, groFlushTimeoutNs: 200_000 };
    const socket = new XdpSocket(
      made.busyPoll({ microseconds: 20, budget: 16, prefer: false, napi }),
    );
    expect(option(made.fd, "SO_PREFER_BUSY_POLL")).toBe(0);
    expect(settings()).toEqual([2, 200_000]);
    expect(socket.send(new Uint8Array(60).fill(255))).toBe(true);
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
    await socket.close();
    expect(settings()).toEqual([0, 0]);
    expect(footprint()).toEqual(before);
  });

  it("is refused before any call when a value is wrong, and can be tried again", async () => {
    const made = await ready(kernel, lab.a.device, { queue });
    const wrongs = [
      {},
      { microseconds: 0, budget: 8 },
      { microseconds: 2 ** 31, budget: 8 },
      { microseconds: 20, budget: 0 },
      { microseconds: 20, budget: 65536 },
      { microseconds: 20.5, budget: 8 },
      { microseconds: 20, budget: 8, prefer: 1 },
      { microseconds: 20, budget: 8, napi: {} },
      { microseconds: 20, budget: 8, napi: { deferHardIrqs: -1 } },
      { microseconds: 20, budget: 8, napi: { gro: 1 } },
      { microseconds: 20, budget: 8, poll: true },
    ];
    for (const wrong of wrongs) {
      expect(() => made.busyPoll(wrong as never)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }),
      );
    }
    expect(option(made.fd, "SO_PREFER_BUSY_POLL")).toBe(0);
    made.busyPoll({ microseconds: 20, budget: 8 });
    expect(() => made.busyPoll({ microseconds: 20, budget: 8 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_STATE" }),
    );
    await made.sequence.close();
  });

  it("comes before the program or not at all", async () => {
    const made = await ready(kernel, lab.a.device, { queue });
    made.sequence.perform("program", () => undefined);
    expect(() => made.busyPoll({ microseconds: 20, budget: 8 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_STATE" }),
    );
    await made.sequence.close();
  });

  it("is a feature that a kernel may not have", async () => {
    const { kernel: old, fail } = failing();
    const made = await ready(old, lab.a.device, { queue });
    fail("socketOption", 1, "busyPoll", ERRNO.ENOPROTOOPT); // to the probe
    expect(() => made.busyPoll({ microseconds: 20, budget: 8 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FEATURE", feature: "busyPoll" }),
    );
    expect(made.sequence.closed).toBe(false);
    await made.sequence.close();
  });
});
