import { wrapKernel } from "@afxdp/core";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { createLinuxKernel, type ProgramOptions, redirect, type Socket } from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { caught, here, openSender, senderFor, sendTo, TYPES } from "./support/catch-packets.js";
import { open, type Wanted } from "./support/open.js";

const [ONE, OTHER] = TYPES;

describeOnKernel("sockets with rules on one interface use one program", () => {
  const lab = useLab({ queues: 3, ipv6: false });
  const kernel = createLinuxKernel();
  const senders: Socket[] = [];
  const opened: Socket[] = [];
  let before: ReturnType<typeof footprint>;
  beforeAll(async () => {
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
    for (const socket of opened.splice(0)) await socket.close();
    expect(footprint()).toEqual(before);
    expect(attached()).toBeUndefined();
  });
  const attached = (): number | undefined =>
    kernel.attachedProgram(kernel.interfaceState(lab.a.device).index)?.id;
  const send = (to: Socket, type: number, payload: number): void =>
    sendTo(lab, senders[senderFor(to)] as Socket, type, payload);
  const on = async (queue: number, type: number, rest: Wanted = {}): Promise<Socket> => {
    const socket = await open(lab, "rx", { queue, rules: redirect.etherType(type), ...rest });
    opened.push(socket);
    return socket;
  };

  describe.each(["skb", "drv"] as const)("in mode %s", (mode) => {
    it("each gets what its own rules select on its own queue, and nothing else", async () => {
      const first = await on(0, ONE, { mode });
      const second = await on(1, OTHER, { mode });
      expect(second.program?.id).toBe(first.program?.id);
      expect(attached()).toBe(first.program?.id);
      for (const socket of [first, second]) {
        send(socket, OTHER, 1);
        send(socket, ONE, 2);
        send(socket, OTHER, 3);
      }
      expect(await caught(first, 1)).toEqual([[ONE, 2]]);
      expect(await caught(second, 2)).toEqual([
        [OTHER, 1],
        [OTHER, 3],
      ]);
      expect([here(first), here(second)]).toEqual([0, 0]);
      await first.close();
      await second.close();
    });

    it("the first can be closed while the second goes on, and the last takes the program off", async () => {
      const first = await on(0, ONE, { mode });
      const second = await on(1, OTHER, { mode });
      const id = first.program?.id;
      await first.close();
      expect(attached()).toBe(id);
      send(second, OTHER, 5);
      expect(await caught(second, 1)).toEqual([[OTHER, 5]]);
      const third = await on(0, OTHER, { mode });
      expect(third.program?.id).toBe(id);
      send(third, OTHER, 6);
      expect(await caught(third, 1)).toEqual([[OTHER, 6]]);
      await second.close();
      expect(attached()).toBe(id);
      await third.close();
    });

    it("setRules of one leaves the other's as they are", async () => {
      const first = await on(0, ONE, { mode });
      const second = await on(1, ONE, { mode });
      first.program?.setRules(redirect.etherType(OTHER));
      expect(first.program?.rules).toEqual([redirect.etherType(OTHER)]);
      expect(second.program?.rules).toEqual([redirect.etherType(ONE)]);
      for (const socket of [first, second]) {
        send(socket, ONE, 1);
        send(socket, OTHER, 2);
      }
      expect(await caught(first, 1)).toEqual([[OTHER, 2]]);
      expect(await caught(second, 1)).toEqual([[ONE, 1]]);
      expect([here(first), here(second)]).toEqual([0, 0]);
      await second.close();
      await first.close();
    });
  });

  it("a closed socket can neither read nor change rules, also when another has its place", async () => {
    const stays = await on(0, ONE);
    const first = await on(1, ONE);
    await first.close();
    const second = await on(1, OTHER);
    expect(first.program?.rules).toEqual([]);
    expect(() => first.program?.setRules(redirect.all())).toThrow(
      expect.objectContaining({ code: "ERR_XDP_CLOSED" }),
    );
    expect(second.program?.rules).toEqual([redirect.etherType(OTHER)]);
    await second.close();
    await stays.close();
  });

  it.each([
    ["mode drv", { mode: "drv" }, {}],
    ["hints true", {}, { hints: true }],
    ["by netlink", {}, { by: "netlink" }],
    ["pin", {}, { pin: "/sys/fs/bpf/afxdp-never-made" }],
    ["by netlink, to replace", {}, { by: "netlink", replace: { id: 1 } }],
    ["link", {}, { link: { id: 1 }, replace: { id: 1 } }],
  ] as [string, Wanted, ProgramOptions][])(
    "what differs from the program that is there is a conflict: %s",
    async (named, options, program) => {
      const first = await on(0, ONE, { mode: "skb" });
      const held = footprint();
      await expect(on(1, OTHER, { ...options, program })).rejects.toMatchObject({
        code: "ERR_XDP_CONFLICT",
        message: expect.stringContaining(named.split(" ")[0] as string),
      });
      expect(footprint()).toEqual(held);
      expect(first.program?.rules).toEqual([redirect.etherType(ONE)]);
      send(first, ONE, 7);
      expect(await caught(first, 1)).toEqual([[ONE, 7]]);
      const second = await on(1, OTHER, { mode: "skb" });
      await second.close();
      await first.close();
    },
  );

  it("what it runs as can be asked for in so many words", async () => {
    const first = await on(0, ONE, { mode: "drv" });
    const wanted: Wanted = { mode: "drv", program: { by: "link", hints: false } };
    const second = await on(1, OTHER, wanted);
    expect(second.mode.xdp).toBe("drv");
    await first.close();
    await second.close();
  });

  it("both can be closed at the same time, and the next ones begin anew", async () => {
    for (let round = 0; round < 3; round++) {
      const sockets = [await on(0, ONE), await on(1, OTHER)];
      await Promise.all(sockets.map((socket) => socket.close()));
      expect(attached()).toBeUndefined();
    }
    const again = await on(0, ONE);
    send(again, ONE, 9);
    expect(await caught(again, 1)).toEqual([[ONE, 9]]);
    await again.close();
  });

  it("interfaces of two namespaces with one index are two interfaces", async () => {
    // Both ends get the same index, which is what a fresh namespace gives its first device.
    const make = (host: typeof lab.a, name: string): void => {
      host.run("ip", "link", "add", name, "index", "77", "type", "veth", "peer", `${name}p`);
      host.run("ip", "link", "set", name, "up");
    };
    make(lab.a, "same");
    make(lab.b, "same");
    const inA = await open({ ...lab, a: { ...lab.a, device: "same" } }, "rx", { mode: "skb" });
    const leave = lab.b.enter();
    const inB = await open({ ...lab, a: { ...lab.b, device: "same" } }, "rx", { mode: "drv" });
    leave();
    expect(inB.target.interfaceIndex).toBe(inA.target.interfaceIndex);
    expect(inB.program?.id).not.toBe(inA.program?.id);
    await inA.close();
    await inB.close();
    lab.a.run("ip", "link", "del", "same");
    lab.b.run("ip", "link", "del", "same");
  });

  it("a program that somebody took off is not joined: the next socket loads another", async () => {
    const first = await on(0, ONE);
    const links = JSON.parse(lab.a.run("bpftool", "-j", "link", "show")) as {
      id: number;
      prog_id: number;
    }[];
    const link = links.find(({ prog_id }) => prog_id === first.program?.id);
    lab.a.run("bpftool", "link", "detach", "id", String(link?.id));
    const second = await on(1, OTHER);
    expect(second.program?.id).not.toBe(first.program?.id);
    await first.close(); // and this leaves the other's alone
    expect(attached()).toBe(second.program?.id);
    send(second, OTHER, 3);
    expect(await caught(second, 1)).toEqual([[OTHER, 3]]);
    const third = await on(0, OTHER);
    expect(third.program?.id).toBe(second.program?.id);
    await third.close();
    await second.close();
  });

  it("a socket that fails to join leaves no slot behind", async () => {
    const first = await on(0, ONE);
    const failing = wrapKernel(first.kernel, (_method, _args, proceed) => proceed());
    await expect(on(1, OTHER, { kernel: failing })).rejects.toMatchObject({
      code: "ERR_XDP_PROGRAM_PRESENT", // of another Kernel, so it is nobody's that it knows
      programId: first.program?.id,
    });
    // With those of the first they are one too many.
    const many = Array.from({ length: 64 }, () => redirect.etherType(OTHER));
    for (let round = 0; round < 3; round++) {
      await expect(on(1, OTHER, { rules: many })).rejects.toMatchObject({ code: "ERR_XDP_RULE" });
    }
    const second = await on(1, OTHER);
    send(second, OTHER, 8);
    expect(await caught(second, 1)).toEqual([[OTHER, 8]]);
    send(first, ONE, 4);
    expect(await caught(first, 1)).toEqual([[ONE, 4]]);
    await first.close();
  });
});
