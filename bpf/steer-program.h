/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The steering that all of our programs share: reads a packet's headers and redirects the packet by the first rule
 * that selects it and whose slot has a socket on the packet's queue. Reads headers only, so it is fit for packets of
 * several buffers: section xdp.frags, Linux 5.18. A program includes this once.
 */
#ifndef AFXDP_STEER_PROGRAM_H
#define AFXDP_STEER_PROGRAM_H

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "read-packet.h"
#include "steer.h"

/* If the rules are switched while a packet is compared with them, how often to begin again. */
#define MAX_ATTEMPTS 4

/* The loader gives it an entry for each queue of each slot: the key is slot * queues + queue. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, STEER_BANKS * STEER_MAX_RULES);
	__type(key, __u32);
	__type(value, struct steer_rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct steer_config);
} config SEC(".maps");

/*
 * Tries the rules in their order. One that selects the packet, but whose slot has no socket on this queue, is passed
 * over: for it bpf_redirect_map() gives the fallback action.
 */
static __always_inline int redirect_by_rules(__u32 bank, const union steer_key *key, __u32 queue, __u32 queues)
{
	for (__u32 i = 0; i < STEER_MAX_RULES; i++) {
		__u32 index = bank * STEER_MAX_RULES + i;
		struct steer_rule *rule = bpf_map_lookup_elem(&rules, &index);
		__u64 differs = 0;

		if (!rule || !rule->used)
			break;
#pragma unroll
		for (int word = 0; word < STEER_KEY_WORDS; word++)
			differs |= (key->words[word] ^ rule->value.words[word]) & rule->mask.words[word];
		if (!differs && bpf_redirect_map(&xsks_map, rule->slot * queues + queue, XDP_PASS) == XDP_REDIRECT)
			return XDP_REDIRECT;
	}
	return XDP_PASS;
}

/* XDP_REDIRECT, with the redirection prepared, or XDP_PASS. */
static __always_inline int steer_packet(struct xdp_md *ctx)
{
	union steer_key key = {};
	__u32 zero = 0;
	__u32 queue = ctx->rx_queue_index;
	struct steer_config *current = bpf_map_lookup_elem(&config, &zero);
	int action = XDP_PASS;

	/* A queue beyond those that the program was loaded for would find the entry of another slot. */
	if (!current || queue >= current->queues)
		return XDP_PASS;
	read_packet((void *)(long)ctx->data, (void *)(long)ctx->data_end, &key);

	/*
	 * Keeps the key in memory, of which the verifier need not tell the states apart. In registers it would walk the
	 * rules once for each combination of fields that a packet can have: ten times the complexity.
	 */
	asm volatile("" : : "r"(&key) : "memory");

	/*
	 * Nothing waits for running programs between two switches, so a bank may be rewritten under a slow reader.
	 * An unchanged generation proves that it was not: in the order in which x86 loads, and elsewhere as long as two
	 * switches take longer than one load.
	 */
	for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		__u32 generation = *(volatile __u32 *)&current->generation;

		action = redirect_by_rules(generation % STEER_BANKS, &key, queue, current->queues);
		if (*(volatile __u32 *)&current->generation == generation)
			break;
	}
	return action;
}

#endif
