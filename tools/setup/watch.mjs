// Compiles and runs the unit tests again whenever a file changes: `npm run test:watch`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./plan.mjs";

const PACKAGES = ["core", "ring", "umem", "driver", "bpf"].map((name) => `packages/${name}`);
const bin = (name) => join(ROOT, "node_modules", ".bin", name);
const options = { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] };

const compiler = spawn(bin("tsc"), ["-b", "--watch", ...PACKAGES], options);
const tests = spawn(bin("vitest"), ["watch", "--project", "unit", ...PACKAGES], {
  cwd: ROOT,
  stdio: "inherit",
});
tests.on("exit", (code) => {
  compiler.kill();
  process.exitCode = code ?? 1;
});
process.on("SIGINT", () => {});
