/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* mac: from the sending port's own address, to the address of its peer. */

#include "testpmd_ppool.h"

static bool
mac_burst(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[BURST_MAX];
	uint16_t n = stream_rx(fs, pkts);
	uint16_t i;

	if (n == 0)
		return false;
	for (i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);

		if (likely(i + 1 < n))
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + 1], void *));
		eth->dst_addr = fs->peer;
		eth->src_addr = fs->tx_mac;
	}
	stream_tx(fs, pkts, n);
	return true;
}

const struct fwd_engine fwd_mac = {
	.name = "mac",
	.uses_rx = true,
	.uses_tx = true,
	.burst = mac_burst,
};
