import { checkPiece, macOf, writePiece } from "@afxdp/conformance/traffic";
import { describe, expect, test } from "vitest";

const view = (bytes = 256): DataView => new DataView(new ArrayBuffer(bytes));
const whole = { at: 32, length: 128, position: 0, packet: 0x10005 };

describe("a packet of the suite", () => {
  test("is a header and words of its number, modulo 2^16, and their own", () => {
    const bytes = view();
    writePiece(bytes, whole, 3);
    expect(macOf(7)).toBe("02:61:66:78:64:07");
    expect(Array.from({ length: 16 }, (_, i) => bytes.getUint8(32 + i))).toEqual([
      ...[0x02, 0x61, 0x66, 0x78, 0x64, 7],
      ...[0x02, 0x61, 0x66, 0x78, 0x64, 6],
      ...[0x90, 0, 0, 0],
    ]);
    expect(bytes.getUint32(48)).toBe(0x0005_0000);
    expect(bytes.getUint32(32 + 124)).toBe(0x0005_001b);
    expect(bytes.getUint32(32 + 128)).toBe(0);
  });

  test("passes the check as a whole and cut anywhere, at any address", () => {
    const bytes = view();
    for (const at of [0, 1, 33]) {
      writePiece(bytes, { ...whole, at }, 0);
      checkPiece(bytes, { ...whole, at }, 128);
      for (const cut of [17, 64, 127]) {
        checkPiece(bytes, { ...whole, at, length: cut }, 128);
        checkPiece(bytes, { ...whole, at: at + cut, length: 128 - cut, position: cut }, 128);
      }
    }
  });

  test("fails the check for any byte behind its header that differs", () => {
    for (let p = 16; p < 128; p++) {
      const bytes = view();
      writePiece(bytes, whole, 0);
      bytes.setUint8(32 + p, bytes.getUint8(32 + p) ^ 0x40);
      expect(() => checkPiece(bytes, whole, 128)).toThrow(/^packet 65541, byte \d+: expected/);
    }
  });

  test("fails the check as another packet", () => {
    const bytes = view();
    writePiece(bytes, whole, 0);
    expect(() => checkPiece(bytes, { ...whole, packet: 6 }, 128)).toThrow(
      "packet 6, byte 16: expected 6:0, saw 5:0",
    );
  });

  test("is zero behind what was sent when it was made longer", () => {
    const bytes = view();
    writePiece(bytes, { ...whole, length: 120 }, 0);
    checkPiece(bytes, whole, 120);
    bytes.setUint8(32 + 127, 1);
    expect(() => checkPiece(bytes, whole, 120)).toThrow("byte 127: expected 0, saw 1");
  });
});
