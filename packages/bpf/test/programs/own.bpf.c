/* SPDX-License-Identifier: Apache-2.0 */
/* A program of a user: counts every packet, and gives it to the socket of its queue if there is one. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counter SEC(".maps");

SEC("xdp")
int own(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&counter, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}
