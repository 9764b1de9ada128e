import { type AttachMode, type Attachment, loadSteering, type SteeringProgram } from "@afxdp/bpf";
import { type Kernel, XdpError } from "@afxdp/core";
import type { ReadySocket } from "@afxdp/driver";
import type { ProgramPlan } from "./program.js";
import type { Steered } from "./steered.js";

/** Sockets on one queue that can share a program: all that it can tell apart. */
const SLOTS = 64;

type RulesPlan = Extract<ProgramPlan, { kind: "rules" }>;

/** Our program on one interface, and the sockets that use it. */
class InterfaceProgram {
  readonly program: SteeringProgram;
  readonly hints: boolean;
  attachment: Attachment | undefined;
  users = 0;

  constructor(program: SteeringProgram, hints: boolean) {
    this.program = program;
    this.hints = hints;
  }
}

/** Our programs by interface index. A program belongs to the Kernel that it was loaded by. */
const programs = new WeakMap<Kernel, Map<number, InterfaceProgram>>();

function programsOf(kernel: Kernel): Map<number, InterfaceProgram> {
  const known = programs.get(kernel) ?? new Map<number, InterfaceProgram>();
  programs.set(kernel, known);
  return known;
}

/**
 * The steps of a socket with rules: the first on an interface loads our program and attaches it; those that come later
 * join it with rules of their own, and the last to close takes it off.
 *
 * @throws XdpError ERR_XDP_CONFLICT when the program that is there runs otherwise than asked for
 */
export function steerByRules(ready: ReadySocket, plan: RulesPlan, mode: AttachMode): Steered {
  const { kernel, sequence, target, fd } = ready;
  const { interfaceIndex, interfaceName, queueId } = target;
  const { hints = false, key: _, ...attach } = plan.options;
  const known = programsOf(kernel);
  const { shared, slot } = sequence.perform(
    "program",
    () => {
      const there = known.get(interfaceIndex);
      if (there !== undefined) return join(there, plan, mode, interfaceName);
      const program = loadSteering(kernel, {
        rules: plan.rules,
        queues: target.queueCount,
        slots: SLOTS,
        ...(hints ? { hints: { interfaceIndex } } : {}),
      });
      const made = new InterfaceProgram(program, hints);
      made.users = 1;
      return { shared: made, slot: 0 };
    },
    (joined) => () => leave(joined.shared, joined.slot),
  );
  sequence.perform(
    "xskmap",
    () => shared.program.enter(queueId, fd, slot),
    () => () => shared.program.leave(queueId, slot),
  );
  sequence.perform(
    "attach",
    () => {
      if (shared.attachment !== undefined) return;
      const options = { ...attach, mode };
      shared.attachment = shared.program.attach(interfaceIndex, interfaceName, options);
      known.set(interfaceIndex, shared);
    },
    () => () => {
      if (shared.users > 1) return;
      known.delete(interfaceIndex);
      shared.attachment?.close();
    },
  );
  const { program } = shared;
  return {
    mode: (shared.attachment as Attachment).mode,
    program: {
      id: program.id,
      name: program.name,
      get rules() {
        return program.rulesOf(slot);
      },
      setRules: (steering) => program.setRules(steering, slot),
    },
  };
}

function join(
  shared: InterfaceProgram,
  { rules, options }: RulesPlan,
  mode: AttachMode,
  interfaceName: string,
): { shared: InterfaceProgram; slot: number } {
  const { program, attachment, hints } = shared;
  const runs = attachment?.mode ?? mode;
  const asked: [string, boolean][] = [
    [`mode ${mode}`, mode === "auto" || mode === runs],
    [`hints ${String(options.hints ?? false)}`, (options.hints ?? false) === hints],
    [`by ${options.by ?? "link"}`, options.by === undefined || options.by === attachment?.by],
    ["replace", options.replace === undefined],
    ["link", options.link === undefined],
    ["pin", options.pin === undefined],
  ];
  const odd = asked.find(([, agrees]) => !agrees);
  if (odd !== undefined) {
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `${interfaceName} has the program of another socket (mode ${runs}, hints ${hints}): ${odd[0]} is not possible beside it.`,
      { hint: "Leave the option out, to join the program that is there." },
    );
  }
  const slot = program.addSlot(rules);
  shared.users++;
  return { shared, slot };
}

function leave(shared: InterfaceProgram, slot: number): void {
  shared.users--;
  if (shared.users === 0) shared.program.close();
  else shared.program.removeSlot(slot);
}
