import { attachProgram, loadSteering, redirect, type SteeringProgram } from "@afxdp/bpf";
import { ERRNO, type Kernel, wrapKernel, XDP_FLAGS_DRV_MODE, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { compileProgram } from "./support/programs.js";
import { refused } from "./support/refused.js";

const JUMBO = 9000;

describeOnKernel("attaching the program", () => {
  const kernel = createLinuxKernel();
  let lab: Lab;
  let leave: () => void;
  let veth: number;
  let loopback: number;
  let program: SteeringProgram;
  let before: ReturnType<typeof footprint>;
  beforeAll(() => {
    lab = createLab({ mtu: JUMBO });
    leave = lab.a.enter();
    veth = kernel.interfaceState(lab.a.device).index;
    loopback = kernel.interfaceState("lo").index;
  });
  beforeEach(() => {
    program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    before = footprint();
  });
  afterEach(() => {
    expect(kernel.attachedProgram(veth)).toBeUndefined();
    expect(kernel.attachedProgram(loopback)).toBeUndefined();
    expect(footprint()).toEqual(before);
    program.close();
  });
  afterAll(() => {
    leave();
    lab.close();
  });

  /** The kernel, on which attaching fails as the function says for the flags. */
  const failing = (errnoOf: (flags: number) => number): Kernel =>
    wrapKernel(kernel, (method, args, proceed) => {
      const errno = method === "attachProgram" ? errnoOf(args[2] as number) : 0;
      if (errno === 0) return proceed();
      throw new XdpSystemError({ step: "attach", syscall: "bpf(BPF_LINK_CREATE)", errno });
    });
  const inDriver = (errno: number) => (flags: number) => (flags === XDP_FLAGS_DRV_MODE ? errno : 0);

  it.each([
    ["drv", "drv"],
    ["skb", "skb"],
    ["auto", "drv"],
  ] as const)("in mode %s on a driver with XDP, also with jumbo frames", (mode, expected) => {
    const attachment = program.attach(veth, lab.a.device, mode);
    expect(attachment.mode).toBe(expected);
    expect(kernel.attachedProgram(veth)).toEqual({ id: program.id, name: "steer", mode: expected });
    attachment.detach();
    expect(kernel.attachedProgram(veth)).toBeUndefined();
    attachment.detach();
  });

  it("in mode auto on a driver without XDP it goes on to skb", () => {
    const attachment = program.attach(loopback, "lo");
    expect(attachment.mode).toBe("skb");
    attachment.detach();
  });

  it("in mode drv on a driver without XDP it fails and attaches nothing", () => {
    refused("ERR_XDP_ATTACH", () => program.attach(loopback, "lo", "drv"));
  });

  it("on two interfaces at once", () => {
    const attachments = [program.attach(veth, lab.a.device), program.attach(loopback, "lo")];
    expect(attachments.map(({ mode }) => mode)).toEqual(["drv", "skb"]);
    expect(kernel.attachedProgram(veth)?.id).toBe(kernel.attachedProgram(loopback)?.id);
    for (const attachment of attachments) attachment.detach();
  });

  it("a program that cannot have jumbo frames goes to skb, and in mode drv the MTU is named", () => {
    const object = compileProgram("foreign");
    const loaded = kernel.loadProgram({ object: object.bytes });
    try {
      const drv = () => attachProgram(kernel, loaded.program, veth, lab.a.device, "drv");
      expect(refused("ERR_XDP_ATTACH", drv).hint).toContain("MTU");
      const attachment = attachProgram(kernel, loaded.program, veth, lab.a.device, "auto");
      expect(attachment.mode).toBe("skb");
      attachment.detach();
    } finally {
      kernel.close(loaded.program);
      object.remove();
    }
  });

  it.each([
    ["EOPNOTSUPP", ERRNO.EOPNOTSUPP],
    ["ERANGE", ERRNO.ERANGE],
    ["EINVAL", ERRNO.EINVAL],
    ["ENOSPC", ERRNO.ENOSPC],
  ])("after %s of the driver, auto goes on to skb", (_, errno) => {
    const other = failing(inDriver(errno));
    const attachment = attachProgram(other, program.program, veth, lab.a.device, "auto");
    expect(attachment.mode).toBe("skb");
    attachment.detach();
  });

  it.each([
    ["EPERM", ERRNO.EPERM, "ERR_XDP_PERMISSION"],
    ["ENODEV", ERRNO.ENODEV, "ERR_XDP_NO_DEVICE"],
    ["ENOMEM", ERRNO.ENOMEM, "ERR_XDP_SYSCALL"],
    ["EBUSY", ERRNO.EBUSY, "ERR_XDP_PROGRAM_PRESENT"],
    ["EEXIST", ERRNO.EEXIST, "ERR_XDP_PROGRAM_PRESENT"],
  ] as const)("after %s of the driver, auto does not go on", (_, errno, code) => {
    const other = failing(inDriver(errno));
    refused(code, () => attachProgram(other, program.program, veth, lab.a.device, "auto"));
  });

  it("when both modes fail, skb's error has drv's as its cause", () => {
    const other = failing((flags) =>
      flags === XDP_FLAGS_DRV_MODE ? ERRNO.ERANGE : ERRNO.EOPNOTSUPP,
    );
    const error = refused("ERR_XDP_ATTACH", () =>
      attachProgram(other, program.program, veth, lab.a.device, "auto"),
    );
    expect(error).toMatchObject({ errnoName: "EOPNOTSUPP", cause: { errnoName: "ERANGE" } });
  });

  it("a veth with fewer queues than its peer goes to skb, and in mode drv the queues are named", () => {
    const narrow = createLab({ queues: 2 });
    const back = narrow.a.enter();
    try {
      const { device } = narrow.a;
      kernel.setChannels(device, { rx: 1 });
      const { index } = kernel.interfaceState(device);
      const drv = () => program.attach(index, device, "drv");
      expect(refused("ERR_XDP_ATTACH", drv)).toMatchObject({
        errnoName: "ENOSPC",
        hint: expect.stringContaining("ethtool -L"),
      });
      const attachment = program.attach(index, device);
      expect(attachment.mode).toBe("skb");
      attachment.detach();
    } finally {
      back();
      narrow.close();
    }
  });

  it("an interface that is not there is named", () => {
    refused("ERR_XDP_NO_DEVICE", () => program.attach(4711, "gone0"));
  });

  it("in mode hw on a card that runs no programs it fails and attaches nothing", () => {
    refused("ERR_XDP_ATTACH", () => program.attach(veth, lab.a.device, "hw"));
  });

  it("an unknown mode is refused before any system call", () => {
    refused("ERR_XDP_ARGUMENT", () => program.attach(veth, lab.a.device, "hard" as never));
  });

  it("a program goes with its interface, and detaching it afterwards is no error", () => {
    lab.a.run("ip", "link", "add", "short0", "type", "veth");
    const attachment = program.attach(kernel.interfaceState("short0").index, "short0");
    lab.a.run("ip", "link", "del", "short0");
    attachment.detach();
  });
});
