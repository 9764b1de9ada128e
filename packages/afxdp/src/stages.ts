import type { AttachMode } from "@afxdp/bpf";
import type { AbortSignalLike } from "@afxdp/core";
import type { BusyPollOptions, UmemSetup, ZeroCopyWish } from "@afxdp/driver";
import type { ProgramOptions, ProgramSource } from "./program.js";
import type { Socket } from "./socket.js";

/*
 * The stages of the builder, each named after what it still needs. Nothing touches the kernel before `open`. A call
 * out of order does not compile; in plain JavaScript it throws XdpOrderError (ERR_XDP_STATE), which names the next
 * legal calls. Every stage can be used once: go on with what it returned. Wrong values throw at once.
 */

/** Next: the packet memory: one's own, or another socket's. */
export interface NeedsUmem {
  /**
   * Packet memory of the socket's own. ERR_XDP_UMEM_SIZE, ERR_XDP_CHUNK_SIZE, ERR_XDP_HEADROOM, ERR_XDP_TX_METADATA,
   * ERR_XDP_CONFLICT.
   */
  umem(options: UmemSetup): NeedsFill;
  /**
   * The UMEM of an open socket on another queue or another interface: frames go from one to the other without a copy.
   * The mode is that of the owner. Close this socket before its owner, which refuses until then (ERR_XDP_UMEM_SHARED).
   * ERR_XDP_CONFLICT on the owner's queue or another Kernel, ERR_XDP_CLOSED, ERR_XDP_ARGUMENT.
   */
  shareUmem(owner: Socket): NeedsSharedFill;
  /**
   * The UMEM, fill and completion ring of an open socket on the same queue, whose rules or keys tell the two apart. Close
   * this socket before its owner. ERR_XDP_CONFLICT on another queue or Kernel, ERR_XDP_CLOSED, ERR_XDP_ARGUMENT.
   */
  shareQueue(owner: Socket): NeedsSharedRings;
}

/** Next: entries of the fill ring: frames that wait for packets. At most the number of frames. ERR_XDP_RING_SIZE. */
export interface NeedsFill {
  fill(entries: number): NeedsCompletion;
}

/** Next: entries of the completion ring. ERR_XDP_RING_SIZE. */
export interface NeedsCompletion {
  completion(entries: number): NeedsRings;
}

/** What the tx ring is given beside its size. */
export interface TxOptions {
  /**
   * Descriptors that one kick sends in copy mode, 32 (the kernel's default) up to the ring's entries. ERR_XDP_FEATURE
   * before Linux 6.18.
   */
  readonly budget?: number | undefined;
}

/** Next: entries of the rx ring, or of the tx ring for a socket that only sends. ERR_XDP_RING_SIZE. */
export interface NeedsRings {
  rx(entries: number): NeedsTxOrProgram;
  tx(entries: number, options?: TxOptions): ReadyToOpen;
}

/** Next: entries of the tx ring, or the program of a socket that only receives. ERR_XDP_RING_SIZE, ERR_XDP_RULE. */
export interface NeedsTxOrProgram extends NeedsProgram {
  tx(entries: number, options?: TxOptions): NeedsProgram;
}

/** Next: which packets the socket gets; all others go on to the kernel's stack. ERR_XDP_RULE, ERR_XDP_ARGUMENT. */
export interface NeedsProgram {
  program(source: ProgramSource, options?: ProgramOptions): ReadyToOpen;
}

/** Next: entries of the fill ring of the sharing socket's own queue. */
export interface NeedsSharedFill {
  fill(entries: number): NeedsSharedCompletion;
}

/** Next: entries of the completion ring of the sharing socket's own queue. */
export interface NeedsSharedCompletion {
  completion(entries: number): NeedsSharedRings;
}

/** As NeedsRings, for a socket that shares. */
export interface NeedsSharedRings {
  rx(entries: number): NeedsSharedTxOrProgram;
  tx(entries: number, options?: TxOptions): SharedReadyToOpen;
}

/** As NeedsTxOrProgram, for a socket that shares. */
export interface NeedsSharedTxOrProgram extends NeedsSharedProgram {
  tx(entries: number, options?: TxOptions): NeedsSharedProgram;
}

/** As NeedsProgram, for a socket that shares. */
export interface NeedsSharedProgram {
  program(source: ProgramSource, options?: ProgramOptions): SharedReadyToOpen;
}

/** How to open a socket that shares a UMEM: its mode is the owner's, so it has no flags of its own. */
export interface SharedOpenOptions {
  /**
   * Where the program runs: in the driver (`drv`), in the kernel's generic path (`skb`), on the card (`hw`), or the first
   * of drv and skb that works (`auto`, the default). A socket that only sends has no program, and no use for it.
   * ERR_XDP_CONFLICT beside a program that somebody else attaches.
   */
  readonly mode?: AttachMode | undefined;
  /** Gives up with ERR_XDP_ABORTED; what was done is undone. */
  readonly signal?: AbortSignalLike | undefined;
  /** How long to try again while the queue is busy, in milliseconds up to 60000. Default 1000. */
  readonly busyTimeoutMs?: number | undefined;
  /** Has the socket's own calls poll the card instead of waiting for its interrupts. ERR_XDP_FEATURE before 5.11. */
  readonly busyPoll?: BusyPollOptions | undefined;
  /** Puts the interface in promiscuous mode for as long as the socket is open. Default false. */
  readonly promiscuous?: boolean | undefined;
}

/** How to open. */
export interface OpenOptions extends SharedOpenOptions {
  /**
   * Zero copy: `"never"`; `"prefer"` (default): an attempt, and copy mode when the driver refuses, as `socket.mode`
   * tells; `"require"`: ERR_XDP_ZERO_COPY when it refuses.
   */
  readonly zeroCopy?: ZeroCopyWish | undefined;
  /** Whether the kernel says when it has to be woken (XDP_USE_NEED_WAKEUP). Default true. */
  readonly needWakeup?: boolean | undefined;
  /** Whether a packet may take several frames (XDP_USE_SG). ERR_XDP_FEATURE before Linux 6.6. Default false. */
  readonly multiBuffer?: boolean | undefined;
}

/** Next: open it. */
export interface ReadyToOpen {
  /**
   * Takes all steps in order. When one fails, everything done before is undone in reverse and the error passes on.
   *
   * @throws XdpError ERR_XDP_NO_DEVICE, ERR_XDP_QUEUE_ID, ERR_XDP_QUEUE_BUSY, ERR_XDP_PERMISSION, ERR_XDP_MEMLOCK,
   * ERR_XDP_ARENA, ERR_XDP_HUGE_PAGES, ERR_XDP_ZERO_COPY, ERR_XDP_FEATURE, ERR_XDP_CONFLICT, ERR_XDP_PROGRAM,
   * ERR_XDP_PROGRAM_PRESENT, ERR_XDP_MAP, ERR_XDP_MAP_FULL, ERR_XDP_ATTACH, ERR_XDP_ABORTED, ERR_XDP_NATIVE_LOAD,
   * ERR_XDP_KERNEL_UNSUPPORTED, ERR_XDP_SYSCALL
   */
  open(options?: OpenOptions): Promise<Socket>;
}

/** Next: open a socket that shares. */
export interface SharedReadyToOpen {
  /** As `ReadyToOpen.open`. @throws also ERR_XDP_CLOSED when the owner is closed */
  open(options?: SharedOpenOptions): Promise<Socket>;
}
