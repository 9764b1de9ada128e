import { describe, expect, it } from "vitest";
import { KINDS, makePair } from "../support/pairs.js";
import { seeded } from "../support/seeded.js";

const ENTRIES = 10_000_000;

describe.each(KINDS)("the %s ring", (kind) => {
  it.each([2 ** 32 - 3, 2 ** 31 - 3])(
    "keeps order and count over ten million entries in random batches from index %i",
    { timeout: 30_000 },
    (start) => {
      const pair = makePair(kind, 256, start);
      const { producer, consumer } = pair;
      const random = seeded(start);
      let sent = 0;
      let taken = 0;
      let mistakes = 0;
      while (taken < ENTRIES) {
        const granted = producer.reserve(random() & 127);
        for (let i = 0; i < granted; i++) pair.write(i, sent + i);
        producer.submit(granted);
        sent += granted;
        const shown = consumer.peek(random() & 127);
        for (let i = 0; i < shown; i++) if (pair.read(i) !== taken + i) mistakes++;
        consumer.release(shown);
        taken += shown;
        if (producer.pending() !== sent - taken) mistakes++;
      }
      expect(mistakes).toBe(0);
      expect(producer.audit()).toMatchObject({ ok: true, own: (start + sent) >>> 0 });
      expect(consumer.audit()).toMatchObject({ ok: true, own: (start + taken) >>> 0 });
    },
  );
});
