/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * INLINE pools: their memory comes from rte_mempool, in pieces of any size and place. A page is
 * a number of objects that stand in a row, so that the engine of the other pools serves these,
 * too. The last page of a piece may have fewer. Only what the library needs to know of the
 * pages stands in memory of its own.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "ppool_debug.h"
#include "ppool_page.h"

/* Fragments that a page should have, unless the pool is small or its objects are large. */
#define PAGE_BYTES 65536u
#define PAGE_FRAGS_MIN 8u
/* Pages of a chunk: the number of a fragment in it stays in the range of ppool_div(). */
#define CHUNK_PAGES_MAX 65536u

/* ---- from an object to its chunk */

static inline bool
in_chunk(const struct rte_ppool *pool, const struct ppool_chunk *c, const void *obj)
{
	return (uintptr_t)obj - (uintptr_t)c->mbufs < (uintptr_t)c->nb_frags * pool->mbuf_stride;
}

/* Number of the object in the chunk at *c, or in the one that is found and left there;
 * UINT32_MAX if there is none at this address. The ranges are sorted by address, and do not
 * change once the pool has given something away.
 */
uint32_t
ppool_inline_locate(const struct rte_ppool *pool, struct ppool_chunk **c, const void *obj)
{
	uint32_t lo = 0, hi = pool->nb_ranges, mid;
	uintptr_t off, g;

	if (unlikely(*c == NULL || !in_chunk(pool, *c, obj))) {
		while (lo < hi) {
			mid = (lo + hi) / 2;
			if ((uintptr_t)pool->ranges[mid]->mbufs <= (uintptr_t)obj)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo == 0 || !in_chunk(pool, pool->ranges[lo - 1], obj))
			return UINT32_MAX;
		*c = pool->ranges[lo - 1];
	}
	off = (uintptr_t)obj - (uintptr_t)(*c)->mbufs;
	if (likely(off < PPOOL_DIV_A && pool->mbuf_stride < PPOOL_DIV_B))
		g = ppool_div((uint32_t)off, pool->recip_stride);
	else
		g = off / pool->mbuf_stride;
	return g * pool->mbuf_stride == off ? (uint32_t)g : UINT32_MAX;
}

/* ---- geometry */

/* Are the objects mbufs with their data behind them? Known by the mempool's private data, which
 * is set up before the first memory comes.
 */
static bool
is_pktmbuf_pool(const struct rte_mempool *mp)
{
	const struct rte_pktmbuf_pool_private *priv = rte_mempool_get_priv(
			(struct rte_mempool *)(uintptr_t)mp);

	return mp->private_data_size >= sizeof(*priv) && priv->mbuf_data_room_size != 0 &&
		(priv->flags & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) == 0 &&
		mp->elt_size >= sizeof(struct rte_mbuf) + priv->mbuf_priv_size +
			priv->mbuf_data_room_size;
}

static uint32_t
page_frags(const struct rte_mempool *mp, uint32_t stride)
{
	uint32_t n = PAGE_BYTES / stride;

	if (n == 0)
		return 1;
	/* In a small pool a page is small, too: what an lcore keeps open is kept from others
	 * until there is nothing else.
	 */
	n = RTE_MIN(n, RTE_MAX(PAGE_FRAGS_MIN, mp->size / 64));
	return RTE_MIN(RTE_MAX(n, PAGE_FRAGS_MIN), PPOOL_WORD_FRAGS);
}

/* Of what size fragments and pages are, by what rte_mempool makes of its objects. */
void
ppool_inline_layout(struct rte_ppool *pool, struct rte_mempool *mp)
{
	const struct rte_pktmbuf_pool_private *priv;
	uint32_t stride = mp->header_size + mp->elt_size + mp->trailer_size;

	pool->mp = mp;
	pool->mbuf_stride = stride;
	pool->frag_size = stride;
	pool->frags_per_page = page_frags(mp, stride);
	pool->page_size = pool->frags_per_page * stride;
	pool->nb_words = 1;
	pool->recip_stride = ppool_reciprocal(stride);
	pool->recip_frags = ppool_reciprocal(pool->frags_per_page);
	pool->full = ppool_bits(0, pool->frags_per_page) | PPOOL_OPEN;
	pool->params.min_pages = 0;
	pool->params.max_pages = 0;
	pool->params.page_size = pool->page_size;
	pool->params.frag_size = stride;
	pool->data_off = 0;
	pool->data_room = 0;
	pool->params.priv_size = 0;
	if (is_pktmbuf_pool(mp)) {
		priv = rte_mempool_get_priv(mp);
		pool->params.priv_size = priv->mbuf_priv_size;
		pool->data_room = priv->mbuf_data_room_size;
		pool->data_off = (uint32_t)sizeof(struct rte_mbuf) + priv->mbuf_priv_size;
	}
}

/* ---- memory */

static size_t
state_size(void)
{
	return RTE_ALIGN_CEIL(sizeof(struct ppool_state) + sizeof(uint64_t), RTE_CACHE_LINE_SIZE);
}

static void
page_init(const struct rte_ppool *pool, struct ppool_chunk *c, uint32_t i, rte_iova_t iova,
		struct ppool_state *st)
{
	struct ppool_page *page = &c->pages[i];
	size_t off = (size_t)i * pool->page_size;

