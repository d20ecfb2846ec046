/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The free list of the pool: pages that no owner keeps for itself. */

#include "ppool_memory.h"

void
ppool_free_push(struct rte_ppool *pool, struct ppool_page *first, struct ppool_page *last,
		uint32_t n)
{
	rte_spinlock_lock(&pool->free_lock);
	last->next = pool->free;
	PPOOL_WRITE(pool->free, first);
	PPOOL_WRITE(pool->nb_free, pool->nb_free + n);
	rte_spinlock_unlock(&pool->free_lock);
}

void
ppool_free_push_chain(struct rte_ppool *pool, struct ppool_page *first)
{
	struct ppool_page *last = first;
	uint32_t n = 1;

	if (first == NULL)
		return;
	for (; last->next != NULL; last = last->next)
		n++;
	ppool_free_push(pool, first, last, n);
}

struct ppool_page *
ppool_free_pop(struct rte_ppool *pool)
{
	struct ppool_page *page;

	if (PPOOL_READ(pool->free) == NULL)
		return NULL;
	rte_spinlock_lock(&pool->free_lock);
	page = pool->free;
	if (page != NULL) {
		PPOOL_WRITE(pool->free, page->next);
		PPOOL_WRITE(pool->nb_free, pool->nb_free - 1);
	}
	rte_spinlock_unlock(&pool->free_lock);
	return page;
}
