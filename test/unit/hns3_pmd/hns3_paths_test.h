/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_PATHS_TEST_H
#define HNS3_PATHS_TEST_H

/*
 * What the tests share that compare all paths of the driver: random numbers, which a seed
 * repeats, and the paths that this CPU has, also those that EAL leaves out by default.
 */

#include "hns3_test.h"

#include <inttypes.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_vect.h>

#include "hns3_rxtx.h"

#define PATHS_MAX 8u

static uint64_t seed;

static inline uint32_t
rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % n;
}

static inline int
paths_init(void)
{
	const char *s = getenv("HNS3_TEST_SEED");
	unsigned int i;

	seed = s != NULL ? strtoull(s, NULL, 0) : UINT64_C(0x9e3779b97f4a7c15);
	print_message("HNS3_TEST_SEED=%#" PRIx64 "\n", seed);
	if (hns3_nb_paths > PATHS_MAX || test_eal_init() != 0 ||
			rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_512) != 0)
		return -1;
	for (i = 0; i < hns3_nb_paths; i++)
		print_message("%s, %s: %s\n", hns3_paths[i].rx_name, hns3_paths[i].tx_name,
			hns3_paths[i].usable() ? "compared" : "not on this machine");
	return 0;
}

#endif /* HNS3_PATHS_TEST_H */
