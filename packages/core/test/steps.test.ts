import { legalSteps, STEP_NAMES, STEPS, type StepName } from "@afxdp/core";
import { describe, expect, it } from "vitest";

const after = (...done: StepName[]): StepName[] => legalSteps(new Set(done));
const sized = ["socket", "umem", "fill", "completion"] as const;

describe("the table of steps", () => {
  it("allows exactly one order, but for whose the frames are and for what can be left out", () => {
    const paths: string[] = [];
    const walk = (done: StepName[]): void => {
      const legal = after(...done);
      const complete: readonly unknown[] = ["mode", "busyPoll", "promiscuous", "attach"];
      if (complete.includes(done.at(-1))) paths.push(done.join(" "));
      for (const step of legal) walk([...done, step]);
    };
    walk([]);
    const frames = ["umem fill completion", "shareUmem fill completion", "shareQueue"];
    const rings = ["rx", "rx tx", "rx tx budget", "tx", "tx budget"];
    const rest = "map prefill bind mode";
    const extras = ["", " busyPoll", " promiscuous", " busyPoll promiscuous"];
    const ends = extras.flatMap((extra) => [extra, `${extra} program xskmap attach`]);
    const ways = frames.flatMap((whose) =>
      rings.flatMap((sized) => ends.map((end) => `socket ${whose} ${sized} ${rest}${end}`)),
    );
    expect(paths.sort()).toEqual(ways.sort());
  });

  it("wants rx or tx before it maps", () => {
    expect(after(...sized)).toEqual(["rx", "tx"]);
    expect(after(...sized, "rx")).toEqual(["tx", "map"]);
    expect(after(...sized, "tx")).toEqual(["budget", "map"]);
  });

  it("takes a budget for a tx ring only", () => {
    expect(after("socket", "shareQueue")).toEqual(["rx", "tx"]);
    expect(after("socket", "shareQueue", "rx", "tx")).toEqual(["budget", "map"]);
  });

  it("undoes only steps whose traces outlive the descriptor", () => {
    expect(STEPS.filter((step) => step.undo !== null).map((step) => step.name)).toEqual([
      "socket",
      "umem",
      "map",
      "prefill",
      "busyPoll",
      "promiscuous",
      "program",
      "xskmap",
      "attach",
    ]);
    expect(new Set(STEP_NAMES).size).toBe(STEPS.length);
  });
});
