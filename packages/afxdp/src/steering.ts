import { type AttachMode, type Attachment, loadSteering } from "@afxdp/bpf";
import { type Kernel, XdpError } from "@afxdp/core";
import type { ReadySocket, Target } from "@afxdp/driver";
import { forget, InterfaceProgram, programOn, remember } from "./interface-programs.js";
import type { ProgramPlan } from "./program.js";
import type { Steered } from "./steered.js";

/** Sockets on one interface that can share a program: all that it can tell apart. */
const SLOTS = 64;

type RulesPlan = Extract<ProgramPlan, { kind: "rules" }>;

/** A program and the place of one socket in it. */
interface Joined {
  readonly shared: InterfaceProgram;
  readonly slot: number;
}

/**
 * The steps of a socket with rules: the first on an interface loads our program and attaches it; those that come later
 * join it with rules of their own, and the last to close takes it off.
 *
 * @throws XdpError ERR_XDP_CONFLICT when the program that is there runs otherwise than asked for
 */
export function steerByRules(ready: ReadySocket, plan: RulesPlan, mode: AttachMode): Steered {
  // No function in here may use `ready`: the undoings would hold it, and a dropped socket could never be collected.
  const { kernel, sequence, target, fd } = ready;
  const { interfaceIndex, interfaceName, queueId } = target;
  const { hints: _hints, key: _key, ...attach } = plan.options;
  const { shared, slot } = sequence.perform(
    "program",
    () => {
      const there = programOn(kernel, target);
      return there === undefined
        ? load(kernel, target, plan)
        : join(there, plan, mode, interfaceName);
    },
    (joined) => () => leave(joined),
  );
  const { program } = shared;
  sequence.perform(
    "xskmap",
    () => program.enter(queueId, fd, slot),
    () => () => program.leave(queueId, slot),
  );
  const attachment = sequence.perform(
    "attach",
    () => {
      shared.attachment ??= program.attach(interfaceIndex, interfaceName, { ...attach, mode });
      if (shared.attached++ === 0) remember(kernel, target, shared);
      return shared.attachment;
    },
    (attached) => () => {
      if (--shared.attached > 0) return;
      forget(kernel, target, shared);
      attached.close();
    },
  );
  return {
    mode: attachment.mode,
    program: {
      id: program.id,
      name: program.name,
      get rules() {
        return sequence.closed ? [] : program.rulesOf(slot);
      },
      setRules(steering) {
        // The slot of a closed socket may be another's by now.
        if (sequence.closed)
          throw new XdpError("ERR_XDP_CLOSED", "setRules: the socket is closed.");
        program.setRules(steering, slot);
      },
    },
  };
}

/** Loads the program for the first socket of an interface. */
function load(kernel: Kernel, target: Target, { rules, options }: RulesPlan): Joined {
  const { interfaceIndex, queueCount: queues } = target;
  const { hints = false } = options;
  const bound = hints ? { hints: { interfaceIndex } } : {};
  const program = loadSteering(kernel, { rules, queues, slots: SLOTS, ...bound });
  const shared = new InterfaceProgram(program, hints);
  shared.users = 1;
  return { shared, slot: 0 };
}

/** Takes a slot in the program that is there, if that is what was asked for. */
function join(
  shared: InterfaceProgram,
  { rules, options }: RulesPlan,
  mode: AttachMode,
  interfaceName: string,
): Joined {
  const { program, hints } = shared;
  const attachment = shared.attachment as Attachment;
  const asked: [string, boolean][] = [
    [`mode ${mode}`, mode === "auto" || mode === attachment.mode],
    [`hints ${String(options.hints ?? false)}`, (options.hints ?? false) === hints],
    [`by ${options.by}`, options.by === undefined || options.by === attachment.by],
    ["replace", options.replace === undefined],
    ["link", options.link === undefined],
    ["pin", options.pin === undefined],
  ];
  const odd = asked.find(([, agrees]) => !agrees);
  if (odd !== undefined) {
    const how = `mode ${attachment.mode}, hints ${hints}, by ${attachment.by}`;
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `${interfaceName} has the program of another socket (${how}): ${odd[0]} is not possible beside it.`,
      {
        hint: `Ask for what it has (${how}), or close the other sockets of ${interfaceName} first.`,
      },
    );
  }
  const slot = program.addSlot(rules);
  shared.users++;
  return { shared, slot };
}

function leave({ shared, slot }: Joined): void {
  shared.users--;
  if (shared.users === 0) shared.program.close();
  else shared.program.removeSlot(slot);
}
