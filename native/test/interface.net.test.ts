import { existsSync } from "node:fs";
import type { FlowRule, InterfaceSetting, Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";

describeOnKernel("an interface", () => {
  const lab = useLab({ queues: 4 });
  let kernel: Kernel;
  let index: number;
  let before: unknown;
  beforeEach(() => {
    before = footprint();
    kernel = createLinuxKernel();
    index = kernel.interfaceState("va").index;
  });
  afterEach(() => {
    expect(footprint()).toEqual(before);
  });
  const thrownBy = (call: () => unknown): unknown => {
    try {
      call();
    } catch (error) {
      return error;
    }
    throw new Error("it did not throw");
  };

  it("says what its driver can do", () => {
    // The numbers of drivers/net/veth.c; the segments are told of drivers with zero copy only.
    expect(kernel.interfaceFeatures(index)).toEqual({
      ...{ xdp: 0x23, zeroCopyMaxSegments: 0, rxMetadata: 7, xsk: 0 },
    });
    const loopback = kernel.interfaceState("lo").index;
    expect(kernel.interfaceFeatures(loopback)).toMatchObject({ xdp: 0, rxMetadata: 0 });
  });

  it.each([
    [9999, "ENODEV", "ERR_XDP_NO_DEVICE"],
    [0, "EINVAL", "ERR_XDP_SYSCALL"],
    [-1, "EINVAL", "ERR_XDP_SYSCALL"],
    [2 ** 32 + 1, "EINVAL", "ERR_XDP_SYSCALL"],
  ])("has no features when its index is %d, and cannot be promiscuous", (bad, errnoName, code) => {
    const wanted = { step: "interface", errnoName, code };
    expect(thrownBy(() => kernel.interfaceFeatures(bad))).toMatchObject(wanted);
    expect(thrownBy(() => kernel.promiscuous(bad))).toMatchObject(wanted);
  });

  it("has channels, which can be set one by one", () => {
    const max = { maxRx: 4, maxTx: 4, maxCombined: 0 };
    expect(kernel.channels("va")).toEqual({ rx: 4, tx: 4, combined: 0, ...max });
    kernel.setChannels("va", { rx: 2 });
    expect(kernel.channels("va")).toEqual({ rx: 2, tx: 4, combined: 0, ...max });
    kernel.setChannels("va", { tx: 3 });
    expect(kernel.channels("va")).toEqual({ rx: 2, tx: 3, combined: 0, ...max });
    expect(kernel.interfaceState("va")).toMatchObject({ rxQueues: 2, txQueues: 3 });
    kernel.setChannels("va", {});
    kernel.setChannels("va", { rx: 4, tx: 4 });
    expect(kernel.channels("va")).toMatchObject({ rx: 4, tx: 4 });
  });

  it.each([{ rx: 5 }, { rx: 0 }, { combined: 1 }, { rx: -1 }, { tx: 0.5 }, { tx: 2 ** 32 }])(
    "refuses the channels %j",
    (wanted) => {
      expect(thrownBy(() => kernel.setChannels("va", wanted))).toMatchObject({
        ...{ step: "setting", errnoName: "EINVAL", code: "ERR_XDP_SYSCALL" },
      });
      expect(kernel.channels("va")).toMatchObject({ rx: 4, tx: 4 });
    },
  );

  it("refuses a misspelt channel", () => {
    const wanted = { xr: 1 } as unknown as { rx: number };
    const code = "ERR_XDP_ARGUMENT";
    expect(thrownBy(() => kernel.setChannels("va", wanted))).toMatchObject({ code });
    expect(thrownBy(() => kernel.setDeviceRings("va", wanted))).toMatchObject({ code });
  });

  it("says EOPNOTSUPP of rings and rules that a veth does not have", () => {
    const errnoName = "EOPNOTSUPP";
    expect(thrownBy(() => kernel.deviceRings("va"))).toMatchObject({
      ...{ errnoName, step: "interface", code: "ERR_XDP_SYSCALL" },
    });
    const set = { errnoName, step: "setting" };
    expect(thrownBy(() => kernel.setDeviceRings("va", { rx: 512 }))).toMatchObject(set);
    const rule: FlowRule = { protocol: "udp4", queue: 0, destinationPort: 4242 };
    expect(thrownBy(() => kernel.addFlowRule("va", rule))).toMatchObject(set);
    expect(thrownBy(() => kernel.removeFlowRule("va", 0))).toMatchObject(set);
    expect(thrownBy(() => kernel.channels("lo"))).toMatchObject({ errnoName });
  });

  it.each(["nowhere", "", ".", "..", "a/b", "va\0", "x".repeat(16)])(
    "is not there under the name %j",
    (name) => {
      const wanted = { errnoName: "ENODEV", code: "ERR_XDP_NO_DEVICE" };
      for (const call of [
        () => kernel.channels(name),
        () => kernel.setChannels(name, { rx: 1 }),
        () => kernel.deviceRings(name),
        () => kernel.setDeviceRings(name, { rx: 1 }),
        () => kernel.addFlowRule(name, { protocol: "ether", queue: 0 }),
        () => kernel.removeFlowRule(name, 0),
        () => kernel.interfaceSetting(name, "gro_flush_timeout"),
        () => kernel.setInterfaceSetting(name, "gro_flush_timeout", 0),
        () => kernel.interfaceNode(name),
      ]) {
        expect(thrownBy(call)).toMatchObject(wanted);
      }
    },
  );

  it("is promiscuous for as long as one of those who wish so stays", () => {
    const count = (): number =>
      Number(lab.a.run("sh", "-c", "ip -d link show va | grep -o 'promiscuity [0-9]*'").slice(12));
    expect(count()).toBe(0);
    const first = kernel.promiscuous(index);
    const second = kernel.promiscuous(index);
    expect(count()).toBe(2);
    kernel.close(first);
    expect(count()).toBe(1);
    kernel.close(second);
    expect(count()).toBe(0);
  });

  it.each<InterfaceSetting>(["napi_defer_hard_irqs", "gro_flush_timeout"])(
    "has the setting %s, in the namespace that the thread is in",
    (setting) => {
      // /sys shows the namespace of who mounted it.
      expect(existsSync("/sys/class/net/va")).toBe(false);
      expect(kernel.interfaceSetting("va", setting)).toBe(0);
      kernel.setInterfaceSetting("va", setting, 20_000);
      expect(kernel.interfaceSetting("va", setting)).toBe(20_000);
      const command = `mount -t sysfs none /sys && cat /sys/class/net/va/${setting}`;
      expect(lab.a.run("unshare", "--mount", "sh", "-c", command).trim()).toBe("20000");
      expect(() => kernel.interfaceSetting("vb", setting)).toThrow("ENODEV");
      const back = lab.b.enter();
      expect(kernel.interfaceSetting("vb", setting)).toBe(0);
      expect(() => kernel.interfaceSetting("va", setting)).toThrow("ENODEV");
      back();
      kernel.setInterfaceSetting("va", setting, 0);
    },
  );

  it.each([-1, 0.5, Number.NaN, 2 ** 53])("refuses to be set to %d", (value) => {
    const call = (): void => kernel.setInterfaceSetting("va", "napi_defer_hard_irqs", value);
    expect(thrownBy(call)).toMatchObject({ step: "setting", errnoName: "EINVAL" });
  });

  it("refuses to be set to what an older kernel would cut to 32 bits", () => {
    const call = (): void => kernel.setInterfaceSetting("va", "napi_defer_hard_irqs", 2 ** 31);
    expect(thrownBy(call)).toMatchObject({ step: "setting", errnoName: "ERANGE" });
    expect(kernel.interfaceSetting("va", "napi_defer_hard_irqs")).toBe(0);
  });

  it("has no setting but those that there are", () => {
    const bad = "../../../../etc/passwd" as InterfaceSetting;
    const wanted = { errnoName: "EINVAL" };
    expect(thrownBy(() => kernel.interfaceSetting("va", bad))).toMatchObject(wanted);
    expect(thrownBy(() => kernel.setInterfaceSetting("va", bad, 1))).toMatchObject(wanted);
  });

  it("has a NUMA node that is read only", () => {
    const node = "device/numa_node" as InterfaceSetting;
    const set = (): void => kernel.setInterfaceSetting("va", node, 0);
    expect(thrownBy(set)).toMatchObject({ step: "setting", errnoName: "EINVAL" });
  });

  it("is on no NUMA node when it is virtual", () => {
    expect(kernel.interfaceNode("va")).toBe(-1);
  });

  it("is in a namespace that has a number of its own", () => {
    const cookie = kernel.namespaceCookie();
    expect(cookie).toBeGreaterThan(0n);
    expect(kernel.namespaceCookie()).toBe(cookie);
    const back = lab.b.enter();
    expect(kernel.namespaceCookie()).not.toBe(cookie);
    back();
    const other = createLab();
    const leave = other.a.enter();
    expect(kernel.namespaceCookie()).not.toBe(cookie);
    leave();
    other.close();
  });
});
