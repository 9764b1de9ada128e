import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ERRNO, type Kernel, wrapKernel, XdpSystemError } from "@afxdp/core";
import {
  applyBusyPollSettings,
  type InterfaceEvent,
  type InterfaceWatch,
  restoreStaleSettings,
  watchInterface,
} from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";

describeOnKernel("watchInterface", () => {
  const kernel = createLinuxKernel();
  let lab: Lab;
  let leave: () => void;
  let heard: InterfaceEvent[];
  let watch: InterfaceWatch | undefined;
  beforeEach(async () => {
    lab = createLab();
    leave = lab.a.enter();
    // A link is up somewhat later than its two ends.
    await expect.poll(() => kernel.interfaceState("va").running, { timeout: 20_000 }).toBe(true);
    heard = [];
  });
  afterEach(() => {
    watch?.close();
    leave();
    lab.close();
  });
  const hear = (event: InterfaceEvent): void => void heard.push(event);
  const start = (): InterfaceWatch => {
    watch = watchInterface(kernel, lab.a.device, hear);
    return watch;
  };
  const ip = (...args: string[]): string => lab.a.run("ip", ...args);
  const makeAnew = (index?: number): void => {
    const wanted = index === undefined ? [] : ["index", String(index)];
    ip(
      "link",
      "add",
      "name",
      "va",
      ...wanted,
      "type",
      "veth",
      "peer",
      "name",
      "vb",
      "netns",
      lab.b.namespace,
    );
    lab.b.run("ip", "link", "set", "dev", "vb", "up");
    ip("link", "set", "dev", "va", "up");
  };
  const kinds = (): string[] => heard.map(({ kind }) => kind);
  const until = (...expected: string[]): Promise<void> =>
    expect.poll(kinds, { timeout: 20_000 }).toEqual(expected);

  it("knows the state from the beginning and tells only what changes", async () => {
    const index = kernel.interfaceState("va").index;
    expect(start()).toMatchObject({ state: "up", interfaceIndex: index, interfaceName: "va" });
    ip("link", "set", "dev", "va", "mtu", "1400");
    lab.b.run("ip", "link", "set", "dev", "vb", "down");
    await until("linkDown");
    expect(heard[0]).toEqual({ kind: "linkDown", interfaceName: "va", interfaceIndex: index });
    expect(watch?.state).toBe("down");
    ip("link", "set", "dev", "va", "mtu", "1300");
    lab.b.run("ip", "link", "set", "dev", "vb", "up");
    await until("linkDown", "linkUp");
    expect(watch?.state).toBe("up");
  });

  it("takes an interface that is administratively down for one whose link is down", async () => {
    ip("link", "set", "dev", "va", "down");
    expect(start().state).toBe("down");
    ip("link", "set", "dev", "va", "up");
    await until("linkUp");
    ip("link", "set", "dev", "va", "down");
    await until("linkUp", "linkDown");
  });

  it("misses nothing that happens before it is told the first time", async () => {
    const slow = wrapKernel(kernel, (method, _args, proceed) => {
      const result = proceed();
      if (method === "openLinkMonitor") ip("link", "set", "dev", "va", "down");
      return result;
    });
    watch = watchInterface(slow, "va", hear);
    expect(watch.state).toBe("down");
    ip("link", "set", "dev", "va", "up");
    await expect.poll(() => watch?.state, { timeout: 20_000 }).toBe("up");
  });

  it("tells that a device is gone, and that one of that name is back, with its index", async () => {
    const { interfaceIndex: old } = start();
    ip("link", "delete", "dev", "va");
    await until("linkDown", "deviceGone");
    expect([watch?.state, watch?.interfaceIndex]).toEqual(["gone", old]);
    makeAnew();
    await until("linkDown", "deviceGone", "deviceBack", "linkUp");
    const { index } = kernel.interfaceState("va");
    expect(index).not.toBe(old);
    expect(heard.map(({ interfaceIndex }) => interfaceIndex)).toEqual([old, old, index, index]);
  });

  it("takes a device that moved to another namespace for gone, until it returns", async () => {
    start();
    ip("link", "set", "dev", "va", "netns", lab.b.namespace);
    await until("linkDown", "deviceGone");
    lab.b.run("ip", "link", "set", "dev", "va", "netns", lab.a.namespace);
    await until("linkDown", "deviceGone", "deviceBack");
    expect(watch?.state).toBe("down");
    expect(watch?.interfaceIndex).toBe(kernel.interfaceState("va").index);
  });

  it("follows a device that is renamed, and waits for its old name when that is gone", async () => {
    // Before 6.2 only what is down can be renamed.
    ip("link", "set", "dev", "va", "down");
    const { interfaceIndex } = start();
    ip("link", "set", "dev", "va", "name", "vx");
    ip("link", "set", "dev", "vx", "up");
    await until("linkUp");
    expect(heard[0]?.interfaceIndex).toBe(interfaceIndex);
    ip("link", "add", "name", "va", "type", "veth", "peer", "name", "vp");
    ip("link", "set", "dev", "vp", "up");
    ip("link", "set", "dev", "vx", "down");
    await until("linkUp", "linkDown");
    ip("link", "delete", "dev", "vx");
    await until("linkUp", "linkDown", "deviceGone");
    // The new one has the name already: no event would tell of it by itself.
    ip("link", "set", "dev", "va", "up");
    await until("linkUp", "linkDown", "deviceGone", "deviceBack", "linkUp");
  });

  it("begins with a target that is gone already, and with one that has another index now", () => {
    const target = { interfaceName: "va", interfaceIndex: 0x7fff_fff0 };
    watch = watchInterface(kernel, { ...target, interfaceName: "nowhere" }, hear);
    expect(watch.state).toBe("gone");
    watch.close();
    watch = watchInterface(kernel, target, hear);
    expect(watch).toMatchObject({ state: "up", interfaceIndex: kernel.interfaceState("va").index });
    watch.close();
    expect(heard).toEqual([]);
  });

  it("has the state right when more happened than the kernel keeps", async () => {
    let lost = 0;
    const counting = wrapKernel(kernel, (method, _args, proceed) => {
      const result = proceed();
      if (method !== "readLinkEvents") return result;
      lost += (result as { kind: string }[]).filter(({ kind }) => kind === "lost").length;
      return result;
    });
    watch = watchInterface(counting, "va", hear);
    const toggles = "link set dev va down\nlink set dev va up\n".repeat(400);
    // Blocks the event loop, so that nothing is read.
    execFileSync("nsenter", [`--net=${lab.a.path}`, "ip", "-batch", "-"], {
      input: `${toggles}link set dev va down\n`,
    });
    await expect.poll(() => lost, { timeout: 20_000 }).toBeGreaterThan(0);
    await expect.poll(() => watch?.state, { timeout: 20_000 }).toBe("down");
    ip("link", "set", "dev", "va", "up");
    await expect.poll(() => watch?.state, { timeout: 20_000 }).toBe("up");
    expect(heard.every(({ kind }, i) => kind !== heard[i - 1]?.kind)).toBe(true);
  });

  it("looks in its own namespace only, when events were lost", async () => {
    const events: { kind: string }[] = [];
    const losing = wrapKernel(kernel, (method, _args, proceed) => {
      const result = proceed();
      if (method !== "readLinkEvents") return result;
      return [...(result as { kind: string }[]), ...events.splice(0)];
    });
    watch = watchInterface(losing, "va", hear);
    const leaveB = lab.b.enter();
    try {
      events.push({ kind: "lost" });
      ip("link", "set", "dev", "va", "mtu", "1400");
      await expect.poll(() => events.length, { timeout: 20_000 }).toBe(0);
      expect(watch.state).toBe("up");
    } finally {
      leaveB();
    }
    ip("link", "delete", "dev", "va");
    await expect.poll(() => watch?.state, { timeout: 20_000 }).toBe("gone");
  });

  it("shares one monitor among all watches of a namespace, and closes it with the last", async () => {
    let opened = 0;
    const counting: Kernel = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "openLinkMonitor") opened++;
      return proceed();
    });
    const before = footprint();
    const watches = ["va", "lo", "va"].map((name) => watchInterface(counting, name, hear));
    expect(opened).toBe(1);
    // A monitor, and a descriptor of the event loop's own for it.
    expect(footprint().fds).toBeGreaterThan(before.fds);
    watches[0]?.close();
    watches[0]?.close();
    ip("link", "set", "dev", "va", "down");
    await until("linkDown");
    for (const each of watches) each.close();
    expect(footprint()).toEqual(before);
    watchInterface(counting, "va", hear).close();
    expect(opened).toBe(2);
    expect(footprint()).toEqual(before);
  });

  it("is ended by its listener, by its signal, and by dispose", async () => {
    const before = footprint();
    const abort = new AbortController();
    const byListener = watchInterface(kernel, "va", (event) => {
      hear(event);
      byListener.close();
    });
    const bySignal = watchInterface(kernel, "va", hear, { signal: abort.signal });
    abort.abort();
    expect(bySignal.closed).toBe(true);
    ip("link", "delete", "dev", "va");
    await until("linkDown");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await until("linkDown");
    using disposed = watchInterface(kernel, "lo", hear);
    disposed[Symbol.dispose]();
    expect(disposed.closed).toBe(true);
    expect(footprint()).toEqual(before);
  });

  it("calls every listener, also after one has thrown, whose error is uncaught", async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      const throwing = watchInterface(kernel, "va", () => {
        throw new Error("a listener's");
      });
      start();
      ip("link", "set", "dev", "va", "down");
      await until("linkDown");
      await expect.poll(() => uncaught.map(String)).toEqual(["Error: a listener's"]);
      throwing.close();
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });

  it("tells onError, and is closed, when events cannot be read any more", async () => {
    const before = footprint();
    const failure = new Error("no more");
    const failing = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "readLinkEvents") throw failure;
      return proceed();
    });
    const errors: unknown[] = [];
    const broken = watchInterface(failing, "va", hear, { onError: (error) => errors.push(error) });
    ip("link", "set", "dev", "va", "down");
    await expect.poll(() => errors).toEqual([failure]);
    expect(broken.closed).toBe(true);
    expect(footprint()).toEqual(before);
  });

  it("refuses what it cannot watch, and leaves nothing open", () => {
    const before = footprint();
    const refused = (code: string, ...args: readonly unknown[]): void => {
      const call = watchInterface as (...given: readonly unknown[]) => unknown;
      expect(() => call(kernel, ...args), String(args)).toThrow(expect.objectContaining({ code }));
      expect(footprint()).toEqual(before);
    };
    refused("ERR_XDP_NO_DEVICE", "nowhere", hear);
    refused("ERR_XDP_NO_DEVICE", "a/b", hear);
    refused("ERR_XDP_NO_DEVICE", 3, hear);
    refused("ERR_XDP_ARGUMENT", { interfaceName: "va", interfaceIndex: -1 }, hear);
    refused("ERR_XDP_ARGUMENT", "va", undefined);
    refused("ERR_XDP_ARGUMENT", "va", hear, { signals: 1 });
    refused("ERR_XDP_ARGUMENT", "va", hear, { signal: 1 });
    refused("ERR_XDP_ARGUMENT", "va", hear, { onError: 1 });
    refused("ERR_XDP_ABORTED", "va", hear, { signal: AbortSignal.abort() });
  });

  it("works on a kernel that has no cookies of network namespaces", async () => {
    const old = wrapKernel(kernel, (method, _args, proceed) => {
      if (method !== "namespaceCookie") return proceed();
      throw new XdpSystemError({
        step: "interface",
        syscall: "getsockopt(SO_NETNS_COOKIE)",
        errno: ERRNO.ENOPROTOOPT,
      });
    });
    watch = watchInterface(old, lab.a.device, hear);
    lab.b.run("ip", "link", "set", "dev", "vb", "down");
    await until("linkDown");
    const directory = mkdtempSync(join(tmpdir(), "afxdp-"));
    try {
      const settings = applyBusyPollSettings(old, lab.a.device, { deferHardIrqs: 2, directory });
      expect(kernel.interfaceSetting("va", "napi_defer_hard_irqs")).toBe(2);
      settings.restore();
      expect(kernel.interfaceSetting("va", "napi_defer_hard_irqs")).toBe(0);
      expect(restoreStaleSettings(old, undefined, { directory })).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
