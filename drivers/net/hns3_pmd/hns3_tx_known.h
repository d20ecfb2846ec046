/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_TX_KNOWN_H
#define HNS3_TX_KNOWN_H

/*
 * BDs of packets that the page pool's library has taken into the block's spans: frames that hold
 * runs of fragments, above all. Its look at their headers has said all but their lengths. Part of
 * hns3_tx_vec.h, which has included hns3_tx_frag.h.
 */

/* Of the first of these packets, four at a time. How many; none if there are offloads. */
static __rte_always_inline uint32_t
known_fill(const struct frags *f, struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts,
		uint32_t n, const struct said *off, uint64_t *bytes)
{
#ifdef __AVX2__
	__m256i len, less, sizes = _mm256_setzero_si256();
	__m128i wa, wb, wc, wd;
	uint32_t i;

	if (off != NULL)
		return 0;
	for (i = 0; i + 4 <= n; i += 4) {
		wa = half_bd(pkts[i]);
		wb = half_bd(pkts[i + 1]);
		wc = half_bd(pkts[i + 2]);
		wd = half_bd(pkts[i + 3]);
		len = _mm256_set_m128i(_mm_unpackhi_epi64(wc, wd), _mm_unpackhi_epi64(wa, wb));
		less = _mm256_sub_epi32(len, f->len_min);
		less = _mm256_xor_si256(_mm256_min_epu32(less, f->len_most), less);
		if (unlikely(!_mm256_testz_si256(less, less)))
			break;
		sizes = _mm256_add_epi64(sizes, len);
		_mm256_storeu_si256((void *)&sw[i], _mm256_loadu_si256((const void *)&pkts[i]));
		bd_store(f, &bd[i], wa);
		bd_store(f, &bd[i + 1], wb);
		bd_store(f, &bd[i + 2], wc);
		bd_store(f, &bd[i + 3], wd);
	}
	wa = _mm_add_epi64(_mm256_castsi256_si128(sizes), _mm256_extracti128_si256(sizes, 1));
	*bytes += (_mm_cvtsi128_si64(wa) + _mm_extract_epi64(wa, 1)) >> 16;
	return i;
#else
	(void)f;
	(void)bd;
	(void)sw;
	(void)pkts;
	(void)n;
	(void)off;
	(void)bytes;
	return 0;
#endif
}

#endif /* HNS3_TX_KNOWN_H */
