import { Umem } from "@afxdp/umem";
import { describe, expect, it } from "vitest";

const code = (body: () => unknown): string | undefined => {
  try {
    body();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe("the ledger catches at once", () => {
  it("a double free", () => {
    const umem = new Umem({ frameCount: 4 });
    const address = umem.allocate();
    umem.free(address);
    expect(code(() => umem.free(address))).toBe("ERR_XDP_DOUBLE_FREE");
    expect(umem.counts()).toMatchObject({ free: 4, application: 0 });
    expect(umem.audit()).toBe(true);
  });

  it.each([8192, -1, 2 ** 32, 1.5, Number.NaN, "0", undefined, null, {}])(
    "the foreign address %s in every call",
    (value) => {
      const umem = new Umem({ frameCount: 4 });
      const address = value as number;
      for (const verb of [
        "free",
        "keep",
        "hold",
        "unhold",
        "filled",
        "transmitted",
        "stateOf",
      ] as const) {
        expect(code(() => umem[verb](address))).toBe("ERR_XDP_FOREIGN_FRAME");
      }
      expect(umem.received(address)).toBe(false);
      expect(umem.completed(address)).toBe(false);
      expect(umem.audit()).toBe(true);
    },
  );

  it("a frame of the kernel that is freed, sent, filled or held", () => {
    const umem = new Umem({ frameCount: 4 });
    const filling = umem.allocateForFill();
    for (const verb of ["free", "hold", "filled", "transmitted"] as const) {
      expect(code(() => umem[verb](filling))).toBe("ERR_XDP_FRAME_STATE");
    }
    const sending = umem.allocate();
    umem.transmitted(sending);
    for (const verb of ["free", "filled", "transmitted"] as const) {
      expect(code(() => umem[verb](sending))).toBe("ERR_XDP_FRAME_STATE");
    }
    expect(umem.counts()).toMatchObject({ fill: 1, transmit: 1, free: 2 });
  });

  it("a packet in a frame that the kernel was not given, and the same packet twice", () => {
    const umem = new Umem({ frameCount: 4 });
    const address = umem.allocateForFill();
    expect(umem.received(address + 256)).toBe(true);
    expect(umem.received(address + 256)).toBe(false);
    expect(umem.received(umem.allocate() + 256)).toBe(false);
  });

  it("a completion for a frame that was not sent, and a second one", () => {
    const umem = new Umem({ frameCount: 4 });
    const address = umem.allocate();
    expect(umem.completed(address)).toBe(false);
    umem.transmitted(address);
    expect(umem.completed(address)).toBe(true);
    expect(umem.completed(address)).toBe(false);
    expect(umem.audit()).toBe(true);
  });
});
