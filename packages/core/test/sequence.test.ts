import { Sequence, STEP_NAMES, type StepName, XdpError } from "@afxdp/core";
import { describe, expect, it } from "vitest";

/** Takes the steps up to `last`, writing down what is undone. */
function upTo(last: StepName): { sequence: Sequence; undone: string[] } {
  const sequence = new Sequence();
  const undone: string[] = [];
  for (const step of STEP_NAMES.slice(0, STEP_NAMES.indexOf(last) + 1)) {
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
    expect(undone).toEqual([...STEP_NAMES.slice(0, 8)].reverse().map((name) => `${name}!`));
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
    expect(undone).toEqual([...STEP_NAMES].reverse());
    expect(sequence.closeNow()).toEqual([]);
    expect(undone.length).toBe(STEP_NAMES.length);
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
});
