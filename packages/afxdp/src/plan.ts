import type { Kernel, StepName } from "@afxdp/core";
import { legalSteps } from "@afxdp/core";
import type { UmemSetup } from "@afxdp/driver";
import type { ProgramPlan } from "./program.js";
import type { Socket } from "./socket.js";

/** What the builder has gathered; it grows from stage to stage and never changes. */
export interface Plan {
  readonly interfaceName: string;
  readonly queueId: number;
  readonly kernel: Kernel | undefined;
  readonly umem?: UmemSetup;
  readonly shareUmem?: Socket;
  readonly shareQueue?: Socket;
  readonly fill?: number;
  readonly completion?: number;
  readonly rx?: number;
  readonly tx?: number;
  readonly budget?: number | undefined;
  readonly program?: ProgramPlan;
}

/** A call of the builder. */
export type Verb =
  | "umem"
  | "shareUmem"
  | "shareQueue"
  | "fill"
  | "completion"
  | "rx"
  | "tx"
  | "program"
  | "open";

const GATHERED: readonly Verb[] = [
  "umem",
  "shareUmem",
  "shareQueue",
  "fill",
  "completion",
  "rx",
  "tx",
];

/**
 * The calls that may come next, by the table of steps: what the plan holds counts as taken; where the table goes on
 * to `map`, everything is sized, and a socket that receives needs its program before it can be opened. The step
 * `budget` is an option of `tx`.
 */
export function legalVerbs(plan: Plan): Verb[] {
  if (plan.program !== undefined) return ["open"];
  const taken = new Set<StepName>(["socket"]);
  for (const verb of GATHERED) {
    if (plan[verb as keyof Plan] !== undefined) taken.add(verb as StepName);
  }
  return legalSteps(taken)
    .filter((step) => step !== "budget")
    .map((step): Verb => {
      if (step !== "map") return step as Verb;
      return plan.rx === undefined ? "open" : "program";
    });
}
