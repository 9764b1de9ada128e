import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toolEnvironment } from "./environment.mjs";
import { ROOT } from "./plan.mjs";
import { missingCapabilities } from "./privileges.mjs";
import { Stop, say } from "./stop.mjs";
import { addCounts, countReport, formatCounts, skippedTests } from "./vitest-report.mjs";
import { turbo, vitest } from "./workspace.mjs";

// Matches no test's name: vitest then collects every test and reports it as skipped.
const NONE = "(?!)";

/**
 * Builds everything, then runs the unit and type tests (turbo replays them when nothing they
 * depend on changed) and the tests on the real kernel (always). Returns the status.
 */
export function test(args) {
  return withReports(args, async (folder) => {
    const unit = await testUnits(folder);
    const kernel = await testKernel(folder);
    const total = addCounts([unit, kernel]);
    const replayed = unit.replayed ? "  (unchanged: replayed from turbo's cache)" : "";
    console.log("");
    sayNotRun([...unit.notRun, ...kernel.notRun]);
    say(`unit and types   ${formatCounts(unit)}${replayed}`);
    say(`on the kernel    ${formatCounts(kernel)}`);
    say(`in total         ${formatCounts(total)}`);
    return total.failed > 0 ? 1 : 0;
  });
}

/** Calls `body` with the folder for vitest's reports: `--reports=FOLDER`, or one that goes again. */
export async function withReports(args, body) {
  const { values } = parseArgs({ args, options: { reports: { type: "string" } } });
  if (values.reports !== undefined) return body(values.reports);
  const folder = mkdtempSync(join(tmpdir(), "afxdp-test-"));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function testUnits(folder) {
  const started = Date.now();
  const report = join(ROOT, ".reports", "unit.json");
  rmSync(report, { force: true });
  const status = await turbo("build", "//#check:unit");
  if (!existsSync(report)) throw new Stop("The build failed; see above.", status || 1);
  copyFileSync(report, join(folder, "unit.json"));
  const counts = countReport(report, status);
  return {
    ...counts,
    replayed: counts.startTime < started,
    notRun: skippedTests(report, ROOT),
  };
}

async function testKernel(folder) {
  const report = join(folder, "network.json");
  const mayBeEmpty = missingCapabilities().length > 0;
  const status = await vitest(
    ["--project=network", ...(mayBeEmpty ? [`--testNamePattern=${NONE}`] : [])],
    { report, env: toolEnvironment() },
  );
  return { ...countReport(report, status, { mayBeEmpty }), notRun: skippedTests(report, ROOT) };
}

function sayNotRun(names) {
  if (names.length === 0) return;
  const missing = missingCapabilities();
  const reason = missing.length > 0 ? ` (no ${missing.join(", ")})` : "";
  say(`not run${reason}:\n  ${names.join("\n  ")}`);
  if (missing.length > 0 && process.getuid() !== 0) say("run them too with: sudo npm test");
}
