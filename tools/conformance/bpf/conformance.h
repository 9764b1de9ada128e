/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs of the conformance suite share. A packet is the suite's when its destination begins with the
 * five bytes of src/traffic/payload.ts; all others pass to the kernel's stack.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_helpers.h>

/* Entry n is the socket of queue n, or in share.bpf.c the n-th socket of one queue. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

/* The last byte of the destination when the packet is the suite's, -1 otherwise. */
static __always_inline int recipient(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;

	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return -1;
	if (ethernet->h_dest[0] != 0x02 || ethernet->h_dest[1] != 0x61 || ethernet->h_dest[2] != 0x66 ||
	    ethernet->h_dest[3] != 0x78 || ethernet->h_dest[4] != 0x64)
		return -1;
	return ethernet->h_dest[5];
}

/* Hands a packet to the socket of its queue. */
static __always_inline int deliver(struct xdp_md *ctx)
{
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP);
}

#endif
