import { wrapKernel, XdpFeatureError, XdpSystemError } from "@afxdp/core";
import { decodeFeatures, describeInterface, hasFeature } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { describe, expect, it } from "vitest";

describeOnKernel("describeInterface", () => {
  const lab = useLab({ queues: 4, mtu: 3000 });
  const kernel = createLinuxKernel();

  it("tells all of a veth, as plain data", () => {
    const before = footprint();
    const report = describeInterface(kernel, lab.a.device);
    expect(report).toMatchObject({
      name: "va",
      up: true,
      running: true,
      mtu: 3000,
      rxQueues: 4,
      txQueues: 4,
      channels: { rx: 4, tx: 4, maxRx: 4, maxTx: 4 },
      deviceRings: undefined,
      numaNode: undefined,
      attachedProgram: undefined,
    });
    if (hasFeature(kernel, "interfaceFeatures")) {
      expect(report.features).toMatchObject({
        // drivers/net/veth.c, veth_set_xdp_features: ndo_xmit only while the peer has a program or GRO.
        xdp: { basic: true, redirect: true, rxSg: true, zeroCopy: false, hwOffload: false },
        rxHints: { timestamp: true, hash: true, vlan: true },
        tx: { timestamp: false, checksum: false, launchTime: false },
        zeroCopyMaxSegments: undefined,
      });
    }
    expect(report.notes.at(-1)).toMatch(/^deviceRings: /);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(footprint()).toEqual(before);
  });

  it("tells of a device that has nothing", () => {
    const report = describeInterface(kernel, "lo");
    expect(report).toMatchObject({ index: 1, channels: undefined, deviceRings: undefined });
    expect(Object.values(report.features?.xdp ?? {})).not.toContain(true);
    expect(report.notes.filter((note) => /^(channels|deviceRings): /.test(note))).toHaveLength(2);
  });

  it("notes that a kernel does not tell a driver's features", () => {
    const old = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "interfaceFeatures") throw new XdpFeatureError("interfaceFeatures");
      return proceed();
    });
    const report = describeInterface(old, "va");
    expect(report.features).toBeUndefined();
    expect(report.notes[0]).toMatch(/^features: .*6\.3/);
  });

  it("notes that it may not look up the NUMA node", () => {
    const denying = wrapKernel(kernel, (method, _args, proceed) => {
      if (method !== "interfaceNode") return proceed();
      throw new XdpSystemError({ step: "interface", syscall: "fsmount", errno: 1 });
    });
    const report = describeInterface(denying, "va");
    expect(report.numaNode).toBeUndefined();
    expect(report.notes).toContainEqual(expect.stringMatching(/^numaNode: .*EPERM/));
  });

  it("passes on any other error", () => {
    expect(() => describeInterface(kernel, "nowhere")).toThrow(
      expect.objectContaining({ code: "ERR_XDP_NO_DEVICE" }),
    );
    const failing = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "channels") throw new Error("another");
      return proceed();
    });
    expect(() => describeInterface(failing, "va")).toThrow("another");
  });
});

describe("decodeFeatures", () => {
  const none = { xdp: 0, rxMetadata: 0, xsk: 0, zeroCopyMaxSegments: 0 };
  const named = (features: object): string[] =>
    Object.entries(features).flatMap(([group, flags]) =>
      typeof flags !== "object"
        ? []
        : Object.entries(flags as object).flatMap(([name, on]) => (on ? `${group}.${name}` : [])),
    );

  it.each([
    ["xdp", 1, "xdp.basic"],
    ["xdp", 2, "xdp.redirect"],
    ["xdp", 4, "xdp.ndoXmit"],
    ["xdp", 8, "xdp.zeroCopy"],
    ["xdp", 16, "xdp.hwOffload"],
    ["xdp", 32, "xdp.rxSg"],
    ["xdp", 64, "xdp.ndoXmitSg"],
    ["rxMetadata", 1, "rxHints.timestamp"],
    ["rxMetadata", 2, "rxHints.hash"],
    ["rxMetadata", 4, "rxHints.vlan"],
    ["xsk", 1, "tx.timestamp"],
    ["xsk", 2, "tx.checksum"],
    ["xsk", 4, "tx.launchTime"],
  ])("gives bit %s %d its name", (field, bit, name) => {
    expect(named(decodeFeatures({ ...none, [field]: bit }))).toEqual([name]);
  });

  it("takes 0 segments for unknown, and any other number as it is", () => {
    expect(decodeFeatures(none).zeroCopyMaxSegments).toBeUndefined();
    expect(decodeFeatures({ ...none, zeroCopyMaxSegments: 5 }).zeroCopyMaxSegments).toBe(5);
  });
});
