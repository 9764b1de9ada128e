import { type ArenaBytes, isXdpError, XdpOrderError, type XdpStatistics } from "@afxdp/core";
import type { FrameCounts, Umem } from "@afxdp/umem";
import type { Counters } from "./io/counters.js";
import { closedError, missingRing } from "./io/io-errors.js";
import { RxBatch } from "./io/rx-batch.js";
import type { SocketIo } from "./io/socket-io.js";
import { warnIfDropped } from "./setup/exit.js";
import type { ReadySocket } from "./setup/stages.js";
import type { Target } from "./setup/target.js";
import { BatchIterator } from "./wait/batch-iterator.js";
import { sent } from "./wait/drained.js";
import { handleBatch } from "./wait/handle-batch.js";
import { listen } from "./wait/listen.js";
import { type ReadableOptions, watchReadable } from "./wait/readable.js";
import { type BatchHandler, batchSize, type ReceiveOptions } from "./wait/receive-options.js";
import { type RunOptions, run } from "./wait/run.js";

/** What `stats` tells. */
export interface SocketStatistics extends Counters {
  readonly frames: FrameCounts;
  /** The kernel's own counters. */
  readonly kernel: XdpStatistics;
}

/**
 * An open AF_XDP socket. It belongs to the thread that opened it. One receiving loop at a time: `run`, `listen`,
 * `batches`, or `receive` called by hand.
 *
 * Frames: a received one is lent to the handler and goes back to the kernel by itself, unless it is sent, held or
 * freed. An allocated one is the application's until sent or freed.
 */
export class XdpSocket implements AsyncDisposable {
  readonly target: Target;
  /** Whether the kernel moves packets without copying them. */
  readonly zeroCopy: boolean;
  /** The packet memory. Its own methods note transitions; use the socket's to move frames. */
  readonly umem: Umem;
  readonly #ready: ReadySocket;
  readonly #io: SocketIo;
  #loop: string | undefined;
  #single: RxBatch | undefined;
  #closing: Promise<FrameCounts> | undefined;

  constructor(ready: ReadySocket) {
    this.#ready = ready;
    this.#io = ready.io;
    this.target = ready.target;
    this.zeroCopy = ready.zeroCopy;
    this.umem = ready.io.umem;
    const { interfaceName, queueId } = ready.target;
    warnIfDropped(this, ready.sequence, `The AF_XDP socket on ${interfaceName} queue ${queueId}`);
  }

  /** The UMEM's bytes: index it with an address. */
  get bytes(): ArenaBytes {
    return this.umem.bytes;
  }

  /** Frames by owner: they always add up. Readable after close, too. */
  get frames(): FrameCounts {
    return this.umem.counts();
  }

  /** Whether `close` has been called. */
  get closed(): boolean {
    return this.#ready.sequence.closed;
  }

  /** Counters of the socket and of the kernel. @throws XdpError ERR_XDP_CLOSED */
  stats(): SocketStatistics {
    this.#check("stats");
    const { counters, kernel, fd } = this.#io;
    return { ...counters, frames: this.frames, kernel: kernel.statistics(fd) };
  }

  /** Takes a free frame: its first address, or -1 when there is none. @throws XdpError ERR_XDP_CLOSED */
  allocate(): number {
    this.#check("allocate");
    const address = this.umem.allocate();
    return address === -1 && this.#io.reap() > 0 ? this.umem.allocate() : address;
  }

  /** Gives a frame back to the allocator. @throws as `Umem.free`, and ERR_XDP_CLOSED */
  free(address: number): void {
    this.#check("free");
    this.umem.free(address);
  }

  /** Keeps a frame beyond its handler, or beyond its sending. @throws as `Umem.hold`, and ERR_XDP_CLOSED */
  hold(address: number): void {
    this.#check("hold");
    this.umem.hold(address);
  }

  /** Ends a hold. @throws as `Umem.unhold`, and ERR_XDP_CLOSED */
  unhold(address: number): void {
    this.#check("unhold");
    this.umem.unhold(address);
  }

  /**
   * Stages `length` bytes at `address`, in a frame of the application, for sending. `flush` sends; a receiving loop
   * flushes after each batch. False, and nothing changed, when the tx ring is full.
   *
   * @throws XdpError ERR_XDP_FRAME_SIZE, ERR_XDP_FRAME_STATE, ERR_XDP_FOREIGN_FRAME, ERR_XDP_STATE without a tx
   * ring, ERR_XDP_CLOSED
   */
  transmit(address: number, length: number): boolean {
    return this.#io.transmit(address, length);
  }

