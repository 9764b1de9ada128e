/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What steer-hints.bpf.c writes directly before each packet that it redirects: the struct ends where the packet begins.
 * packages/bpf/src/hints/ reads it, and a test compiles this header against its offsets. Little-endian, as every
 * machine is that the programs are built for.
 */
#ifndef AFXDP_HINTS_H
#define AFXDP_HINTS_H

#include <linux/types.h>

/* Bits of steer_hints.valid: which of the hints the driver gave for this packet. The others are zero. */
#define HINTS_TIMESTAMP 1
#define HINTS_HASH 2
#define HINTS_VLAN 4
/* In the other bits of steer_hints.valid: that it was one of our programs, and which layout it wrote. */
#define HINTS_SIGNATURE_MASK 0xffffff00
#define HINTS_SIGNATURE 0xaf5d0100

struct steer_hints {
	__u64 timestamp; /* nanoseconds of the card's clock; veth, which has none, answers 0 */
	__u32 hash;
	__u32 hash_type; /* enum xdp_rss_hash_type, include/net/xdp.h */
	__u16 vlan_protocol; /* 0x8100 or 0x88a8 */
	__u16 vlan_tag;	     /* TCI: priority, drop eligibility and the 12-bit id */
	__u32 valid;
};

#endif
