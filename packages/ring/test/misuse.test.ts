import { describe, expect, it } from "vitest";
import { codeOf } from "./support/code-of.js";
import { KINDS, makePair, produce } from "./support/pairs.js";

const NOT_A_COUNT: readonly unknown[] = [
  -1,
  0.5,
  2 ** 32,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "1",
  undefined,
  null,
  {},
];

describe.each(KINDS)("the %s ring", (kind) => {
  it.each(NOT_A_COUNT)("refuses the count %s and goes on as before", (count) => {
    const pair = makePair(kind, 8);
    produce(pair, 3);
    pair.producer.reserve(2);
    pair.consumer.peek(2);
    const before = pair.words.slice();
    const n = count as number;
    expect(codeOf(() => pair.producer.reserve(n))).toBe("ERR_XDP_ARGUMENT");
    expect(codeOf(() => pair.consumer.peek(n))).toBe("ERR_XDP_ARGUMENT");
    expect(codeOf(() => pair.producer.submit(n))).toBe("ERR_XDP_RING_MISUSE");
    expect(codeOf(() => pair.consumer.release(n))).toBe("ERR_XDP_RING_MISUSE");
    expect(pair.words).toEqual(before);
    expect(pair.producer.audit()).toMatchObject({ ok: true, granted: 2 });
    expect(pair.consumer.audit()).toMatchObject({ ok: true, granted: 2 });
  });

  it("submits no more than was reserved", () => {
    const pair = makePair(kind, 8);
    expect(codeOf(() => pair.producer.submit(1))).toBe("ERR_XDP_RING_MISUSE");
    pair.producer.reserve(3);
    expect(codeOf(() => pair.producer.submit(4))).toBe("ERR_XDP_RING_MISUSE");
    pair.producer.submit(2);
    expect(codeOf(() => pair.producer.submit(2))).toBe("ERR_XDP_RING_MISUSE");
    pair.producer.submit(1);
    pair.producer.submit(0);
    expect(pair.consumer.available()).toBe(3);
  });

  it("submits nothing of what was cancelled", () => {
    const pair = makePair(kind, 8);
    pair.producer.reserve(3);
    pair.producer.cancel();
    expect(codeOf(() => pair.producer.submit(1))).toBe("ERR_XDP_RING_MISUSE");
    expect(codeOf(() => pair.write(0, 1))).toBe("ERR_XDP_RING_MISUSE");
  });

  it("releases no more than was peeked, however much is there", () => {
    const pair = makePair(kind, 8);
    produce(pair, 6);
    expect(codeOf(() => pair.consumer.release(1))).toBe("ERR_XDP_RING_MISUSE");
    pair.consumer.peek(3);
    expect(codeOf(() => pair.consumer.release(4))).toBe("ERR_XDP_RING_MISUSE");
    pair.consumer.release(3);
    expect(codeOf(() => pair.consumer.release(1))).toBe("ERR_XDP_RING_MISUSE");
    expect(pair.producer.free()).toBe(5);
  });

  it.each<unknown>([
    ...[2, 3, 8, 100, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 0.5, 1.5, Number.NaN],
    ...["1", undefined, null, {}, true],
  ])("touches no entry %s when two are granted", (index) => {
    const i = index as number;
    // Negative indices, so that a fraction would round the other way.
    const pair = makePair(kind, 8, 2 ** 32 - 8);
    produce(pair, 4);
    pair.producer.reserve(2);
    pair.consumer.peek(2);
    const before = pair.words.slice();
    expect(codeOf(() => pair.write(i, 1))).toBe("ERR_XDP_RING_MISUSE");
    expect(codeOf(() => pair.producer.setAddressWords(i, 1, 1))).toBe("ERR_XDP_RING_MISUSE");
    expect(codeOf(() => pair.read(i))).toBe("ERR_XDP_RING_MISUSE");
    expect(codeOf(() => pair.consumer.addressLow(i))).toBe("ERR_XDP_RING_MISUSE");
    expect(codeOf(() => pair.consumer.addressHigh(i))).toBe("ERR_XDP_RING_MISUSE");
    if ("length" in pair.consumer) {
      const { consumer } = pair;
      expect(codeOf(() => consumer.length(i))).toBe("ERR_XDP_RING_MISUSE");
      expect(codeOf(() => consumer.options(i))).toBe("ERR_XDP_RING_MISUSE");
    }
    expect(pair.words).toEqual(before);
  });

  it("is not poisoned by its own user's mistakes", () => {
    const pair = makePair(kind, 8);
    for (const mistake of [
      () => pair.producer.submit(9),
      () => pair.consumer.release(9),
      () => pair.write(9, 9),
      () => pair.read(9),
    ]) {
      expect(codeOf(mistake)).toBe("ERR_XDP_RING_MISUSE");
    }
    expect([pair.producer.corrupt, pair.consumer.corrupt]).toEqual([false, false]);
    produce(pair, 8);
    expect(pair.consumer.peek(8)).toBe(8);
  });
});
