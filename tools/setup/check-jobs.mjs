import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toolEnvironment } from "./environment.mjs";
import { ROOT } from "./plan.mjs";
import { missingCapabilities } from "./privileges.mjs";
import { say } from "./stop.mjs";
import { withReports } from "./test-job.mjs";
import { countReport, formatCounts } from "./vitest-report.mjs";
import { build, vitest } from "./workspace.mjs";

const CHECKS = join(ROOT, "tools", "checks");

/** Builds everything and tests what would be published. Returns the status; `--reports` as for `test`. */
export async function testPackages(args) {
  await build();
  return withReports(args, async (folder) => {
    const report = join(folder, "package.json");
    const status = await vitest(["--project=package"], { report, env: toolEnvironment() });
    const counts = countReport(report, status);
    say(`the packages     ${formatCounts(counts)}`);
    return counts.failed > 0 ? 1 : 0;
  });
}

/**
 * Builds everything once and runs the unit tests, and as root those on the kernel that have to do
 * with Node itself, under each Node that tools/checks has. Returns the status; `--reports` as for `test`.
 */
export async function testNodes(args) {
  await build();
  return withReports(args, async (folder) => {
    const lines = [];
    let failed = 0;
    for (const name of listNodes()) {
      say(`testing under ${name}`);
      const report = join(folder, `${name}.json`);
      const counts = countReport(report, await testUnder(binaryOf(name), report));
      failed += counts.failed;
      lines.push(`${name}   ${formatCounts(counts)}`);
    }
    for (const line of lines) say(line);
    if (lines.length === 0) say(`there are no other Nodes here for ${process.arch}`);
    return failed > 0 ? 1 : 0;
  });
}

/**
 * The Nodes to test under, named after their folders in tools/checks/node_modules: `node-24`. Their
 * npm packages are for Linux on x64, where each must be there; elsewhere those that are.
 */
export function listNodes() {
  const manifest = JSON.parse(readFileSync(join(CHECKS, "package.json"), "utf8"));
  return Object.keys(manifest.optionalDependencies)
    .filter((name) => /^node-\d+$/.test(name))
    .filter((name) => process.arch === "x64" || existsSync(binaryOf(name)));
}

function binaryOf(name) {
  return join(CHECKS, "node_modules", name, "bin", "node");
}

/**
 * What tells of the kernel and nothing of Node: it ran under the machine's own already. What is left has to do with its
 * event loop, its Workers, its memory, its end, or a whole program.
 */
const KERNEL_ONLY = [
  "tools/**",
  "packages/{bpf,driver}/**/*.net.test.ts",
  "packages/afxdp/test/io/**",
  "packages/afxdp/test/{cycles,device,frames,hints,illegal,interface,joined,memory,modes,one-way}*",
  "packages/afxdp/test/{options,own-program,refused,rollback,rules,sharing.net,steering}*",
  "native/test/{attaching,bpf-objects,errno,interface,link-monitor,loading,memory}.net.*",
  "native/test/{namespace,pins,placement,program,refused,socket-options}.net.*",
];

function testUnder(node, report) {
  const projects = ["unit", "stress", ...(missingCapabilities().length === 0 ? ["network"] : [])];
  // The tests' own children, too, are to run under this Node.
  const path = `${join(node, "..")}:${toolEnvironment().PATH}`;
  return vitest(
    projects.map((project) => `--project=${project}`),
    {
      node,
      report,
      reporter: "dot",
      env: { ...toolEnvironment(), PATH: path, AFXDP_EXCLUDE: KERNEL_ONLY.join(" ") },
    },
  );
}
