import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The XDP programs of these tests, in `programs/`. */
export type ProgramName =
  | "classifier"
  | "hints"
  | "pass"
  | "redirect"
  | "rejected"
  | "several"
  | "tedious"
  | "two";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/** Compiles the tests' programs where that is still to do, and returns an object's bytes. */
export function compiledProgram(name: ProgramName): Uint8Array {
  return readFileSync(programPath(name));
}

/** The same, but the object's path. */
export function programPath(name: ProgramName): string {
  execFileSync("make", ["--silent", "-C", PACKAGE, "programs"], {
    stdio: ["ignore", "ignore", "inherit"],
    // The compiler need not run under the sanitizers that the tests may run under.
    env: { ...process.env, LD_PRELOAD: "" },
  });
  return `${PACKAGE}build/test/${name}.o`;
}
