import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Round {
  /** How often the heap was collected during ten million packets. */
  readonly collections: number;
  /** By how many bytes it grew or shrank. */
  readonly grown: number;
}

/** Measures several rounds; the first ones may still compile. The cleanest comes first. */
function measure(count: number, litter = ""): Round[] {
  const output = execFileSync(
    process.execPath,
    [
      "--trace-gc",
      // A nursery of 1 MiB: one object per batch already fills it several times.
      "--min-semi-space-size=1",
      "--max-semi-space-size=1",
      join(import.meta.dirname, "hot-path.mjs"),
      String(count),
      litter,
    ],
    { encoding: "utf8", timeout: 60_000 },
  );
  const rounds = output.split("MARK\n").slice(1);
  expect(rounds).toHaveLength(count);
  return rounds
    .map((round) => ({
      collections: round.split("\n").filter((line) => / ms: (Scavenge|Mark)/.test(line)).length,
      grown: Math.abs(Number(/^GROWN (-?\d+)$/m.exec(round)?.[1])),
    }))
    .sort((one, other) => one.collections - other.collections || one.grown - other.grown);
}

describe("ten million packets through all four kinds of ends", { timeout: 60_000 }, () => {
  it("leave no garbage", () => {
    const [best] = measure(5);
    expect(best?.collections).toBe(0);
    // Less than half a byte for each batch of 64: what the measurement takes.
    expect(best?.grown).toBeLessThan(64 * 1024);
  });

  it("would be caught leaving an object per batch or per packet", () => {
    expect(measure(2, "per-batch")[0]?.collections).toBeGreaterThan(0);
    expect(measure(1, "per-packet")[0]?.collections).toBeGreaterThan(100);
  });
});
