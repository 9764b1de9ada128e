import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { quietly } from "./child.mjs";
import { PNPM_VERSION, ROOT } from "./plan.mjs";
import { Stop } from "./stop.mjs";

const PRIVATE = join(ROOT, ".cache", `pnpm-${PNPM_VERSION}`);

// The binary itself, not the launcher in node_modules/.bin: that one is a script without a
// shebang until pnpm's install scripts replace it, and npm blocks those more and more.
const PRIVATE_BIN = join(PRIVATE, "node_modules", "@pnpm", `exe.linux-${process.arch}`);

/** PATH with the private pnpm in front, if there is one. */
export function searchPath() {
  const path = process.env.PATH ?? "";
  return existsSync(PRIVATE_BIN) ? `${PRIVATE_BIN}${delimiter}${path}` : path;
}

/**
 * Makes sure that a pnpm of the right major version is on `searchPath()`. If there is none, npm
 * installs it into a folder of the workspace, where it is in nobody's way.
 */
export async function checkPnpm(options) {
  if (hasPnpm()) return;
  const args = ["install", "--prefix", PRIVATE, "--ignore-scripts", "--no-fund", "--no-audit"];
  const label = `installing pnpm ${PNPM_VERSION} into .cache`;
  const cure = "npm says above why.";
  await quietly(label, "npm", [...args, `pnpm@${PNPM_VERSION}`], { ...options, cure });
  if (hasPnpm()) return;
  throw new Stop(
    `pnpm was installed but cannot be run. Install it with:\n  npm install --global pnpm@${PNPM_VERSION}`,
  );
}

function hasPnpm() {
  const path = searchPath();
  const file = path
    .split(delimiter)
    .map((folder) => join(folder, "pnpm"))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (file === undefined || !isExecutable(file)) return false;
  const env = { ...process.env, PATH: path };
  const result = spawnSync(file, ["--version"], { cwd: ROOT, env, encoding: "utf8" });
  return result.status === 0 && major(result.stdout.trim()) === major(PNPM_VERSION);
}

/** Tells whether the kernel can run a file: not so the launcher without a shebang, see above. */
function isExecutable(path) {
  const start = Buffer.alloc(4);
  try {
    const file = openSync(path);
    try {
      readSync(file, start);
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // not ours to read, so not ours to run
  }
  return start.toString("latin1") === "\x7fELF" || start.subarray(0, 2).toString() === "#!";
}

function major(version) {
  return version.split(".")[0];
}
