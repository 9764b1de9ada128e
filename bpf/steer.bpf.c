/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redirects the packets that any rule selects to the AF_XDP socket of the rule's slot on their receive queue, and lets
 * all others, and those without such a socket, pass to the kernel's stack.
 */
#include "steer-program.h"

char LICENSE[] SEC("license") = "Apache-2.0";

SEC("xdp.frags")
int steer(struct xdp_md *ctx)
{
	return steer_packet(ctx);
}
