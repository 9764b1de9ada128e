/* SPDX-License-Identifier: Apache-2.0 */
/* Reads without a look at the packet's end, which the verifier forbids, behind enough code for a long log. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

SEC("xdp")
int rejected(struct xdp_md *ctx)
{
	__u64 sum = 0;

#pragma unroll
	for (int i = 0; i < 100; i++)
		sum += bpf_ktime_get_ns() >> i % 8;
	if (sum == 7)
		return XDP_PASS;
	return *(char *)(long)ctx->data;
}
