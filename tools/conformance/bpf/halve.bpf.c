/* SPDX-License-Identifier: Apache-2.0 */
/* Drops the second, fourth, sixth, ... packet of the suite and delivers the others. */
#include "conformance.h"

char LICENSE[] SEC("license") = "Apache-2.0";

static __u32 seen;

SEC("xdp.frags")
int halve(struct xdp_md *ctx)
{
	if (recipient(ctx) < 0)
		return XDP_PASS;
	return seen++ % 2 ? XDP_DROP : deliver(ctx);
}
