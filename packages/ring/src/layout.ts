import { XdpError } from "@afxdp/core";
import { describe } from "./describe.js";
import { checkRingSize } from "./ring-size.js";

/**
 * Where a ring lies in its buffer: the number of entries, and byte offsets from the buffer's start. The three words
 * are 32 bits each; the entries begin at `desc`. For a kernel ring: the offset it is mapped at, plus what
 * `XDP_MMAP_OFFSETS` says.
 */
export interface RingLayout {
  readonly entries: number;
  readonly producer: number;
  readonly consumer: number;
  readonly flags: number;
  readonly desc: number;
}

/** A layout made by {@link layoutRing}. */
export interface PlannedRing extends RingLayout {
  /** The bytes that the ring takes, counted from the `offset` it was planned at. */
  readonly byteLength: number;
}

/** What {@link layoutRing} is given. */
export interface RingPlan {
  /** A power of two from 1 to 65536. */
  readonly entries: number;
  /** Bytes of an entry: 8 for addresses, 16 for descriptors. */
  readonly entrySize: 8 | 16;
  /** Where in the buffer the ring begins, in bytes: a multiple of 8, better of 64 (a cache line). 0 by default. */
  readonly offset?: number;
}

// As Linux lays its rings out on CPUs with 64-byte cache lines: each index on a pair of lines of its own, since CPUs
// prefetch lines in pairs, and the flags on the consumer's second pair. Source: struct xdp_ring, net/xdp/xsk_queue.h.
const PRODUCER = 0;
const CONSUMER = 128;
const FLAGS = 196;
const ENTRIES = 320;

/**
 * Plans a ring of one's own, with the distances that the kernel uses. The result is a plain object, which
 * `postMessage` can carry beside the buffer. Zeroed memory is an empty ring. Errors: ERR_XDP_RING_SIZE,
 * ERR_XDP_ARGUMENT for the entry size, ERR_XDP_RING_MEMORY for the offset.
 */
export function layoutRing(options: RingPlan): PlannedRing {
  const { entrySize, offset = 0 } = options;
  const entries = checkRingSize(options.entries);
  if (entrySize !== 8 && entrySize !== 16) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `entrySize must be 8 (addresses) or 16 (descriptors), not ${describe(entrySize)}.`,
    );
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 8 !== 0) {
    throw new XdpError(
      "ERR_XDP_RING_MEMORY",
      `The offset of a ring must be a multiple of 8 from 0, not ${describe(offset)}.`,
    );
  }
  return {
    entries,
    producer: offset + PRODUCER,
    consumer: offset + CONSUMER,
    flags: offset + FLAGS,
    desc: offset + ENTRIES,
    byteLength: ENTRIES + entries * entrySize,
  };
}
