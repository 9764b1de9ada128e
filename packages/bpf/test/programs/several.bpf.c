/* SPDX-License-Identifier: Apache-2.0 */
/* Two programs and two XSKMAPs, of which only a name tells which is meant. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} even SEC(".maps"), odd SEC(".maps");

SEC("xdp.frags")
int by_length(struct xdp_md *ctx)
{
	if ((ctx->data_end - ctx->data) & 1)
		return bpf_redirect_map(&odd, ctx->rx_queue_index, XDP_PASS);
	return bpf_redirect_map(&even, ctx->rx_queue_index, XDP_PASS);
}

SEC("xdp.frags")
int only_even(struct xdp_md *ctx)
{
	return bpf_redirect_map(&even, ctx->rx_queue_index, XDP_PASS);
}
