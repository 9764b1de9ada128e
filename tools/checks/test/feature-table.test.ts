import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FEATURES } from "@afxdp/core";
import { expect, test } from "vitest";
import { ROOT } from "../src/workspace.ts";

const EXAMPLES = "packages/afxdp/examples";
const rows = readFileSync(join(ROOT, "README.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()))
  .filter((cells) => cells.length === 4);
const named = new Map(
  rows.map(([feature = "", , kernel]) => [/^`(\w+)`/.exec(feature)?.[1] ?? feature, kernel]),
);
const links = rows.flatMap(([, , , example = ""]) =>
  [...example.matchAll(/\]\(([^)]+)\)/g)].map(([, path = ""]) => path),
);

test.each(Object.entries(FEATURES))("the README has %s with its kernel", (name, entry) => {
  expect(named.get(name)).toBe(entry.minimumKernel);
});

test("the README has no feature that is not in the list", () => {
  const codes = rows.map(([feature = ""]) => /^`(\w+)`/.exec(feature)?.[1]);
  const unknown = codes.filter((name) => name !== undefined && !Object.hasOwn(FEATURES, name));
  expect(unknown).toEqual([]);
});

test("each example that the README links is there", () => {
  expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("each example is linked by the README", () => {
  const examples = readdirSync(join(ROOT, EXAMPLES)).filter((file) => file.endsWith(".mjs"));
  expect(examples.length).toBeGreaterThan(0);
  const linked = links.map((path) => path.replace(`${EXAMPLES}/`, ""));
  expect(examples.filter((file) => !linked.includes(file))).toEqual([]);
});
