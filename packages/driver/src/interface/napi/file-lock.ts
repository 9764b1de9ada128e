import { randomUUID } from "node:crypto";
import { readlinkSync, symlinkSync, unlinkSync } from "node:fs";
import { ERRNO, XdpSystemError } from "@afxdp/core";
import { ifThere, unless, withFile } from "./file-error.js";
import { isRunning, type ProcessIdentity, thisProcess } from "./process-identity.js";

/** How long another may hold the lock, in milliseconds: it is held for a few file operations. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Runs something while no other process or thread does under the same lock. The lock is a symbolic link whose target
 * names its holder: it is made at once with its content, exclusively, and the lock of a process that is gone is broken.
 * Blocks the thread while another holds it.
 *
 * @throws XdpSystemError ERR_XDP_SYSCALL with ETIMEDOUT when the same one has held it for 5 seconds, ERR_XDP_PERMISSION
 */
export function withLock<T>(path: string, action: () => T): T {
  const holder = describe(thisProcess());
  acquire(path, holder);
  try {
    return action();
  } finally {
    withFile(path, () => unlinkSync(path));
  }
}

function acquire(path: string, holder: string): void {
  let waitsFor: string | undefined;
  let deadline = 0;
  for (;;) {
    const made = withFile(path, () =>
      unless("EEXIST", () => {
        symlinkSync(holder, path);
        return true;
      }),
    );
    if (made === true) return;
    const other = readHolder(path);
    if (other === undefined) continue; // let go just now
    if (other !== waitsFor) {
      waitsFor = other;
      deadline = performance.now() + PATIENCE_MS;
    }
    if (!holds(other)) breakLock(path, other);
    else if (performance.now() >= deadline) throw timedOut(path, other);
    else Atomics.wait(sleeper, 0, 0, PAUSE_MS);
  }
}

/**
 * Removes the lock of a process that is gone. Only one may do so, under a lock of its own, and only after looking again:
 * otherwise a second one, slower, would remove the lock that a third has taken since.
 */
function breakLock(path: string, dead: string): void {
  withLock(`${path}.break`, () => {
    if (readHolder(path) === dead) withFile(path, () => unlinkSync(path));
  });
}

function readHolder(path: string): string | undefined {
  return withFile(path, () => ifThere(() => readlinkSync(path)));
}

/** The last part tells the locks of one process from each other. */
function describe({ pid, startTime, pidNamespace }: ProcessIdentity): string {
  return [pid, startTime, pidNamespace, randomUUID()].join(" ");
}

function holds(holder: string): boolean {
  const [pid = "", startTime = "", pidNamespace = ""] = holder.split(" ");
  return isRunning({ pid: Number(pid), startTime: Number(startTime), pidNamespace });
}

function timedOut(path: string, holder: string): XdpSystemError {
  return new XdpSystemError({
    step: "setting",
    syscall: "symlink",
    errno: ERRNO.ETIMEDOUT,
    given: `the lock ${path}, which process ${holder.split(" ")[0]} holds`,
    hint: "Find out what stops that process. Remove the lock by hand if only a thread of it was terminated, or if it was in another PID namespace and is gone.",
  });
}
