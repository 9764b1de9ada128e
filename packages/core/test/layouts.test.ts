import {
  decodeMmapOffsets,
  decodeStatistics,
  decodeU32,
  encodeSockaddr,
  encodeU32,
  encodeUmemReg,
} from "@afxdp/core";
import { describe, expect, it } from "vitest";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const words = (...values: number[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(values, BigInt).buffer);

describe("struct layouts are the kernel's", () => {
  it("sockaddr_xdp", () => {
    const bytes = encodeSockaddr({
      flags: 0x0a,
      interfaceIndex: 3,
      queueId: 0x1234,
      sharedUmemFd: 9,
    });
    expect(hex(bytes)).toBe("2c000a00030000003412000009000000");
  });

  it("xdp_umem_reg, always of 32 bytes, with a length above 2^32 whole", () => {
    const bytes = encodeUmemReg({
      offset: 0,
      length: 0x1_0000_1000,
      chunkSize: 4096,
      headroom: 64,
      flags: 4,
      txMetadataLength: 24,
    });
    expect(hex(bytes)).toBe("0000000000000000001000000100000000100000400000000400000018000000");
  });

  it("xdp_mmap_offsets of both versions", () => {
    const v2 = decodeMmapOffsets(words(...Array.from({ length: 16 }, (_, i) => i)));
    expect(v2.rx).toEqual({ producer: 0, consumer: 1, desc: 2, flags: 3 });
    expect(v2.completion).toEqual({ producer: 12, consumer: 13, desc: 14, flags: 15 });
    const v1 = decodeMmapOffsets(words(...Array.from({ length: 12 }, (_, i) => 8 * i)));
    expect(v1.tx).toEqual({ producer: 24, consumer: 32, desc: 40, flags: 36 });
    expect(v1.fill).toEqual({ producer: 48, consumer: 56, desc: 64, flags: 60 });
  });

  it("xdp_statistics of both versions, with counts above 2^32", () => {
    expect(decodeStatistics(words(1, 2, 2 ** 40 + 3, 4, 5, 6))).toEqual({
      rxDropped: 1,
      rxInvalidDescs: 2,
      txInvalidDescs: 2 ** 40 + 3,
      rxRingFull: 4,
      rxFillRingEmptyDescs: 5,
      txRingEmptyDescs: 6,
    });
    expect(decodeStatistics(words(1, 2, 3))).toMatchObject({ rxDropped: 1, rxRingFull: 0 });
  });

  it("u32", () => {
    expect(decodeU32(encodeU32(0xfffffffe))).toBe(0xfffffffe);
    expect(hex(encodeU32(0x01020304))).toBe("04030201");
  });
});
