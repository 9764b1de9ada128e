import { bytesOf, type Host } from "@afxdp/testkit";

/** Where the UDP header begins in an Ethernet and IPv4 packet without options, and its checksum in it. */
export const UDP_START = 34;
export const UDP_CHECKSUM = 6;

/** The ones' complement sum of 16-bit words (RFC 1071), written the slow and plain way. */
export function wordSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += (bytes[i] as number) * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

/** A UDP datagram of `payload`, with the sum of the pseudo header alone in its checksum: what a card is given. */
export function udpPacket(to: Host, from: Host, port: number, payload: Uint8Array): Uint8Array {
  const udpLength = 8 + payload.length;
  const packet = new Uint8Array(UDP_START + udpLength);
  const view = new DataView(packet.buffer);
  packet.set(bytesOf(to.mac, 16), 0);
  packet.set(bytesOf(from.mac, 16), 6);
  view.setUint16(12, 0x0800);
  packet.set([0x45, 0], 14);
  view.setUint16(16, 20 + udpLength);
  packet.set([64, 17], 22);
  packet.set(bytesOf(from.ipv4, 10), 26);
  packet.set(bytesOf(to.ipv4, 10), 30);
  view.setUint16(24, ~wordSum(packet.subarray(14, 34)) & 0xffff);
  view.setUint16(34, 4000);
  view.setUint16(36, port);
  view.setUint16(38, udpLength);
  packet.set(payload, 42);
  view.setUint16(UDP_START + UDP_CHECKSUM, wordSum(pseudoHeader(packet)));
  return packet;
}

function pseudoHeader(packet: Uint8Array): Uint8Array {
  return Uint8Array.from([...packet.subarray(26, 34), 0, 17, ...packet.subarray(38, 40)]);
}

/** Whether a datagram's checksum is right: the sum over it and its pseudo header has all bits set. */
export function isRight(packet: Uint8Array): boolean {
  const sum = wordSum(pseudoHeader(packet)) + wordSum(packet.subarray(UDP_START));
  return (sum > 0xffff ? sum - 0xffff : sum) === 0xffff;
}
