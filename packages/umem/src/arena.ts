import { type ArenaBytes, XdpError } from "@afxdp/core";

/** What the arena shows of its memory: a WebAssembly.Memory, which a WebAssembly module can import. */
export interface ArenaMemory {
  readonly buffer: ArrayBufferLike;
  grow(delta: number): number;
}

// The lib of plain ECMAScript does not have WebAssembly, and the one of the DOM says too much.
declare const WebAssembly: {
  Memory: new (descriptor: { initial: number; maximum: number; shared: boolean }) => ArenaMemory;
};

/** Bytes of a WebAssembly page; a multiple of the memory page of every machine that Node runs on. */
export const ARENA_PAGE = 65536;
const MAX_PAGES = 65536;

/** Bytes kept behind the frames for one socket's rings: four rings of the greatest size. */
export const RINGS_LENGTH: number = 4 * 1024 * 1024;

/** The most bytes that frames can take in an arena with room for one socket's rings. */
export const MAX_UMEM_LENGTH: number = MAX_PAGES * ARENA_PAGE - RINGS_LENGTH;

interface Range {
  readonly offset: number;
  readonly end: number;
}

/** Rounds up to a whole number of arena pages. */
export function alignToPage(length: number): number {
  return Math.ceil(length / ARENA_PAGE) * ARENA_PAGE;
}

/**
 * The memory of a socket: frames at the front, the kernel's rings mapped behind them, in one SharedArrayBuffer
 * that never moves and can be neither detached nor transferred. Pages are committed when they are touched.
 * Post `buffer` to a Worker to share it.
 */
export class Arena {
  readonly memory: ArenaMemory;
  readonly buffer: SharedArrayBuffer;
  /** All of it as bytes. */
  readonly bytes: ArenaBytes;
  /** All of it as words: one view serves every ring. */
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Bytes at the front that belong to the frames. */
  readonly umemLength: number;
  /** Free ranges behind the frames, in order of their offsets, none touching the next. */
  #free: Range[];

  /**
   * @param umemLength bytes of frames
   * @param ringsLength bytes for rings behind them
   * @param slack bytes more at the front, for frames that must begin at an address of their own choice
   * @throws XdpError ERR_XDP_ARENA when that is more than 4 GiB or cannot be had
   */
  constructor(umemLength: number, ringsLength: number = RINGS_LENGTH, slack = 0) {
    const front = alignToPage(umemLength + slack);
    const total = front + alignToPage(ringsLength);
    const pages = total / ARENA_PAGE;
    if (!(umemLength > 0 && ringsLength >= 0 && slack >= 0 && pages <= MAX_PAGES)) {
      throw new XdpError(
        "ERR_XDP_ARENA",
        `An arena of ${umemLength} bytes of frames and ${ringsLength} of rings is not possible: at most 4 GiB.`,
      );
    }
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    } catch (cause) {
      throw new XdpError("ERR_XDP_ARENA", `An arena of ${total} bytes could not be reserved.`, {
        cause,
      });
    }
    this.buffer = this.memory.buffer as SharedArrayBuffer;
    this.bytes = new Uint8Array(this.buffer);
    this.words = new Int32Array(this.buffer);
    this.umemLength = umemLength;
    this.#free = [{ offset: front, end: total }];
  }

  /**
   * Sets aside `length` bytes behind the frames for a ring; returns their offset, page-aligned.
   *
   * @throws XdpError ERR_XDP_ARENA when there is no room left
   */
  reserve(length: number): number {
    const size = alignToPage(length);
    const place = this.#free.findIndex(({ offset, end }) => end - offset >= size);
    const range = this.#free[place];
    if (!(length > 0) || range === undefined) {
      const most = Math.max(0, ...this.#free.map(({ offset, end }) => end - offset));
      throw new XdpError(
        "ERR_XDP_ARENA",
        `The arena has no room for a ring of ${length} bytes: ${most} are left in one piece.`,
        { hint: "Make the UMEM with a greater ringsLength, or with the number of its sharers." },
      );
    }
    const { offset, end } = range;
    const rest = end - offset > size ? [{ offset: offset + size, end }] : [];
    this.#free.splice(place, 1, ...rest);
    return offset;
  }

  /** Gives back what `reserve` set aside, after zero pages have been mapped over it: another ring may get it. */
  release(offset: number, length: number): void {
    const ranges = [...this.#free, { offset, end: offset + alignToPage(length) }];
    ranges.sort((one, other) => one.offset - other.offset);
    this.#free = [];
    for (const range of ranges) {
      const last = this.#free.at(-1);
      if (last?.end === range.offset) {
        this.#free[this.#free.length - 1] = { offset: last.offset, end: range.end };
      } else {
        this.#free.push(range);
      }
    }
  }
}
