/* SPDX-License-Identifier: Apache-2.0 */
/* A program of a user with two sockets on one queue: experimental packets go to key 0, those of the next type to 1. */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

SEC("xdp")
int by_type(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(0x88b5))
		return bpf_redirect_map(&sockets, 0, XDP_PASS);
	if (eth->h_proto == bpf_htons(0x88b6))
		return bpf_redirect_map(&sockets, 1, XDP_PASS);
	return XDP_PASS;
}
