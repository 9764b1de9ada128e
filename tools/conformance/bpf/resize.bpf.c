/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes each packet longer or shorter by as many bytes as user space says, and delivers those for which that
 * worked. How it went for all is counted.
 */
#include "conformance.h"

struct resize_state {
	__s32 bytes;	     /* set by user space */
	__s32 last_error;    /* of bpf_xdp_adjust_tail, negative */
	__u32 resized;	     /* packets delivered */
	__u32 refused;	     /* packets dropped because the helper refused them */
	__u32 wrong_length;  /* packets dropped because the helper did something else than it said */
	__u32 unused;
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
	int error;

	if (recipient(ctx) < 0)
		return XDP_PASS;
	if (!own)
		return XDP_DROP;
	before = bpf_xdp_get_buff_len(ctx);
	error = bpf_xdp_adjust_tail(ctx, own->bytes);
	if (error) {
		own->last_error = error;
		own->refused++;
		return XDP_DROP;
	}
	if (bpf_xdp_get_buff_len(ctx) != before + own->bytes) {
		own->wrong_length++;
		return XDP_DROP;
	}
	own->resized++;
	return deliver(ctx);
}
