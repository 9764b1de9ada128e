/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An XDP program of one's own: counts all packets and gives every second UDP datagram over IPv4 to the socket of its
 * queue. The rest goes on to the kernel's stack.
 * Build: clang -O2 -g -target bpf -c own-program.bpf.c -o own-program.o
 */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64); /* queues */
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2); /* all packets, UDP datagrams */
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static __u64 count(__u32 what)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &what);

	return value ? __sync_fetch_and_add(value, 1) : 0;
}

SEC("xdp")
int sample(struct xdp_md *ctx)
{
	__u8 *packet = (void *)(long)ctx->data;

	count(0);
	if (packet + 24 > (__u8 *)(long)ctx->data_end)
		return XDP_PASS;
	if (*(__u16 *)(packet + 12) != bpf_htons(0x0800) || packet[23] != 17)
		return XDP_PASS;
	if (count(1) % 2 != 0)
		return XDP_PASS;
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}
