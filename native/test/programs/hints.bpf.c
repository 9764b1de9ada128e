// Asks the driver for a packet's timestamp, hash and VLAN tag, which only a program bound to a device may.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum xdp_rss_hash_type { NONE };

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *context, __u64 *timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *context, __u32 *hash,
				    enum xdp_rss_hash_type *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *context, __be16 *protocol,
					__u16 *tag) __ksym;

SEC("xdp")
int afxdp_hints(struct xdp_md *context)
{
	__u64 timestamp = 0;
	__u32 hash = 0;
	enum xdp_rss_hash_type type = NONE;
	__be16 protocol = 0;
	__u16 tag = 0;

	bpf_xdp_metadata_rx_timestamp(context, &timestamp);
	bpf_xdp_metadata_rx_hash(context, &hash, &type);
	bpf_xdp_metadata_rx_vlan_tag(context, &protocol, &tag);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
