import type { RxBatch, XdpSocket } from "@afxdp/driver";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  closeDrivers,
  MODES,
  openDriver,
  patterned,
  receiveCopies,
} from "../support/driver-socket.js";

/** 256 bytes of headroom and, in driver mode, room for skb_shared_info are not a packet's. */
const SIZES = [60, 1500, 1792, 1793, 4000, 8000, 9000];

describeOnKernel("packets in several frames", () => {
  const lab = useLab({ mtu: 9000, ipv6: false });
  afterEach(closeDrivers);

  describe.each(MODES)("in %s mode", (mode) => {
    let a: XdpSocket;
    let b: XdpSocket;
    beforeEach(async () => {
      ({ socket: a } = await openDriver(lab.a, { mode, bind: { multiBuffer: true } }));
      ({ socket: b } = await openDriver(lab.b, { mode, bind: { multiBuffer: true } }));
    });
    afterEach(async () => {
      for (const socket of [a, b]) {
        expect(socket.umem.audit()).toBe(true);
        const frames = await socket.close();
        expect(frames).toMatchObject({ application: 0, transmit: 0 });
      }
    });

    it("arrive as one packet each, whole, both ways", async () => {
      for (const [from, to, source, sink] of [
        [lab.b, lab.a, b, a],
        [lab.a, lab.b, a, b],
      ] as const) {
        const sent = SIZES.map((size, i) => patterned(to, from, size, i));
        for (const packet of sent) expect(source.send(packet)).toBe(true);
        expect(await receiveCopies(sink, sent.length)).toEqual(sent);
        expect(await source.drained({ timeoutMs: 2000 })).toBe(true);
        expect(source.stats()).toMatchObject({ txQueued: 7, txPackets: 7, invalidCompletions: 0 });
        const bytes = SIZES.reduce((sum, size) => sum + size);
        expect(sink.stats()).toMatchObject({ rxPackets: 7, rxBytes: bytes, rxInvalid: 0 });
      }
    });

    it("read as segments, as scattered views, and copy into a buffer", async () => {
      const sent = patterned(lab.a, lab.b, 5000);
      expect(b.send(sent)).toBe(true);
      expect(await a.readable({ timeoutMs: 2000 })).toBe(true);
      a.receive((batch) => {
        expect([batch.count, batch.length(0)]).toEqual([1, 5000]);
        const count = batch.segmentCount(0);
        expect(count).toBeGreaterThan(2);
        const views = batch.views(0);
        expect(views.length).toBe(count);
        expect(Buffer.concat(views)).toEqual(Buffer.from(sent));
        for (const [s, view] of views.entries()) {
          expect(batch.segmentLength(0, s)).toBe(view.length);
          const at = batch.segmentAddress(0, s);
          expect(batch.bytes.subarray(at, at + view.length)).toEqual(view);
        }
        expect(batch.segmentAddress(0, 0)).toBe(batch.address(0));
        const target = new Uint8Array(5010);
        expect(batch.copy(0, target, 10)).toBe(5000);
        expect(target.subarray(10)).toEqual(sent);
        const argument = expect.objectContaining({ code: "ERR_XDP_ARGUMENT" });
        expect(() => batch.copy(0, new Uint8Array(4999))).toThrow(argument);
        expect(() => batch.copy(0, target, 11)).toThrow(argument);
        expect(() => batch.copy(0, target, -1)).toThrow(argument);
        expect(() => batch.segmentAddress(0, count)).toThrow(argument);
        expect(() => batch.segmentLength(1, 0)).toThrow(argument);
        expect(() => batch.views(1)).toThrow(argument);
      });
    });

    it.each(["listen", "run", "batches"] as const)("come whole by %s", async (loop) => {
      const sent = Array.from({ length: 30 }, (_, i) => patterned(lab.a, lab.b, 300 * (i + 1), i));
      const seen: Uint8Array[] = [];
      const handler = (batch: RxBatch): boolean => {
        for (let i = 0; i < batch.count; i++) seen.push(Uint8Array.from(batch.packet(i)));
        return seen.length < sent.length;
      };
      const iterate = async (): Promise<void> => {
        for await (const batch of a.batches({ batch: 4 })) if (!handler(batch)) break;
      };
      const over = loop === "batches" ? iterate() : a[loop](handler, { batch: 4 });
      for (const packet of sent) {
        while (!b.send(packet)) await b.drained();
      }
      await over;
      expect(seen).toEqual(sent);
    });

    it("go back where they lie, whole, cut, or from a frame that was kept", async () => {
      for (let i = 0; i < 3; i++) expect(b.send(patterned(lab.a, lab.b, 5000, i))).toBe(true);
      let handled = 0;
      const kept: [number[], number[]] = [[], []];
      while (handled < 3 && (await a.readable({ timeoutMs: 2000 }))) {
        a.receive((batch) => {
          for (let i = 0; i < batch.count; i++, handled++) {
            if (handled === 0) expect(batch.send(i)).toBe(true);
            else if (handled === 1) expect(batch.send(i, 2000)).toBe(true);
            else {
              batch.keep(i);
              for (let s = 0; s < batch.segmentCount(i); s++) {
                kept[0].push(batch.segmentAddress(i, s));
                kept[1].push(batch.segmentLength(i, s));
              }
            }
          }
        });
      }
      expect(a.frames.application).toBe(kept[0].length);
      expect(a.transmitChain(...kept, kept[0].length)).toBe(true);
      a.flush();
      expect(await a.drained({ timeoutMs: 2000 })).toBe(true);
      // b's program takes its own packets back: they are addressed to a, and veth does not mind.
      const back = await receiveCopies(b, 3);
      expect(back).toEqual([
        patterned(lab.a, lab.b, 5000, 0),
        patterned(lab.a, lab.b, 5000, 1).subarray(0, 2000),
        patterned(lab.a, lab.b, 5000, 2),
      ]);
    });

    it("go on over kicks that the budget of 32 descriptors cuts them at", async () => {
      const CHAINS = 20;
      const sent = Array.from({ length: CHAINS }, (_, i) => patterned(lab.a, lab.b, 1000, i));
      for (const packet of sent) {
        const addresses: number[] = [];
        for (let s = 0; s < 5; s++) {
          const address = b.allocate();
          b.bytes.set(packet.subarray(s * 200, s * 200 + 200), address);
          addresses.push(address);
        }
        expect(b.transmitChain(addresses, [200, 200, 200, 200, 200])).toBe(true);
      }
      expect(b.frames.transmit).toBe(5 * CHAINS);
      expect(b.flush()).toBe(0);
      expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
      expect(b.stats()).toMatchObject({
        txQueued: CHAINS,
        txPackets: CHAINS,
        frames: { transmit: 0 },
      });
      expect(await receiveCopies(a, CHAINS)).toEqual(sent);
    });

    it("can be as many as 18 frames, the most that the kernel takes", async () => {
      const packet = patterned(lab.a, lab.b, 18 * 100);
      const addresses = Array.from({ length: 18 }, () => b.allocate());
      for (const [s, address] of addresses.entries()) {
        b.bytes.set(packet.subarray(s * 100, s * 100 + 100), address);
      }
      expect(
        b.transmitChain(
          addresses,
          addresses.map(() => 100),
        ),
      ).toBe(true);
      b.flush();
      expect(await receiveCopies(a, 1)).toEqual([packet]);
      expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
      expect(b.stats().kernel.txInvalidDescs).toBe(0);
    });
  });

  it("are refused before anything has changed, when they cannot be sent", async () => {
    const { socket } = await openDriver(lab.a, { bind: { multiBuffer: true }, entries: 16 });
    const frames = Array.from({ length: 20 }, () => socket.allocate());
    const [one, two, three] = frames as [number, number, number];
    const before = socket.frames;
    const chain = expect.objectContaining({ code: "ERR_XDP_CHAIN" });
    const size = expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" });
    const state = expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" });
    const foreign = expect.objectContaining({ code: "ERR_XDP_FOREIGN_FRAME" });
    const all = frames.map(() => 64);
    for (const [addresses, lengths, count, error] of [
      [[], [], 0, chain],
      [[one], [64], 1.5, chain],
      [[one], [64], -1, chain],
      [[one, two], [64, 0], 2, chain],
      [[one, two, one + 100], [64, 64, 64], 3, chain],
      [frames, all, 17, chain], // more than the tx ring
      [frames, all, 19, chain], // more than a packet can have
      [[one, two], [13, 64], 2, size],
      [[one, two], [64, 2049], 2, size],
      [[one, two], [64, 1.5], 2, size],
      [[one, two], [64], 2, size],
      [[one, two + 2000], [64, 49], 2, size],
      [[one, 64 * 4096 * 4], [64, 64], 2, foreign],
      [[one, Number.NaN], [64, 64], 2, foreign],
    ] as const) {
      expect(() => socket.transmitChain(addresses, lengths, count)).toThrow(error);
    }
    const lists: unknown[] = [undefined, null, 5, {}];
    for (const none of lists as number[][]) {
      const argument = expect.objectContaining({ code: "ERR_XDP_ARGUMENT" });
      expect(() => socket.transmitChain(none, [64], 1)).toThrow(argument);
      expect(() => socket.transmitChain(none, [64])).toThrow(argument);
      expect(() => socket.transmitChain([one], none)).toThrow(argument);
    }
    socket.free(three);
    expect(() => socket.transmitChain([one, two, three], [64, 64, 64])).toThrow(state);
    expect(socket.frames).toEqual({ ...before, free: before.free + 1, application: 19 });
    expect(() => socket.send(new Uint8Array(16 * 2048 + 1))).toThrow(size);
    for (const frame of frames) if (frame !== three) socket.free(frame);
    await socket.close();
    expect(() => socket.transmitChain([one], [64])).toThrow(
      expect.objectContaining({ code: "ERR_XDP_CLOSED" }),
    );
  });

  it("answer no and stay the application's when the tx ring has not room for all of them", async () => {
    const { socket } = await openDriver(lab.a, { bind: { multiBuffer: true }, entries: 16 });
    const frames = Array.from({ length: 20 }, () => socket.allocate());
    for (let i = 0; i < 14; i++) expect(socket.transmit(frames[i] as number, 64)).toBe(true);
    const chain = frames.slice(14, 17);
    expect(socket.transmitChain(chain, [64, 64, 64])).toBe(false);
    expect(chain.map((frame) => socket.umem.stateOf(frame))).toEqual(
      chain.map(() => "application"),
    );
    expect(socket.transmitChain(chain, [64, 64, 64], 2)).toBe(true);
    expect(socket.send(new Uint8Array(3000))).toBe(false);
    expect(socket.frames.application).toBe(4);
    for (const frame of frames.slice(16)) socket.free(frame);
    await socket.close();
  });

  it("are not for a socket that is not bound for them", async () => {
    const { socket } = await openDriver(lab.a, {});
    const frames = [socket.allocate(), socket.allocate()];
    expect(() => socket.transmitChain(frames, [64, 64])).toThrow(
      expect.objectContaining({ code: "ERR_XDP_CHAIN" }),
    );
    expect(() => socket.send(new Uint8Array(2049))).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" }),
    );
    expect(socket.transmitChain(frames, [64], 1)).toBe(true);
    socket.free(frames[1] as number);
    await socket.close();
  });
});
