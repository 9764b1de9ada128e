import {
  type Fd,
  type Kernel,
  Sequence,
  throwFirst,
  XDP_OPTIONS_ZEROCOPY,
  XdpError,
  XSK_TX_BATCH,
} from "@afxdp/core";
import { checkRingSize } from "@afxdp/ring";
import type { Umem } from "@afxdp/umem";
import { requireFeature } from "../features/probe-features.js";
import { restoreAtStart } from "../interface/napi/restore-at-start.js";
import { QueueRings } from "../io/queue-rings.js";
import { SocketIo } from "../io/socket-io.js";
import type { Binding } from "./bind.js";
import { ownedNoMore, warnIfDropped } from "./exit.js";
import { fitIo, type IoSlot } from "./fit-io.js";
import { type Joined, joinQueue, joinUmem, openQueue } from "./join.js";
import { type MappedRings, mapRings, type RingSizes } from "./map-rings.js";
import { planMemory, type UmemSetup } from "./memory.js";
import { nameOf } from "./owner.js";
import { openSocket, performMap, performPrefill, performUmem } from "./perform.js";
import { type Bound, performBind } from "./perform-bind.js";
import { stopFeeding } from "./prefill-sender.js";
import { ReadySetup } from "./ready.js";
import { Release } from "./release.js";
import { sharedError, UmemShare } from "./share.js";
import type {
  BindOptions,
  NeedsBind,
  NeedsBudgetOrMap,
  NeedsCompletion,
  NeedsFill,
  NeedsMap,
  NeedsMode,
  NeedsPrefill,
  NeedsRings,
  NeedsSharedFill,
  NeedsSharedRings,
  NeedsSocket,
  NeedsTxOrMap,
  NeedsUmem,
  ReadySocket,
  SharingOwner,
} from "./stages.js";
import { resolveTarget, type Target } from "./target.js";
import { checkUmemFeatures, registerUmem } from "./umem.js";

/**
 * The set-up of one socket, a method for each step of the table; each makes its system calls at once. All stages
 * are this one object under different names: types let only the next step be called, and the sequence checks the
 * same at run time.
 */
