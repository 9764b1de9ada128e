/** What a responder is called. */
export interface Identity {
  readonly mac: Uint8Array;
  readonly ip: Uint8Array;
  readonly udpPort: number;
}

/** What kind of packet was answered. */
export type Answered = "arp" | "icmp" | "udp" | undefined;

const ARP = 0x0806;
const IPV4 = 0x0800;
const ICMP = 1;
const UDP = 17;
const ECHO_REQUEST = 8;

/**
 * Turns a request into its answer where it lies: `at` is the first byte of the Ethernet header in `bytes`. Knows ARP
 * requests, ICMP echo requests and UDP datagrams to one port; leaves all else as it is and returns undefined.
 */
export function answer(bytes: Uint8Array, at: number, length: number, me: Identity): Answered {
  const u16 = (offset: number): number =>
    ((bytes[at + offset] as number) << 8) | (bytes[at + offset + 1] as number);
  const isMine = (offset: number): boolean =>
    me.ip.every((byte, i) => bytes[at + offset + i] === byte);
  const move = (to: number, from: number, size: number) =>
    bytes.copyWithin(at + to, at + from, at + from + size);
  const swap = (a: number, b: number, size: number): void => {
    for (let i = 0; i < size; i++) {
      const byte = bytes[at + a + i] as number;
      bytes[at + a + i] = bytes[at + b + i] as number;
      bytes[at + b + i] = byte;
    }
  };

  if (length >= 42 && u16(12) === ARP && u16(20) === 1 && isMine(38)) {
    bytes[at + 21] = 2; // request -> reply
    move(32, 22, 10); // the asker becomes the target
    bytes.set(me.mac, at + 22);
    bytes.set(me.ip, at + 28);
    move(0, 6, 6);
    bytes.set(me.mac, at + 6);
    return "arp";
  }
  const plainIpv4 = length >= 42 && u16(12) === IPV4 && bytes[at + 14] === 0x45;
  if (!plainIpv4 || !isMine(30) || (u16(20) & 0x3fff) !== 0) return undefined;
  const protocol = bytes[at + 23];
  if (protocol === ICMP && bytes[at + 34] === ECHO_REQUEST) {
    bytes[at + 34] = 0; // echo reply: the sum of the message falls by 0x0800, its checksum rises
    const sum = u16(36) + 0x0800;
    const checksum = (sum & 0xffff) + (sum >>> 16);
    bytes[at + 36] = checksum >>> 8;
    bytes[at + 37] = checksum & 0xff;
  } else if (protocol === UDP && u16(36) === me.udpPort) {
    swap(34, 36, 2); // ports
    bytes[at + 40] = 0; // no checksum: what the sender's stack left to its card to fill in is not there
    bytes[at + 41] = 0;
  } else {
    return undefined;
  }
  swap(26, 30, 4); // IP addresses; their checksum stays the same
  swap(0, 6, 6); // MAC addresses
  return protocol === ICMP ? "icmp" : "udp";
}

/** The bytes of a MAC address (base 16) or of an IPv4 address (base 10). */
export function bytesOf(address: string, base: 10 | 16): Uint8Array {
  return Uint8Array.from(address.split(/[.:]/), (part) => Number.parseInt(part, base));
}
