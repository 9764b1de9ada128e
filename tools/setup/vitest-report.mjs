import { readFileSync } from "node:fs";

/**
 * Counts the tests in a report of vitest's JSON reporter.
 *
 * A file that could not even be loaded has no tests and counts as one failure. So does a run
 * that failed, or left no report, without one failed test to show for it; and one in which no
 * test ran, unless `mayBeEmpty`.
 */
export function countReport(path, status, { mayBeEmpty = false } = {}) {
  const counts = { passed: 0, failed: 0, skipped: 0, startTime: 0 };
  const report = readReport(path);
  counts.startTime = report?.startTime ?? 0;
  for (const file of report?.testResults ?? []) {
    const broken = file.status === "failed" && !file.assertionResults.some(isFailed);
    if (broken) counts.failed += 1;
    for (const test of file.assertionResults) {
      if (isFailed(test)) counts.failed += 1;
      else if (countsAsSkipped(test)) counts.skipped += 1;
      else counts.passed += 1;
    }
  }
  const empty = counts.passed === 0 && !mayBeEmpty;
  if (counts.failed === 0 && (status !== 0 || report === undefined || empty)) counts.failed = 1;
  return counts;
}

/** The tests that did not run: by name, or for a file of which none ran, their number. */
export function skippedTests(path, root) {
  return (readReport(path)?.testResults ?? []).flatMap((file) => {
    const name = file.name.replace(root, "");
    const skipped = file.assertionResults.filter((test) => countsAsSkipped(test));
    const none = skipped.length === file.assertionResults.length && skipped.length > 1;
    if (none) return [`${name} (${skipped.length} tests)`];
    return skipped.map((test) => `${name} > ${test.fullName}`);
  });
}

/** `N passed, N failed`, and `, N skipped` if any were. */
export function formatCounts({ passed, failed, skipped }) {
  const ran = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? ran : `${ran}, ${skipped} skipped`;
}

/** The sum of several counts. */
export function addCounts(list) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of list) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}

function isFailed(test) {
  return test.status === "failed";
}

function countsAsSkipped(test) {
  return !isFailed(test) && test.status !== "passed";
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
