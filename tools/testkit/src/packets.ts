/** The bytes of a MAC address (base 16) or an IPv4 address (base 10). */
export function bytesOf(address: string, base: 10 | 16): Uint8Array {
  return Uint8Array.from(address.split(/[.:]/), (part) => Number.parseInt(part, base));
}

/** EtherType for local experiments (IEEE 802 EtherType 1): no stack answers it. */
export const EXPERIMENTAL = 0x88b5;

/** An Ethernet packet of `length` bytes with the payload repeated behind the header. */
export function ethernet(options: {
  readonly to: string;
  readonly from: string;
  readonly type?: number;
  readonly length?: number;
  readonly payload?: number;
}): Uint8Array {
  const { to, from, type = EXPERIMENTAL, length = 64, payload = 0 } = options;
  const packet = new Uint8Array(length).fill(payload);
  packet.set(bytesOf(to, 16), 0);
  packet.set(bytesOf(from, 16), 6);
  packet[12] = type >>> 8;
  packet[13] = type & 0xff;
  return packet;
}
