import type { ProgramImage } from "@afxdp/core";
import { type Bench, RING } from "../bench.js";
import type { Program } from "../program/program.js";
import type { MemoryOptions, PacketMemory } from "../socket/packet-memory.js";
import type { Xsk } from "../socket/xsk.js";
import { exchange } from "../traffic/exchange.js";
import {
  BATCH,
  type ByIndex,
  PACKETS,
  planRx,
  planTx,
  type RxPacket,
  SHORT,
  type TxPacket,
} from "../traffic/packets.js";
import { Receiver, type ReceiverOptions } from "../traffic/receiver.js";
import { Sender, type SenderOptions } from "../traffic/sender.js";

/** A sending socket at end a and a receiving one at end b, both at queue 0, with the program attached to both ends. */
export interface Link {
  readonly sender: Xsk;
  readonly receiver: Xsk;
  /** At the receiving end. */
  readonly program: Program;
}

/** What differs from most cases. */
export interface LinkOptions {
  readonly tx?: MemoryOptions;
  readonly rx?: MemoryOptions;
  readonly image?: ProgramImage;
  /** Entries of the receiver's rx ring. */
  readonly rxRing?: number;
  /** Entries of fill and completion ring, and of rx and tx ring then. */
  readonly rings?: number;
  /** Descriptors that one busy poll looks at, at either end: those of a batch. */
  readonly budget?: number;
  /** What will arrive: the fill ring is made ready for it. */
  readonly expected?: readonly RxPacket[];
  /** Fills the ring with all frames, and not just with those that `expected` needs; true when absent. */
  readonly fillUp?: boolean;
}

/** Opens a link. */
export function openLink(bench: Bench, options: LinkOptions = {}): Link {
  const { a, b } = bench.pair;
  const { rings = RING, budget = BATCH } = options;
  const sizes = { fill: rings, completion: rings, budget };
  const receiver = bench.socket(b, {
    memory: bench.memory(b, options.rx),
    rx: options.rxRing ?? rings,
    ...sizes,
  });
  const sender = bench.socket(a, { memory: bench.memory(a, options.tx), tx: rings, ...sizes });
  fill(receiver, options.expected ?? [], options.fillUp !== false);
  bench.program(a, options.image);
  const program = bench.program(b, options.image);
  program.enter(0, receiver);
  return { sender, receiver, program };
}

/**
 * Fills a socket's fill ring for packets to come: in an unaligned UMEM each chunk begins where its packet wants it.
 */
export function fill({ memory, pool }: Xsk, expected: readonly RxPacket[], fillUp: boolean): void {
  const count = Math.min(memory.frames, pool.fill.size);
  const capacity = memory.frameSize - 256 - memory.headroom;
  const addresses: number[] = [];
  for (const packet of expected) {
    const pieces = packet.arrives ? Math.ceil(packet.length / capacity) : 0;
    for (let i = 0; i < pieces && addresses.length < count; i++) {
      addresses.push(addresses.length * memory.frameSize + withinChunk(memory, packet.offset));
    }
  }
  while (fillUp && addresses.length < count) addresses.push(addresses.length * memory.frameSize);
  pool.refill(addresses);
}

function withinChunk({ unaligned, frameSize }: PacketMemory, offset: number): number {
  if (!unaligned) return 0;
  return offset < 0 ? offset : offset % frameSize;
}

/** Traffic over a link; what is absent is as in most cases. */
export interface TrafficOptions extends LinkOptions {
  readonly count?: number;
  readonly length?: ByIndex<number>;
  /** Where in its chunk a packet begins, at both ends. */
  readonly offset?: ByIndex<number>;
  readonly sent?: readonly TxPacket[];
  readonly arrives?: ByIndex<boolean>;
  readonly sending?: SenderOptions;
  readonly receiving?: ReceiverOptions;
  /** Asked of the receiver once everything was received: whether no more has to be sent. */
  readonly enough?: (receiver: Xsk) => boolean;
}

/** Opens a link, sends packets over it and receives them, with all that is asserted of them. */
export function runTraffic(bench: Bench, options: TrafficOptions = {}): Link {
  const { count = PACKETS, length = () => SHORT } = options;
  const expected =
    options.expected ??
    planRx({
      count,
      length,
      ...(options.offset && { offset: options.offset }),
      ...(options.arrives && { arrives: options.arrives }),
    });
  const link = openLink(bench, { ...options, expected });
  const { frameSize, frames } = link.sender.memory;
  const sent =
    options.sent ??
    planTx({
      count,
      length,
      frameSize,
      frames,
      ...(options.offset && { offset: options.offset }),
    });
  exchange({
    senders: [new Sender(link.sender, bench.profile, sent, options.sending)],
    receivers: [new Receiver(link.receiver, expected, options.receiving)],
    ...(options.enough && { enough: () => options.enough?.(link.receiver) === true }),
  });
  return link;
}
