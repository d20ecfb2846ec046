/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* COMPACT pools as mempools, and what mempools of both layouts share. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "ppool_debug.h"
#include "ppool_report.h"

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
	PPOOL_LOG(ERR, "mempool %s: ops \"" PPOOL_OPS_COMPACT_NAME "\" cannot be asked for by name: "
		"use \"" PPOOL_OPS_NAME "\", or rte_ppool_pktmbuf_pool_create()", mp->name);
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

/* A mempool that another process made, with ops that it has at the index that ours have here. */
__rte_noinline int
ppool_not_ours(const struct rte_mempool *mp)
{
	static bool said;

	if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		PPOOL_LOG(ERR, "mempool %s: its ops, %d, are those of this library here, but not in "
			"the process that made it: all processes must load the same libraries, in "
			"the same order (-d)", mp->name, mp->ops_index);
	return -ENOTSUP;
}

static int
mp_enqueue(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	struct rte_ppool *pool = mp->pool_data;
	PPOOL_DEBUG_ENTRY();

	if (unlikely(pool->mp != mp))
		return ppool_not_ours(mp);
	/* What is refused is reported there; the mempool API has no place for it. */
	rte_ppool_put_bulk(pool, (struct rte_mbuf *const *)objs, n);
	return 0;
}

static int
mp_dequeue(struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct rte_ppool *pool = mp->pool_data;
	PPOOL_DEBUG_ENTRY();

	if (unlikely(pool->mp != mp))
		return ppool_not_ours(mp);
	if (unlikely(pool->shinfo_cb != ppool_shinfo_free)) {
		PPOOL_COUNT_MT(pool->bad_process, 1);
		return -ENOENT;
	}
	return ppool_slots_get(pool, objs, n);
}

static unsigned int
mp_get_count(const struct rte_mempool *mp)
{
	const struct rte_ppool *pool = mp->pool_data;

	return pool->mp == mp ? ppool_slots_count(pool) : 0;
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

static const struct rte_mempool_ops compact_ops = {
	.name = PPOOL_OPS_COMPACT_NAME,
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
		found |= strcmp(rte_mempool_ops_table.ops[i].name, PPOOL_OPS_COMPACT_NAME) == 0;
	rte_spinlock_unlock(&rte_mempool_ops_table.sl);
	return found;
}

static void
ops_register(const struct rte_mempool_ops *ops)
{
	int ret = rte_mempool_register_ops(ops);

	if (ret < 0)
		PPOOL_LOG(ERR, "cannot register mempool ops \"%s\": %s", ops->name,
			rte_strerror(-ret));
}

RTE_INIT(ppool_ops_register)
{
	if (ops_exist()) {
		second_copy = true;
		PPOOL_LOG(ERR, "a second copy of librte_ppool is loaded into this process: link "
			"the program and its plugins with the shared library. This copy "
			"makes no pools.");
		return;
	}
	/* The first may be the first of all, and so the default of mempools that are given none. */
	ops_register(&ppool_ops);
	ops_register(&compact_ops);
	ppool_telemetry_init();
}

struct rte_ppool *
rte_ppool_from_mempool(const struct rte_mempool *mp)
{
	const struct rte_mempool_ops *ops;

	if (mp == NULL)
		return NULL;
	ops = rte_mempool_get_ops(mp->ops_index);
	if (ops->enqueue != mp_enqueue && ops->enqueue != ppool_ops.enqueue)
		return NULL;
	return mp->pool_data;
}

/* The mempool that stands for a COMPACT pool. It has no memory of its own: the headers are in
 * the slabs. Its name is an inner one, as far as the EAL is concerned, see ppool.c.
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
	if (rte_mempool_set_ops_byname(mp, PPOOL_OPS_COMPACT_NAME, NULL) != 0) {
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
	uint32_t room = data_room_size != 0 ? data_room_size :
		layout == RTE_PPOOL_LAYOUT_COMPACT ? RTE_PPOOL_FRAG_DEFAULT :
		RTE_MBUF_DEFAULT_BUF_SIZE;
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
