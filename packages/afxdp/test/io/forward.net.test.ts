import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, describe, expect, it } from "vitest";
import {
  closeDrivers,
  MODES,
  openDriver,
  patterned,
  receiveCopies,
} from "../support/driver-socket.js";

describeOnKernel("a packet handed to another socket on the UMEM", () => {
  const lab = useLab({ queues: 2, mtu: 9000, ipv6: false });
  afterEach(closeDrivers);

  describe.each(MODES)("in %s mode", (mode) => {
    it.each([
      ["in one frame", 1000],
      ["in several frames", 6000],
    ])(
      "%s leaves by that one's queue, without a copy, and comes back to the frames of both",
      async (_what, length) => {
        const before = footprint();
        const bind = { multiBuffer: true };
        const umem = { frameCount: 512, sharers: 1 };
        const first = await openDriver(lab.a, { mode, bind, umem });
        const in0 = first.socket;
        const { socket: out1 } = await openDriver(lab.a, { queue: 1, share: first });
        const peer = await openDriver(lab.b, { mode, bind, umem });
        const b0 = peer.socket;
        const { socket: b1 } = await openDriver(lab.b, { queue: 1, share: peer });
        // In the generic path veth leaves the sender's queue number in the packet, where receivers keep theirs plus one
        // (skb_get_rx_queue): what left by queue 1 comes in at queue 0.
        const sink = mode === "skb" ? b0 : b1;
        const ROUNDS = 8;
        for (let round = 0; round < ROUNDS; round++) {
          const sent = Array.from({ length: 10 }, (_, i) =>
            patterned(lab.a, lab.b, length, round + i),
          );
          for (const packet of sent) expect(b0.send(packet)).toBe(true);
          let handled = 0;
          while (handled < 10 && (await in0.readable({ timeoutMs: 2000 }))) {
            in0.receive((batch) => {
              for (let i = 0; i < batch.count; i++, handled++) {
                expect(batch.forward(i, out1)).toBe(true);
                expect(in0.umem.stateOf(batch.address(i))).toBe("transmit");
              }
            });
          }
          expect(await receiveCopies(sink, 10)).toEqual(sent);
          expect(await out1.drained({ timeoutMs: 2000 })).toBe(true);
        }
        expect(in0.stats()).toMatchObject({ rxPackets: 80, txQueued: 0 });
        expect(out1.stats()).toMatchObject({ txQueued: 80, txPackets: 80, invalidCompletions: 0 });
        expect(in0.frames).toMatchObject({ application: 0, transmit: 0 });
        expect(in0.umem.audit()).toBe(true);
        await closeDrivers();
        expect(footprint()).toEqual(before);
      },
    );
  });
});
