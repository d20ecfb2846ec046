/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Places: what drivers need to know to look at mbufs themselves. */

#include "ppool_page.h"
#include "rte_ppool_place.h"

uint32_t
rte_ppool_place_find(const struct rte_ppool *pool, const struct rte_mbuf *m,
		struct rte_ppool_place *place)
{
	struct ppool_chunk *c = NULL;
	struct ppool_page *page;
	uint32_t g, pg, frag;
	uint64_t off;

	if (unlikely(!pool->compact))
		return 0;
	g = ppool_locate(pool, &c, m);
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
