import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afxdp, RxHints, redirect, type Socket } from "afxdp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileProgram } from "../../bpf/test/support/programs.js";
import { openSender, sendTo, TYPES } from "./support/catch-packets.js";
import { open } from "./support/open.js";

const UDP = `
  const [address, text] = process.argv.slice(1);
  const socket = require("node:dgram").createSocket("udp4");
  socket.send(text, 9000, address, () => socket.close());`;

describeOnKernel("a socket with hints", () => {
  const lab = useLab({ ipv6: false });
  let sender: Socket;
  beforeAll(async () => {
    const neighbour = ["neigh", "replace", lab.a.ipv4, "lladdr", lab.a.mac];
    lab.b.run("ip", ...neighbour, "dev", lab.b.device, "nud", "permanent");
    sender = await openSender(lab.b);
  });
  afterAll(() => sender.close());
  const opening = (options: object = {}): Promise<Socket> =>
    open(lab, "rx", { rules: redirect.all(), program: { hints: true }, ...options });

  /** The hints of the next packet. */
  async function next(socket: Socket): Promise<RxHints> {
    expect(await socket.readable({ timeoutMs: 2000 })).toBe(true);
    const hints = new RxHints(socket.bytes);
    socket.receive((batch) => {
      hints.at(batch.address(0));
    }, 1);
    return hints;
  }

  it("reads what veth knows of a datagram: timestamp, hash, and no VLAN tag", async () => {
    await using socket = await opening();
    expect(socket.mode.xdp).toBe("drv");
    lab.b.run(process.execPath, "-e", UDP, lab.a.ipv4, "hello");
    const hints = await next(socket);
    expect(hints).toMatchObject({ present: true, hasTimestamp: true, hasVlan: false });
    expect(hints.timestamp).toBeTypeOf("bigint");
    expect(hints).toMatchObject({ hasHash: true, hashType: 8 });
    expect(hints.hash).not.toBe(0);
  });

  it("reads the tag of a VLAN that the card took off", async () => {
    const pushing = compileProgram("push-vlan");
    const tc = (...args: string[]) => lab.b.run("unshare", "--mount", "tc", ...args);
    tc("qdisc", "add", "dev", lab.b.device, "clsact");
    try {
      const program = ["bpf", "direct-action", "obj", pushing.path, "sec", "tc"];
      tc("filter", "add", "dev", lab.b.device, "egress", ...program);
      await using socket = await opening();
      lab.b.run(process.execPath, "-e", UDP, lab.a.ipv4, "tagged");
      const hints = await next(socket);
      expect(hints).toMatchObject({ present: true, hasVlan: true, vlanProtocol: 0x8100 });
      expect(hints.vlanId).toBe(7);
    } finally {
      tc("qdisc", "del", "dev", lab.b.device, "clsact");
      pushing.remove();
    }
  });

  it("needs the driver, which is said before anything is done", async () => {
    await expect(opening({ mode: "skb" })).rejects.toMatchObject({ code: "ERR_XDP_CONFLICT" });
  });

  it("where the driver has none is an error, and everything is undone", async () => {
    const before = footprint();
    const loopback = { ...lab, a: { ...lab.a, device: "lo" } };
    await expect(open(loopback, "rx", { program: { hints: true } })).rejects.toMatchObject({
      ...{ code: "ERR_XDP_FEATURE", feature: "rxHints", suppressed: [] },
    });
    expect(footprint()).toEqual(before);
  });

  it("can be joined by another that asks for hints, and by no other", async () => {
    await using first = await open(lab, "rx", {
      ...{ rules: redirect.etherType(TYPES[0]), program: { hints: true } },
      umem: { sharers: 1 },
    });
    const stage = () => afxdp(lab.a.device).shareQueue(first).rx(64);
    const rules = redirect.etherType(TYPES[1]);
    await expect(stage().program(rules).open()).rejects.toMatchObject({
      code: "ERR_XDP_CONFLICT",
    });
    await using second = await stage().program(rules, { hints: true }).open();
    for (const [socket, type] of [
      [first, TYPES[0]],
      [second, TYPES[1]],
    ] as const) {
      sendTo(lab, sender, type, 5);
      expect((await next(socket)).present).toBe(true);
    }
  });
});
