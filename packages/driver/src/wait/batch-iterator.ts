import { setImmediate as turn } from "node:timers/promises";
import { throwIfAborted } from "@afxdp/core";
import { RxBatch } from "../io/rx-batch.js";
import type { SocketIo } from "../io/socket-io.js";
import { watchReadable } from "./readable.js";
import { batchSize, type ReceiveOptions } from "./receive-options.js";

/** Batches that come without waiting before the event loop gets a turn: promises alone would starve it. */
const ROUNDS = 16;

/** The `for await` way to receive: see `XdpSocket.batches`. */
export class BatchIterator implements AsyncIterableIterator<RxBatch> {
  readonly #io: SocketIo;
  readonly #batch: RxBatch;
  readonly #signal: AbortSignal | undefined;
  readonly #release: () => void;
  #rounds = 0;
  #done = false;

  /** @param release called once, when the iteration ends */
  constructor(io: SocketIo, size: number, options: ReceiveOptions, release: () => void) {
    this.#io = io;
    this.#batch = new RxBatch(io, batchSize(options.batch, size));
    this.#signal = options.signal;
    this.#release = release;
  }

  async next(): Promise<IteratorResult<RxBatch, undefined>> {
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
        const wait = this.#signal === undefined ? {} : { signal: this.#signal };
        if (!(await watchReadable(this.#io, wait, () => true))) break;
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<RxBatch, undefined>> {
    this.#io.settle(this.#batch);
    this.#end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#release();
  }
}
