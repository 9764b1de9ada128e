// Gives a packet of the experimental EtherType to the socket at the place that its first byte behind the header names.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define HEADER 14
#define EXPERIMENTAL 0x88b5

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

SEC("xdp.frags")
int by_mark(struct xdp_md *context)
{
	unsigned char *data = (unsigned char *)(long)context->data;
	unsigned char *end = (unsigned char *)(long)context->data_end;

	if (data + HEADER + 1 > end)
		return XDP_PASS;
	if (*(__u16 *)(data + HEADER - 2) != bpf_htons(EXPERIMENTAL))
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, data[HEADER], XDP_PASS);
}

char LICENSE[] SEC("license") = "GPL";
