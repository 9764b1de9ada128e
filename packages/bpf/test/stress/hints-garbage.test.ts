import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

/** The fewest collections of the heap in a round; the first ones may still compile. */
function collections(rounds: number, litter = ""): number {
  const script = join(import.meta.dirname, "read-hints.mjs");
  // A nursery of 1 MiB: an object per packet fills it many times.
  const nursery = ["--min-semi-space-size=1", "--max-semi-space-size=1"];
  const output = execFileSync(
    process.execPath,
    ["--trace-gc", ...nursery, script, String(rounds), litter],
    { encoding: "utf8", timeout: 60_000 },
  );
  const marked = output.split("MARK\n").slice(1);
  expect(marked).toHaveLength(rounds);
  const counts = marked.map((text) => text.match(/ ms: (Scavenge|Mark)/g)?.length ?? 0);
  return Math.min(...counts);
}

it("reading the hints of two million packets leaves no garbage", () => {
  expect(collections(5)).toBe(0);
});

it("and would be caught if it left some, as the bigint does", () => {
  expect(collections(2, "bigint")).toBeGreaterThan(10);
});
