/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Gives every packet that the stack sends VLAN tag 5, beside its bytes. For tc, at the sending end of a lab. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TAG 5

char LICENSE[] SEC("license") = "GPL v2";

SEC("tc")
int tag(struct __sk_buff *skb)
{
	return bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), TAG) ? TC_ACT_SHOT : TC_ACT_OK;
}
