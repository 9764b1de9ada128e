import { execFileSync } from "node:child_process";
import {
  ERRNO,
  FEATURES,
  type Kernel,
  wrapKernel,
  XdpFeatureError,
  XdpSystemError,
} from "@afxdp/core";
import { hasFeature, probeFeatures, requireFeature, SOCKET_FEATURES } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

const [major = 0, minor = 0] = (await import("node:os")).release().split(".").map(Number);

/** Whether this kernel is as new as a feature is documented to need. Only to check what the probes say. */
const isNewEnough = (minimum: string): boolean => {
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

/** The calls that an old kernel refuses, in the way that its source shows, for a kernel that lacks a feature. */
const lacking = (errno: number, ...methods: readonly (keyof Kernel)[]): Kernel =>
  wrapKernel(createLinuxKernel(), (method, _args, proceed) => {
    if (!methods.includes(method)) return proceed();
    throw new XdpSystemError({ step: "bind", syscall: method, errno });
  });

describeOnKernel("the probes", () => {
  it.each(SOCKET_FEATURES)("say of %s what is documented for this kernel", (feature) => {
    const before = footprint();
    expect(hasFeature(createLinuxKernel(), feature)).toBe(
      isNewEnough(FEATURES[feature].minimumKernel),
    );
    expect(footprint()).toEqual(before);
  });

  it("tell of all features, and ask a kernel once only", () => {
    let calls = 0;
    const kernel = wrapKernel(createLinuxKernel(), (_method, _args, proceed) => {
      calls++;
      return proceed();
    });
    const answers = probeFeatures(kernel);
    expect(Object.keys(answers)).toEqual(SOCKET_FEATURES);
    expect(calls).toBeGreaterThan(SOCKET_FEATURES.length);
    const made = calls;
    expect(probeFeatures(kernel)).toEqual(answers);
    for (const feature of SOCKET_FEATURES) hasFeature(kernel, feature);
    expect(calls).toBe(made);
  });

  it.each([
    ["needWakeup", lacking(ERRNO.EINVAL, "bind")],
    ["multiBuffer", lacking(ERRNO.EINVAL, "bind")],
    ["unaligned", lacking(ERRNO.EINVAL, "registerUmem")],
    ["sharedUmem", lacking(ERRNO.EINVAL, "setRingSize")],
    ["busyPoll", lacking(ERRNO.ENOPROTOOPT, "socketOption")],
    ["txBudget", lacking(ERRNO.ENOPROTOOPT, "setTxBudget")],
  ] as const)("say no to %s where the kernel does not know it", (feature, kernel) => {
    const before = footprint();
    expect(hasFeature(kernel, feature)).toBe(false);
    expect(() => requireFeature(kernel, feature)).toThrow(
      expect.objectContaining({
        code: "ERR_XDP_FEATURE",
        feature,
        minimumKernel: FEATURES[feature].minimumKernel,
      }),
    );
    expect(footprint()).toEqual(before);
  });

  it("say no to the generic-netlink family where its own call does", () => {
    const kernel = wrapKernel(createLinuxKernel(), (method, _args, proceed) => {
      if (method === "interfaceFeatures") throw new XdpFeatureError("interfaceFeatures");
      return proceed();
    });
    expect(hasFeature(kernel, "interfaceFeatures")).toBe(false);
  });

  it.each([
    ["reads neither the flag nor the length", false, () => true],
    ["checks the length but has no flag for it", true, (length: number) => length % 8 === 0],
  ] as const)("know a kernel that %s of TX metadata", (_name, known, takesLength) => {
    const kernel = wrapKernel(createLinuxKernel(), (method, args, proceed) => {
      if (method !== "registerUmem") return proceed();
      const { flags, txMetadataLength } = args[2] as { flags: number; txMetadataLength: number };
      if (flags === 0 && takesLength(txMetadataLength)) return undefined;
      throw new XdpSystemError({ step: "umem", syscall: "setsockopt", errno: ERRNO.EINVAL });
    });
    expect(hasFeature(kernel, "txMetadata")).toBe(known);
  });

  it.each(SOCKET_FEATURES)("pass on why %s cannot be probed, and ask again", (feature) => {
    let refused = true;
    const kernel = wrapKernel(createLinuxKernel(), (method, _args, proceed) => {
      if (refused && method !== "close" && method !== "pageSize") {
        throw new XdpSystemError({ step: "socket", syscall: method, errno: ERRNO.EPERM });
      }
      return proceed();
    });
    expect(() => hasFeature(kernel, feature)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_PERMISSION" }),
    );
    refused = false;
    expect(typeof hasFeature(kernel, feature)).toBe("boolean");
  });

  it("pass on what the kernel says to a process without capabilities", () => {
    const program = `
      import { probeFeatures } from "@afxdp/driver";
      import { createLinuxKernel } from "@afxdp/native";
      try { probeFeatures(createLinuxKernel()); } catch (error) { console.log(error.code, error.errnoName); }`;
    const node = [process.execPath, "--input-type=module", "-e", program];
    const output = execFileSync("setpriv", ["--bounding-set", "-net_raw", "--", ...node], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    expect(output.trim()).toBe("ERR_XDP_PERMISSION EPERM");
  });

  it("refuse a name that is no feature of sockets, before they ask", () => {
    const kernel = lacking(ERRNO.EINVAL, "socket");
    for (const name of ["frags", "rxHints", "txLaunchTime", "flowRules", "toString", "", 1]) {
      expect(() => hasFeature(kernel, name as never), String(name)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }),
      );
    }
  });
});
