import type { RingName, XdpStatistics } from "@afxdp/core";
import type { RingConsumer, RingProducer } from "@afxdp/ring";
import type { FrameCounts } from "@afxdp/umem";
import type { Counters } from "./counters.js";
import type { SocketIo } from "./socket-io.js";

/** How full a ring is. */
export interface RingLevel {
  /**
   * Entries that the consumer has not released yet: of fill and tx what the kernel has not taken, of completion and rx
   * what it has delivered. -1 when the ring is corrupt.
   */
  readonly used: number;
  readonly size: number;
}

/** The rings' levels; those that the socket does not have are left out. Fill and completion are the queue's. */
export type RingLevels = Readonly<Partial<Record<RingName, RingLevel>>>;

/** Received packets that were lost, by cause. */
export interface RxDrops {
  /** The rx ring was full: the application is too slow (rx_ring_full; a kernel before 5.9 counts them in `other`). */
  readonly rxRingFull: number;
  /**
   * There was no frame in the fill ring: the application holds too many, or there are too few. As far as the kernel
   * tells: it counts looks at the empty ring (rx_fill_ring_empty_descs), for a queue and not for a socket, and none for
   * a packet in several frames of which it had some (`other`).
   */
  readonly fillRingEmpty: number;
  /** What else the kernel dropped (the rest of rx_dropped): packets too large for a frame. */
  readonly other: number;
  /** Descriptors that this library refused. */
  readonly invalid: number;
  /** Packets in several frames that this library refused as a whole. */
  readonly brokenChains: number;
}

/** What `stats` tells. */
export interface SocketStatistics extends Counters {
  /** The UMEM's frames by owner, of all sockets that share it. */
  readonly frames: FrameCounts;
  readonly drops: RxDrops;
  /** Frames that are missing in the kernel's hands to fill the fill ring, at this moment. */
  readonly fillShort: number;
  readonly rings: RingLevels;
  /** The kernel's own counters. */
  readonly kernel: XdpStatistics;
}

/** The level of a ring, of which a `staged` part is not published yet. */
function level(ring: RingProducer | RingConsumer, staged = 0): RingLevel {
  const { size } = ring;
  try {
    const used = "pending" in ring ? ring.pending() : ring.available();
    return { used: used + staged, size };
  } catch {
    return { used: -1, size }; // corrupt; the next call that moves frames says so
  }
}

/** Takes a snapshot, with one system call. @throws XdpSystemError */
export function takeStatistics(io: SocketIo): SocketStatistics {
  const { counters, kernel, fd, umem, queue, account, fill, completion, rx, tx } = io;
  const told = kernel.statistics(fd);
  const fillRingEmpty = Math.min(told.rxDropped, told.rxFillRingEmptyDescs);
  return {
    ...counters,
    frames: umem.counts(),
    drops: {
      rxRingFull: told.rxRingFull,
      fillRingEmpty,
      other: told.rxDropped - fillRingEmpty,
      invalid: counters.rxInvalid,
      brokenChains: counters.rxBrokenChains,
    },
    fillShort: Math.max(0, queue.fillTarget - account.fillCount),
    rings: {
      fill: level(fill),
      completion: level(completion),
      ...(rx === undefined ? {} : { rx: level(rx) }),
      ...(tx === undefined ? {} : { tx: level(tx, io.staged) }),
    },
    kernel: told,
  };
}

/** Subtracts what is counted, field by field. */
function subtract<T extends object>(after: T, before: T): T {
  const result: Record<string, number> = {};
  const earlier = before as Readonly<Record<string, number>>;
  for (const [name, value] of Object.entries(after)) result[name] = value - (earlier[name] ?? 0);
  return result as T;
}

/**
 * What happened between two snapshots of one socket: counters are subtracted; frames, ring levels and `fillShort`, which
 * are no counters, are as in `after`.
 */
export function difference(before: SocketStatistics, after: SocketStatistics): SocketStatistics {
  const { frames, fillShort, rings, drops, kernel, ...counters } = after;
  const { frames: _f, fillShort: _s, rings: _r, ...earlier } = before;
  const { drops: dropsBefore, kernel: kernelBefore, ...countersBefore } = earlier;
  return {
    ...subtract<Counters>(counters, countersBefore),
    frames,
    fillShort,
    rings,
    drops: subtract(drops, dropsBefore),
    kernel: subtract(kernel, kernelBefore),
  };
}
