import { checkOptions, XdpError, XSK_TX_METADATA_SIZE } from "@afxdp/core";

/** Room for `struct xsk_tx_metadata` in front of each packet to be sent. */
export interface TxMetadataOptions {
  /** Bytes in front of the packet, a multiple of 8 from 24 to 248; the structure comes first. Default 24. */
  readonly length?: number | undefined;
  /**
   * In copy mode, has checksums that were asked for computed before the packet is sent, instead of by the device
   * (XDP_UMEM_TX_SW_CSUM). Linux 7.2 refuses to bind with it to virtio_net (EOPNOTSUPP). Default false.
   */
  readonly softwareChecksum?: boolean | undefined;
}

const MOST = 248;

/**
 * Reads the option. The kernel would take a length from 0 on, too, and read past a shorter structure.
 *
 * @throws XdpError ERR_XDP_TX_METADATA, ERR_XDP_ARGUMENT
 */
export function txMetadataOf(
  option: boolean | TxMetadataOptions | undefined,
): Readonly<Required<{ length: number; softwareChecksum: boolean }>> {
  if (option === undefined || option === false) return { length: 0, softwareChecksum: false };
  const options = option === true ? {} : option;
  checkOptions("txMetadata", options, ["length", "softwareChecksum"]);
  const { length = XSK_TX_METADATA_SIZE, softwareChecksum = false } = options;
  if (
    !Number.isInteger(length) ||
    length < XSK_TX_METADATA_SIZE ||
    length > MOST ||
    length % 8 !== 0
  ) {
    throw new XdpError(
      "ERR_XDP_TX_METADATA",
      `txMetadata.length ${String(length)} is not a multiple of 8 from ${XSK_TX_METADATA_SIZE} to ${MOST}.`,
    );
  }
  if (typeof softwareChecksum !== "boolean") {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `txMetadata.softwareChecksum ${String(softwareChecksum)} is not a boolean.`,
    );
  }
  return { length, softwareChecksum };
}
