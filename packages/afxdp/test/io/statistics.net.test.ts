import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, describe, expect, it } from "vitest";
import {
  closeDrivers,
  MODES,
  openDriver,
  patterned,
  receiveCopies,
} from "../support/driver-socket.js";

describeOnKernel("statistics", () => {
  const lab = useLab({ mtu: 3000, ipv6: false });
  afterEach(closeDrivers);

  describe.each(MODES)("in %s mode", (mode) => {
    it.each([
      ["a full rx ring", { rx: 16, umem: { frameCount: 256 } }, 60, "rxRingFull"],
      ["an empty fill ring", { rx: 128, entries: 32 }, 60, "fillRingEmpty"],
      ["packets too large for a frame", {}, 2500, "other"],
    ] as const)("tell what was lost to %s", async (_what, options, length, cause) => {
      const { socket: a } = await openDriver(lab.a, { mode, ...options });
      const { socket: b } = await openDriver(lab.b, { umem: { frameSize: 4096 } });
      const COUNT = 64;
      for (let i = 0; i < COUNT; i++) {
        expect(b.send(patterned(lab.a, lab.b, length, i))).toBe(true);
      }
      expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
      const there = a.stats().rings.rx?.used ?? -1;
      const { drops } = a.stats();
      expect(drops).toEqual({
        ...{ rxRingFull: 0, fillRingEmpty: 0, other: 0, invalid: 0, brokenChains: 0 },
        [cause]: COUNT - there,
      });
      expect(drops[cause]).toBeGreaterThan(0);
      expect((await receiveCopies(a, there)).length).toBe(there);
      expect(b.stats().rings).toMatchObject({ tx: { used: 0 }, completion: { used: 0 } });
      expect(b.stats()).toMatchObject({ txQueued: COUNT, txPackets: COUNT });
      expect(b.stats().txKicks).toBeGreaterThan(0);
    });
  });
});
