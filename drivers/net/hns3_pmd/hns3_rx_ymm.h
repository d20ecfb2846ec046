/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_RX_YMM_H
#define HNS3_RX_YMM_H

/*
 * Receive by x86 vectors of 32 bytes, as long as a BD, and as what a packet brings to its mbuf.
 * Compiled for AVX2, and for AVX-512, whose VL part does more to them in one instruction.
 *
 * Loads are ordered on x86, so is what they see: once VLD of the last BD of four was seen, all
 * that is read after it is new.
 */

#include <immintrin.h>

#include "hns3_rx_meta.h"

struct vec {
	const struct hns3_rx_type *types;
	bool hash;       /* each packet should have one */
	__m256i base;    /* rearm, flags of each packet */
	__m256i fields;  /* shuffle: w[1], w[2] to packet type (0), lengths, VLAN (0), hash */
	__m256i w1_bad;  /* what a plain packet has not */
	__m256i w3_mask, w3_want;
	__m256i lengths; /* where the two lengths are, shifted onto each other */
	__m256i one;
	__m256i longest; /* largest size of a BD, less one */
	__m256i sum;
};

struct vec_frame {
	struct vec v;
	__m256i full, full_mask; /* what each BD but the last is to have */
	__m256i want, mask;      /* the last */
	__m256i fields;          /* as those of v, but the mbuf has all of the packet */
	__m256i last;
	uint64_t w1;
};

#include "hns3_rx_vec.h"

static __rte_always_inline void
vec_begin(const struct hns3_rxq *q, struct vec *v)
{
	v->types = q->types;
	v->hash = q->hash_flag != 0;
	v->base = _mm256_set_epi64x(0, 0, q->ol_flags | q->hash_flag, q->rearm);
	v->fields = _mm256_set_epi8(11, 10, 9, 8, -1, -1, 7, 6, -1, -1, 5, 4, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
	v->w1_bad = _mm256_set1_epi64x(HNS3_RXW1_ERRORS | HNS3_RXW1_ODD);
	v->w3_want = _mm256_set1_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE | q->need);
	v->w3_mask = _mm256_or_si256(v->w3_want, _mm256_set1_epi64x(HNS3_RXW3_ODD));
	v->lengths = _mm256_set1_epi64x(0xffffull << 32);
	v->one = _mm256_set1_epi64x(1);
	v->longest = _mm256_set1_epi64x(q->plain_max - 1);
	v->sum = _mm256_setzero_si256();
}

static __rte_always_inline uint64_t
vec_bytes(const struct vec *v)
{
	__m128i s = _mm_add_epi64(_mm256_castsi256_si128(v->sum),
		_mm256_extracti128_si256(v->sum, 1));

	return _mm_cvtsi128_si64(s) + _mm_extract_epi64(s, 1);
}

static __rte_always_inline __m256i
or3(__m256i a, __m256i b, __m256i c)
{
#ifdef __AVX512VL__
	return _mm256_ternarylogic_epi64(a, b, c, 0xfe);
#else
	return _mm256_or_si256(_mm256_or_si256(a, b), c);
#endif
}

/* (a & b) | c */
static __rte_always_inline __m256i
and_or(__m256i a, __m256i b, __m256i c)
{
#ifdef __AVX512VL__
	return _mm256_ternarylogic_epi64(a, b, c, 0xea);
#else
	return _mm256_or_si256(_mm256_and_si256(a, b), c);
#endif
}

/* Is a length not that of its BD, zero, or more than the buffer takes? Not zero, if so. */
static __rte_always_inline __m256i
lengths_bad(const struct vec *v, __m256i w1, __m256i *sizes)
{
	__m256i less, bad;

	*sizes = _mm256_srli_epi64(w1, 48);
	/* 0 - 1 is larger than all, in both its halves. */
	less = _mm256_sub_epi64(*sizes, v->one);
	bad = _mm256_xor_si256(_mm256_min_epu32(less, v->longest), less);
	return and_or(_mm256_xor_si256(_mm256_srli_epi64(w1, 16), w1), v->lengths, bad);
}

