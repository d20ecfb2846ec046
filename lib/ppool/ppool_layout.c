/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Chunks of COMPACT pools: what they are made of, and how that lies in memory.
 *
 * From the EAL's heap a chunk is one block: the header slab, and behind it the pages. It is as
 * large as chunk_size says, less what the heap puts in front of it, so
 * that it fills hugepages exactly: blocks of the usual sort, aligned to a power of two, would
 * waste a page or more in each. The slab starts at a multiple of a window (see
 * ppool_chunk_find()). A new block of the heap lies so by itself, as hugepages do.
 *
 * Pages are not aligned to their size, but stand a cache line further apart. Packets begin at the
 * same offset of their fragments; if all pages began at a multiple of theirs, too, the first lines
 * of all packets would share one in 32 of the sets of each cache. Where the IOVA follows hugepages
 * (PA mode) pages are aligned, since otherwise some would lie across the end of one.
 *
 * With another memory provider the slab is a block of the heap, aligned to a window, and the
 * pages are the provider's.
 */

#include <errno.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "ppool_debug.h"
#include "ppool_memory.h"

/* Slabs of more than one window: these are not larger than hugepages are at least. */
#define WINDOW_SHIFT_MAX 21u

/* Distance of a page from where it would stand if it were aligned like the one before. */
#define PAGE_COLOUR ((size_t)RTE_CACHE_LINE_SIZE)
/* Smaller pages stay as they are: it would take too much of their memory. */
#define PAGE_COLOUR_MIN ((size_t)16384)

/* ---- sizes */

/* Bytes of a slab, from the start of its first window on. */
static size_t
slab_bytes(const struct rte_ppool *pool, uint32_t pages)
{
	size_t frags = (size_t)pages * pool->frags_per_page;

	return PPOOL_SLAB_OFF + sizeof(struct ppool_chunk) + frags * pool->mbuf_stride +
		RTE_ALIGN_CEIL(pages * sizeof(struct ppool_page), RTE_CACHE_LINE_SIZE) +
		pages * ppool_state_size(pool) +
		frags * (sizeof(struct rte_mbuf_ext_shared_info) + sizeof(uint16_t));
}

/* Bytes of a chunk in one block, likewise. */
static size_t
block_bytes(const struct rte_ppool *pool, uint32_t pages)
{
	size_t align = pool->page_stride != pool->page_size ? PAGE_COLOUR : pool->page_size;

	return RTE_ALIGN_CEIL(slab_bytes(pool, pages), align) + (size_t)pages * pool->page_stride;
}

/* Pages of a full chunk. */
static uint32_t
pages_fit(const struct rte_ppool *pool)
{
	size_t frags = PPOOL_SLAB_MAX / pool->mbuf_stride;
	uint32_t n = pool->params.chunk_size / pool->page_stride;

	n = (uint32_t)RTE_MIN((size_t)n, frags / pool->frags_per_page);
	if (pool->params.mem_ops == NULL)
		while (n > 0 && block_bytes(pool, n) > pool->params.chunk_size)
			n--;
	return n;
}

/* Choose the pages of a chunk, the window, and the table that has room for all of them. 0, or
 * -EINVAL.
 */
int
ppool_layout(struct rte_ppool *pool)
{
	uint32_t shift, entries;
	size_t slab;

	pool->page_stride = pool->page_size;
	if (pool->params.mem_ops == NULL && rte_eal_iova_mode() == RTE_IOVA_VA &&
			pool->page_size >= PAGE_COLOUR_MIN)
		pool->page_stride += PAGE_COLOUR;
	pool->chunk_pages = pages_fit(pool);
	if (pool->chunk_pages == 0) {
		PPOOL_LOG(ERR, "%s: a chunk of %u bytes has no room for a page of %u and its "
			"headers", pool->name, pool->params.chunk_size, pool->page_size);
		return -EINVAL;
	}
	slab = slab_bytes(pool, pool->chunk_pages);
	shift = rte_log2_u64(slab);
	shift = RTE_MIN(shift, WINDOW_SHIFT_MAX);
	/* Where a window starts, a page may start. */
	shift = RTE_MAX(shift, rte_log2_u32(pool->page_size));
	pool->slab_shift = shift;
	pool->slab_mask = ~((UINT64_C(1) << shift) - 1);
	/* Where memory is short, chunks are smaller: room for twice as many, and some. */
	pool->max_chunks = 2 * (pool->params.max_pages / pool->chunk_pages + 1) + 64;
	entries = pool->max_chunks * (uint32_t)(((slab - 1) >> shift) + 1);
	pool->table_mask = rte_align32pow2(2 * entries) - 1;
	return 0;
}

