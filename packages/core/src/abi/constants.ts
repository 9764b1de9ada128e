/*
 * The numbers of the AF_XDP user interface, in the kernel's spelling.
 * Sources: include/uapi/linux/if_xdp.h, include/linux/socket.h, include/uapi/linux/if_link.h, include/uapi/linux/bpf.h.
 */

export const AF_XDP = 44;
export const SOL_XDP = 283;

export const XDP_MMAP_OFFSETS = 1;
export const XDP_RX_RING = 2;
export const XDP_TX_RING = 3;
export const XDP_UMEM_REG = 4;
export const XDP_UMEM_FILL_RING = 5;
export const XDP_UMEM_COMPLETION_RING = 6;
export const XDP_STATISTICS = 7;
export const XDP_OPTIONS = 8;
export const XDP_MAX_TX_SKB_BUDGET = 9;

export const XDP_SHARED_UMEM = 1;
export const XDP_COPY = 2;
export const XDP_ZEROCOPY = 4;
export const XDP_USE_NEED_WAKEUP = 8;
export const XDP_USE_SG = 16;

export const XDP_UMEM_UNALIGNED_CHUNK_FLAG = 1;
export const XDP_UMEM_TX_SW_CSUM = 2;
export const XDP_UMEM_TX_METADATA_LEN = 4;

/** Page offsets for `mmap` of a ring; all are exact in a double. */
export const XDP_PGOFF_RX_RING = 0;
export const XDP_PGOFF_TX_RING = 0x8000_0000;
export const XDP_UMEM_PGOFF_FILL_RING = 0x1_0000_0000;
export const XDP_UMEM_PGOFF_COMPLETION_RING = 0x1_8000_0000;

/** Bit 0 of a ring's flags word. */
export const XDP_RING_NEED_WAKEUP = 1;
/** Bits of a descriptor's options word. */
export const XDP_PKT_CONTD = 1;
export const XDP_TX_METADATA = 2;
/** Bit 0 of the XDP_OPTIONS answer. */
export const XDP_OPTIONS_ZEROCOPY = 1;

/** Bytes that the kernel keeps free in front of each received packet. */
export const XDP_PACKET_HEADROOM = 256;
export const XDP_UMEM_MIN_CHUNK_SIZE = 2048;
/** Descriptors that one kick sends in copy mode (net/xdp/xsk.c, TX_BATCH_SIZE). */
export const XSK_TX_BATCH = 32;
/** Queue ids are 16 bits wide in the kernel: bind(65536) silently takes queue 0. */
export const XDP_MAX_QUEUE_ID = 0xffff;

/** Flags of an attachment (include/uapi/linux/if_link.h). */
export const XDP_FLAGS_UPDATE_IF_NOEXIST = 1;
export const XDP_FLAGS_SKB_MODE = 2;
export const XDP_FLAGS_DRV_MODE = 4;
export const XDP_FLAGS_HW_MODE = 8;
export const XDP_FLAGS_REPLACE = 16;

/** Flags of a map update (include/uapi/linux/bpf.h). */
export const BPF_ANY = 0;
export const BPF_NOEXIST = 1;
export const BPF_EXIST = 2;

/** Flags of a program's load (include/uapi/linux/bpf.h). */
export const BPF_F_XDP_HAS_FRAGS = 32;
export const BPF_F_XDP_DEV_BOUND_ONLY = 64;

export const BPF_PROG_TYPE_XDP = 6;
export const BPF_MAP_TYPE_XSKMAP = 17;

/** Bits of what a driver can do (include/uapi/linux/netdev.h). */
export const NETDEV_XDP_ACT_BASIC = 1;
export const NETDEV_XDP_ACT_REDIRECT = 2;
export const NETDEV_XDP_ACT_NDO_XMIT = 4;
export const NETDEV_XDP_ACT_XSK_ZEROCOPY = 8;
export const NETDEV_XDP_ACT_HW_OFFLOAD = 16;
export const NETDEV_XDP_ACT_RX_SG = 32;
export const NETDEV_XDP_ACT_NDO_XMIT_SG = 64;
export const NETDEV_XDP_RX_METADATA_TIMESTAMP = 1;
export const NETDEV_XDP_RX_METADATA_HASH = 2;
export const NETDEV_XDP_RX_METADATA_VLAN_TAG = 4;
export const NETDEV_XSK_FLAGS_TX_TIMESTAMP = 1;
export const NETDEV_XSK_FLAGS_TX_CHECKSUM = 2;
export const NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO = 4;

/** Flags and places in `struct xsk_tx_metadata`, which lies `txMetadataLength` bytes before the packet. */
export const XDP_TXMD_FLAGS_TIMESTAMP = 1;
export const XDP_TXMD_FLAGS_CHECKSUM = 2;
export const XDP_TXMD_FLAGS_LAUNCH_TIME = 4;
export const XSK_TX_METADATA_SIZE = 24;

/** Most fragments of a packet of the kernel's stack; a chain of one more descriptor is the longest in copy mode. */
export const MAX_SKB_FRAGS = 17;
/** Bytes that recent kernels keep behind a received packet (skb_shared_info). */
export const XDP_TAILROOM = 320;

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const SO_BUSY_POLL = 46;
export const SO_INCOMING_NAPI_ID = 56;
export const SO_PREFER_BUSY_POLL = 69;
export const SO_BUSY_POLL_BUDGET = 70;
export const SO_NETNS_COOKIE = 71;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;
export const POLLNVAL = 32;

/** Bytes of one descriptor of an rx or tx ring. */
export const DESCRIPTOR_SIZE = 16;
/** Bytes of one entry of a fill or completion ring. */
export const ADDRESS_SIZE = 8;
