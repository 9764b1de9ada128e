import { expectEqual } from "../outcome.js";
import { writePiece } from "./payload.js";

const IP = 14;
const UDP = 34;
const PAYLOAD = 42;
/** Odd, so that the last byte counts for itself. */
const LENGTH = 121;

/** Where the checksum begins, and where it stands from there: what TX metadata asks for. */
export const CHECKSUM_START: number = UDP;
export const CHECKSUM_OFFSET: number = 6;

/**
 * Writes a UDP packet of IPv4 to the suite's address whose checksum holds the sum of the pseudo header only, as a
 * device wants it that is to do the rest. Returns its length.
 */
export function writeUdp(view: DataView, at: number, number: number): number {
  writePiece(view, { at, length: LENGTH, position: 0, packet: number }, 0);
  view.setUint16(at + 12, 0x0800);
  const ip = at + IP;
  const words = [0x4500, LENGTH - IP, number, 0x4000, 0x4011, 0, 0x0a4d, 1, 0x0a4d, 2];
  for (const [i, word] of words.entries()) view.setUint16(ip + 2 * i, word);
  view.setUint16(ip + 10, ~sum(view, ip, UDP - IP, 0) & 0xffff);
  const udp = at + UDP;
  for (const [i, word] of [9, 9, LENGTH - UDP].entries()) view.setUint16(udp + 2 * i, word);
  for (let p = PAYLOAD; p < LENGTH; p++) view.setUint8(at + p, (p * 7 + number) & 0xff);
  view.setUint16(udp + CHECKSUM_OFFSET, pseudoHeader(view, at));
  return LENGTH;
}

/** Compares a received packet with what `writeUdp` made, and its checksum with what it has to be. */
export function checkUdp(view: DataView, at: number, length: number, number: number): void {
  expectEqual(`the length of packet ${number}`, length, LENGTH);
  expectEqual(`the id of packet ${number}`, view.getUint16(at + IP + 4), number);
  for (let p = PAYLOAD; p < LENGTH; p++) {
    expectEqual(`byte ${p} of packet ${number}`, view.getUint8(at + p), (p * 7 + number) & 0xff);
  }
  const seen = view.getUint16(at + UDP + CHECKSUM_OFFSET);
  const whole = sum(view, at + UDP, LENGTH - UDP, pseudoHeader(view, at));
  expectEqual(`the sum over packet ${number}, with its checksum ${seen}`, whole, 0xffff);
}

/** Sum of addresses, protocol and length (RFC 768). */
function pseudoHeader(view: DataView, at: number): number {
  return sum(view, at + IP + 12, 8, 17 + LENGTH - UDP);
}

/** The one's complement sum of 16-bit words (RFC 1071), of which the last may be half. */
function sum(view: DataView, at: number, length: number, start: number): number {
  let total = start;
  for (let i = 0; i + 1 < length; i += 2) total += view.getUint16(at + i);
  if (length % 2 === 1) total += view.getUint8(at + length - 1) << 8;
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}
