/**
 * The layout of the steering programs' maps, as bpf/steer.h has it; a test compiles that header against these
 * numbers. What comes from packets is in network byte order, what is for
 * the machine in its own.
 */
export const STEER_ABI = {
  maxRules: 64,
  maxSlots: 64,
  /** Sets of rules of which one is in force: `generation % banks`. */
  banks: 2,
  /** Offsets in `union steer_key`. */
  key: {
    etherType: 0,
    vlan: 2,
    port: 4,
    protocol: 6,
    has: 7,
    destination: 8,
    source: 24,
    size: 40,
  },
  /** Bits of `has`. */
  has: { etherType: 1, vlan: 2, ipv4: 4, ipv6: 8, protocol: 16, port: 32 },
  /** Offsets in `struct steer_rule`. */
  rule: { value: 0, mask: 40, used: 80, slot: 84, size: 88 },
  /** Offsets in `struct steer_config`. */
  config: { generation: 0, queues: 4, size: 8 },
  /** IPv6 extension headers that are looked through. */
  maxExtensionHeaders: 6,
  /** `refused` is in the program with hints only. */
  maps: { sockets: "xsks_map", rules: "rules", config: "config", refused: "refused" },
} as const;
