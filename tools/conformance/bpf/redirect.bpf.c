/* SPDX-License-Identifier: Apache-2.0 */
/* Hands every packet of the suite to the socket of its queue. */
#include "conformance.h"

char LICENSE[] SEC("license") = "Apache-2.0";

SEC("xdp.frags")
int redirect(struct xdp_md *ctx)
{
	return recipient(ctx) < 0 ? XDP_PASS : deliver(ctx);
}
