import { type AttachOptions, attachProgram, loadSteering, redirect } from "@afxdp/bpf";
import { ERRNO, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { useBpfFs } from "./support/bpf-fs.js";
import { refused } from "./support/refused.js";
import { useReplacing } from "./support/replacing.js";

describeOnKernel("replacing a program when something goes wrong, or changes meanwhile", () => {
  const kernel = createLinuxKernel();
  const lab = useLab();
  const bpfFs = useBpfFs();
  const on = useReplacing(kernel, lab);
  const { attached, attach, attachOld } = on;

  it("a failure after the link was updated puts the old one back", () => {
    const pin = bpfFs.path("link");
    const theirs = attachOld({ pin });
    let looks = 0;
    const failing = wrapKernel(kernel, (method, _, proceed) => {
      if (method !== "attachedProgram" || looks++ === 0) return proceed();
      throw new XdpSystemError({ step: "interface", syscall: "rtnetlink", errno: ERRNO.ENOMEM });
    });
    const options: AttachOptions = { link: { pin }, replace: { id: on.old.id } };
    refused("ERR_XDP_SYSCALL", () =>
      attachProgram(failing, on.program.program, on.index, lab.a.device, options),
    );
    expect(attached()).toBe(on.old.id);
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
          else kernel.attachByNetlink(on.index, late.program, 0, -1);
        }
        return answer;
      });
      const replace = { id: on.old.id };
      const error = refused("ERR_XDP_PROGRAM_PRESENT", () =>
        attachProgram(
          racing,
          on.program.program,
          on.index,
          lab.a.device,
          by === "link" ? { link: { pin }, replace } : { by, replace },
        ),
      );
      expect(error).toMatchObject({ programId: late.id });
      if (by === "netlink") kernel.attachByNetlink(on.index, -1, 0, late.program);
      else kernel.close(link);
      theirs.detach();
      late.close();
    },
  );

  it.each(["netlink", "link"] as const)("what replaced ours since is left alone, by %s", (by) => {
    const pin = bpfFs.path("link");
    const theirs = attachOld(by === "link" ? { pin } : { by });
    const replace = { id: on.old.id };
    const ours = attach(by === "link" ? { link: { pin }, replace } : { by, replace });
    const late = kernel.loadProgram({ object: on.foreign });
    if (by === "link") {
      const link = kernel.openPinned(pin).fd;
      kernel.updateLink(link, late.program, -1);
      kernel.close(link);
    } else {
      kernel.attachByNetlink(on.index, late.program, 0, -1);
    }
    ours.detach();
    expect(attached()).toBe(late.id);
    if (by === "netlink") kernel.attachByNetlink(on.index, -1, 0, late.program);
    theirs.detach();
    kernel.close(late.program);
  });

  it("a link of another interface is left as it was", () => {
    lab.a.run("ip", "link", "add", "other0", "type", "veth", "peer", "other1");
    const { index: other } = kernel.interfaceState("other0");
    const pin = bpfFs.path("link");
    const elsewhere = attachProgram(kernel, on.old.program, other, "other0", { pin });
    const theirs = attachOld({ by: "netlink" });
    const replace = { id: on.old.id };
    let updates = 0;
    const watched = wrapKernel(kernel, (method, _, proceed) => {
      if (method === "updateLink") updates++;
      return proceed();
    });
    const { program } = on.program;
    const error = refused("ERR_XDP_ARGUMENT", () =>
      attachProgram(watched, program, on.index, lab.a.device, { link: { pin }, replace }),
    );
    expect(error.message).toContain(lab.a.device);
    expect(updates).toBe(0);
    expect(kernel.attachedProgram(other)?.id).toBe(on.old.id);
    theirs.detach();
    elsewhere.detach();
    lab.a.run("ip", "link", "del", "other0");
  });

  it("a link of the same index in another network namespace is put back as it was", () => {
    const twin = on.index + 1000;
    const pair = (name: string) => [
      "name",
      name,
      "index",
      `${twin}`,
      "type",
      "veth",
      "peer",
      `${name}p`,
    ];
    lab.b.run("ip", "link", "add", ...pair("twin0"));
    lab.a.run("ip", "link", "add", ...pair("twin1"));
    const pin = bpfFs.path("link");
    const leave = lab.b.enter();
    const elsewhere = attachProgram(kernel, on.old.program, twin, "twin0", { pin });
    leave();
    const theirs = attachProgram(kernel, on.old.program, twin, "twin1", { by: "netlink" });
    const options: AttachOptions = { link: { pin }, replace: { id: on.old.id } };
    refused("ERR_XDP_ARGUMENT", () => on.program.attach(twin, "twin1", options));
    expect(kernel.attachedProgram(twin)?.id).toBe(on.old.id);
    const there = lab.b.enter();
    expect(kernel.attachedProgram(twin)?.id).toBe(on.old.id);
    there();
    theirs.detach();
    elsewhere.detach();
    for (const [host, twins] of [
      [lab.a, "twin1"],
      [lab.b, "twin0"],
    ] as const) {
      host.run("ip", "link", "del", twins);
    }
  });

  it("detaching from an interface that is gone is no error", () => {
    for (const by of ["netlink", "link"] as const) {
      lab.a.run("ip", "link", "add", "short0", "type", "veth", "peer", "short1");
      const { index: short } = kernel.interfaceState("short0");
      const pin = bpfFs.path("link");
      const theirs = attachProgram(
        kernel,
        on.old.program,
        short,
        "short0",
        by === "link" ? { pin } : { by },
      );
      const replace = { id: on.old.id };
      const options = by === "link" ? { link: { pin }, replace } : { by, replace };
      const ours = on.program.attach(short, "short0", options);
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
    const options: AttachOptions = { by: "netlink", replace: { id: on.old.id } };
    refused("ERR_XDP_SYSCALL", () =>
      attachProgram(failing, on.program.program, on.index, lab.a.device, options),
    );
    expect(attached()).toBe(on.old.id);
    theirs.detach();
  });
});
