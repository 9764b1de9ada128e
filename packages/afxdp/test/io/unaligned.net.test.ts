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

describeOnKernel("frames of odd sizes that lie across pages", () => {
  const lab = useLab({ mtu: 3400, ipv6: false });
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
