// An object with one program too many.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int afxdp_first(struct xdp_md *context)
{
	return XDP_PASS;
}

SEC("xdp")
int afxdp_second(struct xdp_md *context)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
