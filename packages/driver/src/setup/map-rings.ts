import { type Fd, type Kernel, RING_ABI, type RingName, runAll } from "@afxdp/core";
import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
} from "@afxdp/ring";
import type { Arena } from "@afxdp/umem";

/** Numbers of entries; a ring that is absent is not made. */
export type RingSizes = Readonly<Partial<Record<RingName, number>>>;

/** The user's ends of a socket's rings. */
export interface Rings {
  /** This and the next are absent where they are another socket's. */
  readonly fill: AddressProducer | undefined;
  readonly completion: AddressConsumer | undefined;
  readonly rx: DescriptorConsumer | undefined;
  readonly tx: DescriptorProducer | undefined;
}

/** Rings in the arena, and how to let go of them. */
export interface MappedRings {
  readonly rings: Rings;
  /** Maps zero pages over all of them; throws the first error after trying each. */
  unmap(): void;
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

/**
 * Maps a socket's rings behind the frames of its arena. When one fails, those before are unmapped again.
 *
 * @throws XdpSystemError at step map; XdpError ERR_XDP_ARENA when the arena is too small
 */
export function mapRings(kernel: Kernel, socket: Fd, arena: Arena, sizes: RingSizes): MappedRings {
  const offsets = kernel.mmapOffsets(socket);
  const mapped: Range[] = [];
  const unmap = (): void => {
    const ranges = mapped.splice(0).reverse();
    runAll(
      ranges.map(({ offset, length }) => () => {
        kernel.unmapRing(arena.bytes, offset, length);
        arena.release(offset, length);
      }),
    );
  };
  const map = (name: RingName, entries: number) => {
    const ring = offsets[name];
    const bytes = ring.desc + entries * RING_ABI[name].entrySize;
    const length = Math.ceil(bytes / kernel.pageSize) * kernel.pageSize;
    const offset = arena.reserve(length);
    try {
      kernel.mapRing(socket, name, arena.bytes, offset, length);
    } catch (error) {
      arena.release(offset, length);
      throw error;
    }
    mapped.push({ offset, length });
    return {
      entries,
      producer: offset + ring.producer,
      consumer: offset + ring.consumer,
      flags: offset + ring.flags,
      desc: offset + ring.desc,
    };
  };
  try {
    const layout = (name: RingName) => {
      const entries = sizes[name];
      return entries === undefined ? undefined : map(name, entries);
    };
    const [fill, completion, rx, tx] = [
      layout("fill"),
      layout("completion"),
      layout("rx"),
      layout("tx"),
    ];
    const rings: Rings = {
      fill: fill && new AddressProducer(arena.words, fill),
      completion: completion && new AddressConsumer(arena.words, completion),
      rx: rx && new DescriptorConsumer(arena.words, rx),
      tx: tx && new DescriptorProducer(arena.words, tx),
    };
    return { rings, unmap };
  } catch (error) {
    // What unmapping meets goes into the error that led here.
    const rethrow = (): never => {
      throw error;
    };
    runAll([rethrow, unmap]);
    throw error;
  }
}
