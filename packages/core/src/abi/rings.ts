import {
  ADDRESS_SIZE,
  DESCRIPTOR_SIZE,
  XDP_PGOFF_RX_RING,
  XDP_PGOFF_TX_RING,
  XDP_RX_RING,
  XDP_TX_RING,
  XDP_UMEM_COMPLETION_RING,
  XDP_UMEM_FILL_RING,
  XDP_UMEM_PGOFF_COMPLETION_RING,
  XDP_UMEM_PGOFF_FILL_RING,
} from "./constants.js";

/** One of the four rings of a socket. */
export type RingName = "fill" | "completion" | "rx" | "tx";

/** What the kernel's interface says of one ring: its socket option, where to map it, and the bytes of an entry. */
export interface RingAbi {
  readonly option: number;
  readonly pageOffset: number;
  readonly entrySize: 8 | 16;
}

/** The four rings in the order in which they are sized and mapped. */
export const RING_NAMES: readonly RingName[] = ["fill", "completion", "rx", "tx"];

export const RING_ABI: Readonly<Record<RingName, RingAbi>> = {
  fill: {
    option: XDP_UMEM_FILL_RING,
    pageOffset: XDP_UMEM_PGOFF_FILL_RING,
    entrySize: ADDRESS_SIZE,
  },
  completion: {
    option: XDP_UMEM_COMPLETION_RING,
    pageOffset: XDP_UMEM_PGOFF_COMPLETION_RING,
    entrySize: ADDRESS_SIZE,
  },
  rx: { option: XDP_RX_RING, pageOffset: XDP_PGOFF_RX_RING, entrySize: DESCRIPTOR_SIZE },
  tx: { option: XDP_TX_RING, pageOffset: XDP_PGOFF_TX_RING, entrySize: DESCRIPTOR_SIZE },
};
