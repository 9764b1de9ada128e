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
      const account = umem.openAccount();
      const address = value as number;
      for (const verb of ["free", "keep", "hold", "unhold", "stateOf"] as const) {
        expect(code(() => umem[verb](address))).toBe("ERR_XDP_FOREIGN_FRAME");
      }
      for (const verb of ["filled", "transmitted"] as const) {
        expect(code(() => account[verb](address))).toBe("ERR_XDP_FOREIGN_FRAME");
      }
      expect(account.received(address)).toBe(false);
      expect(account.completed(address)).toBe(false);
      expect(umem.audit()).toBe(true);
    },
  );

  it("a frame of the kernel that is freed, sent, filled or held", () => {
    const umem = new Umem({ frameCount: 4 });
    const account = umem.openAccount();
    const filling = account.allocateForFill();
    for (const verb of ["free", "hold"] as const) {
      expect(code(() => umem[verb](filling))).toBe("ERR_XDP_FRAME_STATE");
    }
    for (const verb of ["filled", "transmitted"] as const) {
      expect(code(() => account[verb](filling))).toBe("ERR_XDP_FRAME_STATE");
    }
    const sending = umem.allocate();
    account.transmitted(sending);
    for (const verb of ["filled", "transmitted"] as const) {
      expect(code(() => account[verb](sending))).toBe("ERR_XDP_FRAME_STATE");
    }
    expect(code(() => umem.free(sending))).toBe("ERR_XDP_FRAME_STATE");
    expect(umem.counts()).toMatchObject({ fill: 1, transmit: 1, free: 2 });
  });

  it("a packet in a frame that the kernel was not given, and the same packet twice", () => {
    const umem = new Umem({ frameCount: 4 });
    const account = umem.openAccount();
    const address = account.allocateForFill();
    expect(account.received(address + 256)).toBe(true);
    expect(account.received(address + 256)).toBe(false);
    expect(account.received(umem.allocate() + 256)).toBe(false);
  });

  it("a completion for a frame that was not sent, and a second one", () => {
    const umem = new Umem({ frameCount: 4 });
    const account = umem.openAccount();
    const address = umem.allocate();
    expect(account.completed(address)).toBe(false);
    account.transmitted(address);
    expect(account.completed(address)).toBe(true);
    expect(account.completed(address)).toBe(false);
    expect(umem.audit()).toBe(true);
  });
});
