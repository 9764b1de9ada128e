// Everything that guards the quality of a change, run by .ci/run. The last line that it prints is
// the sum: `N passed, N failed`, and `, N skipped` if any were.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listNodes } from "../setup/check-jobs.mjs";
import { ROOT } from "../setup/plan.mjs";
import { addCounts, countReport, formatCounts } from "../setup/vitest-report.mjs";

// A step with reports counts their tests, one without counts as one test.
const STEPS = [
  { name: "test", reports: ["unit", "network"] },
  { name: "lint" },
  { name: "types" },
  { name: "test:package", reports: ["package"] },
  { name: "test:nodes", reports: listNodes() },
];

function take({ name, reports = [] }, folder) {
  console.log(`\n=== npm run ${name}`);
  const began = Date.now();
  const args = ["run", "--silent", name];
  if (reports.length > 0) args.push("--", `--reports=${folder}`);
  const { status } = spawnSync("npm", args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  const counts = addCounts(reports.map((report) => countReport(join(folder, `${report}.json`), 0)));
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  if (status === 0 && reports.length === 0) counts.passed = 1;
  return { name, counts, seconds: Math.round((Date.now() - began) / 1000) };
}

const folder = mkdtempSync(join(tmpdir(), "afxdp-ci-"));
let total = { passed: 0, failed: 1, skipped: 0 };
try {
  const taken = STEPS.map((step) => take(step, folder));
  total = addCounts(taken.map(({ counts }) => counts));
  console.log("");
  for (const { name, counts, seconds } of taken) {
    console.log(`${name.padEnd(14)}${formatCounts(counts)} (${seconds} s)`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
  console.log(formatCounts(total));
}
