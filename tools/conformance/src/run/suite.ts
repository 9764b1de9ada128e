import { setImmediate } from "node:timers/promises";
import type { Case } from "../cases/case.js";
import type { Column, Mode } from "../column.js";
import type { Pair } from "../pair.js";
import { Prober } from "../profile/probe.js";
import type { Profile } from "../profile/profile.js";
import type { Result } from "./result.js";
import { explain, runCase } from "./run-case.js";

/** What to run. */
export interface Suite {
  readonly pair: Pair;
  readonly cases: readonly Case[];
  readonly columns: readonly Column[];
  /** Called with each result. */
  readonly onResult?: (result: Result) => void;
  /** Asked before each case; true ends the run, with all that was done undone. */
  readonly stopped?: () => boolean;
}

/** How it went. */
export interface SuiteResult {
  readonly results: readonly Result[];
  /** What was found out, by the mode. */
  readonly profiles: ReadonlyMap<Mode, Profile>;
}

/** Runs cases in columns, one after the other. The event loop has a turn between them. */
export async function runSuite(suite: Suite): Promise<SuiteResult> {
  const { pair, cases, columns, onResult, stopped = () => false } = suite;
  const prober = new Prober(pair);
  const results: Result[] = [];
  const profiles = new Map<Mode, Profile>();
  for (const column of columns) {
    const runOne = look(pair, prober, column, profiles);
    for (const entry of cases) {
      await setImmediate();
      if (stopped()) return { results, profiles };
      const result = runOne(entry);
      results.push(result);
      onResult?.(result);
    }
  }
  return { results, profiles };
}

/**
 * Finds out about a column. Returns what runs a case in it, or says of each why it cannot: skipped where the devices do
 * not have the column, failed where not even the probes get through.
 */
function look(
  pair: Pair,
  prober: Prober,
  column: Column,
  profiles: Map<Mode, Profile>,
): (entry: Case) => Result {
  try {
    const missing = prober.missing(column);
    if (missing !== undefined) return (entry) => notRun(entry, column, "skip", missing);
    const profile = prober.profile(column.mode);
    profiles.set(column.mode, profile);
    return (entry) => runCase(pair, column, profile, entry);
  } catch (error) {
    const detail = `the probes for the profile failed: ${explain(error)}`;
    return (entry) => notRun(entry, column, "FAIL", detail);
  }
}

const notRun = (
  { name }: Case,
  column: Column,
  verdict: Result["verdict"],
  detail: string,
): Result => ({ name, column, verdict, detail, milliseconds: 0 });
