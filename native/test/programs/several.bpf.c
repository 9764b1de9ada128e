// Three programs: one of them is for another hook, and one the verifier refuses.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} afxdp_pinned SEC(".maps");

SEC("xdp")
int afxdp_good(struct xdp_md *context)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&afxdp_pinned, &zero) ? XDP_DROP : XDP_PASS;
}

SEC("xdp.frags")
int afxdp_refused(struct xdp_md *context)
{
	return *(volatile __u8 *)(long)context->data;
}

SEC("tc")
int afxdp_other(struct __sk_buff *packet)
{
	return 0;
}

SEC("xdp/devmap")
int afxdp_devmap(struct xdp_md *context)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
