import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { runCommand } from "./host.js";

/** A BPF file system of its own, for pins. */
export interface BpfFs {
  /** Where it is mounted; names in it must be without dots. */
  readonly path: string;
  /** Unmounts it, and with it goes what is pinned there. Idempotent; also done on process exit. */
  close(): void;
}

const DIRECTORY = "/tmp";
const NAME = /^afxdp-bpf-(\d+)-\d+$/;

/**
 * Mounts an empty BPF file system at `/tmp/afxdp-bpf-PID-N`, so that a test's pins are nobody else's. Needs root. What
 * a killed process left behind is removed by the next call.
 */
export function mountBpfFs(): BpfFs {
  sweepDeadMounts();
  let n = 0;
  while (existsSync(`${DIRECTORY}/afxdp-bpf-${process.pid}-${n}`)) n++;
  const path = `${DIRECTORY}/afxdp-bpf-${process.pid}-${n}`;
  mkdirSync(path);
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    process.off("exit", close);
    runCommand("umount", [path]);
    rmdirSync(path);
  };
  try {
    runCommand("mount", ["-t", "bpf", "bpf", path]);
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
  process.once("exit", close);
  return { path, close };
}

function sweepDeadMounts(): void {
  for (const name of readdirSync(DIRECTORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    // Another process may be sweeping the same one, or its owner died before it was mounted.
    try {
      runCommand("umount", [`${DIRECTORY}/${name}`]);
    } catch {}
    try {
      rmdirSync(`${DIRECTORY}/${name}`);
    } catch {}
  }
}
