import { type DeviceRings, type Kernel, wrapKernel, XdpError } from "@afxdp/core";
import { beginSetup, changeChannels, changeDeviceRings } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";

let lab: Lab;
let leave: () => void;
const kernel: Kernel = createLinuxKernel();
const failure = (code: string): unknown => expect.objectContaining({ code });

function inLab(): void {
  beforeEach(() => {
    lab = createLab({ queues: 4 });
    leave = lab.a.enter();
  });
  afterEach(() => {
    leave();
    lab.close();
  });
}

describeOnKernel("changeChannels", () => {
  inLab();
  const now = (): number[] => {
    const { rx, tx } = kernel.channels("va");
    return [rx, tx];
  };

  it("sets what is asked for, and puts it back once", () => {
    const before = footprint();
    const change = changeChannels(kernel, "va", { rx: 2 });
    expect(now()).toEqual([2, 4]);
    expect(change.restored).toBe(false);
    change.restore();
    expect(now()).toEqual([4, 4]);
    expect(change.restored).toBe(true);
    kernel.setChannels("va", { rx: 1 });
    change.restore();
    expect(now()).toEqual([1, 4]);
    expect(footprint()).toEqual(before);
  });

  it("is undone at the end of a block", () => {
    {
      using _change = changeChannels(kernel, "va", { rx: 1, tx: 1 });
      expect(now()).toEqual([1, 1]);
    }
    expect(now()).toEqual([4, 4]);
  });

  it("leaves alone what somebody else has set since", () => {
    const change = changeChannels(kernel, "va", { rx: 2, tx: 2 });
    lab.a.run("ethtool", "-L", "va", "rx", "3");
    change.restore();
    expect(now()).toEqual([3, 4]);
  });

  it("does not set what is so already, and then has nothing to put back", () => {
    const before = kernel.channels("va");
    const counting = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "setChannels") throw new Error("set");
      return proceed();
    });
    changeChannels(counting, "va", { rx: 4 }).restore();
    expect(kernel.channels("va")).toEqual(before);
  });

  it("has nothing to put back on a device that is gone, or another of that name", () => {
    const change = changeChannels(kernel, "va", { rx: 2 });
    const again = changeChannels(kernel, "va", { tx: 2 });
    lab.a.run("ip", "link", "delete", "dev", "va");
    change.restore();
    lab.a.run(
      "ip",
      "link",
      "add",
      "name",
      "va",
      "numrxqueues",
      "4",
      "numtxqueues",
      "4",
      "type",
      "veth",
    );
    const made = now();
    again.restore();
    expect(now()).toEqual(made);
  });

  it("says so when the device cannot be reached to put it back, and can be tried again", () => {
    const change = changeChannels(kernel, "va", { rx: 2 });
    const leaveB = lab.b.enter();
    try {
      expect(() => change.restore()).toThrow(failure("ERR_XDP_NO_DEVICE"));
    } finally {
      leaveB();
    }
    // Before 6.2 only what is down can be renamed.
    lab.a.run("ip", "link", "set", "dev", "va", "down");
    lab.a.run("ip", "link", "set", "dev", "va", "name", "vx");
    expect(() => change.restore()).toThrow(failure("ERR_XDP_NO_DEVICE"));
    lab.a.run("ip", "link", "set", "dev", "vx", "name", "va");
    change.restore();
    expect(now()).toEqual([4, 4]);
  });

  it("refuses wrong numbers before it sets anything", () => {
    const set: unknown[] = [];
    const watching = wrapKernel(kernel, (method, args, proceed) => {
      if (method === "setChannels") set.push(args);
      return proceed();
    });
    const wrong = [{}, { rx: 5 }, { rx: -1 }, { rx: 1.5 }, { rx: "2" }, { rx: Number.NaN }];
    for (const wanted of [
      ...wrong,
      { combined: 1 },
      { rx: 0 },
      { tx: 0 },
      { queues: 2 },
      3,
      null,
    ]) {
      expect(() => changeChannels(watching, "va", wanted as never), JSON.stringify(wanted)).toThrow(
        failure("ERR_XDP_ARGUMENT"),
      );
    }
    expect(set).toEqual([]);
    expect(() => changeChannels(kernel, "nowhere", { rx: 1 })).toThrow(
      failure("ERR_XDP_NO_DEVICE"),
    );
  });

  it("says that a driver has none", () => {
    expect(() => changeChannels(kernel, "lo", { rx: 1 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FEATURE", feature: "channels" }),
    );
  });

  it("passes on that a socket needs the queue", async () => {
    const setup = beginSetup(kernel, "va", 3).socket();
    await setup.umem({ frameCount: 64 }).fill(64).completion(64).rx(64).map().prefill().bind();
    expect(() => changeChannels(kernel, "va", { rx: 2, tx: 2 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_SYSCALL", errnoName: "EINVAL" }),
    );
    await setup.close();
    expect(now()).toEqual([4, 4]);
  });
});

describeOnKernel("changeDeviceRings", () => {
  inLab();

  it("says that veth has none", () => {
    expect(() => changeDeviceRings(kernel, "va", { rx: 64 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FEATURE", feature: "deviceRings" }),
    );
  });

  /** No device that a namespace can have has rings to size; a card's are tried in a virtual machine. */
  function withRings(initial: DeviceRings): { card: Kernel; rings: () => DeviceRings } {
    let rings = initial;
    const card = wrapKernel(kernel, (method, args, proceed) => {
      if (method === "deviceRings") return rings;
      if (method !== "setDeviceRings") return proceed();
      rings = { ...rings, ...(args[1] as Partial<DeviceRings>) };
      return undefined;
    });
    return { card, rings: () => rings };
  }
  const initial = { rx: 256, tx: 128, maxRx: 4096, maxTx: 512 };

  it("sets what is asked for within the maxima, and puts it back", () => {
    const { card, rings } = withRings(initial);
    const change = changeDeviceRings(card, "va", { rx: 4096, tx: 512 });
    expect(rings()).toEqual({ ...initial, rx: 4096, tx: 512 });
    change.restore();
    expect(rings()).toEqual(initial);
    for (const wrong of [{ rx: 4097 }, { tx: 513 }, { rx: 0 }, {}, { combined: 1 }]) {
      expect(() => changeDeviceRings(card, "va", wrong)).toThrow(failure("ERR_XDP_ARGUMENT"));
    }
    expect(rings()).toEqual(initial);
  });

  it("passes on any other error than a missing feature", () => {
    const failing = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "deviceRings") throw new XdpError("ERR_XDP_PERMISSION", "no");
      return proceed();
    });
    expect(() => changeDeviceRings(failing, "va", { rx: 1 })).toThrow(
      failure("ERR_XDP_PERMISSION"),
    );
  });
});
