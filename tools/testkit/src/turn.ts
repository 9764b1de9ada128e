import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { threadId } from "node:worker_threads";

const ROOT = "/run";
const PATIENCE_MS = 120_000;

/** A turn at something that only one thread of the machine may do at a time. */
export interface Turn {
  /** Writes down what the next in turn has to undo, should this process be killed. */
  leave(text: string): void;
  /** Lets the next one. */
  end(): void;
}

/**
 * Waits for a turn, blocking the thread. `cleanUp` is called with what a process that was killed in its turn had left.
 * Throws when this thread has the turn already, or when another keeps it for two minutes.
 *
 * Who wants the turn makes a file that names its process, and has the turn when the directory has no other of a
 * process that lives. Of two that come together each sees the other, or at least one does: both never have it. Who
 * sees another takes its file back and tries again a random moment later.
 */
export function takeTurn(name: string, cleanUp: (left: string) => void): Turn {
  const directory = `${ROOT}/${name}`;
  const mine = `${process.pid}.${startOf(process.pid)}.${threadId}`;
  const path = `${directory}/${mine}`;
  mkdirSync(directory, { recursive: true });
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    // Fails when the file is there: then this thread would wait for itself.
    writeFileSync(path, "", { flag: "wx" });
    const others = readdirSync(directory).filter((file) => file !== mine);
    const living = others.filter(isAlive);
    if (living.length === 0) {
      for (const file of others) {
        const left = readFileSync(`${directory}/${file}`, "utf8");
        if (left !== "") cleanUp(left);
        rmSync(`${directory}/${file}`);
      }
      break;
    }
    rmSync(path);
    if (Date.now() > until) throw new Error(`${directory} is held by ${living.join(", ")}.`);
    pause(5 + Math.random() * 20);
  }
  return {
    leave: (text) => writeFileSync(path, text),
    end: () => rmSync(path, { force: true }),
  };
}

/** Whether the process that made a file lives; its start tells it from a later one of the same number. */
function isAlive(file: string): boolean {
  const [pid, start] = file.split(".");
  return startOf(Number(pid)) === start;
}

/** When a process started (/proc/PID/stat, field 22), in ticks since the machine did; nothing when there is none. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses, which may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Lets the thread sleep. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
