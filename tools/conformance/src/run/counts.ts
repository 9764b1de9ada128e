import type { Result, Verdict } from "./result.js";

/** How many results there are of each verdict. */
export type Counts = Readonly<Record<Verdict, number>>;

export function countResults(results: readonly Result[]): Counts {
  const count = (verdict: Verdict): number =>
    results.filter((result) => result.verdict === verdict).length;
  return { pass: count("pass"), FAIL: count("FAIL"), skip: count("skip") };
}
