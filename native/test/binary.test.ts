import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PATH = fileURLToPath(
  new URL(`../prebuilds/linux-${process.arch}/afxdp.glibc.node`, import.meta.url),
);
const readelf = (option: string): string =>
  execFileSync("readelf", [option, "-W", PATH], { encoding: "utf8" });

describe.runIf(process.platform === "linux")("the addon's binary", () => {
  it("needs nothing but the C library", () => {
    const needed = [...readelf("-d").matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1]);
    expect(needed).toContain("libc.so.6");
    for (const name of needed)
      expect(name).toMatch(/^(libc\.so\.6|libm\.so\.6|ld-linux-.*\.so\.\d)$/);
  });

  it("needs no newer C library than Node itself", () => {
    const versions = [...readelf("-V").matchAll(/Name: GLIBC_2\.(\d+)/g)].map((match) =>
      Number(match[1]),
    );
    expect(versions.length).toBeGreaterThan(0);
    expect(Math.max(...versions)).toBeLessThanOrEqual(28);
  });

  it("shows Node's two entry points and nothing of the libraries inside", () => {
    const names = readelf("--dyn-syms")
      .split("\n")
      .filter((line) => /\b(GLOBAL|WEAK|UNIQUE)\b/.test(line) && !/\bUND\b/.test(line))
      .map((line) => line.trim().split(/\s+/).at(-1));
    expect(names.sort()).toEqual(["napi_register_module_v1", "node_api_module_get_api_version_v1"]);
  });

  it("stays loaded when the thread that loaded it ends, and has no writable code", () => {
    const dynamic = readelf("-d");
    expect(dynamic).toContain("NODELETE");
    expect(dynamic).not.toContain("TEXTREL");
  });
});