/* ---- blocks */

static bool
in_place(const struct rte_ppool *pool, const void *block)
{
	return (((uintptr_t)block - PPOOL_SLAB_OFF) & ~pool->slab_mask) == 0;
}

/* A block of the heap of so many bytes, counted from the start of a window, of which the first
 * PPOOL_SLAB_OFF are not touched. Returns where the window starts, or NULL.
 */
static uint8_t *
block_get(struct rte_ppool *pool, size_t bytes, void **block)
{
	const int socket = pool->params.socket_id;
	const size_t ask = bytes - PPOOL_SLAB_OFF;
	uintptr_t first;
	size_t over;
	void *b;

	/* The heap takes it from the end of a free piece. If that is none of a window's, what
	 * is between there and the window is taken, too, once: what follows lies well again.
	 */
	b = rte_malloc_socket("ppool_chunk", ask, RTE_CACHE_LINE_SIZE, socket);
	if (b != NULL && !in_place(pool, b)) {
		first = (uintptr_t)b;
		over = (first - PPOOL_SLAB_OFF) & ~pool->slab_mask;
		rte_free(b);
		b = rte_malloc_socket("ppool_chunk", ask + over, RTE_CACHE_LINE_SIZE, socket);
		/* Not the same piece: it may have been taken from two hugepages for one. */
		if (b != NULL && (uintptr_t)b + over != first) {
			rte_free(b);
			b = NULL;
		}
		if (b == NULL) {
			b = rte_malloc_socket("ppool_chunk", bytes, (size_t)1 << pool->slab_shift,
				socket);
			*block = b;
			return b;
		}
	}
	*block = b;
	return b != NULL ? RTE_PTR_SUB(b, PPOOL_SLAB_OFF) : NULL;
}

/* ---- what is in a slab */

static void
mbuf_init(const struct rte_ppool *pool, struct rte_mbuf *m, void *addr, rte_iova_t iova,
		struct rte_mbuf_ext_shared_info *shinfo)
{
	memset(m, 0, pool->mbuf_stride);
	m->buf_addr = addr;
	rte_mbuf_iova_set(m, iova);
	m->buf_len = pool->data_room;
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->priv_size = pool->params.priv_size;
	m->pool = pool->mp;
	m->port = RTE_MBUF_PORT_INVALID;
	m->nb_segs = 1;
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	m->shinfo = shinfo;
	rte_mbuf_refcnt_set(m, 1);
	memset(shinfo, 0, sizeof(*shinfo)); /* all of it, see rte_ppool_place.h */
	shinfo->free_cb = ppool_shinfo_free;
	shinfo->fcb_opaque = m;
	rte_mbuf_ext_refcnt_set(shinfo, 1);
}

static void
page_init(const struct rte_ppool *pool, struct ppool_chunk *c, uint32_t i, uint8_t *states)
{
	struct ppool_page *page = &c->pages[i];
	struct ppool_state *st = (struct ppool_state *)(states + i * ppool_state_size(pool));
	size_t frag = (size_t)i * pool->frags_per_page;
	uint32_t k;

	page->chunk = c;
	page->mbuf = (struct rte_mbuf *)(c->mbufs + frag * pool->mbuf_stride);
	page->state = st;
	page->nb_frags = (uint16_t)pool->frags_per_page;
	memset(st, 0, ppool_state_size(pool));
	for (k = 0; k < pool->nb_words; k++)
		st->word[k] = ppool_word_bits(pool, k, 0);
	if (!ppool_is_large(pool))
		st->word[0] |= PPOOL_OPEN;
#ifdef RTE_PPOOL_DEBUG
	st->home = 1;
#endif
	for (k = 0; k < pool->frags_per_page; k++)
		mbuf_init(pool, ppool_mbuf_at(pool, page, k),
			RTE_PTR_ADD(page->addr, (size_t)k * pool->frag_size),
			page->iova + (rte_iova_t)k * pool->frag_size, &c->shinfo[frag + k]);
}

