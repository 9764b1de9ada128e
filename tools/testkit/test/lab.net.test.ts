import { existsSync, readlinkSync } from "node:fs";
import { createLab, footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

describeOnKernel("a lab", () => {
  const ping = (lab: ReturnType<typeof createLab>, address: string): string =>
    lab.a.run("ping", "-c", "1", "-W", "2", address);
  const features = (lab: ReturnType<typeof createLab>, end: "a" | "b"): string =>
    lab[end].run("ethtool", "-k", lab[end].device);

  it("joins two hosts over IPv4 and IPv6 and is gone after close, which may come twice", () => {
    const before = footprint();
    const lab = createLab({ queues: 2, mtu: 3000 });
    expect(ping(lab, lab.b.ipv4)).toContain("1 received");
    expect(ping(lab, lab.b.ipv6)).toContain("1 received");
    for (const host of [lab.a, lab.b]) {
      const link = host.run("ip", "-d", "link", "show", host.device);
      expect(link).toContain(host.mac);
      expect(link).toContain("mtu 3000");
      expect(link).toContain("numtxqueues 2");
      expect(link).toContain("numrxqueues 2");
      expect(existsSync(host.path)).toBe(true);
    }
    lab.close();
    lab.close();
    for (const host of [lab.a, lab.b]) expect(existsSync(host.path)).toBe(false);
    expect(footprint()).toEqual(before);
  });

  it("leaves nothing behind when it cannot be built", () => {
    const before = footprint();
    expect(() => createLab({ mtu: 1 })).toThrow("mtu");
    const lab = createLab();
    const { namespace } = lab.a;
    lab.close();
    // The failed lab's names are free again.
    expect(namespace).toBe(`afxdp-${process.pid}-0-a`);
    expect(footprint()).toEqual(before);
  });

  it("stands beside another", () => {
    const one = createLab();
    const two = createLab();
    expect(new Set([one, two].flatMap(({ a, b }) => [a.path, b.path])).size).toBe(4);
    expect(ping(one, one.b.ipv4)).toContain("1 received");
    one.close();
    expect(ping(two, two.b.ipv4)).toContain("1 received");
    two.close();
  });

  it("moves the main thread into a host, and back", () => {
    const lab = createLab();
    const current = (): string => readlinkSync("/proc/self/ns/net");
    const home = current();
    const leave = lab.a.enter();
    const inside = current();
    leave();
    expect(inside).not.toBe(home);
    expect(current()).toBe(home);
    lab.close();
  });

  it("says what a command said when it failed", () => {
    const lab = createLab();
    expect(() => lab.a.run("ip", "link", "show", "nowhere")).toThrow("nowhere");
    lab.close();
  });

  it("kills what it started", async () => {
    const lab = createLab();
    const child = lab.a.spawn("sleep", ["1000"], { stdio: "ignore" });
    const exited = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    lab.close();
    expect(await exited).toBe("SIGKILL");
  });

  it("has no IPv6 when none is asked for", () => {
    const lab = createLab({ ipv6: false });
    expect(lab.a.run("ip", "-6", "address")).toBe("");
    lab.close();
  });

  it("keeps VLAN tags in the packet when offload is off", () => {
    const on = createLab();
    const off = createLab({ txVlanOffload: false });
    for (const end of ["a", "b"] as const) {
      expect(features(on, end)).toContain("tx-vlan-offload: on");
      expect(features(off, end)).toContain("tx-vlan-offload: off");
      expect(features(off, end)).toContain("rx-vlan-offload: off");
    }
    on.close();
    off.close();
  });
});
