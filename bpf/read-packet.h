/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Reads what rules look at from a packet's headers: its key. packages/bpf/src/rules/read-packet.ts does the same. */
#ifndef AFXDP_READ_PACKET_H
#define AFXDP_READ_PACKET_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "steer.h"

#define MAX_VLAN_TAGS 2
/*
 * Bounds the place behind all extension headers, 40 + 6 * 2048, for the verifier. A mask and not a comparison, so
 * that it need not tell apart the states in which the offset differs.
 */
#define MAX_OFFSET 0x3fff

#define VLAN_ID_MASK 0x0fff
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV6_MORE_FRAGMENTS 0x0001
#define IPV6_FRAGMENT_OFFSET 0xfff8

struct vlan_tag {
	__be16 control;
	__be16 ether_type;
};

/* The first 8 bytes of an IPv6 extension header. */
struct extension_header {
	__u8 next;
	__u8 length;	 /* in units of 8 bytes, not counting the first; not in fragment headers */
	__be16 fragment; /* in fragment headers only */
	__be32 rest;
};

struct ports {
	__be16 source;
	__be16 destination;
};

static __always_inline void read_port(void *at, void *end, union steer_key *key)
{
	struct ports *ports = at;

	if (key->protocol != IPPROTO_UDP && key->protocol != IPPROTO_TCP)
		return;
	if ((void *)(ports + 1) > end)
		return;
	key->port = ports->destination;
	key->has |= STEER_HAS_PORT;
}

static __always_inline void set_protocol(__u8 protocol, union steer_key *key)
{
	key->protocol = protocol;
	key->has |= STEER_HAS_PROTOCOL;
}

static __always_inline void read_ipv4(void *at, void *end, union steer_key *key)
{
	struct iphdr *ip = at;
	__u32 length;

	if ((void *)(ip + 1) > end)
		return;
	length = ip->ihl * 4;
	if (ip->version != 4 || length < sizeof(*ip))
		return;
	__builtin_memcpy(key->destination, &ip->daddr, 4);
	__builtin_memcpy(key->source, &ip->saddr, 4);
	key->has |= STEER_HAS_IPV4;
	set_protocol(ip->protocol, key);
	/* Only the first fragment has ports; matching it alone would tear the packet in two. */
	if (ip->frag_off & bpf_htons(IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET))
		return;
	read_port(at + length, end, key);
}

static __always_inline int is_extension_header(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_FRAGMENT ||
	       protocol == IPPROTO_DSTOPTS;
}

static __always_inline void read_ipv6(void *at, void *end, union steer_key *key)
{
	struct ipv6hdr *ip = at;
	__u32 offset = sizeof(*ip);
	__be16 more_fragments = 0;
	__u8 protocol;

	if ((void *)(ip + 1) > end || ip->version != 6)
		return;
	__builtin_memcpy(key->destination, &ip->daddr, 16);
	__builtin_memcpy(key->source, &ip->saddr, 16);
	key->has |= STEER_HAS_IPV6;
	protocol = ip->nexthdr;

#pragma clang loop unroll(disable)
	for (int i = 0; i < STEER_MAX_EXTENSION_HEADERS && is_extension_header(protocol); i++) {
		struct extension_header *header = at + (offset & MAX_OFFSET);

		if ((void *)(header + 1) > end)
			return;
		if (protocol != IPPROTO_FRAGMENT) {
			offset += (header->length + 1) * 8;
		} else {
			/* Behind a later fragment's header comes data, which names no further header. */
			if (header->fragment & bpf_htons(IPV6_FRAGMENT_OFFSET)) {
				if (!is_extension_header(header->next))
					set_protocol(header->next, key);
				return;
			}
			more_fragments |= header->fragment & bpf_htons(IPV6_MORE_FRAGMENTS);
			offset += sizeof(*header);
		}
		protocol = header->next;
	}
	if (is_extension_header(protocol))
		return;
	set_protocol(protocol, key);
	if (!more_fragments)
		read_port(at + (offset & MAX_OFFSET), end, key);
}

static __always_inline void read_packet(void *at, void *end, union steer_key *key)
{
	struct ethhdr *ethernet = at;
	__be16 ether_type;

	if ((void *)(ethernet + 1) > end)
		return;
	ether_type = ethernet->h_proto;
	at = ethernet + 1;

#pragma unroll
	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		struct vlan_tag *tag = at;

		if (ether_type != bpf_htons(ETH_P_8021Q) && ether_type != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return;
		if (i == 0) {
			key->vlan = tag->control & bpf_htons(VLAN_ID_MASK);
			key->has |= STEER_HAS_VLAN;
		}
		ether_type = tag->ether_type;
		at = tag + 1;
	}

	key->ether_type = ether_type;
	key->has |= STEER_HAS_ETHER_TYPE;
	if (ether_type == bpf_htons(ETH_P_IP))
		read_ipv4(at, end, key);
	else if (ether_type == bpf_htons(ETH_P_IPV6))
		read_ipv6(at, end, key);
}

#endif
