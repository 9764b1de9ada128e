import { XdpError } from "@afxdp/core";
import { FrameGeometry, MAX_UMEM_LENGTH } from "@afxdp/umem";
import { describe, expect, it } from "vitest";

const code = (body: () => unknown): string | undefined => {
  try {
    body();
  } catch (error) {
    return error instanceof XdpError ? error.code : `not an XdpError: ${error}`;
  }
  return undefined;
};

describe("frame options that no kernel takes are refused", () => {
  const bad = (value: unknown): number => value as number;
  it.each([0, 1024, 2047, 3000, 131072, -2048, 2048.5, Number.NaN, bad("4k"), bad(null)])(
    "frameSize %s gives ERR_XDP_CHUNK_SIZE",
    (frameSize) => {
      expect(code(() => new FrameGeometry({ frameCount: 16, frameSize }))).toBe(
        "ERR_XDP_CHUNK_SIZE",
      );
    },
  );

  it.each([
    0,
    1,
    -1,
    1.5,
    Number.NaN,
    2 ** 31,
    Number.POSITIVE_INFINITY,
    bad("64"),
    bad(undefined),
  ])("frameCount %s gives ERR_XDP_UMEM_SIZE", (frameCount) => {
    expect(code(() => new FrameGeometry({ frameCount }))).toBe("ERR_XDP_UMEM_SIZE");
  });

  it.each([-1, 0.5, Number.NaN, 1345, 2048, bad("8")])(
    "headroom %s gives ERR_XDP_HEADROOM",
    (headroom) => {
      expect(code(() => new FrameGeometry({ frameCount: 16, headroom }))).toBe("ERR_XDP_HEADROOM");
    },
  );

  it.each([undefined, null, 64, "64"])("the options %s give ERR_XDP_ARGUMENT", (options) => {
    expect(code(() => new FrameGeometry(options as never))).toBe("ERR_XDP_ARGUMENT");
  });

  it("takes the greatest headroom that the newest kernel takes", () => {
    expect(new FrameGeometry({ frameCount: 2, frameSize: 2048, headroom: 1344 }).headroom).toBe(
      1344,
    );
    expect(new FrameGeometry({ frameCount: 2, frameSize: 4096, headroom: 3392 }).headroom).toBe(
      3392,
    );
  });

  it("takes as many frames as 4 GiB hold beside the rings, and not one more", () => {
    const most = MAX_UMEM_LENGTH / 4096;
    expect(new FrameGeometry({ frameCount: most, frameSize: 4096 }).length).toBe(MAX_UMEM_LENGTH);
    expect(code(() => new FrameGeometry({ frameCount: most + 1, frameSize: 4096 }))).toBe(
      "ERR_XDP_UMEM_SIZE",
    );
  });

  it("refuses frames larger than a page of the machine", () => {
    const geometry = new FrameGeometry({ frameCount: 2, frameSize: 8192 });
    expect(code(() => geometry.checkPageSize(4096))).toBe("ERR_XDP_CHUNK_SIZE");
    expect(code(() => geometry.checkPageSize(16384))).toBeUndefined();
  });
});
