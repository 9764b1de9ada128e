import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../src/workspace.ts";

const lines = readFileSync(join(ROOT, "packages/driver/docs/kernel-rules.md"), "utf8").split("\n");
const rows = lines
  .filter((line) => line.startsWith("| ") && !line.startsWith("| rule |"))
  .map((line) =>
    line
      .slice(2, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
/** Where test names may stand: in tests and what they are made of, and among the cases of the conformance suite. */
const PLACE = /\/test\/|^tools\/conformance\/src\/cases\//;

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
}

/** What a cell names: `path` › name, joined by <br>. */
function witnesses(cell: string): { path: string; name: string }[] {
  return cell.split("<br>").map((part) => {
    const [path = "", name = ""] = part.split(" › ");
    return { path: codeIn(path)[0] ?? "", name };
  });
}

test("the table has rules", () => {
  expect(rows.length).toBeGreaterThan(80);
});

describe.each(rows.map((cells) => [cells[0] ?? "", cells] as const))("%s", (_, cells) => {
  test("has all four cells", () => {
    expect(cells.length).toBe(4);
    for (const cell of cells) expect(cell).not.toBe("");
  });

  test("is kept in files that are there", () => {
    const paths = codeIn(cells[2] ?? "");
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("is shown by tests that are there", () => {
    for (const { path, name } of witnesses(cells[3] ?? "")) {
      expect(path).toMatch(PLACE);
      expect(name).not.toBe("");
      expect(readFileSync(join(ROOT, path), "utf8")).toContain(name);
    }
  });
});
