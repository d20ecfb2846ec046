/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_TX_FRAG_H
#define HNS3_TX_FRAG_H

/*
 * Transmit of page fragments, four at a time: neighbours of one page, as packets that are sent in
 * the order in which they were received mostly are. That each is held by its sender alone is
 * found out by the way, see rte_ppool_place.h: one look at the page tells what all its headers
 * must be. Part of hns3_tx_vec.h.
 *
 * All loads of a header are within one of the two pieces of 16 or 32 bytes that receiving stores to
 * it, or outside of both: one that spans them would have to wait for these stores to be complete.
 */

#include <rte_ppool_place.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "hns3_tx.h"

/* In registers, as far as these suffice: the place, whose address is given away, stands apart. */
struct frags {
	const struct rte_mbuf_ext_shared_info *shinfo; /* of the next one */
	uint32_t used;            /* of the place's mbufs */
	uint32_t left;            /* and those after them */
	vec2 buf, step;           /* address and IOVA of the next one's buffer */
	vec2 rearm, rearm_mask;   /* 16 bytes at rearm_data */
	vec2 pool, pool_mask;     /* the 16 that end with pool */
#ifdef __AVX2__
	__m256i next, four;       /* the next four mbufs */
	__m256i bd;               /* what is the same in each BD */
	__m256i len_min, len_most;
	__m256i sizes;            /* sum of w[1] */
#endif
};

static __rte_always_inline void
frags_begin(struct frags *f, bool off)
{
	f->used = 0;
	f->left = 0;
	f->rearm = (vec2){ 0x000100010000, RTE_MBUF_F_EXTERNAL };
	f->rearm_mask = (vec2){ 0xffffffff0000, RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT |
		(off ? HNS3_TX_FLAGS_OTHER : 0) };
	f->pool_mask = (vec2){ 0xffffull << 48, 0 };
#ifdef RTE_ARCH_ARM64
	/* Or they are loaded from memory each time: there are registers enough. */
	__asm__("" : "+w"(f->rearm_mask), "+w"(f->pool_mask));
#endif
#ifdef __AVX2__
	f->bd = _mm256_set_epi64x(HNS3_TXW3_VLD | HNS3_TXW3_FE, 0, 0, 0);
	f->len_min = _mm256_set1_epi64x(HNS3_TXW1(HNS3_TX_LEN_MIN));
	f->len_most = _mm256_set1_epi64x(HNS3_TXW1(HNS3_FRAME_MAX - HNS3_TX_LEN_MIN));
	f->sizes = _mm256_setzero_si256();
#endif
}

/* What was seen to be in order enters the block's spans. */
static __rte_always_inline void
frags_flush(struct hns3_txq *q, const struct rte_ppool_place *p, uint32_t used)
{
	struct hns3_tx_block *b = &q->block[q->next / HNS3_BATCH];

	if (used != 0 && unlikely(!rte_ppool_span_add(b->span, &b->nb_spans, HNS3_TX_SPANS, p,
			used)))
		b->spans = false;
}

/* The next one is that one of the place. */
static __rte_always_inline void
frags_at(struct frags *f, const struct rte_ppool_place *p, uint32_t used)
{
	const uint64_t off = (uint64_t)used * p->frag_size;

	f->used = used;
	f->left = p->n - used;
	f->shinfo = p->shinfo + used;
	f->buf = (vec2){ p->buf_addr + off, p->buf_iova + off };
	f->step = (vec2){ p->frag_size, p->frag_size };
	f->pool = (vec2){ (uint64_t)p->buf_len << 48, 0 };
}

/* x | (a ^ b) */
static __rte_always_inline vec2
or_xor(vec2 x, vec2 a, vec2 b)
{
#ifdef __AVX512VL__
	return (vec2)_mm_ternarylogic_epi64((__m128i)x, (__m128i)a, (__m128i)b, 0xf6);
#else
	return x | (a ^ b);
#endif
}

struct differ {
	vec2 buf, rearm, pool;
};

/* 1, if the buffers of four have no clones: one count of 0 there cannot be, as these are held. Not
 * by atomic loads, which the compiler would not fold into the OR.
 */
static __rte_always_inline uint16_t
refs_of(const struct rte_mbuf_ext_shared_info *s)
{
	return s[0].refcnt | s[1].refcnt | s[2].refcnt | s[3].refcnt;
}

/* In what an mbuf differs from what it must be. */
static __rte_always_inline void
frag_look(struct frags *f, const struct rte_mbuf *m, struct differ *d)
{
	d->buf = or_xor(d->buf, f->buf, *(const vec2 *)m);
	d->rearm = or_xor(d->rearm, f->rearm, rearm_of(m));
	d->pool = or_xor(d->pool, f->pool, pool_of(m));
	f->buf += f->step;
#ifdef RTE_ARCH_X86_64
	/* One after the other: gcc would begin with all four, and run out of registers. */
	__asm__("" : "+x"(d->buf), "+x"(d->rearm), "+x"(d->pool), "+x"(f->buf));
#endif
}

