import type { ArenaBytes, Fd, Kernel, RingName, RingOffsets, UmemRegistration } from "@afxdp/core";

export interface MappedRing {
  readonly offset: number;
  readonly length: number;
  readonly words: RingOffsets;
}

export type MappedRings = Record<RingName, MappedRing>;

export interface SocketByHand {
  readonly fd: Fd;
  readonly arena: ArenaBytes;
  readonly rings: MappedRings;
}

export interface Entry {
  readonly address: number;
  readonly length: number;
}

export const FRAME_SIZE: number;
export const FRAMES: number;
export const ENTRIES: number;
export const registration: UmemRegistration;
export function makeArena(bytes?: number): ArenaBytes;
export function prepare(kernel: Kernel, arena: ArenaBytes): Fd;
export function mapRings(kernel: Kernel, fd: Fd, arena: ArenaBytes): MappedRings;
export function openByHand(kernel: Kernel, interfaceIndex: number, queueId?: number): SocketByHand;
export function closeByHand(kernel: Kernel, socket: SocketByHand): void;
export function whileBusy<T>(attempt: () => T): T;
export function word(arena: ArenaBytes, at: number): number;
export function produce(
  arena: ArenaBytes,
  ring: MappedRing,
  address: number,
  length?: number,
): void;
export function consume(arena: ArenaBytes, ring: MappedRing, size: 8 | 16): Entry | undefined;
