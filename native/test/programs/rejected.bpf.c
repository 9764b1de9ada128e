// Reads the packet without looking where it ends: the verifier refuses it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int afxdp_rejected(struct xdp_md *context)
{
	return *(volatile __u8 *)(long)context->data;
}

char LICENSE[] SEC("license") = "GPL";
