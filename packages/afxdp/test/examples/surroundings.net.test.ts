import { readdirSync } from "node:fs";
import { join } from "node:path";
import { exchangeUdp, mountBpfFs, withHugePages } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { describe, expect, it } from "vitest";
import { compile, EXAMPLES, introduce, receiveUdp, sendUdp, start } from "../support/example.js";
import { useLabs } from "../support/use-labs.js";

const PORT = 9000;

describeOnKernel("an example about what is around the packets", () => {
  const labs = useLabs();
  it("prefers zero copy, polls, and puts the interface's settings back", async () => {
    const lab = labs.build();
    introduce(lab.b, lab.a);
    const example = start(lab.a, "busy-poll.mjs", ["va", `${PORT}`, "3"]);
    await example.said(/^during: napi_defer_hard_irqs 2, gro_flush_timeout 200000$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["one", "two", "three"]);
    const printed = await example.printed();
    expect(printed).toMatch(/^before: napi_defer_hard_irqs 0, gro_flush_timeout 0$/m);
    expect(printed).toMatch(/^program: drv, copy mode \(EOPNOTSUPP\)$/m);
    expect(printed).toMatch(/^3 packets\nafter: napi_defer_hard_irqs 0, gro_flush_timeout 0$/m);
    await labs.nothingIsLeft(lab);
  });

  describe.each([1, 0])("with %i huge pages free", (pages) => {
    it("takes them or tells why not, and hands packets to another process", async () => {
      const lab = labs.build();
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
      await labs.nothingIsLeft(lab);
    });
  });

  it("uses a program of one's own and reads its map", async () => {
    const object = join(labs.folder(), "own-program.o");
    compile(join(EXAMPLES, "own-program.bpf.c"), object);
    const lab = labs.build();
    introduce(lab.b, lab.a);
    const heard = await receiveUdp(lab.a, PORT, 2);
    const example = start(lab.a, "own-program.mjs", ["va", object, "2"]);
    await example.said(/^sample is attached to va$/);
    sendUdp(lab.b, lab.a.ipv4, PORT, ["first", "second", "third", "fourth"]);
    expect(await heard.texts).toEqual(["second", "fourth"]); // by the kernel's stack
    const printed = await example.printed();
    expect(printed).toMatch(/^first\nthird\n2 sampled of \d datagrams among \d+ packets$/m);
    await labs.nothingIsLeft(lab);
  });

  it("leaves a pinned program that a second process picks up", async () => {
    const bpfFs = mountBpfFs();
    labs.undo(() => bpfFs.close());
    const lab = labs.build();
    introduce(lab.b, lab.a);
    const run = (...args: string[]) => start(lab.a, "pinned-program.mjs", [...args, bpfFs.path]);
    expect(await run("install", "va", `${PORT}`).printed()).toContain("installed on va");
    const attached = () => labs.attached(lab);
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
    await labs.nothingIsLeft(lab);
  });

  it("stays open over a link that goes down and a device that comes back", async () => {
    const lab = labs.build();
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
    await labs.nothingIsLeft(lab);
  });

  it("tells once a second what came, what went, and what was lost and why", async () => {
    const lab = labs.build({ mtu: 3000 });
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
    await labs.nothingIsLeft(lab);
  });
});
