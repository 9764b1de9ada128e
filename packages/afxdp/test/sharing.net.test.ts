import { ethernet, footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afxdp, createLinuxKernel, type NeedsSharedRings, redirect, type Socket } from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { caught, here, openSender, senderFor, sendTo, TYPES } from "./support/catch-packets.js";
import { open } from "./support/open.js";

const [ONE, OTHER] = TYPES;
const NEXT = { a: "vc", b: "vd" };
const shared = expect.objectContaining({ code: "ERR_XDP_UMEM_SHARED" });

describeOnKernel("sockets that share a UMEM", () => {
  const lab = useLab({ queues: 3, ipv6: false });
  const senders: Socket[] = [];
  const opened: Socket[] = [];
  let before: ReturnType<typeof footprint>;
  beforeAll(async () => {
    // A second pair, so that the host `a` has two interfaces.
    const peer = ["peer", "name", NEXT.b, "netns", lab.b.namespace];
    lab.a.run("ip", "link", "add", NEXT.a, "type", "veth", ...peer);
    lab.a.run("ip", "link", "set", NEXT.a, "up");
    lab.b.run("ip", "link", "set", NEXT.b, "up");
    for (const queue of [0, 1, 2]) senders.push(await openSender(lab.b, queue));
    await (await open(lab, "rx")).close();
  });
  afterAll(async () => {
    for (const sender of senders) await sender.close();
  });
  beforeEach(() => {
    before = footprint();
  });
  afterEach(async () => {
    for (const socket of opened.splice(0).reverse()) await socket.close();
    expect(footprint()).toEqual(before);
  });
  const noted = async (opening: Promise<Socket>): Promise<Socket> => {
    const socket = await opening;
    opened.push(socket);
    return socket;
  };
  const send = (to: Socket, type: number, payload: number): void =>
    sendTo(lab, senders[senderFor(to)] as Socket, type, payload);

  describe.each(["skb", "drv"] as const)("in mode %s", (mode) => {
    const owning = (type: number): Promise<Socket> =>
      noted(open(lab, "both", { mode, rules: redirect.etherType(type), umem: { sharers: 3 } }));
    const onQueue = (owner: Socket, type: number): Promise<Socket> =>
      noted(
        afxdp(lab.a.device)
          .shareQueue(owner)
          .rx(64)
          .tx(64)
          .program(redirect.etherType(type))
          .open({ mode }),
      );
    const onUmem = (owner: Socket, type: number, device: string, queue: number): Promise<Socket> =>
      noted(
        afxdp(device, { queue })
          .shareUmem(owner)
          .fill(64)
          .completion(64)
          .rx(64)
          .tx(64)
          .program(redirect.etherType(type))
          .open({ mode }),
      );

    it("two on one queue each get what their rules select", async () => {
      const owner = await owning(ONE);
      const sharer = await onQueue(owner, OTHER);
      expect(sharer.umem).toBe(owner.umem);
      expect(sharer.mode).toEqual(owner.mode);
      expect(sharer.memory).toBe(owner.memory);
      for (let i = 0; i < 3; i++) {
        send(owner, ONE, i);
        send(owner, OTHER, i + 10);
      }
      expect(await caught(owner, 3)).toEqual([0, 1, 2].map((i) => [ONE, i]));
      expect(await caught(sharer, 3)).toEqual([10, 11, 12].map((i) => [OTHER, i]));
      await sharer.close();
      send(owner, OTHER, 1);
      send(owner, ONE, 4);
      expect(await caught(owner, 1)).toEqual([[ONE, 4]]);
      expect(here(owner)).toBe(0);
    });

    it("two on two queues have one pool of frames, which add up after closing", async () => {
      const owner = await owning(ONE);
      const sharer = await onUmem(owner, ONE, lab.a.device, 1);
      for (let i = 0; i < 5; i++) {
        send(owner, ONE, i);
        send(sharer, ONE, i + 10);
      }
      expect((await caught(owner, 5)).map(([, payload]) => payload)).toEqual([0, 1, 2, 3, 4]);
      expect((await caught(sharer, 5)).map(([, payload]) => payload)).toEqual([10, 11, 12, 13, 14]);
      expect(owner.frames).toEqual(sharer.frames);
      await sharer.close();
      expect(owner.frames).toMatchObject({ fill: 128, application: 0, transmit: 0, free: 384 });
      expect(owner.umem.audit()).toBe(true);
    });

    it("a packet is forwarded from one interface to the other in the frame that it came in", async () => {
      const owner = await owning(ONE);
      const sharer = await onUmem(owner, ONE, NEXT.a, 0);
      const leave = lab.b.enter();
      const sink = await noted(open({ ...lab, a: { ...lab.b, device: NEXT.b } }, "rx", { mode }));
      leave();
      const marks: number[] = [];
      for (let i = 0; i < 4; i++) send(owner, ONE, i + 20);
      while (marks.length < 4 && (await owner.readable({ timeoutMs: 2000 }))) {
        owner.receive((batch) => {
          for (let i = 0; i < batch.count; i++) {
            marks.push(batch.packet(i).at(-1) as number);
            expect(batch.forward(i, sharer)).toBe(true);
          }
        });
      }
      expect(marks).toEqual([20, 21, 22, 23]);
      expect(await caught(sink, 4)).toEqual(marks.map((mark) => [ONE, mark]));
      expect(await sharer.drained({ timeoutMs: 2000 })).toBe(true);
      expect(sharer.stats()).toMatchObject({ txPackets: 4, invalidCompletions: 0 });
      expect(owner.frames).toMatchObject({ application: 0, transmit: 0 });
      expect(owner.stats().txPackets).toBe(0);
    });

    it("a frame of one is sent by the other", async () => {
      const owner = await owning(ONE);
      const sharer = await onQueue(owner, OTHER);
      const address = owner.allocate();
      owner.bytes.set(ethernet({ to: lab.b.mac, from: lab.a.mac }), address);
      expect(sharer.transmit(address, 64)).toBe(true);
      expect(sharer.flush()).toBe(0);
      expect(await sharer.drained({ timeoutMs: 2000 })).toBe(true);
      expect(sharer.stats().txPackets).toBe(1);
      expect(owner.umem.stateOf(address)).toBe("free");
    });
  });

  const small = (): Promise<Socket> => noted(open(lab, "tx", { umem: { sharers: 4 } }));
  const sending = (owner: Socket): Promise<Socket> =>
    noted(afxdp(lab.a.device).shareQueue(owner).tx(64).open());

  it("the owner cannot be closed before them, goes on, and can be closed afterwards", async () => {
    const owner = await small();
    const sharer = await sending(owner);
    const other = await noted(
      afxdp(lab.a.device, { queue: 1 }).shareUmem(sharer).fill(64).completion(64).tx(64).open(),
    );
    await expect(owner.close()).rejects.toEqual(shared);
    expect(owner.closed).toBe(false);
    expect(owner.send(ethernet({ to: lab.b.mac, from: lab.a.mac }))).toBe(true);
    await sharer.close();
    await expect(owner.close()).rejects.toEqual(shared);
    await other.close();
    expect(await owner.close()).toMatchObject({ transmit: 0, application: 0 });
    expect(owner.closed).toBe(true);
  });

  it("`await using` closes them in the right order", async () => {
    {
      await using owner = await open(lab, "tx", { umem: { sharers: 1 } });
      await using sharer = await afxdp(lab.a.device).shareQueue(owner).tx(64).open();
      expect(sharer.closed).toBe(false);
    }
    expect(footprint()).toEqual(before);
  });

  it("a sharer that fails to open leaves the owner as it was", async () => {
    const owner = await small();
    const held = footprint();
    const stop = AbortSignal.abort("enough");
    const stage = afxdp(lab.a.device).shareQueue(owner).tx(64);
    await expect(stage.open({ signal: stop })).rejects.toMatchObject({ code: "ERR_XDP_ABORTED" });
    const late = afxdp(lab.a.device, { queue: 1 }).shareUmem(owner).fill(64).completion(64).tx(64);
    const busy = await noted(open(lab, "tx", { queue: 1 }));
    await expect(late.open({ busyTimeoutMs: 20 })).rejects.toMatchObject({
      code: "ERR_XDP_QUEUE_BUSY",
    });
    await busy.close();
    expect(footprint()).toEqual(held);
    await owner.close();
  });

  it("an owner that was closed between the builder's calls is refused before anything is done", async () => {
    const owner = await small();
    const stage = afxdp(lab.a.device).shareQueue(owner).tx(64);
    await owner.close();
    const closed = expect.objectContaining({ code: "ERR_XDP_CLOSED" });
    await expect(stage.open()).rejects.toEqual(closed);
    expect(() => afxdp(lab.a.device).shareQueue(owner)).toThrow(closed);
    expect(() => afxdp(lab.a.device, { queue: 1 }).shareUmem(owner)).toThrow(closed);
  });

  it("another Kernel, another queue, or the same one is a conflict at once", async () => {
    const owner = await small();
    const conflict = expect.objectContaining({ code: "ERR_XDP_CONFLICT" });
    const kernel = createLinuxKernel();
    expect(() => afxdp(lab.a.device, { kernel }).shareQueue(owner)).toThrow(conflict);
    expect(() => afxdp(lab.a.device, { queue: 1 }).shareQueue(owner)).toThrow(conflict);
    expect(() => afxdp(NEXT.a).shareQueue(owner)).toThrow(conflict);
    expect(() => afxdp(lab.a.device).shareUmem(owner)).toThrow(conflict);
    const onOther = afxdp(lab.a.device, { queue: 1 }).shareUmem(owner);
    await noted(onOther.fill(64).completion(64).tx(64).open());
    expect(() => afxdp(lab.a.device, { queue: 1 }).shareUmem(owner)).toThrow(conflict);
    // With the owner's Kernel named, it is the same.
    expect(() => afxdp(lab.a.device, { kernel: owner.kernel }).shareQueue(owner)).not.toThrow();
  });

  it("in plain JavaScript a sharing socket has no mode flags either, and no rings of its queue's", async () => {
    const owner = await small();
    // biome-ignore lint/suspicious/noExplicitAny: what JavaScript can do
    const begin = (): any => afxdp(lab.a.device).shareQueue(owner);
    const order = expect.objectContaining({ code: "ERR_XDP_STATE", legal: ["rx", "tx"] });
    for (const verb of ["fill", "completion", "program", "open"]) {
      await expect((async () => begin()[verb](64))()).rejects.toEqual(order);
    }
    for (const flags of [
      { zeroCopy: "never" },
      { zeroCopy: "require" },
      { needWakeup: true },
      { multiBuffer: true },
    ]) {
      await expect(begin().tx(64).open(flags)).rejects.toMatchObject({
        code: "ERR_XDP_CONFLICT",
        message: expect.stringContaining(Object.keys(flags)[0] as string),
      });
    }
    const umem = afxdp(lab.a.device, { queue: 1 }).shareUmem(owner);
    const fillOnly = expect.objectContaining({ legal: ["fill"] });
    expect(() => (umem as unknown as NeedsSharedRings).rx(64)).toThrow(fillOnly);
    // The fill ring has to fit the owner's frames.
    expect(() => umem.fill(1024)).toThrow(expect.objectContaining({ code: "ERR_XDP_UMEM_SIZE" }));
  });
});
