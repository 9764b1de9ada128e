import type { Steering } from "@afxdp/bpf";
import type { AbortSignalLike } from "@afxdp/core";
import type { FrameOptions } from "@afxdp/umem";
import type { Socket } from "./socket.js";

/*
 * The stages of the builder, each named after what it still needs. Nothing touches the kernel before `open`. A call
 * out of order does not compile; in plain JavaScript it throws XdpOrderError (ERR_XDP_STATE), which names the next
 * legal calls. Every stage can be used once: go on with what it returned. Wrong values throw at once.
 */

/** Next: the packet memory. ERR_XDP_UMEM_SIZE, ERR_XDP_CHUNK_SIZE, ERR_XDP_HEADROOM. */
export interface NeedsUmem {
  umem(options: FrameOptions): NeedsFill;
}

/** Next: entries of the fill ring: frames that wait for packets. At most the number of frames. ERR_XDP_RING_SIZE. */
export interface NeedsFill {
  fill(entries: number): NeedsCompletion;
}

/** Next: entries of the completion ring. ERR_XDP_RING_SIZE. */
export interface NeedsCompletion {
  completion(entries: number): NeedsRings;
}

/** Next: entries of the rx ring, or of the tx ring for a socket that only sends. ERR_XDP_RING_SIZE. */
export interface NeedsRings {
  rx(entries: number): NeedsTxOrProgram;
  tx(entries: number): ReadyToOpen;
}

/** Next: entries of the tx ring, or the program of a socket that only receives. ERR_XDP_RING_SIZE, ERR_XDP_RULE. */
export interface NeedsTxOrProgram extends NeedsProgram {
  tx(entries: number): NeedsProgram;
}

/** Next: which packets the socket gets; all others go on to the kernel's stack. ERR_XDP_RULE. */
export interface NeedsProgram {
  program(steering: Steering): ReadyToOpen;
}

/** How to open. */
export interface OpenOptions {
  /** Where the program runs: in the driver (`drv`), in the kernel's generic path (`skb`), or the first that works. */
  readonly mode?: "auto" | "drv" | "skb" | undefined;
  /** Gives up with ERR_XDP_ABORTED; what was done is undone. */
  readonly signal?: AbortSignalLike | undefined;
  /** How long to try again while the queue is busy, in milliseconds up to 60000. Default 1000. */
  readonly busyTimeoutMs?: number | undefined;
}

/** Next: open it. */
export interface ReadyToOpen {
  /**
   * Takes all steps in order. When one fails, everything done before is undone in reverse and the error passes on.
   *
   * @throws XdpError ERR_XDP_NO_DEVICE, ERR_XDP_QUEUE_ID, ERR_XDP_QUEUE_BUSY, ERR_XDP_PERMISSION, ERR_XDP_MEMLOCK,
   * ERR_XDP_ARENA, ERR_XDP_PROGRAM, ERR_XDP_PROGRAM_PRESENT, ERR_XDP_ATTACH, ERR_XDP_ABORTED, ERR_XDP_NATIVE_LOAD,
   * ERR_XDP_KERNEL_UNSUPPORTED, ERR_XDP_SYSCALL
   */
  open(options?: OpenOptions): Promise<Socket>;
}
