/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * As steer.bpf.c, and writes what the driver knows of a packet directly before it: hints.h. The program is bound to one
 * device, in whose driver it runs; Linux 6.3, for the VLAN tag 6.8.
 */
#include <bpf/bpf_core_read.h>

#include "hints.h"
#include "steer-program.h"

/* Kernel functions can be called by programs under the GPL only. */
char LICENSE[] SEC("license") = "GPL v2";

/* Packets that passed to the stack because there was no room for their hints. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} refused SEC(".maps");

/* As far as the program needs them; the kernel has more. */
enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };
enum xdp_rx_metadata {
	XDP_METADATA_KFUNC_RX_TIMESTAMP,
	XDP_METADATA_KFUNC_RX_HASH,
	XDP_METADATA_KFUNC_RX_VLAN_TAG,
};

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash, enum xdp_rss_hash_type *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *protocol, __u16 *tag) __ksym __weak;

static __always_inline void read_hints(struct xdp_md *ctx, struct steer_hints *hints)
{
	enum xdp_rss_hash_type type = XDP_RSS_TYPE_NONE;
	__u64 timestamp = 0;
	__be16 protocol = 0;
	__u32 hash = 0;
	__u16 tag = 0;

	hints->valid = HINTS_SIGNATURE;
	if (!bpf_xdp_metadata_rx_timestamp(ctx, &timestamp)) {
		hints->timestamp = timestamp;
		hints->valid |= HINTS_TIMESTAMP;
	}
	if (!bpf_xdp_metadata_rx_hash(ctx, &hash, &type)) {
		hints->hash = hash;
		hints->hash_type = type;
		hints->valid |= HINTS_HASH;
	}
	/* libbpf puts the answer in when it loads the program, and the verifier drops a call that cannot be reached. */
	if (bpf_core_enum_value_exists(enum xdp_rx_metadata, XDP_METADATA_KFUNC_RX_VLAN_TAG) &&
	    !bpf_xdp_metadata_rx_vlan_tag(ctx, &protocol, &tag)) {
		hints->vlan_protocol = bpf_ntohs(protocol);
		hints->vlan_tag = tag;
		hints->valid |= HINTS_VLAN;
	}
}

/* Whether there was room for the hints in front of the packet. */
static __always_inline int prepend_hints(struct xdp_md *ctx)
{
	struct steer_hints hints = {};
	struct steer_hints *place;

	read_hints(ctx, &hints);
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(hints)))
		return 0;
	place = (void *)(long)ctx->data_meta;
	if ((void *)(place + 1) > (void *)(long)ctx->data)
		return 0;
	*place = hints;
	return 1;
}

SEC("xdp.frags")
int steer_hints(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *count;

	if (steer_packet(ctx) != XDP_REDIRECT)
		return XDP_PASS;
	if (prepend_hints(ctx))
		return XDP_REDIRECT;
	/*
	 * Redirected without hints, the packet would be read with those of an earlier one, which are still in the frame.
	 * So it is left to the stack, as if there were no socket, and counted.
	 */
	count = bpf_map_lookup_elem(&refused, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return XDP_PASS;
}
