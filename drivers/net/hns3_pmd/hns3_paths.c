/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Which burst functions there are, and which of them runs here.
 */

#include <rte_cpuflags.h>
#include <rte_vect.h>

#include "hns3_paths.h"
#include "hns3_rxtx.h"

static bool
always(void)
{
	return true;
}

static __rte_unused bool
simd128(void)
{
	return rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_128;
}

#ifdef RTE_ARCH_X86_64
static bool
sse_usable(void)
{
	return simd128() && rte_cpu_get_flag_enabled(RTE_CPUFLAG_SSE4_2) > 0;
}
#endif

#ifdef RTE_ARCH_ARM64
static bool
neon_usable(void)
{
	return simd128() && rte_cpu_get_flag_enabled(RTE_CPUFLAG_NEON) > 0;
}
#endif

#ifdef HNS3_AVX2
static bool
avx2_usable(void)
{
	return rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_256 &&
		rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) > 0;
}
#endif

#ifdef HNS3_AVX512
static bool
avx512_usable(void)
{
	static const enum rte_cpu_flag_t flags[] = { RTE_CPUFLAG_AVX512F, RTE_CPUFLAG_AVX512BW,
		RTE_CPUFLAG_AVX512DQ, RTE_CPUFLAG_AVX512VL };
	unsigned int i;

	if (rte_vect_get_max_simd_bitwidth() < RTE_VECT_SIMD_512)
		return false;
	for (i = 0; i < RTE_DIM(flags); i++)
		if (rte_cpu_get_flag_enabled(flags[i]) <= 0)
			return false;
	return true;
}
#endif

const struct hns3_path hns3_paths[] = {
	{ "Scalar", "Scalar", hns3_rx_burst, hns3_tx_burst, always },
#ifdef RTE_ARCH_X86_64
	{ "Vector SSE", "Vector SSE", hns3_rx_burst_sse, hns3_tx_burst_sse, sse_usable },
#endif
#ifdef RTE_ARCH_ARM64
	{ "Vector NEON", "Vector NEON", hns3_rx_burst_neon, hns3_tx_burst_neon, neon_usable },
#endif
#ifdef HNS3_AVX2
	{ "Vector AVX2", "Vector AVX2", hns3_rx_burst_avx2, hns3_tx_burst_avx2, avx2_usable },
#endif
#ifdef HNS3_AVX512
	{ "Vector AVX512", "Vector AVX512", hns3_rx_burst_avx512, hns3_tx_burst_avx512,
		avx512_usable },
#endif
};
const unsigned int hns3_nb_paths = RTE_DIM(hns3_paths);

const struct hns3_path *
hns3_path_best(void)
{
	unsigned int i = hns3_nb_paths - 1;

	while (i > 0 && !hns3_paths[i].usable())
		i--;
	return &hns3_paths[i];
}
