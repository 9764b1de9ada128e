import type {
  ArenaBytes,
  BpfObject,
  Fd,
  InterfaceFeatures,
  LinkEvent,
  MapInfo,
  MemoryLimits,
  ProgramInfo,
} from "@afxdp/core";

/** A non-negative answer, or a negative errno. */
export type Result = number;

/** A loaded program and its maps by name: descriptors that the caller owns. */
export interface LoadedObject {
  readonly program: Fd;
  readonly id: number;
  readonly name: string;
  readonly maps: readonly (readonly [name: string, fd: Fd])[];
}

/** Why a call of libbpf failed, where there is more to it than a number. */
export interface LoggedFailure {
  /** Negative. */
  readonly errno: number;
  /** What libbpf, the verifier or the driver said. */
  readonly log: string;
}

/** Why an object could not be loaded. */
export interface LoadFailure extends LoggedFailure {
  /** Whether the program was to be one for packets of several buffers. */
  readonly frags: boolean;
}

/** What rtnetlink says of an interface. Queue counts are those that the device was made with. */
export interface LinkAttributes {
  readonly rxQueues: number;
  readonly txQueues: number;
  /** Ids of the attached XDP programs by mode; 0 where there is none. */
  readonly drv: number;
  readonly skb: number;
  readonly hw: number;
}

/** Channels by kind, in use and at most. */
export type ChannelCounts = readonly [
  rx: number,
  tx: number,
  combined: number,
  maxRx: number,
  maxTx: number,
  maxCombined: number,
];

/**
 * The functions of the addon: one per system call, a negative errno for a failure. A wrong JavaScript type throws a
 * TypeError; a number out of range gives -EINVAL; a descriptor that this thread's addon did not open, or one of the
 * wrong kind, gives -EBADF.
 */
export interface Addon {
  readonly pageSize: number;

  socket(): Result;
  setsockopt(socket: Fd, level: number, option: number, value: Uint8Array): Result;
  /** Fills `value`; the answer is the length that the kernel wrote. */
  getsockopt(socket: Fd, level: number, option: number, value: Uint8Array): Result;
  bind(socket: Fd, address: Uint8Array): Result;
  sendLoop(socket: Fd, times: number): Result;
  receive(socket: Fd): Result;
  close(fd: Fd): Result;

  /** Writes the address of `offset` into a copy of `registration`, an xdp_umem_reg of 32 bytes. */
  registerUmem(
    socket: Fd,
    arena: ArenaBytes,
    offset: number,
    length: number,
    registration: Uint8Array,
  ): Result;
  mapRing(
    socket: Fd,
    arena: ArenaBytes,
    offset: number,
    length: number,
    pageOffset: number,
  ): Result;
  unmapRing(arena: ArenaBytes, offset: number, length: number): Result;

  /** Sealed against shrinking and growing. -ENODEV when the kernel has no pages of that size. */
  createMemory(name: string, length: number, hugePageSize: number): Result;
  /** Takes a descriptor of anyone; -EINVAL when it is no memory, -EACCES when it is not open for writing. */
  adoptMemory(descriptor: number): Result;
  /** `memory` -1 for anonymous huge pages; -ENODEV when the kernel has none of that size. */
  mapMemory(
    arena: ArenaBytes,
    offset: number,
    length: number,
    memory: Fd,
    hugePageSize: number,
  ): Result;
  unmapMemory(arena: ArenaBytes, offset: number, length: number): Result;
  alignmentOffset(arena: ArenaBytes, alignment: number): Result;
  preferNode(arena: ArenaBytes, offset: number, length: number, node: number): Result;
  memoryLimits(): Result | MemoryLimits;