static __rte_always_inline vec2
frag_differs(const struct frags *f, const struct differ *d)
{
	return d->buf | (d->rearm & f->rearm_mask) | (d->pool & f->pool_mask);
}

#ifdef __AVX2__

/* The first half of a BD: address, and length in w[1]. */
static __rte_always_inline __m128i
half_bd(const struct rte_mbuf *m)
{
	__m128i w = _mm_loadl_epi64((const void *)&m->buf_iova);

	w = _mm_add_epi64(w, _mm_insert_epi16(_mm_setzero_si128(), m->data_off, 0));
	return _mm_insert_epi16(w, m->data_len, 5);
}

static __rte_always_inline void
bd_store(const struct frags *f, struct hns3_bd *bd, __m128i w)
{
	_mm256_store_si256((void *)bd, _mm256_blend_epi32(f->bd, _mm256_castsi128_si256(w), 0x0f));
}

static __rte_always_inline bool
frags_four_plain(struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts, struct frags *f)
{
	struct rte_mbuf *a = pkts[0], *b = pkts[1], *c = pkts[2], *d = pkts[3];
	__m256i mbufs = _mm256_loadu_si256((const void *)pkts), differ, len, less;
	__m128i wa, wb, wc, wd;
	struct differ dif = { 0 };
	uint16_t refs;

	refs = refs_of(f->shinfo);
	differ = _mm256_xor_si256(mbufs, f->next);
	frag_look(f, a, &dif);
	frag_look(f, b, &dif);
	frag_look(f, c, &dif);
	frag_look(f, d, &dif);
	wa = half_bd(a);
	wb = half_bd(b);
	wc = half_bd(c);
	wd = half_bd(d);
	len = _mm256_set_m128i(_mm_unpackhi_epi64(wc, wd), _mm_unpackhi_epi64(wa, wb));
	less = _mm256_sub_epi32(len, f->len_min);
	differ = _mm256_or_si256(differ, _mm256_xor_si256(_mm256_min_epu32(less, f->len_most),
			less));
	differ = _mm256_or_si256(differ, _mm256_zextsi128_si256((__m128i)frag_differs(f, &dif)));
	if (unlikely(refs != 1))
		return false;
	if (unlikely(!_mm256_testz_si256(differ, differ)))
		return false;
	f->sizes = _mm256_add_epi64(f->sizes, len);
	f->next = _mm256_add_epi64(f->next, f->four);
	_mm256_storeu_si256((void *)sw, mbufs);
	bd_store(f, &bd[0], wa);
	bd_store(f, &bd[1], wb);
	bd_store(f, &bd[2], wc);
	bd_store(f, &bd[3], wd);
	return true;
}

static __rte_always_inline uint64_t
frags_bytes(const struct frags *f)
{
	__m128i s = _mm_add_epi64(_mm256_castsi256_si128(f->sizes),
		_mm256_extracti128_si256(f->sizes, 1));

	return (_mm_cvtsi128_si64(s) + _mm_extract_epi64(s, 1)) >> 16;
}

#endif

static __rte_always_inline bool
frags_four_any(struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts, struct frags *f,
		const struct rte_ppool_place *p, struct said *off, uint64_t *bytes)
{
	const size_t stride = p->mbuf_stride;
	struct rte_mbuf *a = pkts[0], *b = pkts[1], *c = pkts[2], *d = pkts[3];
	uint16_t refs;
	const char *m = (const char *)p->mbuf + f->used * stride;
	struct differ dif = { 0 };
	vec2 x;

#ifdef RTE_ARCH_ARM64
	__asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d)); /* two loads, of pairs */
#endif
	if (unlikely(((const char *)a != m) | ((const char *)b != m + stride) |
			((const char *)c != m + 2 * stride) | ((const char *)d != m + 3 * stride)))
		return false;
	refs = refs_of(f->shinfo);
	frag_look(f, a, &dif);
	frag_look(f, b, &dif);
	frag_look(f, c, &dif);
	frag_look(f, d, &dif);
	x = frag_differs(f, &dif);
	if (unlikely((x[0] | x[1]) != 0 || refs != 1))
		return false;
	return four_send(bd, sw, pkts, a, b, c, d, off, bytes);
}

