import { type Kernel, throwFirst, XdpOrderError } from "@afxdp/core";
import type { FrameCounts } from "@afxdp/umem";
import { FrameSocket } from "./frame-socket.js";
import { missingRing } from "./io/io-errors.js";
import type { RxBatch } from "./io/rx-batch.js";
import type { SocketIo } from "./io/socket-io.js";
import { type SocketStatistics, takeStatistics } from "./io/statistics.js";
import type { MemoryOutcome } from "./setup/memory.js";
import { nameOf, ownedBy } from "./setup/owner.js";
import { sharedError } from "./setup/share.js";
import type { ReadySocket } from "./setup/stages.js";
import type { Target } from "./setup/target.js";
import { BatchIterator } from "./wait/batch-iterator.js";
import { drained } from "./wait/drained.js";
import { handleBatch } from "./wait/handle-batch.js";
import { listen } from "./wait/listen.js";
import { checkWait, type WaitOptions, watchReadable } from "./wait/readable.js";
import {
  type BatchHandler,
  batchSize,
  checkHandler,
  type ReceiveOptions,
} from "./wait/receive-options.js";
import { type RunOptions, run } from "./wait/run.js";

/** What became a socket already. */
const taken = new WeakSet<ReadySocket>();
/** Sockets that something waits on: a socket whose owner only awaits one of its promises is not dropped. */
const awaited = new Set<XdpSocket>();

/**
 * An open AF_XDP socket. It belongs to the thread that opened it. One receiving loop at a time: `run`, `listen`,
 * `batches`, or `receive` called by hand.
 */
export class XdpSocket extends FrameSocket implements AsyncDisposable {
  readonly target: Target;
  /** The Kernel that it was opened on: what shares with it is opened on the same. */
  readonly kernel: Kernel;
  /** Whether the kernel moves packets without copying them. */
  readonly zeroCopy: boolean;
  /** Why it is copy mode though zero copy was preferred: an errno's name, or words. */
  readonly copyReason: string | undefined;
  /** What the frames lie in. */
  readonly memory: MemoryOutcome;
  readonly #ready: ReadySocket;
  readonly #io: SocketIo;
  #loop: string | undefined;
  #single: RxBatch | undefined;
  #waits = 0;
  #closing: Promise<FrameCounts> | undefined;

  /** @throws XdpError ERR_XDP_STATE when there is a socket for it already */
  constructor(ready: ReadySocket) {
    if (taken.has(ready)) throw new XdpOrderError("new XdpSocket", [], "it is a socket already");
    taken.add(ready);
    super(ready.io);
    this.#ready = ready;
    this.#io = ready.io;
    this.target = ready.target;
    this.kernel = ready.kernel;
    this.zeroCopy = ready.zeroCopy;
    this.copyReason = ready.copyReason;
    this.memory = ready.memory;
    ownedBy(this, ready);
  }

  get closed(): boolean {
    return this.#ready.sequence.closed;
  }

  /**
   * Everything that is counted, in one snapshot of one system call: plain numbers, which JSON can carry. Two of them
   * make rates: `difference`.
   *
   * @throws XdpError ERR_XDP_CLOSED
   */
  stats(): SocketStatistics {
    this.checkOpen("stats");
    return takeStatistics(this.#io);
  }

  /**
   * Waits until everything that was sent is done and its frames are back: true, or false after `timeoutMs`.
   *
   * @throws XdpError ERR_XDP_ABORTED, ERR_XDP_DEVICE_GONE, ERR_XDP_CLOSED
   */
  drained(options: WaitOptions = {}): Promise<boolean> {
    return this.#awaiting(async () => {
      this.checkOpen("drained");
      return drained(this.#io, options);
    });
  }

