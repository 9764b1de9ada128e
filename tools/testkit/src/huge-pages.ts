import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pause, takeTurn } from "./turn.js";

const ROOT = "/sys/kernel/mm/hugepages";
/** What the kernel needs for it may have to be moved first; after so many tries there is not enough. */
const TRIES = 5;
const PATIENCE_MS = 5000;
const STEP_MS = 5;

/**
 * Runs `body` with `count` more huge pages of `sizeKb` KiB than there were, and gives them back when it is done: when
 * it returns or throws, or when the promise that it returns settles. One process of the machine does so at a time,
 * and the others wait; what a killed one left behind, the next gives back. Throws when the kernel has no pages of this
 * size, or has not the memory. Needs root.
 */
export function withHugePages<T>(count: number, sizeKb: number, body: () => T): T {
  const directory = `${ROOT}/hugepages-${sizeKb}kB`;
  if (!existsSync(directory)) {
    const sizes = existsSync(ROOT) ? readdirSync(ROOT).join(", ") : "none";
    throw new Error(`No huge pages of ${sizeKb} KiB here; there are: ${sizes}.`);
  }
  const turn = takeTurn("afxdp-huge-pages", (left) => {
    const [changed, before] = JSON.parse(left) as [string, number];
    restore(changed, before);
  });
  const before = persistent(directory);
  const giveBack = (): void => {
    try {
      restore(directory, before);
    } finally {
      turn.end();
    }
  };
  let result: T;
  try {
    settle(directory);
    turn.leave(JSON.stringify([directory, before]));
    raise(directory, before + count);
    result = body();
  } catch (error) {
    giveBack();
    throw error;
  }
  if (result instanceof Promise) return result.finally(giveBack) as T;
  giveBack();
  return result;
}

function raise(directory: string, pages: number): void {
  for (let i = 0; i < TRIES; i++) {
    set(directory, pages);
    if (persistent(directory) >= pages) return;
  }
  const got = persistent(directory);
  throw new Error(`The kernel has memory for ${got} of ${pages} huge pages only (${directory}).`);
}

function restore(directory: string, before: number): void {
  set(directory, before);
  settle(directory);
}

/**
 * Waits until pages that are over are free. The kernel frees a UMEM's a moment after its socket is closed; until then
 * they count beside those that are wanted, and would be taken for new ones.
 */
function settle(directory: string): void {
  for (let waited = 0; read(directory, "surplus_hugepages") > 0; waited += STEP_MS) {
    if (waited >= PATIENCE_MS) throw new Error(`Huge pages are still in use (${directory}).`);
    pause(STEP_MS);
  }
}

function set(directory: string, pages: number): void {
  writeFileSync(`${directory}/nr_hugepages`, `${pages}`);
}

/** Pages that stay when nobody uses them. */
function persistent(directory: string): number {
  return read(directory, "nr_hugepages") - read(directory, "surplus_hugepages");
}

function read(directory: string, name: string): number {
  return Number(readFileSync(`${directory}/${name}`, "utf8"));
}
