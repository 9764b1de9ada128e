import { isXdpError } from "@afxdp/core";

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
  if (errors.length === 0) return;
  const [first, ...others] = errors;
  if (isXdpError(first)) first.suppressed.push(...others);
  throw first;
}