/* Not plain: what is not even to be taken? */
static __rte_noinline bool
none(__m256i lengths, __m256i w1, __m256i w3)
{
	const __m256i must = _mm256_set1_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE);

	w1 = _mm256_and_si256(w1, _mm256_set1_epi64x(HNS3_RXW1_ERRORS));
	w3 = _mm256_andnot_si256(w3, must);
	w1 = or3(w1, w3, lengths);
	return !_mm256_testz_si256(w1, w1);
}

/* Of a BD as it was read, and checked, once. */
static __rte_always_inline __m256i
fields_of(const struct vec *v, __m256i bd)
{
	return _mm256_shuffle_epi8(_mm256_permute4x64_epi64(bd, _MM_SHUFFLE(2, 1, 2, 1)), v->fields);
}

static __rte_always_inline void
mbuf_fill(const struct vec *v, struct rte_mbuf *m, __m256i f, uint64_t w1)
{
	const void *t = (const char *)v->types + (w1 & 0xff0) * 2;

	_mm256_storeu_si256((void *)&m->rearm_data, or3(f, v->base, _mm256_load_si256(t)));
}

static __rte_always_inline enum vec_got
vec_four(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	__m256i b0, b1, b2, b3, a, b, w1, w3, lengths, sizes, bad, f0, f1, f2, f3;
	__m128i hash;
	bool odd = false;

	if (!vec_last_there(&bd[3]))
		return VEC_NONE;
	b0 = _mm256_load_si256((const void *)&bd[0]);
	b1 = _mm256_load_si256((const void *)&bd[1]);
	b2 = _mm256_load_si256((const void *)&bd[2]);
	b3 = _mm256_load_si256((const void *)&bd[3]);
	a = _mm256_unpackhi_epi64(b0, b1);
	b = _mm256_unpackhi_epi64(b2, b3);
	w1 = _mm256_permute2x128_si256(a, b, 0x20);
	w3 = _mm256_permute2x128_si256(a, b, 0x31);
	lengths = lengths_bad(v, w1, &sizes);
	bad = or3(_mm256_and_si256(w1, v->w1_bad), lengths,
		_mm256_xor_si256(_mm256_and_si256(w3, v->w3_mask), v->w3_want));
	if (unlikely(!_mm256_testz_si256(bad, bad))) {
		if (none(lengths, w1, w3))
			return VEC_NONE;
		odd = true;
	}
	v->sum = _mm256_add_epi64(v->sum, sizes);

	vec_ahead(sw);
	_mm256_storeu_si256((void *)pkts, _mm256_loadu_si256((const void *)sw));
	f0 = fields_of(v, b0);
	f1 = fields_of(v, b1);
	f2 = fields_of(v, b2);
	f3 = fields_of(v, b3);
	mbuf_fill(v, sw[0], f0, bd[0].w[1]);
	mbuf_fill(v, sw[1], f1, bd[1].w[1]);
	mbuf_fill(v, sw[2], f2, bd[2].w[1]);
	mbuf_fill(v, sw[3], f3, bd[3].w[1]);
	if (v->hash) {
		hash = _mm256_extracti128_si256(_mm256_min_epu32(_mm256_min_epu32(f0, f1),
				_mm256_min_epu32(f2, f3)), 1);
		odd |= _mm_extract_epi32(hash, 3) == 0;
	}
	return unlikely(odd) ? VEC_ODD : VEC_PLAIN;
}

/* Address and VLD in one store. If a CPU should split it, nothing is lost: the device reads
 * neither before it is given the credit, by a later store.
 */
