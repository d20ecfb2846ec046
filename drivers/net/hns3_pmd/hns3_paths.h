/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_PATHS_H
#define HNS3_PATHS_H

/*
 * The burst functions of each instruction set.
 */

#include <stdint.h>

struct rte_mbuf;

uint16_t hns3_rx_burst_sse(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_rx_burst_avx2(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_rx_burst_avx512(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_rx_burst_neon(void *queue, struct rte_mbuf **pkts, uint16_t n);

uint16_t hns3_tx_burst_sse(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_tx_burst_avx2(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_tx_burst_avx512(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_tx_burst_neon(void *queue, struct rte_mbuf **pkts, uint16_t n);

#endif /* HNS3_PATHS_H */
