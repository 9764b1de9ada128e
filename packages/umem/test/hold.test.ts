import { Umem } from "@afxdp/umem";
import { describe, expect, it } from "vitest";

describe("a held frame", () => {
  it("comes back to the application when sent, as often as it is sent", () => {
    const umem = new Umem({ frameCount: 2 });
    const account = umem.openAccount();
    const address = umem.allocate();
    umem.hold(address);
    for (let round = 0; round < 3; round++) {
      account.transmitted(address);
      expect(umem.stateOf(address)).toBe("transmit");
      expect(account.completed(address)).toBe(true);
      expect(umem.stateOf(address)).toBe("application");
      expect(umem.isHeld(address)).toBe(true);
    }
    umem.free(address);
    expect(umem.isHeld(address)).toBe(false);
    expect(umem.counts().free).toBe(2);
  });

  it("can be held while it is under way, and let go there", () => {
    const umem = new Umem({ frameCount: 2 });
    const account = umem.openAccount();
    const address = umem.allocate();
    account.transmitted(address);
    umem.hold(address);
    umem.unhold(address);
    account.completed(address);
    expect(umem.stateOf(address)).toBe("free");
  });

  it("stays with the application after its batch, while a lent one goes back", () => {
    const umem = new Umem({ frameCount: 2 });
    const account = umem.openAccount();
    const [kept, lent] = [account.allocateForFill(), account.allocateForFill()];
    account.received(kept);
    account.received(lent);
    umem.hold(kept);
    expect(account.reclaimLent(kept)).toBe(false);
    expect(account.reclaimLent(lent)).toBe(true);
    expect(umem.counts()).toMatchObject({ application: 1, fill: 1 });
  });

  it("is not confused with one that was freed and allocated again meanwhile", () => {
    const umem = new Umem({ frameCount: 2 });
    const account = umem.openAccount();
    const address = account.allocateForFill();
    account.received(address);
    umem.free(address);
    expect(umem.allocate()).toBe(address);
    expect(account.reclaimLent(address)).toBe(false);
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
    const account = umem.openAccount();
    const address = account.allocateForFill();
    expect(() => umem.keep(address)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" }),
    );
    account.received(address);
    umem.keep(address);
    expect(account.reclaimLent(address)).toBe(false);
    account.transmitted(address);
    account.completed(address);
    expect(umem.stateOf(address)).toBe("free");
  });
});
