import { existsSync, readdirSync } from "node:fs";
import { runCommand } from "./host.js";

/** The names of a lab's two namespaces. */
export interface LabNames {
  readonly a: string;
  readonly b: string;
}

const DIRECTORY = "/run/netns";
const NAME = /^afxdp-(\d+)-\d+-[ab]$/;

/** Picks names that nobody has: `afxdp-PID-N-a` and `-b`. */
export function claimNames(): LabNames {
  for (let n = 0; ; n++) {
    const a = `afxdp-${process.pid}-${n}-a`;
    const b = `afxdp-${process.pid}-${n}-b`;
    if (!existsSync(`${DIRECTORY}/${a}`) && !existsSync(`${DIRECTORY}/${b}`)) return { a, b };
  }
}

/** Removes a lab's namespaces, those that exist. The devices go first: the kernel frees a namespace later. */
export function releaseNames(names: LabNames): void {
  removeNamespace(names.a, "va");
  removeNamespace(names.b, "vb");
}

/** Removes the namespaces of labs whose process is gone. */
export function sweepDeadLabs(): void {
  if (!existsSync(DIRECTORY)) return;
  for (const name of readdirSync(DIRECTORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    // Another process may be sweeping the same one: whoever is second finds nothing.
    try {
      removeNamespace(name, name.endsWith("a") ? "va" : "vb");
    } catch {}
  }
}

function removeNamespace(name: string, device: string): void {
  if (!existsSync(`${DIRECTORY}/${name}`)) return;
  try {
    runCommand("ip", ["-n", name, "link", "delete", "dev", device]);
  } catch {
    // A test may have removed, moved or renamed it.
  }
  runCommand("ip", ["netns", "delete", name]);
}
