import {
  checkOptions,
  XDP_TXMD_FLAGS_CHECKSUM,
  XDP_TXMD_FLAGS_LAUNCH_TIME,
  XDP_TXMD_FLAGS_TIMESTAMP,
  XdpError,
  XdpFeatureError,
} from "@afxdp/core";
import type { Umem } from "@afxdp/umem";
import { frameStateError } from "./io-errors.js";
import type { TxCapabilities, TxMetadata } from "./tx-metadata.js";

const OPTIONS = ["checksum", "launchTime", "timestamp"];
const CHECKSUM_OPTIONS = ["start", "offset"];
const U16 = 0xffff;
const U64 = (1n << 64n) - 1n;

/** Places in `struct xsk_tx_metadata` (include/uapi/linux/if_xdp.h). */
const CSUM_START = 8;
const CSUM_OFFSET = 10;
const LAUNCH_TIME = 16;
/** The kernel writes it over the checksum's fields. */
const TIMESTAMP = 8;

function refuse(message: string): never {
  throw new XdpError("ERR_XDP_TX_METADATA", message);
}

function checkPlace(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > U16) {
    refuse(`checksum.${name} ${String(value)} is not a whole number from 0 to ${U16}.`);
  }
}

/**
 * Writes `struct xsk_tx_metadata` in front of packets to be sent, and reads the kernel's answer. One request at a time:
 * `check` reads it once and keeps what is to be written.
 */
export class TxMetadataWriter {
  readonly #umem: Umem;
  readonly #view: DataView;
  #flags = 0;
  #start = 0;
  #offset = 0;
  #launchTime = 0n;
  #software = false;

  constructor(umem: Umem) {
    this.#umem = umem;
    const { buffer, byteOffset, byteLength } = umem.bytes;
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  /** Whether this library has to compute the checksum that was asked for; where to begin, and where it goes. */
  get software(): boolean {
    return this.#software;
  }
  get checksumStart(): number {
    return this.#start;
  }
  get checksumPlace(): number {
    return this.#start + this.#offset;
  }

  /**
   * Checks what is asked for a packet, all of it: the kernel answers a bad request with EINVAL and leaves the
   * descriptor at the head of the ring for ever (net/xdp/xsk.c, xsk_skb_metadata). Nothing is written yet.
   *
   * @param length bytes of its first frame: what the kernel holds the checksum's place against
   * @throws XdpError ERR_XDP_TX_METADATA, ERR_XDP_ARGUMENT, ERR_XDP_FOREIGN_FRAME; XdpFeatureError txTimestamp, txLaunchTime
   */
  check(capabilities: TxCapabilities, address: number, length: number, metadata: TxMetadata): void {
    checkOptions("TX metadata", metadata, OPTIONS);
    if (this.#umem.geometry.txMetadataLength === 0) refuse("The UMEM was made without txMetadata.");
    const { checksum, launchTime, timestamp = false } = metadata;
    let flags = 0;
    let start = 0;
    let offset = 0;
    if (checksum !== undefined) {
      checkOptions("checksum", checksum, CHECKSUM_OPTIONS);
      ({ start, offset } = checksum);
      checkPlace("start", start);
      checkPlace("offset", offset);
      if (start + offset + 2 > length) {
        refuse(`The checksum at ${start} + ${offset} does not lie in the first ${length} bytes.`);
      }
      if (capabilities.checksum) flags |= XDP_TXMD_FLAGS_CHECKSUM;
    }
    if (launchTime !== undefined) {
      if (typeof launchTime !== "bigint" || launchTime < 0n || launchTime > U64) {
        refuse(`launchTime ${String(launchTime)} is not a bigint from 0 to 2^64 - 1.`);
      }
      if (!capabilities.launchTime) throw new XdpFeatureError("txLaunchTime", "The card");
      flags |= XDP_TXMD_FLAGS_LAUNCH_TIME;
    }
    if (typeof timestamp !== "boolean") refuse(`timestamp ${String(timestamp)} is not a boolean.`);
    if (timestamp) {
      if (!capabilities.timestamp) throw new XdpFeatureError("txTimestamp", "The card");
      if (!this.#umem.isHeld(address)) {
        refuse(`The frame at ${address} is not held: its timestamp could not be read.`);
      }
      flags |= XDP_TXMD_FLAGS_TIMESTAMP;
    }
    this.#flags = flags;
    this.#start = start;
    this.#offset = offset;
    this.#launchTime = launchTime ?? 0n;
    this.#software = checksum !== undefined && !capabilities.checksum;
  }

  /** Writes what was checked last in front of the packet at `address`. False when the kernel has nothing to do. */
  write(address: number): boolean {
    if (this.#flags === 0) return false;
    const view = this.#view;
    const at = address - this.#umem.geometry.txMetadataLength;
    view.setUint32(at, this.#flags, true);
    view.setUint32(at + 4, 0, true);
    view.setUint16(at + CSUM_START, this.#start, true);
    view.setUint16(at + CSUM_OFFSET, this.#offset, true);
    view.setUint32(at + TIMESTAMP + 4, 0, true);
    view.setBigUint64(at + LAUNCH_TIME, this.#launchTime, true);
    return true;
  }

  /**
   * Takes the timestamp of the packet that was sent from `address`: it is there once. Undefined when there is none. The
   * kernel's word is believed in full only: its upper half is 0 until it has written (1970 is over).
   *
   * @throws XdpError ERR_XDP_TX_METADATA, ERR_XDP_FRAME_STATE, ERR_XDP_FOREIGN_FRAME
   */
  takeTimestamp(address: number): bigint | undefined {
    const { geometry } = this.#umem;
    const { txMetadataLength } = geometry;
    if (txMetadataLength === 0) refuse("The UMEM was made without txMetadata.");
    const state = this.#umem.stateOf(address);
    if (state !== "application") throw frameStateError("read a timestamp of", address, state);
    const at = address - txMetadataLength;
    if (at < geometry.baseOf(address)) return undefined;
    const view = this.#view;
    const flags = view.getUint32(at, true);
    if ((flags & XDP_TXMD_FLAGS_TIMESTAMP) === 0 || view.getUint32(at + 4, true) !== 0) {
      return undefined;
    }
    if (view.getUint32(at + TIMESTAMP + 4, true) === 0) return undefined;
    view.setUint32(at, 0, true);
    return view.getBigUint64(at + TIMESTAMP, true);
  }
}
