import type { Kernel } from "@afxdp/core";
import { beginSetup, type NeedsUmem, type ReadySocket, XdpSocket } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { open, prepare, ready, type Wanted } from "./support/open.js";

const code = (wanted: string) => expect.objectContaining({ code: wanted });

describeOnKernel("sockets that share a UMEM", () => {
  const lab = useLab({ queues: 4, ipv6: false });
  let kernel: Kernel;
  let before: ReturnType<typeof footprint>;
  /** Has the UMEM and queue 0; shares queue 0; has queue 1; shares queue 1. */
  let owner: XdpSocket;
  let beside: XdpSocket;
  let second: XdpSocket;
  let secondBeside: XdpSocket;
  beforeAll(async () => {
    kernel = createLinuxKernel();
    await (await open(kernel, lab.a.device)).close(); // whatever is made once is made now
  });
  beforeEach(async () => {
    before = footprint();
    owner = await open(kernel, lab.a.device, { umem: { sharers: 4, frameCount: 128 } });
    beside = await open(kernel, lab.a.device, { queueOf: owner });
    second = await open(kernel, lab.a.device, { queue: 1, umemOf: beside });
    secondBeside = await open(kernel, lab.a.device, { queue: 1, queueOf: second });
  });
  afterEach(async () => {
    for (const socket of [secondBeside, second, beside, owner]) await socket.close();
    expect(owner.umem.audit()).toBe(true);
    expect(footprint()).toEqual(before);
  });

  it("have one allocator and one ledger", () => {
    expect(new Set([owner, beside, second, secondBeside].map((socket) => socket.umem)).size).toBe(
      1,
    );
    const address = owner.allocate();
    expect(secondBeside.umem.stateOf(address)).toBe("application");
    secondBeside.free(address);
    expect(second.frames).toEqual({ free: 96, application: 0, fill: 32, transmit: 0, total: 128 });
  });

  it("inherit the mode and the memory", () => {
    for (const socket of [beside, second, secondBeside]) {
      const { zeroCopy, copyReason, memory } = socket;
      expect({ zeroCopy, copyReason }).toEqual({ zeroCopy: false, copyReason: "EOPNOTSUPP" });
      expect(memory).toBe(owner.memory);
    }
  });

  it("keep their owners from closing, with nothing changed, until they are closed", async () => {
    await expect(owner.close()).rejects.toThrow(code("ERR_XDP_UMEM_SHARED"));
    await expect(owner.close()).rejects.toThrow(/va queue 0 .*: 3 other sockets share with it/);
    await expect(second.close()).rejects.toThrow(/va queue 1 .*: 1 other socket shares with it/);
    expect([owner.closed, second.closed]).toEqual([false, false]);
    expect(owner.send(new Uint8Array(60).fill(255))).toBe(true);
    await beside.close();
    await expect(owner.close()).rejects.toThrow(/2 other sockets share/);
    await secondBeside.close();
    await second.close();
    expect(await owner.close()).toMatchObject({ application: 0, fill: 16, total: 128 });
  });

  it("close in any order that leaves the owners last", async () => {
    await secondBeside.close();
    await second.close();
    expect(owner.frames).toMatchObject({ fill: 16, free: 112 });
    await beside.close();
    await owner.close();
  });

  it("can be opened again and again beside those that stay", async () => {
    await secondBeside.close();
    for (let round = 0; round < 20; round++) {
      await second.close();
      // The kernel lets go of the queue some milliseconds later; the frames are back at once.
      expect(owner.frames).toMatchObject({ fill: 16, free: 112 });
      second = await open(kernel, lab.a.device, { queue: 1, umemOf: owner });
      expect(owner.frames).toMatchObject({ fill: 32, free: 96 });
    }
  });

  it.each([
    ["in good order", ["sharer", "queue's owner", "owner"]],
    ["at once", ["sharer!", "queue's owner!", "owner!"]],
  ])("are closed first, %s, when their owner's sequence is", async (how, wanted) => {
    const order: string[] = [];
    const marked = async (name: string, options: Wanted): Promise<ReadySocket> => {
      const made = await ready(kernel, lab.a.device, options);
      made.sequence.perform(
        "program",
        () => undefined,
        () => (now) => void order.push(now ? `${name}!` : name),
      );
      return made;
    };
    const own = await marked("owner", { queue: 2, umem: { sharers: 2 } });
    const other = await marked("queue's owner", { queue: 3, umemOf: own });
    await marked("sharer", { queue: 3, queueOf: other });
    const errors = how === "at once" ? own.sequence.closeNow() : await own.sequence.close();
    expect(errors).toEqual([]);
    expect(order).toEqual(wanted);
  });

  it("can be handed over as what a set-up came to, and not once closed", async () => {
    const third = await ready(kernel, lab.a.device, { queue: 2, umemOf: owner });
    const fourth = new XdpSocket(await ready(kernel, lab.a.device, { queue: 2, queueOf: third }));
    const socket = new XdpSocket(third);
    await expect(socket.close()).rejects.toThrow(/1 other socket shares/);
    await fourth.close();
    await socket.close();
    const needsUmem = beginSetup(kernel, lab.a.device, 2).socket();
    expect(() => needsUmem.shareQueue(socket)).toThrow(code("ERR_XDP_CLOSED"));
    await needsUmem.close();
  });

  it("count from the step that shares on, and no more when the set-up is given up", async () => {
    const needsBind = prepare(kernel, lab.a.device, { queue: 2, umemOf: owner });
    await expect(owner.close()).rejects.toThrow(/4 other sockets share/);
    expect(owner.frames).toMatchObject({ fill: 48 });
    await needsBind.close();
    await expect(owner.close()).rejects.toThrow(/3 other sockets share/);
    expect(owner.frames).toMatchObject({ fill: 32 });
  });

  it("leave frames counted that the kernel could touch yet, until their queue is bound again", async () => {
    // With the link down nothing is sent: what is in the tx ring would go with the next kick.
    lab.a.run("ip", "link", "set", lab.a.device, "down");
    const third = await open(kernel, lab.a.device, { queue: 2, umemOf: owner });
    for (let i = 0; i < 5; i++) third.transmit(third.allocate(), 60);
    expect(third.flush()).toBe(5);
    expect(owner.frames).toMatchObject({ fill: 48, transmit: 5 });
    await third.close();
    expect(owner.frames).toMatchObject({ fill: 48, transmit: 5 });
    lab.a.run("ip", "link", "set", lab.a.device, "up");
    const again = await open(kernel, lab.a.device, { queue: 2, umemOf: owner });
    expect(owner.frames).toMatchObject({ fill: 48, transmit: 0 });
    await again.close();
    expect(owner.frames).toMatchObject({ fill: 32, transmit: 0 });
  });

  it("are refused where they do not fit, and the set-up can go on", async () => {
    const begun: NeedsUmem[] = [];
    const on = (queue: number, other = kernel): NeedsUmem => {
      const needsUmem = beginSetup(other, lab.a.device, queue).socket();
      begun.push(needsUmem);
      return needsUmem;
    };
    const wrongs: [string, () => unknown][] = [
      ["ERR_XDP_CONFLICT", () => on(1).shareQueue(owner)],
      ["ERR_XDP_CONFLICT", () => on(0).shareUmem(owner)],
      ["ERR_XDP_CONFLICT", () => on(1).shareUmem(owner)],
      ["ERR_XDP_ARGUMENT", () => on(2).shareUmem({} as never)],
      ["ERR_XDP_ARGUMENT", () => on(2).shareUmem(undefined as never)],
      ["ERR_XDP_ARGUMENT", () => on(0).shareQueue(owner.umem as never)],
      ["ERR_XDP_CONFLICT", () => on(2, createLinuxKernel()).shareUmem(owner)],
    ];
    for (const [wanted, attempt] of wrongs) expect(attempt).toThrow(code(wanted));
    const needsUmem = on(2);
    expect(() => needsUmem.shareQueue(owner)).toThrow(code("ERR_XDP_CONFLICT"));
    needsUmem.shareUmem(owner);
    for (const setup of begun) await setup.close();
  });

  it("say what to do when the arena has no room for their rings", async () => {
    const small = await open(kernel, lab.a.device, { queue: 2, umem: { ringsLength: 4 * 65536 } });
    expect(() => prepare(kernel, lab.a.device, { queueOf: small, queue: 2 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_ARENA", hint: expect.stringContaining("sharers") }),
    );
    await small.close();
  });
});
