import {
  type AttachMode,
  type Attachment,
  loadObject,
  type SocketMap,
  useMap,
  useProgram,
  type XdpProgram,
} from "@afxdp/bpf";
import { type Kernel, XdpOrderError } from "@afxdp/core";
import type { ReadySocket } from "@afxdp/driver";
import type { ProgramPlan } from "./program.js";
import type { SocketProgram, Steered } from "./steered.js";

type OwnPlan = Exclude<ProgramPlan, { kind: "rules" }>;

/** The steps of a socket with a program or an XSKMAP of the user. */
export function steerByOwn(ready: ReadySocket, plan: OwnPlan, mode: AttachMode): Steered {
  const { kernel, sequence, target, fd } = ready;
  const { interfaceIndex, interfaceName, queueId } = target;
  const { hints: _, key = queueId, ...attach } = plan.options;
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
    () => sockets.enter(key, fd),
    () => () => sockets.leave(key),
  );
  let attachment: Attachment | undefined;
  if (program !== undefined && kernel.attachedProgram(interfaceIndex)?.id !== program.id) {
    attachment = sequence.perform(
      "attach",
      () => program.attach(interfaceIndex, interfaceName, { ...attach, mode }),
      (attached) => () => attached.close(),
    );
  }
  return { mode: attachment?.mode, program: describe(sockets) };
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
