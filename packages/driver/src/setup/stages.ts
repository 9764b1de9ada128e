import type { AbortSignalLike, Fd, Sequence } from "@afxdp/core";
import type { Umem, UmemOptions } from "@afxdp/umem";
import type { SocketIo } from "../io/socket-io.js";
import type { Target } from "./target.js";

/*
 * The stages of a set-up, each named after what it still needs. A call out of order does not compile; in plain
 * JavaScript it throws XdpOrderError (ERR_XDP_STATE). When a step fails, all that was done is undone in reverse
 * and the set-up is closed.
 */

/** What every stage has: the sequence behind it, and a way to give up. */
export interface SetupStage {
  readonly sequence: Sequence;
  /** Undoes all that was done, in reverse. Idempotent. */
  close(): Promise<void>;
}

/** Next: open the socket. ERR_XDP_PERMISSION, ERR_XDP_KERNEL_UNSUPPORTED. */
export interface NeedsSocket extends SetupStage {
  socket(): NeedsUmem;
}

/** Next: register the UMEM. ERR_XDP_MEMLOCK, ERR_XDP_CHUNK_SIZE, ERR_XDP_UMEM_SIZE, ERR_XDP_HEADROOM, ERR_XDP_ARENA. */
export interface NeedsUmem extends SetupStage {
  umem(options: UmemOptions | Umem): NeedsFill;
}

/** Next: size the fill ring: a power of two up to 65536, and no more than there are frames. ERR_XDP_RING_SIZE. */
export interface NeedsFill extends SetupStage {
  fill(entries: number): NeedsCompletion;
}

/** Next: size the completion ring. ERR_XDP_RING_SIZE. */
export interface NeedsCompletion extends SetupStage {
  completion(entries: number): NeedsRings;
}

/** Next: size the rx ring, or the tx ring for a socket that only sends. ERR_XDP_RING_SIZE. */
export interface NeedsRings extends SetupStage {
  rx(entries: number): NeedsTxOrMap;
  tx(entries: number): NeedsMap;
}

/** Next: size the tx ring, or map the rings of a socket that only receives. */
export interface NeedsTxOrMap extends NeedsMap {
  tx(entries: number): NeedsMap;
}

/** Next: map the rings into the arena. ERR_XDP_ARENA. */
export interface NeedsMap extends SetupStage {
  map(): NeedsPrefill;
}

/** Next: give the kernel frames to receive into (none for a socket that only sends). */
export interface NeedsPrefill extends SetupStage {
  prefill(): NeedsBind;
}

/** How to bind. */
export interface BindOptions {
  /** Gives up with ERR_XDP_ABORTED. */
  readonly signal?: AbortSignalLike | undefined;
  /** How long to try again while the queue is busy, 0 to 60000. Default 1000. */
  readonly busyTimeoutMs?: number | undefined;
}

/** Next: bind to the queue. ERR_XDP_QUEUE_BUSY, ERR_XDP_NO_DEVICE, ERR_XDP_ABORTED. */
export interface NeedsBind extends SetupStage {
  bind(options?: BindOptions): Promise<NeedsMode>;
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
  readonly sequence: Sequence;
  readonly target: Target;
  /** @internal */
  readonly io: SocketIo;
  readonly fd: Fd;
  /** What the kernel chose. */
  readonly zeroCopy: boolean;
}
