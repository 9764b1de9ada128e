import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createLab,
  EXPERIMENTAL,
  exchangeUdp,
  footprint,
  type Lab,
  type LabOptions,
  mountBpfFs,
  withHugePages,
} from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { createLinuxKernel, describeInterface } from "afxdp";
import { afterEach, describe, expect, it } from "vitest";
import {
  compile,
  EXAMPLES,
  echoes,
  introduce,
  makeFolder,
  receiveUdp,
  sendUdp,
  start,
} from "./support/example.js";
import { open } from "./support/open.js";

const PORT = 9000;
const files = readdirSync(EXAMPLES);

describe("the examples", () => {
  const tests = readFileSync(import.meta.filename, "utf8");
  it.each(files)("%s is run by a test", (file) => {
    const name = file.replace(".bpf.c", ".mjs");
    expect(tests).toMatch(new RegExp(`start\\(\\w+\\.[ab], "${name}"`));
  });
  it.each(files)("%s has 60 lines at most", (file) => {
    const lines = readFileSync(join(EXAMPLES, file), "utf8").trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(60);
  });
});

describeOnKernel("an example", () => {
  const kernel = createLinuxKernel();
  const undos: (() => void)[] = [];
  afterEach(() => {
    for (const undo of undos.splice(0).reverse()) undo();
  });

  function build(options: LabOptions = {}): Lab {
    const lab = createLab({ ipv6: false, ...options });
    undos.push(() => lab.close());
    return lab;
  }

  function folder(): string {
    const { path, remove } = makeFolder();
    undos.push(remove);
    return path;
  }

  /** Runs `look` in the namespace of the lab's `a`. */
  async function inside<T>(lab: Lab, look: () => T | Promise<T>): Promise<T> {
    const leave = lab.a.enter();
    try {
      return await look();
    } finally {
      leave();
    }
  }

  /** No program is attached, and the queue can be bound again. */
  async function nothingIsLeft(lab: Lab, device: string = lab.a.device): Promise<void> {
    const before = footprint();
    await inside(lab, async () => {
      const { attachedProgram } = describeInterface(kernel, device);
      expect(attachedProgram).toBeUndefined();
      await (await open({ ...lab, a: { ...lab.a, device } }, "both")).close();
    });
    expect(footprint()).toEqual(before);
  }

  it("forwards between two interfaces without a copy", async () => {
    const lab = build();
    const other = build();
    // The other lab's device becomes the bridge's second port.
    const { namespace } = other.a;
    other.a.run("ip", "link", "set", "dev", other.a.device, "down");
    other.a.run("ip", "link", "set", "dev", other.a.device, "name", "vc");
    const move = ["link", "set", "dev", "vc", "netns", lab.a.namespace];
    execFileSync("ip", ["-n", namespace, ...move]);
    lab.a.run("ip", "link", "set", "dev", "vc", "up");
    const far = { ...other.b, ipv4: "10.77.0.3", mac: "02:00:00:00:00:0c" };
    far.run("ip", "link", "set", "dev", far.device, "address", far.mac);
    far.run("ip", "address", "flush", "dev", far.device);
    far.run("ip", "address", "add", `${far.ipv4}/24`, "dev", far.device);
    for (const host of [lab.b, far]) host.run("ethtool", "-K", host.device, "tx", "off");

    const bridge = start(lab.a, "bridge.mjs", ["va", "vc"]);
    await bridge.said(/^bridging va and vc$/);
    const ping = lab.b.run("ping", "-q", "-c", "5", "-i", "0.05", "-W", "5", far.ipv4);
    expect(ping).toContain("5 received");
    const heard = await receiveUdp(far, PORT, 3);
    sendUdp(lab.b, far.ipv4, PORT, ["one", "two", "three"]);
    expect((await heard.texts).sort()).toEqual(["one", "three", "two"]);
    bridge.interrupt();
    const printed = await bridge.printed();
    const forwarded = Number(
      /^(\d+) packets forwarded, 0 dropped, 0 did not leave$/m.exec(printed)?.[1],
    );
    expect(forwarded).toBeGreaterThanOrEqual(13);
    await nothingIsLeft(lab);
    await nothingIsLeft(lab, "vc");
  });

  it("ends the bridge after as many packets as it is told", async () => {
    const lab = build();
    lab.a.run("ip", "link", "add", "vc", "type", "veth", "peer", "vd");
    for (const device of ["vc", "vd"]) lab.a.run("ip", "link", "set", "dev", device, "up");
    const bridge = start(lab.a, "bridge.mjs", ["va", "vc", "2"]);
    await bridge.said(/^bridging/);
    introduce(lab.b, lab.a);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["one", "two"]);
    expect(await bridge.printed()).toMatch(/^\d packets forwarded, 0 dropped, 0 did not leave$/m);
  });

  it("answers from frames of an odd size", async () => {
    const lab = build({ mtu: 2100 });
    const example = start(lab.a, "odd-frames.mjs", ["va", `${PORT}`, "40"]);
    await example.said(/^1024 frames in 2970624 bytes instead of 4194304$/);
    expect(await echoes(lab.b, lab.a.ipv4, { port: PORT, count: 40, size: 2000 })).toBe(40);
    const printed = await example.printed();
    const across = Number(/^40 answered, (\d+) of them in frames across/m.exec(printed)?.[1]);
    expect(across).toBeGreaterThan(0);
    await nothingIsLeft(lab);
  });

  it("answers jumbo packets in several frames", async () => {
    const lab = build({ mtu: 9000 });
    const example = start(lab.a, "jumbo-echo.mjs", ["va", `${PORT}`, "20"]);
    await example.said(/^listening, several frames per packet: true$/);
    expect(await echoes(lab.b, lab.a.ipv4, { port: PORT, count: 20, size: 8900 })).toBe(20);
    const printed = await example.printed();
    const sizes = /^8942 bytes came as (.*)$/m.exec(printed)?.[1]?.split(" + ").map(Number) ?? [];
    expect(sizes.length).toBeGreaterThan(4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(8942);
    expect(printed).toContain("20 answered, 0 frames did not leave");
    await nothingIsLeft(lab);
  });

  it("has checksums computed and tells when packets left", async () => {
    const lab = build();
    const heard = await receiveUdp(lab.b, PORT, 3);
    const example = start(lab.a, "tx-metadata.mjs", ["va", lab.a.ipv4, lab.b.ipv4, lab.b.mac]);
    // The stack of the other end drops what has a wrong checksum.
    expect(await heard.texts).toEqual(["packet 0", "packet 1", "packet 2"]);
    const times = [...(await example.printed()).matchAll(/^packet \d left at (\d+) ns$/gm)];
    expect(times.length).toBe(3);
    const nanoseconds = times.map(([, time]) => BigInt(time ?? 0));
    expect(nanoseconds).toEqual([...nanoseconds].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(nanoseconds).size).toBe(3);
    await nothingIsLeft(lab);
  });

  it("reads the driver's hints, with the VLAN tag that the card took off", async () => {
    const lab = build();
    introduce(lab.b, lab.a);
    const example = start(lab.a, "rx-hints.mjs", ["va", `${PORT}`, "2"]);
    await example.said(/^listening$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["plain"]);
    // Puts a tag beside each packet, as a VLAN device does.
    const tagger = join(folder(), "push-vlan.o");
    compile(join(import.meta.dirname, "../../bpf/test/programs/push-vlan.bpf.c"), tagger);
    const tc = (...args: string[]) => lab.b.run("unshare", "--mount", "tc", ...args);
    tc("qdisc", "add", "dev", lab.b.device, "clsact");
    const filter = ["bpf", "direct-action", "obj", tagger, "sec", "tc"];
    tc("filter", "add", "dev", lab.b.device, "egress", ...filter);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["tagged"]);
    const printed = await example.printed();
    expect(printed).toContain('hints of va: {"timestamp":true,"hash":true,"vlan":true}');
    expect(printed).toMatch(/^47 bytes, time \d+ ns, hash 0x[0-9a-f]+, VLAN none$/m);
    expect(printed).toMatch(/^48 bytes, time \d+ ns, hash 0x[0-9a-f]+, VLAN 7$/m);
    await nothingIsLeft(lab);
  });

  it("prefers zero copy, polls, and puts the interface's settings back", async () => {
    const lab = build();
    introduce(lab.b, lab.a);
    const example = start(lab.a, "busy-poll.mjs", ["va", `${PORT}`, "3"]);
    await example.said(/^during: napi_defer_hard_irqs 2, gro_flush_timeout 200000$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["one", "two", "three"]);
    const printed = await example.printed();
    expect(printed).toMatch(/^before: napi_defer_hard_irqs 0, gro_flush_timeout 0$/m);
    expect(printed).toMatch(/^program: drv, copy mode \(EOPNOTSUPP\)$/m);
    expect(printed).toMatch(/^3 packets\nafter: napi_defer_hard_irqs 0, gro_flush_timeout 0$/m);
    await nothingIsLeft(lab);
  });

  describe.each([1, 0])("with %i huge pages free", (pages) => {
    it("takes them or tells why not, and hands packets to another process", async () => {
      const lab = build();
      introduce(lab.b, lab.a);
      await withHugePages(pages, 2048, async () => {
        const example = start(lab.a, "huge-pages.mjs", ["va", `${PORT}`, "1"]);
        await example.said(/^NUMA node: none$/);
        sendUdp(lab.b, lab.a.ipv4, PORT, ["for two"]);
        const printed = await example.printed();
        const kib =
          pages === 1 ? /^pages of 2048 KiB$/m : /^pages of 4 KiB instead of 2M: ENOMEM$/m;
        expect(printed).toMatch(kib);
        expect(printed).toContain("another process reads: for two");
        expect(printed).toContain("1 packets");
      });
      await nothingIsLeft(lab);
    });
  });

  it("uses a program of one's own and reads its map", async () => {
    const object = join(folder(), "own-program.o");
    compile(join(EXAMPLES, "own-program.bpf.c"), object);
    const lab = build();
    introduce(lab.b, lab.a);
    const heard = await receiveUdp(lab.a, PORT, 2);
    const example = start(lab.a, "own-program.mjs", ["va", object, "2"]);
    await example.said(/^sample is attached to va$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["first", "second", "third", "fourth"]);
    expect(await heard.texts).toEqual(["second", "fourth"]); // by the kernel's stack
    const printed = await example.printed();
    expect(printed).toMatch(/^first\nthird\n2 sampled of \d datagrams among \d+ packets$/m);
    await nothingIsLeft(lab);
  });

  it("leaves a pinned program that a second process picks up", async () => {
    const bpfFs = mountBpfFs();
    undos.push(() => bpfFs.close());
    const lab = build();
    introduce(lab.b, lab.a);
    const run = (...args: string[]) => start(lab.a, "pinned-program.mjs", [...args, bpfFs.path]);
    expect(await run("install", "va", `${PORT}`).printed()).toContain("installed on va");
    const attached = () => inside(lab, () => describeInterface(kernel, "va").attachedProgram);
    const installed = await attached();
    expect(installed).toMatchObject({ name: "steer", mode: "drv" });
    for (const count of [2, 1]) {
      const receiver = run("receive", "va", `${count}`);
      await receiver.said(/^receiving; the program is foreign$/);
      sendUdp(lab.b, lab.a.ipv4, PORT, count === 2 ? ["one", "two"] : ["three"]);
      expect(await receiver.printed()).toContain(`${count} packets`);
      expect(await attached()).toEqual(installed);
    }
    expect(await run("remove", "va", "-").printed()).toBe("removed from va");
    expect(readdirSync(bpfFs.path).filter((name) => name.startsWith("example"))).toEqual([]);
    await expect.poll(attached, { timeout: 20_000 }).toBeUndefined();
    await nothingIsLeft(lab);
  });

  it("stays open over a link that goes down and a device that comes back", async () => {
    const lab = build();
    introduce(lab.b, lab.a);
    const example = start(lab.a, "keep-open.mjs", ["va", `${PORT}`]);
    await example.said(/^open on interface \d+$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["one"]);
    await example.said(/^1 packets so far$/);
    lab.a.run("ip", "link", "set", "dev", "va", "down");
    await example.said(/^link down$/);
    lab.a.run("ip", "link", "set", "dev", "va", "up");
    await example.said(/^link up$/);
    introduce(lab.b, lab.a); // forgotten with the carrier
    sendUdp(lab.b, lab.a.ipv4, PORT, ["two"]);
    await example.said(/^2 packets so far$/);
    lab.a.run("ip", "link", "delete", "dev", "va");
    await example.said(/^device gone, waiting/);
    const peer = ["peer", "name", "vb", "netns", lab.b.namespace];
    const link = ["link", "add", "name", "va", "index", "77", "type", "veth", ...peer];
    lab.a.run("ip", ...link);
    lab.b.run("ip", "link", "set", "dev", "vb", "up");
    lab.a.run("ip", "link", "set", "dev", "va", "address", lab.a.mac);
    lab.a.run("ip", "link", "set", "dev", "va", "up");
    lab.b.run("ip", "address", "add", `${lab.b.ipv4}/24`, "dev", "vb");
    introduce(lab.b, lab.a);
    await example.said(/^open on interface 77$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["three"]);
    await example.said(/^3 packets so far$/);
    example.interrupt();
    const printed = await example.printed();
    expect(printed).toMatch(/^va: MTU 1500, 1 rx queues, at most 1$/m);
    expect(printed).toMatch(/^zero copy: false, hints: \{"timestamp":true,/m);
    expect(printed).toMatch(/^3 packets, closed$/m);
    await nothingIsLeft(lab);
  });

  it("tells once a second what came, what went, and what was lost and why", async () => {
    const lab = build({ mtu: 3000 });
    introduce(lab.b, lab.a);
    const example = start(lab.a, "statistics.mjs", ["va", `${PORT}`]);
    await example.said(/^listening$/);
    const server = { address: lab.a.ipv4, port: PORT, count: 500 };
    expect(await exchangeUdp(lab.b, server)).toMatchObject({ returned: 500, wrong: 0 });
    sendUdp(lab.b, lab.a.ipv4, PORT, ["x".repeat(2500), "y".repeat(2500)]);
    await example.said(/[12] because they did not fit into a frame/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["last"]);
    await example.said(/^in 1\/s/);
    example.interrupt();
    const printed = await example.printed();
    const sum = (pattern: RegExp) =>
      [...printed.matchAll(pattern)].reduce((all, [, count]) => all + Number(count), 0);
    expect(sum(/^in (\d+)\/s/gm)).toBe(501);
    expect(sum(/, out (\d+)\/s/g)).toBeGreaterThanOrEqual(500);
    expect(sum(/(\d+) because they did not fit/g)).toBe(2);
    expect(sum(/(\d+) with an impossible descriptor/g)).toBe(0);
    await nothingIsLeft(lab);
  });

  it.each([
    ["32", 16],
    ["512", 1],
  ])("sends bursts of 512 with a budget of %s in %i calls each", async (budget, calls) => {
    const lab = build();
    const log = join(folder(), "strace");
    const leave = lab.b.enter();
    const rules = { etherType: EXPERIMENTAL };
    const peer = await open({ ...lab, a: lab.b }, "rx", { rules, frameCount: 4096, entries: 2048 });
    leave();
    const strace = ["strace", "-f", "-qq", "-o", log, "-e", "trace=sendto"];
    const example = start(lab.a, "tx-budget.mjs", ["va", budget, "3"], strace);
    const printed = await example.printed();
    expect(printed).toMatch(new RegExp(`^${budget} packets per call$`, "m"));
    expect(printed.match(/^512 packets handed over in \d+ µs$/gm)?.length).toBe(3);
    expect(printed).toContain("1536 packets sent");
    const bursts: number[] = [];
    for (let n = 0; n < 1536; ) {
      expect(await peer.readable({ timeoutMs: 5000 })).toBe(true);
      n += peer.receive((batch) => {
        for (let i = 0; i < batch.count; i++) bursts.push(batch.packet(i)[14] ?? -1);
      });
    }
    for (const burst of [0, 1, 2]) expect(bursts.filter((n) => n === burst).length).toBe(512);
    // rtnetlink's and other sockets' calls have addresses and lengths: a kick has neither.
    const kicks = readFileSync(log, "utf8").match(/sendto\(\d+, NULL, 0, MSG_DONTWAIT/g) ?? [];
    expect(kicks.length).toBe(3 * calls);
    await peer.close();
    await nothingIsLeft(lab);
  });
});
