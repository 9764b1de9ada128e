import {
  type AttachOptions,
  attachProgram,
  loadSteering,
  redirect,
  type SteeringProgram,
} from "@afxdp/bpf";
import { ERRNO, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { attachAndDie } from "./support/other-process.js";
import { refused } from "./support/refused.js";
import { introduce, payloadOf, sendUdp } from "./support/udp.js";
import { openXsk, takeUntil } from "./support/xsk.js";

describeOnKernel("attaching by netlink", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ ipv6: false });
  let index: number;
  let program: SteeringProgram;
  let before: ReturnType<typeof footprint>;
  beforeAll(() => {
    index = kernel.interfaceState(lab.a.device).index;
    introduce(lab.b, lab.a);
  });
  beforeEach(() => {
    before = footprint();
    program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
  });
  afterEach(() => {
    program.close();
    expect(kernel.attachedProgram(index)).toBeUndefined();
    expect(footprint()).toEqual(before);
  });
  const attached = (): number | undefined => kernel.attachedProgram(index)?.id;
  const attach = (options: AttachOptions) =>
    program.attach(index, lab.a.device, { by: "netlink", ...options });

  it.each([
    ["drv", "drv"],
    ["skb", "skb"],
    ["auto", "drv"],
  ] as const)(
    "in mode %s packets reach the socket, until it is detached",
    async (mode, expected) => {
      const socket = openXsk(kernel, index);
      program.enter(0, socket.fd);
      const attachment = attach({ mode });
      expect(attachment).toMatchObject({ mode: expected, by: "netlink", pin: undefined });
      sendUdp(lab.b, { address: lab.a.ipv4, port: 9000 }, "here");
      const [packet] = await takeUntil(socket, 1);
      expect(packet && payloadOf(packet.bytes)).toBe("here");
      attachment.detach();
      attachment.detach();
      expect(kernel.attachedProgram(index)).toBeUndefined();
      socket.close();
    },
  );

  it("in mode auto on a driver without XDP it goes on to skb", () => {
    const { index: loopback } = kernel.interfaceState("lo");
    const attachment = program.attach(loopback, "lo", { by: "netlink" });
    expect(attachment.mode).toBe("skb");
    attachment.detach();
  });

  it("no link is made, and the program stays when it is released", () => {
    const attachment = attach({});
    expect(footprint().bpfLinks).toBe(before.bpfLinks);
    attachment.release();
    program.close();
    const found = kernel.attachedProgram(index);
    expect(found).toMatchObject({ name: "steer" });
    kernel.attachByNetlink(index, -1, 0, -1);
  });

  it("closing the program takes it off", () => {
    attach({});
    program.close();
    expect(kernel.attachedProgram(index)).toBeUndefined();
  });

  it("it stays when the process is killed, which a link does not", async () => {
    await attachAndDie(lab.a, {});
    expect(kernel.attachedProgram(index)).toBeUndefined();
    const id = await attachAndDie(lab.a, { by: "netlink" });
    expect(kernel.attachedProgram(index)?.id).toBe(id);
    kernel.attachByNetlink(index, -1, 0, -1);
  });

  it("a program that is there is left alone, whoever comes first", () => {
    const other = loadSteering(kernel, { rules: redirect.vlan(1), queues: 1 });
    const theirs = other.attach(index, lab.a.device);
    refused("ERR_XDP_PROGRAM_PRESENT", () => attach({}));
    theirs.detach();
    let looks = 0;
    const racing = wrapKernel(kernel, (method, _, proceed) => {
      const answer = proceed();
      if (method === "attachedProgram" && looks++ === 0) {
        other.attach(index, lab.a.device, { by: "netlink" });
      }
      return answer;
    });
    const late = () =>
      attachProgram(racing, program.program, index, lab.a.device, { by: "netlink" });
    expect(refused("ERR_XDP_PROGRAM_PRESENT", late)).toMatchObject({ programId: other.id });
    other.close();
  });

  it("what somebody else has put there since is left alone", () => {
    const attachment = attach({});
    const other = loadSteering(kernel, { rules: redirect.vlan(1), queues: 1 });
    kernel.attachByNetlink(index, other.program, 0, -1);
    attachment.detach();
    expect(kernel.attachedProgram(index)?.id).toBe(other.id);
    kernel.attachByNetlink(index, -1, 0, other.program);
    other.close();
  });

  it("in another network namespace it is not detached, and can be in its own later", () => {
    const attachment = attach({});
    const back = lab.b.enter();
    try {
      const error = refused("ERR_XDP_NO_DEVICE", () => attachment.detach());
      expect(error.message).toContain(lab.a.device);
      expect(attachment.held).toBe(true);
    } finally {
      back();
    }
    expect(attached()).toBe(program.id);
    attachment.detach();
    expect(attached()).toBeUndefined();
  });

  it("a driver that is busy while it is to be detached is told", () => {
    let fail = false;
    const busy = wrapKernel(kernel, (method, _, proceed) => {
      if (method !== "attachByNetlink" || !fail) return proceed();
      throw new XdpSystemError({ step: "detach", syscall: "rtnetlink", errno: ERRNO.EBUSY });
    });
    const options = { by: "netlink" } as const;
    const attachment = attachProgram(busy, program.program, index, lab.a.device, options);
    fail = true;
    refused("ERR_XDP_PROGRAM_PRESENT", () => attachment.detach());
    kernel.attachByNetlink(index, -1, 0, program.program);
  });

  it("a failure of detaching is told", () => {
    let fail = false;
    const failing = wrapKernel(kernel, (method, _, proceed) => {
      if (method !== "attachByNetlink" || !fail) return proceed();
      throw new XdpSystemError({ step: "detach", syscall: "rtnetlink", errno: ERRNO.EPERM });
    });
    const attachment = attachProgram(failing, program.program, index, lab.a.device, {
      by: "netlink",
    });
    fail = true;
    refused("ERR_XDP_PERMISSION", () => attachment.detach());
    kernel.attachByNetlink(index, -1, 0, program.program);
  });
});
