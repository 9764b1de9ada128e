import {
  type Column,
  formatCounts,
  formatFailures,
  formatProfiles,
  formatSkips,
  formatTable,
  type Mode,
  type Profile,
  type Result,
} from "@afxdp/conformance";
import { expect, test } from "vitest";

const SKB: Column = { mode: "SKB", wait: "interrupt" };
const DRV: Column = { mode: "DRV", wait: "busy poll" };

const result = (name: string, column: Column, verdict: Result["verdict"], detail = ""): Result => ({
  name,
  column,
  verdict,
  detail,
  milliseconds: 1,
});

const entry = (name: string, number?: number) => ({
  name,
  about: "",
  run: () => undefined,
  ...(number !== undefined && { number }),
});

const RESULTS = [
  result("ONE", SKB, "pass"),
  result("ONE", DRV, "FAIL", "saw 1\nsaw 2"),
  result("MORE", SKB, "skip", "no rings"),
];

test("has a row for each case and a column for each mode, and a dash where nothing was run", () => {
  expect(formatTable([entry("ONE", 7), entry("MORE")], [SKB, DRV], RESULTS).split("\n")).toEqual([
    "         SKB        DRV",
    "   case  interrupt  busy poll",
    "7  ONE   pass       FAIL",
    "+  MORE  skip       -",
  ]);
});

test("says why cases were skipped, each reason once", () => {
  const results = [...RESULTS, result("ONE", SKB, "skip", "no rings")];
  expect(formatSkips(results)).toBe("  no rings: MORE, ONE (SKB, interrupt)");
});

test("shows all lines of what failed", () => {
  expect(formatFailures(RESULTS)).toBe("  ONE (DRV, busy poll):\n    saw 1\n    saw 2");
});

test("shows the profile, by the mode where the modes differ", () => {
  const profiles = new Map<Mode, Profile>();
  const one = { multiBuffer: true, maxHeadroom2048: 1 } as Profile;
  profiles.set("SKB", one);
  profiles.set("DRV", { ...one, maxHeadroom2048: 2 });
  expect(formatProfiles(profiles).split("\n")).toEqual([
    "  multiBuffer      true",
    "  maxHeadroom2048  SKB 1, DRV 2",
  ]);
  expect(formatProfiles(new Map())).toBe("");
});

test("counts on the last line", () => {
  expect(formatCounts(RESULTS, 1.26)).toBe("1 passed, 1 failed, 1 skipped in 1.3 s");
});
