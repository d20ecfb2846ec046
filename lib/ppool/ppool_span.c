/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Spans: fragments of one page that one user holds alone, and gives back together.
 *
 * A driver makes them of the packets that it queues, while their headers are in the cache. When
 * they are sent, the page and the bits say all: no mbuf is looked at, nor its address.
 */

#include "ppool_page.h"

/* Two words of an mbuf at once: SSE or NEON where there is one. */
typedef uint64_t pair __attribute__((vector_size(16), may_alias));

_Static_assert(offsetof(struct rte_mbuf, buf_addr) == 0 &&
	offsetof(struct rte_mbuf, buf_iova) == 8 &&
	offsetof(struct rte_mbuf, rearm_data) == 16 &&
	offsetof(struct rte_mbuf, refcnt) == 18 && offsetof(struct rte_mbuf, nb_segs) == 20 &&
	offsetof(struct rte_mbuf, ol_flags) == 24 && offsetof(struct rte_mbuf, buf_len) == 54 &&
	offsetof(struct rte_mbuf, pool) == 56,
	"of the first line of an mbuf pairs of words are looked at");

static inline pair
pair_of(const struct rte_mbuf *m, size_t offset)
{
	return *(const pair *)RTE_PTR_ADD(m, offset);
}

/* refcnt and nb_segs, and what kind of mbuf it is. */
union counts {
	uint16_t part[4];
	uint64_t all;
};
static const union counts counts = { .part = { 0, 1, 1, 0 } };
static const union counts counts_mask = { .part = { 0, UINT16_MAX, UINT16_MAX, 0 } };
#define KINDS (RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT)

/* buf_len, of the word before pool. */
union room {
	uint16_t part[4];
	uint64_t all;
};
static const union room room_mask = { .part = { 0, 0, 0, UINT16_MAX } };

/* An mbuf's place, and what it has to be as long as nobody has done anything to it. */
struct spot {
	struct ppool_page *page;
	uint32_t frag;
	pair buf;                                /* COMPACT: address and IOVA */
	const struct rte_mbuf_ext_shared_info *shinfo; /* m->shinfo, which is on the second line */
};

/* Fragment g of the chunk. */
static inline void
spot_find(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g, struct spot *s)
{
	uint32_t pg = ppool_div(g, pool->recip_frags);
	uint64_t off;

	s->page = &c->pages[pg];
	s->frag = g - pg * pool->frags_per_page;
	off = (uint64_t)s->frag * pool->frag_size;
	s->buf = (pair){ (uintptr_t)s->page->addr + off, s->page->iova + off };
	s->shinfo = &c->shinfo[g];
}

/* Of so many mbufs (at least one) the first that are neighbours. Of these, all that any of them
 * has and all that each of them has are collected, and looked at once: if it is the same, and what
 * it has to be, all of them are in order. That is two instructions for most fields of an mbuf.
 * If it is not, 0.
 */
static __rte_always_inline unsigned int
compact_take(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		const struct spot *s)
{
	const union room room = { .part = { 0, 0, 0, pool->data_room } };
	const pair step = { pool->frag_size, pool->frag_size };
	const pair ones = { UINT64_MAX, UINT64_MAX };
	pair counts_or = { 0 }, counts_and = ones, room_or = { 0 }, room_and = ones;
	pair buf = s->buf, moved = { 0 };
	const struct rte_mbuf_ext_shared_info *shinfo = s->shinfo;
	struct rte_mbuf *const *at = mbufs, *const *end = mbufs + n;
	const size_t stride = pool->mbuf_stride;
	const struct rte_mbuf *m = mbufs[0];
	unsigned int refs = 0;

	do {
		moved |= pair_of(m, 0) ^ buf;
		counts_or |= pair_of(m, offsetof(struct rte_mbuf, rearm_data));
		counts_and &= pair_of(m, offsetof(struct rte_mbuf, rearm_data));
		room_or |= pair_of(m, 48);
		room_and &= pair_of(m, 48);
		/* Never 0, as long as there is an mbuf that has it. */
		refs |= rte_mbuf_ext_refcnt_read(shinfo);
		buf += step;
		m = RTE_PTR_ADD(m, stride);
		at++;
		shinfo++;
	} while (at != end && *at == m);

	moved |= ((counts_or ^ (pair){ counts.all, RTE_MBUF_F_EXTERNAL }) |
		(counts_and ^ (pair){ counts.all, RTE_MBUF_F_EXTERNAL })) &
		(pair){ counts_mask.all, KINDS };
	moved |= ((room_or ^ (pair){ room.all, 0 }) | (room_and ^ (pair){ room.all, 0 })) &
		(pair){ room_mask.all, 0 };
	return likely((moved[0] | moved[1] | (refs ^ 1)) == 0) ? (unsigned int)(at - mbufs) : 0;
}

