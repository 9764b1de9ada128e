/** What an error code means and how to mend it. */
export interface ErrorEntry {
  readonly cause: string;
  readonly cure: string;
}

/** Every error code of afxdp with its cause and cure: the one list. Codes are stable, messages are not. */
export const ERRORS = {
  ERR_XDP_ARGUMENT: {
    cause: "An argument has the wrong type or is out of its range.",
    cure: "Pass a value of the kind and range that the message names.",
  },
  ERR_XDP_STATE: {
    cause: "A call came out of order, or a stage of the builder was used twice.",
    cure: "Make one of the calls in the error's `legal` list next.",
  },
  ERR_XDP_CLOSED: {
    cause: "The socket, or the set-up it belongs to, is closed.",
    cure: "Open a new socket; a closed one cannot be revived.",
  },
  ERR_XDP_ABORTED: {
    cause: "The signal that was passed in was aborted; its reason is the error's `cause`.",
    cure: "Nothing is wrong: everything done so far has been undone.",
  },
  ERR_XDP_RING_SIZE: {
    cause: "A ring's number of entries is not a power of two between 1 and 65536.",
    cure: "Choose a power of two, for instance 2048.",
  },
  ERR_XDP_RING_MEMORY: {
    cause: "A ring's offsets do not lie inside its buffer, overlap, or are not aligned.",
    cure: "Take the offsets from layoutRing() or from the kernel, and a buffer that is long enough.",
  },
  ERR_XDP_RING_MISUSE: {
    cause:
      "More entries were submitted than reserved, released than peeked, or one outside was touched.",
    cure: "Submit at most what reserve() returned and release at most what peek() returned.",
  },
  ERR_XDP_RING_CORRUPT: {
    cause: "The other side of a ring moved its index to where it cannot be. The ring is poisoned.",
    cure: "Close and reopen the socket; find out who else writes to this memory.",
  },
  ERR_XDP_CHUNK_SIZE: {
    cause:
      "The frame size is not a power of two between 2048 and the page size; unaligned, not between these.",
    cure: "Use 2048 or 4096, or unaligned frames.",
  },
  ERR_XDP_UMEM_SIZE: {
    cause:
      "The number of frames is not a whole number from 2 up to 4 GiB of frames, or too small for the fill ring.",
    cure: "Choose at least as many frames as the fill ring has entries.",
  },
  ERR_XDP_HEADROOM: {
    cause: "The headroom leaves too little of a frame for a packet.",
    cure: "Choose at most frameSize - 704: 256 for the kernel, 320 behind the packet, 128 for the packet.",
  },
  ERR_XDP_ARENA: {
    cause:
      "The memory for frames and rings could not be reserved, or an offset lies outside of it.",
    cure: "Use fewer frames, or allow the process more address space (ulimit -v).",
  },
  ERR_XDP_DOUBLE_FREE: {
    cause: "A frame was freed that is already free.",
    cure: "Free each frame once; after it was sent it is no longer yours.",
  },
  ERR_XDP_FOREIGN_FRAME: {
    cause: "An address does not lie in this UMEM.",
    cure: "Use addresses from allocate() or from a received batch of the same UMEM.",
  },
  ERR_XDP_FRAME_STATE: {
    cause:
      "A frame belongs to the kernel, or to nobody, where the call needs one that belongs to the application.",
    cure: "Touch a frame only between receiving or allocating it and sending or freeing it.",
  },
  ERR_XDP_FRAME_SIZE: {
    cause:
      "A packet is shorter than an Ethernet header (14 bytes) or reaches past the end of its frame.",
    cure: "Send 14 bytes up to what is left of the frame behind the address.",
  },
  ERR_XDP_NO_DEVICE: {
    cause: "There is no network interface of that name in this network namespace.",
    cure: "Check the name with `ip link` in the namespace that the process runs in.",
  },
  ERR_XDP_QUEUE_ID: {
    cause: "The interface has no queue with that number.",
    cure: "Use 0 up to the interface's number of queues less one (`ethtool -l`).",
  },
  ERR_XDP_QUEUE_BUSY: {
    cause: "Another AF_XDP socket holds this queue, or a closed one has not been released yet.",
    cure: "Close the other socket, or use another queue; `ss --xdp -a -p` shows who holds it where the kernel has XDP_SOCKETS_DIAG.",
  },
  ERR_XDP_PERMISSION: {
    cause: "The process lacks a capability.",
    cure: "Run as root, or grant CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF.",
  },
  ERR_XDP_MEMLOCK: {
    cause: "The UMEM is larger than the memory that the process may lock.",
    cure: "Raise the limit (ulimit -l, LimitMEMLOCK=), grant CAP_IPC_LOCK, or use fewer frames.",
  },
  ERR_XDP_KERNEL_UNSUPPORTED: {
    cause: "The kernel, or this system, does not have AF_XDP.",
    cure: "Use Linux 5.18 or later, built with CONFIG_XDP_SOCKETS.",
  },
  ERR_XDP_SYSCALL: {
    cause:
      "A system call failed in a way that has no code of its own; see errno, syscall and step.",
    cure: "Look errno up in the manual page of the system call.",
  },
  ERR_XDP_PROGRAM: {
    cause: "The XDP program could not be loaded; the verifier's words are in the error's `log`.",
    cure: "Mend the program as the log says, or use a newer kernel.",
  },
  ERR_XDP_PROGRAM_PRESENT: {
    cause: "Another XDP program is attached to the interface; its id and name are in the error.",
    cure: "If it may go, end the process that holds it, or detach it: `ip link set dev NAME xdpdrv off` (or xdpgeneric), or `bpftool link detach id N`.",
  },
  ERR_XDP_ATTACH: {
    cause: "The driver refused the XDP program in this mode.",
    cure: "Use mode 'auto' or 'skb'; for 'drv' check the driver's XDP support and the MTU.",
  },
  ERR_XDP_MAP_FULL: {
    cause: "The XSKMAP has no entry for this queue.",
    cure: "Load the program with `queues` greater than the queue's number.",
  },
  ERR_XDP_RULE: {
    cause: "A steering rule is malformed, or there are more than 64.",
    cure: "Mend the field that the message names.",
  },
  ERR_XDP_DEVICE_GONE: {
    cause: "The interface was removed or moved to another network namespace.",
    cure: "Close the socket and open it again when the interface is back.",
  },
  ERR_XDP_FEATURE: {
    cause: "The kernel, the driver or the card does not have a feature that was asked for.",
    cure: "Use the kernel that the message names or a later one, or do without the feature.",
  },
  ERR_XDP_CONFLICT: {
    cause: "Two of the options that were given exclude each other.",
    cure: "Leave out one of the two that the message names.",
  },
  ERR_XDP_ZERO_COPY: {
    cause: "Zero copy was required, and the driver cannot do it on this queue now.",
    cure: "Ask for zeroCopy 'prefer' or 'never', or use a driver with XDP zero copy.",
  },
  ERR_XDP_HUGE_PAGES: {
    cause: "There are not enough free huge pages of the size that was required.",
    cure: "Reserve some: write to /sys/kernel/mm/hugepages/hugepages-*/nr_hugepages, or allow a fallback.",
  },
  ERR_XDP_CHAIN: {
    cause: "A packet in several frames has more of them than can be sent as one, or an empty one.",
    cure: "Send at most as many segments as the message names, none of them empty.",
  },
  ERR_XDP_TX_METADATA: {
    cause:
      "What was asked for a packet to be sent is impossible, and would block the queue for ever.",
    cure: "Mend the field that the message names; make the UMEM with txMetadata.",
  },
  ERR_XDP_MAP: {
    cause: "A BPF map is not an XSKMAP, or a program has none or several.",
    cure: "Name the XSKMAP that the program redirects to.",
  },
  ERR_XDP_UMEM_SHARED: {
    cause: "Other sockets still use the UMEM or the rings of the socket to be closed.",
    cure: "Close the sockets that share with it first.",
  },
  ERR_XDP_NATIVE_LOAD: {
    cause: "The native addon could not be loaded; the message lists what was tried.",
    cure: "Install @afxdp/native on Linux with glibc, for the processor it runs on; its README says how to build it for another.",
  },
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;
