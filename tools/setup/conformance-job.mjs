import { run } from "./child.mjs";
import { requireCapabilities } from "./demo-job.mjs";
import { toolEnvironment } from "./environment.mjs";
import { CONFORMANCE } from "./plan.mjs";
import { build } from "./workspace.mjs";

/** Arguments that need no privileges, and no kernel. */
const HARMLESS = ["--list", "--help"];

/** Stops early when the suite could not run: it makes network namespaces and opens AF_XDP sockets. */
export function checkConformance(args) {
  if (args.some((argument) => HARMLESS.includes(argument))) return;
  requireCapabilities("The conformance suite", "npm run conformance");
}

/** Builds everything and runs the suite with these arguments; returns its status. */
export async function conformance(args) {
  await build();
  return run(process.execPath, [CONFORMANCE, ...args], { env: toolEnvironment() });
}
