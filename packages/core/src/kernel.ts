import type { BindAddress, MmapOffsets, UmemRegistration, XdpStatistics } from "./abi/layouts.js";
import type { RingName } from "./abi/rings.js";
import type {
  ArenaBytes,
  AttachedProgram,
  BpfKind,
  BpfObject,
  Channels,
  DeviceRings,
  Fd,
  FlowRule,
  InterfaceFeatures,
  InterfaceSetting,
  InterfaceState,
  LinkEvent,
  LoadedProgram,
  MapInfo,
  MemoryLimits,
  ProgramImage,
  ProgramInfo,
  SocketOption,
  Watch,
} from "./kernel-types.js";

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

  /** What the driver says it can do. ERR_XDP_FEATURE before Linux 6.3. */
  interfaceFeatures(interfaceIndex: number): InterfaceFeatures;
  /** `ioctl(ETHTOOL_GCHANNELS)`. */
  channels(name: string): Channels;
  /** `ioctl(ETHTOOL_SCHANNELS)`; what is absent stays. */
  setChannels(name: string, wanted: Partial<Pick<Channels, "rx" | "tx" | "combined">>): void;
  /** `ioctl(ETHTOOL_GRINGPARAM)`. EOPNOTSUPP from a device without rings, as veth. */
  deviceRings(name: string): DeviceRings;
  /** `ioctl(ETHTOOL_SRINGPARAM)`; what is absent stays. */
  setDeviceRings(name: string, wanted: Partial<Pick<DeviceRings, "rx" | "tx">>): void;
  /** `ioctl(ETHTOOL_SRXCLSRLINS)`: adds a rule of the card; returns its location, for `removeFlowRule`. */
  addFlowRule(name: string, rule: FlowRule): number;
  /** `ioctl(ETHTOOL_SRXCLSRLDEL)`. */
  removeFlowRule(name: string, location: number): void;
  /** Puts an interface in promiscuous mode for as long as the descriptor is open (PACKET_ADD_MEMBERSHIP). */
  promiscuous(interfaceIndex: number): Fd;
  /** Reads a setting of the interface's NAPI, in the calling thread's network namespace. */
  interfaceSetting(name: string, setting: InterfaceSetting): number;
  setInterfaceSetting(name: string, setting: InterfaceSetting, value: number): void;
  /** The NUMA node of the interface's device; -1 when it has none, as a virtual one. */
  interfaceNode(name: string): number;
  /** Identifies the calling thread's network namespace until the next boot (SO_NETNS_COOKIE). */
  namespaceCookie(): bigint;
  /** Opens a socket on which rtnetlink tells of all interfaces' changes; `watch` it for POLLIN. The caller owns it. */
  openLinkMonitor(): Fd;
  /** Takes what a link monitor has to tell, without waiting. */
  readLinkEvents(monitor: Fd): LinkEvent[];

  /** `socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC)`. The caller owns the descriptor. */
  socket(): Fd;
  /**
   * Makes memory that can be shared with another process: `memfd_create(MFD_CLOEXEC)` of `length` bytes, of huge pages
   * when `hugePageSize` (2^21, 2^30) is not 0. The caller owns the descriptor.
   */
  createMemory(name: string, length: number, hugePageSize: number): Fd;
  /**
   * Takes in a memfd that was opened elsewhere in this process: a descriptor of its own, which the caller owns. Who
   * shrinks it while it is mapped ends this process when it touches what is gone (SIGBUS): seal it with F_SEAL_SHRINK.
   */
  adoptMemory(descriptor: number): Fd;
  /**
   * Maps memory over `length` bytes of the arena at `offset` (`mmap(MAP_FIXED)`): `memory` shared, or with -1 anonymous
   * pages of `hugePageSize` bytes. The length is a multiple of the page's size, and so is the address
   * (`alignmentOffset`). ENOMEM when there are not enough huge pages. Stays until `unmapMemory`.
   */
  mapMemory(
    arena: ArenaBytes,
    offset: number,
    length: number,
    memory: Fd,
    hugePageSize: number,
  ): void;
  /** Maps zero pages over a range that `mapMemory` mapped. */
  unmapMemory(arena: ArenaBytes, offset: number, length: number): void;
  /** The least offset in the arena whose address is a multiple of `alignment`, a power of two. */
  alignmentOffset(arena: ArenaBytes, alignment: number): number;
  /** Asks for pages of this NUMA node for a range that is not touched yet (`mbind(MPOL_PREFERRED)`). */
  preferNode(arena: ArenaBytes, offset: number, length: number, node: number): void;
  /** How much memory may be locked: what a UMEM's pages count against. */
  memoryLimits(): MemoryLimits;
  /** `setsockopt(XDP_UMEM_REG)` with a range of the arena, always in the 32-byte form. */
  registerUmem(socket: Fd, arena: ArenaBytes, registration: UmemRegistration): void;
  /** `setsockopt` of one ring's number of entries. */
  setRingSize(socket: Fd, ring: RingName, entries: number): void;
  /** `setsockopt(XDP_MAX_TX_SKB_BUDGET)`: descriptors that one kick sends in copy mode. Linux 6.18. */
  setTxBudget(socket: Fd, descriptors: number): void;
  /** `setsockopt(SOL_SOCKET)`. */
  setSocketOption(socket: Fd, option: SocketOption, value: number): void;
  /** `getsockopt(SOL_SOCKET)`. SO_ERROR gives a positive errno, once. */
  socketOption(socket: Fd, option: SocketOption): number;
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
  /** Opens a program, map or link by the kernel's id (`bpf(BPF_*_GET_FD_BY_ID)`). The caller owns the descriptor. */
  openBpf(kind: BpfKind, id: number): Fd;
  /** Takes in a program, map or link that was opened elsewhere in this process: a descriptor of its own. */
  adoptBpf(descriptor: number): BpfObject;
  /** Opens what is pinned at a path of a BPF file system (`bpf(BPF_OBJ_GET)`). The caller owns the descriptor. */
  openPinned(path: string): BpfObject;
  /** Pins a program, map or link at a path of a BPF file system (`bpf(BPF_OBJ_PIN)`): it outlives the process. */
  pin(fd: Fd, path: string): void;
  /** Removes a pin. One that is gone already is no error. */
  unpin(path: string): void;
  programInfo(program: Fd): ProgramInfo;
  mapInfo(map: Fd): MapInfo;
  /** `bpf(BPF_MAP_LOOKUP_ELEM)`: the value's bytes (of all CPUs for a per-CPU map), or nothing. */
  lookupMap(map: Fd, key: Uint8Array): Uint8Array | undefined;
  /** `bpf(BPF_MAP_UPDATE_ELEM)` with BPF_* flags; key and value of exactly the map's sizes. */
  updateMap(map: Fd, key: Uint8Array, value: Uint8Array, flags: number): void;
  /** `updateMap` for an entry of an XSKMAP: puts `socket` at `queueId`. */
  enterXskMap(map: Fd, queueId: number, socket: Fd): void;
  /** `bpf(BPF_MAP_DELETE_ELEM)` on an XSKMAP. An entry that is gone already is no error. */
  leaveXskMap(map: Fd, queueId: number): void;
  /** `bpf(BPF_LINK_CREATE)` with XDP_FLAGS_*; closing the link detaches. */
  attachProgram(program: Fd, interfaceIndex: number, flags: number): Fd;
  /**
   * `bpf(BPF_LINK_UPDATE)`: puts another program on a link. With `expected` not -1 only when that is the program now:
   * EPERM otherwise.
   */
  updateLink(link: Fd, program: Fd, expected: Fd): void;
  /**
   * Attaches (or with `program` -1 detaches) over netlink, without a link: it stays when the process ends. With
   * `expected` not -1 it replaces only that program (XDP_FLAGS_REPLACE): EEXIST otherwise.
   */
  attachByNetlink(interfaceIndex: number, program: Fd, flags: number, expected: Fd): void;
  /** The program attached to an interface, whoever did it. */
  attachedProgram(interfaceIndex: number): AttachedProgram | undefined;

  /** `close` of any descriptor from here. */
  close(fd: Fd): void;
}
