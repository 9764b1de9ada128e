import { setImmediate } from "node:timers/promises";
import type { Case } from "../cases/case.js";
import type { Column, Mode } from "../column.js";
import type { Pair } from "../pair.js";
import { Prober } from "../profile/probe.js";
import type { Profile } from "../profile/profile.js";
import type { Result } from "./result.js";
import { runCase } from "./run-case.js";

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
    const missing = prober.missing(column);
    if (missing === undefined) profiles.set(column.mode, prober.profile(column.mode));
    for (const entry of cases) {
      await setImmediate();
      if (stopped()) return { results, profiles };
      const result =
        missing === undefined
          ? runCase(pair, column, prober.profile(column.mode), entry)
          : skipped(entry, column, missing);
      results.push(result);
      onResult?.(result);
    }
  }
  return { results, profiles };
}

const skipped = ({ name }: Case, column: Column, detail: string): Result => ({
  name,
  column,
  verdict: "skip",
  detail,
  milliseconds: 0,
});
