import { wrapKernel } from "@afxdp/core";
import { ethernet, footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { createLinuxKernel, type Kernel, type Socket } from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { caught, openSender, sendTo, TYPES } from "./support/catch-packets.js";
import { patterned } from "./support/driver-socket.js";
import { open } from "./support/open.js";

describeOnKernel("how a socket runs", () => {
  const lab = useLab({ ipv6: false });
  let sender: Socket;
  let before: ReturnType<typeof footprint>;
  beforeAll(async () => {
    sender = await openSender(lab.b);
    await (await open(lab, "rx")).close();
  });
  afterAll(() => sender.close());
  beforeEach(() => {
    before = footprint();
  });
  afterEach(() => expect(footprint()).toEqual(before));

  /** The Linux Kernel, with the arguments of the calls of one method. */
  function seen<K extends keyof Kernel>(method: K): { kernel: Kernel; calls: unknown[][] } {
    const calls: unknown[][] = [];
    const kernel = wrapKernel(createLinuxKernel(), (called, args, proceed) => {
      if (called === method) calls.push([...args]);
      return proceed();
    });
    return { kernel, calls };
  }

  it.each([
    ["prefer", undefined, "EOPNOTSUPP"],
    ["prefer", "prefer", "EOPNOTSUPP"],
    ["never", "never", undefined],
  ] as const)("zero copy on veth is told to be copy mode: %s (%s)", async (_, zeroCopy, reason) => {
    await using socket = await open(lab, "both", { zeroCopy });
    expect(socket.mode).toEqual({
      xdp: "drv",
      zeroCopy: false,
      copyReason: reason,
      multiBuffer: false,
    });
    expect(socket).toMatchObject({ zeroCopy: false, copyReason: reason });
  });

  it("zero copy that is required is an error, and everything is undone", async () => {
    await expect(open(lab, "both", { zeroCopy: "require" })).rejects.toMatchObject({
      code: "ERR_XDP_ZERO_COPY",
      suppressed: [],
    });
    expect(footprint()).toEqual(before);
    await (await open(lab, "both")).close();
  });

  it.each([
    [undefined, 8],
    [true, 8],
    [false, 0],
  ])("needWakeup %s binds so", async (needWakeup, flag) => {
    const { kernel, calls } = seen("bind");
    await using socket = await open(lab, "both", { kernel, needWakeup, zeroCopy: "never" });
    // As often as it took while the queue was busy.
    const flags = calls.map(([, address]) => (address as { flags: number }).flags & 8);
    expect(new Set(flags)).toEqual(new Set([flag]));
    sendTo(lab, sender, TYPES[0], 3);
    expect(await caught(socket, 1)).toEqual([[TYPES[0], 3]]);
    expect(socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }))).toBe(true);
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
  });

  it.each([
    [undefined, 256 / 32],
    [256, 1],
  ])("with budget %s, 256 packets take %i rounds of the kernel", async (budget, rounds) => {
    // Each call of the Kernel may kick several times: those that sent are what the driver counts.
    const raw = createLinuxKernel();
    let kicks = 0;
    const kernel = wrapKernel(raw, (called, [fd], proceed) => {
      if (called !== "kickTx") return proceed();
      for (let i = 0; i < 64; i++) {
        kicks++;
        const answer = raw.kickTx(fd as number, 1);
        if (answer !== -11) return answer;
      }
      return -11;
    });
    const socket = await open(lab, "tx", {
      ...{ kernel, frameCount: 512, entries: 256 },
      tx: { budget },
    });
    const packet = ethernet({ to: lab.b.mac, from: lab.a.mac });
    for (let i = 0; i < 256; i++) {
      const address = socket.allocate();
      socket.bytes.set(packet, address);
      expect(socket.transmit(address, packet.length)).toBe(true);
    }
    expect(kicks).toBe(0);
    expect(socket.flush()).toBe(0);
    // With nothing left, the last kick answers 0.
    expect(kicks).toBe(rounds);
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
    expect(socket.stats()).toMatchObject({ txPackets: 256 });
    await socket.close();
  });

  it("busy polling sets the socket, and the interface's settings until it closes", async () => {
    const { kernel, calls } = seen("setSocketOption");
    // The file system shows the namespace that mounted it.
    const read = (): string[] =>
      lab.a
        .run(
          ...(["unshare", "--mount", "sh", "-c"] as const),
          `mount -t sysfs s /sys && cd /sys/class/net/${lab.a.device} && cat napi_defer_hard_irqs gro_flush_timeout`,
        )
        .trim()
        .split("\n");
    const original = read();
    const socket = await open(lab, "both", {
      kernel,
      busyPoll: {
        ...{ microseconds: 20, budget: 64 },
        napi: { deferHardIrqs: 2, groFlushTimeoutNs: 200_000 },
      },
    });
    expect(calls.map(([, ...rest]) => rest)).toEqual([
      ["SO_PREFER_BUSY_POLL", 1],
      ["SO_BUSY_POLL", 20],
      ["SO_BUSY_POLL_BUDGET", 64],
    ]);
    expect(read()).toEqual(["2", "200000"]);
    sendTo(lab, sender, TYPES[0], 4);
    expect(await caught(socket, 1)).toEqual([[TYPES[0], 4]]);
    await socket.close();
    expect(read()).toEqual(original);
  });

  it("promiscuous mode lasts as long as the socket", async () => {
    const promiscuity = (): number =>
      (
        JSON.parse(lab.a.run("ip", "-j", "-d", "link", "show", lab.a.device)) as [
          { promiscuity: number },
        ]
      )[0].promiscuity;
    expect(promiscuity()).toBe(0);
    const socket = await open(lab, "both", { promiscuous: true });
    expect(promiscuity()).toBe(1);
    await socket.close();
    expect(promiscuity()).toBe(0);
  });
});

describeOnKernel("with packets of several frames", () => {
  const lab = useLab({ ipv6: false, mtu: 9000 });
  describe.each(["skb", "drv"] as const)("in mode %s", (mode) => {
    it("multiBuffer takes and sends jumbo packets", async () => {
      const wanted = { mode, multiBuffer: true } as const;
      const socket = await open(lab, "both", wanted);
      const leave = lab.b.enter();
      const peer = await open({ ...lab, a: lab.b }, "both", wanted);
      leave();
      expect(socket.mode.multiBuffer).toBe(true);
      const packet = patterned(lab.a, lab.b, 9000);
      expect(peer.send(packet)).toBe(true);
      expect(await socket.readable({ timeoutMs: 2000 })).toBe(true);
      let copied = new Uint8Array();
      socket.receive((batch) => {
        copied = new Uint8Array(batch.length(0));
        batch.copy(0, copied);
        expect(batch.segmentCount(0)).toBeGreaterThan(1);
      });
      expect(copied).toEqual(packet);
      await socket.close();
      await peer.close();
    });
  });
});
