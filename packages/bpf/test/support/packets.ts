/** What a test packet is made of; what is left out is a plain UDP packet's. */
export interface PacketParts {
  readonly tags?: readonly { readonly type: number; readonly control: number }[];
  readonly etherType?: number;
  /** Behind the Ethernet header and its tags. */
  readonly payload?: Uint8Array;
}

/** What an IPv4 packet is made of. */
export interface Ipv4Parts {
  readonly versionAndLength?: number;
  readonly options?: Uint8Array;
  /** Flags and offset, as in the header. */
  readonly fragment?: number;
  readonly protocol?: number;
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  readonly payload?: Uint8Array;
}

/** What an IPv6 packet is made of. */
export interface Ipv6Parts {
  readonly version?: number;
  readonly next?: number;
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  /** Extension headers and what they carry. */
  readonly payload?: Uint8Array;
}

export const UDP = 17;
export const TCP = 6;
export const HOP_BY_HOP = 0;
export const ROUTING = 43;
export const FRAGMENT = 44;
export const DESTINATION_OPTIONS = 60;

export const IPV4_SOURCE: readonly number[] = [192, 0, 2, 1];
export const IPV4_DESTINATION: readonly number[] = [198, 51, 100, 2];
/** 2001:db8:1::1 and 2001:db8:2::2. */
export const IPV6_SOURCE: readonly number[] = [32, 1, 13, 184, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
export const IPV6_DESTINATION: readonly number[] = [
  32, 1, 13, 184, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
];

export function bytes(...parts: readonly (number | ArrayLike<number>)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === "number" ? [part] : Array.from(part))),
  );
}

export function u16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** An Ethernet frame. */
export function ethernet({ tags = [], etherType = 0x0800, payload = ipv4() }: PacketParts = {}) {
  const addresses = bytes([2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 1]);
  const headers = tags.flatMap(({ type, control }) => [...u16(type), ...u16(control)]);
  return bytes(addresses, headers, u16(etherType), payload);
}

/** The start of a UDP or TCP header with 12 bytes more. */
export function ports(destination: number, source = 40_000): Uint8Array {
  return bytes(u16(source), u16(destination), new Uint8Array(12));
}

export function ipv4(parts: Ipv4Parts = {}): Uint8Array {
  const { options = bytes(), fragment = 0, protocol = UDP, payload = ports(9000) } = parts;
  const { source = IPV4_SOURCE, destination = IPV4_DESTINATION } = parts;
  const { versionAndLength = 0x45 + (options.length >> 2) } = parts;
  const start = bytes(versionAndLength, 0, u16(20 + options.length + payload.length), u16(1));
  return bytes(start, u16(fragment), 64, protocol, u16(0), source, destination, options, payload);
}

export function ipv6(parts: Ipv6Parts = {}): Uint8Array {
  const { version = 6, next = UDP, payload = ports(9000) } = parts;
  const { source = IPV6_SOURCE, destination = IPV6_DESTINATION } = parts;
  const start = bytes(version << 4, 0, u16(0), u16(payload.length), next, 64);
  return bytes(start, source, destination, payload);
}

/** A hop-by-hop, routing or destination-options header of 8 * (1 + units) bytes. */
export function extensionHeader(next: number, units = 0): Uint8Array {
  return bytes(next, units, new Uint8Array(6 + units * 8));
}

/** A fragment header; `offset` in units of 8 bytes. */
export function fragmentHeader(next: number, offset: number, more: boolean): Uint8Array {
  return bytes(next, 0, u16((offset << 3) | Number(more)), 0, 0, 0, 7);
}
