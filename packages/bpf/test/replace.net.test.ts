import {
  type AttachOptions,
  attachProgram,
  loadSteering,
  redirect,
  type SteeringProgram,
} from "@afxdp/bpf";
import { ERRNO, wrapKernel, type XdpProgramPresentError, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { useBpfFs } from "./support/bpf-fs.js";
import { attachAndDie } from "./support/other-process.js";
import { compileProgram } from "./support/programs.js";
import { refused } from "./support/refused.js";
import { until } from "./support/until.js";

const MODES = ["drv", "skb"] as const;

describeOnKernel("a program that is expected makes room, and any other does not", () => {
  const kernel = createLinuxKernel();
  const lab = useLab();
  const bpfFs = useBpfFs();
  let index: number;
  let program: SteeringProgram;
  /** Somebody else's program. */
  let old: { readonly program: number; readonly id: number };
  let foreign: Uint8Array;
  let before: ReturnType<typeof footprint>;
  const attached = (): number | undefined => kernel.attachedProgram(index)?.id;
  const attach = (options: AttachOptions) => program.attach(index, lab.a.device, options);
  const attachOld = (options: AttachOptions) =>
    attachProgram(kernel, old.program, index, lab.a.device, options);
  const present = (options: AttachOptions): XdpProgramPresentError =>
    refused("ERR_XDP_PROGRAM_PRESENT", () => attach(options)) as XdpProgramPresentError;
  beforeAll(() => {
    index = kernel.interfaceState(lab.a.device).index;
    const object = compileProgram("foreign");
    foreign = object.bytes;
    object.remove();
  });
  beforeEach(() => {
    before = footprint();
    program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    old = kernel.loadProgram({ object: foreign });
  });
  afterEach(async () => {
    program.close();
    kernel.close(old.program);
    // What a pinned link held goes a moment after its pin.
    await until(() => attached() === undefined);
    expect(attached()).toBeUndefined();
    expect(footprint()).toEqual(before);
  });

  it.each(MODES)("by netlink in mode %s it is replaced, and put back on detaching", (mode) => {
    const theirs = attachOld({ by: "netlink", mode });
    const ours = attach({ by: "netlink", replace: { id: old.id } });
    expect(ours).toMatchObject({ mode, by: "netlink", replaced: old.id, held: true });
    expect(attached()).toBe(program.id);
    ours.detach();
    expect(ours.held).toBe(false);
    expect(kernel.attachedProgram(index)).toMatchObject({ id: old.id, mode });
    theirs.detach();
  });

  it.each(MODES)("on its link in mode %s it is replaced, and put back on detaching", (mode) => {
    const theirs = attachOld({ mode, pin: bpfFs.path("link") });
    const link = { pin: bpfFs.path("link") };
    const ours = attach({ link, replace: { descriptor: old.program } });
    expect(ours).toMatchObject({ mode, by: "link", replaced: old.id });
    expect(attached()).toBe(program.id);
    ours.detach();
    expect(kernel.attachedProgram(index)).toMatchObject({ id: old.id, mode });
    theirs.detach();
  });

  it("it is put back although its owner is gone", () => {
    attachOld({ by: "netlink" }).release();
    const { id } = old;
    const ours = attach({ by: "netlink", replace: { id } });
    kernel.close(old.program);
    ours.detach();
    expect(attached()).toBe(id);
    old = { program: kernel.openBpf("program", id), id };
    kernel.attachByNetlink(index, -1, 0, -1);
  });

  it.each(["netlink", "link"] as const)("released, ours stays in its place, by %s", async (by) => {
    const pin = bpfFs.path("link");
    const theirs = attachOld(by === "link" ? { pin } : { by });
    const replace = { id: old.id };
    const ours = attach(by === "link" ? { link: { pin }, replace } : { by, replace });
    ours.release();
    ours.detach();
    expect(attached()).toBe(program.id);
    // The other's detaching is for its own program, or for its link.
    theirs.detach();
    if (by === "link") await until(() => attached() === undefined);
    expect(attached()).toBe(by === "link" ? undefined : program.id);
    if (by === "netlink") kernel.attachByNetlink(index, -1, 0, program.program);
  });

  it.each(["netlink", "link"] as const)("another one is named and left alone, by %s", (by) => {
    const pin = bpfFs.path("link");
    const theirs = attachOld(by === "link" ? { pin } : { by });
    const replace = { id: program.id };
    const error = present(by === "link" ? { link: { pin }, replace } : { by, replace });
    expect(error).toMatchObject({ programId: old.id, programName: "foreign" });
    expect(error.message).toContain(`${program.id} (steer)`);
    expect(attached()).toBe(old.id);
    theirs.detach();
  });

  it("one that is not there is told", () => {
    const error = present({ by: "netlink", replace: { id: old.id } });
    expect(error).toMatchObject({ programId: 0, programName: "" });
  });

  it("it is replaced in the mode that it runs in, and in no other", () => {
    const theirs = attachOld({ by: "netlink", mode: "skb" });
    const error = present({ by: "netlink", mode: "drv", replace: { id: old.id } });
    expect(error.message).toContain("mode skb");
    theirs.detach();
  });

  it("one that a link holds is not replaced by netlink", () => {
    const theirs = attachOld({});
    const error = present({ by: "netlink", replace: { id: old.id } });
    expect(error).toMatchObject({ programId: old.id, cause: { errnoName: "EBUSY" } });
    theirs.detach();
  });

  it.each(["netlink", "link"] as const)(
    "one that changes between the look and the replacing is named, by %s",
    (by) => {
      const pin = bpfFs.path("link");
      const theirs = attachOld(by === "link" ? { pin } : { by });
      const late = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
      const link =
        kernel.openPinned === undefined || by !== "link" ? -1 : kernel.openPinned(pin).fd;
      let looks = 0;
      const racing = wrapKernel(kernel, (method, _, proceed) => {
        const answer = proceed();
        if (method === "attachedProgram" && looks++ === 0) {
          if (by === "link") kernel.updateLink(link, late.program, -1);
          else kernel.attachByNetlink(index, late.program, 0, -1);
        }
        return answer;
      });
      const replace = { id: old.id };
      const error = refused("ERR_XDP_PROGRAM_PRESENT", () =>
        attachProgram(
          racing,
          program.program,
          index,
          lab.a.device,
          by === "link" ? { link: { pin }, replace } : { by, replace },
        ),
      );
      expect(error).toMatchObject({ programId: late.id });
      if (by === "netlink") kernel.attachByNetlink(index, -1, 0, late.program);
      else kernel.close(link);
      theirs.detach();
      late.close();
    },
  );

  it.each(["netlink", "link"] as const)("what replaced ours since is left alone, by %s", (by) => {
    const pin = bpfFs.path("link");
    const theirs = attachOld(by === "link" ? { pin } : { by });
    const replace = { id: old.id };
    const ours = attach(by === "link" ? { link: { pin }, replace } : { by, replace });
    const late = kernel.loadProgram({ object: foreign });
    if (by === "link") {
      const link = kernel.openPinned(pin).fd;
      kernel.updateLink(link, late.program, -1);
      kernel.close(link);
    } else {
      kernel.attachByNetlink(index, late.program, 0, -1);
    }
    ours.detach();
    expect(attached()).toBe(late.id);
    if (by === "netlink") kernel.attachByNetlink(index, -1, 0, late.program);
    theirs.detach();
    kernel.close(late.program);
  });

  it("a link of another interface is left as it was", () => {
    lab.a.run("ip", "link", "add", "other0", "type", "veth", "peer", "other1");
    const { index: other } = kernel.interfaceState("other0");
    const pin = bpfFs.path("link");
    const elsewhere = attachProgram(kernel, old.program, other, "other0", { pin });
    const theirs = attachOld({ by: "netlink" });
    const replace = { id: old.id };
    const error = refused("ERR_XDP_ARGUMENT", () => attach({ link: { pin }, replace }));
    expect(error.message).toContain(lab.a.device);
    expect(kernel.attachedProgram(other)?.id).toBe(old.id);
    theirs.detach();
    elsewhere.detach();
    lab.a.run("ip", "link", "del", "other0");
  });

  it("detaching from an interface that is gone is no error", () => {
    for (const by of ["netlink", "link"] as const) {
      lab.a.run("ip", "link", "add", "short0", "type", "veth", "peer", "short1");
      const { index: short } = kernel.interfaceState("short0");
      const pin = bpfFs.path("link");
      const theirs = attachProgram(
        kernel,
        old.program,
        short,
        "short0",
        by === "link" ? { pin } : { by },
      );
      const replace = { id: old.id };
      const options = by === "link" ? { link: { pin }, replace } : { by, replace };
      const ours = program.attach(short, "short0", options);
      lab.a.run("ip", "link", "del", "short0");
      ours.detach();
      theirs.detach();
    }
  });

  it("another failure of the kernel is told as it is, and nothing stays open", () => {
    const theirs = attachOld({ by: "netlink" });
    const failing = wrapKernel(kernel, (method, _, proceed) => {
      if (method !== "attachByNetlink") return proceed();
      throw new XdpSystemError({ step: "attach", syscall: "rtnetlink", errno: ERRNO.ENOMEM });
    });
    const options: AttachOptions = { by: "netlink", replace: { id: old.id } };
    refused("ERR_XDP_SYSCALL", () =>
      attachProgram(failing, program.program, index, lab.a.device, options),
    );
    expect(attached()).toBe(old.id);
    theirs.detach();
  });

  it("our own program that a killed process left is recognized, and replaced when that is asked for", async () => {
    const stale = await attachAndDie(lab.a, { by: "netlink" });
    expect(attached()).toBe(stale);
    const error = present({});
    expect(error).toMatchObject({ programId: stale, programName: "steer" });
    expect(error.hint).toContain("the same program as this one");
    expect(error.hint).toContain(`replace: { id: ${stale} }`);
    const ours = attach({ by: "netlink", replace: { id: stale } });
    expect(attached()).toBe(program.id);
    // It has nobody to be put back for.
    ours.detach();
    expect(attached()).toBeUndefined();
  });

  it("a program of another name is not taken for our own", () => {
    const theirs = attachOld({ by: "netlink" });
    expect(present({}).hint).not.toContain("the same program");
    theirs.detach();
  });
});
