// Sets a fresh machine up, builds what changed and runs one job:
//   node tools/setup/run.mjs demo | build | test | package | nodes
// The last three take --reports=FOLDER, for vitest's JSON reports.
import { testNodes, testPackages } from "./check-jobs.mjs";
import { checkDemo, demo } from "./demo-job.mjs";
import { checkNode } from "./node-version.mjs";
import { Stop } from "./stop.mjs";
import { checkSystem } from "./system.mjs";
import { test } from "./test-job.mjs";
import { build, installDependencies } from "./workspace.mjs";

const JOBS = { demo, build, test, package: testPackages, nodes: testNodes };

try {
  checkNode();
  const [name, ...args] = process.argv.slice(2);
  const job = Object.hasOwn(JOBS, name) ? JOBS[name] : undefined;
  if (job === undefined)
    throw new Stop("usage: node tools/setup/run.mjs demo | build | test | package | nodes", 2);
  if (job === demo) checkDemo();
  await checkSystem(name);
  await installDependencies();
  process.exitCode = (await job(args)) ?? 0;
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  if (error.message !== "") console.error(`afxdp: ${error.message}`);
  process.exitCode = error.status;
}