	page->addr = c->data + off;
	page->iova = iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + pool->data_off + off;
	page->mbuf = (struct rte_mbuf *)(c->mbufs + off);
	page->state = st;
	page->chunk = c;
	page->index = c->first_page + i;
	page->nb_frags = (uint16_t)RTE_MIN(pool->frags_per_page,
		c->nb_frags - i * pool->frags_per_page);
	st->word[0] = pool->full;
#ifdef RTE_PPOOL_DEBUG
	st->home = 1;
#endif
}

/* A chunk of n objects from this one on. */
static struct ppool_chunk *
chunk_make(struct rte_ppool *pool, uint8_t *first, rte_iova_t iova, uint32_t n)
{
	uint32_t pages = (n - 1) / pool->frags_per_page + 1, i;
	struct ppool_chunk *c;
	uint8_t *states;
	size_t bytes;

	bytes = sizeof(*c) + pages * (sizeof(struct ppool_page) + state_size());
	bytes = RTE_ALIGN_CEIL(bytes, RTE_CACHE_LINE_SIZE);
	c = rte_zmalloc_socket("ppool_pages", bytes, RTE_CACHE_LINE_SIZE, pool->params.socket_id);
	if (c == NULL)
		return NULL;
	c->mp = pool->mp;
	c->mbufs = first;
	c->data = first + pool->data_off;
	c->nb_pages = pages;
	c->nb_frags = n;
	c->first_page = pool->nb_pages;
	c->bytes = bytes + (uint64_t)n * pool->mbuf_stride;
	c->pages = (struct ppool_page *)(c + 1);
	states = RTE_PTR_ALIGN_CEIL((uint8_t *)(c->pages + pages), RTE_CACHE_LINE_SIZE);
	for (i = 0; i < pages; i++)
		page_init(pool, c, i, iova, (struct ppool_state *)(states + i * state_size()));
	return c;
}

/* Room for one more in the sorted table. */
static int
ranges_reserve(struct rte_ppool *pool)
{
	uint32_t max = RTE_MAX(16u, 2 * pool->nb_ranges);
	void *more;

	if (pool->nb_ranges < pool->max_ranges)
		return 0;
	more = rte_realloc_socket(pool->ranges, max * sizeof(*pool->ranges), RTE_CACHE_LINE_SIZE,
		pool->params.socket_id);
	if (more == NULL)
		return -ENOMEM;
	pool->ranges = more;
	pool->max_ranges = max;
	return 0;
}

static void
ranges_insert(struct rte_ppool *pool, struct ppool_chunk *c)
{
	uint32_t i = pool->nb_ranges;

	for (; i > 0 && (uintptr_t)pool->ranges[i - 1]->mbufs > (uintptr_t)c->mbufs; i--)
		pool->ranges[i] = pool->ranges[i - 1];
	pool->ranges[i] = c;
	pool->nb_ranges++;
}

static void
chunk_add(struct rte_ppool *pool, struct ppool_chunk *c)
{
	uint32_t k;

	ranges_insert(pool, c);
	ppool_debug_chunk_init(pool, c);
	pthread_mutex_lock(&pool->grow_lock);
	c->next = pool->chunks;
	__atomic_store_n(&pool->chunks, c, __ATOMIC_RELEASE); /* P1 */
	pool->nb_chunks++;
	pool->nb_objs += c->nb_frags;
	/* The limit first: there is nothing that the pool could grow by itself. */
	PPOOL_WRITE(pool->params.max_pages, pool->nb_pages + c->nb_pages);
	PPOOL_WRITE(pool->params.min_pages, pool->nb_pages + c->nb_pages);
	PPOOL_WRITE(pool->nb_pages, pool->nb_pages + c->nb_pages);
	pthread_mutex_unlock(&pool->grow_lock);
	/* The lowest address first in the list. */
	for (k = 0; k + 1 < c->nb_pages; k++)
		c->pages[k].state->next = &c->pages[k + 1];
	ppool_free_push(pool, &c->pages[0], &c->pages[k], c->nb_pages);
}

/* The pool gets n objects, the first at this address, at the pool's stride. IOVA: of the first,
 * or RTE_BAD_IOVA. How many it got: fewer if there is no memory to keep books of them. Not to
 * be called while others use the pool.
 */
uint32_t
ppool_inline_add(struct rte_ppool *pool, void *first, rte_iova_t iova, uint32_t n)
{
	uint32_t most = CHUNK_PAGES_MAX * pool->frags_per_page, done, k;
	struct ppool_chunk *c;
	size_t off;

	for (done = 0; done < n; done += k) {
		k = RTE_MIN(n - done, most);
		off = (size_t)done * pool->mbuf_stride;
		if (ranges_reserve(pool) != 0 || (c = chunk_make(pool, RTE_PTR_ADD(first, off),
				iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + off, k)) == NULL) {
			PPOOL_LOG(ERR, "%s: no memory to keep books of %u more objects",
				pool->name, n - done);
			break;
		}
		chunk_add(pool, c);
	}
	return done;
}

/* The chunks of a pool that goes. */
void
ppool_inline_free(struct rte_ppool *pool)
{
	struct ppool_chunk *c, *next;

	for (c = pool->chunks; c != NULL; c = next) {
		next = c->next;
		ppool_debug_chunk_fini(pool, c);
		rte_free(c);
	}
	pool->chunks = NULL;
	rte_free(pool->ranges);
	pool->ranges = NULL;
	pool->nb_ranges = 0;
}