  /**
   * Receives one batch without waiting and calls the handler if there was one; for loops of one's own. Returns the
   * number of packets, -1 when the handler returned false.
   *
   * @param limit most packets, 1 to the size of the rx ring; 64 by default
   * @throws XdpError ERR_XDP_STATE without an rx ring, ERR_XDP_RING_CORRUPT, ERR_XDP_CLOSED
   */
  receive(handler: BatchHandler, limit?: number): number {
    const size = this.#claim("receive");
    try {
      checkHandler(handler);
      const capacity = batchSize(limit, size);
      if (this.#single?.capacity !== capacity) this.#single = this.#io.createBatch(capacity);
      return handleBatch(this.#io, this.#single, handler);
    } finally {
      this.#loop = undefined;
    }
  }

  /** Waits from the event loop until packets are there: true, or false after the timeout or on close. */
  readable(options: WaitOptions = {}): Promise<boolean> {
    return this.#awaiting(async () => {
      this.checkOpen("readable");
      if (this.#io.rx === undefined) throw missingRing("readable", "rx");
      checkWait("readable", options);
      return watchReadable(this.#io, options, () => true).over;
    });
  }

  /**
   * The busy loop: handles batches as fast as they come, sleeping only after `spin` empty looks. It occupies the
   * thread but for a turn of the event loop every few milliseconds: give it a Worker of its own. Resolves when the
   * handler returns false or the socket closes.
   *
   * @throws XdpError ERR_XDP_ABORTED, ERR_XDP_DEVICE_GONE, ERR_XDP_RING_CORRUPT, and what the handler throws
   */
  run(handler: BatchHandler, options: RunOptions = {}): Promise<void> {
    return this.#exclusive("run", (io, size) => run(io, size, handler, options));
  }

  /** The same from the event loop: handles batches when the descriptor is readable. @throws as `run` */
  listen(handler: BatchHandler, options: ReceiveOptions = {}): Promise<void> {
    return this.#exclusive("listen", (io, size) => listen(io, size, handler, options));
  }

  /**
   * The same as an iteration: `for await (const batch of socket.batches())`. A batch lasts until the next turn. Ends
   * when the socket closes. Costs a promise per batch. @throws as `run`
   */
  batches(options: ReceiveOptions = {}): AsyncIterableIterator<RxBatch> {
    const size = this.#claim("batches");
    const release = (): void => {
      this.#loop = undefined;
    };
    try {
      return new BatchIterator(this.#io, size, options, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Closes the socket in the reverse order of its set-up: detaches the program and leaves the map where there is
   * one, sends and takes back what is under way (for 100 ms at most), counts the frames, unmaps the rings, closes
   * the descriptor. Loops end. Resolves to the frames by owner: what is still `fill` or `transmit` was with the
   * kernel. Every call gives the same promise.
   *
   * @throws XdpError ERR_XDP_UMEM_SHARED while sockets are open that share with this one, and nothing has changed;
   * the first error of a step, the others in `suppressed`; all else was released nevertheless
   */
  close(): Promise<FrameCounts> {
    const { sequence, target } = this.#ready;
    if (this.#closing === undefined && !sequence.closed && sequence.dependents > 0) {
      return Promise.reject(sharedError(sequence, `The socket on ${nameOf(target)}`));
    }
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<FrameCounts> {
    this.#io.closing = true;
    for (const end of [...this.#io.waiters]) end();
    throwFirst(await this.#ready.sequence.close());
    return this.frames;
  }

  #exclusive(verb: string, loop: (io: SocketIo, size: number) => Promise<void>): Promise<void> {
    return this.#awaiting(async () => {
      const size = this.#claim(verb);
      try {
        await loop(this.#io, size);
      } finally {
        this.#loop = undefined;
      }
    });
  }

  /** Claims the receiving side for a loop; returns the size of the rx ring. */
  #claim(verb: string): number {
    this.checkOpen(verb);
    if (this.#io.rx === undefined) throw missingRing(verb, "rx");
    if (this.#loop !== undefined) {
      throw new XdpOrderError(verb, ["close"], `${this.#loop} is already receiving, end it first`);
    }
    this.#loop = verb;
    return this.#io.rx.size;
  }

  async #awaiting<T>(wait: () => Promise<T>): Promise<T> {
    this.#waits++;
    awaited.add(this);
    try {
      return await wait();
    } finally {
      if (--this.#waits === 0) awaited.delete(this);
    }
  }
}
