import { type AbortSignalLike, XdpError } from "@afxdp/core";
import type { RxBatch } from "../io/rx-batch.js";

/**
 * Handles one batch; what it sends goes out when it returns. It must not be async: the frames are lent only until
 * it returns. Returning false ends the loop.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function declared `: void` is a handler, too; a promise is none.
export type BatchHandler = (batch: RxBatch) => boolean | void;

/** What every receiving loop takes. */
export interface ReceiveOptions {
  /** Ends the loop with ERR_XDP_ABORTED. */
  readonly signal?: AbortSignalLike | undefined;
  /** Most packets per batch, 1 to the size of the rx ring. Default 64. */
  readonly batch?: number | undefined;
}

/** Their names. */
export const RECEIVE_OPTIONS: readonly string[] = ["signal", "batch"];

const DEFAULT_BATCH = 64;

/**
 * The batch size to use on an rx ring of `size`.
 *
 * @throws XdpError ERR_XDP_ARGUMENT
 */
export function batchSize(batch: number | undefined, size: number): number {
  if (batch === undefined) return Math.min(DEFAULT_BATCH, size);
  if (!Number.isInteger(batch) || batch < 1 || batch > size) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `batch ${String(batch)} is not a whole number from 1 to ${size}, the size of the rx ring.`,
    );
  }
  return batch;
}

/** @throws XdpError ERR_XDP_ARGUMENT unless it is a function */
export function checkHandler(handler: BatchHandler): void {
  if (typeof handler !== "function") {
    throw new XdpError("ERR_XDP_ARGUMENT", `The handler is ${typeof handler}, not a function.`);
  }
}
