import { Mismatch } from "../outcome.js";

/**
 * A packet of the suite: destination, source, EtherType, two bytes that align what follows, then words in network
 * byte order: the packet's number in the upper 16 bits, the word's own in the lower.
 */
export const HEADER: number = 16;

/** The first five bytes of the suite's MAC addresses, as in bpf/conformance.h. */
const MAC_PREFIX = [0x02, 0x61, 0x66, 0x78, 0x64];

/** ETH_P_LOOPBACK (include/uapi/linux/if_ether.h): no stack answers it. */
const ETHER_TYPE = 0x9000;

/** The MAC address of that number; the n-th stream of a case goes from 2n to 2n + 1. */
export function macOf(number: number): string {
  return [...MAC_PREFIX, number].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Where a piece of a packet lies. */
export interface Piece {
  /** Offset in the view. */
  readonly at: number;
  readonly length: number;
  /** Bytes of the packet before it; a multiple of 4, and either 0 or at least the header's. */
  readonly position: number;
  /** The packet's number, modulo 2^16. */
  readonly packet: number;
}

/** Writes a piece of a packet; `stream` says which MAC addresses it goes from and to. */
export function writePiece(view: DataView, piece: Piece, stream: number): void {
  const { at, length, position, packet } = piece;
  if (position === 0) writeHeader(view, at, stream);
  const start = Math.max(position, HEADER);
  const number = (packet & 0xffff) << 16;
  for (let p = start; p + 4 <= position + length; p += 4) {
    view.setUint32(at + p - position, number | (((p - HEADER) >> 2) & 0xffff));
  }
}

function writeHeader(view: DataView, at: number, stream: number): void {
  for (const [i, byte] of MAC_PREFIX.entries()) {
    view.setUint8(at + i, byte);
    view.setUint8(at + 6 + i, byte);
  }
  view.setUint8(at + 5, 2 * stream + 1);
  view.setUint8(at + 11, 2 * stream);
  view.setUint16(at + 12, ETHER_TYPE);
  view.setUint16(at + 14, 0);
}

/**
 * Compares every word of a received piece with what was sent; a Mismatch with both when one differs. Bytes of the
 * packet from `patterned` on are compared with 0: the kernel gives a packet that is made longer clear memory.
 */
export function checkPiece(view: DataView, piece: Piece, patterned: number): void {
  const { at, length, position, packet } = piece;
  const end = position + length;
  const number = packet & 0xffff;
  let p = Math.max(position, HEADER);
  for (; p % 4 === 0 && p + 4 <= Math.min(end, patterned); p += 4) {
    const seen = view.getUint32(at + p - position);
    const wanted = ((number << 16) | (((p - HEADER) >> 2) & 0xffff)) >>> 0;
    if (seen !== wanted) throw differs(view, piece, p, describe(wanted), describe(seen));
  }
  for (; p < end; p++) {
    const seen = view.getUint8(at + p - position);
    const wanted = p < patterned ? patternByte(number, p) : 0;
    if (seen !== wanted) throw differs(view, piece, p, `${wanted}`, `${seen}`);
  }
}

function patternByte(number: number, position: number): number {
  const word = ((number << 16) | (((position - HEADER) >> 2) & 0xffff)) >>> 0;
  return (word >>> (24 - 8 * (position % 4))) & 0xff;
}

const describe = (word: number): string => `${word >>> 16}:${word & 0xffff}`;

function differs(view: DataView, piece: Piece, p: number, wanted: string, seen: string): Mismatch {
  const { at, length, position, packet } = piece;
  const from = Math.max(0, p - position - 16);
  const bytes = Array.from({ length: Math.min(48, length - from) }, (_, i) =>
    view
      .getUint8(at + from + i)
      .toString(16)
      .padStart(2, "0"),
  );
  return new Mismatch(
    `packet ${packet}, byte ${p}: expected ${wanted}, saw ${seen} (bytes from ${position + from}: ${bytes.join(" ")})`,
  );
}
