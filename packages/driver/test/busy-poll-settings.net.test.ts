import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kernel, wrapKernel, XdpError } from "@afxdp/core";
import {
  applyBusyPollSettings,
  type BusyPollSettings,
  beginSetup,
  restoreStaleSettings,
} from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

/** Where records are when nobody says otherwise. */
const RECORDS = "/run/afxdp";

describeOnKernel("the NAPI settings for busy polling", () => {
  const kernel = createLinuxKernel();
  let lab: Lab;
  let leave: () => void;
  let root: string;
  let directory: string;
  beforeEach(() => {
    lab = createLab();
    leave = lab.a.enter();
    root = mkdtempSync(join(tmpdir(), "afxdp-settings-"));
    directory = join(root, "records");
  });
  afterEach(() => {
    leave();
    lab.close();
    rmSync(root, { recursive: true });
  });
  const failure = (code: string): unknown => expect.objectContaining({ code });
  const now = (name = "va"): [number, number] => [
    kernel.interfaceSetting(name, "napi_defer_hard_irqs"),
    kernel.interfaceSetting(name, "gro_flush_timeout"),
  ];
  const set = (defer: number, timeout: number, name = "va"): void => {
    kernel.setInterfaceSetting(name, "napi_defer_hard_irqs", defer);
    kernel.setInterfaceSetting(name, "gro_flush_timeout", timeout);
  };
  const WANTED = { deferHardIrqs: 2, groFlushTimeoutNs: 200_000 };
  const apply = (
    settings: BusyPollSettings = WANTED,
    on: Kernel = kernel,
    name = "va",
  ): ReturnType<typeof applyBusyPollSettings> =>
    applyBusyPollSettings(on, name, { directory, ...settings });
  const stale = (name?: string): unknown => restoreStaleSettings(kernel, name, { directory });
  const files = (): string[] => (existsSync(directory) ? readdirSync(directory) : []);
  const recordPath = (): string =>
    join(directory, `${kernel.namespaceCookie()}-${kernel.interfaceState("va").index}.json`);

  /** Before 6.2 only what is down can be renamed. */
  const rename = (from: string, to: string): void => {
    lab.a.run("ip", "link", "set", "dev", from, "down");
    lab.a.run("ip", "link", "set", "dev", from, "name", to);
  };

  /** Another process that applies settings, and holds them until it is told to let go, or killed. */
  async function holder(settings: BusyPollSettings = WANTED): Promise<ChildProcess> {
    const program = `
      import { applyBusyPollSettings } from "@afxdp/driver";
      import { createLinuxKernel } from "@afxdp/native";
      const settings = ${JSON.stringify({ directory, ...settings })};
      const applied = applyBusyPollSettings(createLinuxKernel(), "va", settings);
      process.stdin.once("data", () => { applied.restore(); process.exit(); });
      console.log("applied");`;
    const child = lab.a.spawn(process.execPath, ["--input-type=module", "-e", program], {
      cwd: import.meta.dirname,
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(child.stdout as NodeJS.ReadableStream, "data");
    return child;
  }
  async function kill(child: ChildProcess): Promise<void> {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  async function letGo(child: ChildProcess): Promise<void> {
    child.stdin?.write("now");
    await once(child, "close");
  }

  it("are set, and put back once", () => {
    const before = footprint();
    set(1, 5000);
    const applied = apply();
    expect(now()).toEqual([2, 200_000]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    applied.restore();
    expect(now()).toEqual([1, 5000]);
    expect(applied.restored).toBe(true);
    expect(files()).toEqual([]);
    set(7, 7);
    applied.restore();
    expect(now()).toEqual([7, 7]);
    {
      using _applied = apply({ deferHardIrqs: 3 });
      expect(now()).toEqual([3, 7]);
    }
    expect(now()).toEqual([7, 7]);
    expect(footprint()).toEqual(before);
  });

  it("are written down before they are changed: boot, values and holders", () => {
    const records: unknown[] = [];
    const watching = wrapKernel(kernel, (method, _args, proceed) => {
      if (method === "setInterfaceSetting") {
        records.push(JSON.parse(readFileSync(recordPath(), "utf8")));
        expect(statSync(recordPath()).mode & 0o777).toBe(0o600);
      }
      return proceed();
    });
    const applied = apply(WANTED, watching);
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
      namespace: String(kernel.namespaceCookie()),
      interfaceName: "va",
      interfaceIndex: kernel.interfaceState("va").index,
      settings: {
        napi_defer_hard_irqs: { before: 0, set: 2 },
        gro_flush_timeout: { before: 0, set: 200_000 },
      },
      holders: [{ pid: process.pid }],
    });
    applied.restore();
  });

  it("are shared by all who want the same, and put back by the last", async () => {
    const first = apply();
    const second = apply({ deferHardIrqs: 2 });
    const third = await holder();
    first.restore();
    second.restore();
    expect(now()).toEqual([2, 200_000]);
    await letGo(third);
    expect(now()).toEqual([0, 0]);
    expect(files()).toEqual([]);
  });

  it("can be extended by a second who wants one more", () => {
    set(0, 77);
    const first = apply({ deferHardIrqs: 2 });
    const second = apply(WANTED);
    first.restore();
    expect(now()).toEqual([2, 200_000]);
    second.restore();
    expect(now()).toEqual([0, 77]);
  });

  it("are refused to who wants another value than a process that runs", async () => {
    const other = await holder();
    const record = readFileSync(recordPath(), "utf8");
    expect(() => apply({ deferHardIrqs: 3 })).toThrow(failure("ERR_XDP_CONFLICT"));
    expect(() => apply({ deferHardIrqs: 3 })).toThrow(new RegExp(`process ${other.pid} needs 2`));
    expect(now()).toEqual([2, 200_000]);
    expect(readFileSync(recordPath(), "utf8")).toBe(record);
    await kill(other);
    const applied = apply({ deferHardIrqs: 3 });
    expect(now()).toEqual([3, 0]);
    applied.restore();
    expect(now()).toEqual([0, 0]);
  });

  it("that a killed process left are put back by the next start", async () => {
    set(1, 5000);
    await kill(await holder());
    expect(now()).toEqual([2, 200_000]);
    const applied = apply({ deferHardIrqs: 9 });
    expect(now()).toEqual([9, 5000]);
    applied.restore();
    expect(now()).toEqual([1, 5000]);
    expect(files()).toEqual([]);
  });

  it("that a killed process left are put back when any socket is set up on the interface", async () => {
    set(1, 5000);
    await kill(await holder({ ...WANTED, directory: RECORDS }));
    expect(now()).toEqual([2, 200_000]);
    const setup = beginSetup(kernel, "va", 0);
    expect(now()).toEqual([2, 200_000]);
    setup.socket();
    expect(now()).toEqual([1, 5000]);
    await setup.close();
  });

  it("that a process still wants stay when a socket is set up beside it", async () => {
    const child = await holder({ ...WANTED, directory: RECORDS });
    const setup = beginSetup(kernel, "va", 0);
    setup.socket();
    expect(now()).toEqual([2, 200_000]);
    await setup.close();
    await letGo(child);
    expect(now()).toEqual([0, 0]);
  });

  it("that cannot be put back then keep no socket from opening: a warning says so", async () => {
    await kill(await holder({ ...WANTED, directory: RECORDS }));
    const refusing = wrapKernel(kernel, (method, _args, proceed) => {
      if (method !== "setInterfaceSetting") return proceed();
      throw new XdpError("ERR_XDP_PERMISSION", "No.");
    });
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const setup = beginSetup(refusing, "va", 0);
    setup.socket();
    expect(warn).toHaveBeenCalledWith(
      "NAPI settings that a killed process left on va stay: No.",
      expect.objectContaining({ code: "AFXDP_SETTINGS_LEFT" }),
    );
    warn.mockRestore();
    await setup.close();
    restoreStaleSettings(kernel, "va");
    expect(now()).toEqual([0, 0]);
  });

  it("that a killed process left are put back by restoreStaleSettings, of one interface or all", async () => {
    for (const name of ["va", undefined]) {
      set(1, 5000);
      await kill(await holder());
      expect(stale("lo")).toEqual([]);
      expect(stale(name)).toEqual([
        { interfaceName: "va", setting: "napi_defer_hard_irqs", value: 1 },
        { interfaceName: "va", setting: "gro_flush_timeout", value: 5000 },
      ]);
      expect(now()).toEqual([1, 5000]);
      expect(files()).toEqual([]);
      expect(stale(name)).toEqual([]);
    }
  });

  it("that one of two processes left stay for the other", async () => {
    const killed = await holder();
    const other = await holder();
    await kill(killed);
    expect(stale()).toEqual([]);
    expect(now()).toEqual([2, 200_000]);
    await letGo(other);
    expect(now()).toEqual([0, 0]);
  });

  it("are left alone where somebody has set something else since", async () => {
    const applied = apply();
    kernel.setInterfaceSetting("va", "napi_defer_hard_irqs", 5);
    applied.restore();
    expect(now()).toEqual([5, 0]);
    await kill(await holder());
    kernel.setInterfaceSetting("va", "gro_flush_timeout", 6);
    expect(stale()).toEqual([{ interfaceName: "va", setting: "napi_defer_hard_irqs", value: 5 }]);
    expect(now()).toEqual([5, 6]);
  });

  it("take what somebody has set since for what is to be put back, when they are asked for again", () => {
    const first = apply();
    set(5, 6);
    const second = apply();
    expect(now()).toEqual([2, 200_000]);
    first.restore();
    second.restore();
    expect(now()).toEqual([5, 6]);
  });

  it("of a process whose number another has now are put back", async () => {
    await kill(await holder());
    const record = JSON.parse(readFileSync(recordPath(), "utf8"));
    record.holders[0].pid = process.pid;
    writeFileSync(recordPath(), JSON.stringify(record));
    expect(stale()).toHaveLength(2);
  });

  it("of a process that is dead, but was not looked at by its parent, are put back", async () => {
    await kill(await holder());
    // The parent is a sleep by then, which looks at no child.
    const parent = lab.a.spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = await once(parent.stdout as NodeJS.ReadableStream, "data");
    const pid = Number(output);
    const comm = (): string => readFileSync(`/proc/${parent.pid}/comm`, "utf8").trim();
    await expect.poll(comm, { timeout: 20_000 }).toBe("sleep");
    process.kill(pid, "SIGKILL");
    const stat = (): string[] =>
      readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
    await expect.poll(() => stat()[0], { timeout: 20_000 }).toBe("Z");
    const record = JSON.parse(readFileSync(recordPath(), "utf8"));
    Object.assign(record.holders[0], { pid, startTime: Number(stat()[19]) });
    writeFileSync(recordPath(), JSON.stringify(record));
    expect(stale()).toHaveLength(2);
  });

  it("of a process in another PID namespace stay, because nothing is known of it", async () => {
    await kill(await holder());
    const record = JSON.parse(readFileSync(recordPath(), "utf8"));
    record.holders[0].pidNamespace = "pid:[1]";
    writeFileSync(recordPath(), JSON.stringify(record));
    expect(stale()).toEqual([]);
    expect(now()).toEqual([2, 200_000]);
  });

  it("of an earlier boot, or of a device that is gone, are forgotten", async () => {
    await kill(await holder());
    const record = JSON.parse(readFileSync(recordPath(), "utf8"));
    for (const name of ["va", undefined]) {
      writeFileSync(recordPath(), JSON.stringify({ ...record, bootId: "earlier" }));
      expect(stale(name)).toEqual([]);
      expect(now()).toEqual([2, 200_000]);
      expect(files()).toEqual([]);
    }
    writeFileSync(recordPath(), JSON.stringify(record));
    lab.a.run("ip", "link", "delete", "dev", "va");
    expect(stale()).toEqual([]);
    expect(files()).toEqual([]);
  });

  it("of a device that is gone need not be put back; of one that is renamed they wait for its name", async () => {
    const applied = apply();
    rename("va", "vx");
    expect(() => applied.restore()).toThrow(failure("ERR_XDP_NO_DEVICE"));
    expect(stale()).toEqual([]);
    expect(now("vx")).toEqual([2, 200_000]);
    expect(stale("vx")).toHaveLength(2);
    expect(now("vx")).toEqual([0, 0]);
    applied.restore();
    rename("vx", "va");
    const again = apply();
    lab.a.run("ip", "link", "delete", "dev", "va");
    again.restore();
    expect(files()).toEqual([]);
  });

  it("are not looked for in another network namespace", async () => {
    await kill(await holder());
    const applied = apply({ groFlushTimeoutNs: 1 });
    const leaveB = lab.b.enter();
    try {
      expect(stale()).toEqual([]);
      expect(() => applied.restore()).toThrow(failure("ERR_XDP_NO_DEVICE"));
    } finally {
      leaveB();
    }
    expect(now()).toEqual([0, 1]);
    applied.restore();
    expect(now()).toEqual([0, 0]);
  });

  it("are put back, and the record with them, when the kernel refuses one of them", () => {
    set(1, 5000);
    const first = apply({ groFlushTimeoutNs: 10 });
    const record = readFileSync(recordPath(), "utf8");
    const refusing = wrapKernel(kernel, (method, args, proceed) => {
      if (method !== "setInterfaceSetting" || args[1] !== "napi_defer_hard_irqs") return proceed();
      throw new XdpError("ERR_XDP_PERMISSION", "no");
    });
    const wanted = { deferHardIrqs: 2, groFlushTimeoutNs: 10 };
    expect(() => apply(wanted, refusing)).toThrow(failure("ERR_XDP_PERMISSION"));
    expect(readFileSync(recordPath(), "utf8")).toBe(record);
    first.restore();
    expect(() => apply(WANTED, refusing)).toThrow(failure("ERR_XDP_PERMISSION"));
    expect(now()).toEqual([1, 5000]);
    expect(files()).toEqual([]);
  });

  it("can be put back after a first attempt has failed", () => {
    let refused = true;
    const refusing = wrapKernel(kernel, (method, args, proceed) => {
      if (refused && method === "setInterfaceSetting" && args[2] === 0) {
        throw new XdpError("ERR_XDP_PERMISSION", "no");
      }
      return proceed();
    });
    const applied = apply(WANTED, refusing);
    expect(() => applied.restore()).toThrow(failure("ERR_XDP_PERMISSION"));
    expect(applied.restored).toBe(false);
    refused = false;
    applied.restore();
    expect(now()).toEqual([0, 0]);
    expect(files()).toEqual([]);
  });

  it("come out right when processes apply and put them back at the same time", async () => {
    const program = `
      import { applyBusyPollSettings } from "@afxdp/driver";
      import { createLinuxKernel } from "@afxdp/native";
      const kernel = createLinuxKernel();
      const settings = ${JSON.stringify({ directory, ...WANTED })};
      for (let i = 0; i < 50; i++) {
        const applied = applyBusyPollSettings(kernel, "va", settings);
        if (kernel.interfaceSetting("va", "napi_defer_hard_irqs") !== 2) throw new Error("not set");
        applied.restore();
      }`;
    set(1, 5000);
    const children = [1, 2, 3].map(() =>
      lab.a.spawn(process.execPath, ["--input-type=module", "-e", program], {
        cwd: import.meta.dirname,
        stdio: "inherit",
      }),
    );
    const ends = await Promise.all(children.map((child) => once(child, "close")));
    expect(ends).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ]);
    expect(now()).toEqual([1, 5000]);
    expect(files()).toEqual([]);
  });

  it("are not kept from anybody by the lock of a process that is gone", () => {
    mkdirSync(directory, { mode: 0o700 });
    // A process number that nobody can have, and the lock of one that was killed while it broke that one.
    const namespace = readlinkSync("/proc/self/ns/pid");
    symlinkSync(`4194305 1 ${namespace} a`, join(directory, "lock"));
    const { pid } = spawnSync("true");
    symlinkSync(`${pid} 1 ${namespace} b`, join(directory, "lock.break"));
    apply().restore();
    expect(files()).toEqual([]);
  });

  it("wait for the lock of a process that runs, and give up after a while", () => {
    mkdirSync(directory, { mode: 0o700 });
    symlinkSync("1 1 pid:[1] a", join(directory, "lock"));
    expect(() => apply()).toThrow(
      expect.objectContaining({ code: "ERR_XDP_SYSCALL", errnoName: "ETIMEDOUT" }),
    );
    expect(files()).toEqual(["lock"]);
    expect(now()).toEqual([0, 0]);
  });

  it("are not read from a record that is none", () => {
    apply().restore();
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const good = { bootId: "", namespace: "", interfaceName: "", interfaceIndex: 1 };
    const wrong = [
      "",
      "{",
      "null",
      "{}",
      JSON.stringify({ ...good, settings: { mtu: { before: 1, set: 2 } }, holders: [] }),
      JSON.stringify({ ...good, settings: { gro_flush_timeout: { before: 1 } }, holders: [] }),
      JSON.stringify({ ...good, settings: { gro_flush_timeout: null }, holders: [] }),
      JSON.stringify({ ...good, settings: {}, holders: [null] }),
      JSON.stringify({ ...good, settings: {}, holders: [{ id: "", pid: 1, startTime: 1 }] }),
    ];
    for (const text of wrong) {
      writeFileSync(recordPath(), text);
      expect(stale("va")).toEqual([]);
      expect(files()).toEqual([]);
    }
    expect(warn.mock.calls.map(([, options]) => options)).toEqual(
      wrong.map(() => ({ code: "AFXDP_BAD_RECORD", type: "AfxdpWarning" })),
    );
    warn.mockRestore();
  });

  it("are not recorded where others can write", () => {
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    expect(() => apply()).toThrow(failure("ERR_XDP_PERMISSION"));
    expect(() => stale()).toThrow(failure("ERR_XDP_PERMISSION"));
    rmSync(directory, { recursive: true });
    writeFileSync(directory, "");
    expect(() => apply()).toThrow(failure("ERR_XDP_SYSCALL"));
    expect(now()).toEqual([0, 0]);
  });

  it("leave no folder where nothing was ever recorded", () => {
    expect(stale()).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  it("are checked before anything is asked or written", () => {
    const nobody = wrapKernel(kernel, (method) => {
      throw new Error(`asked: ${method}`);
    });
    const bad = (code: string, settings: unknown, name = "va"): void => {
      expect(() => applyBusyPollSettings(nobody, name, settings as never)).toThrow(failure(code));
    };
    bad("ERR_XDP_ARGUMENT", { directory });
    bad("ERR_XDP_ARGUMENT", null);
    bad("ERR_XDP_ARGUMENT", { ...WANTED, budget: 1 });
    bad("ERR_XDP_ARGUMENT", { deferHardIrqs: -1 });
    bad("ERR_XDP_ARGUMENT", { deferHardIrqs: 2 ** 31 });
    bad("ERR_XDP_ARGUMENT", { groFlushTimeoutNs: 1.5 });
    bad("ERR_XDP_ARGUMENT", { groFlushTimeoutNs: "1" });
    bad("ERR_XDP_ARGUMENT", { ...WANTED, directory: "records" });
    bad("ERR_XDP_ARGUMENT", { ...WANTED, directory: 1 });
    bad("ERR_XDP_NO_DEVICE", { ...WANTED, directory }, "a/b");
    expect(() => restoreStaleSettings(nobody, "a/b")).toThrow(failure("ERR_XDP_NO_DEVICE"));
    expect(() => restoreStaleSettings(nobody, "va", { directory: "x" })).toThrow(
      failure("ERR_XDP_ARGUMENT"),
    );
    expect(() => restoreStaleSettings(nobody, "va", { folder: "/x" } as never)).toThrow(
      failure("ERR_XDP_ARGUMENT"),
    );
    expect(() => apply(WANTED, kernel, "nowhere")).toThrow(failure("ERR_XDP_NO_DEVICE"));
    expect(existsSync(directory)).toBe(false);
  });
});
