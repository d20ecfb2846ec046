/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Memory that is not needed goes back: from owners to the pool, from the pool to where it came
 * from.
 *
 * A load that swings must not make the pool give back and ask again all the time. So a chunk
 * has to be entirely free for a while, and as many pages stay as were in use lately: the
 * largest number seen, which is forgotten by and by, and some more.
 *
 * A chunk goes in two steps. In the first it leaves the free list and the table: none of its
 * pages is in use, and from now on nobody finds it. Its memory goes in the second step, in a
 * later call. Those who had a fragment of it are through: their last access to chunk, page or
 * mbuf comes before their page is in the free list, under its lock, and it was found there
 * under the same lock. The time between the steps is for those who had none: a put of an mbuf
 * that is not out, wrong as it is, may have found the chunk just before it left.
 *
 * G0  first step: the entry of the table is overwritten, relaxed. Who looks for an mbuf of this
 *     chunk has no right to; all others pass by the old value and the new one alike.
 * G1  second step, some ms after the first: no order, but time.
 */

#include <rte_cycles.h>
#include <rte_eal.h>

#include "ppool_memory.h"
#include "ppool_trace.h"

/* Milliseconds that a chunk must have been entirely free, and an owner idle. */
#define IDLE_MS 100u
/* Milliseconds from the first step to the second. */
#define GRACE_MS 10u
/* The largest number of pages in use is forgotten: an eighth part of it in so many ms. */
#define FORGET_MS 40u
#define FORGET_STEPS 100u

static uint64_t
cycles(uint32_t ms)
{
	return rte_get_tsc_hz() / 1000 * ms;
}

/* ---- from owners to the pool */

/* The owner has opened no page for a while. Asked under its lock. */
static bool
is_idle(struct rte_ppool_owner *o, uint64_t now)
{
	uint64_t count = PPOOL_READ(o->attached) + PPOOL_READ(o->alloc_empty);

	if (count != o->idle_count || o->idle_since == 0) {
		o->idle_count = count;
		o->idle_since = now;
		return false;
	}
	return now - o->idle_since >= cycles(IDLE_MS);
}

/* The pages that an idle owner keeps. */
static void
owner_shed(struct rte_ppool_owner *o, uint64_t now)
{
	struct ppool_page *cache = NULL, *ring = NULL;

	rte_spinlock_lock(&o->lock);
	if (!o->closed && is_idle(o, now)) {
		cache = o->cache;
		o->cache = NULL;
		PPOOL_WRITE(o->cached, 0);
		/* O1: as an owner takes it, see ppool_alloc.c. Closing takes it as well: then it
		 * is not idle.
		 */
		ring = __atomic_exchange_n(&o->ring, NULL, __ATOMIC_ACQUIRE);
		ppool_ring_taken(o, ring);
	}
	rte_spinlock_unlock(&o->lock);
	ppool_free_push_chain(o->pool, cache);
	ppool_free_push_chain(o->pool, ring);
}

/* The open page of an owner of the mempool's: it is used under a lock, so that others may give
 * up its hold. A driver's owner is its own.
 */
static void
slot_shed(struct ppool_slot *slot, uint64_t now)
{
	struct rte_ppool_owner *o;
	bool idle;

	if (PPOOL_READ(slot->owner) == NULL)
		return;
	rte_spinlock_lock(&slot->lock);
	o = slot->owner;
	if (o != NULL && o->page != NULL) {
		rte_spinlock_lock(&o->lock);
		idle = is_idle(o, now);
		rte_spinlock_unlock(&o->lock);
		if (idle)
			ppool_page_retire(o);
	}
	rte_spinlock_unlock(&slot->lock);
}

static void
owners_shed(struct rte_ppool *pool, uint64_t now)
{
	struct rte_ppool_owner *o;
	uint32_t i;

	for (i = 0; i < PPOOL_SLOTS; i++)
		slot_shed(&pool->slots[i], now);
	o = __atomic_load_n(&pool->owners, __ATOMIC_ACQUIRE); /* P0 */
	for (; o != NULL; o = o->next)
		owner_shed(o, now);
}

