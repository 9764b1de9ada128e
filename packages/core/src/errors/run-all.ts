import { isXdpError } from "./xdp-error.js";

/** Throws the first of several errors, with the others in its `suppressed`; nothing when there is none. */
export function throwFirst(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  const [first, ...others] = errors;
  if (isXdpError(first)) first.suppressed.push(...others);
  throw first;
}

/** Runs every task, also after one has failed; throws the first error, with the others in its `suppressed`. */
export function runAll(tasks: Iterable<() => void>): void {
  const errors: unknown[] = [];
  for (const task of tasks) {
    try {
      task();
    } catch (error) {
      errors.push(error);
    }
  }
  throwFirst(errors);
}
