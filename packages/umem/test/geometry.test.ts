import { FrameGeometry, MAX_UMEM_LENGTH } from "@afxdp/umem";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("an address is turned into its frame", () => {
  it("for every byte of every frame, also above 2^31", () => {
    const geometry = new FrameGeometry({ frameCount: MAX_UMEM_LENGTH / 4096, frameSize: 4096 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_UMEM_LENGTH - 1 }), (address) => {
        const frame = geometry.frameOf(address);
        expect(frame).toBe(Math.floor(address / 4096));
        expect(geometry.addressOf(frame)).toBe(geometry.baseOf(address));
        expect(geometry.baseOf(address) + 4096 - address).toBe(geometry.roomAt(address));
      }),
    );
  });

  it("and to none for what lies outside, whatever it looks like in 32 bits", () => {
    const geometry = new FrameGeometry({ frameCount: 4 });
    const outside = [-1, 8192, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53, Number.NaN, -0.5, Infinity];
    for (const address of outside) expect(geometry.frameOf(address)).toBe(-1);
  });
});
