import {
  type InterfaceFeatures,
  NETDEV_XDP_ACT_BASIC,
  NETDEV_XDP_ACT_HW_OFFLOAD,
  NETDEV_XDP_ACT_NDO_XMIT,
  NETDEV_XDP_ACT_NDO_XMIT_SG,
  NETDEV_XDP_ACT_REDIRECT,
  NETDEV_XDP_ACT_RX_SG,
  NETDEV_XDP_ACT_XSK_ZEROCOPY,
  NETDEV_XDP_RX_METADATA_HASH,
  NETDEV_XDP_RX_METADATA_TIMESTAMP,
  NETDEV_XDP_RX_METADATA_VLAN_TAG,
  NETDEV_XSK_FLAGS_TX_CHECKSUM,
  NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO,
  NETDEV_XSK_FLAGS_TX_TIMESTAMP,
} from "@afxdp/core";

/** What an interface's driver can do. */
export interface DriverFeatures {
  readonly xdp: {
    /** Runs XDP programs in driver mode, with the answers PASS, DROP, ABORTED and TX. */
    readonly basic: boolean;
    /** Can redirect: what an XSKMAP needs in driver mode. */
    readonly redirect: boolean;
    /** Sends what is redirected to it from other interfaces. */
    readonly ndoXmit: boolean;
    /** AF_XDP without copying. */
    readonly zeroCopy: boolean;
    /** Runs programs in the card. */
    readonly hwOffload: boolean;
    /** Receives packets of several buffers in driver mode. */
    readonly rxSg: boolean;
    /** Sends redirected packets of several buffers. */
    readonly ndoXmitSg: boolean;
  };
  /** Hints that an XDP program can ask for, for a received packet. */
  readonly rxHints: { readonly timestamp: boolean; readonly hash: boolean; readonly vlan: boolean };
  /** What TX metadata can ask for in zero copy. Copy mode has all three, whatever the driver. */
  readonly tx: {
    readonly timestamp: boolean;
    readonly checksum: boolean;
    readonly launchTime: boolean;
  };
  /**
   * Most segments of a packet in zero copy, 1 without multi-buffer. Nothing without zero copy, and where the kernel does
   * not tell (before 6.6).
   */
  readonly zeroCopyMaxSegments: number | undefined;
}

/** Gives the bits of `Kernel.interfaceFeatures` their names. Source: include/uapi/linux/netdev.h. */
export function decodeFeatures(features: InterfaceFeatures): DriverFeatures {
  const { xdp, rxMetadata, xsk, zeroCopyMaxSegments } = features;
  return {
    xdp: {
      basic: (xdp & NETDEV_XDP_ACT_BASIC) !== 0,
      redirect: (xdp & NETDEV_XDP_ACT_REDIRECT) !== 0,
      ndoXmit: (xdp & NETDEV_XDP_ACT_NDO_XMIT) !== 0,
      zeroCopy: (xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY) !== 0,
      hwOffload: (xdp & NETDEV_XDP_ACT_HW_OFFLOAD) !== 0,
      rxSg: (xdp & NETDEV_XDP_ACT_RX_SG) !== 0,
      ndoXmitSg: (xdp & NETDEV_XDP_ACT_NDO_XMIT_SG) !== 0,
    },
    rxHints: {
      timestamp: (rxMetadata & NETDEV_XDP_RX_METADATA_TIMESTAMP) !== 0,
      hash: (rxMetadata & NETDEV_XDP_RX_METADATA_HASH) !== 0,
      vlan: (rxMetadata & NETDEV_XDP_RX_METADATA_VLAN_TAG) !== 0,
    },
    tx: {
      timestamp: (xsk & NETDEV_XSK_FLAGS_TX_TIMESTAMP) !== 0,
      checksum: (xsk & NETDEV_XSK_FLAGS_TX_CHECKSUM) !== 0,
      launchTime: (xsk & NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO) !== 0,
    },
    zeroCopyMaxSegments: zeroCopyMaxSegments === 0 ? undefined : zeroCopyMaxSegments,
  };
}
