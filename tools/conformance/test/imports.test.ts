import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SRC = new URL("../src/", import.meta.url);
const PORTABLE = ["cases", "profile", "program", "socket", "traffic"];
const ALLOWED = ["@afxdp/core", "@afxdp/ring", "@afxdp/umem"];

const files = PORTABLE.flatMap((folder) =>
  readdirSync(new URL(folder, SRC)).map((file) => `${folder}/${file}`),
).concat("bench.ts", "pair.ts", "outcome.ts", "column.ts", "run/run-case.ts");

test.each(files)("%s knows a Kernel, rings and an arena, and nothing of Linux or Node", (file) => {
  const text = readFileSync(new URL(file, SRC), "utf8");
  const imported = [...text.matchAll(/ from "([^".][^"]*)"/g)].map(([, name]) => name);
  expect(imported.filter((name) => !ALLOWED.includes(name ?? ""))).toEqual([]);
  expect(text).not.toMatch(/\bprocess\.|\bBuffer\b|\brequire\(/);
});
