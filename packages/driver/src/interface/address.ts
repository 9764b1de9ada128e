import { isIPv4, isIPv6 } from "node:net";

/** The bytes of an IP address in network order, 4 or 16; nothing when it is not one of that version. No zones. */
export function addressBytes(text: unknown, version: 4 | 6): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  if (version === 4) return isIPv4(text) ? Uint8Array.from(text.split("."), Number) : undefined;
  return isIPv6(text) && !text.includes("%") ? ipv6Bytes(text) : undefined;
}

/** The bytes of an IPv6 address that is known to be well-formed. */
function ipv6Bytes(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const front = groupBytes(head);
  const back = groupBytes(tail ?? "");
  const bytes = new Uint8Array(16);
  bytes.set(front, 0);
  bytes.set(back, 16 - back.length);
  return bytes;
}

function groupBytes(groups: string): number[] {
  if (groups === "") return [];
  return groups.split(":").flatMap((group) => {
    // The last two groups may be written as an IPv4 address: "::ffff:192.0.2.1".
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
}

/** The bytes of a MAC address, `"02:00:00:00:00:0a"`; nothing when it is not one. */
export function macBytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string" || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(":"), (byte) => Number.parseInt(byte, 16));
}
