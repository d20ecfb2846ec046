/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The pool as a mempool: its ops, and the owners that lcores allocate through. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "ppool_page.h"

#define OPS_NAME "ppool_compact"

static bool second_copy;

/* Another copy of this library (one linked into the program, one brought in by a plugin) has
 * registered itself before this one.
 */
bool
ppool_second_copy(void)
{
	return second_copy;
}

/* A pool makes its mempool itself; one made from outside has no memory behind it. */
static int
mp_alloc(struct rte_mempool *mp)
{
	PPOOL_LOG(ERR, "mempool %s: ops \"" OPS_NAME "\" cannot be asked for by name: use "
		"rte_ppool_pktmbuf_pool_create()", mp->name);
	return -ENOTSUP;
}

static void
mp_free(struct rte_mempool *mp)
{
	struct rte_ppool *pool = mp->pool_data;

	mp->pool_data = NULL;
	if (pool != NULL)
		ppool_mempool_gone(pool);
}

static int
mp_enqueue(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	/* What is refused is reported there; the mempool API has no place for it. */
	rte_ppool_put_bulk(mp->pool_data, (struct rte_mbuf *const *)objs, n);
	return 0;
}

/* ---- get */

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
	for (i = 0; i < PPOOL_SLOTS; i++)
		rte_spinlock_unlock(&pool->slots[i].lock);
	if (done == n)
		return 0;
	rte_ppool_put_bulk(pool, mbufs, done); /* stale puts spoilt what was counted on */
	return -ENOENT;
}

static int
mp_dequeue(struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct rte_ppool *pool = mp->pool_data;
	struct ppool_slot *slot = slot_mine(pool);
	struct rte_mbuf **mbufs = (struct rte_mbuf **)objs;
	uint32_t done = 0;

	if (unlikely(slot_lock(pool, slot) != 0))
		return -ENOENT;
	if (likely(ppool_owner_reserve(slot->owner, n) >= n))
		done = ppool_owner_issue(slot->owner, mbufs, n);
	else
		ppool_owner_unreserve(slot->owner);
	rte_spinlock_unlock(&slot->lock);
	if (likely(done == n))
		return 0;
	rte_ppool_put_bulk(pool, mbufs, done);
	return get_from_all(pool, slot, mbufs, n);
}

/* Of the open page of an owner of a driver's: what is back, which nobody else can get. */
static uint64_t
open_back(const struct rte_ppool_owner *o)
{
	const struct ppool_page *page = __atomic_load_n(&o->page, __ATOMIC_ACQUIRE);

	return page != NULL ? ppool_state_back(page->state, 0, page->nb_frags) : 0;
}

/* What can be got: what is back, what lcores have left, and what the pool may still grow. */
static unsigned int
mp_get_count(const struct rte_mempool *mp)
{
	const struct rte_ppool *pool = mp->pool_data;
	const struct rte_ppool_owner *o;
	uint64_t n;

	n = ppool_frags_back(pool);
	n += (uint64_t)(pool->params.max_pages - PPOOL_READ(pool->nb_pages)) *
		pool->frags_per_page;
	for (o = __atomic_load_n(&pool->owners, __ATOMIC_ACQUIRE); o != NULL; o = o->next) {
		if (o->internal)
			n += ppool_owner_rest(o);
		else
			n -= RTE_MIN(n, open_back(o));
	}
	return (unsigned int)RTE_MIN(n, (uint64_t)mp->size);
}

static ssize_t
mp_calc_mem_size(const struct rte_mempool *mp, uint32_t n, uint32_t shift, size_t *min_chunk,
		size_t *align)
{
	RTE_SET_USED(mp);
	RTE_SET_USED(n);
	RTE_SET_USED(shift);
	RTE_SET_USED(min_chunk);
	RTE_SET_USED(align);
	return -ENOTSUP;
}

static int
mp_populate(struct rte_mempool *mp, unsigned int max, void *addr, rte_iova_t iova, size_t len,
		rte_mempool_populate_obj_cb_t *cb, void *arg)
{
	RTE_SET_USED(mp);
	RTE_SET_USED(max);
	RTE_SET_USED(addr);
	RTE_SET_USED(iova);
	RTE_SET_USED(len);
	RTE_SET_USED(cb);
	RTE_SET_USED(arg);
	return -ENOTSUP;
}

