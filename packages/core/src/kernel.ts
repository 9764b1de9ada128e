import type { BindAddress, MmapOffsets, UmemRegistration, XdpStatistics } from "./abi/layouts.js";
import type { RingName } from "./abi/rings.js";

/** An open file descriptor: a number that only the kernel it came from understands. */
export type Fd = number;

/** The bytes of an arena: a view over its whole SharedArrayBuffer. */
export type ArenaBytes = Uint8Array<SharedArrayBuffer>;

/** What `loadProgram` is given. */
export interface ProgramImage {
  /** A BPF ELF object with exactly one program of section `xdp` or `xdp.frags`. */
  readonly object: Uint8Array;
  /** Entries to give a map instead of what the object says, by the map's name. */
  readonly mapEntries?: Readonly<Record<string, number>>;
}

/** A loaded program: the caller owns every descriptor in it and closes each. */
export interface LoadedProgram {
  readonly program: Fd;
  /** The kernel's id, as `bpftool prog` shows it. */
  readonly id: number;
  readonly name: string;
  /** The object's maps by name. */
  readonly maps: Readonly<Record<string, Fd>>;
}

/** A program found attached to an interface. */
export interface AttachedProgram {
  readonly id: number;
  /** Empty when the kernel does not tell. */
  readonly name: string;
  readonly mode: "drv" | "skb" | "hw";
}

/** An interface's queues and state. */
export interface InterfaceState {
  readonly index: number;
  /** Receive and transmit queues in use; a socket's queue is below the greater of both. */
  readonly rxQueues: number;
  readonly txQueues: number;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** Has a carrier (IFF_RUNNING). */
  readonly running: boolean;
  readonly mtu: number;
}

/** A running watch on a descriptor. */
export interface Watch {
  /** Stops it; idempotent. No callback comes afterwards. */
  stop(): void;
}

/**
 * The system calls that the library makes, one method each. A method returns a value or throws one
 * XdpSystemError with `errno`, `syscall` and `step`; only the kicks and `wait`, whose errors are everyday
 * answers, return a negative errno instead. Two implementations: `@afxdp/native` talks to Linux, `@afxdp/sim`
 * is a model of it; both can be wrapped. A Kernel belongs to the thread that made it.
 */
export interface Kernel {
  /** `"linux"`, or what else stands behind. */
  readonly name: string;
  /** Bytes of a memory page. */
  readonly pageSize: number;

  /** Looks an interface up in the current network namespace. ERR_XDP_NO_DEVICE when there is none. */
  interfaceState(name: string): InterfaceState;

  /** `socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC)`. The caller owns the descriptor. */
  socket(): Fd;
  /** `setsockopt(XDP_UMEM_REG)` with a range of the arena, always in the 32-byte form. */
  registerUmem(socket: Fd, arena: ArenaBytes, registration: UmemRegistration): void;
  /** `setsockopt` of one ring's number of entries. */
  setRingSize(socket: Fd, ring: RingName, entries: number): void;
  /** `getsockopt(XDP_MMAP_OFFSETS)`. */
  mmapOffsets(socket: Fd): MmapOffsets;
  /**
   * Maps a ring over `length` bytes of the arena at `offset` (`mmap(MAP_SHARED | MAP_FIXED)`); both multiples of
   * the page size. What was there is gone.
   */
  mapRing(socket: Fd, ring: RingName, arena: ArenaBytes, offset: number, length: number): void;
  /** Maps zero pages over a range that `mapRing` mapped, so that the kernel lets go of the ring. */
  unmapRing(arena: ArenaBytes, offset: number, length: number): void;
  /** `bind` to a queue of an interface. */
  bind(socket: Fd, address: BindAddress): void;
  /** `getsockopt(XDP_OPTIONS)`: XDP_OPTIONS_* bits. */
  options(socket: Fd): number;
  /** `getsockopt(XDP_STATISTICS)`. */
  statistics(socket: Fd): XdpStatistics;

  /**
   * Sends what is in the tx ring: up to `times` calls of `sendto(MSG_DONTWAIT)`, going on only while the answer
   * is EAGAIN (the kernel takes 32 descriptors a call in copy mode). Returns 0 or the last negative errno.
   */
  kickTx(socket: Fd, times: number): number;
  /** `recvfrom(MSG_DONTWAIT)`: asks a driver to look at the fill ring. Returns 0 or a negative errno. */
  kickRx(socket: Fd): number;
  /**
   * Milliseconds of a clock that only goes forward, modulo 2^30: `(later - earlier) & 0x3fffffff` has passed.
   * Allocates nothing, for loops.
   */
  clockMs(): number;
  /**
   * `poll` for POLL* `events`, at most `timeoutMs` (0 to 100, rounded down), also ended by `waker` when that is
   * not -1. Blocks the thread. Returns the socket's events (0 on timeout or waking) or a negative errno.
   */
  wait(socket: Fd, events: number, timeoutMs: number, waker: Fd): number;
  /**
   * Calls back from the event loop in each of its turns in which `events` hold for a socket or a waker; keeps the
   * loop alive until stopped.
   */
  watch(fd: Fd, events: number, listener: () => void): Watch;
  /** An eventfd that ends a `wait` from any thread, and is readable from `wake` until then. The caller owns it. */
  createWaker(): Fd;
  /** Ends the `wait`s on a waker, now or the next. Usable from any thread's Kernel. */
  wake(waker: Fd): void;

  /** Loads a program and its maps. ERR_XDP_PROGRAM with the verifier's log when that fails. */
  loadProgram(image: ProgramImage): LoadedProgram;
  /** `bpf(BPF_MAP_UPDATE_ELEM)` with BPF_* flags; key and value of exactly the map's sizes. */
  updateMap(map: Fd, key: Uint8Array, value: Uint8Array, flags: number): void;
  /** `updateMap` for an entry of an XSKMAP: puts `socket` at `queueId`. */
  enterXskMap(map: Fd, queueId: number, socket: Fd): void;
  /** `bpf(BPF_MAP_DELETE_ELEM)` on an XSKMAP. An entry that is gone already is no error. */
  leaveXskMap(map: Fd, queueId: number): void;
  /** `bpf(BPF_LINK_CREATE)` with XDP_FLAGS_*; closing the link detaches. */
  attachProgram(program: Fd, interfaceIndex: number, flags: number): Fd;
  /** The program attached to an interface, whoever did it. */
  attachedProgram(interfaceIndex: number): AttachedProgram | undefined;

  /** `close` of any descriptor from here. */
  close(fd: Fd): void;
}
