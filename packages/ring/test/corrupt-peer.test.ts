import { describe, expect, it } from "vitest";
import { codeOf } from "./support/code-of.js";
import { consume, KINDS, makePair, type Pair, produce, STARTS } from "./support/pairs.js";

/** Every verb of the producing end but the constructor. */
function producerVerbs({ producer, write }: Pair): readonly (() => unknown)[] {
  return [
    () => producer.reserve(1),
    () => producer.reserve(0),
    () => producer.reserve(Number.NaN),
    () => producer.submit(0),
    () => producer.submit(1),
    () => producer.cancel(),
    () => producer.free(),
    () => producer.pending(),
    () => producer.consumed(),
    () => producer.needsWakeup(),
    () => producer.setAddressWords(0, 1, 1),
    () => write(0, 1),
    () => write(0, -1),
  ];
}

/** Every verb of the consuming end but the constructor. */
function consumerVerbs({ consumer, read }: Pair): readonly (() => unknown)[] {
  return [
    () => consumer.peek(1),
    () => consumer.peek(0),
    () => consumer.peek(Number.NaN),
    () => consumer.release(0),
    () => consumer.release(1),
    () => consumer.available(),
    () => consumer.setNeedWakeup(true),
    () => consumer.address(0),
    () => consumer.addressLow(0),
    () => consumer.addressHigh(0),
    () => read(0),
  ];
}

function expectPoisoned(pair: Pair, side: "producer" | "consumer"): void {
  const end = pair[side];
  const before = pair.words.slice();
  expect(end.corrupt).toBe(true);
  const verbs = side === "producer" ? producerVerbs(pair) : consumerVerbs(pair);
  for (const verb of verbs) expect(codeOf(verb)).toBe("ERR_XDP_RING_CORRUPT");
  expect(end.audit().ok).toBe(false);
  expect(end.audit().problems[0]).toMatch(/poisoned/);
  expect(end.audit().granted).toBe(0);
  expect(pair.words).toEqual(before);
}

const SIZE = 4;
/** How far off an index may be tried: everything near, and the far ends. */
const OFFSETS = [
  ...Array.from({ length: 21 }, (_, i) => i - 10),
  1000,
  65536,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 31 + 1,
  2 ** 32 - 1000,
];

describe.each(KINDS)("the %s ring", (kind) => {
  describe.each(STARTS)("starting at %i", (start) => {
    it("accepts of a producer exactly: forward, by no more than there is room", () => {
      for (let believed = 0; believed <= SIZE; believed++) {
        for (const offset of OFFSETS) {
          const pair = makePair(kind, SIZE, start);
          if (believed > 0) produce(pair, believed);
          pair.consumer.peek(SIZE);
          pair.words[pair.layout.producer / 4] = start + believed + offset;
          if (offset >= 0 && believed + offset <= SIZE) {
            expect(pair.consumer.available()).toBe(believed + offset);
            expect(pair.consumer.peek(SIZE + 1)).toBe(believed + offset);
            expect(pair.consumer.audit().ok).toBe(true);
          } else {
            expect(codeOf(() => pair.consumer.peek(SIZE + 1))).toBe("ERR_XDP_RING_CORRUPT");
            expectPoisoned(pair, "consumer");
          }
        }
      }
    });

    it("accepts of a consumer exactly: forward, by no more than was pending", () => {
      for (let pending = 0; pending <= SIZE; pending++) {
        for (const offset of OFFSETS) {
          const pair = makePair(kind, SIZE, start);
          if (pending > 0) produce(pair, pending);
          pair.producer.reserve(SIZE);
          pair.words[pair.layout.consumer / 4] = start + offset;
          if (offset >= 0 && offset <= pending) {
            const free = SIZE - pending + offset;
            expect(pair.producer.free()).toBe(free);
            expect(pair.producer.reserve(SIZE + 1)).toBe(free);
            expect(pair.producer.audit().ok).toBe(true);
          } else {
            expect(codeOf(() => pair.producer.reserve(SIZE + 1))).toBe("ERR_XDP_RING_CORRUPT");
            expectPoisoned(pair, "producer");
          }
        }
      }
    });

    it("catches a producer that steps back by one behind released entries", () => {
      const pair = makePair(kind, 8, start);
      produce(pair, 6);
      consume(pair, 4);
      pair.consumer.peek(2);
      pair.words[pair.layout.producer / 4] = start + 5;
      expect(codeOf(() => pair.consumer.available())).toBe("ERR_XDP_RING_CORRUPT");
      expectPoisoned(pair, "consumer");
    });

    it("catches a consumer that steps back by one within the ring's size", () => {
      const pair = makePair(kind, 8, start);
      produce(pair, 6);
      consume(pair, 4);
      expect(pair.producer.pending()).toBe(2);
      pair.words[pair.layout.consumer / 4] = start + 3;
      expect(codeOf(() => pair.producer.pending())).toBe("ERR_XDP_RING_CORRUPT");
      expectPoisoned(pair, "producer");
    });
  });

  it("delivers what it had believed before, and nothing afterwards", () => {
    const pair = makePair(kind, 8);
    produce(pair, 3);
    expect(pair.consumer.peek(3)).toBe(3);
    pair.words[pair.layout.producer / 4] = 100;
    expect(pair.read(2)).toBe(2);
    pair.consumer.release(1);
    expect(pair.consumer.peek(2)).toBe(2);
    expect(codeOf(() => pair.consumer.peek(3))).toBe("ERR_XDP_RING_CORRUPT");
    expectPoisoned(pair, "consumer");
  });

  it("stays poisoned when the peer puts its index right again", () => {
    const pair = makePair(kind, 8);
    produce(pair, 3);
    pair.words[pair.layout.producer / 4] = 100;
    expect(codeOf(() => pair.consumer.peek(8))).toBe("ERR_XDP_RING_CORRUPT");
    pair.words[pair.layout.producer / 4] = 3;
    expectPoisoned(pair, "consumer");
  });

  it("never reads its own index back from memory", () => {
    const pair = makePair(kind, 8);
    produce(pair, 2);
    pair.consumer.peek(2);
    pair.words[pair.layout.producer / 4] = 77;
    expect(pair.producer.reserve(6)).toBe(6);
    for (let i = 0; i < 6; i++) pair.write(i, 2 + i);
    pair.producer.submit(6);
    expect(pair.words[pair.layout.producer / 4]).toBe(8);
    pair.words[pair.layout.consumer / 4] = 77;
    expect(pair.read(1)).toBe(1);
    pair.consumer.release(2);
    expect(pair.words[pair.layout.consumer / 4]).toBe(2);
    expect(pair.consumer.peek(8)).toBe(6);
    expect(pair.read(5)).toBe(7);
  });

  it("says where the index was and where it went", () => {
    const pair = makePair(kind, 8, 2 ** 32 - 1);
    pair.words[pair.layout.producer / 4] = 2 ** 32 - 2;
    expect(() => pair.consumer.available()).toThrow(/producer .*4294967295 to 4294967294/);
  });
});
