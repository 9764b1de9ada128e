import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXPERIMENTAL } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { compile, echoes, introduce, receiveUdp, sendUdp, start } from "../support/example.js";
import { open } from "../support/open.js";
import { useLabs } from "../support/use-labs.js";

const PORT = 9000;

describeOnKernel("an example about packets", () => {
  const labs = useLabs();
  it("forwards between two interfaces without a copy", async () => {
    const lab = labs.build();
    const other = labs.build();
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
    await labs.nothingIsLeft(lab);
    await labs.nothingIsLeft(lab, "vc");
  });

  it("ends the bridge after as many packets as it is told", async () => {
    const lab = labs.build();
    lab.a.run("ip", "link", "add", "vc", "type", "veth", "peer", "vd");
    for (const device of ["vc", "vd"]) lab.a.run("ip", "link", "set", "dev", device, "up");
    const bridge = start(lab.a, "bridge.mjs", ["va", "vc", "2"]);
    await bridge.said(/^bridging/);
    introduce(lab.b, lab.a);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["one", "two"]);
    expect(await bridge.printed()).toMatch(/^\d packets forwarded, 0 dropped, 0 did not leave$/m);
  });

  it("answers from frames of an odd size", async () => {
    const lab = labs.build({ mtu: 2100 });
    const example = start(lab.a, "odd-frames.mjs", ["va", `${PORT}`, "40"]);
    await example.said(/^1024 frames in 2970624 bytes instead of 4194304$/);
    expect(await echoes(lab.b, lab.a.ipv4, { port: PORT, count: 40, size: 2000 })).toBe(40);
    const printed = await example.printed();
    const across = Number(/^40 answered, (\d+) of them in frames across/m.exec(printed)?.[1]);
    expect(across).toBeGreaterThan(0);
    await labs.nothingIsLeft(lab);
  });

  it("answers jumbo packets in several frames", async () => {
    const lab = labs.build({ mtu: 9000 });
    const example = start(lab.a, "jumbo-echo.mjs", ["va", `${PORT}`, "20"]);
    await example.said(/^listening, several frames per packet: true$/);
    expect(await echoes(lab.b, lab.a.ipv4, { port: PORT, count: 20, size: 8900 })).toBe(20);
    const printed = await example.printed();
    const sizes = /^8942 bytes came as (.*)$/m.exec(printed)?.[1]?.split(" + ").map(Number) ?? [];
    expect(sizes.length).toBeGreaterThan(4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(8942);
    expect(printed).toContain("20 answered, 0 frames did not leave");
    await labs.nothingIsLeft(lab);
  });

  it("has checksums computed and tells when packets left", async () => {
    const lab = labs.build();
    const heard = await receiveUdp(lab.b, PORT, 3);
    const example = start(lab.a, "tx-metadata.mjs", ["va", lab.a.ipv4, lab.b.ipv4, lab.b.mac]);
    // The stack of the other end drops what has a wrong checksum.
    expect(await heard.texts).toEqual(["packet 0", "packet 1", "packet 2"]);
    const times = [...(await example.printed()).matchAll(/^packet \d left at (\d+) ns$/gm)];
    expect(times.length).toBe(3);
    const nanoseconds = times.map(([, time]) => BigInt(time ?? 0));
    expect(nanoseconds).toEqual([...nanoseconds].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(nanoseconds).size).toBe(3);
    await labs.nothingIsLeft(lab);
  });

  it("reads the driver's hints, with the VLAN tag that the card took off", async () => {
    const lab = labs.build();
    introduce(lab.b, lab.a);
    const example = start(lab.a, "rx-hints.mjs", ["va", `${PORT}`, "2"]);
    await example.said(/^listening$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["plain"]);
    // Puts a tag beside each packet, as a VLAN device does.
    const tagger = join(labs.folder(), "push-vlan.o");
    compile(join(import.meta.dirname, "../../../bpf/test/programs/push-vlan.bpf.c"), tagger);
    const tc = (...args: string[]) => lab.b.run("unshare", "--mount", "tc", ...args);
    tc("qdisc", "add", "dev", lab.b.device, "clsact");
    const filter = ["bpf", "direct-action", "obj", tagger, "sec", "tc"];
    tc("filter", "add", "dev", lab.b.device, "egress", ...filter);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["tagged"]);
    const printed = await example.printed();
    expect(printed).toContain('hints of va: {"timestamp":true,"hash":true,"vlan":true}');
    expect(printed).toMatch(/^47 bytes, time \d+ ns, hash 0x[0-9a-f]+, VLAN none$/m);
    expect(printed).toMatch(/^48 bytes, time \d+ ns, hash 0x[0-9a-f]+, VLAN 7$/m);
    await labs.nothingIsLeft(lab);
  });

  it.each([
    ["32", 16],
    ["512", 1],
  ])("sends bursts of 512 with a budget of %s in %i calls each", async (budget, calls) => {
    const lab = labs.build();
    const log = join(labs.folder(), "strace");
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
    await labs.nothingIsLeft(lab);
  });
});
