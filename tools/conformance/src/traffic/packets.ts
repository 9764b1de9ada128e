import { XDP_PKT_CONTD } from "@afxdp/core";

/** Bytes of the packets of most cases. */
export const SHORT = 64;
/** How many packets most cases send. */
export const PACKETS = 4096;
/** Entries that most cases write or read at a time. */
export const BATCH = 64;

/** What becomes of a descriptor: sent; invalid itself; or valid, but of a packet with an invalid part. */
export type Fate = "sent" | "invalid" | "voided";

/** A tx descriptor, and what of a packet is written at its address. */
export interface TxEntry {
  /** In the UMEM; may be negative, as a program's mistake would make it. */
  readonly address: number;
  readonly length: number;
  readonly options: number;
  readonly fate: Fate;
  /** Bytes of the packet before this piece. */
  readonly position: number;
}

/** The descriptors of one packet, which go into one batch. */
export interface TxPacket {
  readonly number: number;
  readonly entries: readonly TxEntry[];
  /** Whether the kernel is to send it. */
  readonly sent: boolean;
}

/** A packet that the receiver is to get next, or that is sent and does not arrive. */
export interface RxPacket {
  readonly number: number;
  readonly length: number;
  /** Bytes from the start that are as sent; those behind are 0. */
  readonly patterned: number;
  /** Where in its chunk the fill address lay, in an unaligned UMEM. */
  readonly offset: number;
  readonly arrives: boolean;
}

/** The n-th of a stream, by its place in it. */
export type ByIndex<T> = (index: number) => T;

/** A stream of packets to send. */
export interface TxPlan {
  readonly count: number;
  readonly length: ByIndex<number>;
  readonly frameSize: number;
  /** Frames to send from, in turn. */
  readonly frames: number;
  /** The first of them; 0 when absent. */
  readonly firstFrame?: number;
  /** Added to the frame's address; 0 when absent. */
  readonly offset?: ByIndex<number>;
  /** The number of the packet; its place when absent. */
  readonly number?: ByIndex<number>;
}

/** Cuts packets into frames: each is as long as a frame, the last as long as needed. */
export function planTx(plan: TxPlan): TxPacket[] {
  const { count, frameSize, frames, firstFrame = 0 } = plan;
  let next = 0;
  return Array.from({ length: count }, (_, index) => {
    const length = plan.length(index);
    const entries: TxEntry[] = [];
    for (let position = 0; position < length; position += frameSize) {
      const frame = firstFrame + (next++ % frames);
      const last = position + frameSize >= length;
      entries.push({
        address: frame * frameSize + (plan.offset?.(index) ?? 0),
        length: last ? length - position : frameSize,
        options: last ? 0 : XDP_PKT_CONTD,
        fate: "sent",
        position,
      });
    }
    return { number: plan.number?.(index) ?? index, entries, sent: true };
  });
}

/** What a receiver is to get; what is absent is as in most cases. */
export interface RxPlan {
  readonly count: number;
  readonly length: ByIndex<number>;
  readonly patterned?: ByIndex<number>;
  readonly offset?: ByIndex<number>;
  readonly number?: ByIndex<number>;
  readonly arrives?: ByIndex<boolean>;
}

export function planRx(plan: RxPlan): RxPacket[] {
  return Array.from({ length: plan.count }, (_, index) => {
    const length = plan.length(index);
    return {
      number: plan.number?.(index) ?? index,
      length,
      patterned: plan.patterned?.(index) ?? length,
      offset: plan.offset?.(index) ?? 0,
      arrives: plan.arrives?.(index) ?? true,
    };
  });
}
