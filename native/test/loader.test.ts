import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));

interface Loaded {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** What `createLinuxKernel` gives in a process of its own, after `prelude`. */
function load(prelude: string, path?: string): Loaded {
  const script = `
    ${prelude}
    const { createLinuxKernel } = await import("@afxdp/native");
    try {
      console.log(JSON.stringify({ name: createLinuxKernel().name }));
    } catch ({ code, message, hint }) {
      console.log(JSON.stringify({ code, message, hint }));
    }`;
  const { AFXDP_NATIVE_PATH: _, ...env } = process.env;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: HERE,
    encoding: "utf8",
    env: path === undefined ? env : { ...env, AFXDP_NATIVE_PATH: path },
  });
  return JSON.parse(output);
}

const set = (name: string, value: string): string =>
  `Object.defineProperty(process, "${name}", { value: "${value}" });`;

describe("loading the addon", () => {
  it.runIf(process.platform === "linux")("finds the package's own", () => {
    expect(load("")).toEqual({ name: "linux" });
  });

  it("does not happen on import", () => {
    const script = `
      await import("@afxdp/native");
      console.log(process.report.getReport().sharedObjects.join("\\n"));`;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: HERE,
      encoding: "utf8",
    });
    expect(output).toContain("libc");
    expect(output).not.toContain("afxdp");
  });

  it("works through require()", () => {
    const script = `console.log(typeof require("@afxdp/native").createLinuxKernel);`;
    const output = execFileSync(process.execPath, ["-e", script], {
      cwd: HERE,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(output.trim()).toBe("function");
  });

  it.runIf(process.platform === "linux")("takes AFXDP_NATIVE_PATH, and then nothing else", () => {
    const prebuilt = `../prebuilds/linux-${process.arch}/afxdp.glibc.node`;
    expect(load("", prebuilt)).toEqual({ name: "linux" });
    const missing = load("", "/nowhere/afxdp.node");
    expect(missing.code).toBe("ERR_XDP_NATIVE_LOAD");
    expect(missing.message).toContain("/nowhere/afxdp.node (from AFXDP_NATIVE_PATH)");
    expect(missing.message).toContain("no such file");
    expect(missing.message).not.toContain("prebuilds");
    expect(missing.hint).toContain("AFXDP_NATIVE_PATH");
  });

  it.runIf(process.platform === "linux")("says why a file is no addon", () => {
    const { code, message } = load("", `${HERE}loader.test.ts`);
    expect(code).toBe("ERR_XDP_NATIVE_LOAD");
    expect(message).toMatch(/invalid ELF header|not supported|file too short/);
  });

  it.runIf(process.platform === "linux")("names the platform and the file that it lacks", () => {
    const { code, message, hint } = load(set("arch", "riscv64"));
    expect(code).toBe("ERR_XDP_NATIVE_LOAD");
    expect(message).toContain("linux-riscv64 (glibc)");
    expect(message).toContain("prebuilds/linux-riscv64/afxdp.glibc.node");
    expect(hint).toContain("build it");
  });

  it("names another C library", () => {
    const musl = `process.report.getReport = () => ({ header: {} });`;
    expect(load(`${set("platform", "linux")} ${musl}`).message).toContain("afxdp.musl.node");
  });

  it.each(["darwin", "win32"])("says on %s that there is no AF_XDP", (platform) => {
    const { code, message, hint } = load(set("platform", platform));
    expect(code).toBe("ERR_XDP_NATIVE_LOAD");
    expect(message).toContain("Linux only");
    expect(hint).toContain("@afxdp/sim");
  });
});
