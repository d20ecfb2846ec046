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
static inline uint64_t
line_differs(const struct rte_ppool *pool, const struct rte_mbuf *m, uint64_t kind)
{
	uint64_t word = __atomic_load_n((const part_word *)&m->rearm_data, __ATOMIC_RELAXED);

	return ((word & counts_mask.all) ^ counts.all) | ((m->ol_flags & KINDS) ^ kind) |
		((uintptr_t)m->pool ^ (uintptr_t)pool->mp);
}

/* Where the buffer and the shared info of an mbuf of the pool are. */
struct spot {
	const struct rte_mbuf *next; /* its neighbour in the same page, or NULL */
	const uint8_t *addr;
	struct rte_mbuf_ext_shared_info *shinfo;
	uint32_t left;               /* fragments of the page behind it */
};

/* The mbuf is one of the pool: its address leads to the rest. */
static inline void
spot_find(const struct rte_ppool *pool, const struct rte_mbuf *m, struct spot *s)
{
	const struct ppool_chunk *c = (const void *)((uintptr_t)m & pool->slab_mask);
	uint32_t g = ppool_div((uint32_t)((uintptr_t)m - (uintptr_t)c->mbufs), pool->recip_stride);
	uint32_t pg = ppool_div(g, pool->recip_frags);
	uint32_t frag = g - pg * pool->frags_per_page;

	s->addr = (const uint8_t *)c->pages[pg].addr + (size_t)frag * pool->frag_size;
	s->shinfo = &c->shinfo[g];
	s->left = c->pages[pg].nb_frags - frag - 1;
}

static inline void
spot_go(const struct rte_ppool *pool, const struct rte_mbuf *m, struct spot *s)
{
	if (likely(m == s->next)) {
		s->addr += pool->frag_size;
		s->shinfo++;
		s->left--;
	} else {
		spot_find(pool, m, s);
	}
	s->next = s->left > 0 ? RTE_PTR_ADD(m, pool->mbuf_stride) : NULL;
}

static uint64_t
mask_compact(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n)
{
	struct spot s = { .next = NULL };
	uint64_t mask = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct rte_mbuf *m = mbufs[i];
		bool same;

		if (unlikely(line_differs(pool, m, RTE_MBUF_F_EXTERNAL) != 0))
			continue;
		spot_go(pool, m, &s);
		/* shinfo is that of m->shinfo, which stands on the second line. */
		same = (((uintptr_t)m->buf_addr ^ (uintptr_t)s.addr) |
			(m->buf_len ^ pool->data_room) |
			(rte_mbuf_ext_refcnt_read(s.shinfo) ^ 1)) == 0;
		mask |= (uint64_t)same << i;
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
		mask |= (uint64_t)(line_differs(pool, mbufs[i], 0) == 0) << i;
	return mask;
}

uint64_t
rte_ppool_single_mask(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n)
{
	n = RTE_MIN(n, 64u);
	return pool->compact ? mask_compact(pool, mbufs, n) : mask_inline(pool, mbufs, n);
}
