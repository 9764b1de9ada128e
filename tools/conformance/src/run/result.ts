import type { Column } from "../column.js";

/** How one case went in one column. */
export type Verdict = "pass" | "FAIL" | "skip";

/** One cell of the table. */
export interface Result {
  readonly name: string;
  readonly column: Column;
  readonly verdict: Verdict;
  /** Why it was skipped, or what failed; empty when it passed. */
  readonly detail: string;
  readonly milliseconds: number;
}
