import { STEER_ABI } from "./layout.js";
import { ETHER_TYPES, IP_PROTOCOLS, VLAN_TAG_TYPES } from "./registry.js";

/** What rules look at in a packet. A field that the packet has not, or that is cut off, is absent. */
export interface PacketFields {
  vlan?: number;
  etherType?: number;
  /** IP version, of which both addresses are there. */
  version?: 4 | 6;
  /** 4 or 16 bytes of the packet itself. */
  destination?: Uint8Array;
  source?: Uint8Array;
  protocol?: number;
  port?: number;
}

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
const EXTENSION_HEADERS: readonly (number | undefined)[] = [
  HOP_BY_HOP,
  ROUTING,
  FRAGMENT,
  DESTINATION_OPTIONS,
];

/**
 * Reads a packet's headers, from Ethernet on, as the XDP program does. Lengths and checksums in the headers are not
 * checked, other than those that say where the next header begins.
 *
 * Sources: IEEE 802.1Q, RFC 791, RFC 8200, RFC 6946 (IPv6 fragments that are none).
 */
export function readPacket(packet: Uint8Array): PacketFields {
  const fields: PacketFields = {};
  let at = 12;
  for (let tags = 0; ; tags++, at += 4) {
    if (packet.length < at + 2) return fields;
    const type = read16(packet, at);
    if (tags === 2 || !VLAN_TAG_TYPES.includes(type)) {
      fields.etherType = type;
      break;
    }
    if (packet.length < at + 6) return fields;
    if (tags === 0) fields.vlan = read16(packet, at + 2) & 0x0fff;
  }
  const payload = packet.subarray(at + 2);
  if (fields.etherType === ETHER_TYPES.ipv4) readIpv4(payload, fields);
  if (fields.etherType === ETHER_TYPES.ipv6) readIpv6(payload, fields);
  return fields;
}

function readIpv4(ip: Uint8Array, fields: PacketFields): void {
  if (ip.length < 20) return;
  const headerLength = (byteAt(ip, 0) & 0x0f) * 4;
  if (byteAt(ip, 0) >> 4 !== 4 || headerLength < 20) return;
  fields.version = 4;
  fields.source = ip.subarray(12, 16);
  fields.destination = ip.subarray(16, 20);
  fields.protocol = byteAt(ip, 9);
  const isFragment = (read16(ip, 6) & 0x3fff) !== 0;
  if (!isFragment) readPort(ip, headerLength, fields);
}

function readIpv6(ip: Uint8Array, fields: PacketFields): void {
  if (ip.length < 40 || byteAt(ip, 0) >> 4 !== 6) return;
  fields.version = 6;
  fields.source = ip.subarray(8, 24);
  fields.destination = ip.subarray(24, 40);

  let next = byteAt(ip, 6);
  let at = 40;
  let isFragment = false;
  for (let headers = 0; EXTENSION_HEADERS.includes(next); headers++) {
    if (headers === STEER_ABI.maxExtensionHeaders || ip.length < at + 8) return;
    const following = byteAt(ip, at);
    if (next === FRAGMENT) {
      const offsetAndFlags = read16(ip, at + 2);
      if (offsetAndFlags >> 3 !== 0) {
        // Behind a later fragment's header comes data, which names no further header.
        if (!EXTENSION_HEADERS.includes(following)) fields.protocol = following;
        return;
      }
      isFragment ||= (offsetAndFlags & 1) !== 0;
      at += 8;
    } else {
      at += (byteAt(ip, at + 1) + 1) * 8;
    }
    next = following;
  }
  fields.protocol = next;
  if (!isFragment) readPort(ip, at, fields);
}

function readPort(ip: Uint8Array, at: number, fields: PacketFields): void {
  if (fields.protocol !== IP_PROTOCOLS.udp && fields.protocol !== IP_PROTOCOLS.tcp) return;
  if (ip.length >= at + 4) fields.port = read16(ip, at + 2);
}

/** Callers have checked the length. */
function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number;
}

function read16(bytes: Uint8Array, offset: number): number {
  return (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
}
