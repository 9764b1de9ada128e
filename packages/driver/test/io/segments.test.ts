import { MAX_SKB_FRAGS, XDP_PKT_CONTD } from "@afxdp/core";
import { describe, expect, it } from "vitest";
import { openPlayed, type PlayedSocket, take } from "../support/open-played.js";
import { deliver, playKernel, takeFilled } from "../support/played-kernel.mjs";

const MORE = XDP_PKT_CONTD;
const LIMIT = MAX_SKB_FRAGS + 1;
const open = (umem = {}, entries = 64): Promise<PlayedSocket> =>
  openPlayed({ umem: { frameCount: 128, ...umem }, bind: { multiBuffer: true }, entries });

/** Delivers one packet of segments with one byte value each. */
function chain({ rings, socket }: PlayedSocket, values: readonly number[], end = true): void {
  const frames = takeFilled(rings, values.length);
  const last = values.length - 1;
  deliver(
    rings,
    frames.map((frame, s) => {
      socket.bytes.fill(values[s] as number, frame + 256, frame + 356);
      return [frame + 256, 100, end && s === last ? 0 : MORE];
    }),
  );
}
const bytesOf = (values: readonly number[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => Array<number>(100).fill(value)));

/** Nothing is lost: what is not with the kernel is free. */
async function conserved({ socket }: PlayedSocket): Promise<void> {
  expect(socket.umem.audit()).toBe(true);
  expect(socket.frames).toMatchObject({ application: 0, transmit: 0, fill: 64 });
  const { application, transmit } = await socket.close();
  expect([application, transmit]).toEqual([0, 0]);
  expect(socket.umem.audit()).toBe(true);
}

