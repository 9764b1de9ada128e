import { readFileSync, readlinkSync } from "node:fs";

/** A process: its number is given to others when it is gone, so its start belongs to it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after the boot at which it began (field 22 of /proc/PID/stat). */
  readonly startTime: number;
  /** What its number means: the PID namespace, `"pid:[4026531836]"`. */
  readonly pidNamespace: string;
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  const { startTime } = readStat("self");
  return { pid: process.pid, startTime, pidNamespace: readlinkSync("/proc/self/ns/pid") };
}

/**
 * Whether a process still runs. One of another PID namespace counts as running, because nothing can be seen of it from
 * here.
 */
export function isRunning({ pid, startTime, pidNamespace }: ProcessIdentity): boolean {
  if (readlinkSync("/proc/self/ns/pid") !== pidNamespace) return true;
  try {
    const stat = readStat(String(pid));
    // A zombie holds nothing any more; it only waits for its parent to look.
    return stat.startTime === startTime && !"ZX".includes(stat.state);
  } catch {
    return false;
  }
}

function readStat(pid: string): { readonly state: string; readonly startTime: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the command's name in brackets, which may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTime: Number(fields[19]) };
}
