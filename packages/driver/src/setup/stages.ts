import type { AbortSignalLike, Fd, Kernel, Sequence } from "@afxdp/core";
import type { Umem } from "@afxdp/umem";
import type { SocketIo } from "../io/socket-io.js";
import type { XdpSocket } from "../socket.js";
import type { BusyPollOptions } from "./busy-poll.js";
import type { MemoryOutcome, UmemSetup } from "./memory.js";
import type { UmemShare } from "./share.js";
import type { Target } from "./target.js";

/*
 * The stages of a set-up, each named after what it still needs. A call out of order does not compile; in plain
 * JavaScript it throws XdpOrderError (ERR_XDP_STATE). When a step fails, all that was done is undone in reverse
 * and the set-up is closed. A set-up that shares has the same stages with SharedBindOptions: it inherits its mode.
 */

/** What every stage has: the sequence behind it, and a way to give up. */
export interface SetupStage {
  readonly sequence: Sequence;
  /** Undoes all that was done, in reverse. Idempotent. ERR_XDP_UMEM_SHARED while other sockets share with it. */
  close(): Promise<void>;
}

/**
 * Next: open the socket. NAPI settings that a killed process left on the interface are put back (`restoreStaleSettings`);
 * where that fails, the warning AFXDP_SETTINGS_LEFT says so. ERR_XDP_PERMISSION, ERR_XDP_KERNEL_UNSUPPORTED.
 */
export interface NeedsSocket extends SetupStage {
  socket(): NeedsUmem;
}

/** Next: where the frames come from. */
export interface NeedsUmem extends SetupStage {
  /**
   * Registers a UMEM of its own.
   *
   * @throws XdpError ERR_XDP_MEMLOCK, ERR_XDP_CHUNK_SIZE, ERR_XDP_UMEM_SIZE, ERR_XDP_HEADROOM, ERR_XDP_TX_METADATA,
   * ERR_XDP_ARENA, ERR_XDP_HUGE_PAGES, ERR_XDP_FEATURE
   */
  umem(options: UmemSetup | Umem): NeedsFill;
  /**
   * Uses the UMEM of an open socket on another queue or another interface, with a fill and a completion ring of its own
   * in the same arena. Linux 5.10. The mode is the owner's. The owner of the UMEM stays open until this one is closed.
   *
   * @throws XdpError ERR_XDP_CONFLICT on a queue that a socket of this UMEM has already, or with another Kernel;
   * ERR_XDP_CLOSED, ERR_XDP_ARGUMENT, ERR_XDP_FEATURE
   */
  shareUmem(owner: SharingOwner): NeedsSharedFill;
  /**
   * Uses the UMEM and the fill and completion ring of an open socket on the same queue of the same interface, which
   * stays open until this one is closed.
   *
   * @throws XdpError ERR_XDP_CONFLICT on another queue or with another Kernel; ERR_XDP_CLOSED, ERR_XDP_ARGUMENT
   */
  shareQueue(owner: SharingOwner): NeedsSharedRings;
}

/** Whom to share with: an open socket of this thread and Kernel, which may share itself. */
export type SharingOwner = XdpSocket | ReadySocket;

/** Next: size the fill ring: a power of two up to 65536, and no more than there are frames. ERR_XDP_RING_SIZE. */
export interface NeedsFill<Options extends SharedBindOptions = BindOptions> extends SetupStage {
  fill(entries: number): NeedsCompletion<Options>;
}

/** Next: size the fill ring of a queue that uses another socket's UMEM. */
export interface NeedsSharedFill extends NeedsFill<SharedBindOptions> {}

/** Next: size the completion ring. ERR_XDP_RING_SIZE. */
export interface NeedsCompletion<Options extends SharedBindOptions = BindOptions>
  extends SetupStage {
  completion(entries: number): NeedsRings<Options>;
}

/** Next: size the rx ring, or the tx ring for a socket that only sends. ERR_XDP_RING_SIZE. */
export interface NeedsRings<Options extends SharedBindOptions = BindOptions> extends SetupStage {
  rx(entries: number): NeedsTxOrMap<Options>;
  tx(entries: number): NeedsBudgetOrMap<Options>;
}

/** Next: size the rings of a socket that uses another's fill and completion ring. */
export interface NeedsSharedRings extends NeedsRings<SharedBindOptions> {}

