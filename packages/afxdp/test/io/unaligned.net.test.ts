import type { Host } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, describe, expect, it } from "vitest";
import {
  closeDrivers,
  MODES,
  openDriver,
  patterned,
  receiveCopies,
} from "../support/driver-socket.js";

const SIZES = [3000, 4001, 2049] as const;
const COUNT = 200;

/** The addresses of a packet that goes back. */
const returned = (to: Host, from: Host): Uint8Array => patterned(to, from, 14).subarray(0, 12);

describeOnKernel("frames of odd sizes that lie across pages", () => {
  const lab = useLab({ mtu: 3400, ipv6: false });
  const jumbo = useLab({ mtu: 9000, ipv6: false });
  afterEach(closeDrivers);

  describe.each(MODES)("in %s mode", (mode) => {
    it.each(SIZES)("of %i bytes carry packets both ways, whole", async (frameSize) => {
      const umem = { frameCount: 256, frameSize, unaligned: true };
      const { socket: a } = await openDriver(lab.a, { mode, umem });
      const { socket: b } = await openDriver(lab.b, { mode, umem });
      const most = Math.min(frameSize - 256 - 320, 3400);
      for (const [from, to, source, sink] of [
        [lab.b, lab.a, b, a],
        [lab.a, lab.b, a, b],
      ] as const) {
        let crossing = 0;
        for (let round = 0; round < COUNT; round += 20) {
          const sent = Array.from({ length: 20 }, (_, i) =>
            patterned(to, from, 60 + (((round + i) * 97) % (most - 60)), round + i),
          );
          for (const packet of sent) expect(source.send(packet)).toBe(true);
          const seen: Uint8Array[] = [];
          while (seen.length < 20 && (await sink.readable({ timeoutMs: 2000 }))) {
            sink.receive((batch) => {
              for (let i = 0; i < batch.count; i++) {
                const address = batch.address(i);
                const end = address + batch.length(i) - 1;
                if (Math.floor(address / 4096) !== Math.floor(end / 4096)) crossing++;
                expect(batch.headroom(i)).toBe(256);
                seen.push(Uint8Array.from(batch.packet(i)));
              }
            });
          }
          expect(seen).toEqual(sent);
        }
        if (frameSize > 2500) expect(crossing).toBeGreaterThan(0);
        expect(await source.drained({ timeoutMs: 2000 })).toBe(true);
        expect(source.stats()).toMatchObject({ txPackets: COUNT, invalidCompletions: 0 });
        expect(sink.stats()).toMatchObject({ rxPackets: COUNT, rxInvalid: 0 });
        expect(source.stats().kernel.txInvalidDescs).toBe(0);
      }
      for (const socket of [a, b]) {
        expect(socket.umem.audit()).toBe(true);
        expect(await socket.close()).toMatchObject({ application: 0, transmit: 0 });
      }
    });

    it.each([
      [2049, false],
      [3001, true],
      [4001, true],
    ])(
      "of %i bytes (room for metadata: %s) carry jumbo packets, and send them back",
      async (frameSize, txMetadata) => {
        const umem = { frameCount: 256, frameSize, unaligned: true, txMetadata };
        const bind = { multiBuffer: true };
        const { socket: a } = await openDriver(jumbo.a, { mode, umem, bind });
        const { socket: b } = await openDriver(jumbo.b, { mode, umem, bind });
        const room = frameSize - 1 - (txMetadata ? 24 : 0);
        // What fills one frame, two, and as many as an MTU of 9000 takes, and a byte more of each.
        const sizes = [60, room, room + 1, 2 * room, 2 * room + 1, 9000, 9014];
        const sent = sizes.map((size, i) => patterned(jumbo.a, jumbo.b, size, i));
        for (const packet of sent) expect(b.send(packet)).toBe(true);
        const seen: Uint8Array[] = [];
        while (seen.length < sent.length && (await a.readable({ timeoutMs: 2000 }))) {
          a.receive((batch) => {
            for (let i = 0; i < batch.count; i++) {
              seen.push(Uint8Array.from(batch.packet(i)));
              batch.bytes.set(returned(jumbo.b, jumbo.a), batch.address(i));
              expect(batch.send(i)).toBe(true);
            }
          });
        }
        expect(seen).toEqual(sent);
        const back = sizes.map((size, i) => patterned(jumbo.b, jumbo.a, size, i));
        expect(await receiveCopies(b, sent.length)).toEqual(back);
        for (const socket of [a, b]) {
          expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
          expect(socket.stats()).toMatchObject({
            txPackets: 7,
            invalidCompletions: 0,
            rxInvalid: 0,
          });
          expect(socket.stats().kernel.txInvalidDescs).toBe(0);
          expect(socket.umem.audit()).toBe(true);
          expect(await socket.close()).toMatchObject({ application: 0, transmit: 0 });
        }
      },
    );

    it("of an odd size take one packet of the same length each, whichever frame it is", async () => {
      const umem = { frameCount: 64, frameSize: 3001, unaligned: true };
      const { socket } = await openDriver(lab.a, { mode, umem, entries: 16 });
      const { sendRoom } = socket.umem.geometry;
      expect(sendRoom).toBe(3000);
      for (let i = 0; i < 4; i++) {
        expect(socket.send(patterned(lab.b, lab.a, sendRoom, i))).toBe(true);
        expect(() => socket.send(patterned(lab.b, lab.a, sendRoom + 1, i))).toThrow(
          expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" }),
        );
        // So that the next one takes a frame of the other kind.
        socket.allocate();
      }
      expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
      expect(socket.stats().txPackets).toBe(4);
    });

    it("come back to their own frame though the kernel completes odd addresses at even ones", async () => {
      const umem = { frameCount: 8, frameSize: 4001, unaligned: true };
      const { socket } = await openDriver(lab.a, { mode, umem, entries: 2 });
      const [first, second] = [socket.allocate(), socket.allocate()];
      const base = Math.max(
        socket.umem.geometry.baseOf(first),
        socket.umem.geometry.baseOf(second),
      );
      expect(base % 2).toBe(1);
      expect(() => socket.transmit(base, 60)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" }),
      );
      expect(socket.transmit(Math.max(first, second), 60)).toBe(true);
      expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
      expect(socket.stats()).toMatchObject({ txPackets: 1, invalidCompletions: 0 });
      socket.free(Math.min(first, second));
      expect(socket.umem.audit()).toBe(true);
    });

    it("go back where they lie, in several frames, with room for metadata", async () => {
      const umem = { frameCount: 256, frameSize: 3000, unaligned: true, txMetadata: true };
      const bind = { multiBuffer: true };
      const { socket: a } = await openDriver(lab.a, { mode, umem, bind });
      const { socket: b } = await openDriver(lab.b, { mode, umem, bind });
      const sent = Array.from({ length: 12 }, (_, i) => patterned(lab.a, lab.b, 3300 - i, i));
      for (const packet of sent) expect(b.send(packet)).toBe(true);
      let handled = 0;
      while (handled < 12 && (await a.readable({ timeoutMs: 2000 }))) {
        a.receive((batch) => {
          for (let i = 0; i < batch.count; i++) {
            expect(batch.segmentCount(i)).toBe(2);
            expect(batch.send(i)).toBe(true);
          }
          handled += batch.count;
        });
      }
      expect(await receiveCopies(b, 12)).toEqual(sent);
      expect(await a.drained({ timeoutMs: 2000 })).toBe(true);
      expect(a.stats()).toMatchObject({ rxPackets: 12, txPackets: 12, invalidCompletions: 0 });
      for (const socket of [a, b]) {
        expect(socket.umem.audit()).toBe(true);
        expect(await socket.close()).toMatchObject({ application: 0, transmit: 0 });
      }
    });
  });
});
