import { describe, expect, it } from "vitest";
import { KINDS, makePair } from "./support/pairs.js";

describe.each(KINDS)("the flags word of the %s ring", (kind) => {
  it("lets a consumer that plays the kernel ask for a wake-up", () => {
    const pair = makePair(kind, 8);
    expect(pair.producer.needsWakeup()).toBe(false);
    pair.consumer.setNeedWakeup(true);
    expect(pair.producer.needsWakeup()).toBe(true);
    expect(pair.words[pair.layout.flags / 4]).toBe(1);
    pair.consumer.setNeedWakeup(false);
    expect(pair.producer.needsWakeup()).toBe(false);
  });

  it("is read by its lowest bit alone, and the others are left alone", () => {
    const pair = makePair(kind, 8);
    const flags = pair.layout.flags / 4;
    for (const garbage of [-2, 0x7fff_fffe, -0x8000_0000, 2]) {
      pair.words[flags] = garbage;
      expect(pair.producer.needsWakeup()).toBe(false);
      pair.consumer.setNeedWakeup(true);
      expect(pair.words[flags]).toBe(garbage | 1);
      expect(pair.producer.needsWakeup()).toBe(true);
      pair.consumer.setNeedWakeup(false);
      expect(pair.words[flags]).toBe(garbage);
    }
  });

  it("changes no index", () => {
    const pair = makePair(kind, 8, 2 ** 32 - 1);
    pair.consumer.setNeedWakeup(true);
    expect(pair.producer.audit()).toMatchObject({ ok: true, producer: 2 ** 32 - 1, used: 0 });
    expect(pair.consumer.audit()).toMatchObject({ ok: true, consumer: 2 ** 32 - 1, used: 0 });
  });
});
