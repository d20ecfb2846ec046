/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_RX_X86_H
#define HNS3_RX_X86_H

/*
 * Receive by x86 vectors of 16 bytes. Loads are ordered on x86, so is what they see: once VLD
 * of the last BD of four was seen, all that is read after it is new.
 */

#include <x86intrin.h>

#include "hns3_rx_meta.h"

struct vec {
	const struct hns3_rx_type *types;
	uint64_t need;
	bool hash;       /* each packet should have one */
	__m128i base;    /* rearm, flags of each packet */
	__m128i fields;  /* shuffle: w[1], w[2] to packet type (0), lengths, VLAN (0), hash */
	__m128i one;
	__m128i longest; /* largest size of a BD, less one */
	__m128i sum;
};

struct vec_frame {
	struct vec v;
	__m128i full, full_mask; /* w[1], w[3] of each BD but the last */
	__m128i want, mask;      /* of the last */
	__m128i fields;          /* as those of v, but the mbuf has all of the packet */
	__m128i words;           /* w[1], w[2] of the last */
	uint64_t w1;
};

#include "hns3_rx_vec.h"

static __rte_always_inline void
vec_begin(const struct hns3_rxq *q, struct vec *v)
{
	v->types = q->types;
	v->need = q->need;
	v->hash = q->hash_flag != 0;
	v->base = _mm_set_epi64x(q->ol_flags | q->hash_flag, q->rearm);
	v->fields = _mm_set_epi8(11, 10, 9, 8, -1, -1, 7, 6, -1, -1, 5, 4, -1, -1, -1, -1);
	v->one = _mm_set1_epi32(1);
	v->longest = _mm_set1_epi32(q->plain_max - 1);
	v->sum = _mm_setzero_si128();
}

static __rte_always_inline uint64_t
vec_bytes(const struct vec *v)
{
	__m128i s = _mm_add_epi32(v->sum, _mm_shuffle_epi32(v->sum, 0x4e));

	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
	return (uint32_t)_mm_cvtsi128_si32(s);
}

/* Two dwords of each. */
#define PAIR(a, b, sel) _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), \
	_mm_castsi128_ps(b), sel))

/* Is a length not that of its BD, zero, or more than the buffer takes? sizes: the lengths. */
static __rte_always_inline bool
lengths_bad(const struct vec *v, __m128i f0, __m128i f1, __m128i f2, __m128i f3, __m128i *sizes)
{
	__m128i a = PAIR(f0, f1, _MM_SHUFFLE(2, 1, 2, 1)), b = PAIR(f2, f3, _MM_SHUFFLE(2, 1, 2, 1));
	__m128i pkt = PAIR(a, b, _MM_SHUFFLE(2, 0, 2, 0)), less;

	*sizes = PAIR(a, b, _MM_SHUFFLE(3, 1, 3, 1));
	less = _mm_sub_epi32(*sizes, v->one);
	/* 0 - 1 is larger than all. */
	a = _mm_xor_si128(_mm_min_epu32(less, v->longest), less);
	a = _mm_or_si128(a, _mm_xor_si128(pkt, *sizes));
	return !_mm_testz_si128(a, a);
}

static __rte_always_inline const struct hns3_rx_type *
type_of(const struct vec *v, uint64_t w1)
{
	return (const void *)((const char *)v->types + (w1 & 0xff0) * 2);
}

static __rte_always_inline void
mbuf_fill(const struct vec *v, struct rte_mbuf *m, __m128i f, uint64_t w1)
{
	const struct hns3_rx_type *t = type_of(v, w1);
	void *to = &m->rearm_data;
	const __m128i *half = (const void *)t;

	_mm_store_si128(to, _mm_or_si128(v->base, half[0]));
	_mm_store_si128((__m128i *)to + 1, _mm_or_si128(f, half[1]));
}

static __rte_always_inline enum vec_got
vec_four(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	__m128i f0, f1, f2, f3, sizes, hash;
	struct vec_words w;
	uint64_t odd;

	if (!vec_words_read(bd, &w))
		return VEC_NONE;
	f0 = _mm_shuffle_epi8(_mm_loadu_si128((const void *)&bd[0].w[1]), v->fields);
	f1 = _mm_shuffle_epi8(_mm_loadu_si128((const void *)&bd[1].w[1]), v->fields);
	f2 = _mm_shuffle_epi8(_mm_loadu_si128((const void *)&bd[2].w[1]), v->fields);
	f3 = _mm_shuffle_epi8(_mm_loadu_si128((const void *)&bd[3].w[1]), v->fields);
	if (unlikely(lengths_bad(v, f0, f1, f2, f3, &sizes)))
		return VEC_NONE;
	v->sum = _mm_add_epi32(v->sum, sizes);

	vec_ahead(sw);
	_mm_storeu_si128((void *)pkts, _mm_loadu_si128((const void *)sw));
	_mm_storeu_si128((void *)(pkts + 2), _mm_loadu_si128((const void *)(sw + 2)));
	mbuf_fill(v, sw[0], f0, w.a[0]);
	mbuf_fill(v, sw[1], f1, w.a[1]);
	mbuf_fill(v, sw[2], f2, w.a[2]);
	mbuf_fill(v, sw[3], f3, w.a[3]);

	odd = vec_words_odd(&w, v->need);
	if (v->hash) {
		hash = _mm_min_epu32(_mm_min_epu32(f0, f1), _mm_min_epu32(f2, f3));
		odd |= _mm_extract_epi32(hash, 3) == 0;
	}
	return unlikely(odd != 0) ? VEC_ODD : VEC_PLAIN;
}

