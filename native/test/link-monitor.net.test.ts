import { execFileSync } from "node:child_process";
import type { Kernel, LinkEvent } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";

const POLLIN = 1;

describeOnKernel("a link monitor", () => {
  let lab: Lab;
  let leave: () => void;
  let kernel: Kernel;
  let index: number;
  let monitor: number;
  beforeEach(() => {
    lab = createLab();
    leave = lab.a.enter();
    kernel = createLinuxKernel();
    index = kernel.interfaceState("va").index;
    monitor = kernel.openLinkMonitor();
  });
  afterEach(() => {
    kernel.close(monitor);
    leave();
    lab.close();
  });
  const ip = (...args: string[]): string => lab.a.run("ip", ...args);
  const last = (events: LinkEvent[]): LinkEvent | undefined => events.at(-1);
  /** Events up to one that is looked for: the kernel tells of a carrier up to a second later. */
  const until = (found: (event: LinkEvent) => boolean): Promise<LinkEvent[]> =>
    new Promise((resolve) => {
      const events: LinkEvent[] = [];
      const watch = kernel.watch(monitor, POLLIN, () => {
        events.push(...kernel.readLinkEvents(monitor));
        if (!events.some(found)) return;
        watch.stop();
        resolve(events);
      });
    });

  it("has nothing to tell at first", () => {
    expect(kernel.readLinkEvents(monitor)).toEqual([]);
  });

  it("tells of a link that goes down and up", async () => {
    ip("link", "set", "va", "down");
    const down = kernel.readLinkEvents(monitor);
    expect(last(down)).toEqual({
      ...{ kind: "changed", interfaceIndex: index, name: "va", up: false, running: false },
    });
    ip("link", "set", "va", "up");
    const up = await until((event) => event.running);
    expect(last(up)).toMatchObject({ kind: "changed", name: "va", up: true, running: true });
  });

  it("tells of a carrier that is lost while the link stays up", async () => {
    lab.b.run("ip", "link", "set", "vb", "down");
    expect(last(await until((event) => !event.running))).toMatchObject({ name: "va", up: true });
  });

  it("tells a new name", () => {
    ip("link", "set", "va", "down");
    ip("link", "set", "va", "name", "other");
    expect(last(kernel.readLinkEvents(monitor))).toMatchObject({
      ...{ kind: "changed", interfaceIndex: index, name: "other" },
    });
  });

  it("tells of a device that is removed", () => {
    ip("link", "delete", "va");
    expect(kernel.readLinkEvents(monitor)).toContainEqual(
      expect.objectContaining({ kind: "removed", interfaceIndex: index, name: "va" }),
    );
  });

  it("tells of a device that is moved to another namespace as of one removed", () => {
    ip("link", "set", "va", "netns", lab.b.path);
    expect(kernel.readLinkEvents(monitor)).toContainEqual(
      expect.objectContaining({ kind: "removed", interfaceIndex: index, name: "va" }),
    );
  });

  it("does not take a port that leaves its bridge for a device that is removed", () => {
    ip("link", "add", "br0", "type", "bridge");
    ip("link", "set", "va", "master", "br0");
    ip("link", "set", "va", "nomaster");
    const events = kernel.readLinkEvents(monitor);
    expect(events).toContainEqual(expect.objectContaining({ name: "va", kind: "changed" }));
    expect(events.filter((event) => event.kind === "removed")).toEqual([]);
  });

  it("says when events were lost, and goes on", () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `link set va alias a${i}\n`);
    execFileSync("nsenter", [`--net=${lab.a.path}`, "ip", "-batch", "-"], {
      input: lines.join(""),
    });
    const kinds = new Set(kernel.readLinkEvents(monitor).map((event) => event.kind));
    expect(kinds).toEqual(new Set(["changed", "lost"]));
    ip("link", "set", "va", "down");
    expect(last(kernel.readLinkEvents(monitor))).toMatchObject({ kind: "changed", up: false });
  });

  it("can be watched", async () => {
    const events = until((event) => !event.up);
    ip("link", "set", "va", "down");
    expect((await events)[0]).toMatchObject({ kind: "changed", name: "va" });
  });

  it("is no socket, and a socket no monitor", () => {
    const socket = kernel.socket();
    expect(() => kernel.readLinkEvents(socket)).toThrow("EBADF");
    expect(() => kernel.options(monitor)).toThrow("EBADF");
    expect(kernel.wait(monitor, POLLIN, 0, -1)).toBe(-9);
    kernel.close(socket);
  });

  it("leaves nothing when it is closed", () => {
    const before = footprint();
    const other = kernel.openLinkMonitor();
    expect(footprint().fds).toBe(before.fds + 1);
    kernel.close(other);
    expect(footprint()).toEqual(before);
    expect(() => kernel.readLinkEvents(other)).toThrow("EBADF");
  });
});
