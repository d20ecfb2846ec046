/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The mempool ops "ppool": any mempool on pages, its objects whatever its user says. The
 * mempool's memory is laid out here; everything else of the mempool's contract is the EAL's
 * as ever: its headers, lists, iterators and, if asked for, caches.
 */

#include <errno.h>

#include <rte_errno.h>

#include "ppool_debug.h"
#include "ppool_page.h"

/* ---- the mempool goes */

/* What lies in the mempool's own caches is held by nobody. From now on there are none. Nobody
 * else may be using the mempool, if it has any.
 */
void
ppool_mempool_uncache(struct rte_ppool *pool)
{
	struct rte_mempool *mp = pool->mp;
	struct rte_mempool_cache *cache;
	unsigned int i;

	if (pool->compact || pool->mp_gone || mp->cache_size == 0)
		return;
	for (i = 0; i < RTE_MAX_LCORE; i++) {
		cache = &mp->local_cache[i];
		rte_ppool_put_bulk(pool, (struct rte_mbuf **)cache->objs, cache->len);
		cache->len = 0;
	}
	mp->cache_size = 0;
}

/* rte_mempool_free(), or a populate that has failed, takes all objects out one by one, and
 * gives the memory back behind our back. The first of these gets cannot be told from any other,
 * the second can: there is one object less in the mempool than in the pool. That one is put
 * back; what is out now is held by somebody.
 */
static __rte_noinline void
going(struct rte_ppool *pool)
{
	struct rte_mbuf *last;

	if (pool->going)
		return;
	pool->going = true;
	last = ppool_slots_last(pool);
	if (last != NULL)
		rte_ppool_put_bulk(pool, &last, 1);
	ppool_mempool_uncache(pool);
	pool->held = pool->nb_objs - RTE_MIN(pool->nb_objs, ppool_slots_count(pool));
	ppool_debug_going(pool);
}

/* ---- the ops */

static int
ops_alloc(struct rte_mempool *mp)
{
	struct rte_ppool *pool = ppool_adopt(mp);

	if (pool == NULL)
		return -rte_errno;
	mp->pool_data = pool;
	return 0;
}

static void
ops_free(struct rte_mempool *mp)
{
	struct rte_ppool *pool = mp->pool_data;

	if (pool == NULL || pool->mp != mp)
		return;
	mp->pool_data = NULL;
	/* Of a single object there is no second get: it was taken just now, or is held. */
	if (!pool->going && pool->nb_objs == 1 && ppool_slots_last(pool) == NULL)
		pool->held = 1;
	ppool_mempool_gone(pool);
}

static int
ops_enqueue(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	struct rte_ppool *pool = mp->pool_data;
	PPOOL_DEBUG_ENTRY();

	if (unlikely(pool == NULL || pool->mp != mp))
		return ppool_not_ours(mp);
	/* What is refused is reported there; the mempool API has no place for it. */
	rte_ppool_put_bulk(pool, (struct rte_mbuf *const *)objs, n);
	return 0;
}

static int
ops_dequeue(struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct rte_ppool *pool = mp->pool_data;
	PPOOL_DEBUG_ENTRY();

	if (unlikely(pool == NULL))
		return -ENOENT;
	if (unlikely(pool->mp != mp))
		return ppool_not_ours(mp);
	if (unlikely(mp->populated_size < pool->nb_objs)) {
		going(pool);
		return -ENOENT;
	}
	return ppool_slots_get(pool, objs, n);
}

static unsigned int
ops_get_count(const struct rte_mempool *mp)
{
	const struct rte_ppool *pool = mp->pool_data;

	/* When its memory is being taken away, nothing can be got. */
	return pool == NULL || pool->mp != mp || mp->populated_size < pool->nb_objs ? 0 : ppool_slots_count(pool);
}

/* As many bytes as rte_mempool's own layout would take: pieces of memory that are smaller than
 * was asked for, down to single pages, hold whole objects all the same.
 */
static ssize_t
ops_calc_mem_size(const struct rte_mempool *mp, uint32_t n, uint32_t shift, size_t *min_chunk,
		size_t *align)
{
	return rte_mempool_op_calc_mem_size_default(mp, n, shift, min_chunk, align);
}

/* A piece of memory, in one piece for devices, too, unless the user said that it need not be:
 * objects are packed into it from its start.
 */
static int
ops_populate(struct rte_mempool *mp, unsigned int max, void *addr, rte_iova_t iova, size_t len,
		rte_mempool_populate_obj_cb_t *cb, void *arg)
{
	struct rte_ppool *pool = mp->pool_data;
	uint32_t n, i;
	size_t off;

	if (pool != NULL && mp->populated_size == 0 && pool->nb_objs != 0) {
		/* All that was given before was taken back when a populate failed. */
		mp->pool_data = NULL;
		ppool_mempool_gone(pool);
		pool = NULL;
	}
	if (pool == NULL) {
		if (ops_alloc(mp) != 0)
			return 0;
		pool = mp->pool_data;
	}
	n = (uint32_t)RTE_MIN((size_t)max, len / pool->mbuf_stride);
	n = n == 0 ? 0 : ppool_inline_add(pool, RTE_PTR_ADD(addr, mp->header_size),
		iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + mp->header_size, n);
	for (i = 0; i < n; i++) {
		off = (size_t)i * pool->mbuf_stride + mp->header_size;
		cb(mp, arg, RTE_PTR_ADD(addr, off),
			iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + off);
	}
	/* An error would have the memory listed all the same: 0 says that it was no use. */
	return (int)n;
}

const struct rte_mempool_ops ppool_ops = {
	.name = PPOOL_OPS_NAME,
	.alloc = ops_alloc,
	.free = ops_free,
	.enqueue = ops_enqueue,
	.dequeue = ops_dequeue,
	.get_count = ops_get_count,
	.calc_mem_size = ops_calc_mem_size,
	.populate = ops_populate,
};

/* ---- pools made by rte_ppool_create() */

/* The mempool of an INLINE pool, with all of its memory: n mbufs. NULL with rte_errno; what is
 * made then already is pool->mp.
 */
struct rte_mempool *
ppool_inline_mempool_create(struct rte_ppool *pool, uint32_t n)
{
	struct rte_pktmbuf_pool_private priv = {
		.mbuf_data_room_size = pool->data_room,
		.mbuf_priv_size = pool->params.priv_size,
	};
	struct rte_mempool *mp;
	int ret;

	mp = rte_mempool_create_empty(pool->inner_name, n, sizeof(struct rte_mbuf) +
		priv.mbuf_priv_size + priv.mbuf_data_room_size, 0, sizeof(priv),
		pool->params.socket_id, 0);
	if (mp == NULL)
		return NULL;
	ret = rte_mempool_set_ops_byname(mp, PPOOL_OPS_NAME, NULL);
	if (ret != 0) {
		rte_mempool_free(mp);
		rte_errno = EINVAL;
		return NULL;
	}
	rte_pktmbuf_pool_init(mp, &priv);
	ppool_inline_layout(pool, mp);
	mp->pool_data = pool;
	mp->flags |= RTE_MEMPOOL_F_POOL_CREATED;
	ret = rte_mempool_populate_default(mp);
	if (ret < 0) {
		rte_errno = ret == -ENOBUFS ? ENOMEM : -ret;
		return NULL;
	}
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
	return mp;
}
