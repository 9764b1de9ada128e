import { join } from "node:path";
import { quietly, run } from "./child.mjs";
import { builderOptions } from "./environment.mjs";
import { ROOT } from "./plan.mjs";
import { checkPnpm } from "./pnpm.mjs";
import { Stop } from "./stop.mjs";

const BIN = join(ROOT, "node_modules", ".bin");

/** Brings node_modules in line with the lockfile; pnpm sees in a tenth of a second that it is. */
export async function installDependencies() {
  await checkPnpm(builderOptions());
  await quietly(
    "installing the npm packages",
    "pnpm",
    ["install", "--frozen-lockfile", "--config.confirmModulesPurge=false"],
    { ...builderOptions(), cure: "pnpm says above why." },
  );
}

/** Builds what changed since the last time. */
export async function build() {
  const status = await turbo("build");
  if (status !== 0) throw new Stop("The build failed; see above.", status);
}

/** Runs turbo tasks and returns turbo's status. */
export function turbo(...tasks) {
  return run(
    join(BIN, "turbo"),
    ["run", ...tasks, "--ui=stream", "--log-prefix=none"],
    builderOptions(),
  );
}

/** Runs vitest as ourselves with a JSON report into the file `report`, and returns its status. */
export function vitest(args, { node = process.execPath, reporter = "default", report, env }) {
  return run(
    node,
    [
      join(ROOT, "node_modules", "vitest", "vitest.mjs"),
      "run",
      `--reporter=${reporter}`,
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...args,
    ],
    { env },
  );
}
