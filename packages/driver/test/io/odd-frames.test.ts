import { expect, it } from "vitest";
import { openPlayed } from "../support/open-played.js";
import { type SentDescriptor, sendAll } from "../support/played-kernel.mjs";

const FRAME = 3001;

it.each([3000, 3001, 6000, 6001, 9000])(
  "in frames of an odd size a packet of %i bytes is sent whole, and no byte beside it is written",
  async (length) => {
    const a = await openPlayed({
      umem: { frameCount: 64, frameSize: FRAME, unaligned: true },
      bind: { multiBuffer: true },
      entries: 8,
    });
    let sent: SentDescriptor[] = [];
    a.played.onKick = () => {
      sent.push(...sendAll(a.rings));
    };
    // From an even frame and from an odd one, whichever comes first.
    for (const skipped of [0, 1]) {
      for (let i = 0; i < skipped; i++) a.socket.allocate();
      sent = [];
      a.socket.bytes.fill(0xee);
      expect(a.socket.send(new Uint8Array(length).fill(7))).toBe(true);
      expect(sent.reduce((sum, one) => sum + one.length, 0)).toBe(length);
      for (const { address, length: bytes } of sent) {
        expect(Math.floor(address / FRAME)).toBe(Math.floor((address + bytes - 1) / FRAME));
        expect(a.socket.bytes.subarray(address, address + bytes).every((byte) => byte === 7)).toBe(
          true,
        );
      }
      expect(a.socket.bytes.reduce((count, byte) => count + (byte === 7 ? 1 : 0), 0)).toBe(length);
    }
    await a.socket.close();
  },
);
