/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Who alone holds an mbuf: the check of a driver that frees without a look at the mbufs. */

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

/* Some mbufs of a COMPACT page that are neighbours: what those of the first have to be. */
struct spot {
	pair buf;                                /* address and IOVA */
	const struct rte_mbuf_ext_shared_info *shinfo; /* m->shinfo, which is on the second line */
	uint32_t left;                           /* of the page, from the first on */
};

/* Fragment g of the chunk. */
static inline void
spot_find(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g, struct spot *s)
{
	uint32_t pg = ppool_div(g, pool->recip_frags);
	const struct ppool_page *page = &c->pages[pg];
	uint32_t frag = g - pg * pool->frags_per_page;
	uint64_t off = (uint64_t)frag * pool->frag_size;

	s->buf = (pair){ (uintptr_t)page->addr + off, page->iova + off };
	s->shinfo = &c->shinfo[g];
	s->left = page->nb_frags - frag;
}

/* Of the first n mbufs, how many are neighbours. */
static inline unsigned int
neighbours(struct rte_mbuf *const *mbufs, unsigned int n, size_t stride)
{
	const struct rte_mbuf *m = mbufs[0];
	unsigned int k = 0;

	do
		m = RTE_PTR_ADD(m, stride);
	while (++k < n && mbufs[k] == m);
	return k;
}

/* What is not as it was handed out, in all of n neighbours: 0 if nothing is. */
static __rte_always_inline uint64_t
differ(const struct rte_ppool *pool, const struct rte_mbuf *m, const struct spot *s,
		unsigned int n)
{
	const union room room = { .part = { 0, 0, 0, pool->data_room } };
	const pair counts_want = { counts.all, RTE_MBUF_F_EXTERNAL };
	const pair counts_of = { counts_mask.all, KINDS };
	const pair room_want = { room.all, 0 }, room_of = { room_mask.all, 0 };
	const pair step = { pool->frag_size, pool->frag_size };
	const size_t stride = pool->mbuf_stride;
	pair buf = s->buf, any = { 0, 0 };
	unsigned int i, refs = 0;

	for (i = 0; i < n; i++) {
		any |= (pair_of(m, 0) ^ buf) |
			((pair_of(m, offsetof(struct rte_mbuf, rearm_data)) & counts_of) ^
			counts_want) | ((pair_of(m, 48) & room_of) ^ room_want);
		refs |= rte_mbuf_ext_refcnt_read(&s->shinfo[i]) ^ 1u;
		buf += step;
		m = RTE_PTR_ADD(m, stride);
	}
	return any[0] | any[1] | refs;
}

/* Neighbours, of which not all are single. */
static __rte_noinline uint64_t
mask_one_by_one(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		struct spot s)
{
	uint64_t mask = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		mask |= (uint64_t)(differ(pool, mbufs[i], &s, 1) == 0) << i;
		s.buf += (pair){ pool->frag_size, pool->frag_size };
		s.shinfo++;
	}
	return mask;
}

/* Whether an mbuf is one of the pool its address tells. The usual case is that the answer is yes
 * for all of a run: what differs is collected, and looked at once.
 */
static uint64_t
mask_compact(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n)
{
	struct ppool_chunk *c = NULL;
	unsigned int i, k;
	uint64_t mask = 0;
	struct spot s;
	uint32_t g;

	for (i = 0; i < n; i += k) {
		k = 1;
		g = ppool_locate(pool, &c, mbufs[i]);
		if (unlikely(g == UINT32_MAX))
			continue;
		spot_find(pool, c, g, &s);
		k = neighbours(&mbufs[i], RTE_MIN(s.left, n - i), pool->mbuf_stride);
		if (likely(differ(pool, mbufs[i], &s, k) == 0))
			mask |= ppool_bits(0, k) << i;
		else
			mask |= mask_one_by_one(pool, &mbufs[i], k, s) << i;
	}
	return mask;
}

/* A direct mbuf's own count is that of its clones, too. */
static uint64_t
mask_inline(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n)
{
	const pair counts_want = { counts.all, 0 }, counts_of = { counts_mask.all, KINDS };
	uint64_t mask = 0;
	unsigned int i;
	pair any;

	for (i = 0; i < n; i++) {
		any = (pair_of(mbufs[i], offsetof(struct rte_mbuf, rearm_data)) & counts_of) ^
			counts_want;
		any[0] |= (uintptr_t)mbufs[i]->pool ^ (uintptr_t)pool->mp;
		mask |= (uint64_t)((any[0] | any[1]) == 0) << i;
	}
	return mask;
}

uint64_t
rte_ppool_single_mask(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n)
{
	n = RTE_MIN(n, 64u);
	return pool->compact ? mask_compact(pool, mbufs, n) : mask_inline(pool, mbufs, n);
}