static const struct rte_mempool_ops ppool_ops = {
	.name = OPS_NAME,
	.alloc = mp_alloc,
	.free = mp_free,
	.enqueue = mp_enqueue,
	.dequeue = mp_dequeue,
	.get_count = mp_get_count,
	.calc_mem_size = mp_calc_mem_size,
	.populate = mp_populate,
};

/* The EAL takes any number of ops of one name, and finds the first. */
static bool
ops_exist(void)
{
	bool found = false;
	uint32_t i;

	rte_spinlock_lock(&rte_mempool_ops_table.sl);
	for (i = 0; i < rte_mempool_ops_table.num_ops; i++)
		found |= strcmp(rte_mempool_ops_table.ops[i].name, OPS_NAME) == 0;
	rte_spinlock_unlock(&rte_mempool_ops_table.sl);
	return found;
}

RTE_INIT(ppool_ops_register)
{
	int ret;

	if (ops_exist()) {
		second_copy = true;
		PPOOL_LOG(ERR, "a second copy of librte_ppool is loaded into this process: link "
			"the program and its plugins with the shared library. This copy "
			"makes no pools.");
		return;
	}
	ret = rte_mempool_register_ops(&ppool_ops);
	if (ret < 0)
		PPOOL_LOG(ERR, "cannot register mempool ops \"" OPS_NAME "\": %s",
			rte_strerror(-ret));
}

struct rte_ppool *
rte_ppool_from_mempool(const struct rte_mempool *mp)
{
	if (mp == NULL || rte_mempool_get_ops(mp->ops_index)->enqueue != mp_enqueue)
		return NULL;
	return mp->pool_data;
}

/* The mempool that stands for the pool. It has no memory of its own: the headers are in the
 * slabs. Its name is an inner one, as far as the EAL is concerned, see ppool.c.
 */
struct rte_mempool *
ppool_mempool_create(struct rte_ppool *pool)
{
	struct rte_pktmbuf_pool_private *priv;
	struct rte_mempool *mp;

	mp = rte_mempool_create_empty(pool->inner_name,
			pool->params.max_pages * pool->frags_per_page,
			sizeof(struct rte_mbuf) + pool->params.priv_size, 0, sizeof(*priv),
			pool->params.socket_id, 0);
	if (mp == NULL)
		return NULL;
	if (rte_mempool_set_ops_byname(mp, OPS_NAME, NULL) != 0) {
		rte_mempool_free(mp);
		rte_errno = EINVAL;
		return NULL;
	}
	priv = rte_mempool_get_priv(mp);
	priv->mbuf_data_room_size = pool->data_room;
	priv->mbuf_priv_size = pool->params.priv_size;
	priv->flags = RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF;
	mp->pool_data = pool;
	/* Its ops are set up, and its objects are memory for devices. */
	mp->flags |= RTE_MEMPOOL_F_POOL_CREATED;
	mp->flags &= ~RTE_MEMPOOL_F_NON_IO;
	return mp;
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

struct rte_mempool *
rte_ppool_pktmbuf_pool_create(const char *name, unsigned int n, uint16_t priv_size,
		uint16_t data_room_size, int socket_id, enum rte_ppool_layout layout)
{
	struct rte_ppool_params params = {
		.page_size = RTE_PPOOL_PAGE_DEFAULT,
		.priv_size = priv_size,
		.socket_id = socket_id,
		.layout = layout,
	};
	uint32_t room = data_room_size != 0 ? data_room_size : RTE_PPOOL_FRAG_DEFAULT;
	struct rte_ppool *pool;

	if (n == 0 || n > RTE_PPOOL_FRAGS_MAX) {
		PPOOL_LOG(ERR, "%s: number of mbufs %u is not in 1..%u", name != NULL ? name : "",
			n, RTE_PPOOL_FRAGS_MAX);
		rte_errno = EINVAL;
		return NULL;
	}
	params.frag_size = RTE_ALIGN_CEIL(room, (uint32_t)RTE_CACHE_LINE_SIZE);
	params.max_pages = (n - 1) / (params.page_size / params.frag_size) + 1;
	/* All memory at once, as rte_pktmbuf_pool_create() takes it. */
	params.min_pages = params.max_pages;
	pool = rte_ppool_create(name, &params);
	return pool != NULL ? pool->mp : NULL;
}
