import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "./support/code-of.js";
import { KINDS, makePair } from "./support/pairs.js";

type Verb = "reserve" | "write" | "submit" | "cancel" | "peek" | "release";
type Step = readonly [verb: Verb, count: number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Verb>("reserve", "write", "submit", "cancel", "peek", "release"),
    fc.nat(20),
  ),
  { maxLength: 120, size: "max" },
);
const starts = fc.oneof(
  fc.nat(20).map((k) => 2 ** 32 - k - 1),
  fc.nat(20).map((k) => 2 ** 31 - k),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);
const sizes = fc.constantFrom(1, 2, 4, 8, 16);

describe.each(KINDS)("the %s ring", (kind) => {
  it("does what a queue of bounded length does, whatever the order of verbs", () => {
    fc.assert(
      fc.property(sizes, starts, steps, (size, start, list) => {
        const pair = makePair(kind, size, start);
        const { producer, consumer } = pair;
        const queue: number[] = [];
        let reservation: (number | undefined)[] = [];
        let peeked = 0;
        let produced = 0;
        let next = 0;
        for (const [verb, count] of list) {
          if (verb === "reserve") {
            const granted = Math.min(count, size - queue.length);
            expect(producer.reserve(count)).toBe(granted);
            while (reservation.length < granted) reservation.push(undefined);
          } else if (verb === "write") {
            for (let i = 0; i < Math.min(count, reservation.length); i++) {
              // Beyond 32 bits, so that both words of an address count.
              reservation[i] = next++ * 0x1_0000_0001;
              pair.write(i, reservation[i] as number);
            }
          } else if (verb === "submit") {
            if (count > reservation.length) {
              expect(codeOf(() => producer.submit(count))).toBe("ERR_XDP_RING_MISUSE");
            } else {
              for (let i = 0; i < count; i++) {
                if (reservation[i] === undefined) {
                  reservation[i] = next++;
                  pair.write(i, reservation[i] as number);
                }
              }
              producer.submit(count);
              queue.push(...(reservation.splice(0, count) as number[]));
              produced += count;
            }
          } else if (verb === "cancel") {
            producer.cancel();
            reservation = [];
          } else if (verb === "peek") {
            const shown = Math.min(count, queue.length);
            expect(consumer.peek(count)).toBe(shown);
            peeked = Math.max(peeked, shown);
          } else if (count > peeked) {
            expect(codeOf(() => consumer.release(count))).toBe("ERR_XDP_RING_MISUSE");
          } else {
            consumer.release(count);
            queue.splice(0, count);
            peeked -= count;
          }
          for (let i = 0; i < peeked; i++) expect(pair.read(i)).toBe(queue[i]);
          const indices = {
            ok: true,
            problems: [],
            producer: (start + produced) >>> 0,
            consumer: (start + produced - queue.length) >>> 0,
            used: queue.length,
          };
          expect(producer.audit()).toMatchObject({ ...indices, granted: reservation.length });
          expect(consumer.audit()).toMatchObject({ ...indices, granted: peeked });
        }
        expect(producer.pending()).toBe(queue.length);
        expect(producer.free()).toBe(size - queue.length);
        expect(producer.consumed()).toBe(queue.length === 0);
        expect(consumer.available()).toBe(queue.length);
      }),
      { numRuns: 150 },
    );
  });
});
