import { describe, expect, it } from "vitest";
import { consume, KINDS, makePair, produce, STARTS } from "./support/pairs.js";

describe.each(KINDS)("the producer of the %s ring", (kind) => {
  describe.each(STARTS)("starting at %i", (start) => {
    it("grants what is free, and a short count when that is less", () => {
      const pair = makePair(kind, 8, start);
      expect(pair.producer.reserve(0)).toBe(0);
      expect(pair.producer.reserve(5)).toBe(5);
      pair.producer.submit(5);
      expect(pair.producer.reserve(5)).toBe(3);
      pair.producer.submit(3);
      expect(pair.producer.reserve(1)).toBe(0);
      consume(pair, 2);
      expect(pair.producer.reserve(100)).toBe(2);
    });

    it("grants the same entries again until they are submitted", () => {
      const pair = makePair(kind, 8, start);
      expect(pair.producer.reserve(3)).toBe(3);
      pair.write(0, 100);
      expect(pair.producer.reserve(6)).toBe(6);
      pair.write(5, 105);
      expect(pair.producer.reserve(2)).toBe(2);
      // The smaller request took nothing back.
      pair.write(5, 106);
      for (let i = 1; i < 5; i++) pair.write(i, 100 + i);
      pair.producer.submit(6);
      expect(pair.consumer.peek(8)).toBe(6);
      expect(Array.from({ length: 6 }, (_, i) => pair.read(i))).toEqual([
        100, 101, 102, 103, 104, 106,
      ]);
    });

    it("submits a part and keeps the rest reserved, at the front", () => {
      const pair = makePair(kind, 8, start);
      pair.producer.reserve(4);
      for (let i = 0; i < 4; i++) pair.write(i, 10 + i);
      pair.producer.submit(1);
      expect(pair.consumer.available()).toBe(1);
      pair.write(0, 21);
      pair.producer.submit(3);
      expect(pair.consumer.peek(8)).toBe(4);
      expect([0, 1, 2, 3].map((i) => pair.read(i))).toEqual([10, 21, 12, 13]);
    });

    it("publishes nothing before submit, and nothing of a cancelled reservation", () => {
      const pair = makePair(kind, 8, start);
      pair.producer.reserve(4);
      pair.write(0, 1);
      expect(pair.consumer.available()).toBe(0);
      pair.producer.cancel();
      expect(pair.producer.audit().granted).toBe(0);
      expect(pair.producer.reserve(8)).toBe(8);
      expect(pair.consumer.available()).toBe(0);
    });

    it("counts what is pending and free from a fresh look", () => {
      const pair = makePair(kind, 8, start);
      expect([pair.producer.pending(), pair.producer.free()]).toEqual([0, 8]);
      expect(pair.producer.consumed()).toBe(true);
      produce(pair, 6);
      expect([pair.producer.pending(), pair.producer.free()]).toEqual([6, 2]);
      expect(pair.producer.consumed()).toBe(false);
      consume(pair, 5);
      expect([pair.producer.pending(), pair.producer.free()]).toEqual([1, 7]);
      consume(pair, 1);
      expect(pair.producer.consumed()).toBe(true);
    });
  });

  it("can be of one entry", () => {
    const pair = makePair(kind, 1, 2 ** 32 - 1);
    for (let round = 0; round < 4; round++) {
      produce(pair, 1);
      expect(pair.producer.reserve(1)).toBe(0);
      expect(pair.consumer.peek(2)).toBe(1);
      pair.consumer.release(1);
    }
    expect(pair.producer.audit().producer).toBe(3);
  });
});
