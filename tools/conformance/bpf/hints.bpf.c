/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Asks the driver for the hints of each packet and writes the answers before it. The program has to be bound to its
 * device: Linux 6.3, for the VLAN tag 6.8.
 */
#include "conformance.h"

/* Kernel functions can be called by programs under the GPL only. */
char LICENSE[] SEC("license") = "GPL v2";

struct hints {
	__s32 timestamp_error;
	__s32 hash_error;
	__s32 vlan_error;
	__u32 hash;
	__u64 timestamp;
	__be16 vlan_protocol;
	__u16 vlan_tag;
	__u32 unused;
};

enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash, enum xdp_rss_hash_type *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *protocol, __u16 *tag) __ksym;

SEC("xdp.frags")
int hints(struct xdp_md *ctx)
{
	enum xdp_rss_hash_type type = XDP_RSS_TYPE_NONE;
	struct hints answers = {};
	struct hints *place;

	if (recipient(ctx) < 0)
		return XDP_PASS;
	answers.timestamp_error = bpf_xdp_metadata_rx_timestamp(ctx, &answers.timestamp);
	answers.hash_error = bpf_xdp_metadata_rx_hash(ctx, &answers.hash, &type);
	answers.vlan_error = bpf_xdp_metadata_rx_vlan_tag(ctx, &answers.vlan_protocol, &answers.vlan_tag);
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(answers)))
		return XDP_DROP;
	place = (void *)(long)ctx->data_meta;
	if ((void *)(place + 1) > (void *)(long)ctx->data)
		return XDP_DROP;
	*place = answers;
	return deliver(ctx);
}
