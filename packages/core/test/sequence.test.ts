import { Sequence, STEP_NAMES, type StepName, XdpError } from "@afxdp/core";
import { describe, expect, it } from "vitest";

/** The steps of a socket with a UMEM of its own. */
const OWN: readonly StepName[] = STEP_NAMES.filter(
  (step) => step !== "shareUmem" && step !== "shareQueue",
);

/** Takes the steps up to `last`, writing down what is undone. */
function upTo(last: StepName): { sequence: Sequence; undone: string[] } {
  const sequence = new Sequence();
  const undone: string[] = [];
  for (const step of OWN.slice(0, OWN.indexOf(last) + 1)) {
    sequence.perform(
      step,
      () => step,
      (name) => (now) => void undone.push(now ? `${name}!` : name),
    );
  }
  return { sequence, undone };
}

const codeOf = (body: () => unknown): unknown => {
  try {
    return body();
  } catch (error) {
    return (error as XdpError).code;
  }
};

describe("a sequence", () => {
  it("lets no step happen out of its turn, and changes nothing by refusing", () => {
    const { sequence } = upTo("fill");
    for (const step of STEP_NAMES.filter((name) => name !== "completion")) {
      let ran = false;
      expect(codeOf(() => sequence.perform(step, () => (ran = true)))).toBe("ERR_XDP_STATE");
      expect(ran).toBe(false);
    }
    expect(sequence.legal()).toEqual(["completion"]);
    expect(sequence.done).toEqual(["socket", "umem", "fill"]);
  });

  it("undoes everything in reverse when a step fails, and is closed then", () => {
    const { sequence, undone } = upTo("prefill");
    expect(() =>
      sequence.perform("bind", () => {
        throw new XdpError("ERR_XDP_QUEUE_BUSY", "busy");
      }),
    ).toThrow("busy");
    expect(undone).toEqual(
      OWN.slice(0, OWN.indexOf("bind"))
        .reverse()
        .map((name) => `${name}!`),
    );
    expect(codeOf(() => sequence.check("bind"))).toBe("ERR_XDP_CLOSED");
    expect(sequence.legal()).toEqual([]);
  });

  it("keeps what fails while undoing in the error, and undoes the rest", async () => {
    const undone: string[] = [];
    const sequence = new Sequence();
    const fail = (): void => {
      throw new Error("cannot undo");
    };
    sequence.perform(
      "socket",
      () => 1,
      () => () => void undone.push("socket"),
    );
    sequence.perform(
      "umem",
      () => 2,
      () => fail,
    );
    const error = new XdpError("ERR_XDP_SYSCALL", "fill failed");
    await expect(sequence.performAsync("fill", () => Promise.reject(error))).rejects.toBe(error);
    expect(error.suppressed).toEqual([expect.objectContaining({ message: "cannot undo" })]);
    expect(undone).toEqual(["socket"]);
  });

  it("closes once, however often and from wherever it is asked", async () => {
    const { sequence, undone } = upTo("attach");
    const [first, second] = [sequence.close(), sequence.close()];
    expect(second).toBe(first);
    expect(await first).toEqual([]);
    expect(undone).toEqual([...OWN].reverse());
    expect(sequence.closeNow()).toEqual([]);
    expect(undone.length).toBe(OWN.length);
  });

  it("finishes at once what a slow close has begun", async () => {
    const undone: string[] = [];
    const sequence = new Sequence();
    sequence.perform(
      "socket",
      () => 1,
      () => (now) => void undone.push(`socket ${now}`),
    );
    sequence.perform(
      "umem",
      () => 2,
      () => async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
      },
    );
    const slow = sequence.close();
    sequence.closeNow();
    expect(undone).toEqual(["socket true"]);
    await slow;
    expect(undone).toEqual(["socket true"]);
  });

  it("lets no other step begin while one is under way, and undoes it when closed meanwhile", async () => {
    const undone: string[] = [];
    const sequence = new Sequence();
    let finish = (): void => {};
    const pending = sequence.performAsync(
      "socket",
      () => new Promise<number>((resolve) => (finish = () => resolve(7))),
      (fd) => () => void undone.push(`closed ${fd}`),
    );
    expect(codeOf(() => sequence.check("umem"))).toBe("ERR_XDP_STATE");
    await sequence.close();
    finish();
    await expect(pending).rejects.toMatchObject({ code: "ERR_XDP_CLOSED" });
    expect(undone).toEqual(["closed 7"]);
  });

  describe("that others depend on", () => {
    /** A sequence with one step, which writes down its undoing. */
    function taken(name: string, undone: string[]): Sequence {
      const sequence = new Sequence();
      sequence.perform(
        "socket",
        () => name,
        () => (now) => void undone.push(now ? `${name}!` : name),
      );
      return sequence;
    }

    /** A foundation, and two that depend on it, of which the second depends on the first as well. */
    function built(undone: string[]): Sequence[] {
      const [owner, first, second] = ["owner", "first", "second"].map((name) =>
        taken(name, undone),
      );
      first?.dependOn(owner as Sequence);
      second?.dependOn(owner as Sequence);
      second?.dependOn(first as Sequence);
      return [owner, first, second] as Sequence[];
    }

    it("closes them first, the last one before those that it depends on", async () => {
      const undone: string[] = [];
      const [owner, first] = built(undone);
      expect([owner?.dependents, first?.dependents]).toEqual([2, 1]);
      expect(await owner?.close()).toEqual([]);
      expect(undone).toEqual(["second", "first", "owner"]);
      expect([owner?.dependents, first?.dependents]).toEqual([0, 0]);
    });

    it("does so at once, too", () => {
      const undone: string[] = [];
      const [owner, , second] = built(undone);
      owner?.closeNow();
      expect(undone).toEqual(["second!", "first!", "owner!"]);
      expect(second?.closed).toBe(true);
    });

    it("counts one until it is closed to the end, however it is closed", async () => {
      const undone: string[] = [];
      const [owner, first, second] = built(undone);
      const closing = second?.close();
      expect(owner?.dependents).toBe(2);
      await closing;
      expect(owner?.dependents).toBe(1);
      first?.closeNow();
      expect(owner?.dependents).toBe(0);
    });

    it("hands on what their undoing meets", async () => {
      const owner = taken("owner", []);
      const dependent = new Sequence();
      dependent.perform(
        "socket",
        () => 1,
        () => () => {
          throw new Error("cannot undo");
        },
      );
      dependent.dependOn(owner);
      expect(await owner.close()).toEqual([expect.objectContaining({ message: "cannot undo" })]);
    });
  });
});
