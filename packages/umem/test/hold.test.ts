import { Umem } from "@afxdp/umem";
import { describe, expect, it } from "vitest";

describe("a held frame", () => {
  it("comes back to the application when sent, as often as it is sent", () => {
    const umem = new Umem({ frameCount: 2 });
    const address = umem.allocate();
    umem.hold(address);
    for (let round = 0; round < 3; round++) {
      umem.transmitted(address);
      expect(umem.stateOf(address)).toBe("transmit");
      expect(umem.completed(address)).toBe(true);
      expect(umem.stateOf(address)).toBe("application");
      expect(umem.isHeld(address)).toBe(true);
    }
    umem.free(address);
    expect(umem.isHeld(address)).toBe(false);
    expect(umem.counts().free).toBe(2);
  });

  it("can be held while it is under way, and let go there", () => {
    const umem = new Umem({ frameCount: 2 });
    const address = umem.allocate();
    umem.transmitted(address);
    umem.hold(address);
    umem.unhold(address);
    umem.completed(address);
    expect(umem.stateOf(address)).toBe("free");
  });

  it("stays with the application after its batch, while a lent one goes back", () => {
    const umem = new Umem({ frameCount: 2 });
    const [kept, lent] = [umem.allocateForFill(), umem.allocateForFill()];
    umem.received(kept);
    umem.received(lent);
    umem.hold(kept);
    expect(umem.reclaimLent(kept)).toBe(false);
    expect(umem.reclaimLent(lent)).toBe(true);
    expect(umem.counts()).toMatchObject({ application: 1, fill: 1 });
  });

  it("is not confused with one that was freed and allocated again meanwhile", () => {
    const umem = new Umem({ frameCount: 2 });
    const address = umem.allocateForFill();
    umem.received(address);
    umem.free(address);
    expect(umem.allocate()).toBe(address);
    expect(umem.reclaimLent(address)).toBe(false);
    expect(umem.stateOf(address)).toBe("application");
  });

  it("cannot be unheld when it is not held", () => {
    const umem = new Umem({ frameCount: 2 });
    const address = umem.allocate();
    expect(() => umem.unhold(address)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" }),
    );
  });

  it("is not a kept one, which is free once it has been sent", () => {
    const umem = new Umem({ frameCount: 2 });
    const address = umem.allocateForFill();
    expect(() => umem.keep(address)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" }),
    );
    umem.received(address);
    umem.keep(address);
    expect(umem.reclaimLent(address)).toBe(false);
    umem.transmitted(address);
    umem.completed(address);
    expect(umem.stateOf(address)).toBe("free");
  });
});
