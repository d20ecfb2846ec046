/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Transmit by NEON.
 *
 * What orders what: BDs become visible to the device before the doorbell (rte_write32() has a
 * barrier before its store), in whatever order among themselves. The VLD bits of sent BDs are
 * read before the buffers go back, by the fence in hns3_tx_free.c; that the device has read a
 * buffer before it clears VLD is its own affair.
 */

#include "hns3_paths.h"
#include "hns3_tx_vec.h"

uint16_t
hns3_tx_burst_neon(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return vec_send(queue, pkts, n);
}
