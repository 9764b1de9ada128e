import { readlinkSync } from "node:fs";
import { createLinuxKernel, enterNetworkNamespace } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";

describeOnKernel("enterNetworkNamespace", () => {
  let lab: Lab;
  beforeAll(() => {
    lab = createLab({ queues: 2, mtu: 3000 });
  });
  afterAll(() => {
    lab.close();
  });
  const current = (): string => readlinkSync("/proc/thread-self/ns/net");

  it("moves this thread there, and back once", () => {
    const kernel = createLinuxKernel();
    const before = { ...footprint(), namespace: current() };
    const leave = enterNetworkNamespace(lab.a.path);
    expect(current()).not.toBe(before.namespace);
    expect(kernel.interfaceState(lab.a.device)).toMatchObject({
      rxQueues: 2,
      txQueues: 2,
      mtu: 3000,
      up: true,
      running: true,
    });
    const leaveInner = enterNetworkNamespace(lab.b.path);
    expect(kernel.interfaceState(lab.b.device).index).toBeGreaterThan(0);
    expect(() => kernel.interfaceState(lab.a.device)).toThrow("ENODEV");
    leaveInner();
    leave();
    leave();
    expect({ ...footprint(), namespace: current() }).toEqual(before);
  });

  it("takes a device without ethtool channels at the number of queues it was made with", () => {
    const leave = enterNetworkNamespace(lab.a.path);
    lab.a.run("ip", "link", "add", "d0", "numrxqueues", "3", "numtxqueues", "2", "type", "ifb");
    expect(createLinuxKernel().interfaceState("d0")).toMatchObject({ rxQueues: 3, txQueues: 2 });
    leave();
  });

  it.each([
    ["/run/netns/afxdp-nowhere", "ENOENT"],
    ["/proc/self/ns/mnt", "EINVAL"],
    ["/dev/null", "EINVAL"],
    ["/proc/self/ns/net\0", "EINVAL"],
    [`/${"x".repeat(5000)}`, "ENAMETOOLONG"],
    ["", "ENOENT"],
  ])("stays where it is when given %j", (path, errno) => {
    const before = { ...footprint(), namespace: current() };
    expect(() => enterNetworkNamespace(path)).toThrow(errno);
    expect({ ...footprint(), namespace: current() }).toEqual(before);
  });
});
