import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { useBpfFs } from "./support/bpf-fs.js";
import { attachAndDie } from "./support/other-process.js";
import { useReplacing } from "./support/replacing.js";
import { until } from "./support/until.js";

const MODES = ["drv", "skb"] as const;

describeOnKernel("a program that is expected makes room, and any other does not", () => {
  const kernel = createLinuxKernel();
  const lab = useLab();
  const bpfFs = useBpfFs();
  const on = useReplacing(kernel, lab);
  const { attached, attach, attachOld, present } = on;

  it.each(MODES)("by netlink in mode %s it is replaced, and put back on detaching", (mode) => {
    const theirs = attachOld({ by: "netlink", mode });
    const ours = attach({ by: "netlink", replace: { id: on.old.id } });
    expect(ours).toMatchObject({ mode, by: "netlink", replaced: on.old.id, held: true });
    expect(attached()).toBe(on.program.id);
    ours.detach();
    expect(ours.held).toBe(false);
    expect(kernel.attachedProgram(on.index)).toMatchObject({ id: on.old.id, mode });
    theirs.detach();
  });

  it.each(MODES)("on its link in mode %s it is replaced, and put back on detaching", (mode) => {
    const theirs = attachOld({ mode, pin: bpfFs.path("link") });
    const link = { pin: bpfFs.path("link") };
    const ours = attach({ link, replace: { descriptor: on.old.program } });
    expect(ours).toMatchObject({ mode, by: "link", replaced: on.old.id });
    expect(attached()).toBe(on.program.id);
    ours.detach();
    expect(kernel.attachedProgram(on.index)).toMatchObject({ id: on.old.id, mode });
    theirs.detach();
  });

  it("it is put back although its owner is gone", () => {
    attachOld({ by: "netlink" }).release();
    const { id } = on.old;
    const ours = attach({ by: "netlink", replace: { id } });
    kernel.close(on.old.program);
    ours.detach();
    expect(attached()).toBe(id);
    on.old = { program: kernel.openBpf("program", id), id };
    kernel.attachByNetlink(on.index, -1, 0, -1);
  });

  it.each(["netlink", "link"] as const)("released, ours stays in its place, by %s", async (by) => {
    const pin = bpfFs.path("link");
    const theirs = attachOld(by === "link" ? { pin } : { by });
    const replace = { id: on.old.id };
    const ours = attach(by === "link" ? { link: { pin }, replace } : { by, replace });
    ours.release();
    ours.detach();
    expect(attached()).toBe(on.program.id);
    // The other's detaching is for its own program, or for its link.
    theirs.detach();
    if (by === "link") await until(() => attached() === undefined);
    expect(attached()).toBe(by === "link" ? undefined : on.program.id);
    if (by === "netlink") kernel.attachByNetlink(on.index, -1, 0, on.program.program);
  });

  it.each(["netlink", "link"] as const)("another one is named and left alone, by %s", (by) => {
    const pin = bpfFs.path("link");
    const theirs = attachOld(by === "link" ? { pin } : { by });
    const replace = { id: on.program.id };
    const error = present(by === "link" ? { link: { pin }, replace } : { by, replace });
    expect(error).toMatchObject({ programId: on.old.id, programName: "foreign" });
    expect(error.message).toContain(`${on.program.id} (steer)`);
    expect(attached()).toBe(on.old.id);
    theirs.detach();
  });

  it("one that is not there is told", () => {
    const error = present({ by: "netlink", replace: { id: on.old.id } });
    expect(error).toMatchObject({ programId: 0, programName: "" });
  });

  it("a program does not make room for itself", () => {
    const ours = attach({ by: "netlink" });
    const { hint } = present({ by: "netlink", replace: { id: on.program.id } });
    expect(hint).toContain("this very program");
    ours.detach();
  });

  it("it is replaced in the mode that it runs in, and in no other", () => {
    const theirs = attachOld({ by: "netlink", mode: "skb" });
    const error = present({ by: "netlink", mode: "drv", replace: { id: on.old.id } });
    expect(error.message).toContain("mode skb");
    theirs.detach();
  });

  it("one that a link holds is not replaced by netlink", () => {
    const theirs = attachOld({});
    const error = present({ by: "netlink", replace: { id: on.old.id } });
    expect(error).toMatchObject({ programId: on.old.id, cause: { errnoName: "EBUSY" } });
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
    expect(attached()).toBe(on.program.id);
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
