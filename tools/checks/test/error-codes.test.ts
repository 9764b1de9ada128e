import { ERRORS } from "@afxdp/core";
import { expect, test } from "vitest";
import { stringsOf } from "../src/syntax.ts";
import { readPublished, readSources, type SourceFile } from "../src/workspace.ts";

const CODE = /^ERR_XDP_[A-Z0-9_]+$/;
const codes = Object.keys(ERRORS);

/** Tests of behaviour: not those of core, which make errors by hand. */
const tests = [
  ...readSources("packages", /\/test\/.*\.test\.ts$/),
  ...readSources("native/test", /\.test\.ts$/),
  ...readSources("tools/testkit", /\/test\/.*\.test\.ts$/),
].filter(({ path }) => !path.includes("packages/core/test/"));

function codesIn(files: readonly SourceFile[]): Set<string> {
  return new Set(files.flatMap(stringsOf).filter((text) => CODE.test(text)));
}

const provoked = codesIn(tests);

test.each(codes)("%s is provoked by a test", (code) => {
  expect([...provoked]).toContain(code);
});

test("every code that a source file names is in the list", () => {
  const sources = readPublished().flatMap((pkg) => pkg.sources);
  expect(codesIn(sources).size).toBeGreaterThan(0);
  expect([...codesIn(sources)].filter((code) => !codes.includes(code))).toEqual([]);
});

test("a code in a comment does not count", () => {
  const text = '// "ERR_XDP_STATE"\nexport const a = "ERR_XDP_CLOSED";';
  expect([...codesIn([{ path: "a.ts", text }])]).toEqual(["ERR_XDP_CLOSED"]);
});
