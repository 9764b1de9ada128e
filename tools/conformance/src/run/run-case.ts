import { isXdpError } from "@afxdp/core";
import { Bench } from "../bench.js";
import type { Case } from "../cases/case.js";
import type { Column } from "../column.js";
import { Mismatch, Skip } from "../outcome.js";
import type { Pair } from "../pair.js";
import type { Profile } from "../profile/profile.js";
import type { Result } from "./result.js";

/** Runs one case in one column, undoes all that it did, and says how it went. Never throws. */
export function runCase(pair: Pair, column: Column, profile: Profile, entry: Case): Result {
  const started = performance.now();
  const result = (verdict: Result["verdict"], detail: string): Result => ({
    name: entry.name,
    column,
    verdict,
    detail,
    milliseconds: Math.round(performance.now() - started),
  });
  const { only, hugePages } = entry;
  if (only !== undefined && !only.modes.includes(column.mode)) return result("skip", only.reason);
  let attempted = false;
  const attempt = (): void => {
    attempted = true;
    runOnBench(new Bench(pair, column, profile), entry);
  };
  try {
    if (hugePages === undefined || pair.withHugePages === undefined) attempt();
    else pair.withHugePages(hugePages, attempt);
    return result("pass", "");
  } catch (error) {
    if (error instanceof Skip) return result("skip", error.message);
    // Without huge pages there was nothing to try.
    if (!attempted) return result("skip", error instanceof Error ? error.message : String(error));
    return result("FAIL", explain(error));
  }
}

function runOnBench(bench: Bench, entry: Case): void {
  try {
    bench.prepareWait();
    entry.run(bench);
  } catch (error) {
    try {
      bench.close();
    } catch (met) {
      // What went wrong first is the finding; a skipped case that cannot be undone is none.
      if (error instanceof Skip) throw met;
    }
    throw error;
  }
  bench.close();
}

/** What to print of an error: its message when that says all, its stack when it is a mistake of ours. */
export function explain(error: unknown): string {
  if (error instanceof Mismatch) return error.message;
  if (isXdpError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
