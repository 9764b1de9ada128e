import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { createLinuxKernel } from "afxdp";
import { afterEach, expect, it } from "vitest";
import { open } from "./support/open.js";

const SCRIPT = fileURLToPath(new URL("./support/open-once.mjs", import.meta.url));

describeOnKernel("what the system refuses", () => {
  const lab = useLab({ queues: 2 });
  afterEach(() => {
    const kernel = createLinuxKernel();
    expect(kernel.attachedProgram(kernel.interfaceState(lab.a.device).index)).toBeUndefined();
  });

  /** Opens a socket in a process of its own, started by the given command. */
  function openUnder(...command: string[]) {
    const output = lab.a.run(...(command as [string]), process.execPath, SCRIPT, lab.a.device);
    return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  }

  const without = (...capabilities: string[]): string[] => {
    const list = capabilities.map((name) => `-${name}`).join(",");
    return ["setpriv", `--bounding-set=${list}`, `--inh-caps=${list}`];
  };

  it("opens where nothing is refused", () => {
    expect(openUnder("setpriv", "--no-new-privs")).toEqual({ code: "none" });
  });

  it("without CAP_NET_RAW the error names it", () => {
    const error = openUnder(...without("net_raw"));
    expect(error).toMatchObject({ code: "ERR_XDP_PERMISSION", step: "socket", leaked: 0 });
    expect(error.hint).toContain("CAP_NET_RAW");
  });

  it("without CAP_BPF the error names it, and the socket is undone", () => {
    const error = openUnder(...without("bpf", "sys_admin"));
    expect(error).toMatchObject({ code: "ERR_XDP_PERMISSION", leaked: 0 });
    expect(error.hint).toContain("CAP_BPF");
  });

  it("without CAP_NET_ADMIN the error names it, and socket and program are undone", () => {
    const error = openUnder(...without("net_admin", "sys_admin"));
    expect(error).toMatchObject({ code: "ERR_XDP_PERMISSION", leaked: 0 });
    expect(error.hint).toContain("CAP_NET_ADMIN");
  });

  it("with too little lockable memory the error tells the limit", () => {
    const error = openUnder("prlimit", "--memlock=65536", ...without("ipc_lock"));
    expect(error).toMatchObject({
      code: "ERR_XDP_MEMLOCK",
      step: "umem",
      errnoName: "ENOBUFS",
      leaked: 0,
    });
    expect(error.hint).toContain("CAP_IPC_LOCK");
    expect(error).toMatchObject({ needed: 256 * 2048, allowed: 65536 });
  });

  /** Which of the process's calls of `socket` is the one for AF_XDP: Node and the look-ups open others before. */
  function nthSocketCall(): number {
    const log = join(tmpdir(), `afxdp-strace-${process.pid}`);
    try {
      openUnder("strace", "-f", "-qq", "-o", log, "-e", "trace=socket");
      const calls = readFileSync(log, "utf8").split("\n");
      return calls.findIndex((line) => line.includes("AF_XDP")) + 1;
    } finally {
      rmSync(log, { force: true });
    }
  }

  it.each([
    ["socket", "EAFNOSUPPORT", "ERR_XDP_KERNEL_UNSUPPORTED", "socket"],
    ["socket", "EMFILE", "ERR_XDP_SYSCALL", "socket"],
    ["bind", "ENOMEM", "ERR_XDP_SYSCALL", "bind"],
    ["bind", "ENODEV", "ERR_XDP_NO_DEVICE", "bind"],
    ["bind", "EBUSY", "ERR_XDP_QUEUE_BUSY", "bind"],
  ])("when %s gives %s from the kernel: %s", (syscall, errno, code, step) => {
    const when = syscall === "socket" ? `:when=${nthSocketCall()}` : "";
    const error = openUnder(
      ...["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${syscall}`],
      ...["-e", `inject=${syscall}:error=${errno}${when}`],
    );
    expect(error).toMatchObject({ code, step, errnoName: errno, leaked: 0 });
  });

  it("an interface that does not exist, and a queue that it does not have", async () => {
    const elsewhere = { ...lab, a: { ...lab.a, device: "none0" } };
    await expect(open(elsewhere, "both")).rejects.toMatchObject({ code: "ERR_XDP_NO_DEVICE" });
    await expect(open(lab, "both", { queue: 2 })).rejects.toMatchObject({
      code: "ERR_XDP_QUEUE_ID",
      hint: "Use 0 to 1.",
    });
  });

  it("a queue that another socket holds, after trying for as long as it was told", async () => {
    const holder = await open(lab, "tx", { queue: 1 });
    await expect(open(lab, "tx", { queue: 1, busyTimeoutMs: 60 })).rejects.toMatchObject({
      code: "ERR_XDP_QUEUE_BUSY",
      step: "bind",
    });
    const beside = await open(lab, "both", { queue: 0 });
    await beside.close();
    await holder.close();
  });

  it("driver mode where the driver has none", async () => {
    const loopback = { ...lab, a: { ...lab.a, device: "lo" } };
    await expect(open(loopback, "both", { mode: "drv" })).rejects.toMatchObject({
      code: "ERR_XDP_ATTACH",
      step: "attach",
    });
    const socket = await open(loopback, "both", { mode: "auto" });
    expect(socket.mode.xdp).toBe("skb");
    await socket.close();
  });

  it("a second program on the interface, here of another Kernel: the first stays and is named", async () => {
    const first = await open(lab, "both", { queue: 0 });
    await expect(
      open(lab, "both", { queue: 1, kernel: createLinuxKernel() }),
    ).rejects.toMatchObject({
      code: "ERR_XDP_PROGRAM_PRESENT",
      programId: first.program?.id,
      programName: first.program?.name,
    });
    const kernel = createLinuxKernel();
    expect(kernel.attachedProgram(first.target.interfaceIndex)?.id).toBe(first.program?.id);
    await first.close();
  });
});
