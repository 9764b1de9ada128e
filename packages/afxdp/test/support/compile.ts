import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Compiles `programs/NAME.bpf.c` and returns the object's bytes. */
export function compileProgram(name: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "afxdp-program-"));
  try {
    const path = join(folder, `${name}.o`);
    const source = join(import.meta.dirname, `../programs/${name}.bpf.c`);
    // The BPF target does not look for the host's <asm/types.h> by itself.
    const host = execFileSync("cc", ["-print-multiarch"], { encoding: "utf8" }).trim();
    const flags = ["-target", "bpf", "-O2", "-g", "-Wall", "-Werror"];
    const include = ["-isystem", `/usr/include/${host}`];
    execFileSync(process.env.CLANG ?? "clang", [...flags, ...include, "-c", source, "-o", path]);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
