import { existsSync } from "node:fs";
import { loadSteering, redirect, type SteeringProgram, useMap, useProgram } from "@afxdp/bpf";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { useBpfFs } from "./support/bpf-fs.js";
import { attachAndDie } from "./support/other-process.js";
import { refused } from "./support/refused.js";
import { introduce, payloadOf, sendUdp } from "./support/udp.js";
import { until } from "./support/until.js";
import { openXsk, takeUntil } from "./support/xsk.js";

describeOnKernel("pins let a program outlive the process", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ ipv6: false });
  const bpfFs = useBpfFs();
  let index: number;
  let program: SteeringProgram;
  let before: ReturnType<typeof footprint>;
  const paths = () => ({ program: bpfFs.path("program"), map: bpfFs.path("sockets") });
  const attached = (): number | undefined => kernel.attachedProgram(index)?.id;
  beforeAll(() => {
    index = kernel.interfaceState(lab.a.device).index;
    introduce(lab.b, lab.a);
  });
  beforeEach(() => {
    before = footprint();
    program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
  });
  afterEach(async () => {
    program.close();
    program.unpin();
    // The kernel lets go of a link that only a pin held a moment after the pin is gone.
    await until(() => attached() === undefined);
    expect(attached()).toBeUndefined();
    expect(footprint()).toEqual(before);
    for (const path of [...Object.values(paths()), bpfFs.path("link")]) {
      expect(existsSync(path)).toBe(false);
    }
  });

  it("program and XSKMAP are still there after close, until they are unpinned", () => {
    program.pin(paths());
    program.close();
    useProgram(kernel, { program: { pin: paths().program } }).close();
    useMap(kernel, { pin: paths().map }).close();
    program.unpin();
    program.unpin();
    refused("ERR_XDP_SYSCALL", () => useMap(kernel, { pin: paths().map }));
  });

  it("when one cannot be pinned the other is not either", () => {
    program.pin({ map: paths().map });
    const again = () => program.pin({ program: paths().program, map: paths().map });
    expect(refused("ERR_XDP_SYSCALL", again)).toMatchObject({ errnoName: "EEXIST" });
    expect(existsSync(paths().program)).toBe(false);
    expect(existsSync(paths().map)).toBe(true);
  });

  it("a pinned link keeps the program attached when it is closed", () => {
    const pin = bpfFs.path("link");
    const attachment = program.attach(index, lab.a.device, { pin });
    expect(attachment.pin).toBe(pin);
    const { id } = program;
    program.close();
    expect(attachment.held).toBe(false);
    expect(attached()).toBe(id);
    kernel.unpin(pin);
  });

  it("detaching takes the link's pin along", () => {
    program.attach(index, lab.a.device, { pin: bpfFs.path("link") }).detach();
    expect(attached()).toBeUndefined();
    expect(existsSync(bpfFs.path("link"))).toBe(false);
  });

  it("what somebody else has pinned in the place of a pin stays", async () => {
    const pin = bpfFs.path("link");
    program.pin(paths());
    const attachment = program.attach(index, lab.a.device, { pin });
    const other = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    const loopback = kernel.interfaceState("lo").index;
    for (const path of [pin, ...Object.values(paths())]) kernel.unpin(path);
    other.pin(paths());
    const theirs = other.attach(loopback, "lo", { mode: "skb", pin });
    attachment.detach();
    program.close();
    program.unpin();
    expect(attached()).toBeUndefined();
    other.close();
    expect(kernel.attachedProgram(loopback)?.id).toBe(other.id);
    for (const path of [pin, ...Object.values(paths())]) expect(existsSync(path)).toBe(true);
    other.unpin();
    expect(theirs.held).toBe(false);
    kernel.unpin(pin);
    await until(() => kernel.attachedProgram(loopback) === undefined);
    expect(kernel.attachedProgram(loopback)).toBeUndefined();
  });

  it("a link that cannot be pinned is not attached", () => {
    const pin = `${bpfFs.path("no-folder")}/link`;
    refused("ERR_XDP_SYSCALL", () => program.attach(index, lab.a.device, { pin }));
    refused("ERR_XDP_SYSCALL", () => program.attach(index, lab.a.device, { pin: "/tmp/link" }));
  });

  it.each(["skb", "drv"] as const)(
    "the next process goes on with what a killed one had pinned in mode %s",
    async (mode) => {
      const pin = bpfFs.path("link");
      const id = await attachAndDie(lab.a, { mode, pin }, paths());
      expect(attached()).toBe(id);
      const next = useProgram(kernel, { program: { pin: paths().program } });
      expect(next.id).toBe(id);
      const socket = openXsk(kernel, index);
      next.enter(0, socket.fd);
      sendUdp(lab.b, { address: lab.a.ipv4, port: 9000 }, "still here");
      const [packet] = await takeUntil(socket, 1);
      expect(packet && payloadOf(packet.bytes)).toBe("still here");

      // Its rules went with the process: a program of our own takes its place on its link.
      const ours = program.attach(index, lab.a.device, { link: { pin }, replace: { id } });
      program.enter(0, socket.fd);
      expect(attached()).toBe(program.id);
      sendUdp(lab.b, { address: lab.a.ipv4, port: 9000 }, "taken over");
      const [other] = await takeUntil(socket, 1);
      expect(other && payloadOf(other.bytes)).toBe("taken over");
      ours.release();
      program.close();
      expect(attached()).toBeDefined();

      socket.close();
      next.close();
      for (const path of [pin, ...Object.values(paths())]) kernel.unpin(path);
    },
  );
});