/** Next: size the tx ring, or map the rings of a socket that only receives. */
export interface NeedsTxOrMap<Options extends SharedBindOptions = BindOptions>
  extends NeedsMap<Options> {
  tx(entries: number): NeedsBudgetOrMap<Options>;
}

/** Next: set the budget of a kick, or map the rings. */
export interface NeedsBudgetOrMap<Options extends SharedBindOptions = BindOptions>
  extends NeedsMap<Options> {
  /**
   * How many descriptors one kick sends in copy mode: 32, which is the kernel's default, up to the tx ring's entries.
   * Linux 6.18.
   *
   * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_FEATURE
   */
  budget(descriptors: number): NeedsMap<Options>;
}

/** Next: map the rings into the arena. ERR_XDP_ARENA. */
export interface NeedsMap<Options extends SharedBindOptions = BindOptions> extends SetupStage {
  map(): NeedsPrefill<Options>;
}

/** Next: give the kernel frames to receive into (none for a socket that only sends). */
export interface NeedsPrefill<Options extends SharedBindOptions = BindOptions> extends SetupStage {
  prefill(): NeedsBind<Options>;
}

/** How to bind a socket that shares. */
export interface SharedBindOptions {
  /** Gives up with ERR_XDP_ABORTED. */
  readonly signal?: AbortSignalLike | undefined;
  /** How long to try again while the queue is busy, 0 to 60000. Default 1000. */
  readonly busyTimeoutMs?: number | undefined;
}

/** Whether the driver moves packets without a copy: never, when it can, or else ERR_XDP_ZERO_COPY. */
export type ZeroCopyWish = "never" | "prefer" | "require";

/** How to bind a socket with a UMEM of its own. */
export interface BindOptions extends SharedBindOptions {
  /**
   * Default "prefer": zero copy is tried, and when the driver refuses it, copy mode; `copyReason` says why then.
   */
  readonly zeroCopy?: ZeroCopyWish | undefined;
  /** Has the driver say when it must be woken (XDP_USE_NEED_WAKEUP). Default true. */
  readonly needWakeup?: boolean | undefined;
  /** Takes packets of several frames (XDP_USE_SG). Linux 6.6. Default false. */
  readonly multiBuffer?: boolean | undefined;
}

/**
 * Next: bind to the queue. ERR_XDP_QUEUE_BUSY, ERR_XDP_NO_DEVICE, ERR_XDP_ABORTED, ERR_XDP_ZERO_COPY, ERR_XDP_CONFLICT,
 * ERR_XDP_FEATURE.
 */
export interface NeedsBind<Options extends SharedBindOptions = BindOptions> extends SetupStage {
  bind(options?: Options): Promise<NeedsMode>;
}

/** Next: read back what the kernel chose. */
export interface NeedsMode extends SetupStage {
  mode(): ReadySocket;
}

/**
 * What a set-up comes to: hand it to `new XdpSocket`. A program's steps (`program`, `xskmap`, `attach`) can be
 * performed on its sequence before or afterwards; closing the socket undoes them first.
 */
export interface ReadySocket {
  readonly kernel: Kernel;
  readonly sequence: Sequence;
  readonly target: Target;
  /** @internal */
  readonly io: SocketIo;
  /** @internal */
  readonly share: UmemShare;
  readonly fd: Fd;
  /** What the kernel chose, from XDP_OPTIONS. */
  readonly zeroCopy: boolean;
  /** Why it is copy mode though zero copy was preferred: an errno's name, or words. */
  readonly copyReason: string | undefined;
  /** Whether packets may take several frames. */
  readonly multiBuffer: boolean;
  /** What the frames lie in. */
  readonly memory: MemoryOutcome;
  /** Whom it shares with, if with anybody. */
  readonly owner: ReadySocket | undefined;
  /**
   * Has the socket's calls poll the card instead of waiting for its interrupts (step `busyPoll`, before a program).
   * Changes the interface's NAPI settings only when `napi` is given; closing restores them. When it fails, the socket
   * is closed.
   *
   * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_PERMISSION, ERR_XDP_FEATURE, ERR_XDP_STATE
   */
  busyPoll(options: BusyPollOptions): this;
}