/* A direct mbuf's own count is that of its clones, too. */
static inline unsigned int
inline_take(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		const struct spot *s)
{
	const size_t stride = pool->mbuf_stride;
	const struct rte_mbuf *m = mbufs[0];
	unsigned int k = 0;
	pair any = { 0 };

	RTE_SET_USED(s);
	do {
		any |= (pair_of(m, offsetof(struct rte_mbuf, rearm_data)) ^ (pair){ counts.all, 0 }) &
			(pair){ counts_mask.all, KINDS };
		any[0] |= (uintptr_t)m->pool ^ (uintptr_t)pool->mp;
		m = RTE_PTR_ADD(m, stride);
	} while (++k < n && mbufs[k] == m);
	return likely((any[0] | any[1]) == 0) ? k : 0;
}

/* Not all are in order: how many of the first are. */
static __rte_noinline unsigned int
first_of(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		const struct spot *s)
{
	unsigned int lo = 0, hi = n, mid;

	while (lo + 1 < hi) {
		mid = (lo + hi) / 2;
		if ((pool->compact ? compact_take(pool, mbufs, mid, s) :
				inline_take(pool, mbufs, mid, s)) != 0)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static __rte_always_inline unsigned int
collect(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		struct rte_ppool_span *spans, unsigned int *nb, unsigned int max, bool compact)
{
	struct rte_ppool_span *last = *nb > 0 ? &spans[*nb - 1] : NULL;
	struct ppool_chunk *c = NULL;
	unsigned int i, k, most;
	struct spot s;
	uint64_t bits;
	uint32_t g;
	bool runs;

	for (i = 0; i < n; i += k) {
		g = ppool_locate(pool, &c, mbufs[i]);
		if (unlikely(g == UINT32_MAX))
			break;
		spot_find(pool, c, g, &s);
		runs = compact && unlikely(c->klen[g] != 0);
		if (runs) {
			k = ppool_runs_take(pool, &mbufs[i], n - i, s.page, s.frag, &bits);
			if (unlikely(k == 0))
				break;
		} else {
			most = RTE_MIN(s.page->nb_frags - s.frag, 64 - s.frag % 64);
			most = RTE_MIN(most, n - i);
			k = compact ? compact_take(pool, &mbufs[i], most, &s) :
				inline_take(pool, &mbufs[i], most, &s);
			if (unlikely(k == 0)) {
				/* What follows may be a run: it is looked at by itself. */
				k = first_of(pool, &mbufs[i], most, &s);
				if (k == 0)
					break;
			}
			bits = ppool_bits(s.frag % 64, k);
		}
		if (last != NULL && last->page == s.page && last->word == s.frag / 64 &&
				(last->frags & bits) == 0) {
			last->frags |= bits;
			last->runs |= runs;
			continue;
		}
		if (unlikely(*nb == max))
			break;
		/* It is written when this goes back. */
		ppool_prefetch_write(s.page->state);
		last = &spans[(*nb)++];
		*last = (struct rte_ppool_span){ .page = s.page, .frags = bits,
			.word = s.frag / 64, .runs = runs };
	}
	return i;
}

unsigned int
rte_ppool_span_collect(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n, struct rte_ppool_span *spans, unsigned int *nb_spans,
		unsigned int max_spans)
{
	return pool->compact ? collect(pool, mbufs, n, spans, nb_spans, max_spans, true) :
		collect(pool, mbufs, n, spans, nb_spans, max_spans, false);
}
