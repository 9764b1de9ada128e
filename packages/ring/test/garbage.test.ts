import { describe, expect, it } from "vitest";
import { abuseMany, accepts } from "./support/garbage.js";
import { KINDS } from "./support/pairs.js";
import { seeded } from "./support/seeded.js";

describe.each(KINDS)("the %s ring whose words turn into garbage", (kind) => {
  it("grants at most its size and throws nothing but its own errors", () => {
    abuseMany(kind, 0, 10_000);
  });

  it("cannot be made unless the indices are at most its size apart", () => {
    const random = seeded(1);
    for (let round = 0; round < 2000; round++) {
      const producer = random();
      const consumer = round % 2 === 0 ? random() : (producer + (random() % 40) - 20) >>> 0;
      expect(accepts(kind, producer, consumer)).toBe((producer - consumer) >>> 0 <= 16);
    }
  });
});