class SocketSetup
  implements
    NeedsSocket,
    NeedsUmem,
    NeedsFill,
    NeedsSharedFill,
    NeedsCompletion,
    NeedsRings,
    NeedsSharedRings,
    NeedsTxOrMap,
    NeedsBudgetOrMap,
    NeedsMap,
    NeedsPrefill,
    NeedsBind,
    NeedsMode
{
  readonly sequence: Sequence = new Sequence();
  readonly #kernel: Kernel;
  readonly #target: Target;
  readonly #release = new Release();
  #fd: Fd = -1;
  #joined: Joined | undefined;
  #sizes: RingSizes = {};
  #rings: MappedRings | undefined;
  #slot: IoSlot | undefined;
  #bound: Bound | undefined;

  constructor(kernel: Kernel, target: Target) {
    this.#kernel = kernel;
    this.#target = target;
  }

  socket(): this {
    this.#fd = openSocket(this.#kernel, this.sequence, this.#release);
    warnIfDropped(this, this.sequence, `A set-up on ${nameOf(this.#target)}`);
    restoreAtStart(this.#kernel, this.#target);
    return this;
  }

  umem(options: UmemSetup | Umem): this {
    this.sequence.check("umem");
    const plan = planMemory(this.#kernel, this.#target.interfaceName, options);
    checkUmemFeatures(this.#kernel, plan.umem.geometry);
    plan.umem.claim();
    const { memory } = performUmem(this.sequence, this.#release, this.#kernel, plan, () =>
      registerUmem(this.#kernel, this.#fd, plan.umem),
    );
    const share = new UmemShare(this.#kernel, plan.umem, memory, this.sequence, this.#fd);
    const queue = openQueue(share, this.#binding, this.#release);
    this.#joined = { share, queue, owner: undefined };
    return this;
  }

  shareUmem(owner: SharingOwner): this {
    this.#joined = joinUmem(this.#binding, this.#release, owner);
    return this;
  }

  shareQueue(owner: SharingOwner): this {
    this.#joined = joinQueue(this.#binding, this.#release, owner);
    return this;
  }

  fill(entries: number): this {
    return this.#size("fill", entries);
  }

  completion(entries: number): this {
    return this.#size("completion", entries);
  }

  rx(entries: number): this {
    return this.#size("rx", entries);
  }

  tx(entries: number): this {
    return this.#size("tx", entries);
  }

  budget(descriptors: number): this {
    this.sequence.check("budget");
    const most = this.#sizes.tx as number;
    if (!Number.isInteger(descriptors) || descriptors < XSK_TX_BATCH || descriptors > most) {
      throw new XdpError(
        "ERR_XDP_ARGUMENT",
        `A budget of ${String(descriptors)} is not a whole number from ${XSK_TX_BATCH} to ${most}, the tx ring's entries.`,
      );
    }
    requireFeature(this.#kernel, "txBudget");
    this.sequence.perform("budget", () => this.#kernel.setTxBudget(this.#fd, descriptors));
    return this;
  }

  map(): this {
    this.#rings = performMap(this.sequence, this.#release, () =>
      mapRings(this.#kernel, this.#fd, this.#umem.arena, this.#sizes),
    );
    return this;
  }

  prefill(): this {
    this.#slot = performPrefill(this.sequence, this.#release, () => {
      const { fill, completion, rx, tx } = (this.#rings as MappedRings).rings;
      const { queue } = this.#joined as Joined;
      if (fill !== undefined && completion !== undefined) {
        queue.rings = new QueueRings(this.#umem, fill, completion);
      }
      return new SocketIo(this.#kernel, this.#fd, queue.rings as QueueRings, { rx, tx });
    });
    return this;
  }

  async bind(options: BindOptions = {}): Promise<this> {
    this.sequence.check("bind");
    const { io } = this.#slot as IoSlot;
    this.#bound = await performBind(this.#binding, this.#joined as Joined, io, options);
    return this;
  }

  mode(): ReadySocket {
    this.sequence.check("mode");
    const { share, owner } = this.#joined as Joined;
    const slot = this.#slot as IoSlot;
    const mode = this.sequence.perform("mode", () => {
      const zeroCopy = (this.#kernel.options(this.#fd) & XDP_OPTIONS_ZEROCOPY) !== 0;
      const negotiated = { zeroCopy, ...(this.#bound as Bound) };
      fitIo(slot, this.#target, negotiated);
      share.mode ??= negotiated;
      return negotiated;
    });
    const { io } = slot;
    if (!mode.zeroCopy) stopFeeding(io);
    const ready = new ReadySetup(this.sequence, this.#target, io, share, mode, owner);
    ownedNoMore(this.sequence);
    warnIfDropped(ready, this.sequence, `The AF_XDP socket on ${nameOf(this.#target)}`);
    return ready;
  }

  async close(): Promise<void> {
    if (this.sequence.dependents > 0 && !this.sequence.closed) {
      throw sharedError(this.sequence, `The socket on ${nameOf(this.#target)}`);
    }
    throwFirst(await this.sequence.close());
  }

  get #umem(): Umem {
    return (this.#joined as Joined).share.umem;
  }

  get #binding(): Binding {
    return { kernel: this.#kernel, sequence: this.sequence, fd: this.#fd, target: this.#target };
  }

  #size(ring: "fill" | "completion" | "rx" | "tx", entries: number): this {
    this.sequence.check(ring);
    const size = checkRingSize(entries, ring);
    if (ring === "fill") this.#umem.geometry.checkFillRing(size);
    this.sequence.perform(ring, () => this.#kernel.setRingSize(this.#fd, ring, size));
    this.#sizes = { ...this.#sizes, [ring]: size };
    return this;
  }
}

/**
 * Begins the set-up of a socket on one queue of an interface: looks both up, changes nothing.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE, ERR_XDP_QUEUE_ID
 */
export function beginSetup(kernel: Kernel, interfaceName: string, queueId: number): NeedsSocket {
  return new SocketSetup(kernel, resolveTarget(kernel, interfaceName, queueId));
}
