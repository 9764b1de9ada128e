import { XDP_PKT_CONTD } from "@afxdp/core";
import type { MemoryOptions } from "../socket/packet-memory.js";
import type { Fate, RxPacket, TxEntry, TxPacket } from "../traffic/packets.js";

/** A descriptor that a case writes out, one by one. */
export interface Part {
  /** Of a descriptor that is sent: from the start of its frame. Of another: the address itself. */
  readonly offset: number;
  readonly length: number;
  readonly fate: Fate;
  readonly options?: number;
}

/** What goes out and what comes in for parts written out one by one. */
export interface CustomStream {
  readonly sent: TxPacket[];
  readonly expected: RxPacket[];
}

/** Makes the two sides of a stream. Those sent take one frame after the other; each of the others is a packet alone. */
export function customStream(
  parts: readonly Part[],
  { frameSize = 4096 }: MemoryOptions,
): CustomStream {
  const sent: TxPacket[] = [];
  const expected: RxPacket[] = [];
  let frame = 0;
  let entries: TxEntry[] = [];
  let position = 0;
  for (const { offset, length, fate, options = 0 } of parts) {
    const whole = fate === "sent";
    const address = whole ? offset + frame++ * frameSize : offset;
    entries.push({ address, length, options, fate, position });
    if (whole) position += length;
    if (whole && (options & XDP_PKT_CONTD) !== 0) continue;
    const number = sent.length;
    sent.push({ number, entries, sent: whole });
    expected.push({ number, length: position, patterned: position, offset, arrives: whole });
    entries = [];
    position = 0;
  }
  return { sent, expected };
}
