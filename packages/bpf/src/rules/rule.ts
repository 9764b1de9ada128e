import type { EtherTypeName, ProtocolName } from "./registry.js";

/**
 * Selects packets: those that have every field that the rule names, with the rule's value. A rule without fields
 * selects everything. Frozen plain data, made by `redirect`; it can be logged, compared and posted to a Worker.
 *
 * A field that a packet has not, or that is cut off in it, is met by no value.
 */
export interface Rule {
  /**
   * Id of the outer VLAN tag, 0 (a priority tag) to 4094. A tag that the network card took off the packet is
   * invisible to XDP: switch that off by `ethtool -K DEVICE rxvlan off`.
   */
  readonly vlan?: number;
  /** EtherType behind up to two VLAN tags, from 0x0600. */
  readonly etherType?: number;
  /**
   * IP protocol, 0 to 255; in IPv6 the one behind hop-by-hop, routing, fragment and destination-options headers, up
   * to six of them. All fragments of an IP packet have it, except later IPv6 fragments of a packet with
   * destination options behind the fragment header.
   */
  readonly protocol?: number;
  /**
   * Destination port, 1 to 65535; only together with the protocol UDP or TCP. IP fragments have none, not even the
   * first: matching it alone would tear the packet in two.
   */
  readonly port?: number;
  /** Prefix of the IP destination address, `"192.0.2.0/24"` or `"2001:db8::/32"`. */
  readonly destination?: string;
  /** Prefix of the IP source address. */
  readonly source?: string;
}

/** What a rule can be made from: {@link Rule} with names for numbers, and an address for the prefix of just that. */
export interface RuleFields extends Omit<Rule, "etherType" | "protocol"> {
  readonly etherType?: number | EtherTypeName;
  readonly protocol?: number | ProtocolName;
}
