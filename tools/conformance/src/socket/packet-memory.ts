import {
  type Fd,
  isXdpError,
  type Kernel,
  XDP_UMEM_TX_METADATA_LEN,
  XDP_UMEM_UNALIGNED_CHUNK_FLAG,
  XdpSystemError,
} from "@afxdp/core";
import { Arena } from "@afxdp/umem";
import { Skip } from "../outcome.js";

/** A UMEM of a case; what is absent is as in most cases. */
export interface MemoryOptions {
  /** 1024 when absent. */
  readonly frames?: number;
  /** Bytes; 4096 when absent. */
  readonly frameSize?: number;
  readonly headroom?: number;
  /** Chunks begin anywhere. The memory is then of huge pages, so that a packet may cross from one page to the next. */
  readonly unaligned?: boolean;
  /** Bytes kept before each packet for TX metadata. */
  readonly metadata?: number;
  /** More XDP_UMEM_* flags. */
  readonly flags?: number;
}

export const HUGE_PAGE: number = 2 * 1024 * 1024;

/** A UMEM, and nothing that guards it: the cases write where and what they like. */
export class PacketMemory {
  readonly arena: Arena;
  /** Bytes over the whole arena, for packets of any alignment. */
  readonly view: DataView<SharedArrayBuffer>;
  /** Where the UMEM begins in the arena. */
  readonly base: number;
  readonly length: number;
  readonly frames: number;
  readonly frameSize: number;
  readonly headroom: number;
  readonly unaligned: boolean;
  readonly #kernel: Kernel;
  readonly #metadata: number;
  readonly #flags: number;
  #huge = 0;

  constructor(kernel: Kernel, options: MemoryOptions) {
    const { frames = 1024, frameSize = 4096, headroom = 0, unaligned = false } = options;
    this.#kernel = kernel;
    this.#metadata = options.metadata ?? 0;
    this.#flags =
      (options.flags ?? 0) |
      (unaligned ? XDP_UMEM_UNALIGNED_CHUNK_FLAG : 0) |
      (this.#metadata > 0 ? XDP_UMEM_TX_METADATA_LEN : 0);
    this.frames = frames;
    this.frameSize = frameSize;
    this.headroom = headroom;
    this.unaligned = unaligned;
    this.length = frames * frameSize;
    this.arena = new Arena(this.length + (unaligned ? 2 * HUGE_PAGE : 0));
    this.view = new DataView(this.arena.buffer);
    this.base = unaligned ? this.#mapHugePages() : 0;
  }

  /** Bytes of huge pages that a UMEM takes. */
  static hugeBytes({ frames = 1024, frameSize = 4096 }: MemoryOptions): number {
    return Math.ceil((frames * frameSize) / HUGE_PAGE) * HUGE_PAGE;
  }

  /** Makes it the UMEM of a socket. */
  register(socket: Fd): void {
    this.#kernel.registerUmem(socket, this.arena.bytes, {
      offset: this.base,
      length: this.length,
      chunkSize: this.frameSize,
      headroom: this.headroom,
      flags: this.#flags,
      txMetadataLength: this.#metadata,
    });
  }

  /** Lets go of the huge pages. */
  close(): void {
    if (this.#huge > 0) this.#kernel.unmapMemory(this.arena.bytes, this.base, this.#huge);
    this.#huge = 0;
  }

  #mapHugePages(): number {
    const { bytes } = this.arena;
    const base = this.#kernel.alignmentOffset(bytes, HUGE_PAGE);
    const length = Math.ceil(this.length / HUGE_PAGE) * HUGE_PAGE;
    try {
      this.#kernel.mapMemory(bytes, base, length, -1, HUGE_PAGE);
    } catch (error) {
      if (isXdpError(error) && error instanceof XdpSystemError) {
        throw new Skip(`no huge pages (mmap of ${length} bytes: ${error.errnoName})`);
      }
      throw error;
    }
    this.#huge = length;
    return base;
  }
}
