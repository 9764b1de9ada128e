import { Umem } from "@afxdp/umem";
import { describe, expect, it } from "vitest";

describe("ending an account", () => {
  it("frees what the kernel held for it and leaves all else alone", () => {
    const umem = new Umem({ frameCount: 8, ringsLength: 0 });
    const [ours, theirs] = [umem.openAccount(), umem.openAccount()];
    ours.allocateForFill();
    const sent = umem.allocate();
    ours.transmitted(sent);
    const kept = umem.allocate();
    const filled = theirs.allocateForFill();
    const other = umem.allocate();
    theirs.transmitted(other);
    expect(ours.reclaimAll()).toBe(2);
    expect([ours.fillCount, ours.transmitCount]).toEqual([0, 0]);
    expect(umem.counts()).toMatchObject({ free: 5, application: 1, fill: 1, transmit: 1 });
    expect([kept, filled, other].map((address) => umem.stateOf(address))).toEqual([
      "application",
      "fill",
      "transmit",
    ]);
    expect(umem.audit()).toBe(true);
  });

  it("gives a held frame that was being sent back to the application, which has its address", () => {
    const umem = new Umem({ frameCount: 4, ringsLength: 0 });
    const account = umem.openAccount();
    const held = umem.allocate();
    umem.hold(held);
    account.transmitted(held);
    expect(account.reclaimAll()).toBe(1);
    expect(umem.stateOf(held)).toBe("application");
    expect(umem.isHeld(held)).toBe(true);
    const rest = [umem.allocate(), umem.allocate(), umem.allocate()];
    expect(rest).not.toContain(held);
    expect(umem.allocate()).toBe(-1);
    umem.free(held);
    expect(umem.audit()).toBe(true);
  });

  it("lets another be opened, however often: 4096 is the most at a time", () => {
    const umem = new Umem({ frameCount: 4, ringsLength: 0 });
    for (let i = 0; i < 5000; i++) {
      const account = umem.openAccount();
      account.allocateForFill();
      expect(account.reclaimAll()).toBe(1);
    }
    const open = Array.from({ length: 4096 }, () => umem.openAccount());
    expect(() => umem.openAccount()).toThrow(expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }));
    const last = open.at(-1);
    const frame = last?.allocateForFill() as number;
    expect(open[0]?.received(frame)).toBe(false);
    expect(last?.received(frame)).toBe(true);
    expect(umem.counts()).toMatchObject({ free: 3, application: 1 });
    expect(umem.audit()).toBe(true);
  });
});
