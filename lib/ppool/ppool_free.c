/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The free list of the pool: pages that no owner keeps for itself. Each chunk has its own. Pages
 * are taken from the chunks that have the fewest free ones, and from entirely free chunks last,
 * so that these can be given back.
 */

#include <rte_cycles.h>

#include "ppool_memory.h"

/* The list of a chunk: by quarters, and the entirely free ones. */
static inline uint32_t
list_of(const struct ppool_chunk *c)
{
	if (c->nb_free == 0)
		return PPOOL_FREE_NONE;
	if (c->nb_free == c->nb_pages)
		return PPOOL_FREE_IDLE;
	return 1 + (c->nb_free >= c->nb_pages / 4) + (c->nb_free >= c->nb_pages / 2) +
		(c->nb_free >= c->nb_pages - c->nb_pages / 4);
}

/* The number of free pages of a chunk has changed. The one that changed last comes first. */
static inline void
relist(struct rte_ppool *pool, struct ppool_chunk *c)
{
	uint32_t list = list_of(c);

	if (likely(list == c->list))
		return;
	if (c->list != PPOOL_FREE_NONE)
		TAILQ_REMOVE(&pool->free[c->list], c, by_free);
	if (list != PPOOL_FREE_NONE)
		TAILQ_INSERT_HEAD(&pool->free[list], c, by_free);
	if (list == PPOOL_FREE_IDLE)
		c->idle_since = rte_rdtsc();
	c->list = list;
}

void
ppool_free_init(struct rte_ppool *pool)
{
	uint32_t i;

	rte_spinlock_init(&pool->free_lock);
	for (i = PPOOL_FREE_NONE; i < PPOOL_FREE_LISTS; i++)
		TAILQ_INIT(&pool->free[i]);
}

void
ppool_free_push_chain(struct rte_ppool *pool, struct ppool_page *first)
{
	struct ppool_page *page, *next;
	struct ppool_chunk *c;
	uint32_t n = 0;

	if (first == NULL)
		return;
	rte_spinlock_lock(&pool->free_lock);
	for (page = first; page != NULL; page = next) {
		next = page->state->next;
		c = page->chunk;
		page->state->next = c->free;
		c->free = page;
		c->nb_free++;
		relist(pool, c);
		n++;
	}
	PPOOL_WRITE(pool->nb_free, pool->nb_free + n);
	rte_spinlock_unlock(&pool->free_lock);
}

/* The pages from first to last, n of them. */
void
ppool_free_push(struct rte_ppool *pool, struct ppool_page *first, struct ppool_page *last,
		uint32_t n)
{
	RTE_SET_USED(n);
	last->state->next = NULL;
	ppool_free_push_chain(pool, first);
}

struct ppool_page *
ppool_free_pop(struct rte_ppool *pool)
{
	struct ppool_page *page = NULL;
	struct ppool_chunk *c = NULL;
	uint32_t i;

	if (PPOOL_READ(pool->nb_free) == 0)
		return NULL;
	rte_spinlock_lock(&pool->free_lock);
	for (i = PPOOL_FREE_NONE + 1; i < PPOOL_FREE_LISTS && c == NULL; i++)
		c = TAILQ_FIRST(&pool->free[i]);
	if (c != NULL) {
		page = c->free;
		c->free = page->state->next;
		c->nb_free--;
		relist(pool, c);
		PPOOL_WRITE(pool->nb_free, pool->nb_free - 1);
		pool->used_peak = RTE_MAX(pool->used_peak, pool->nb_pages - pool->nb_free);
	}
	rte_spinlock_unlock(&pool->free_lock);
	return page;
}

/* All pages of a new chunk. Who changes the number of pages of the pool holds the grow lock, and
 * for a moment this one: the two of them together say how many are in use.
 */
void
ppool_free_add(struct rte_ppool *pool, struct ppool_chunk *c)
{
	uint32_t i;

	/* The lowest address first. */
	c->free = NULL;
	for (i = c->nb_pages; i-- > 0;) {
		c->pages[i].state->next = c->free;
		c->free = &c->pages[i];
	}
	c->nb_free = c->nb_pages;
	c->list = PPOOL_FREE_NONE;
	rte_spinlock_lock(&pool->free_lock);
	relist(pool, c);
	PPOOL_WRITE(pool->nb_free, pool->nb_free + c->nb_pages);
	PPOOL_WRITE(pool->nb_pages, pool->nb_pages + c->nb_pages);
	rte_spinlock_unlock(&pool->free_lock);
}

/* Take an entirely free chunk out of the lists, one that has been so for longest, and since
 * before "until". Of its pages at most "spare" may go. NULL if there is none.
 */
struct ppool_chunk *
ppool_free_take_idle(struct rte_ppool *pool, uint64_t until, uint32_t spare)
{
	struct ppool_chunk *c;

	rte_spinlock_lock(&pool->free_lock);
	TAILQ_FOREACH_REVERSE(c, &pool->free[PPOOL_FREE_IDLE], ppool_chunk_list, by_free) {
		if (c->idle_since > until) {
			c = NULL;
			break;
		}
		if (c->nb_pages <= spare)
			break;
	}
	if (c != NULL) {
		TAILQ_REMOVE(&pool->free[PPOOL_FREE_IDLE], c, by_free);
		c->list = PPOOL_FREE_NONE;
		PPOOL_WRITE(pool->nb_free, pool->nb_free - c->nb_pages);
		PPOOL_WRITE(pool->nb_pages, pool->nb_pages - c->nb_pages);
	}
	rte_spinlock_unlock(&pool->free_lock);
	return c;
}

/* The most pages that were in use at a time since this was called last: those that were not in
 * the free list.
 */
uint32_t
ppool_free_peak(struct rte_ppool *pool)
{
	uint32_t peak;

	rte_spinlock_lock(&pool->free_lock);
	peak = pool->used_peak;
	pool->used_peak = pool->nb_pages - pool->nb_free;
	rte_spinlock_unlock(&pool->free_lock);
	return peak;
}
