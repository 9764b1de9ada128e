import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, describe, expect, it } from "vitest";
import {
  closeDrivers,
  MODES,
  openDriver,
  patterned,
  receiveCopies,
} from "../support/driver-socket.js";

describeOnKernel("headroom", () => {
  const lab = useLab({ ipv6: false });
  afterEach(closeDrivers);

  describe.each(MODES)("in %s mode", (mode) => {
    it.each([
      ["a plain UMEM", {}, 256],
      ["a UMEM with headroom", { headroom: 128 }, 384],
      ["a UMEM with headroom and TX metadata", { headroom: 128, txMetadata: true }, 360],
      ["unaligned frames with headroom", { headroom: 64, frameSize: 3000, unaligned: true }, 320],
    ] as const)(
      "%s has room for a header in front of a received packet",
      async (_what, umem, free) => {
        const { socket: a } = await openDriver(lab.a, { mode, umem: { frameCount: 256, ...umem } });
        const { socket: b } = await openDriver(lab.b, { mode });
        const sent = patterned(lab.a, lab.b, 200);
        for (let i = 0; i < 2; i++) expect(b.send(sent)).toBe(true);
        let handled = 0;
        while (handled < 2 && (await a.readable({ timeoutMs: 2000 }))) {
          a.receive((batch) => {
            for (let i = 0; i < batch.count; i++, handled++) {
              expect(batch.headroom(i)).toBe(free);
              const address = batch.address(i);
              // Encapsulates it: the same Ethernet header and four bytes more, or all that there is room for.
              const more = handled === 0 ? 18 : free;
              const header = address - more;
              a.bytes.fill(0x5a, header, address);
              a.bytes.set(sent.subarray(0, 14), header);
              expect(a.transmit(header, 200 + more)).toBe(true);
            }
          });
        }
        const [short = new Uint8Array(), long = new Uint8Array()] = await receiveCopies(b, 2);
        expect([short.length, long.length]).toEqual([218, 200 + free]);
        for (const seen of [short, long]) {
          expect(seen.subarray(0, 14)).toEqual(sent.subarray(0, 14));
          expect(seen.subarray(seen.length - 200)).toEqual(sent);
        }
        expect(await a.drained({ timeoutMs: 2000 })).toBe(true);
        expect(a.umem.audit()).toBe(true);
      },
    );
  });

  it("ends where the frame begins, or its room for TX metadata: a packet cannot begin before it", async () => {
    for (const umem of [{}, { txMetadata: true }]) {
      const { socket } = await openDriver(lab.a, { umem });
      const address = socket.allocate() + 2048;
      expect(() => socket.transmit(address - 1, 100)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" }),
      );
      await closeDrivers();
    }
  });
});
