/**
 * What AF_XDP is held to: the cases of the kernel's own test program and more, over any `Kernel` and any pair of
 * interfaces that are connected.
 *
 * @packageDocumentation
 */
export { type Arguments, readArguments, UsageError } from "./arguments.js";
export type { Case } from "./cases/case.js";
export { CASES } from "./cases/index.js";
export { COLUMNS, type Column, columnName, MODES, type Mode, WAITS, type Wait } from "./column.js";
export { redirectObject } from "./generated/redirect.js";
export { type DisposablePair, type End, inside, type Pair } from "./pair.js";
export { Prober } from "./profile/probe.js";
export type { Profile } from "./profile/profile.js";
export type { Result, Verdict } from "./run/result.js";
export { runCase } from "./run/run-case.js";
export { runSuite, type Suite, type SuiteResult } from "./run/suite.js";
export {
  formatCounts,
  formatFailures,
  formatProfiles,
  formatSkips,
  formatTable,
} from "./run/table.js";
