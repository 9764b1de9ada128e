import { setImmediate as turn } from "node:timers/promises";
import { checkOptions, checkSignal, throwIfAborted, XdpOrderError } from "@afxdp/core";
import type { RxBatch } from "../io/rx-batch.js";
import type { SocketIo } from "../io/socket-io.js";
import { type PendingWait, watchReadable } from "./readable.js";
import { batchSize, RECEIVE_OPTIONS, type ReceiveOptions } from "./receive-options.js";

/** Batches that come without waiting before the event loop gets a turn: promises alone would starve it. */
const ROUNDS = 16;

/** The `for await` way to receive: see `XdpSocket.batches`. */
export class BatchIterator implements AsyncIterableIterator<RxBatch> {
  readonly #io: SocketIo;
  readonly #batch: RxBatch;
  readonly #signal: ReceiveOptions["signal"];
  readonly #release: () => void;
  #rounds = 0;
  #wait: PendingWait | undefined;
  #done = false;

  /** @param release called once, when the iteration ends */
  constructor(io: SocketIo, size: number, options: ReceiveOptions, release: () => void) {
    checkOptions("batches", options, RECEIVE_OPTIONS);
    this.#io = io;
    this.#batch = io.createBatch(batchSize(options.batch, size));
    this.#signal = options.signal;
    this.#release = release;
    checkSignal(this.#signal);
  }

  /** The next batch; gives back what is left of the last. @throws XdpError ERR_XDP_STATE while one is waited for */
  async next(): Promise<IteratorResult<RxBatch, undefined>> {
    if (this.#wait !== undefined) {
      const why = "the one before still waits, and a batch lasts until the next is asked for";
      throw new XdpOrderError("next", ["return"], why);
    }
    try {
      this.#io.settle(this.#batch);
      while (!this.#done) {
        throwIfAborted(this.#signal);
        if (this.#io.closing) break;
        if (this.#io.receive(this.#batch, this.#batch.capacity) > 0) {
          if (++this.#rounds === ROUNDS) {
            this.#rounds = 0;
            await turn();
          }
          return { value: this.#batch, done: false };
        }
        this.#rounds = 0;
        await this.#readable();
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return { value: undefined, done: true };
  }

  /** Ends the iteration, and a `next` that waits. */
  async return(): Promise<IteratorResult<RxBatch, undefined>> {
    this.#end();
    this.#io.settle(this.#batch);
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #readable(): Promise<void> {
    this.#wait = watchReadable(this.#io, { signal: this.#signal }, () => true);
    try {
      await this.#wait.over;
    } finally {
      this.#wait = undefined;
    }
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#wait?.end();
    this.#release();
  }
}
