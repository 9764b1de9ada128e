import ipaddr from "ipaddr.js";
import { ruleError } from "./rule-error.js";

/** A parsed address prefix. */
export interface Prefix {
  readonly version: 4 | 6;
  /** The network's address, 4 or 16 bytes, zero behind the prefix. */
  readonly bytes: readonly number[];
  /** Leading bits that count, 0 to 32 or 128. */
  readonly length: number;
  /** The same in the usual notation, `"192.0.2.0/24"` or, by RFC 5952, `"2001:db8::/32"`. */
  readonly text: string;
}

/**
 * Reads `"192.0.2.0/24"`, `"2001:db8::/32"`, or an address alone, which means just that one. Four decimal parts, no
 * zones. Bits behind the prefix must be zero, because `10.0.0.1/8` can be meant in two ways.
 *
 * @param field the rule's field, for the error
 * @throws XdpError ERR_XDP_RULE
 */
export function parsePrefix(field: string, text: unknown): Prefix {
  if (typeof text !== "string") throw ruleError(field, text, "not a string");
  const parsed = parse(text);
  if (parsed === undefined) {
    throw ruleError(
      field,
      text,
      "not an IPv4 or IPv6 address or prefix",
      'Write it like "192.0.2.0/24" or "2001:db8::/32".',
    );
  }
  const [address, length] = parsed;
  const version = address.kind() === "ipv4" ? 4 : 6;
  const given = address.toByteArray();
  const bytes = given.map((byte, index) => byte & byteMask(length, index));
  const network = `${ipaddr.fromByteArray(bytes).toString()}/${length}`;
  if (bytes.some((byte, index) => byte !== given[index])) {
    throw ruleError(
      field,
      text,
      `bits are set behind the first ${length}`,
      `Write "${network}" for the network or "${address.toString()}" for the address.`,
    );
  }
  return { version, bytes, length, text: network };
}

/** The bits that a prefix of `length` bits has in byte `index` of an address. */
export function byteMask(length: number, index: number): number {
  const bits = Math.min(Math.max(length - index * 8, 0), 8);
  return (0xff << (8 - bits)) & 0xff;
}

type Address = ReturnType<typeof ipaddr.parse>;

function parse(text: string): readonly [Address, number] | undefined {
  const version = text.includes(":") ? 6 : 4;
  const cidr = text.includes("/") ? text : `${text}/${version === 4 ? 32 : 128}`;
  if (version === 4) {
    return ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr) ? ipaddr.IPv4.parseCIDR(cidr) : undefined;
  }
  return !cidr.includes("%") && ipaddr.IPv6.isValidCIDR(cidr)
    ? ipaddr.IPv6.parseCIDR(cidr)
    : undefined;
}
