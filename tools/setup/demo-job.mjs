import { run } from "./child.mjs";
import { toolEnvironment } from "./environment.mjs";
import { DEMO } from "./plan.mjs";
import { missingCapabilities } from "./privileges.mjs";
import { Stop } from "./stop.mjs";
import { build } from "./workspace.mjs";

/** Stops early when the demo could not run: it makes network namespaces and opens AF_XDP sockets. */
export function checkDemo() {
  requireCapabilities("The demo", "npm run demo");
}

/** Stops when what `who` does, by `command`, is not permitted here. */
export function requireCapabilities(who, command) {
  if (process.platform !== "linux") return;
  const missing = missingCapabilities();
  if (missing.length === 0) return;
  throw new Stop(
    process.getuid() === 0
      ? `${who} needs ${missing.join(", ")}, which this container lacks. Start it with:\n  docker run --privileged ...`
      : `${who} makes network namespaces of its own, which needs root:\n  sudo ${command}`,
  );
}

/** Builds everything and runs the demo; returns its status. */
export async function demo() {
  await build();
  return run(process.execPath, [DEMO], { env: toolEnvironment() });
}
