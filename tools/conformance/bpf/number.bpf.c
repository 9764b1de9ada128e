/* SPDX-License-Identifier: Apache-2.0 */
/* Writes how many packets came before this one into 32 bytes of metadata in front of it, and delivers it. */
#include "conformance.h"

char LICENSE[] SEC("license") = "Apache-2.0";

#define METADATA_SIZE 32

static __u64 seen;

SEC("xdp.frags")
int number(struct xdp_md *ctx)
{
	__u64 *metadata;

	if (recipient(ctx) < 0)
		return XDP_PASS;
	if (bpf_xdp_adjust_meta(ctx, -METADATA_SIZE))
		return XDP_DROP;
	metadata = (void *)(long)ctx->data_meta;
	if ((void *)metadata + METADATA_SIZE > (void *)(long)ctx->data)
		return XDP_DROP;
	metadata[0] = seen++;
	return deliver(ctx);
}
