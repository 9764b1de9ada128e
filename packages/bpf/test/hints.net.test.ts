import { loadObject, loadSteering, RxHints, redirect, type SteeringProgram } from "@afxdp/bpf";
import { BPF_ANY, encodeU32, type XdpFeatureError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { compileProgram } from "./support/programs.js";
import { refused } from "./support/refused.js";
import { introduce, sendUdp } from "./support/udp.js";
import { until } from "./support/until.js";
import { FRAME_SIZE, FRAMES, openXsk, takeUntil, type Xsk } from "./support/xsk.js";

/** What push-vlan.bpf.c pushes. */
const VLAN = 7;
const PRIORITY = 5;
/** XDP_RSS_TYPE_L4_ANY of include/net/xdp.h. */
const XDP_RSS_L4 = 8;
/** An address behind the third device. */
const NEARBY = "10.79.0.2";

describeOnKernel("a program with hints writes what the driver knows before each packet", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ ipv6: false });
  let index: number;
  let program: SteeringProgram;
  let socket: Xsk;
  let before: ReturnType<typeof footprint>;
  const load = (interfaceIndex: number): SteeringProgram =>
    loadSteering(kernel, { rules: redirect.all(), queues: 1, hints: { interfaceIndex } });
  beforeAll(() => {
    index = kernel.interfaceState(lab.a.device).index;
    introduce(lab.b, lab.a);
  });
  beforeEach(() => {
    before = footprint();
    program = load(index);
    socket = openXsk(kernel, index);
    // What an earlier packet might have left.
    socket.arena.fill(0xff, 0, FRAMES * FRAME_SIZE);
    program.enter(0, socket.fd);
    program.attach(index, lab.a.device);
  });
  afterEach(() => {
    program.close();
    socket.close();
    expect(footprint()).toEqual(before);
  });

  /** The hints of a datagram that the kernel's stack sends from the other end. */
  async function hintsOfOne(): Promise<RxHints> {
    sendUdp(lab.b, { address: lab.a.ipv4, port: 9000 }, "hello");
    const [received] = await takeUntil(socket, 1);
    if (received === undefined) throw new Error("No packet came.");
    return new RxHints(socket.arena).at(received.address);
  }

  it("the timestamp, of which veth says 0, and the absence of a tag", async () => {
    const hints = await hintsOfOne();
    expect(hints).toMatchObject({ present: true, hasTimestamp: true, timestamp: 0n });
    expect(hints).toMatchObject({ hasVlan: false, vlanProtocol: 0, vlanTag: 0 });
  });

  it("the hash, which is that of the packet's flow", async () => {
    const one = await hintsOfOne();
    expect(one).toMatchObject({ hasHash: true, hashType: XDP_RSS_L4 });
    const other = await hintsOfOne();
    expect(other.hash).not.toBe(one.hash);
  });

  it("the VLAN tag that the card took off a packet", async () => {
    const pushing = compileProgram("push-vlan");
    const tc = (...args: string[]) => lab.b.run("unshare", "--mount", "tc", ...args);
    tc("qdisc", "add", "dev", lab.b.device, "clsact");
    try {
      const program = ["bpf", "direct-action", "obj", pushing.path, "sec", "tc"];
      tc("filter", "add", "dev", lab.b.device, "egress", ...program);
      const hints = await hintsOfOne();
      expect(hints).toMatchObject({ present: true, hasVlan: true, vlanProtocol: 0x8100 });
      expect(hints).toMatchObject({ vlanId: VLAN, vlanTag: (PRIORITY << 13) | VLAN });
    } finally {
      tc("qdisc", "del", "dev", lab.b.device, "clsact");
      pushing.remove();
    }
  });

  it("and leaves what it does not redirect as it was", () => {
    program.setRules(redirect.udp({ port: 9000 }));
    expect(lab.b.run("ping", "-q", "-c", "2", "-i", "0.05", lab.a.ipv4)).toContain("2 received");
    expect(socket.take()).toEqual([]);
    expect(program.refusedHints()).toBe(0);
  });

  it("a packet that has no room for hints goes to the stack, and is counted", async () => {
    const ip = (...args: string[]) => lab.b.run("ip", ...args);
    ip("link", "add", "vx", "type", "veth", "peer", "vy");
    ip("link", "set", "vx", "up");
    ip("link", "set", "vy", "up");
    ip("address", "add", "10.79.0.1/24", "dev", "vx");
    ip("neigh", "add", NEARBY, "lladdr", lab.a.mac, "dev", "vx", "nud", "permanent");
    const object = compileProgram("no-room");
    const back = lab.b.enter();
    const shrinking = loadObject(kernel, { object: object.bytes });
    try {
      const { index: out } = kernel.interfaceState(lab.b.device);
      const map = shrinking.maps.out as number;
      kernel.updateMap(map, encodeU32(0), encodeU32(out), BPF_ANY);
      shrinking.attach(kernel.interfaceState("vy").index, "vy", "drv");
      // 100 bytes with its headers, which no-room.bpf.c looks for.
      sendUdp(lab.b, { address: NEARBY, port: 9000 }, "x".repeat(58));
      await until(() => program.refusedHints() === 1);
      expect(program.refusedHints()).toBe(1);
      expect(socket.take()).toEqual([]);
    } finally {
      back();
      shrinking.close();
      object.remove();
      ip("link", "del", "vx");
    }
  });

  it("it goes to its own interface only, and into the driver only", () => {
    const other = load(index);
    const { index: loopback } = kernel.interfaceState("lo");
    refused("ERR_XDP_ARGUMENT", () => other.attach(loopback, "lo"));
    refused("ERR_XDP_CONFLICT", () => other.attach(index, lab.a.device, "skb"));
    refused("ERR_XDP_CONFLICT", () => other.attach(index, lab.a.device, "hw"));
    other.close();
  });

  it("a driver without hints is named", () => {
    const { index: loopback } = kernel.interfaceState("lo");
    const error = refused("ERR_XDP_FEATURE", () => load(loopback)) as XdpFeatureError;
    expect(error).toMatchObject({ feature: "rxHints", minimumKernel: "6.3" });
    expect(error.message).toContain("driver");
  });

  it("an interface that is not there is told", () => {
    refused("ERR_XDP_NO_DEVICE", () => load(4711));
  });

  it("a program without hints has refused none", () => {
    const plain = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    expect(plain.refusedHints()).toBe(0);
    plain.close();
  });
});
