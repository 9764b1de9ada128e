/** EtherTypes that rules know by name. Source: IANA, IEEE 802 Numbers. */
export const ETHER_TYPES = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;

/** A name from {@link ETHER_TYPES}. */
export type EtherTypeName = keyof typeof ETHER_TYPES;

/** IP protocols that rules know by name. Source: IANA, Assigned Internet Protocol Numbers. */
export const IP_PROTOCOLS = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** A name from {@link IP_PROTOCOLS}. */
export type ProtocolName = keyof typeof IP_PROTOCOLS;

/** EtherTypes of VLAN tags: 802.1Q and 802.1ad. */
export const VLAN_TAG_TYPES: readonly number[] = [0x8100, 0x88a8];
