// Sets a fresh machine up, builds what changed and runs one job:
//   node tools/setup/run.mjs demo | build | test | conformance | package | nodes
// test, package and nodes take --reports=FOLDER, for vitest's JSON reports; conformance takes its own arguments.
import { checkNode } from "./node-version.mjs";
import { Stop } from "./stop.mjs";

try {
  checkNode();
  // Only now: an older Node could not even load it.
  const { runJob } = await import("./jobs.mjs");
  const [name, ...args] = process.argv.slice(2);
  process.exitCode = await runJob(name, args);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  if (error.message !== "") console.error(`afxdp: ${error.message}`);
  process.exitCode = error.status;
}