/* Address before VLD, as in the path in C: two stores, not one of 32 bytes, which a CPU may
 * split as it likes.
 */
static __rte_always_inline void
bd_post(struct hns3_bd *bd, __m128i w)
{
	_mm_store_si128((__m128i *)bd, w);
	rte_compiler_barrier();
	_mm_store_si128((__m128i *)bd + 1, _mm_setzero_si128());
}

static __rte_always_inline void
vec_post(struct hns3_bd *bd, struct rte_mbuf **sw, uint64_t iova, struct rte_mbuf *m, uint32_t n,
		const struct hns3_rxq *q)
{
	const __m128i step = _mm_set_epi64x(0, q->frag_size);
	const size_t stride = q->mbuf_stride;
	__m128i m01 = _mm_set_epi64x((uintptr_t)m + stride, (uintptr_t)m);
	const __m128i two = _mm_set1_epi64x(2 * stride);
	__m128i w = _mm_set_epi64x(0, iova);
	uint32_t i;

	for (i = 0; i + 4 <= n; i += 4, bd += 4, sw += 4) {
		bd_post(&bd[0], w);
		w = _mm_add_epi64(w, step);
		bd_post(&bd[1], w);
		w = _mm_add_epi64(w, step);
		bd_post(&bd[2], w);
		w = _mm_add_epi64(w, step);
		bd_post(&bd[3], w);
		w = _mm_add_epi64(w, step);
		_mm_storeu_si128((void *)sw, m01);
		m01 = _mm_add_epi64(m01, two);
		_mm_storeu_si128((void *)(sw + 2), m01);
		m01 = _mm_add_epi64(m01, two);
	}
	m = RTE_PTR_ADD(m, i * stride);
	for (; i < n; i++, bd++, sw++) {
		bd_post(bd, w);
		w = _mm_add_epi64(w, step);
		*sw = m;
		m = RTE_PTR_ADD(m, stride);
	}
}

static __rte_always_inline void
vec_frame_begin(const struct hns3_rxq *q, struct vec_frame *f, uint32_t k)
{
	RTE_SET_USED(k);
	vec_begin(q, &f->v);
	f->full = _mm_set_epi64x(HNS3_RXW3_VLD, (uint64_t)q->bd_len << 48);
	f->full_mask = _mm_set_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE, (uint64_t)UINT16_MAX << 48);
	f->want = _mm_set_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE | q->need, 0);
	f->mask = _mm_or_si128(f->want, _mm_set_epi64x(HNS3_RXW3_ODD,
			HNS3_RXW1_ERRORS | HNS3_RXW1_ODD));
	f->fields = _mm_set_epi8(11, 10, 9, 8, -1, -1, 5, 4, -1, -1, 5, 4, -1, -1, -1, -1);
}

/* w[1], w[3] */
static __rte_always_inline __m128i
odd_words(const struct hns3_bd *bd)
{
	return _mm_unpackhi_epi64(_mm_load_si128((const void *)&bd->w[0]),
		_mm_load_si128((const void *)&bd->w[2]));
}

static __rte_always_inline bool
vec_frame_read(struct vec_frame *f, const struct hns3_bd *bd, uint32_t k)
{
	const struct hns3_bd *last = bd + k - 1;
	__m128i lo, hi, any, differ;
	uint32_t i;

	lo = _mm_load_si128((const void *)&last->w[0]);
	hi = _mm_load_si128((const void *)&last->w[2]);
	any = _mm_xor_si128(f->full, odd_words(bd));
	for (i = 1; i < k - 1; i++)
		any = _mm_or_si128(any, _mm_xor_si128(f->full, odd_words(&bd[i])));
	differ = _mm_xor_si128(_mm_and_si128(_mm_unpackhi_epi64(lo, hi), f->mask), f->want);
	differ = _mm_or_si128(_mm_and_si128(any, f->full_mask), differ);
	f->words = _mm_alignr_epi8(hi, lo, 8);
	f->w1 = _mm_cvtsi128_si64(f->words);
	return _mm_testz_si128(differ, differ);
}

static __rte_always_inline void
vec_frame_fill(const struct vec_frame *f, struct rte_mbuf *m)
{
	mbuf_fill(&f->v, m, _mm_shuffle_epi8(f->words, f->fields), f->w1);
}

#endif /* HNS3_RX_X86_H */
