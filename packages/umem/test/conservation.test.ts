import { type FrameAccount, Umem } from "@afxdp/umem";
import fc from "fast-check";
import { expect, it } from "vitest";

/** What can be done to a frame, and to which state of a reference model it leads from which. */
type State = "free" | "application" | "fill" | "transmit";
interface Model {
  readonly states: State[];
  readonly held: boolean[];
  readonly lent: boolean[];
  /** The account that a frame with the kernel counts for. */
  readonly owner: number[];
}

const FRAMES = 8;
const VERBS = [
  "allocate",
  "allocateForFill",
  "free",
  "keep",
  "hold",
  "unhold",
  "filled",
  "received",
  "reclaimLent",
  "transmitted",
  "completed",
  "reclaimAll",
] as const;

function apply(
  umem: Umem,
  accounts: readonly FrameAccount[],
  model: Model,
  verb: (typeof VERBS)[number],
  frame: number,
  offset: number,
  at: number,
): void {
  const { states, held, lent, owner } = model;
  const account = accounts[at] as FrameAccount;
  const address = frame * 2048 + offset;
  const settle = (to: State): void => {
    states[frame] = to;
    held[frame] = false;
    lent[frame] = false;
    if (to === "fill") owner[frame] = at;
  };
  const throwing = (legal: boolean, then: () => void): void => {
    let threw = false;
    try {
      const object = verb === "filled" || verb === "transmitted" ? account : umem;
      (object as unknown as Record<string, (address: number) => void>)[verb]?.(address);
    } catch {
      threw = true;
    }
    expect(threw).toBe(!legal);
    if (legal) then();
  };
  const state = states[frame] as State;
  switch (verb) {
    case "allocate":
    case "allocateForFill": {
      const given = verb === "allocate" ? umem.allocate() : account.allocateForFill();
      expect(given === -1).toBe(!states.includes("free"));
      if (given === -1) return;
      const index = given / 2048;
      expect(states[index]).toBe("free");
      states[index] = verb === "allocate" ? "application" : "fill";
      owner[index] = at;
      return;
    }
    case "free":
      throwing(state === "application", () => settle("free"));
      return;
    case "filled":
      throwing(state === "application", () => settle("fill"));
      return;
    case "transmitted":
      throwing(state === "application", () => {
        states[frame] = "transmit";
        owner[frame] = at;
        lent[frame] = false;
      });
      return;
    case "keep":
      throwing(state === "application", () => {
        lent[frame] = false;
      });
      return;
    case "hold":
      throwing(state === "application" || state === "transmit", () => {
        held[frame] = true;
        lent[frame] = false;
      });
      return;
    case "unhold":
      throwing(held[frame] as boolean, () => {
        held[frame] = false;
      });
      return;
    case "received":
      expect(account.received(address)).toBe(state === "fill" && owner[frame] === at);
      if (state === "fill" && owner[frame] === at) {
        states[frame] = "application";
        lent[frame] = true;
      }
      return;
    case "reclaimLent":
      expect(account.reclaimLent(address)).toBe(lent[frame]);
      if (lent[frame]) settle("fill");
      return;
    case "completed":
      expect(account.completed(address)).toBe(state === "transmit" && owner[frame] === at);
      if (state === "transmit" && owner[frame] === at)
        states[frame] = held[frame] ? "application" : "free";
      return;
    case "reclaimAll": {
      let expected = 0;
      states.forEach((now, i) => {
        if ((now !== "fill" && now !== "transmit") || owner[i] !== at) return;
        states[i] = held[i] ? "application" : "free";
        expected++;
      });
      expect(account.reclaimAll()).toBe(expected);
    }
  }
}

it("frames are conserved under any sequence of calls, and every call does what the model does", () => {
  const step = fc.tuple(fc.constantFrom(...VERBS), fc.nat(FRAMES - 1), fc.nat(2047), fc.nat(1));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const umem = new Umem({ frameCount: FRAMES, ringsLength: 0 });
      const accounts = [umem.openAccount(), umem.openAccount()];
      const model: Model = {
        states: Array(FRAMES).fill("free"),
        held: Array(FRAMES).fill(false),
        lent: Array(FRAMES).fill(false),
        owner: Array(FRAMES).fill(0),
      };
      for (const [verb, frame, offset, at] of steps) {
        apply(umem, accounts, model, verb, frame, offset, at);
        const { free, application, fill, transmit, total } = umem.counts();
        expect(free + application + fill + transmit).toBe(total);
      }
      expect(umem.audit()).toBe(true);
      const withKernel = (at: number): number =>
        model.states.filter((state, i) => /fill|transmit/.test(state) && model.owner[i] === at)
          .length;
      accounts.forEach((account, at) => {
        expect(account.fillCount + account.transmitCount).toBe(withKernel(at));
      });
      expect(model.states.map((_, frame) => umem.stateOf(frame * 2048))).toEqual(model.states);
    }),
    { numRuns: 150 },
  );
});
