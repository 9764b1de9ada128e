import { expect, it } from "vitest";
import { abuseMany } from "../support/garbage.js";
import { KINDS } from "../support/pairs.js";

it.each(KINDS)(
  "the %s ring survives garbage in all its words from thirty thousand seeds",
  { timeout: 30_000 },
  (kind) => {
    expect(() => abuseMany(kind, 10_000, 40_000)).not.toThrow();
  },
);
