/**
 * The layout of what the program with hints writes directly before a packet, as bpf/hints.h has it; a test compiles
 * that header against these numbers. Little-endian. It ends where the packet begins, so that a field is at
 * `address - size + offset`.
 */
export const HINTS_ABI = {
  /** Offsets in `struct steer_hints`. */
  hints: {
    timestamp: 0,
    hash: 8,
    hashType: 12,
    vlanProtocol: 16,
    vlanTag: 18,
    valid: 20,
    size: 24,
  },
  /** Bits of `valid`: which of the hints the driver gave for the packet. */
  bits: { timestamp: 1, hash: 2, vlan: 4 },
  /** The other bits of `valid`, when the hints were written by one of our programs in this layout. */
  signature: 0xaf5d0100,
  signatureMask: 0xffffff00,
} as const;
