import {
  type AttachMode,
  type AttachOptions,
  loadObject,
  type SocketMap,
  useMap,
  useProgram,
  type XdpProgram,
} from "@afxdp/bpf";
import { type AttachedProgram, type Kernel, XdpError, XdpOrderError } from "@afxdp/core";
import type { ReadySocket } from "@afxdp/driver";
import { enterAt } from "./entries.js";
import type { ProgramPlan } from "./program.js";
import type { SocketProgram, Steered } from "./steered.js";

type OwnPlan = Exclude<ProgramPlan, { kind: "rules" }>;

/**
 * The steps of a socket with a program or an XSKMAP of the user.
 *
 * @throws XdpError ERR_XDP_CONFLICT when another socket has the key, or when the program is attached already, otherwise
 * than asked for
 */
export function steerByOwn(ready: ReadySocket, plan: OwnPlan, mode: AttachMode): Steered {
  // As in steerByRules, no function in here may use `ready`.
  const { kernel, sequence, target, fd } = ready;
  const { interfaceIndex, interfaceName, queueId } = target;
  const { hints: _hints, key = queueId, ...attach } = plan.options;
  const opened = sequence.perform(
    "program",
    () => open(kernel, plan),
    ({ sockets, ours }) =>
      () => {
        if (ours) sockets.close();
      },
  );
  const { sockets, program } = opened;
  sequence.perform(
    "xskmap",
    () => enterAt(kernel, sockets, key, fd),
    (leave) => leave,
  );
  if (program === undefined) return { mode: undefined, program: describe(sockets) };
  const attachment = sequence.perform(
    "attach",
    () => {
      const found = kernel.attachedProgram(interfaceIndex);
      if (found === undefined || found.id !== program.id) {
        return program.attach(interfaceIndex, interfaceName, { ...attach, mode });
      }
      checkAttached(interfaceName, found, { ...attach, mode });
      return undefined;
    },
    (attached) => () => attached?.close(),
  );
  return { mode: attachment?.mode, program: describe(sockets) };
}

/** A program that is attached already can be used as it is, and in no other way. */
function checkAttached(interfaceName: string, found: AttachedProgram, asked: AttachOptions): void {
  const { mode, ...rest } = asked;
  const odd = Object.entries(rest).find(([, value]) => value !== undefined)?.[0];
  const agrees = mode === "auto" || mode === found.mode;
  if (agrees && odd === undefined) return;
  throw new XdpError(
    "ERR_XDP_CONFLICT",
    `Program ${found.id} (${found.name}) is attached to ${interfaceName} already, in mode ${found.mode}: ${odd ?? `mode ${mode}`} is not possible.`,
    { hint: "Leave the option out, to use the program as it is attached." },
  );
}

interface Opened {
  readonly sockets: SocketMap;
  /** What is to be attached. */
  readonly program: XdpProgram | undefined;
  /** Whether closing the socket closes it. */
  readonly ours: boolean;
}

function open(kernel: Kernel, plan: OwnPlan): Opened {
  switch (plan.kind) {
    case "object": {
      const program = loadObject(kernel, plan.object);
      return { sockets: program, program, ours: true };
    }
    case "loaded": {
      const program = useProgram(kernel, plan.use);
      return { sockets: program, program, ours: true };
    }
    case "map":
      return { sockets: useMap(kernel, plan.map), program: undefined, ours: true };
    case "open":
      return { sockets: plan.sockets, program: undefined, ours: false };
  }
}

function describe({ id, name }: SocketMap): SocketProgram {
  return {
    id,
    name,
    rules: undefined,
    setRules() {
      throw new XdpOrderError("setRules", [], "the program is one of the user's, without rules");
    },
  };
}