/* ---- from the pool to the heap */

/* How many pages the pool keeps, as it is used now and was lately. */
static uint64_t
pages_to_keep(struct rte_ppool *pool, uint64_t now)
{
	const uint64_t step = cycles(FORGET_MS);
	uint32_t i;

	for (i = 0; i < FORGET_STEPS && pool->keep_next <= now; i++) {
		/* in units of 1/256, so that small numbers go down to 0, too */
		pool->keep_pages -= (pool->keep_pages + 7) / 8;
		pool->keep_next += step;
	}
	if (pool->keep_next <= now)
		pool->keep_next = now + step;
	pool->keep_pages = RTE_MAX(pool->keep_pages, (uint64_t)ppool_free_peak(pool) << 8);
	return RTE_MAX((pool->keep_pages + pool->keep_pages / 8) >> 8,
		(uint64_t)pool->params.min_pages);
}

/* First step. */
static void
retire_idle(struct rte_ppool *pool, uint64_t now)
{
	uint64_t keep = pages_to_keep(pool, now), until = now - cycles(IDLE_MS);
	struct ppool_chunk *c;

	while (pool->nb_pages > keep) {
		c = ppool_free_take_idle(pool, until, pool->nb_pages - (uint32_t)keep);
		if (c == NULL)
			break;
		ppool_chunk_remove(pool, c);
		c->retired = now;
		c->next = pool->retired;
		pool->retired = c;
	}
}

/* Second step: those that have waited. Newest first in the list, so it is the rest of it. */
static struct ppool_chunk *
retired_take(struct rte_ppool *pool, uint64_t now)
{
	struct ppool_chunk **link = &pool->retired, *c;

	while (*link != NULL && now - (*link)->retired < cycles(GRACE_MS))
		link = &(*link)->next;
	c = *link;
	*link = NULL;
	return c;
}

/* Not under the grow lock: those who want to grow need not wait for it. Memory that comes back
 * to the heap and is had from it again is ordered by the heap's lock; ThreadSanitizer sees none
 * of that, so it is given another.
 */
static uint32_t
give_back(struct rte_ppool *pool, struct ppool_chunk *c)
{
	struct ppool_chunk *next;
	uint64_t bytes = 0;
	uint32_t pages = 0;

	for (; c != NULL; c = next) {
		next = c->next;
		pages += c->nb_pages;
		bytes += c->bytes;
#if defined(__SANITIZE_THREAD__)
		pthread_mutex_lock(&pool->grow_lock);
#endif
		ppool_trace_shrink(pool, c->nb_pages, c->bytes, pool->nb_pages);
		ppool_chunk_free(pool, c); /* G1 */
#if defined(__SANITIZE_THREAD__)
		pthread_mutex_unlock(&pool->grow_lock);
#endif
	}
	if (pages > 0) {
		pthread_mutex_lock(&pool->grow_lock);
		PPOOL_WRITE(pool->memory_bytes, pool->memory_bytes - bytes);
		PPOOL_WRITE(pool->pages_released, pool->pages_released + pages);
		pthread_mutex_unlock(&pool->grow_lock);
	}
	return pages;
}

uint32_t
rte_ppool_maintain(struct rte_ppool *pool)
{
	struct ppool_chunk *gone = NULL;
	uint64_t now = rte_rdtsc();

	/* Chunks are the primary's. */
	if (pool == NULL || rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	owners_shed(pool, now);
	/* The memory of an INLINE pool is its mempool's. */
	if (!pool->compact)
		return 0;
	pthread_mutex_lock(&pool->grow_lock);
	now = rte_rdtsc();
	gone = retired_take(pool, now);
	retire_idle(pool, now);
	pthread_mutex_unlock(&pool->grow_lock);
	return give_back(pool, gone);
}
