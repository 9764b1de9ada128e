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

/** Flags of a map update (include/uapi/linux/bpf.h). */
export const BPF_ANY = 0;
export const BPF_NOEXIST = 1;
export const BPF_EXIST = 2;

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;
export const POLLNVAL = 32;

/** Bytes of one descriptor of an rx or tx ring. */
export const DESCRIPTOR_SIZE = 16;
/** Bytes of one entry of a fill or completion ring. */
export const ADDRESS_SIZE = 8;
