/* SPDX-License-Identifier: Apache-2.0 */
/* Gives every packet of a device a VLAN tag beside its bytes, as a VLAN device does: for tc's egress. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Priority 5, id 7. */
#define TAG 0xa007

char LICENSE[] SEC("license") = "Apache-2.0";

SEC("tc")
int push_vlan(struct __sk_buff *skb)
{
	return bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), TAG) ? TC_ACT_SHOT : TC_ACT_OK;
}
