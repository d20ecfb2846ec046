/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* rxonly: packets are received and freed. */

#include "testpmd_ppool.h"

static bool
rxonly_burst(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[BURST_MAX];
	uint16_t n = stream_rx(fs, pkts);

	if (n == 0)
		return false;
	rte_pktmbuf_free_bulk(pkts, n);
	return true;
}

const struct fwd_engine fwd_rxonly = {
	.name = "rxonly",
	.uses_rx = true,
	.uses_tx = false,
	.burst = rxonly_burst,
};