  interfaceIndex(name: string): Result;
  interfaceFlags(name: string): Result;
  interfaceMtu(name: string): Result;
  /** Identifies the calling thread's network namespace. */
  namespaceCookie(): Result | bigint;
  promiscuous(interfaceIndex: number): Result;
  /** -EPROTONOSUPPORT from a kernel without the netdev family. */
  interfaceFeatures(interfaceIndex: number): Result | InterfaceFeatures;
  /** Channels in use and at most, as the driver says; -EOPNOTSUPP from one that does not. */
  interfaceChannels(name: string): Result | ChannelCounts;
  /** -1 for a count that stays. */
  setInterfaceChannels(name: string, rx: number, tx: number, combined: number): Result;
  interfaceRings(
    name: string,
  ): Result | readonly [rx: number, tx: number, maxRx: number, maxTx: number];
  /** -1 for a count that stays. */
  setInterfaceRings(name: string, rx: number, tx: number): Result;
  countFlowRules(
    name: string,
  ): Result | { readonly count: number; readonly choosesLocation: boolean };
  /** With room for so many locations. */
  listFlowRules(
    name: string,
    room: number,
  ): Result | { readonly size: number; readonly locations: readonly number[] };
  /** The answer is the rule's location. */
  insertFlowRule(
    name: string,
    flowType: number,
    queue: number,
    value: Uint8Array,
    mask: Uint8Array,
    location: number,
  ): Result;
  deleteFlowRule(name: string, location: number): Result;
  /** -ENODEV without such an interface, -ENOENT when it has no such attribute. */
  readInterfaceAttribute(name: string, attribute: string): Result | readonly [value: number];
  writeInterfaceAttribute(name: string, attribute: string, value: number): Result;
  linkAttributes(interfaceIndex: number): Result | LinkAttributes;
  openLinkMonitor(): Result;
  readLinkEvents(monitor: Fd): Result | LinkEvent[];

  poll(socket: Fd, events: number, timeoutMs: number, waker: Fd): Result;
  createWaker(): Result;
  /** CLOCK_MONOTONIC in milliseconds, modulo 2^30. */
  clockMs(): number;
  wake(waker: Fd): Result;
  /** The answer is the watch's id. */
  watch(fd: Fd, events: number, listener: () => void): Result;
  unwatch(id: number): Result;

  /**
   * `program` is empty, or the one to load. Lists of names and values belong together. `frags` is -1 for what the
   * section says; a device index of 0 binds to none.
   */
  loadObject(
    object: Uint8Array,
    program: readonly string[],
    sizedMaps: readonly string[],
    entries: readonly number[],
    reusedMaps: readonly string[],
    descriptors: readonly Fd[],
    frags: -1 | 0 | 1,
    deviceIndex: number,
  ): LoadedObject | LoadFailure;
  /** Loads the shortest XDP program with these BPF_F_* flags, and closes it: 0 when the kernel takes them. */
  probeProgram(flags: number, deviceIndex: number): Result;
  openProgram(id: number): Result;
  openMap(id: number): Result;
  openLink(id: number): Result;
  /** -EINVAL for what is not of BPF. */
  adoptBpf(descriptor: number): Result | BpfObject;
  openPinned(path: string): Result | BpfObject;
  pin(fd: Fd, path: string): Result;
  /** -EINVAL for what is not a pin; it stays. */
  unpin(path: string): Result;
  /** Whether a path lies in a BPF file system: 1 or 0. */
  isBpfFs(path: string): Result;
  programInfo(program: Fd): Result | ProgramInfo;
  mapInfo(map: Fd): Result | MapInfo;
  lookupMap(map: Fd, key: Uint8Array): Result | Uint8Array;
  updateMap(map: Fd, key: Uint8Array, value: Uint8Array, flags: number): Result;
  deleteMapEntry(map: Fd, key: Uint8Array): Result;
  createLink(program: Fd, interfaceIndex: number, flags: number): Result;
  /** `expected` is -1 for any. */
  updateLink(link: Fd, program: Fd, expected: Fd): Result;
  /** The id of a link's program. */
  linkProgram(link: Fd): Result;
  /** Over netlink; -1 for no program, and for none expected. */
  setXdp(interfaceIndex: number, program: Fd, flags: number, expected: Fd): Result | LoggedFailure;
  programName(id: number): Result | string;

  openNamespace(path: string): Result;
  setNamespace(namespace: Fd): Result;
}
