// Goes a long way, without a branch, to what the verifier refuses: its log has thousands of lines.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int afxdp_tedious(struct xdp_md *context)
{
	volatile __u64 sum = context->ingress_ifindex;

#pragma unroll
	for (int i = 0; i < 2000; i++)
		sum += i;
	return *(volatile __u8 *)(long)context->data + (int)sum;
}

char LICENSE[] SEC("license") = "GPL";
