/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Receive by x86 vectors, AVX-512: eight packets at a time, two BDs in a register, if all eight are
 * there and plain; otherwise four by the code of AVX2.
 */

#define VEC_EIGHT

#include "hns3_paths.h"
#include "hns3_rx_ymm.h"

/* Two packets, from their BDs. */
static __rte_always_inline void
two(const struct vec *v, const struct hns3_bd *bd, __m512i w, struct rte_mbuf **sw)
{
	const char *types = (const void *)v->types;
	__m512i f, t;

	f = _mm512_shuffle_epi8(_mm512_permutex_epi64(w, _MM_SHUFFLE(2, 1, 2, 1)),
		_mm512_broadcast_i64x4(v->fields));
	t = _mm512_castsi256_si512(_mm256_load_si256((const void *)(types +
			(bd[0].w[1] & 0xff0) * 2)));
	t = _mm512_inserti64x4(t, _mm256_load_si256((const void *)(types +
			(bd[1].w[1] & 0xff0) * 2)), 1);
	f = _mm512_ternarylogic_epi64(f, t, _mm512_broadcast_i64x4(v->base), 0xfe);
	_mm256_storeu_si256((void *)&sw[0]->rearm_data, _mm512_castsi512_si256(f));
	_mm256_storeu_si256((void *)&sw[1]->rearm_data, _mm512_extracti64x4_epi64(f, 1));
}

static __rte_always_inline bool
vec_eight(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	__m512i b0, b1, b2, b3, a, b, w1, w3, sizes, less, bad;

	if (v->hash || !vec_last_there(&bd[7]))
		return false;
	b0 = _mm512_loadu_si512(&bd[0]);
	b1 = _mm512_loadu_si512(&bd[2]);
	b2 = _mm512_loadu_si512(&bd[4]);
	b3 = _mm512_loadu_si512(&bd[6]);
	a = _mm512_unpackhi_epi64(b0, b1);
	b = _mm512_unpackhi_epi64(b2, b3);
	w1 = _mm512_shuffle_i64x2(a, b, _MM_SHUFFLE(2, 0, 2, 0));
	w3 = _mm512_shuffle_i64x2(a, b, _MM_SHUFFLE(3, 1, 3, 1));
	sizes = _mm512_srli_epi64(w1, 48);
	less = _mm512_sub_epi64(sizes, _mm512_broadcast_i64x4(v->one));
	/* (w1 >> 16 ^ w1) & lengths, w1 & w1_bad, (w3 & mask) ^ want */
	bad = _mm512_ternarylogic_epi64(_mm512_srli_epi64(w1, 16), w1,
		_mm512_broadcast_i64x4(v->lengths), 0x28);
	bad = _mm512_ternarylogic_epi64(bad, w1, _mm512_broadcast_i64x4(v->w1_bad), 0xf8);
	w3 = _mm512_ternarylogic_epi64(w3, _mm512_broadcast_i64x4(v->w3_mask),
		_mm512_broadcast_i64x4(v->w3_want), 0x6a);
	bad = _mm512_or_si512(bad, w3);
	if (unlikely((_mm512_test_epi64_mask(bad, bad) | _mm512_cmpgt_epu64_mask(less,
			_mm512_broadcast_i64x4(v->longest))) != 0))
		return false;
	v->sum = _mm256_add_epi64(v->sum, _mm256_add_epi64(_mm512_castsi512_si256(sizes),
			_mm512_extracti64x4_epi64(sizes, 1)));
	vec_ahead(sw);
	vec_ahead(sw + 4);
	_mm512_storeu_si512(pkts, _mm512_loadu_si512(sw));
	two(v, &bd[0], b0, &sw[0]);
	two(v, &bd[2], b1, &sw[2]);
	two(v, &bd[4], b2, &sw[4]);
	two(v, &bd[6], b3, &sw[6]);
	return true;
}

uint16_t
hns3_rx_burst_avx512(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return vec_burst(queue, pkts, n);
}
