import { difference } from "@afxdp/driver";
import { expect, it } from "vitest";
import { openPlayed, take } from "../support/open-played.js";
import { deliver, takeFilled } from "../support/played-kernel.mjs";

it("a snapshot survives JSON, and tells every lost packet by its cause", async () => {
  const { socket, played } = await openPlayed({});
  played.statistics = {
    rxDropped: 10,
    rxInvalidDescs: 0,
    txInvalidDescs: 0,
    rxRingFull: 3,
    rxFillRingEmptyDescs: 4,
    txRingEmptyDescs: 5,
  };
  const stats = socket.stats();
  expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
  expect(stats.drops).toEqual({
    rxRingFull: 3,
    fillRingEmpty: 4,
    other: 6,
    invalid: 0,
    brokenChains: 0,
  });
  // A driver in zero copy looks at an empty fill ring without losing a packet.
  played.statistics = { ...played.statistics, rxDropped: 1 };
  expect(socket.stats().drops).toMatchObject({ fillRingEmpty: 1, other: 0 });
  await socket.close();
});

it("takes one system call", async () => {
  const { socket, played } = await openPlayed({});
  const calls: string[] = [];
  for (const [name, method] of Object.entries(played.kernel)) {
    if (typeof method !== "function") continue;
    Object.assign(played.kernel, {
      [name]: (...args: unknown[]) => {
        calls.push(name);
        return method(...args);
      },
    });
  }
  socket.stats();
  expect(calls).toEqual(["statistics"]);
  await socket.close();
});

it("has the rings' levels, with what is staged, and -1 for a corrupt one", async () => {
  const { socket, rings } = await openPlayed({ umem: { frameCount: 64 } });
  expect(socket.stats().rings).toEqual({
    fill: { used: 32, size: 32 },
    completion: { used: 0, size: 32 },
    rx: { used: 0, size: 32 },
    tx: { used: 0, size: 32 },
  });
  const frames = takeFilled(rings, 5);
  deliver(
    rings,
    frames.slice(0, 3).map((frame) => [frame + 256, 60]),
  );
  socket.transmit(socket.allocate(), 60);
  expect(socket.stats().rings).toMatchObject({
    fill: { used: 27 },
    rx: { used: 3 },
    tx: { used: 1 },
  });
  rings.rx.words[rings.rx.layout.producer / 4] = 1000;
  expect(socket.stats().rings).toMatchObject({ rx: { used: -1 } });
  await socket.close();
});

it("tells how often and by how much the fill ring starves", async () => {
  const { socket, rings } = await openPlayed({ umem: { frameCount: 40 } });
  expect(socket.stats()).toMatchObject({ fillStarved: 0, fillShort: 0 });
  const frames = takeFilled(rings, 20);
  deliver(
    rings,
    frames.map((frame) => [frame + 256, 60]),
  );
  const kept: number[] = [];
  socket.receive((batch) => {
    for (let i = 0; i < batch.count; i++) {
      batch.keep(i);
      kept.push(batch.address(i));
    }
  });
  // 20 are kept, 8 were free, so 12 are missing.
  expect(socket.stats()).toMatchObject({ fillStarved: 1, fillShort: 12 });
  for (const address of kept) socket.free(address);
  socket.flush();
  expect(socket.stats()).toMatchObject({ fillStarved: 1, fillShort: 0 });
  await socket.close();
});

it("counts exactly beyond 2^32, and up to 2^53", async () => {
  const { socket, rings, counters } = await openPlayed({});
  for (const start of [2 ** 31 - 2, 2 ** 32 - 2, 2 ** 53 - 500]) {
    counters.rxPackets = start;
    counters.rxBytes = start;
    deliver(
      rings,
      takeFilled(rings, 4).map((frame) => [frame + 256, 100]),
    );
    expect(take(socket).length).toBe(4);
    expect(socket.stats()).toMatchObject({ rxPackets: start + 4, rxBytes: start + 400 });
  }
  await socket.close();
});

it("two snapshots make a difference of what is counted, with the later state of what is not", async () => {
  const { socket, rings, played } = await openPlayed({});
  const before = socket.stats();
  deliver(
    rings,
    takeFilled(rings, 4).map((frame) => [frame + 256, 100]),
  );
  expect(take(socket).length).toBe(4);
  socket.transmit(socket.allocate(), 60);
  played.statistics = { ...played.statistics, rxDropped: 7 };
  const after = socket.stats();
  const between = difference(before, after);
  expect(between).toMatchObject({ rxPackets: 4, rxBytes: 400, txQueued: 1 });
  expect(between.kernel.rxDropped).toBe(7);
  expect(between.drops.other).toBe(7);
  expect([between.frames, between.rings]).toEqual([after.frames, after.rings]);
  expect(difference(after, after)).toMatchObject({ rxPackets: 0, drops: { other: 0 } });
  await socket.close();
});
