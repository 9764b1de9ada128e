import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EXAMPLES } from "../support/example.js";

const files = readdirSync(EXAMPLES);
const tests = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".net.test.ts"))
  .map((file) => readFileSync(join(import.meta.dirname, file), "utf8"))
  .join("\n");

it.each(files)("%s is run by a test", (file) => {
  // A program in C is compiled and given to the example of its name.
  const name = file.replace(".bpf.c", ".mjs");
  expect(tests).toMatch(new RegExp(`start\\(\\w+\\.a, "${name}"`));
});

it.each(files)("%s has 60 lines at most", (file) => {
  const lines = readFileSync(join(EXAMPLES, file), "utf8").trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(60);
});
