/** An open file descriptor: a number that only the kernel it came from understands. */
export type Fd = number;

/** The bytes of an arena: a view over its whole SharedArrayBuffer. */
export type ArenaBytes = Uint8Array<SharedArrayBuffer>;

/** What `loadProgram` is given. */
export interface ProgramImage {
  /** A BPF ELF object with programs of section `xdp` or `xdp.frags`. */
  readonly object: Uint8Array;
  /** Which of the object's programs to load; may be absent when there is one only. The others are not loaded. */
  readonly programName?: string;
  /** Entries to give a map instead of what the object says, by the map's name. */
  readonly mapEntries?: Readonly<Record<string, number>>;
  /** Maps to use instead of making the object's own, by the map's name. They stay the caller's. */
  readonly maps?: Readonly<Record<string, Fd>>;
  /** Loads the program as one for packets of several buffers (BPF_F_XDP_HAS_FRAGS), or not, whatever its section. */
  readonly frags?: boolean;
  /** Binds the program to the device with this index (BPF_F_XDP_DEV_BOUND_ONLY): what hint kfuncs need. Linux 6.3. */
  readonly deviceIndex?: number;
}

/** A loaded program: the caller owns every descriptor in it and closes each. */
export interface LoadedProgram {
  readonly program: Fd;
  /** The kernel's id, as `bpftool prog` shows it. */
  readonly id: number;
  readonly name: string;
  /** The object's maps by name; of those that were given to be used, a descriptor of its own. */
  readonly maps: Readonly<Record<string, Fd>>;
}

/** What the kernel says of a loaded program (`struct bpf_prog_info`). */
export interface ProgramInfo {
  readonly id: number;
  readonly name: string;
  /** BPF_PROG_TYPE_*; 6 is XDP. */
  readonly type: number;
  /** 16 hexadecimal digits: equal for programs of equal instructions. */
  readonly tag: string;
  /** Ids of the maps that it uses. */
  readonly mapIds: readonly number[];
  /** Index of the device that it is offloaded to; 0 for none, and for one that is only bound to a device. */
  readonly deviceIndex: number;
}

/** What the kernel says of a map (`struct bpf_map_info`). */
export interface MapInfo {
  readonly id: number;
  readonly name: string;
  /** BPF_MAP_TYPE_*; 17 is XSKMAP. */
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
}

/** What a descriptor of BPF stands for. */
export type BpfKind = "program" | "map" | "link";

/** A descriptor that was got from elsewhere; the caller owns it. */
export interface BpfObject {
  readonly fd: Fd;
  readonly kind: BpfKind;
  /** The kernel's, unique among those of its kind. */
  readonly id: number;
  /** Of an XDP link the index of its interface, in that one's network namespace; 0 when it is gone, and of all else. */
  readonly interfaceIndex: number;
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

/** What a driver can do, as the netdev generic-netlink family says (Linux 6.3). Bits: NETDEV_*. */
export interface InterfaceFeatures {
  /** NETDEV_XDP_ACT_* bits. */
  readonly xdp: number;
  /**
   * Most segments of a packet in zero copy; 1 means no multi-buffer, 0 that the kernel does not tell: before 6.6, and of
   * a driver without zero copy.
   */
  readonly zeroCopyMaxSegments: number;
  /** NETDEV_XDP_RX_METADATA_* bits: hints that an XDP program can ask for. */
  readonly rxMetadata: number;
  /** NETDEV_XSK_FLAGS_* bits: what TX metadata can ask for in zero copy. */
  readonly xsk: number;
}

/** Numbers of channels (queues) by kind, in use and at most (`struct ethtool_channels`). */
export interface Channels {
  readonly rx: number;
  readonly tx: number;
  readonly combined: number;
  readonly maxRx: number;
  readonly maxTx: number;
  readonly maxCombined: number;
}

/** Entries of the card's own descriptor rings, in use and at most (`struct ethtool_ringparam`). */
export interface DeviceRings {
  readonly rx: number;
  readonly tx: number;
  readonly maxRx: number;
  readonly maxTx: number;
}

/** A rule of the card (ntuple) that sends packets to a queue. Absent fields match anything. */
export interface FlowRule {
  readonly protocol: "udp4" | "tcp4" | "udp6" | "tcp6" | "ether";
  /** Queue that receives what matches. */
  readonly queue: number;
  /** Network byte order: 4 bytes for IPv4, 16 for IPv6. */
  readonly sourceAddress?: Uint8Array;
  readonly destinationAddress?: Uint8Array;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** For `ether`. */
  readonly etherType?: number;
  /** 6 bytes, for `ether`. */
  readonly destinationMac?: Uint8Array;
}

/** What happened to an interface, from rtnetlink. `lost` means that events were lost: look at everything anew. */
export interface LinkEvent {
  readonly kind: "changed" | "removed" | "lost";
  readonly interfaceIndex: number;
  readonly name: string;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** Has a carrier (IFF_RUNNING). */
  readonly running: boolean;
}

/** A setting of an interface's NAPI, in /sys/class/net/NAME. */
export type InterfaceSetting = "napi_defer_hard_irqs" | "gro_flush_timeout";

/** Options of SOL_SOCKET that the library uses. */
export type SocketOption =
  | "SO_ERROR"
  | "SO_BUSY_POLL"
  | "SO_PREFER_BUSY_POLL"
  | "SO_BUSY_POLL_BUDGET"
  | "SO_INCOMING_NAPI_ID";

/** How much memory this process may lock. */
export interface MemoryLimits {
  /** RLIMIT_MEMLOCK in bytes; Infinity without a limit. */
  readonly lockLimit: number;
  /** Whether CAP_IPC_LOCK lifts the limit. */
  readonly unlimited: boolean;
}

/** A running watch on a descriptor. */
export interface Watch {
  /** Stops it; idempotent. No callback comes afterwards. */
  stop(): void;
}
