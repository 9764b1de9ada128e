/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes each packet longer or shorter by as many bytes as user space says, and delivers those for which that worked.
 * How it went for each is noted.
 */
#include "conformance.h"

char LICENSE[] SEC("license") = "Apache-2.0";

#define PACKETS 64
#define WRONG_LENGTH 1

struct resize_state {
	__s32 bytes;	       /* set by user space */
	__u32 seen;	       /* packets so far */
	__s32 result[PACKETS]; /* of bpf_xdp_adjust_tail, or WRONG_LENGTH */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct resize_state);
} state SEC(".maps");

SEC("xdp.frags")
int resize(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct resize_state *own = bpf_map_lookup_elem(&state, &zero);
	__u64 before;
	__u32 packet;
	int result;

	if (recipient(ctx) < 0)
		return XDP_PASS;
	if (!own)
		return XDP_DROP;
	packet = own->seen++;
	if (packet >= PACKETS)
		return XDP_DROP;
	before = bpf_xdp_get_buff_len(ctx);
	result = bpf_xdp_adjust_tail(ctx, own->bytes);
	if (result == 0 && bpf_xdp_get_buff_len(ctx) != before + own->bytes)
		result = WRONG_LENGTH;
	own->result[packet] = result;
	return result == 0 ? deliver(ctx) : XDP_DROP;
}
