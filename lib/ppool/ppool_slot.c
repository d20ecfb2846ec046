/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The way from the mempool API to owners: each lcore has a slot with an owner of its own, all
 * threads without an lcore share one.
 */

#include <errno.h>

#include "ppool_page.h"
#include "ppool_report.h"

static struct ppool_slot *
slot_mine(struct rte_ppool *pool)
{
	unsigned int lcore = rte_lcore_id();

	return &pool->slots[lcore < RTE_MAX_LCORE ? lcore : RTE_MAX_LCORE];
}

/* Lock the slot, with an owner in it. The first time, one is opened. */
static int
slot_lock(struct rte_ppool *pool, struct ppool_slot *slot)
{
	struct rte_ppool_owner *o;
	unsigned int lcore = slot - pool->slots;
	char name[PPOOL_OWNER_NAMESIZE];

	rte_spinlock_lock(&slot->lock);
	if (likely(slot->owner != NULL))
		return 0;
	rte_spinlock_unlock(&slot->lock);
	if (lcore < RTE_MAX_LCORE)
		snprintf(name, sizeof(name), "lcore %u", lcore);
	else
		snprintf(name, sizeof(name), "non-EAL threads");
	o = ppool_owner_open(pool, name, true);
	if (o == NULL)
		return -1;
	rte_spinlock_lock(&slot->lock);
	if (slot->owner == NULL) {
		PPOOL_WRITE(slot->owner, o);
		return 0;
	}
	rte_spinlock_unlock(&slot->lock);
	rte_ppool_owner_close(o);
	rte_spinlock_lock(&slot->lock);
	if (slot->owner != NULL)
		return 0;
	rte_spinlock_unlock(&slot->lock);
	return -1;
}

/* This lcore cannot get n. Other lcores may have open pages that they have not used up, or of
 * which some is back: with all slots locked these are retired, and are as good as any partly
 * free page. A mempool has to give what it says it has.
 */
static __rte_noinline int
get_from_all(struct rte_ppool *pool, struct ppool_slot *mine, struct rte_mbuf **mbufs,
		uint32_t n)
{
	struct rte_ppool_owner *o;
	uint32_t done = 0, i;

	for (i = 0; i < PPOOL_SLOTS; i++) {
		rte_spinlock_lock(&pool->slots[i].lock);
		o = pool->slots[i].owner;
		if (o != NULL && o->page != NULL)
			ppool_page_retire(o);
	}
	o = mine->owner;
	if (o != NULL) {
		if (ppool_owner_reserve(o, n) >= n)
			done = ppool_owner_issue(o, mbufs, n);
		ppool_owner_unreserve(o);
		if (done < n)
			PPOOL_COUNT(o->alloc_fail, n);
	}
	mine->last = n == 1 && done == 1 ? mbufs[0] : NULL;
	for (i = 0; i < PPOOL_SLOTS; i++)
		rte_spinlock_unlock(&pool->slots[i].lock);
	if (done == n)
		return 0;
	rte_ppool_put_bulk(pool, mbufs, done); /* stale puts spoilt what was counted on */
	return -ENOENT;
}

/* n objects, all or none. */
int
ppool_slots_get(struct rte_ppool *pool, void **objs, unsigned int n)
{
	struct rte_mbuf **mbufs = (struct rte_mbuf **)objs;
	struct ppool_slot *slot = slot_mine(pool);
	uint32_t done = 0;

	if (unlikely(slot_lock(pool, slot) != 0))
		return -ENOENT;
	if (likely(ppool_owner_rest(slot->owner) >= n ||
			ppool_owner_reserve(slot->owner, n) >= n))
		done = ppool_owner_issue(slot->owner, mbufs, n);
	/* What was set aside in vain: all of it, or a small part that a larger one made needless. */
	if (unlikely(slot->owner->spare != NULL))
		ppool_owner_unreserve(slot->owner);
	slot->last = n == 1 && done == 1 ? mbufs[0] : NULL;
	rte_spinlock_unlock(&slot->lock);
	if (likely(done == n))
		return 0;
	rte_ppool_put_bulk(pool, mbufs, done);
	return get_from_all(pool, slot, mbufs, n);
}

/* What the calling thread got last, if that was a single object. Nobody else may be using the
 * pool.
 */
void *
ppool_slots_last(struct rte_ppool *pool)
{
	struct ppool_slot *slot = slot_mine(pool);
	void *last = slot->last;

	slot->last = NULL;
	return last;
}

/* Of the open page of an owner of a driver's: what is back, which nobody else can get. */
static uint64_t
open_back(const struct rte_ppool_owner *o)
{
	const struct ppool_page *page = __atomic_load_n(&o->page, __ATOMIC_ACQUIRE); /* I0 */

	return page != NULL ? ppool_state_back(page->state, 0, page->nb_frags) : 0;
}

/* What can be got: what is back, what lcores have left, and what the pool may still grow. */
unsigned int
ppool_slots_count(const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;
	uint64_t n;

	n = ppool_frags_back(pool);
	n += (uint64_t)(pool->params.max_pages - PPOOL_READ(pool->nb_pages)) *
		pool->frags_per_page;
	/* So that the open pages that are looked at stay. */
	ppool_chunks_lock(pool);
	o = __atomic_load_n(&pool->owners, __ATOMIC_ACQUIRE); /* P0 */
	for (; o != NULL; o = o->next) {
		if (o->internal)
			n += ppool_owner_rest(o);
		else
			n -= RTE_MIN(n, open_back(o));
	}
	ppool_chunks_unlock(pool);
	return (unsigned int)RTE_MIN(n, (uint64_t)pool->mp->size);
}

/* The pool is being destroyed: the lcores' owners are closed. */
void
ppool_slots_close(struct rte_ppool *pool)
{
	struct rte_ppool_owner *o;
	uint32_t i;

	for (i = 0; i < PPOOL_SLOTS; i++) {
		rte_spinlock_lock(&pool->slots[i].lock);
		o = pool->slots[i].owner;
		PPOOL_WRITE(pool->slots[i].owner, NULL);
		rte_spinlock_unlock(&pool->slots[i].lock);
		rte_ppool_owner_close(o);
	}
}
