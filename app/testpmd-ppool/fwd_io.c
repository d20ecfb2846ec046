/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* io: packets go on as they came. */

#include "testpmd_ppool.h"

static bool
io_burst(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[BURST_MAX];
	uint16_t n = stream_rx(fs, pkts);

	if (n == 0)
		return false;
	stream_tx(fs, pkts, n);
	return true;
}

const struct fwd_engine fwd_io = {
	.name = "io",
	.uses_rx = true,
	.uses_tx = true,
	.burst = io_burst,
};