describe("a packet whose descriptors come one after another", () => {
  it("is held until its end has come, and delivered once", async () => {
    const a = await open();
    chain(a, [1, 2], false);
    expect(take(a.socket)).toEqual([]);
    expect(a.socket.frames).toMatchObject({ application: 2 });
    chain(a, [3], false);
    expect(take(a.socket)).toEqual([]);
    chain(a, [4]);
    chain(a, [9]);
    expect(take(a.socket)).toEqual([bytesOf([1, 2, 3, 4]), bytesOf([9])]);
    expect(a.socket.stats()).toMatchObject({ rxPackets: 2, rxBytes: 500, rxBrokenChains: 0 });
    await conserved(a);
  });

  it("does not keep a small fill ring empty while its rest is to come", async () => {
    const a = await open({}, 4);
    chain(a, [1, 2, 3, 4], false);
    expect(take(a.socket)).toEqual([]);
    expect(a.socket.frames).toMatchObject({ application: 4, fill: 4 });
    chain(a, [5, 6]);
    expect(take(a.socket)).toEqual([bytesOf([1, 2, 3, 4, 5, 6])]);
    await a.socket.close();
    expect(a.socket.umem.audit()).toBe(true);
  });

  it("waits for a batch with room behind others, whatever their sizes", async () => {
    const a = await open();
    for (let i = 0; i < 6; i++)
      chain(
        a,
        Array.from({ length: i + 1 }, () => i + 1),
      );
    const seen: number[] = [];
    for (const limit of [1, 2, 2, 64]) {
      a.socket.receive((batch) => {
        expect(batch.count).toBeLessThanOrEqual(limit);
        for (let i = 0; i < batch.count; i++) seen.push(batch.segmentCount(i));
      }, limit);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    await conserved(a);
  });

  it("is accounted for when the socket closes before its end has come", async () => {
    const a = await open();
    chain(a, [1, 2, 3], false);
    expect(take(a.socket)).toEqual([]);
    const frames = await a.socket.close();
    expect(frames.application).toBe(0);
    expect(a.socket.umem.audit()).toBe(true);
  });

  it("is accounted for when the rx ring is corrupt by then", async () => {
    const a = await open();
    chain(a, [1, 2, 3], false);
    expect(take(a.socket)).toEqual([]);
    a.rings.rx.words[a.rings.rx.layout.producer / 4] = 1000;
    expect(() => take(a.socket)).toThrow(expect.objectContaining({ code: "ERR_XDP_RING_CORRUPT" }));
    expect((await a.socket.close()).application).toBe(0);
    expect(a.socket.umem.audit()).toBe(true);
  });
});

describe("a packet that cannot be whole is dropped, all of it, and counted", () => {
  it.each([
    ["with a segment of no bytes", (frame: number) => [frame, 0, MORE]],
    ["with a segment past the end of its frame", (frame: number) => [frame, 1793, MORE]],
    ["with a foreign address in the middle", () => [2 ** 33, 100, MORE]],
    ["with a frame that was never given", () => [127 * 2048, 100, MORE]],
    ["with an option that nobody knows", (frame: number) => [frame, 100, MORE | 8]],
  ] as const)("%s", async (_what, forge) => {
    const a = await open();
    chain(a, [1, 2], false);
    const [frame = 0] = takeFilled(a.rings, 1);
    const [address, length, options] = forge(frame + 256) as [number, number, number];
    deliver(a.rings, [[address, length, options]]);
    chain(a, [4, 5]);
    chain(a, [6]);
    expect(take(a.socket)).toEqual([bytesOf([6])]);
    expect(a.socket.stats()).toMatchObject({ rxPackets: 1, rxInvalid: 1, rxBrokenChains: 1 });
    expect(a.socket.stats().drops).toMatchObject({ invalid: 1, brokenChains: 1 });
    const { application, fill, free } = a.socket.frames;
    expect(application).toBe(0);
    // A forged address leaves the frame that was taken for it with the kernel.
    expect(fill + free).toBe(128);
    await a.socket.close();
  });

  it("with the same frame twice", async () => {
    const a = await open();
    const [frame = 0] = takeFilled(a.rings, 1);
    deliver(a.rings, [
      [frame + 256, 100, MORE],
      [frame + 256, 100],
    ]);
    chain(a, [6]);
    expect(take(a.socket)).toEqual([bytesOf([6])]);
    expect(a.socket.stats()).toMatchObject({ rxInvalid: 1, rxBrokenChains: 1 });
    await conserved(a);
  });

  it("with more segments than a packet can have, up to its end", async () => {
    const a = await open();
    chain(
      a,
      Array.from({ length: LIMIT }, (_, s) => s),
    );
    expect(take(a.socket)).toEqual([bytesOf(Array.from({ length: LIMIT }, (_, s) => s))]);
    chain(a, Array<number>(LIMIT + 1).fill(1));
    chain(a, [7]);
    expect(take(a.socket)).toEqual([bytesOf([7])]);
    expect(a.socket.stats()).toMatchObject({ rxInvalid: 0, rxBrokenChains: 1, rxPackets: 2 });
    await conserved(a);
  });

  it("without an end, however long it goes on", async () => {
    const a = await open();
    for (let round = 0; round < 20; round++) {
      chain(a, Array<number>(30).fill(round), false);
      expect(take(a.socket)).toEqual([]);
      expect(a.socket.frames.application).toBeLessThanOrEqual(LIMIT);
    }
    chain(a, [1]); // the end of it
    chain(a, [2]);
    expect(take(a.socket)).toEqual([bytesOf([2])]);
    expect(a.socket.stats()).toMatchObject({ rxBrokenChains: 1, rxPackets: 1 });
    await conserved(a);
  });

  it("when the kernel has no frame left for the rest of it", async () => {
    const a = await open({ frameCount: 16 }, 16);
    chain(a, Array<number>(16).fill(1), false);
    expect(take(a.socket)).toEqual([]);
    expect(a.socket.frames).toMatchObject({ application: 16, fill: 0 });
    expect(take(a.socket)).toEqual([]);
    expect(a.socket.frames).toMatchObject({ application: 0, fill: 16 });
    chain(a, [1]);
    chain(a, [2]);
    expect(take(a.socket)).toEqual([bytesOf([2])]);
    expect(a.socket.stats()).toMatchObject({ rxBrokenChains: 1 });
    await a.socket.close();
  });

  it("when the kernel has no frame left, and only the upkeep of a wait looks", async () => {
    const a = await open({ frameCount: 16 }, 16);
    chain(a, Array<number>(16).fill(1), false);
    expect(take(a.socket)).toEqual([]);
    a.socket.flush();
    expect(a.socket.frames).toMatchObject({ application: 0, fill: 16 });
    await a.socket.close();
  });
});

it("in zero copy a packet has as many segments as the driver says", async () => {
  const played = playKernel({ zeroCopy: true, segments: 3 });
  const a = await openPlayed({ played, bind: { multiBuffer: true }, entries: 64 });
  chain(a, [1, 2, 3]);
  chain(a, [1, 2, 3, 4]);
  chain(a, [5]);
  expect(take(a.socket)).toEqual([bytesOf([1, 2, 3]), bytesOf([5])]);
  expect(a.socket.stats()).toMatchObject({ rxBrokenChains: 1 });
  const frames = [1, 2, 3, 4].map(() => a.socket.allocate());
  expect(() => a.socket.transmitChain(frames, [64, 64, 64, 64])).toThrow(
    expect.objectContaining({ code: "ERR_XDP_CHAIN" }),
  );
  await a.socket.close();
});

it("a socket that is not bound for it refuses every segment", async () => {
  const a = await openPlayed({ umem: { frameCount: 128 }, entries: 64 });
  chain(a, [1, 2, 3]);
  chain(a, [4]);
  // The last segment of the chain looks like a packet of its own.
  expect(take(a.socket)).toEqual([bytesOf([3]), bytesOf([4])]);
  expect(a.socket.stats()).toMatchObject({ rxInvalid: 2, rxBrokenChains: 0 });
  await conserved(a);
});

it("plain batches answer for their one segment", async () => {
  const a = await openPlayed({ umem: { frameCount: 128, headroom: 64 }, entries: 64 });
  const [frame = 0] = takeFilled(a.rings, 1);
  a.socket.bytes.fill(7, frame + 320, frame + 420);
  deliver(a.rings, [[frame + 320, 100]]);
  a.socket.receive((batch) => {
    expect(batch.segmentCount(0)).toBe(1);
    expect(batch.segmentAddress(0, 0)).toBe(frame + 320);
    expect(batch.segmentLength(0, 0)).toBe(100);
    expect(batch.headroom(0)).toBe(320);
    expect(batch.views(0)).toEqual([batch.packet(0)]);
    const target = new Uint8Array(100);
    expect(batch.copy(0, target)).toBe(100);
    expect(target).toEqual(bytesOf([7]));
    const argument = expect.objectContaining({ code: "ERR_XDP_ARGUMENT" });
    expect(() => batch.segmentAddress(0, 1)).toThrow(argument);
    expect(() => batch.segmentLength(0, -1)).toThrow(argument);
    expect(() => batch.segmentCount(1)).toThrow(argument);
  });
  await conserved(a);
});
