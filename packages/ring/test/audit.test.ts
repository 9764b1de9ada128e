import { describe, expect, it } from "vitest";
// Not by the package's name: an end cannot be brought into the private states that are tried below.
import { auditRing } from "../src/audit.js";
import { consume, KINDS, makePair, produce, STARTS } from "./support/pairs.js";

describe.each(KINDS)("audit of the %s ring", (kind) => {
  it.each(STARTS)("tells the indices of a sound ring that began at %i", (start) => {
    const pair = makePair(kind, 8, start);
    produce(pair, 5);
    consume(pair, 2);
    pair.producer.reserve(1);
    pair.consumer.peek(3);
    const shared = {
      ok: true,
      problems: [],
      size: 8,
      producer: (start + 5) >>> 0,
      consumer: (start + 2) >>> 0,
      used: 3,
    };
    expect(pair.producer.audit()).toEqual({
      ...shared,
      own: (start + 5) >>> 0,
      // Five were known to be pending and the reservation fitted: nothing was read since.
      peer: start,
      granted: 1,
    });
    expect(pair.consumer.audit()).toEqual({
      ...shared,
      own: (start + 2) >>> 0,
      peer: (start + 5) >>> 0,
      granted: 3,
    });
  });

  it("sees that somebody else wrote this end's index", () => {
    const pair = makePair(kind, 8);
    produce(pair, 4);
    consume(pair, 2);
    pair.words[pair.layout.producer / 4] = 5;
    expect(pair.producer.audit()).toMatchObject({ ok: false, own: 4, producer: 5 });
    expect(pair.producer.audit().problems.join()).toMatch(/something else writes/);
    pair.words[pair.layout.producer / 4] = 4;
    pair.words[pair.layout.consumer / 4] = 3;
    expect(pair.consumer.audit()).toMatchObject({ ok: false, own: 2, consumer: 3 });
    expect(pair.consumer.audit().problems.join()).toMatch(/something else writes/);
  });

  it("sees a peer's impossible index without poisoning the ring", () => {
    const pair = makePair(kind, 8);
    produce(pair, 4);
    pair.words[pair.layout.consumer / 4] = 5;
    expect(pair.producer.audit().problems).toHaveLength(1);
    expect(pair.producer.corrupt).toBe(false);
    pair.words[pair.layout.consumer / 4] = 0;
    pair.words[pair.layout.producer / 4] = 9;
    expect(pair.consumer.audit().problems).toHaveLength(1);
    expect(pair.consumer.corrupt).toBe(false);
    pair.words[pair.layout.producer / 4] = 4;
    expect([pair.producer.audit().ok, pair.consumer.audit().ok]).toEqual([true, true]);
    expect(pair.consumer.peek(8)).toBe(4);
  });

  it("changes nothing", () => {
    const pair = makePair(kind, 8, 2 ** 32 - 1);
    produce(pair, 3);
    pair.consumer.peek(1);
    const before = pair.words.slice();
    const audits = () => [pair.producer.audit(), pair.consumer.audit()];
    expect(audits()).toEqual(audits());
    expect(pair.words).toEqual(before);
  });
});

describe("auditRing", () => {
  const sound = { size: 8, producer: 5, consumer: 2, granted: 0, fault: "" };

  it("sees private indices that are too far apart", () => {
    const producer = auditRing({ ...sound, role: "producer", own: 5, peer: -4 });
    expect(producer.problems).toEqual([expect.stringMatching(/9 apart in a ring of 8/)]);
    const consumer = auditRing({ ...sound, role: "consumer", own: 2, peer: 1 });
    expect(consumer.problems).toEqual([expect.stringMatching(/4294967295 apart in a ring of 8/)]);
  });

  it("sees more granted than there can be", () => {
    const producer = { ...sound, role: "producer", own: 5, peer: 2 } as const;
    expect(auditRing({ ...producer, granted: 5 }).ok).toBe(true);
    expect(auditRing({ ...producer, granted: 6 }).problems).toHaveLength(1);
    const consumer = { ...sound, role: "consumer", own: 2, peer: 5 } as const;
    expect(auditRing({ ...consumer, granted: 3 }).ok).toBe(true);
    expect(auditRing({ ...consumer, granted: 4 }).problems).toHaveLength(1);
  });
});
