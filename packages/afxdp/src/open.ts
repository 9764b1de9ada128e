import { isXdpError, type Kernel, throwIfAborted } from "@afxdp/core";
import {
  beginSetup,
  checkUmemSetup,
  crossingPages,
  type NeedsBind,
  type NeedsBudgetOrMap,
  type NeedsMap,
  type NeedsMode,
  type NeedsRings,
  type NeedsSocket,
  promiscuous,
  type ReadySocket,
  refuseCrossing,
  type SharedBindOptions,
} from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { steerByOwn } from "./own-program.js";
import type { Plan } from "./plan.js";
import { Socket } from "./socket.js";
import type { OpenOptions } from "./stages.js";
import { steerByRules } from "./steering.js";

let linux: Kernel | undefined;

/** One for all sockets of this thread, which so can share memory and programs. */
function kernelOf(plan: Plan): Kernel {
  const owner = plan.shareUmem ?? plan.shareQueue;
  if (owner !== undefined) return owner.kernel;
  if (plan.kernel !== undefined) return plan.kernel;
  linux ??= createLinuxKernel();
  return linux;
}

/** Takes the steps of a whole plan in the order of the table; undoes them in reverse when one fails. */
export async function openPlan(plan: Plan, options: OpenOptions): Promise<Socket> {
  const { signal } = options;
  throwIfAborted(signal);
  const kernel = kernelOf(plan);
  checkPages(kernel, plan, options);
  const needsSocket = beginSetup(kernel, plan.interfaceName, plan.queueId);
  try {
    const needsMode = await bound(needsSocket, plan, options);
    throwIfAborted(signal);
    const ready = needsMode.mode();
    if (options.busyPoll !== undefined) ready.busyPoll(options.busyPoll);
    if (options.promiscuous === true) watchAll(kernel, ready);
    return steer(ready, plan, options);
  } catch (error) {
    // A failed step has undone everything already; this is for what failed between two steps.
    const met = await needsSocket.sequence.close();
    if (isXdpError(error) && error.suppressed.length === 0) error.suppressed.push(...met);
    throw error;
  }
}

/**
 * Checks what depends on the size of a page, which the Kernel knows without being asked.
 *
 * @throws XdpError ERR_XDP_CHUNK_SIZE; ERR_XDP_CONFLICT when zero copy is required for frames that cross pages
 */
function checkPages(kernel: Kernel, { umem }: Plan, { zeroCopy }: OpenOptions): void {
  if (umem === undefined) return;
  const geometry = checkUmemSetup(umem);
  geometry.checkPageSize(kernel.pageSize);
  if (zeroCopy !== "require" || umem.memory?.hugePages !== undefined) return;
  const crossing = crossingPages(geometry, kernel.pageSize);
  if (crossing !== undefined) refuseCrossing(zeroCopy, crossing);
}

/** From the socket to the bind, whose options depend on whether the socket shares. */
async function bound(needs: NeedsSocket, plan: Plan, options: OpenOptions): Promise<NeedsMode> {
  const { signal, busyTimeoutMs, zeroCopy, needWakeup, multiBuffer } = options;
  const needsUmem = needs.socket();
  const { fill, completion } = plan as Required<Plan>;
  const shared: SharedBindOptions = { signal, busyTimeoutMs };
  if (plan.shareQueue !== undefined) {
    return filled(needsUmem.shareQueue(plan.shareQueue), plan).bind(shared);
  }
  if (plan.shareUmem !== undefined) {
    const needsFill = needsUmem.shareUmem(plan.shareUmem);
    return filled(needsFill.fill(fill).completion(completion), plan).bind(shared);
  }
  const needsFill = needsUmem.umem(plan.umem as NonNullable<Plan["umem"]>);
  return filled(needsFill.fill(fill).completion(completion), plan).bind({
    ...shared,
    zeroCopy,
    needWakeup,
    multiBuffer,
  });
}

/** Sizes the socket's own rings, maps and fills them. */
function filled<O extends SharedBindOptions>(needs: NeedsRings<O>, plan: Plan): NeedsBind<O> {
  return sized(needs, plan).map().prefill();
}

function sized<O extends SharedBindOptions>(needs: NeedsRings<O>, plan: Plan): NeedsMap<O> {
  const { rx, tx, budget } = plan;
  if (rx === undefined) return budgeted(needs.tx(tx as number), budget);
  const received = needs.rx(rx);
  return tx === undefined ? received : budgeted(received.tx(tx), budget);
}

function budgeted<O extends SharedBindOptions>(
  needs: NeedsBudgetOrMap<O>,
  budget: number | undefined,
): NeedsMap<O> {
  return budget === undefined ? needs : needs.budget(budget);
}

function watchAll(kernel: Kernel, { sequence, target }: ReadySocket): void {
  sequence.perform(
    "promiscuous",
    () => promiscuous(kernel, target.interfaceIndex),
    (mode) => () => mode.close(),
  );
}

function steer(ready: ReadySocket, { program }: Plan, { mode = "auto" }: OpenOptions): Socket {
  if (program === undefined) return new Socket(ready, undefined);
  const steered =
    program.kind === "rules"
      ? steerByRules(ready, program, mode)
      : steerByOwn(ready, program, mode);
  return new Socket(ready, steered);
}
