import { AF_XDP } from "./constants.js";
import type { RingName } from "./rings.js";

/** Byte offsets of one ring's words inside its mapping. */
export interface RingOffsets {
  readonly producer: number;
  readonly consumer: number;
  readonly flags: number;
  /** Where the entries begin. */
  readonly desc: number;
}

/** The answer of XDP_MMAP_OFFSETS. */
export type MmapOffsets = Readonly<Record<RingName, RingOffsets>>;

/** What `registerUmem` tells the kernel, in bytes. `struct xdp_umem_reg` without the address. */
export interface UmemRegistration {
  /** Where the UMEM starts in the arena; a multiple of the page size. */
  readonly offset: number;
  readonly length: number;
  readonly chunkSize: number;
  readonly headroom: number;
  /** XDP_UMEM_* flags. */
  readonly flags: number;
  readonly txMetadataLength: number;
}

/** Where `bind` puts a socket. `struct sockaddr_xdp`. */
export interface BindAddress {
  /** XDP_* bind flags. */
  readonly flags: number;
  readonly interfaceIndex: number;
  readonly queueId: number;
  readonly sharedUmemFd: number;
}

/** The kernel's counters of one socket. `struct xdp_statistics`; fields that an old kernel lacks are 0. */
export interface XdpStatistics {
  /** Packets dropped for another reason than a full rx ring (before 5.9: for any reason). */
  readonly rxDropped: number;
  readonly rxInvalidDescs: number;
  readonly txInvalidDescs: number;
  readonly rxRingFull: number;
  readonly rxFillRingEmptyDescs: number;
  /** Kicks that found the tx ring empty: noise, not an error. */
  readonly txRingEmptyDescs: number;
}

export const SOCKADDR_XDP_SIZE = 16;
export const XDP_UMEM_REG_SIZE = 32;
export const XDP_MMAP_OFFSETS_SIZE = 128;
export const XDP_STATISTICS_SIZE = 48;
export const XDP_OPTIONS_SIZE = 4;

const V1_MMAP_OFFSETS_SIZE = 96;

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A u64 of the kernel as a number; exact up to 2^53, which no counter or offset here passes. */
const u64 = (data: DataView, at: number): number =>
  data.getUint32(at, true) + data.getUint32(at + 4, true) * 0x1_0000_0000;

/** Encodes `struct sockaddr_xdp`: u16 family, u16 flags, u32 ifindex, u32 queue_id, u32 shared_umem_fd. */
export function encodeSockaddr(address: BindAddress): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_XDP_SIZE);
  const data = view(bytes);
  data.setUint16(0, AF_XDP, true);
  data.setUint16(2, address.flags, true);
  data.setUint32(4, address.interfaceIndex, true);
  data.setUint32(8, address.queueId, true);
  data.setUint32(12, address.sharedUmemFd, true);
  return bytes;
}

/**
 * Encodes `struct xdp_umem_reg` in its 32-byte form; u64 addr stays 0, since only the kernel's caller knows it.
 * Always 32 bytes: at 24 to 31 the kernel reads the first version and ignores the flags in silence.
 */
export function encodeUmemReg(registration: UmemRegistration): Uint8Array {
  const bytes = new Uint8Array(XDP_UMEM_REG_SIZE);
  const data = view(bytes);
  data.setUint32(8, registration.length >>> 0, true);
  data.setUint32(12, Math.floor(registration.length / 0x1_0000_0000), true);
  data.setUint32(16, registration.chunkSize, true);
  data.setUint32(20, registration.headroom, true);
  data.setUint32(24, registration.flags, true);
  data.setUint32(28, registration.txMetadataLength, true);
  return bytes;
}

/**
 * Decodes `struct xdp_mmap_offsets`: four rings in the order rx, tx, fill, completion. Give it exactly the bytes
 * that the kernel wrote: 128, or 96 from a kernel before 5.4, whose rings have no flags word (then it is taken
 * to be the word behind the consumer index, which such a kernel leaves 0).
 */
export function decodeMmapOffsets(bytes: Uint8Array): MmapOffsets {
  const data = view(bytes);
  const hasFlags = bytes.byteLength > V1_MMAP_OFFSETS_SIZE;
  const size = hasFlags ? 32 : 24;
  const ring = (index: number): RingOffsets => {
    const at = index * size;
    const consumer = u64(data, at + 8);
    return {
      producer: u64(data, at),
      consumer,
      desc: u64(data, at + 16),
      flags: hasFlags ? u64(data, at + 24) : consumer + 4,
    };
  };
  return { rx: ring(0), tx: ring(1), fill: ring(2), completion: ring(3) };
}

/** Decodes `struct xdp_statistics`: six u64, of which a kernel before 5.9 writes the first three. */
export function decodeStatistics(bytes: Uint8Array): XdpStatistics {
  const data = view(bytes);
  const field = (index: number): number =>
    index * 8 + 8 <= bytes.byteLength ? u64(data, index * 8) : 0;
  return {
    rxDropped: field(0),
    rxInvalidDescs: field(1),
    txInvalidDescs: field(2),
    rxRingFull: field(3),
    rxFillRingEmptyDescs: field(4),
    txRingEmptyDescs: field(5),
  };
}

/** Encodes a u32 as the kernel reads it: ring sizes, map keys, descriptors as map values. */
export function encodeU32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  view(bytes).setUint32(0, value, true);
  return bytes;
}

/** Decodes the u32 at the start of `bytes`. */
export function decodeU32(bytes: Uint8Array): number {
  return view(bytes).getUint32(0, true);
}
