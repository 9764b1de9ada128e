/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a packet to the first or second socket of the queue: half of the last byte of its destination says which. */
#include "conformance.h"

char LICENSE[] SEC("license") = "Apache-2.0";

#define SOCKETS 2

SEC("xdp.frags")
int share(struct xdp_md *ctx)
{
	int to = recipient(ctx);

	if (to < 0)
		return XDP_PASS;
	if (to / 2 >= SOCKETS)
		return XDP_DROP;
	return bpf_redirect_map(&sockets, to / 2, XDP_DROP);
}
