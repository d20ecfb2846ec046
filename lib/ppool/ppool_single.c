/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Who alone holds an mbuf: the check of a driver that frees without a look at the mbufs. */

#include "ppool_page.h"

typedef uint64_t __rte_may_alias part_word;

/* refcnt and nb_segs, of the word that begins with data_off. */
static const union {
	uint16_t part[4];
	uint64_t all;
} counts = { .part = { 0, 1, 1, 0 } }, counts_mask = { .part = { 0, UINT16_MAX, UINT16_MAX, 0 } };

#define KINDS (RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT)

_Static_assert(offsetof(struct rte_mbuf, refcnt) == offsetof(struct rte_mbuf, data_off) + 2 &&
	offsetof(struct rte_mbuf, nb_segs) == offsetof(struct rte_mbuf, data_off) + 4 &&
	offsetof(struct rte_mbuf, data_off) % sizeof(uint64_t) == 0,
	"data_off, refcnt, nb_segs and port are read as one");

/* What the first cache line says: 0, or something is not as it was handed out. */
static __rte_always_inline uint64_t
line_differs(const struct rte_mbuf *m, uint64_t kind)
{
	uint64_t word = __atomic_load_n((const part_word *)&m->rearm_data, __ATOMIC_RELAXED);

	return ((word & counts_mask.all) ^ counts.all) | ((m->ol_flags & KINDS) ^ kind);
}

/* Some mbufs of a COMPACT page that are neighbours. */
struct spot {
	const uint8_t *addr;                     /* buffer of the first */
	struct rte_mbuf_ext_shared_info *shinfo; /* as m->shinfo, which stands on the second line */
	uint32_t left;                           /* of the page, from the first on */
};

/* Fragment g of the chunk. */
static inline void
spot_find(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g, struct spot *s)
{
	uint32_t pg = ppool_div(g, pool->recip_frags);
	uint32_t frag = g - pg * pool->frags_per_page;

	s->addr = (const uint8_t *)c->pages[pg].addr + (size_t)frag * pool->frag_size;
	s->shinfo = &c->shinfo[g];
	s->left = c->pages[pg].nb_frags - frag;
}

/* 0: this mbuf has no other holder, and its own fragment. */
static __rte_always_inline uint64_t
shared(const struct rte_mbuf *m, const uint8_t *addr, uint64_t room,
		const struct rte_mbuf_ext_shared_info *shinfo)
{
	return line_differs(m, RTE_MBUF_F_EXTERNAL) | ((uintptr_t)m->buf_addr ^ (uintptr_t)addr) |
		(m->buf_len ^ room) | (rte_mbuf_ext_refcnt_read(shinfo) ^ 1u);
}

/* The mbufs, of the pool, are neighbours: one by one. */
static __rte_noinline uint64_t
mask_one_by_one(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		const struct spot *s)
{
	uint64_t mask = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		mask |= (uint64_t)(shared(mbufs[i], s->addr + (size_t)i * pool->frag_size,
			pool->data_room, &s->shinfo[i]) == 0) << i;
	return mask;
}

/* Whether an mbuf is one of the pool its address tells. The usual case is that the answer is yes
 * for all of a run: what differs is collected, and looked at once.
 */
static uint64_t
mask_compact(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n)
{
	const size_t stride = pool->mbuf_stride, frag = pool->frag_size;
	const uint64_t room = pool->data_room;
	struct ppool_chunk *c = NULL;
	uint64_t mask = 0, differs;
	unsigned int i = 0, k, most;
	struct spot s;
	uint32_t g;

	while (i < n) {
		struct rte_mbuf *const *at = &mbufs[i];
		const struct rte_mbuf *m = at[0];
		const struct rte_mbuf_ext_shared_info *shinfo;
		const uint8_t *addr;

		g = ppool_locate(pool, &c, m);
		if (unlikely(g == UINT32_MAX)) {
			i++;
			continue;
		}
		spot_find(pool, c, g, &s);
		addr = s.addr;
		shinfo = s.shinfo;
		most = RTE_MIN(s.left, n - i);
		differs = 0;
		k = 0;
		do {
			differs |= shared(m, addr, room, shinfo);
			addr += frag;
			shinfo++;
			m = RTE_PTR_ADD(m, stride);
		} while (++k < most && at[k] == m);
		mask |= (likely(differs == 0) ? ppool_bits(0, k) :
			mask_one_by_one(pool, at, k, &s)) << i;
		i += k;
	}
	return mask;
}

/* A direct mbuf's own count is that of its clones, too. */
static uint64_t
mask_inline(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n)
{
	uint64_t mask = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		mask |= (uint64_t)((line_differs(mbufs[i], 0) |
			((uintptr_t)mbufs[i]->pool ^ (uintptr_t)pool->mp)) == 0) << i;
	return mask;
}

uint64_t
rte_ppool_single_mask(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n)
{
	n = RTE_MIN(n, 64u);
	return pool->compact ? mask_compact(pool, mbufs, n) : mask_inline(pool, mbufs, n);
}
