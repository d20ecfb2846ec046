/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_RX_YMM_FRAMES_H
#define HNS3_RX_YMM_FRAMES_H

/*
 * Frames of several BDs by x86 vectors of 32 bytes: those of a linear queue that have as many BDs
 * as the one before, and lie in one page within their own fragments. Any other is left to
 * hns3_rx_frame.c, which says what is done here. Part of hns3_rx_ymm.h.
 */

/* x | (a ^ b) */
static __rte_always_inline __m256i
or_xor(__m256i x, __m256i a, __m256i b)
{
#ifdef __AVX512VL__
	return _mm256_ternarylogic_epi64(x, a, b, 0xf6);
#else
	return _mm256_or_si256(x, _mm256_xor_si256(a, b));
#endif
}

/* k is a constant for the compiler, where frames are of few BDs. How many were taken. */
static __rte_always_inline uint32_t
frames_take(struct hns3_rxq *q, struct rte_mbuf **pkts, uint32_t n, const uint32_t k)
{
	const uint32_t before = (k - 1) * q->bd_len, room = q->frag_size - RTE_PKTMBUF_HEADROOM;
	const size_t dist = (size_t)(k - 1) * q->mbuf_stride;
	const uint32_t ahead = k + RTE_MIN(2 * k, HNS3_RX_PAD - 1);
	const __m256i full = _mm256_set_epi64x(HNS3_RXW3_VLD, 0, (uint64_t)q->bd_len << 48, 0);
	const __m256i full_mask = _mm256_set_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE, 0,
		(uint64_t)UINT16_MAX << 48, 0);
	const __m256i want = _mm256_set_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE | q->need, 0, 0, 0);
	const __m256i mask = _mm256_or_si256(want, _mm256_set_epi64x(HNS3_RXW3_ODD, 0,
			HNS3_RXW1_ERRORS | HNS3_RXW1_ODD, 0));
	/* As v->fields, but the mbuf has all of the packet, and not just the last BD's part. */
	const __m256i fields = _mm256_set_epi8(11, 10, 9, 8, -1, -1, 5, 4, -1, -1, 5, 4, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
	const struct hns3_bd *bd = &q->ring[q->next], *last;
	struct rte_mbuf **sw = &q->sw[q->next], *m;
	uint32_t done, size, len, i;
	__m256i b, any, differ;
	uint64_t w1, bytes = 0;
	struct vec v;

	vec_begin(q, &v);
	for (done = 0; done < n; bd += k, sw += k) {
		last = bd + k - 1;
		/* The device writes in order: the last of them first. */
		if ((__atomic_load_n(&last->w[3], __ATOMIC_ACQUIRE) & HNS3_RXW3_VLD) == 0)
			break;
		b = _mm256_load_si256((const void *)last);
		any = _mm256_xor_si256(full, _mm256_load_si256((const void *)bd));
		for (i = 1; i < k - 1; i++)
			any = or_xor(any, full, _mm256_load_si256((const void *)&bd[i]));
		differ = _mm256_xor_si256(_mm256_and_si256(b, mask), want);
		differ = and_or(any, full_mask, differ);
		w1 = _mm_extract_epi64(_mm256_castsi256_si128(b), 1);
		size = w1 >> 48;
		len = (uint16_t)(w1 >> 32);
		m = sw[0];
		if (unlikely(!_mm256_testz_si256(differ, differ)) || unlikely(size - 1 >= room) ||
				unlikely(len != before + size) ||
				unlikely(sw[k - 1] != RTE_PTR_ADD(m, dist)))
			break;
		hns3_prefetch_write(sw[ahead]);
		bytes += len;
		b = _mm256_permute4x64_epi64(b, _MM_SHUFFLE(2, 1, 2, 1));
		mbuf_fill(&v, m, _mm256_shuffle_epi8(b, fields), w1);
		pkts[done++] = m;
		if (v.hash && unlikely(HNS3_RXW2_HASH(last->w[2]) == 0))
			hns3_rx_fix(q, last, &pkts[done - 1], 1);
	}
	q->stats.bytes += bytes;
	return done;
}

/* The pages that so many BDs from the next one on lie in. */
static __rte_always_inline void
pages_ahead(const struct hns3_rxq *q, uint32_t bds)
{
	uint32_t i;

	for (i = 0; i < bds; i += q->page_frags)
		rte_ppool_run_ahead(q->pool, q->sw[q->next + i]);
}

static __rte_noinline uint16_t
vec_frames(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n)
{
	const uint32_t k = q->frame.usual;
	uint16_t held[HNS3_RX_MANY];
	uint32_t done, bound, i;

	if (k < 2)
		return 0;
	/* Up to the end of the ring, or of what is posted. */
	n = RTE_MIN(n, HNS3_RX_MANY);
	n = RTE_MIN(n, RTE_MIN(q->nb_desc - q->next, q->nb_desc - q->hold) / k);
	pages_ahead(q, n * k);
	switch (k) {
	case 2:
		done = frames_take(q, pkts, n, 2);
		break;
	case 3:
		done = frames_take(q, pkts, n, 3);
		break;
	case 4:
		done = frames_take(q, pkts, n, 4);
		break;
	case 5:
		done = frames_take(q, pkts, n, 5);
		break;
	default:
		done = frames_take(q, pkts, n, k);
	}
	if (done == 0)
		return 0;
	for (i = 0; i < done; i += 16)
		_mm256_storeu_si256((void *)&held[i], _mm256_set1_epi16(k));
	bound = hns3_rx_bind_many(q, pkts, held, done);
	/* What could not be bound is not taken. */
	while (unlikely(done > bound))
		q->stats.bytes -= pkts[--done]->pkt_len;
	q->hold += done * k;
	q->next += done * k;
	if (q->next == q->nb_desc)
		q->next = 0;
	q->stats.packets += done;
	q->stats.linear += done;
	return done;
}
_Static_assert(HNS3_RX_MANY % 16 == 0, "so many are written at a time");

#endif /* HNS3_RX_YMM_FRAMES_H */
