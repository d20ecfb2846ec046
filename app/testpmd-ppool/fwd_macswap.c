/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* macswap: back to where it came from, by exchanging the two addresses. */

#include "testpmd_ppool.h"

static bool
macswap_burst(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[BURST_MAX];
	uint16_t n = stream_rx(fs, pkts);
	uint16_t i;

	if (n == 0)
		return false;
	for (i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);
		struct rte_ether_addr dst = eth->dst_addr;

		if (likely(i + 1 < n))
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + 1], void *));
		eth->dst_addr = eth->src_addr;
		eth->src_addr = dst;
	}
	stream_tx(fs, pkts, n);
	return true;
}

const struct fwd_engine fwd_macswap = {
	.name = "macswap",
	.uses_rx = true,
	.uses_tx = true,
	.burst = macswap_burst,
};
