/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Offloads of Tx: what a BD must say, and what must be done to a packet before.
 */

#include "hns3_tx.h"

struct hns3_tx_template hns3_tx_templates[64];

void
hns3_tx_tables_init(void)
{
	static const uint64_t l4[4] = { 0, HNS3_TXW1_TCP, HNS3_TXW1_SCTP, HNS3_TXW1_UDP };
	struct hns3_tx_template *t;
	uint64_t flags;
	unsigned int i;

	for (i = 0; i < RTE_DIM(hns3_tx_templates); i++) {
		t = &hns3_tx_templates[i];
		flags = (uint64_t)i << HNS3_TX_TEMPLATE_SHIFT;
		memset(t, 0, sizeof(*t));
		if (flags & RTE_MBUF_F_TX_VLAN) {
			t->w2 = HNS3_TXW2_OVLAN;
			t->tag = UINT16_MAX;
		}
		/* The hardware wants to know the headers only of what it is to compute. */
		if ((flags & RTE_MBUF_F_TX_L4_MASK) == 0 && !((flags & RTE_MBUF_F_TX_IP_CKSUM) &&
				(flags & RTE_MBUF_F_TX_IPV4)))
			continue;
		if (flags & RTE_MBUF_F_TX_IPV4)
			t->w1 |= HNS3_TXW1_IPV4;
		else if (flags & RTE_MBUF_F_TX_IPV6)
			t->w1 |= HNS3_TXW1_IPV6;
		if ((flags & RTE_MBUF_F_TX_IP_CKSUM) && (flags & RTE_MBUF_F_TX_IPV4))
			t->w1 |= HNS3_TXW1_L3CS;
		t->lens = HNS3_TXW1_L2LEN | HNS3_TXW1_L3LEN;
		if (flags & RTE_MBUF_F_TX_L4_MASK) {
			t->w1 |= l4[i & 3] | HNS3_TXW1_L4CS;
			t->lens |= HNS3_TXW1_L4LEN;
		}
	}
}
