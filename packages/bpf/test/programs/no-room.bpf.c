/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends every packet of one length on to the device in the map, grown at its front until hardly any room is left
 * before it: the next program has none for hints.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

#define LENGTH 100
/* Of the 256 bytes before a packet the kernel keeps its struct xdp_frame, 40 bytes, to itself. */
#define GROWTH 208

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} out SEC(".maps");

SEC("xdp.frags")
int no_room(struct xdp_md *ctx)
{
	void *data, *end;
	int i;

	if (ctx->data_end - ctx->data != LENGTH)
		return XDP_PASS;
	if (bpf_xdp_adjust_head(ctx, -GROWTH))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + GROWTH + 14 > end)
		return XDP_ABORTED;
	/* The Ethernet header goes to the new front. */
	for (i = 0; i < 14; i++)
		((volatile char *)data)[i] = ((volatile char *)data)[i + GROWTH];
	return bpf_redirect_map(&out, 0, XDP_ABORTED);
}
