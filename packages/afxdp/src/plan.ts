import type { Steering } from "@afxdp/bpf";
import type { Kernel, StepName } from "@afxdp/core";
import { legalSteps } from "@afxdp/core";
import type { FrameOptions } from "@afxdp/umem";

/** What the builder has gathered; it grows from stage to stage and never changes. */
export interface Plan {
  readonly interfaceName: string;
  readonly queueId: number;
  readonly kernel: Kernel | undefined;
  readonly umem?: FrameOptions;
  readonly fill?: number;
  readonly completion?: number;
  readonly rx?: number;
  readonly tx?: number;
  readonly program?: Steering;
}

/** A call of the builder. */
export type Verb = "umem" | "fill" | "completion" | "rx" | "tx" | "program" | "open";

const SIZED: readonly Verb[] = ["umem", "fill", "completion", "rx", "tx"];

/**
 * The calls that may come next, by the table of steps: what the plan holds counts as taken; where the table goes on
 * to `map`, everything is sized, and a socket that receives needs its program before it can be opened.
 */
export function legalVerbs(plan: Plan): Verb[] {
  if (plan.program !== undefined) return ["open"];
  const taken = new Set<StepName>(["socket"]);
  for (const verb of SIZED) if (plan[verb as keyof Plan] !== undefined) taken.add(verb as StepName);
  return legalSteps(taken).map((step): Verb => {
    if (step !== "map") return step as Verb;
    return plan.rx === undefined ? "open" : "program";
  });
}
