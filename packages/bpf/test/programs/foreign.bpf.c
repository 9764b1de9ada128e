/* SPDX-License-Identifier: Apache-2.0 */
/* Passes everything, has no maps, and cannot have packets of several buffers. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

SEC("xdp")
int foreign(struct xdp_md *ctx)
{
	return XDP_PASS;
}
