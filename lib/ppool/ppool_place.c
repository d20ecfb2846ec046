/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Places: what drivers need to know to look at mbufs themselves. */

#include "ppool_page.h"
#include "rte_ppool_place.h"

/* As ppool_locate(), for one that is looked up anew each time: the entry of the table where it is mostly
 * found is read first.
 */
static __rte_always_inline uint32_t
place_locate(const struct rte_ppool *pool, const struct rte_mbuf *m, struct ppool_chunk **c)
{
	const uint64_t mask = pool->slab_mask;
	uintptr_t base = (uintptr_t)m & mask, entry;
	uint64_t off;
	uint32_t g;

	entry = __atomic_load_n(&pool->table[ppool_hash(pool, base)], __ATOMIC_ACQUIRE); /* T0 */
	if (likely((entry & mask) == base && entry != PPOOL_GONE)) {
		*c = (struct ppool_chunk *)(base + PPOOL_SLAB_OFF -
			((entry & ~mask) << pool->slab_shift));
	} else {
		*c = ppool_chunk_find(pool, m);
		if (*c == NULL)
			return UINT32_MAX;
	}
	/* Whatever the division makes of an offset that is none of an mbuf is not that number. */
	off = (uintptr_t)m - (uintptr_t)(*c)->mbufs;
	g = ppool_div((uint32_t)off, pool->recip_stride);
	return likely(g < (*c)->nb_frags && (uint64_t)g * pool->mbuf_stride == off) ? g : UINT32_MAX;
}

uint32_t
rte_ppool_place_find(const struct rte_ppool *pool, const struct rte_mbuf *m,
		struct rte_ppool_place *place)
{
	struct ppool_chunk *c;
	struct ppool_page *page;
	uint32_t g, pg, frag;
	uint64_t off;

	if (unlikely(!pool->compact))
		return 0;
	g = place_locate(pool, m, &c);
	if (unlikely(g == UINT32_MAX || c->klen[g] != 0))
		return 0;
	pg = ppool_div(g, pool->recip_frags);
	frag = g - pg * pool->frags_per_page;
	page = &c->pages[pg];
	off = (uint64_t)frag * pool->frag_size;
	place->mbuf = m;
	place->shinfo = &c->shinfo[g];
	place->buf_addr = (uintptr_t)page->addr + off;
	place->buf_iova = page->iova + off;
	place->page = page;
	place->frag = frag;
	place->n = RTE_MIN(page->nb_frags - frag, 64 - frag % 64);
	place->mbuf_stride = pool->mbuf_stride;
	place->frag_size = pool->frag_size;
	place->buf_len = pool->data_room;
	return place->n;
}
