import { describe, expect, it } from "vitest";
import { KINDS, makePair, produce, STARTS } from "./support/pairs.js";

describe.each(KINDS)("the consumer of the %s ring", (kind) => {
  describe.each(STARTS)("starting at %i", (start) => {
    it("shows what is there, and a short count when that is less", () => {
      const pair = makePair(kind, 8, start);
      expect(pair.consumer.peek(4)).toBe(0);
      produce(pair, 3);
      expect(pair.consumer.peek(0)).toBe(0);
      expect(pair.consumer.peek(2)).toBe(2);
      expect(pair.consumer.peek(100)).toBe(3);
      expect([0, 1, 2].map((i) => pair.read(i))).toEqual([0, 1, 2]);
    });

    it("shows the same entries again until they are released", () => {
      const pair = makePair(kind, 8, start);
      produce(pair, 4);
      expect(pair.consumer.peek(4)).toBe(4);
      expect(pair.consumer.peek(1)).toBe(1);
      // The smaller request hid nothing.
      expect(pair.read(3)).toBe(3);
      pair.consumer.release(4);
      expect(pair.consumer.peek(4)).toBe(0);
    });

    it("releases a part and keeps the rest peeked, at the front", () => {
      const pair = makePair(kind, 8, start);
      produce(pair, 5);
      pair.consumer.peek(5);
      pair.consumer.release(2);
      expect(pair.producer.free()).toBe(5);
      expect([0, 1, 2].map((i) => pair.read(i))).toEqual([2, 3, 4]);
      pair.consumer.release(3);
      expect(pair.producer.free()).toBe(8);
    });

    it("counts what is available from a fresh look, peeked entries included", () => {
      const pair = makePair(kind, 8, start);
      expect(pair.consumer.available()).toBe(0);
      produce(pair, 8);
      expect(pair.consumer.available()).toBe(8);
      pair.consumer.peek(3);
      expect(pair.consumer.available()).toBe(8);
      pair.consumer.release(3);
      expect(pair.consumer.available()).toBe(5);
    });
  });
});
