/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Pools: creation, names, destruction. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "ppool_debug.h"
#include "ppool_memory.h"
#include "ppool_trace.h"

#define CACHE_PAGES_DEFAULT 16u
#define CACHE_PAGES_MAX 4096u
#define PRIV_SIZE_MAX 1024u

RTE_LOG_REGISTER(ppool_logtype, lib.ppool, NOTICE);

static uint32_t serial;

/* ---- creation */

#define REFUSE(fmt, ...) \
	do { \
		PPOOL_LOG(ERR, "%s: " fmt, name, ##__VA_ARGS__); \
		return -EINVAL; \
	} while (0)

static int
params_check(const char *name, struct rte_ppool_params *p)
{
	if (p->layout != RTE_PPOOL_LAYOUT_COMPACT && p->layout != RTE_PPOOL_LAYOUT_INLINE)
		REFUSE("layout %d is unknown", (int)p->layout);
	if (p->page_size == 0)
		p->page_size = RTE_PPOOL_PAGE_DEFAULT;
	if (p->frag_size == 0)
		p->frag_size = RTE_MIN(p->layout == RTE_PPOOL_LAYOUT_COMPACT ?
			RTE_PPOOL_FRAG_DEFAULT : RTE_MBUF_DEFAULT_BUF_SIZE, p->page_size);
	if (p->cache_pages == 0)
		p->cache_pages = CACHE_PAGES_DEFAULT;
	if (!rte_is_power_of_2(p->page_size) || p->page_size < RTE_PPOOL_PAGE_MIN ||
			p->page_size > RTE_PPOOL_PAGE_MAX)
		REFUSE("page size %u is not a power of two in %u..%u", p->page_size,
			RTE_PPOOL_PAGE_MIN, RTE_PPOOL_PAGE_MAX);
	if (p->frag_size % RTE_CACHE_LINE_SIZE != 0 || p->frag_size <= RTE_PKTMBUF_HEADROOM ||
			p->frag_size > UINT16_MAX + 1u)
		REFUSE("fragment size %u is not a multiple of %u in %u..65536", p->frag_size,
			RTE_CACHE_LINE_SIZE, RTE_PKTMBUF_HEADROOM + RTE_CACHE_LINE_SIZE);
	if (p->frag_size > p->page_size)
		REFUSE("fragment size %u is more than the page size %u", p->frag_size,
			p->page_size);
	if (p->max_pages == 0 || p->min_pages > p->max_pages)
		REFUSE("%u to %u pages are not possible", p->min_pages, p->max_pages);
	if ((uint64_t)p->max_pages * (p->page_size / p->frag_size) > RTE_PPOOL_FRAGS_MAX)
		REFUSE("%u pages of %u fragments are more than %u fragments", p->max_pages,
			p->page_size / p->frag_size, RTE_PPOOL_FRAGS_MAX);
	if (p->priv_size % RTE_MBUF_PRIV_ALIGN != 0 || p->priv_size > PRIV_SIZE_MAX)
		REFUSE("private size %u is not a multiple of %u in 0..%u", p->priv_size,
			RTE_MBUF_PRIV_ALIGN, PRIV_SIZE_MAX);
	if (p->cache_pages > CACHE_PAGES_MAX)
		REFUSE("%u pages are too many for an owner's cache, at most %u",
			p->cache_pages, CACHE_PAGES_MAX);
	if (p->socket_id != SOCKET_ID_ANY &&
			(p->socket_id < 0 || p->socket_id >= RTE_MAX_NUMA_NODES))
		REFUSE("there is no NUMA node %d", p->socket_id);
	return ppool_mem_check(name, p);
}

static void
mutex_init(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(mutex, &attr);
	pthread_mutexattr_destroy(&attr);
}

/* What pools of both layouts have. In shared memory, all of it: secondary processes use the
 * pool by the same addresses.
 */
static struct rte_ppool *
pool_struct(const char *name, const struct rte_ppool_params *p)
{
	struct rte_ppool *pool;

	pool = rte_zmalloc_socket("ppool", sizeof(*pool), RTE_CACHE_LINE_SIZE, p->socket_id);
	if (pool == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	ppool_debug_born(pool);
	pool->params = *p;
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	snprintf(pool->inner_name, sizeof(pool->inner_name), "#ppool:%u",
		__atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED));
	pool->compact = p->layout == RTE_PPOOL_LAYOUT_COMPACT;
	pool->data_room = (uint16_t)RTE_MIN(p->frag_size, (uint32_t)UINT16_MAX);
	pool->cache_pages = p->cache_pages;
	pool->ring_limit = RTE_MAX(64u, 4 * p->cache_pages);
	pool->refs = 1;
	pool->shinfo_cb = ppool_shinfo_free;
	ppool_free_init(pool);
	mutex_init(&pool->lock);
	mutex_init(&pool->grow_lock);
	return pool;
}

static struct rte_ppool *
pool_alloc(const char *name, const struct rte_ppool_params *p)
{
	struct rte_ppool *pool = pool_struct(name, p);

	if (pool == NULL || !pool->compact)
		return pool;
	pool->page_size = p->page_size;
	pool->frag_size = p->frag_size;
	pool->frags_per_page = p->page_size / p->frag_size;
	pool->nb_words = (pool->frags_per_page + 63) / 64;
	pool->mbuf_stride = RTE_ALIGN_CEIL((uint32_t)sizeof(struct rte_mbuf) + p->priv_size,
			(uint32_t)RTE_CACHE_LINE_SIZE);
	pool->recip_stride = ppool_reciprocal(pool->mbuf_stride);
	pool->recip_frags = ppool_reciprocal(pool->frags_per_page);
	if (!ppool_is_large(pool))
		pool->full = ppool_bits(0, pool->frags_per_page) | PPOOL_OPEN;
	rte_errno = EINVAL;
	if (ppool_layout(pool) == 0) {
		pool->table = rte_calloc_socket("ppool_table", (size_t)pool->table_mask + 1,
			sizeof(*pool->table), RTE_CACHE_LINE_SIZE, p->socket_id);
		if (pool->table != NULL)
			return pool;
		rte_errno = ENOMEM;
	}
	rte_free(pool);
	return NULL;
}

static void
pool_free(struct rte_ppool *pool)
{
	struct rte_ppool_owner *o, *next;

	ppool_trace_free(pool, pool->name);
	pool = ppool_debug_bury(pool);
	if (pool == NULL)
		return;
	if (pool->mp != NULL && !pool->mp_gone) {
		pool->mp->pool_data = NULL; /* this is not the user's rte_mempool_free() */
		ppool_debug_going(pool);
		rte_mempool_free(pool->mp);
	}
	if (pool->compact)
		ppool_chunks_free(pool);
	else
		ppool_inline_free(pool);
	for (o = pool->owners; o != NULL; o = next) {
		next = o->next;
		rte_free(o);
	}
	rte_memzone_free(pool->name_mz);
	pthread_mutex_destroy(&pool->lock);
	pthread_mutex_destroy(&pool->grow_lock);
	rte_free(pool->table);
	rte_free(pool);
}

/* The name is held against other mempools and pools by an empty memzone of the name that
 * the EAL would give the mempool's. The mempool itself goes by an inner name there, so that
 * the name is free again as soon as the pool is destroyed, though its memory may live on.
 */
static int
name_take(struct rte_ppool *pool)
{
	char zone[RTE_MEMZONE_NAMESIZE];

	snprintf(zone, sizeof(zone), RTE_MEMPOOL_MZ_FORMAT, pool->name);
	pool->name_mz = rte_memzone_reserve(zone, RTE_CACHE_LINE_SIZE, SOCKET_ID_ANY, 0);
	if (pool->name_mz == NULL) {
		PPOOL_LOG(ERR, "%s: %s", pool->name, rte_errno == EEXIST ?
			"a pool of this name exists" : "no memory for the name");
		return -rte_errno;
	}
	return 0;
}

static void
mempool_rename(struct rte_ppool *pool, const char *name)
{
	rte_mcfg_mempool_write_lock();
	snprintf(pool->mp->name, sizeof(pool->mp->name), "%s", name);
	rte_mcfg_mempool_write_unlock();
}

static int
pool_fill(struct rte_ppool *pool)
{
	int ret = 0;

	if (!pool->compact)
		return ppool_inline_mempool_create(pool, pool->params.max_pages *
			(pool->params.page_size / pool->params.frag_size)) != NULL ? 0 : -rte_errno;
	pool->mp = ppool_mempool_create(pool);
	if (pool->mp == NULL)
		return -rte_errno;
	pthread_mutex_lock(&pool->grow_lock);
	while (ret == 0 && pool->nb_pages < pool->params.min_pages)
		ret = ppool_grow(pool, pool->params.min_pages - pool->nb_pages);
	pthread_mutex_unlock(&pool->grow_lock);
	if (ret == -ENOMEM)
		PPOOL_LOG(ERR, "%s: no memory: %u of %u pages of %u bytes could be had on NUMA "
			"node %d: reserve more hugepages, or ask for less", pool->name,
			pool->nb_pages, pool->params.min_pages, pool->page_size,
			pool->params.socket_id);
	return ret;
}

/* Pools whose last fragment came back in a secondary process. */
static void
reap(void)
{
	struct rte_ppool *pool;

	while ((pool = ppool_registry_orphan()) != NULL)
		pool_free(pool);
}

static int
create_check(const char *name, const struct rte_ppool_params *params)
{
	if (ppool_second_copy()) {
		PPOOL_LOG(ERR, "this is a second copy of librte_ppool in the process: it makes "
			"no pools");
		return -ELIBACC;
	}
	if (rte_eal_process_type() == RTE_PROC_SECONDARY) {
		PPOOL_LOG(ERR, "pools are made by the primary process only");
		return -E_RTE_SECONDARY;
	}
	if (name == NULL || name[0] == '\0' || params == NULL) {
		PPOOL_LOG(ERR, "a pool needs a name and parameters");
		return -EINVAL;
	}
	if (strnlen(name, RTE_PPOOL_NAMESIZE) == RTE_PPOOL_NAMESIZE) {
		PPOOL_LOG(ERR, "%s: a name has at most %u characters", name,
			RTE_PPOOL_NAMESIZE - 1);
		return -ENAMETOOLONG;
	}
	return 0;
}

struct rte_ppool *
rte_ppool_create(const char *name, const struct rte_ppool_params *params)
{
	struct rte_ppool *pool = NULL;
	struct rte_ppool_params p;
	int ret = create_check(name, params);

	reap();
	if (ret == 0) {
		p = *params;
		ret = params_check(name, &p);
	}
	if (ret == 0)
		ret = ppool_registry_open();
	if (ret == 0) {
		pool = pool_alloc(name, &p);
		ret = pool != NULL ? name_take(pool) : -rte_errno;
	}
	if (ret == 0)
		ret = pool_fill(pool);
	if (ret != 0) {
		if (pool != NULL)
			pool_free(pool);
		rte_errno = -ret;
		return NULL;
	}
	mempool_rename(pool, name);
	ppool_registry_add(pool);
	ppool_trace_create(pool, pool->name, p.layout, pool->page_size, pool->frag_size,
		pool->params.min_pages, pool->params.max_pages);
	return pool;
}

/* The pool of a mempool that a user has made, and given the ops "ppool". Its memory is yet to
 * come. NULL with rte_errno.
 */
struct rte_ppool *
ppool_adopt(struct rte_mempool *mp)
{
	struct rte_ppool_params p = {
		/* The node of the mempool may be one of external memory, of objects only. */
		.socket_id = mp->socket_id < RTE_MAX_NUMA_NODES ? mp->socket_id : SOCKET_ID_ANY,
		.layout = RTE_PPOOL_LAYOUT_INLINE,
		.cache_pages = CACHE_PAGES_DEFAULT,
	};
	struct rte_ppool *pool;

	if (ppool_registry_open() != 0) {
		rte_errno = ENOMEM;
		return NULL;
	}
	pool = pool_struct(mp->name, &p);
	if (pool == NULL) {
		PPOOL_LOG(ERR, "%s: no memory for a pool", mp->name);
		rte_errno = ENOMEM;
		return NULL;
	}
	pool->adopted = true;
	ppool_inline_layout(pool, mp);
	PPOOL_LOG(DEBUG, "%s: a mempool of %u objects of %u bytes, %u to a page", pool->name,
		mp->size, mp->elt_size, pool->frags_per_page);
	ppool_registry_add(pool);
	ppool_trace_create(pool, pool->name, p.layout, pool->page_size, pool->frag_size, 0, 0);
	return pool;
}

struct rte_mempool *
rte_ppool_to_mempool(const struct rte_ppool *pool)
{
	return pool->mp;
}

/* ---- destruction */

/* One reason less to keep the pool. The last one frees it: nothing may touch it after this.
 * D0: acq_rel: what each of the others did with the pool comes before it is freed.
 */
void
ppool_unref(struct rte_ppool *pool)
{
	if (__atomic_sub_fetch(&pool->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	/* What gives its memory back are functions of the process that made it. */
	if (rte_eal_process_type() != RTE_PROC_PRIMARY && !pool->adopted) {
		/* M2: release, pairs with the acquire load of the process that frees it. */
		__atomic_store_n(&pool->orphan, true, __ATOMIC_RELEASE);
		return;
	}
	ppool_registry_remove(pool);
	if (pool->destroy_out > 0)
		PPOOL_LOG(NOTICE, "%s: the last of %" PRIu64 " fragments that were out is back, "
			"%.3f s after destroy", pool->name, pool->destroy_out,
			(double)(rte_rdtsc() - pool->destroyed) / (double)rte_get_tsc_hz());
	pool_free(pool);
}

static bool
owner_is_open(const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;

	for (o = pool->owners; o != NULL; o = o->next) {
		if (!o->internal && __atomic_load_n(&o->state, __ATOMIC_RELAXED) ==
				PPOOL_OWNER_OPEN)
			return true;
	}
	return false;
}

/* From live to dying. force: whatever owners are open. */
static int
begin_destroy(struct rte_ppool *pool, bool force)
{
	int ret = 0;

	if (ppool_registry_open() != 0)
		return -EALREADY;
	ppool_registry_lock();
	/* The pointer is not followed before it is known to be one. */
	if (!ppool_registry_is_live(pool)) {
		ppool_registry_unlock();
		return -EALREADY;
	}
	pthread_mutex_lock(&pool->lock);
	if (owner_is_open(pool) && !force)
		ret = -EBUSY;
	else
		PPOOL_WRITE(pool->closing, true);
	pthread_mutex_unlock(&pool->lock);
	if (ret == 0)
		ppool_registry_bury(pool);
	ppool_registry_unlock();
	if (ret != 0)
		return ret;
	/* Not under our lock: callbacks of the EAL's lists may look up pools under theirs. */
	if (!pool->mp_gone)
		mempool_rename(pool, pool->inner_name);
	rte_memzone_free(pool->name_mz);
	pool->name_mz = NULL;
	return 0;
}

/* The rest of it: true if the pool is gone already. */
static bool
end_destroy(struct rte_ppool *pool)
{
	bool waits;

	ppool_mempool_uncache(pool);
	ppool_slots_close(pool);
	/* Which pages are held is looked up and said while this call still keeps the pool. */
	waits = ppool_report_held(pool);
	ppool_trace_destroy(pool, pool->name, pool->destroy_out);
	ppool_unref(pool);
	return !waits;
}

int
rte_ppool_destroy(struct rte_ppool *pool)
{
	int ret;

	reap();
	if (pool == NULL)
		return 0;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		PPOOL_LOG(ERR, "pools are destroyed by the primary process only");
		return -E_RTE_SECONDARY;
	}
	ret = begin_destroy(pool, false);
	if (ret != 0)
		return ret;
	return end_destroy(pool) ? 0 : -EINPROGRESS;
}

/* The mempool of an INLINE pool is freed, and with it the memory of all of its objects, wherever
 * they are. What remains of the pool goes, too, unless a driver still has an owner of it.
 */
static void
inline_gone(struct rte_ppool *pool, bool open)
{
	if (open || pool->held > 0)
		PPOOL_LOG(ERR, "%s: rte_mempool_free() while %u objects are out%s: "
			"rte_ppool_destroy() would have waited", pool->name, pool->held,
			open ? " and an owner is open" : "");
	begin_destroy(pool, true);
	ppool_slots_close(pool);
	if (pool->held > 0)
		ppool_report_held(pool);
	ppool_trace_destroy(pool, pool->name, pool->held);
	pool->destroy_out = 0; /* nothing of it can come back */
	if (open) {
		ppool_unref(pool);
		return;
	}
	ppool_registry_remove(pool);
	pool_free(pool);
}

/* The user called rte_mempool_free(), which cannot wait: the mempool goes now. Pages still
 * held keep their memory, and the pool, until rte_ppool_put_bulk() brings them back; a put
 * through the mempool can bring nothing back any more.
 */
void
ppool_mempool_gone(struct rte_ppool *pool)
{
	uint64_t held;
	bool open;

	pool->mp_gone = true;
	pthread_mutex_lock(&pool->lock);
	open = owner_is_open(pool);
	pthread_mutex_unlock(&pool->lock);
	if (!pool->compact) {
		inline_gone(pool, open);
		return;
	}
	held = ppool_in_flight(pool);
	if (open || held > 0)
		PPOOL_LOG(ERR, "%s: rte_mempool_free() while %s: rte_ppool_destroy() would have "
			"waited", pool->name, open ? "an owner is open" : "mbufs are out");
	if (begin_destroy(pool, true) == 0)
		end_destroy(pool);
}
