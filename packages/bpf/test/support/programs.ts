import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCES = {
  /** Passes everything, and cannot have packets of several buffers. */
  foreign: "int foreign(struct xdp_md *ctx) { return 2; }",
  /** Reads without a look at the packet's end, which the verifier forbids. */
  rejected: "int rejected(struct xdp_md *ctx) { return *(char *)(long)ctx->data; }",
} as const;

/** A compiled object as a file. */
export interface CompiledProgram {
  readonly path: string;
  readonly bytes: Uint8Array;
  remove(): void;
}

/** Compiles one of the XDP programs that are not ours. */
export function compileProgram(name: keyof typeof SOURCES): CompiledProgram {
  const folder = mkdtempSync(join(tmpdir(), "afxdp-program-"));
  const path = join(folder, `${name}.o`);
  const source = [
    "struct xdp_md { unsigned data, data_end; };",
    `__attribute__((section("xdp"), used)) ${SOURCES[name]}`,
    'char LICENSE[] __attribute__((section("license"), used)) = "Apache-2.0";',
  ].join("\n");
  const flags = ["-target", "bpf", "-O2", "-x", "c", "-", "-c", "-o", path];
  execFileSync(process.env.CLANG ?? "clang", flags, { input: source });
  return { path, bytes: readFileSync(path), remove: () => rmSync(folder, { recursive: true }) };
}
