/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * All pools, in memory that all processes of one EAL see.
 *
 * A mempool names its ops by an index into a table that each process fills for itself, in the
 * order in which it loads its libraries. So before a process is given a pool, the name behind
 * the index is compared here. A COMPACT pool has in its shared infos the address of a function:
 * the process that made it has it there, others have something else, unless by chance.
 */

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memzone.h>
#include <rte_pause.h>

#include "ppool_page.h"

#define ZONE_NAME "ppool_pools"

TAILQ_HEAD(ppool_list, rte_ppool);

struct registry {
	uint32_t ready;
	/* Over both lists. Recursive: a callback of walk may free the last fragment of a pool. */
	pthread_mutex_t lock;
	struct ppool_list live;
	/* Destroyed, with pages in flight. */
	struct ppool_list dying;
};

static struct registry *reg;

static void
registry_init(struct registry *r)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&r->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	TAILQ_INIT(&r->live);
	TAILQ_INIT(&r->dying);
	/* M0: release, pairs with the acquire load of other processes: lock and lists. */
	__atomic_store_n(&r->ready, 1, __ATOMIC_RELEASE);
}

/* The registry, if there is one, or if it can be made. */
static struct registry *
registry(bool make)
{
	struct registry *r = __atomic_load_n(&reg, __ATOMIC_ACQUIRE); /* M1 */
	const struct rte_memzone *mz = NULL;
	uint64_t end;

	if (likely(r != NULL))
		return r;
	if (make) {
		mz = rte_memzone_reserve_aligned(ZONE_NAME, sizeof(*r), SOCKET_ID_ANY, 0,
			RTE_CACHE_LINE_SIZE);
		if (mz != NULL)
			registry_init(mz->addr);
	}
	if (mz == NULL)
		mz = rte_memzone_lookup(ZONE_NAME);
	if (mz == NULL)
		return NULL;
	r = mz->addr;
	/* Another process, or thread, may be making it. */
	end = rte_rdtsc() + rte_get_tsc_hz();
	while (__atomic_load_n(&r->ready, __ATOMIC_ACQUIRE) != 1) { /* M0 */
		if (rte_rdtsc() > end)
			return NULL;
		rte_pause();
	}
	/* M1: release: other threads of this process need not look at M0 again. */
	__atomic_store_n(&reg, r, __ATOMIC_RELEASE);
	return r;
}

int
ppool_registry_open(void)
{
	if (registry(true) != NULL)
		return 0;
	PPOOL_LOG(ERR, "no memory for the list of pools");
	return -ENOMEM;
}

/* The lists exist when there is a pool. */
void
ppool_registry_lock(void)
{
	pthread_mutex_lock(&reg->lock);
}

void
ppool_registry_unlock(void)
{
	pthread_mutex_unlock(&reg->lock);
}

void
ppool_registry_add(struct rte_ppool *pool)
{
	ppool_registry_lock();
	TAILQ_INSERT_TAIL(&reg->live, pool, list);
	ppool_registry_unlock();
}

/* Under the lock. The pointer is not followed. */
bool
ppool_registry_is_live(const struct rte_ppool *pool)
{
	const struct rte_ppool *p;

	if (registry(false) == NULL)
		return false;
	TAILQ_FOREACH(p, &reg->live, list)
		if (p == pool)
			return true;
	return false;
}

/* Under the lock: from live to dying. */
void
ppool_registry_bury(struct rte_ppool *pool)
{
	TAILQ_REMOVE(&reg->live, pool, list);
	TAILQ_INSERT_TAIL(&reg->dying, pool, list);
}

void
ppool_registry_remove(struct rte_ppool *pool)
{
	ppool_registry_lock();
	TAILQ_REMOVE(&reg->dying, pool, list);
	ppool_registry_unlock();
}

/* A pool whose last fragment came back in another process than the one that can free it, and
 * that has been taken off the list for that now; NULL: none.
 */
struct rte_ppool *
ppool_registry_orphan(void)
{
	struct rte_ppool *pool;

	if (registry(false) == NULL || rte_eal_process_type() != RTE_PROC_PRIMARY)
		return NULL;
	ppool_registry_lock();
	TAILQ_FOREACH(pool, &reg->dying, list)
		if (__atomic_load_n(&pool->orphan, __ATOMIC_ACQUIRE)) /* M2 */
			break;
	if (pool != NULL)
		TAILQ_REMOVE(&reg->dying, pool, list);
	ppool_registry_unlock();
	return pool;
}

/* ---- pools of other processes */

/* Name of the ops that this process has at an index, or what stands for none. */
static const char *
ops_name(int32_t index)
{
	if (index < 0 || (uint32_t)index >= rte_mempool_ops_table.num_ops)
		return "(none)";
	return rte_mempool_ops_table.ops[index].name;
}

/* May this process free the clones of mbufs of this pool, and so have mbufs of it? */
bool
ppool_callback_is_here(const struct rte_ppool *pool)
{
	return !pool->compact || pool->shinfo_cb == ppool_shinfo_free;
}

/* Can this process use the pool? Otherwise rte_errno says why not, and so does the log, if asked
 * to. Quick for the process that made the pool.
 */
static bool
usable(struct rte_ppool *pool, bool say)
{
	const char *want = pool->compact ? PPOOL_OPS_COMPACT_NAME : PPOOL_OPS_NAME;
	const char *have = ops_name(pool->mp->ops_index);

	if (strcmp(want, have) != 0) {
		rte_errno = ENOTSUP;
		if (say) {
			PPOOL_COUNT_MT(pool->bad_process, 1);
			PPOOL_LOG(ERR, "%s: its mempool has ops %d, \"%s\" in the process that made "
				"it, but \"%s\" here: all processes must load the same libraries, "
				"in the same order (-d)", pool->name, pool->mp->ops_index, want, have);
		}
		return false;
	}
	if (ppool_callback_is_here(pool))
		return true;
	rte_errno = ENOTSUP;
	if (say) {
		PPOOL_COUNT_MT(pool->bad_process, 1);
		PPOOL_LOG(ERR, "%s: a COMPACT pool of another process: the last clone of its mbufs "
			"can only be freed there; use INLINE for what several processes share",
			pool->name);
	}
	return false;
}

struct rte_ppool *
rte_ppool_lookup(const char *name)
{
	struct rte_ppool *pool = NULL;

	rte_errno = ENOENT;
	if (name == NULL || registry(false) == NULL)
		return NULL;
	ppool_registry_lock();
	TAILQ_FOREACH(pool, &reg->live, list)
		if (strcmp(pool->name, name) == 0)
			break;
	if (pool != NULL && !usable(pool, true))
		pool = NULL;
	ppool_registry_unlock();
	return pool;
}

void
rte_ppool_walk(void (*cb)(struct rte_ppool *pool, void *arg), void *arg)
{
	struct rte_ppool *pool;

	if (registry(false) == NULL)
		return;
	ppool_registry_lock();
	TAILQ_FOREACH(pool, &reg->live, list)
		if (usable(pool, false))
			cb(pool, arg);
	ppool_registry_unlock();
}
