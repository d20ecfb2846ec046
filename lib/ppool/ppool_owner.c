/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Owners: opening and closing. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "ppool_page.h"
#include "ppool_trace.h"

/* The struct of a closed owner that no page refers to any more, or a new one. A struct is
 * never freed before the pool, and its lock never set anew: thieves may just look at it.
 */
static struct rte_ppool_owner *
owner_struct(struct rte_ppool *pool)
{
	struct rte_ppool_owner *o;

	for (o = pool->owners; o != NULL; o = o->next) {
		/* C0: pairs with the release store of owner_back(), or of closing. */
		if (__atomic_load_n(&o->state, __ATOMIC_ACQUIRE) == PPOOL_OWNER_FREE)
			return o;
	}
	/* Shared memory: lcores of secondary processes allocate, too. */
	o = rte_zmalloc_socket("ppool_owner", sizeof(*o), RTE_CACHE_LINE_SIZE,
		pool->params.socket_id);
	if (o == NULL)
		return NULL;
	rte_spinlock_init(&o->lock);
	o->pool = pool;
	o->closed = true;
	o->ring = PPOOL_RING_CLOSED;
	o->next = pool->owners;
	/* P0: release, pairs with the acquire loads of those who walk the list without the
	 * lock: the struct as it is now, above all its lock and its next.
	 */
	__atomic_store_n(&pool->owners, o, __ATOMIC_RELEASE);
	return o;
}

struct rte_ppool_owner *
ppool_owner_open(struct rte_ppool *pool, const char *name, bool internal)
{
	struct rte_ppool_owner *o = NULL;
	int err = EBUSY;

	pthread_mutex_lock(&pool->lock);
	if (!pool->closing) {
		o = owner_struct(pool);
		err = ENOMEM;
	}
	if (o == NULL) {
		pthread_mutex_unlock(&pool->lock);
		rte_errno = err;
		return NULL;
	}
	snprintf(o->name, sizeof(o->name), "%s", name != NULL ? name : "");
	o->internal = internal;
	o->linear = 0;
	PPOOL_WRITE(o->thread, NULL);
	PPOOL_WRITE(o->attached, 0);
	PPOOL_WRITE(o->returned, 0);
	rte_spinlock_lock(&o->lock);
	o->closed = false;
	__atomic_store_n(&o->ring, NULL, __ATOMIC_RELAXED);
	rte_spinlock_unlock(&o->lock);
	__atomic_fetch_add(&pool->refs, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&o->state, PPOOL_OWNER_OPEN, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&pool->lock);
	ppool_trace_owner_open(pool, o, o->name);
	return o;
}

struct rte_ppool_owner *
rte_ppool_owner_open(struct rte_ppool *pool, const char *name)
{
	if (!pool->compact && pool->data_off == 0) {
		PPOOL_LOG(ERR, "%s: no owner: its objects are no mbufs with their data", pool->name);
		rte_errno = ENOTSUP;
		return NULL;
	}
	return ppool_owner_open(pool, name, false);
}

struct rte_ppool_owner *
rte_ppool_owner_open_linear(struct rte_ppool *pool, const char *name, uint32_t leave)
{
	struct rte_ppool_owner *o;

	if (!pool->compact || pool->frags_per_page < 2) {
		PPOOL_LOG(ERR, "%s: no linear receive: %s", pool->name, pool->compact ?
			"a page has but one fragment" : "the layout is not COMPACT");
		rte_errno = ENOTSUP;
		return NULL;
	}
	if (leave == 0 || leave >= pool->frags_per_page) {
		PPOOL_LOG(ERR, "%s: no linear receive: %u of %u fragments left out", pool->name, leave,
			pool->frags_per_page);
		rte_errno = EINVAL;
		return NULL;
	}
	o = ppool_owner_open(pool, name, false);
	if (o != NULL)
		o->linear = leave;
	return o;
}

/* What an owner keeps for itself goes to the free list, and nothing more comes in. */
static void
owner_drain(struct rte_ppool_owner *o)
{
	struct ppool_page *cache, *ring;

	rte_spinlock_lock(&o->lock);
	o->closed = true;
	cache = o->cache;
	o->cache = NULL;
	PPOOL_WRITE(o->cached, 0);
	/* O2: a push either comes before this exchange, and its page is in the list that we
	 * get, or it sees the mark and takes the page to the free list.
	 */
	ring = __atomic_exchange_n(&o->ring, PPOOL_RING_CLOSED, __ATOMIC_ACQUIRE);
	ppool_ring_taken(o, ring);
	rte_spinlock_unlock(&o->lock);
	ppool_free_push_chain(o->pool, cache);
	ppool_free_push_chain(o->pool, ring);
	ppool_owner_unreserve(o);
}

void
rte_ppool_owner_close(struct rte_ppool_owner *o)
{
	struct rte_ppool *pool;
	int64_t attached, out;

	if (o == NULL)
		return;
	pool = o->pool;
	/* The pool must not go with the last put while this call is in it. */
	__atomic_fetch_add(&pool->refs, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&pool->lock);
	if (o->state != PPOOL_OWNER_OPEN) {
		pthread_mutex_unlock(&pool->lock);
		PPOOL_LOG(ERR, "%s: owner \"%s\" is closed twice", pool->name, o->name);
		ppool_unref(pool);
		return;
	}
	if (o->page != NULL)
		ppool_page_retire(o);
	owner_drain(o);
	__atomic_store_n(&o->state, PPOOL_OWNER_DRAINING, __ATOMIC_RELAXED);
	attached = (int64_t)o->attached;
	/* C1: acq_rel, with the add of owner_back(): the state above is seen by the one that
	 * brings the count to 0, and what all of them did by us, if that is us.
	 */
	out = __atomic_sub_fetch(&o->returned, attached, __ATOMIC_ACQ_REL);
	PPOOL_ASSERT(out <= 0);
	ppool_trace_owner_close(pool, o, -out);
	if (out == 0)
		__atomic_store_n(&o->state, PPOOL_OWNER_FREE, __ATOMIC_RELEASE); /* C0 */
	pthread_mutex_unlock(&pool->lock);
	if (out == 0)
		ppool_unref(pool);
	ppool_unref(pool);
}
