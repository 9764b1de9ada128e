import { loadSteering } from "@afxdp/bpf";
import { isXdpError, type Kernel, throwIfAborted } from "@afxdp/core";
import { beginSetup, type NeedsMap, type NeedsRings, type ReadySocket } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { Umem } from "@afxdp/umem";
import type { Plan } from "./plan.js";
import { Socket } from "./socket.js";
import type { OpenOptions } from "./stages.js";

/** Takes the steps of a whole plan in the order of the table; undoes them in reverse when one fails. */
export async function openPlan(plan: Plan, options: OpenOptions): Promise<Socket> {
  const { signal, busyTimeoutMs } = options;
  throwIfAborted(signal);
  const kernel = plan.kernel ?? createLinuxKernel();
  const needsSocket = beginSetup(kernel, plan.interfaceName, plan.queueId);
  const umem = new Umem(plan.umem as NonNullable<Plan["umem"]>);
  umem.geometry.checkPageSize(kernel.pageSize);
  try {
    const needsRings = needsSocket
      .socket()
      .umem(umem)
      .fill(plan.fill as number)
      .completion(plan.completion as number);
    const needsMode = await sizeRings(needsRings, plan)
      .map()
      .prefill()
      .bind({ signal, busyTimeoutMs });
    throwIfAborted(signal);
    const ready = needsMode.mode();
    if (plan.program === undefined) return new Socket(ready, undefined, undefined);
    return steer(kernel, ready, plan.program, options.mode ?? "auto");
  } catch (error) {
    // A failed step has undone everything already; this is for what failed between two steps.
    const met = await needsSocket.sequence.close();
    if (isXdpError(error) && error.suppressed.length === 0) error.suppressed.push(...met);
    throw error;
  }
}

function sizeRings(needs: NeedsRings, { rx, tx }: Plan): NeedsMap {
  if (rx === undefined) return needs.tx(tx as number);
  const received = needs.rx(rx);
  return tx === undefined ? received : received.tx(tx);
}

/** The program's steps: load it with its rules, enter the socket in its map, attach it. */
function steer(
  kernel: Kernel,
  ready: ReadySocket,
  rules: NonNullable<Plan["program"]>,
  mode: NonNullable<OpenOptions["mode"]>,
): Socket {
  const { sequence, target, fd } = ready;
  const program = sequence.perform(
    "program",
    () => loadSteering(kernel, { rules, queues: target.queueCount }),
    (loaded) => () => loaded.close(),
  );
  sequence.perform(
    "xskmap",
    () => program.enter(target.queueId, fd),
    () => () => program.leave(target.queueId),
  );
  const attachment = sequence.perform(
    "attach",
    () => program.attach(target.interfaceIndex, target.interfaceName, mode),
    (attached) => () => attached.detach(),
  );
  return new Socket(ready, program, attachment.mode);
}
