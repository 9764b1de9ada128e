import {
  type Attachment,
  type AttachOptions,
  attachProgram,
  loadSteering,
  redirect,
  type SteeringProgram,
} from "@afxdp/bpf";
import type { Kernel, XdpProgramPresentError } from "@afxdp/core";
import { footprint, type Lab } from "@afxdp/testkit";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import { compileProgram } from "./programs.js";
import { refused } from "./refused.js";
import { until } from "./until.js";

/** A program of ours and one of somebody else for the lab's device `a`, fresh for each test of a `describe`. */
export interface Replacing {
  index: number;
  program: SteeringProgram;
  /** Somebody else's program; what it was loaded from is `foreign`. */
  old: { readonly program: number; readonly id: number };
  foreign: Uint8Array;
  /** Id of the program that is attached. */
  attached(): number | undefined;
  /** Attaches ours, */
  attach(options: AttachOptions): Attachment;
  /** the other one, */
  attachOld(options: AttachOptions): Attachment;
  /** or ours where that has to fail because of another program. */
  present(options: AttachOptions): XdpProgramPresentError;
}

/** After each test nothing is attached and nothing is left open. */
export function useReplacing(kernel: Kernel, lab: Lab): Replacing {
  const on: Replacing = {
    attached: () => kernel.attachedProgram(on.index)?.id,
    attach: (options) => on.program.attach(on.index, lab.a.device, options),
    attachOld: (options) => attachProgram(kernel, on.old.program, on.index, lab.a.device, options),
    present: (options) =>
      refused("ERR_XDP_PROGRAM_PRESENT", () => on.attach(options)) as XdpProgramPresentError,
  } as Replacing;
  let before: ReturnType<typeof footprint>;
  beforeAll(() => {
    on.index = kernel.interfaceState(lab.a.device).index;
    const object = compileProgram("foreign");
    on.foreign = object.bytes;
    object.remove();
  });
  beforeEach(() => {
    before = footprint();
    on.program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    on.old = kernel.loadProgram({ object: on.foreign });
  });
  afterEach(async () => {
    on.program.close();
    kernel.close(on.old.program);
    // A link that only a pin held goes a moment after the pin.
    await until(() => on.attached() === undefined);
    expect(on.attached()).toBeUndefined();
    expect(footprint()).toEqual(before);
  });
  return on;
}
