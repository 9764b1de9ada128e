// A program of another type than XDP.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int afxdp_classifier(struct __sk_buff *packet)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
