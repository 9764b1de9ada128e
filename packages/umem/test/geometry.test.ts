import { FrameGeometry, MAX_UMEM_LENGTH, planFrames } from "@afxdp/umem";
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

describe("frames of any size, with room for TX metadata", () => {
  const options = fc.record({
    frameCount: fc.integer({ min: 2, max: 64 }),
    frameSize: fc.integer({ min: 2048, max: 4096 }),
    length: fc.constantFrom(0, 24, 40, 248),
  });

  it("hold every address in the frame that division says, and offer packets only behind the metadata", () => {
    fc.assert(
      fc.property(options, fc.nat(), ({ frameCount, frameSize, length }, at) => {
        const txMetadata = length === 0 ? false : { length };
        const geometry = planFrames({ frameCount, frameSize, unaligned: true, txMetadata });
        const address = at % geometry.length;
        const frame = Math.floor(address / frameSize);
        const offset = address - frame * frameSize;
        expect(geometry.frameOf(address)).toBe(frame);
        expect(geometry.baseOf(address)).toBe(frame * frameSize);
        expect(geometry.roomAt(address)).toBe(frameSize - offset);
        const first = geometry.packetAddressOf(frame);
        expect(first % 2).toBe(0);
        expect(first - frame * frameSize - length).toBeLessThanOrEqual(1);
        expect(geometry.sendRoomAt(first)).toBe(frameSize - (first - frame * frameSize));
        if (offset < length) expect(geometry.sendRoomAt(address)).toBe(0);
        else if (address > first) expect(geometry.sendRoomAt(address)).toBe(frameSize - offset);
      }),
    );
  });

  it("find the address of an unaligned descriptor in base and offset, and refuse a base over 4 GiB", () => {
    const geometry = planFrames({ frameCount: 8, frameSize: 3000, unaligned: true });
    expect(geometry.addressAt(3000, 256 << 16)).toBe(3256);
    expect(geometry.addressAt(3000, 0xffff_0000)).toBe(3000 + 0xffff);
    expect(geometry.addressAt(3000, (256 << 16) | 1)).toBe(-1);
    const aligned = planFrames({ frameCount: 8, txMetadata: true });
    expect(aligned.addressAt(2048, 1 << 16)).toBe(-1);
    expect(aligned.addressAt(2048, 0)).toBe(2048);
  });
});
