import type { Bench } from "../bench.js";
import type { Mode } from "../column.js";

/** One case of the suite. */
export interface Case {
  /** Its number in the kernel's own test program; absent from those that the program leaves out. */
  readonly number?: number;
  readonly name: string;
  /** What it asserts, in a sentence. */
  readonly about: string;
  /** The modes in which it means something, and why it does not in others; all when absent. */
  readonly only?: { readonly modes: readonly Mode[]; readonly reason: string };
  /** Bytes of huge pages that it needs. */
  readonly hugePages?: number;
  /** Runs it: returns when it passed, throws a Skip, a Mismatch or what else went wrong. */
  run(bench: Bench): void;
}
