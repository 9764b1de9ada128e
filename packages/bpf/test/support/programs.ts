import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The XDP programs of these tests, in `programs/`. */
export type ProgramName = "foreign" | "no-room" | "own" | "push-vlan" | "rejected" | "several";

/** A compiled object as a file. */
export interface CompiledProgram {
  readonly path: string;
  readonly bytes: Uint8Array;
  remove(): void;
}

/** Compiles one of the XDP programs that are not ours. */
export function compileProgram(name: ProgramName): CompiledProgram {
  const folder = mkdtempSync(join(tmpdir(), "afxdp-program-"));
  const path = join(folder, `${name}.o`);
  const source = join(import.meta.dirname, `../programs/${name}.bpf.c`);
  // The BPF target does not look for the host's <asm/types.h> by itself.
  const host = execFileSync("cc", ["-print-multiarch"], { encoding: "utf8" }).trim();
  const flags = ["-target", "bpf", "-O2", "-g", "-Wall", "-Werror"];
  const include = ["-isystem", `/usr/include/${host}`];
  const files = ["-c", source, "-o", path];
  execFileSync(process.env.CLANG ?? "clang", [...flags, ...include, ...files]);
  return { path, bytes: readFileSync(path), remove: () => rmSync(folder, { recursive: true }) };
}