  /**
   * Sends what is staged and takes back sent frames. Returns the packets that could not go yet because the driver is
   * busy or the link down: they go with the next flush.
   *
   * @throws XdpError ERR_XDP_DEVICE_GONE, ERR_XDP_CLOSED
   */
  flush(): number {
    return this.#io.flush();
  }

  /**
   * Copies a packet into a free frame and sends it. False when there is no free frame or no room in the tx ring.
   *
   * @throws XdpError ERR_XDP_FRAME_SIZE unless it has 14 bytes up to a frame's size; as `transmit` and `flush`
   */
  send(packet: Uint8Array): boolean {
    const address = this.allocate();
    if (address === -1) return false;
    let staged = false;
    try {
      if (packet.length <= this.umem.geometry.frameSize) this.bytes.set(packet, address);
      staged = this.#io.transmit(address, packet.length);
    } finally {
      if (!staged) this.umem.free(address);
    }
    this.#io.flush();
    return staged;
  }

  /**
   * Waits until everything that was sent is done and its frames are back: true, or false after `timeoutMs`.
   *
   * @throws XdpError ERR_XDP_ABORTED, ERR_XDP_DEVICE_GONE, ERR_XDP_CLOSED
   */
  drained(options: ReadableOptions = {}): Promise<boolean> {
    return sent(this.#io, options);
  }

  /**
   * Receives one batch without waiting and calls the handler if there was one; for loops of one's own. Returns the
   * number of packets, -1 when the handler returned false.
   *
   * @param limit most packets, 1 to the size of the rx ring; 64 by default
   * @throws XdpError ERR_XDP_STATE without an rx ring, ERR_XDP_RING_CORRUPT, ERR_XDP_CLOSED
   */
  receive(handler: BatchHandler, limit?: number): number {
    this.#check("receive");
    this.#claimable("receive");
    const size = batchSize(limit, this.#rxSize());
    if (this.#single?.capacity !== size) this.#single = new RxBatch(this.#io, size);
    this.#loop = "receive";
    try {
      return handleBatch(this.#io, this.#single, handler);
    } finally {
      this.#loop = undefined;
    }
  }

  /** Waits from the event loop until packets are there: true, or false after the timeout or on close. */
  async readable(options: ReadableOptions = {}): Promise<boolean> {
    this.#check("readable");
    this.#rxSize();
    return watchReadable(this.#io, options, () => true);
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
    this.#check("batches");
    this.#claimable("batches");
    const size = this.#rxSize();
    const iterator = new BatchIterator(this.#io, size, options, () => {
      this.#loop = undefined;
    });
    this.#loop = "batches";
    return iterator;
  }

  /**
   * Closes the socket in the reverse order of its set-up: detaches the program and leaves the map where there is
   * one, sends and takes back what is under way (for 100 ms at most), counts the frames, unmaps the rings, closes
   * the descriptor. Loops end. Resolves to the frames by owner: what is still `fill` or `transmit` was with the
   * kernel. Every call gives the same promise.
   *
   * @throws XdpError the first error of a step, the others in `suppressed`; all else was released nevertheless
   */
  close(): Promise<FrameCounts> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<FrameCounts> {
    this.#io.closing = true;
    for (const end of [...this.#io.waiters]) end();
    const [error, ...more] = await this.#ready.sequence.close();
    if (error !== undefined) {
      if (isXdpError(error)) error.suppressed.push(...more);
      throw error;
    }
    return this.frames;
  }

  async #exclusive(
    verb: string,
    loop: (io: SocketIo, size: number) => Promise<void>,
  ): Promise<void> {
    this.#check(verb);
    this.#claimable(verb);
    const size = this.#rxSize();
    this.#loop = verb;
    try {
      await loop(this.#io, size);
    } finally {
      this.#loop = undefined;
    }
  }

  #check(verb: string): void {
    if (this.closed) throw closedError(verb);
  }

  #claimable(verb: string): void {
    if (this.#loop !== undefined) {
      throw new XdpOrderError(verb, ["close"], `${this.#loop} is already receiving`);
    }
  }

  #rxSize(): number {
    if (this.#io.rx === undefined) throw missingRing("rx");
    return this.#io.rx.size;
  }
}
