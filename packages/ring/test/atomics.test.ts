import { afterEach, describe, expect, it, vi } from "vitest";
import { KINDS, makePair, STARTS } from "./support/pairs.js";

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(KINDS)("a batch over the %s ring", (kind) => {
  it.each(STARTS)("costs one atomic load and one atomic store at each end, from %i", (start) => {
    // The sign changes and the indices wrap among the entries that are known to be there.
    const pair = makePair(kind, 64, start - 40);
    const load = vi.spyOn(Atomics, "load");
    const store = vi.spyOn(Atomics, "store");
    const count = () => {
      const counts = [load.mock.calls.length, store.mock.calls.length];
      load.mockClear();
      store.mockClear();
      return counts;
    };
    // The believed consumer index says that there is room: no load is needed.
    pair.producer.reserve(48);
    for (let i = 0; i < 48; i++) pair.write(i, i);
    pair.producer.submit(48);
    expect(count()).toEqual([0, 1]);
    pair.consumer.peek(64);
    for (let i = 0; i < 48; i++) pair.read(i);
    pair.consumer.release(16);
    pair.consumer.release(16);
    expect(count()).toEqual([1, 2]);
    // 16 are known to be free and to be there.
    pair.consumer.peek(16);
    pair.producer.reserve(16);
    expect(count()).toEqual([0, 0]);
    pair.producer.reserve(17);
    pair.consumer.peek(17);
    expect(count()).toEqual([2, 0]);
  });
});