static __rte_always_inline void
vec_post(struct hns3_bd *bd, struct rte_mbuf **sw, uint64_t iova, struct rte_mbuf *m, uint32_t n,
		const struct hns3_rxq *q)
{
	const uint64_t frag = q->frag_size, stride = q->mbuf_stride;
	const __m256i step = _mm256_set_epi64x(0, 0, 0, 2 * frag);
	const __m256i four = _mm256_set1_epi64x(4 * stride);
	__m256i w = _mm256_set_epi64x(0, 0, 0, iova);
	__m256i x = _mm256_set_epi64x(0, 0, 0, iova + frag);
	__m256i mbufs = _mm256_add_epi64(_mm256_set1_epi64x((uintptr_t)m),
		_mm256_set_epi64x(3 * stride, 2 * stride, stride, 0));
	uint32_t i, k;

	for (i = 0; i + 8 <= n; i += 8, bd += 8, sw += 8) {
#pragma GCC unroll 4
		for (k = 0; k < 8; k += 2) {
			_mm256_store_si256((void *)&bd[k], w);
			_mm256_store_si256((void *)&bd[k + 1], x);
			w = _mm256_add_epi64(w, step);
			x = _mm256_add_epi64(x, step);
		}
		_mm256_storeu_si256((void *)sw, mbufs);
		mbufs = _mm256_add_epi64(mbufs, four);
		_mm256_storeu_si256((void *)(sw + 4), mbufs);
		mbufs = _mm256_add_epi64(mbufs, four);
	}
	for (; i + 2 <= n; i += 2, bd += 2, sw += 2) {
		_mm256_store_si256((void *)&bd[0], w);
		_mm256_store_si256((void *)&bd[1], x);
		w = _mm256_add_epi64(w, step);
		x = _mm256_add_epi64(x, step);
		_mm_storeu_si128((void *)sw, _mm256_castsi256_si128(mbufs));
		mbufs = _mm256_add_epi64(mbufs, _mm256_set1_epi64x(2 * stride));
	}
	if (i < n) {
		_mm256_store_si256((void *)bd, w);
		*sw = RTE_PTR_ADD(m, i * stride);
	}
}

static __rte_always_inline void
vec_frame_begin(const struct hns3_rxq *q, struct vec_frame *f, uint32_t k)
{
	RTE_SET_USED(k);
	vec_begin(q, &f->v);
	f->full = _mm256_set_epi64x(HNS3_RXW3_VLD, 0, (uint64_t)q->bd_len << 48, 0);
	f->full_mask = _mm256_set_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE, 0, (uint64_t)UINT16_MAX << 48,
		0);
	f->want = _mm256_set_epi64x(HNS3_RXW3_VLD | HNS3_RXW3_FE | q->need, 0, 0, 0);
	f->mask = _mm256_or_si256(f->want, _mm256_set_epi64x(HNS3_RXW3_ODD, 0,
			HNS3_RXW1_ERRORS | HNS3_RXW1_ODD, 0));
	f->fields = _mm256_set_epi8(11, 10, 9, 8, -1, -1, 5, 4, -1, -1, 5, 4, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
}

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

static __rte_always_inline bool
vec_frame_read(struct vec_frame *f, const struct hns3_bd *bd, uint32_t k)
{
	const struct hns3_bd *last = bd + k - 1;
	__m256i any, differ;
	uint32_t i;

	f->last = _mm256_load_si256((const void *)last);
	any = _mm256_xor_si256(f->full, _mm256_load_si256((const void *)bd));
	for (i = 1; i < k - 1; i++)
		any = or_xor(any, f->full, _mm256_load_si256((const void *)&bd[i]));
	differ = _mm256_xor_si256(_mm256_and_si256(f->last, f->mask), f->want);
	differ = and_or(any, f->full_mask, differ);
	f->w1 = _mm_extract_epi64(_mm256_castsi256_si128(f->last), 1);
	return _mm256_testz_si256(differ, differ);
}

static __rte_always_inline void
vec_frame_fill(const struct vec_frame *f, struct rte_mbuf *m)
{
	__m256i words = _mm256_permute4x64_epi64(f->last, _MM_SHUFFLE(2, 1, 2, 1));

	mbuf_fill(&f->v, m, _mm256_shuffle_epi8(words, f->fields), f->w1);
}

#endif /* HNS3_RX_YMM_H */
