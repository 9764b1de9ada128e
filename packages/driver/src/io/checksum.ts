/** The ones' complement sum of a packet's bytes that lie in several places, in the order of `add` (RFC 1071). */
export class ChecksumSum {
  #sum = 0;
  #odd = false;

  /** Adds `length` bytes of `bytes` from `from` on. */
  add(bytes: Uint8Array, from: number, length: number): void {
    const end = from + length;
    let sum = this.#sum;
    let odd = this.#odd;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] as number;
      sum += odd ? byte : byte << 8;
      odd = !odd;
      // Folded in time, it stays a small integer, however long the packet is.
      if (sum > 0x3fff_0000) sum = (sum & 0xffff) + (sum >>> 16);
    }
    this.#sum = sum;
    this.#odd = odd;
  }

  /** The checksum: the sum's complement, and 0xffff for 0, which in UDP would mean that there is none. */
  value(): number {
    let sum = this.#sum;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    const checksum = ~sum & 0xffff;
    return checksum === 0 ? 0xffff : checksum;
  }
}
