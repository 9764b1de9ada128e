import { testNodes, testPackages } from "./check-jobs.mjs";
import { checkConformance, conformance } from "./conformance-job.mjs";
import { checkDemo, demo } from "./demo-job.mjs";
import { Stop } from "./stop.mjs";
import { checkSystem } from "./system.mjs";
import { test } from "./test-job.mjs";
import { build, installDependencies } from "./workspace.mjs";

const JOBS = { demo, build, test, conformance, package: testPackages, nodes: testNodes };

/** Sets the machine up as far as needed and runs a job; returns its status. */
export async function runJob(name, args) {
  const job = Object.hasOwn(JOBS, name) ? JOBS[name] : undefined;
  if (job === undefined) {
    throw new Stop(`usage: node tools/setup/run.mjs ${Object.keys(JOBS).join(" | ")}`, 2);
  }
  if (job === demo) checkDemo();
  if (job === conformance) checkConformance(args);
  await checkSystem(name);
  await installDependencies();
  return (await job(args)) ?? 0;
}
