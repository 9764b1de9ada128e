import { fileURLToPath } from "node:url";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { registration } from "./by-hand.mjs";
import { compiledProgram } from "./programs.js";

const SCRIPT = fileURLToPath(new URL("workers/call.mjs", import.meta.url));

describeOnKernel("what a process may not do, or its kernel cannot", () => {
  const lab = useLab();

  /** Makes a call in a process that is started by the given command. */
  const call = (command: readonly string[], method: string, ...args: unknown[]): unknown => {
    const [first = "", ...rest] = command;
    const output = lab.a.run(
      first,
      ...rest,
      process.execPath,
      SCRIPT,
      method,
      JSON.stringify(args),
    );
    return JSON.parse(output.trim().split("\n").at(-1) ?? "");
  };
  const without = (...capabilities: string[]): string[] => {
    const list = capabilities.map((name) => `-${name}`).join(",");
    return ["setpriv", `--bounding-set=${list}`, `--inh-caps=${list}`];
  };
  /** A kernel that answers a system call so. */
  const injected = (syscall: string, error: string): string[] => [
    ...["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${syscall}`],
    ...["-e", `inject=${syscall}:error=${error}`],
  ];
  const ANYTHING = ["setpriv", "--no-new-privs"];

  it("tells how much memory may be locked", () => {
    const limited = ["prlimit", "--memlock=65536"];
    const answer = (lockLimit: number, unlimited: boolean): unknown => ({
      answer: { lockLimit, unlimited },
    });
    expect(call(limited, "memoryLimits")).toEqual(answer(65536, true));
    expect(call([...limited, ...without("ipc_lock")], "memoryLimits")).toEqual(
      answer(65536, false),
    );
  });

  it("knows that a capability of another user namespace lifts no limit", () => {
    const inside = ["prlimit", "--memlock=65536", "unshare", "--user", "--map-root-user"];
    expect(call(inside, "memoryLimits")).toEqual({
      answer: { lockLimit: 65536, unlimited: false },
    });
  });

  it("says by how much a UMEM is too large to be locked", () => {
    const command = ["prlimit", "--memlock=65536", ...without("ipc_lock")];
    expect(call(command, "registerUmem", "$socket", "$arena", registration)).toMatchObject({
      ...{ code: "ERR_XDP_MEMLOCK", step: "umem", errnoName: "ENOBUFS" },
      ...{ needed: registration.length, allowed: 65536 },
    });
  });

  it("needs no permission to read, and knows no budget without a tx ring", () => {
    expect(call(ANYTHING, "socketOption", "$socket", "SO_BUSY_POLL")).toEqual({ answer: 0 });
    expect(call(ANYTHING, "setTxBudget", "$socket", 64)).toMatchObject({
      ...{ code: "ERR_XDP_ARGUMENT", step: "budget", errnoName: "EACCES" },
    });
  });

  it.each<[string, string, ...unknown[]]>([
    ["busyPoll", "setSocketOption", "$socket", "SO_PREFER_BUSY_POLL", 1],
    ["busyPoll", "setSocketOption", "$socket", "SO_BUSY_POLL_BUDGET", 1],
    ["txBudget", "setTxBudget", "$socket", 64],
  ])("a kernel without %s is told by %s", (feature, method, ...args) => {
    expect(call(injected("setsockopt", "ENOPROTOOPT"), method, ...args)).toMatchObject({
      ...{ code: "ERR_XDP_FEATURE", feature },
    });
  });

  it("a kernel without BPF is not taken for one without frags", () => {
    compiledProgram("redirect");
    expect(call(injected("bpf", "EINVAL"), "loadProgram", "$image")).toMatchObject({
      ...{ code: "ERR_XDP_FEATURE", feature: "frags" },
    });
    const error = call(injected("bpf", "ENOSYS"), "loadProgram", "$image");
    expect(error).toMatchObject({ code: "ERR_XDP_PROGRAM" });
    expect((error as Error).message).toContain("ENOSYS");
  });

  it("a kernel without NUMA says ENOSYS", () => {
    expect(call(injected("mbind", "ENOSYS"), "preferNode", "$arena", 0, 4096, 0)).toMatchObject({
      ...{ step: "memory", errnoName: "ENOSYS" },
    });
  });

  it("a kernel without huge pages is told as one that has none free", () => {
    const kernel = injected("memfd_create", "ENOSYS");
    const size = 1 << 21;
    expect(call(kernel, "createMemory", "x", size, size)).toMatchObject({
      ...{ code: "ERR_XDP_HUGE_PAGES", errnoName: "ENOSYS" },
    });
    expect(call(kernel, "createMemory", "x", size, 0)).toMatchObject({ code: "ERR_XDP_SYSCALL" });
  });

  it.each<[string, string, ...unknown[]]>([
    ["CAP_NET_ADMIN", "setSocketOption", "$socket", "SO_PREFER_BUSY_POLL", 1],
    ["CAP_NET_ADMIN", "setSocketOption", "$socket", "SO_BUSY_POLL_BUDGET", 128],
    ["CAP_NET_ADMIN", "setChannels", "va", { rx: 1 }],
    ["CAP_NET_ADMIN", "removeFlowRule", "va", 1],
    ["CAP_NET_ADMIN", "setInterfaceSetting", "va", "gro_flush_timeout", 1],
    ["CAP_SYS_ADMIN", "interfaceSetting", "va", "gro_flush_timeout"],
    ["CAP_SYS_ADMIN", "interfaceNode", "va"],
    ["CAP_NET_RAW", "promiscuous", 2],
  ])("without %s the error of %s names it", (capability, method, ...args) => {
    const command = without(capability.slice(4).toLowerCase());
    const error = call(command, method, ...args) as { hint: string };
    expect(error).toMatchObject({ code: "ERR_XDP_PERMISSION" });
    expect(error.hint).toContain(capability);
  });
});
