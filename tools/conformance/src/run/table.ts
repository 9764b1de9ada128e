import type { Case } from "../cases/case.js";
import type { Mode } from "../column.js";
import { type Column, columnName } from "../column.js";
import type { Profile } from "../profile/profile.js";
import { countResults } from "./counts.js";
import type { Result } from "./result.js";

const GAP = "  ";

/** The table: a row for each case, a column for each mode and way of waiting. */
export function formatTable(
  cases: readonly Case[],
  columns: readonly Column[],
  results: readonly Result[],
): string {
  const verdicts = new Map(
    results.map(({ name, column, verdict }) => [`${name} ${columnName(column)}`, verdict]),
  );
  const rows = [
    ["", "", ...columns.map(({ mode }) => mode)],
    ["", "case", ...columns.map(({ wait }) => wait)],
    ...cases.map(({ number, name }) => [
      number === undefined ? "+" : `${number}`,
      name,
      ...columns.map((column) => verdicts.get(`${name} ${columnName(column)}`) ?? "-"),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? "").length)),
  );
  const pad = (cell: string, i: number): string =>
    i === 0 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
  return rows.map((row) => row.map(pad).join(GAP).trimEnd()).join("\n");
}

/** Why cases were skipped: a line for each reason and case, with the columns. */
export function formatSkips(results: readonly Result[]): string {
  const reasons = new Map<string, Map<string, string[]>>();
  for (const { name, column, verdict, detail } of results) {
    if (verdict !== "skip") continue;
    const cases = reasons.get(detail) ?? new Map<string, string[]>();
    reasons.set(detail, cases);
    cases.set(name, [...(cases.get(name) ?? []), columnName(column)]);
  }
  return [...reasons].map(([reason, cases]) => `${GAP}${reason}: ${whom(cases)}`).join("\n");
}

function whom(cases: ReadonlyMap<string, readonly string[]>): string {
  const columns = new Set([...cases.values()].map((names) => names.join("; ")));
  const [only] = columns;
  const names = cases.size > 6 ? `${cases.size} cases` : [...cases.keys()].join(", ");
  return columns.size === 1 ? `${names} (${only})` : names;
}

/** What failed, and what was seen. */
export function formatFailures(results: readonly Result[]): string {
  return results
    .filter(({ verdict }) => verdict === "FAIL")
    .map(({ name, column, detail }) => {
      const text = detail.replaceAll("\n", `\n${GAP}${GAP}`);
      return `${GAP}${name} (${columnName(column)}):\n${GAP}${GAP}${text}`;
    })
    .join("\n");
}

/** What was found out: a line for each answer, with the modes when they differ. */
export function formatProfiles(profiles: ReadonlyMap<Mode, Profile>): string {
  const [first] = profiles.values();
  if (first === undefined) return "";
  const keys = Object.keys(first) as (keyof Profile)[];
  const width = Math.max(...keys.map((key) => key.length));
  return keys
    .map((key) => {
      const values = [...profiles].map(([mode, profile]) => ({ mode, value: `${profile[key]}` }));
      const same = new Set(values.map(({ value }) => value)).size === 1;
      const text = same
        ? `${first[key]}`
        : values.map(({ mode, value }) => `${mode} ${value}`).join(", ");
      return `${GAP}${key.padEnd(width)}${GAP}${text}`;
    })
    .join("\n");
}

/** The last line. */
export function formatCounts(results: readonly Result[], seconds: number): string {
  const { pass, FAIL, skip } = countResults(results);
  return `${pass} passed, ${FAIL} failed, ${skip} skipped in ${seconds.toFixed(1)} s`;
}
