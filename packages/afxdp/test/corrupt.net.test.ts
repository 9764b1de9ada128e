import { ethernet, footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("a ring that somebody scribbles over", () => {
  const lab = useLab();

  it("is poisoned, delivers nothing, and closes cleanly all the same", async () => {
    const before = footprint();
    const socket = await open(lab, "both", { frameCount: 256 });
    // The rings lie behind the frames: fill, completion, rx, tx. 0x10000 apart; the rx ring's producer is its first word.
    const { words } = socket.umem.arena;
    const rx = (256 * 2048 + 2 * 0x10000) / 4;
    Atomics.store(words, rx, 129);
    let delivered = 0;
    const handler = (): undefined => {
      delivered++;
    };
    const corrupt = expect.objectContaining({ code: "ERR_XDP_RING_CORRUPT" });
    expect(() => socket.receive(handler)).toThrow(corrupt);
    Atomics.store(words, rx, 0);
    expect(() => socket.receive(handler)).toThrow(corrupt);
    expect(delivered).toBe(0);
    await socket.close();
    expect(footprint()).toEqual(before);
  });

  it("whose descriptors are nonsense gives no packets: each is refused and counted", async () => {
    const socket = await open(lab, "both", { frameCount: 256 });
    const { words } = socket.umem.arena;
    const rx = (256 * 2048 + 2 * 0x10000) / 4;
    const nonsense = [
      [0x7fff_ffff, 0, 64, 0], // beyond the UMEM
      [256, 1, 64, 0], // above 2^32
      [255 * 2048 + 256, 0, 64, 0], // a frame that the kernel was never given
      [256, 0, 0, 0], // no bytes
      [2048 + 256, 0, 1793, 0], // past the end of its frame
      [2 * 2048 + 256, 0, -1, 0], // 2^32 - 1 bytes
      [3 * 2048 + 256, 0, 64, 4], // an option that nobody knows
      [4 * 2048 + 256, 0, 64, 0], // good
      [4 * 2048 + 256, 0, 64, 0], // the same again
    ];
    for (const [i, descriptor] of nonsense.entries()) words.set(descriptor, rx + 320 / 4 + i * 4);
    Atomics.store(words, rx, nonsense.length);
    const seen: number[] = [];
    socket.receive((batch) => {
      for (let i = 0; i < batch.count; i++) seen.push(batch.address(i));
    });
    expect(seen).toEqual([4 * 2048 + 256]);
    expect(socket.stats()).toMatchObject({ rxPackets: 1, rxInvalid: 8 });
    expect(socket.umem.audit()).toBe(true);
    await socket.close();
  });

  it("completions for frames that were not sent are refused and counted", async () => {
    const socket = await open(lab, "both", { frameCount: 256 });
    const { words } = socket.umem.arena;
    const completion = (256 * 2048 + 0x10000) / 4;
    const addresses = [0x7fff_0000, 0, 200 * 2048, -2];
    for (const [i, address] of addresses.entries())
      words.set([address, 0], completion + 80 + i * 2);
    Atomics.store(words, completion, addresses.length);
    socket.flush();
    expect(socket.stats()).toMatchObject({ invalidCompletions: 4, txPackets: 0 });
    expect(socket.umem.audit()).toBe(true);
    socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }));
    await socket.close();
  });
});
