import { layoutRing } from "@afxdp/ring";
import { describe, expect, it } from "vitest";
import { codeOf } from "./support/code-of.js";

describe("layoutRing", () => {
  it("puts the words where Linux puts them, relative to the offset", () => {
    expect(layoutRing({ entries: 4, entrySize: 8 })).toEqual({
      entries: 4,
      producer: 0,
      consumer: 128,
      flags: 196,
      desc: 320,
      byteLength: 320 + 4 * 8,
    });
    expect(layoutRing({ entries: 2048, entrySize: 16, offset: 4096 })).toEqual({
      entries: 2048,
      producer: 4096,
      consumer: 4096 + 128,
      flags: 4096 + 196,
      desc: 4096 + 320,
      byteLength: 320 + 2048 * 16,
    });
  });

  it("makes a plan that survives postMessage", () => {
    const plan = layoutRing({ entries: 8, entrySize: 16, offset: 64 });
    expect(structuredClone(plan)).toEqual(plan);
    expect(Object.getPrototypeOf(plan)).toBe(Object.prototype);
  });

  it.each([0, 3, -1, 1.5, Number.NaN, 2 ** 31, 131072, "2048", undefined, null, 8n])(
    "refuses %s entries",
    (entries) => {
      expect(codeOf(() => layoutRing({ entries: entries as number, entrySize: 8 }))).toBe(
        "ERR_XDP_RING_SIZE",
      );
    },
  );

  it.each([0, 4, 12, 32, "8", undefined, Number.NaN])(
    "refuses entries of %s bytes",
    (entrySize) => {
      expect(codeOf(() => layoutRing({ entries: 8, entrySize: entrySize as 8 }))).toBe(
        "ERR_XDP_ARGUMENT",
      );
    },
  );

  it.each([-8, 4, 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, "0", null])(
    "refuses the offset %s",
    (offset) => {
      expect(codeOf(() => layoutRing({ entries: 8, entrySize: 8, offset: offset as number }))).toBe(
        "ERR_XDP_RING_MEMORY",
      );
    },
  );
});
