import { XdpError } from "@afxdp/core";
import { describe } from "./describe.js";
import type { RingLayout } from "./layout.js";
import { checkRingSize } from "./ring-size.js";

/**
 * The memory that a ring lies in. An Int32Array must begin at its buffer's first byte; give the same one to all rings
 * of an arena, so that they share one view. An ArrayBuffer must be of fixed length, and serves one thread only.
 */
export type RingMemory = SharedArrayBuffer | ArrayBuffer | Int32Array;

/** A ring's place, checked, in 32-bit words of one view over its buffer. */
export interface RingWords {
  readonly words: Int32Array;
  readonly size: number;
  readonly producer: number;
  readonly consumer: number;
  readonly flags: number;
  readonly entries: number;
}

const WORD = 4;

/**
 * Checks that a ring with entries of `entrySize` bytes fits into its memory, before anything is read or written.
 * Errors: ERR_XDP_RING_SIZE; ERR_XDP_RING_MEMORY when the memory is of another kind, or an offset is not a number,
 * not aligned, outside, or overlaps another part of the ring.
 */
export function placeRing(memory: RingMemory, layout: RingLayout, entrySize: 8 | 16): RingWords {
  if (typeof layout !== "object" || layout === null) {
    throw refusal(`A ring's layout must be an object, not ${describe(layout)}.`);
  }
  // Read once, so that what is checked is what is used.
  const { producer, consumer, flags, desc } = layout;
  const size = checkRingSize(layout.entries);
  const words = viewOf(memory);
  const parts: readonly Part[] = [
    { name: "producer", start: producer, bytes: WORD, align: WORD },
    { name: "consumer", start: consumer, bytes: WORD, align: WORD },
    { name: "flags", start: flags, bytes: WORD, align: WORD },
    { name: "desc", start: desc, bytes: size * entrySize, align: 8 },
  ];
  for (const part of parts) checkPart(part, words.length * WORD);
  for (const [at, part] of parts.entries()) {
    for (const other of parts.slice(at + 1)) checkApart(part, other);
  }
  return {
    words,
    size,
    producer: producer / WORD,
    consumer: consumer / WORD,
    flags: flags / WORD,
    entries: desc / WORD,
  };
}

interface Part {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
  readonly align: number;
}

function viewOf(memory: RingMemory): Int32Array {
  // By tag and not by instanceof: a buffer may come from another realm (node:vm, a test runner).
  const tag = Object.prototype.toString.call(memory);
  if (ArrayBuffer.isView(memory) && tag === "[object Int32Array]") {
    if (memory.byteOffset !== 0) {
      throw refusal(`An Int32Array over a ring must begin at byte 0, not ${memory.byteOffset}.`);
    }
    refuseResizable(memory.buffer);
    return memory;
  }
  if (tag === "[object SharedArrayBuffer]" || tag === "[object ArrayBuffer]") {
    const buffer = memory as SharedArrayBuffer | ArrayBuffer;
    refuseResizable(buffer);
    if (!(buffer.byteLength > 0)) throw refusal("The ring's buffer is empty or detached.");
    return new Int32Array(buffer, 0, Math.floor(buffer.byteLength / WORD));
  }
  throw refusal(
    `A ring needs a SharedArrayBuffer, an ArrayBuffer or an Int32Array, not ${describe(memory)}.`,
  );
}

// It could shrink below the ring. A SharedArrayBuffer can only grow.
function refuseResizable(buffer: ArrayBufferLike): void {
  if ("resizable" in buffer && buffer.resizable === true) {
    throw refusal("A ring cannot lie in a resizable ArrayBuffer.");
  }
}

function checkPart({ name, start, bytes, align }: Part, end: number): void {
  if (!Number.isSafeInteger(start) || start < 0 || start % align !== 0) {
    throw refusal(
      `The ring's ${name} offset must be a multiple of ${align} from 0, not ${describe(start)}.`,
    );
  }
  if (start + bytes > end) {
    throw refusal(
      `The ring's ${name} (${bytes} bytes at ${start}) reaches past the buffer's ${end} bytes.`,
    );
  }
}

function checkApart(one: Part, other: Part): void {
  if (one.start < other.start + other.bytes && other.start < one.start + one.bytes) {
    throw refusal(
      `The ring's ${one.name} at ${one.start} overlaps its ${other.name} at ${other.start}.`,
    );
  }
}

function refusal(message: string): XdpError {
  return new XdpError("ERR_XDP_RING_MEMORY", message);
}
