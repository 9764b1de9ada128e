import { legalSteps, STEP_NAMES, STEPS, type StepName } from "@afxdp/core";
import { describe, expect, it } from "vitest";

const after = (...done: StepName[]): StepName[] => legalSteps(new Set(done));
const sized = ["socket", "umem", "fill", "completion"] as const;

describe("the table of steps", () => {
  it("allows exactly one order, but for which of rx and tx there are and whether there is a program", () => {
    const paths: string[] = [];
    const walk = (done: StepName[]): void => {
      const legal = after(...done);
      if (legal.length === 0 || done.at(-1) === "mode") paths.push(done.join(" "));
      for (const step of legal) walk([...done, step]);
    };
    walk([]);
    const rest = "map prefill bind mode";
    const steer = "program xskmap attach";
    const ways = ["rx", "rx tx", "tx"].flatMap((rings) => [
      `${sized.join(" ")} ${rings} ${rest}`,
      `${sized.join(" ")} ${rings} ${rest} ${steer}`,
    ]);
    expect(paths.sort()).toEqual(ways.sort());
  });

  it("wants rx or tx before it maps", () => {
    expect(after(...sized)).toEqual(["rx", "tx"]);
    expect(after(...sized, "rx")).toEqual(["tx", "map"]);
    expect(after(...sized, "tx")).toEqual(["map"]);
  });

  it("undoes only steps whose traces outlive the descriptor", () => {
    expect(STEPS.filter((step) => step.undo !== null).map((step) => step.name)).toEqual([
      "socket",
      "map",
      "prefill",
      "program",
      "xskmap",
      "attach",
    ]);
    expect(new Set(STEP_NAMES).size).toBe(STEPS.length);
  });
});
