import { XdpError } from "@afxdp/core";
import { checkRingSize } from "@afxdp/ring";
import { describe, expect, it } from "vitest";
import { codeOf } from "./support/code-of.js";

describe("checkRingSize", () => {
  it("takes each power of two from 1 to 65536 and nothing between", () => {
    const taken = new Set<number>();
    for (let power = 0; power <= 20; power++) {
      for (const n of [2 ** power - 1, 2 ** power, 2 ** power + 1, 3 * 2 ** power, -(2 ** power)]) {
        if (codeOf(() => checkRingSize(n)) === "none") taken.add(checkRingSize(n));
      }
    }
    expect([...taken].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 17 }, (_, power) => 2 ** power),
    );
  });

  const sizeless = { valueOf: () => 8 };
  it.each([
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["a fraction", 1.5],
    ["2^31", 2 ** 31],
    ["2^32 + 8", 2 ** 32 + 8],
    ["a string", "2048"],
    ["a bigint", 8n],
    ["undefined", undefined],
    ["null", null],
    ["true", true],
    ["an array", [8]],
    ["an object", sizeless],
    ["an object without a prototype", Object.create(null)],
    ["a symbol", Symbol("8")],
    ["a function", () => 8],
  ])("refuses %s", (_, entries) => {
    expect(codeOf(() => checkRingSize(entries))).toBe("ERR_XDP_RING_SIZE");
  });

  it("names the ring and what it was given", () => {
    expect(() => checkRingSize("2048", "the rx ring")).toThrow(/the rx ring .*"2048"/);
    expect(() => checkRingSize(3, "the rx ring")).toThrow(XdpError);
  });
});
