/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Transmit by x86 vectors, AVX-512. */

#include "hns3_paths.h"
#include "hns3_tx_vec.h"

uint16_t
hns3_tx_burst_avx512(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return vec_send(queue, pkts, n);
}
