import { type Fd, type Kernel, type Sequence, XdpError } from "@afxdp/core";
import type { Umem } from "@afxdp/umem";
import type { QueueRings } from "../io/queue-rings.js";
import type { MemoryOutcome } from "./memory.js";
import type { Target } from "./target.js";

/** What was negotiated for a UMEM; every socket on it inherits it. */
export interface UmemMode {
  readonly zeroCopy: boolean;
  readonly copyReason: string | undefined;
  readonly multiBuffer: boolean;
}

/** A queue that sockets of a UMEM are bound to, or about to be. */
export interface SharedQueue {
  /** The sequence and descriptor of its first socket, through which its fill and completion ring are mapped. */
  readonly sequence: Sequence;
  readonly fd: Fd;
  /** From `prefill` on. */
  rings: QueueRings | undefined;
  /** Whether the kernel has really let go of every other socket that was on it and is closed. */
  released: boolean;
}

/**
 * What the sockets on one UMEM have in common. The socket that registered it is its owner, and the first socket on a
 * queue the owner of that queue; each is closed after those that depend on it (`Sequence.dependOn`). All of them are in
 * one thread, so nothing is locked.
 */
export class UmemShare {
  readonly kernel: Kernel;
  readonly umem: Umem;
  readonly memory: MemoryOutcome;
  /** The sequence and descriptor of the owner. */
  readonly sequence: Sequence;
  readonly fd: Fd;
  /** Known from step `mode` of the owner on, before which nobody can share. */
  mode: UmemMode | undefined;
  readonly #queues = new Map<string, SharedQueue>();
  /** Queues that were closed while the kernel could still touch frames of theirs, by where they were. */
  readonly #retired = new Map<string, QueueRings[]>();

  constructor(kernel: Kernel, umem: Umem, memory: MemoryOutcome, sequence: Sequence, fd: Fd) {
    this.kernel = kernel;
    this.umem = umem;
    this.memory = memory;
    this.sequence = sequence;
    this.fd = fd;
  }

  /** The queue at a target, when a socket of this UMEM has it. */
  queueAt(target: Target): SharedQueue | undefined {
    return this.#queues.get(keyOf(target));
  }

  /** Enters the first socket of a queue. */
  openQueue(target: Target, sequence: Sequence, fd: Fd): SharedQueue {
    const queue: SharedQueue = { sequence, fd, rings: undefined, released: true };
    this.#queues.set(keyOf(target), queue);
    return queue;
  }

  /**
   * Notes that a socket of this UMEM has been bound to a queue: the kernel gives a queue to another pool only when the
   * old one is gone, with its driver's buffers and its packets under way, so nothing touches the old frames any more.
   */
  bound(target: Target): void {
    const key = keyOf(target);
    for (const rings of this.#retired.get(key) ?? []) rings.account.reclaimAll();
    this.#retired.delete(key);
  }

  /**
   * Takes out a queue whose last socket is closed, and takes back the frames that the kernel held for it.
   *
   * In copy mode that is safe at once when no packet is being sent. Only `close(2)` of the last socket came before
   * this: it takes the socket off the queue's pool and waits for every receive under way (synchronize_net in
   * xsk_unbind_dev, net/xdp/xsk.c). What lies in the fill ring is read by receiving alone, and what lies in the tx ring
   * by `sendto` and `poll` alone, which have no descriptor any more. A packet that was taken from the tx ring may refer
   * to its frame until it is freed, and counts as being sent until then, because its completion comes then.
   *
   * In zero copy the driver lets go of the buffers of the card's rings later, in a worker (xp_release_deferred), and
   * nothing tells when. Then, and with packets under way, the frames stay counted as the kernel's, until a socket of
   * this UMEM is bound to the queue again, or for good. So they do when a descriptor or a ring of one
   * of its sockets could not be let go.
   */
  closeQueue(target: Target, released: boolean): void {
    const key = keyOf(target);
    const queue = this.#queues.get(key);
    this.#queues.delete(key);
    const rings = queue?.rings;
    if (rings === undefined || this.sequence.closed || !released || !queue?.released) return;
    const quiet = this.mode?.zeroCopy !== true && rings.account.transmitCount === 0;
    if (quiet) rings.account.reclaimAll();
    else this.#retired.set(key, [...(this.#retired.get(key) ?? []), rings]);
  }
}

function keyOf({ namespace, interfaceIndex, queueId }: Target): string {
  return `${namespace} ${interfaceIndex} ${queueId}`;
}

/** The error for closing what other sockets still use. */
export function sharedError(sequence: Sequence, what: string): XdpError {
  const count = sequence.dependents;
  const others = count === 1 ? "1 other socket shares" : `${count} other sockets share`;
  return new XdpError("ERR_XDP_UMEM_SHARED", `${what} cannot be closed: ${others} with it.`);
}
