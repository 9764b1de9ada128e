/**
 * What the kernel's AF_XDP is held to: the cases of its own test program and more, over any `Kernel` and any pair of
 * interfaces.
 *
 * @packageDocumentation
 */
export type { Case } from "./cases/case.js";
export { CASES } from "./cases/index.js";
export { COLUMNS, type Column, columnName, MODES, type Mode, WAITS, type Wait } from "./column.js";
export type { DisposablePair, End, Pair } from "./pair.js";
export { Prober } from "./profile/probe.js";
export type { Profile } from "./profile/profile.js";
export type { Result, Verdict } from "./run/result.js";
export { runCase } from "./run/run-case.js";