static int
pages_init(struct rte_ppool *pool, struct ppool_chunk *c, uint8_t *states)
{
	struct ppool_page *page;
	uint32_t i;

	memset(c->pages, 0, c->nb_pages * sizeof(*c->pages));
	for (i = 0; i < c->nb_pages; i++) {
		page = &c->pages[i];
		page->addr = c->data + (size_t)i * pool->page_stride;
		page->iova = pool->params.mem_ops == NULL ?
			ppool_eal_iova(page->addr, pool->page_size) :
			ppool_mem_iova(pool, &c->mem, (size_t)i * pool->page_size);
		if (page->iova == RTE_BAD_IOVA) {
			PPOOL_LOG(ERR, "%s: a page of %u bytes does not lie in one piece of memory "
				"for devices: use smaller pages, larger hugepages, or "
				"--iova-mode=va", pool->name, pool->page_size);
			return pool->params.mem_ops == NULL ? -ENOMEM : -EFAULT;
		}
		page_init(pool, c, i, states);
	}
	return 0;
}

static void
slab_init(const struct rte_ppool *pool, struct ppool_chunk *c, uint32_t pages, uint8_t **states)
{
	size_t frags = (size_t)pages * pool->frags_per_page;

	memset(c, 0, sizeof(*c));
	c->mp = pool->mp;
	c->nb_pages = pages;
	c->nb_frags = (uint32_t)frags;
	c->mbufs = (uint8_t *)(c + 1);
	c->pages = (struct ppool_page *)(c->mbufs + frags * pool->mbuf_stride);
	*states = RTE_PTR_ALIGN_CEIL((uint8_t *)(c->pages + pages), RTE_CACHE_LINE_SIZE);
	c->shinfo = (struct rte_mbuf_ext_shared_info *)(*states + pages * ppool_state_size(pool));
	c->klen = (uint16_t *)(c->shinfo + frags);
	memset(c->klen, 0, frags * sizeof(*c->klen));
}

/* A chunk of that many pages that is not yet part of the pool. The grow lock is held. 0, or
 * -ENOMEM: fewer pages might be had, or another error of the provider's.
 */
int
ppool_chunk_make(struct rte_ppool *pool, uint32_t pages, struct ppool_chunk **made)
{
	const bool heap = pool->params.mem_ops == NULL;
	size_t bytes = heap ? block_bytes(pool, pages) : slab_bytes(pool, pages);
	struct rte_ppool_mem mem = { .addr = NULL };
	struct ppool_chunk *c;
	uint8_t *slab, *states;
	void *block;
	int ret = 0;

	if (heap) {
		/* A full chunk takes the rest of its hugepages, too: it is of no use to others,
		 * and the block lies well at the first attempt.
		 */
		if (bytes + pool->page_stride > pool->params.chunk_size)
			bytes = pool->params.chunk_size;
		slab = block_get(pool, bytes, &block);
	} else {
		slab = block = rte_malloc_socket("ppool_slab", bytes,
			(size_t)1 << pool->slab_shift, pool->params.socket_id);
	}
	if (slab == NULL)
		return -ENOMEM;
	if (!heap)
		ret = ppool_mem_get(pool, pages, &mem);
	if (ret != 0) {
		rte_free(block);
		return ret;
	}
	c = (struct ppool_chunk *)(slab + PPOOL_SLAB_OFF);
	slab_init(pool, c, pages, &states);
	c->block = block;
	c->mem = mem;
	c->bytes = bytes + mem.len;
	c->data = heap ? slab + bytes - (size_t)pages * pool->page_stride : mem.addr;
	ret = pages_init(pool, c, states);
	if (ret != 0) {
		if (!heap)
			ppool_mem_put(pool, &mem);
		rte_free(block);
		return ret;
	}
	*made = c;
	return 0;
}

/* Its memory goes back. */
void
ppool_chunk_free(struct rte_ppool *pool, struct ppool_chunk *c)
{
	ppool_debug_chunk_fini(pool, c);
	if (pool->params.mem_ops != NULL)
		ppool_mem_put(pool, &c->mem);
	rte_free(c->block);
}