/* One, of which the place is known. */
static __rte_always_inline bool
frag_one(struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf *m, struct frags *f,
		uint64_t *bytes)
{
	const uint32_t len = m->data_len;
	struct differ dif = { 0 };
	uint16_t refs = f->shinfo->refcnt;
	vec2 x;

	frag_look(f, m, &dif);
	x = frag_differs(f, &dif);
	if (unlikely((x[0] | x[1]) != 0 || refs != 1 || length_bad(len)))
		return false;
	f->shinfo++;
	*bytes += len;
	*sw = m;
	bd_fill(bd, m, len, NULL);
	return true;
}

/* From that one of the place on, where @p f is, neighbours one by one. */
static __rte_always_inline uint32_t
frags_ones(const struct rte_ppool_place *p, struct frags *f, uint32_t at, struct hns3_bd *bd,
		struct rte_mbuf **sw, struct rte_mbuf **pkts, uint32_t n, uint64_t *bytes)
{
	const char *m = (const char *)p->mbuf + (size_t)at * p->mbuf_stride;

	for (; at < n && (const char *)pkts[at] == m; at++, m += p->mbuf_stride)
		if (unlikely(!frag_one(&bd[at], &sw[at], pkts[at], f, bytes)))
			break;
	return at;
}

#ifdef RTE_ARCH_ARM64

#include "hns3_tx_frag_neon.h"

#else

/* The first four mbufs of the place. */
static __rte_always_inline void
frags_first(struct frags *f, const struct rte_ppool_place *p)
{
	frags_at(f, p, 0);
#ifdef __AVX2__
	f->next = _mm256_add_epi64(_mm256_set1_epi64x((uintptr_t)p->mbuf), _mm256_set_epi64x(
			3 * p->mbuf_stride, 2 * p->mbuf_stride, p->mbuf_stride, 0));
	f->four = _mm256_set1_epi64x(4 * p->mbuf_stride);
#endif
}

/* Four more of one page? */
static __rte_always_inline bool
frags_find(struct hns3_txq *q, struct frags *f, struct rte_ppool_place *p, const struct rte_mbuf *m)
{
	frags_flush(q, p, f->used);
	f->used = 0;
	f->left = 0;
	if (rte_ppool_place_find(q->pool, m, p) < 4)
		return false;
	frags_first(f, p);
	return true;
}

/* Fours, until one of them is something else, or the page ends. How many packets. */
static __rte_always_inline uint32_t
frags_fours(struct hns3_txq *q, struct frags *f, struct hns3_bd *bd, struct rte_mbuf **sw,
		struct rte_mbuf **pkts, uint32_t n, struct said *off, uint64_t *bytes)
{
	struct rte_ppool_place *const p = &q->place;
	uint32_t i;

	for (i = 0; i + 4 <= n; i += 4, bd += 4, sw += 4, pkts += 4) {
		if (unlikely(f->left < 4) && !frags_find(q, f, p, pkts[0]))
			break;
#ifdef __AVX2__
		if (off != NULL ? unlikely(!frags_four_any(bd, sw, pkts, f, p, off, bytes)) :
				unlikely(!frags_four_plain(bd, sw, pkts, f)))
			break;
#else
		if (unlikely(!frags_four_any(bd, sw, pkts, f, p, off, bytes)))
			break;
#endif
		f->used += 4;
		f->left -= 4;
		f->shinfo += 4;
	}
	frags_flush(q, p, f->used);
	f->used = 0;
	f->left = 0;
#ifdef __AVX2__
	*bytes += frags_bytes(f);
	f->sizes = _mm256_setzero_si256();
#endif
	return i;
}

/* Of at most n mbufs of the place, which ask for no offload, the first that are as they must be. */
static __rte_always_inline uint32_t
frags_plain(const struct rte_ppool_place *p, struct hns3_bd *bd, struct rte_mbuf **sw,
		struct rte_mbuf **pkts, uint32_t n, uint64_t *bytes)
{
	struct rte_mbuf **at = pkts, **const end = pkts + n / 4 * 4, **slot = sw;
	struct hns3_bd *to = bd;
	struct frags f;
	uint32_t i;

	frags_begin(&f, false);
	frags_first(&f, p);
	for (; at != end; at += 4, slot += 4, to += 4) {
#ifdef __AVX2__
		if (unlikely(!frags_four_plain(to, slot, at, &f)))
			break;
#else
		if (unlikely(!frags_four_any(to, slot, at, &f, p, NULL, bytes)))
			break;
		f.used += 4;
#endif
		f.shinfo += 4;
	}
	i = at - pkts;
	if (unlikely(at != end))
		frags_at(&f, p, i); /* what was looked at in vain once more */
#ifdef __AVX2__
	*bytes += frags_bytes(&f);
#endif
	return i < n ? frags_ones(p, &f, i, bd, sw, pkts, n, bytes) : n;
}

#endif

#endif /* HNS3_TX_FRAG_H */
