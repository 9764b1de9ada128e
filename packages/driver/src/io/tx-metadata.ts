import {
  NETDEV_XSK_FLAGS_TX_CHECKSUM,
  NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO,
  NETDEV_XSK_FLAGS_TX_TIMESTAMP,
  XDP_UMEM_TX_SW_CSUM,
} from "@afxdp/core";

/**
 * What the card (in copy mode: the kernel) shall do with one packet to be sent. Needs a UMEM made with `txMetadata`.
 */
export interface TxMetadata {
  /**
   * Fills in a checksum: the sum from byte `start` to the packet's end goes into the two bytes at `start + offset`,
   * which hold the pseudo header's sum when it is sent. Where neither card nor kernel does it, this library does, and in
   * copy mode with `softwareChecksum` always. Without that the kernel leaves it to the device in copy mode, and a virtual
   * one to the receiving kernel, as with packets of its own stack. Linux 6.12 ignores it then on
   * virtio_net.
   */
  readonly checksum?: { readonly start: number; readonly offset: number } | undefined;
  /** When it shall leave: nanoseconds of the card's clock. Later packets of the queue wait behind it. Linux 6.14. */
  readonly launchTime?: bigint | undefined;
  /** Has the time of sending noted, for `txTimestamp`. The frame has to be held. */
  readonly timestamp?: boolean | undefined;
}

/** What of it happens outside of this library. */
export interface TxCapabilities {
  /** Card or kernel compute checksums; without, this library does. */
  readonly checksum: boolean;
  readonly launchTime: boolean;
  readonly timestamp: boolean;
}

/**
 * What card and kernel do. In copy mode the kernel computes checksums, or has the card do it, and takes timestamps; in
 * zero copy a driver ignores in silence what it cannot do. A launch time needs the card in both.
 *
 * With XDP_UMEM_TX_SW_CSUM the kernel could compute checksums in copy mode, but this library does, because the kernel's
 * are not to be relied on: they cover the first descriptor of a packet alone (xsk_skb_metadata, net/xdp/xsk.c), and
 * on virtio_net Linux 6.12 sends the packet without one.
 *
 * @param xskFeatures NETDEV_XSK_FLAGS_* bits of the interface
 * @param umemFlags XDP_UMEM_* flags of the UMEM
 */
export function txCapabilitiesOf(
  zeroCopy: boolean,
  xskFeatures: number,
  umemFlags: number,
): TxCapabilities {
  const has = (bit: number): boolean => (xskFeatures & bit) !== 0;
  const software = (umemFlags & XDP_UMEM_TX_SW_CSUM) !== 0;
  return {
    checksum: zeroCopy ? has(NETDEV_XSK_FLAGS_TX_CHECKSUM) : !software,
    timestamp: !zeroCopy || has(NETDEV_XSK_FLAGS_TX_TIMESTAMP),
    launchTime: has(NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO),
  };
}
