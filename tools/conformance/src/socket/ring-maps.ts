import { type Fd, type Kernel, RING_ABI, type RingName, runAll } from "@afxdp/core";
import type { RingLayout } from "@afxdp/ring";
import type { Arena } from "@afxdp/umem";

/** The rings of one socket, mapped behind the frames of an arena. */
export class RingMaps {
  readonly #kernel: Kernel;
  readonly #socket: Fd;
  readonly #arena: Arena;
  readonly #mapped: { readonly offset: number; readonly length: number }[] = [];

  constructor(kernel: Kernel, socket: Fd, arena: Arena) {
    this.#kernel = kernel;
    this.#socket = socket;
    this.#arena = arena;
  }

  /** Makes a ring of that many entries and maps it; returns where it lies in the arena. */
  add(ring: RingName, entries: number): RingLayout {
    const kernel = this.#kernel;
    kernel.setRingSize(this.#socket, ring, entries);
    const { producer, consumer, flags, desc } = kernel.mmapOffsets(this.#socket)[ring];
    const bytes = desc + entries * RING_ABI[ring].entrySize;
    const length = Math.ceil(bytes / kernel.pageSize) * kernel.pageSize;
    const offset = this.#arena.reserve(length);
    kernel.mapRing(this.#socket, ring, this.#arena.bytes, offset, length);
    this.#mapped.push({ offset, length });
    return {
      entries,
      producer: offset + producer,
      consumer: offset + consumer,
      flags: offset + flags,
      desc: offset + desc,
    };
  }

  /** Maps zero pages over all of them, so that the kernel lets go of the socket. */
  close(): void {
    runAll(
      this.#mapped.splice(0).map(({ offset, length }) => () => {
        this.#kernel.unmapRing(this.#arena.bytes, offset, length);
      }),
    );
  }
}
