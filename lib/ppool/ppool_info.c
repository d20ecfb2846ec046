/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Looking at a pool: its state, and where an mbuf of it is. */

#include <errno.h>
#include <string.h>

#include "ppool_debug.h"
#include "ppool_report.h"

/* Pages of an owner that are not back, its open one included. */
static uint64_t
owner_out(const struct rte_ppool_owner *o)
{
	/* The pages back first: those attached meanwhile only make the difference larger.
	 * P2: acquire, pairs with C1, so that they have been seen attached.
	 */
	int64_t back = __atomic_load_n(&o->returned, __ATOMIC_ACQUIRE);
	int64_t out;

	switch (ppool_owner_state(o)) {
	case PPOOL_OWNER_OPEN:
		out = (int64_t)PPOOL_READ(o->attached) - back;
		break;
	case PPOOL_OWNER_DRAINING:
		out = -back;
		break;
	default:
		return 0;
	}
	return out > 0 ? (uint64_t)out : 0;
}

/* Pages of an owner that are out. The chunks' lock is held. */
uint64_t
ppool_owner_in_flight(const struct rte_ppool_owner *o)
{
	const struct ppool_page *page = __atomic_load_n(&o->page, __ATOMIC_ACQUIRE); /* I0 */
	uint64_t out = owner_out(o);

	if (out > 0 && page != NULL && page->state->owner == o && ppool_owner_idle(o))
		out--;
	return out;
}

uint64_t
ppool_in_flight(const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;
	uint64_t n = 0, idle = 0;

	ppool_look_begin(pool);
	ppool_chunks_lock(pool); /* open pages are looked at */
	PPOOL_OWNERS_FOREACH(o, pool) {
		n += owner_out(o);
		/* Its open page counts for whom it goes home to, which may be another one. */
		idle += ppool_owner_idle(o);
	}
	ppool_chunks_unlock(pool);
	ppool_look_end(pool);
	return n - RTE_MIN(n, idle);
}

uint64_t
rte_ppool_in_flight(const struct rte_ppool *pool)
{
	return pool != NULL ? ppool_in_flight(pool) : 0;
}

uint64_t
rte_ppool_avail_count(const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;
	uint64_t n;

	if (pool == NULL)
		return 0;
	n = ppool_frags_back(pool);
	PPOOL_OWNERS_FOREACH(o, pool)
		n += ppool_owner_rest(o);
	return n;
}

int
rte_ppool_info_get(const struct rte_ppool *pool, struct rte_ppool_info *info)
{
	const struct rte_ppool_owner *o;
	const struct ppool_chunk *c;

	if (pool == NULL || info == NULL)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", pool->name);
	info->layout = pool->params.layout;
	info->page_size = pool->page_size;
	info->frag_size = pool->frag_size;
	info->frags_per_page = pool->frags_per_page;
	info->mbuf_stride = pool->mbuf_stride;
	info->priv_size = pool->params.priv_size;
	info->data_room = pool->data_room;
	info->socket_id = pool->params.socket_id;
	info->min_pages = pool->params.min_pages;
	info->max_pages = pool->params.max_pages;
	info->nb_pages = PPOOL_READ(pool->nb_pages);
	info->memory_bytes = PPOOL_READ(pool->memory_bytes);
	ppool_chunks_lock(pool);
	for (c = pool->chunks; c != NULL && !pool->compact; c = c->next)
		info->memory_bytes += c->bytes;
	ppool_chunks_unlock(pool);
	info->pages_in_flight = ppool_in_flight(pool);
	ppool_look_begin(pool);
	info->closing = pool->closing;
	PPOOL_OWNERS_FOREACH(o, pool)
		info->nb_owners += ppool_owner_state(o) == PPOOL_OWNER_OPEN;
	ppool_look_end(pool);
	return 0;
}

/* ---- mbufs */

int
rte_ppool_mbuf_where(const struct rte_ppool *pool, const struct rte_mbuf *m, uint32_t *page,
		uint32_t *frag)
{
	struct ppool_chunk *c = NULL;
	uint32_t g, pg;

	if (pool == NULL || (g = ppool_locate(pool, &c, m)) == UINT32_MAX)
		return -EINVAL;
	pg = ppool_div(g, pool->recip_frags);
	if (page != NULL)
		*page = c->pages[pg].index;
	if (frag != NULL)
		*frag = g - pg * pool->frags_per_page;
	return 0;
}

uint32_t
rte_ppool_obj_iter(struct rte_ppool *pool, rte_mempool_obj_cb_t *cb, void *arg)
{
	const struct ppool_chunk *c;
	uint32_t n = 0, i;

	if (pool == NULL)
		return 0;
	PPOOL_CHUNKS_FOREACH(c, pool) {
		for (i = 0; i < c->nb_frags; i++) {
			uint64_t sum = ppool_debug_visit_begin(pool, c, i);

			cb(pool->mp, arg, c->mbufs + (size_t)i * pool->mbuf_stride, n++);
			ppool_debug_visit_end(pool, c, i, sum);
		}
	}
	return n;
}
