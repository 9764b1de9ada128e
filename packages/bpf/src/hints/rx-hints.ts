import { XdpError } from "@afxdp/core";
import { HINTS_ABI } from "./layout.js";

const { hints: HINTS, bits, signature, signatureMask } = HINTS_ABI;
const NOT_OURS = -1;

/**
 * Reads what the driver knew of a received packet and our program wrote before it. One reader serves all packets of a
 * UMEM: point it at one after the other by `at`. It allocates nothing but the bigint of `timestamp`. A hint that the
 * driver did not give for a packet reads as 0; `hasTimestamp`, `hasHash` and `hasVlan` tell it from a real 0.
 *
 * The hints lie in the packet's frame: read them while the frame is yours, before it is sent, freed or written to
 * before its address. Of a packet of several frames the first has them. Only packets that a program loaded with `hints`
 * redirected have any; before others may lie those of an older packet.
 */
export class RxHints {
  readonly #view: DataView;
  #start = 0;
  /** Of the packet that it is pointed at: the bits of `valid`; -1 when no program of ours wrote them. */
  #valid = NOT_OURS;

  /** @param bytes the UMEM's, which addresses count from */
  constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array)) {
      throw new XdpError("ERR_XDP_ARGUMENT", "RxHints was given no Uint8Array.");
    }
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Points the reader at a received packet, by the address of its first byte. Returns the reader.
   *
   * @throws XdpError ERR_XDP_ARGUMENT for an address that has no hints' length before it in the bytes
   */
  at(address: number): this {
    const start = address - HINTS.size;
    if (!Number.isInteger(address) || start < 0 || address > this.#view.byteLength) {
      throw new XdpError(
        "ERR_XDP_ARGUMENT",
        `address ${String(address)} is not one of a packet with ${HINTS.size} bytes before it.`,
      );
    }
    this.#start = start;
    const valid = this.#view.getUint32(start + HINTS.valid, true);
    this.#valid = (valid & signatureMask) >>> 0 === signature ? valid & ~signatureMask : NOT_OURS;
    return this;
  }

  /** Whether our program wrote hints before the packet; without, everything else reads as absent. */
  get present(): boolean {
    return this.#valid !== NOT_OURS;
  }

  get hasTimestamp(): boolean {
    return this.#has(bits.timestamp);
  }

  get hasHash(): boolean {
    return this.#has(bits.hash);
  }

  get hasVlan(): boolean {
    return this.#has(bits.vlan);
  }

  /** When the packet arrived: nanoseconds of the card's clock. veth, which has no clock, answers 0. */
  get timestamp(): bigint {
    return this.hasTimestamp ? this.#view.getBigUint64(this.#start + HINTS.timestamp, true) : 0n;
  }

  /** The low 32 bits of `timestamp`, for who must not allocate. */
  get timestampLow(): number {
    return this.hasTimestamp ? this.#view.getUint32(this.#start + HINTS.timestamp, true) : 0;
  }

  /** The high 32 bits of `timestamp`. */
  get timestampHigh(): number {
    return this.hasTimestamp ? this.#view.getUint32(this.#start + HINTS.timestamp + 4, true) : 0;
  }

  /** The hash by which the card spreads packets over queues. */
  get hash(): number {
    return this.hasHash ? this.#view.getUint32(this.#start + HINTS.hash, true) : 0;
  }

  /** What the hash is made of: XDP_RSS_* bits of `enum xdp_rss_hash_type` (include/net/xdp.h). */
  get hashType(): number {
    return this.hasHash ? this.#view.getUint32(this.#start + HINTS.hashType, true) : 0;
  }

  /** EtherType of the VLAN tag that the card took off the packet: 0x8100 or 0x88a8. */
  get vlanProtocol(): number {
    return this.hasVlan ? this.#view.getUint16(this.#start + HINTS.vlanProtocol, true) : 0;
  }

  /** That tag's 16 bits (TCI): 3 of priority, drop eligibility, 12 of id. */
  get vlanTag(): number {
    return this.hasVlan ? this.#view.getUint16(this.#start + HINTS.vlanTag, true) : 0;
  }

  /** The 12-bit id in `vlanTag`. */
  get vlanId(): number {
    return this.vlanTag & 0x0fff;
  }

  #has(bit: number): boolean {
    return this.#valid !== NOT_OURS && (this.#valid & bit) !== 0;
  }
}
