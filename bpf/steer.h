/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What the programs and the code that fills its maps have in common. packages/bpf/src/rules/ writes and evaluates
 * these structs, and a test compiles this header against its offsets.
 *
 * Every field wider than a byte that comes from a packet is in network byte order, on both sides, so that the
 * program swaps nothing and the layout does not depend on the machine. Fields for the machine are in its order.
 */
#ifndef AFXDP_STEER_H
#define AFXDP_STEER_H

#include <linux/types.h>

#define STEER_MAX_RULES 64
#define STEER_BANKS 2
/* RFC 8200 section 4.1 recommends at most five of those that are looked through. */
#define STEER_MAX_EXTENSION_HEADERS 6

/* Bits of steer_key.has: which of the packet's other fields could be read. */
#define STEER_HAS_ETHER_TYPE 1
#define STEER_HAS_VLAN 2
#define STEER_HAS_IPV4 4
#define STEER_HAS_IPV6 8
#define STEER_HAS_PROTOCOL 16
#define STEER_HAS_PORT 32

#define STEER_KEY_WORDS 5

/* What rules look at in a packet. A field that the packet has not, or that is cut off, is zero and not in `has`. */
union steer_key {
	struct {
		__be16 ether_type; /* behind the VLAN tags */
		__be16 vlan;	   /* 12-bit id of the outer tag */
		__be16 port;	   /* UDP or TCP destination */
		__u8 protocol;	   /* behind IPv6 extension headers */
		__u8 has;
		__u8 destination[16]; /* IPv4 in the first four bytes */
		__u8 source[16];
	};
	__u64 words[STEER_KEY_WORDS];
};

/*
 * A slot is a socket on each queue, at most: several sockets of one queue are in different slots. Rules are tried in
 * their order, which is that of the slots.
 */
#define STEER_MAX_SLOTS STEER_MAX_RULES

/* Selects the packets whose key equals `value` in every bit that is set in `mask`; an empty mask selects all. */
struct steer_rule {
	union steer_key value;
	union steer_key mask;
	__u32 used; /* 0 ends the list */
	__u32 slot; /* of the sockets that the packets go to */
};

/*
 * The rules in force are those of bank `generation % STEER_BANKS`; the other bank can be rewritten at leisure, and
 * adding one to the generation puts it in force. Only its lowest bit chooses, so a generation that is read while it
 * is being written still names one of the two.
 */
struct steer_config {
	__u32 generation;
	__u32 queues; /* of each slot; never changes */
};

#endif
