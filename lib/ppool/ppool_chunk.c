/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Memory: chunks of pages and their header slabs, taken from the EAL's heap. */

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "ppool_debug.h"
#include "ppool_page.h"
#include "ppool_trace.h"

/* Room left in a slab for the heap's own header, so that slabs can stand in a row. */
#define SLAB_SLACK 256u
#define SLAB_MAX_SHIFT 26u

static size_t
state_size(const struct rte_ppool *pool)
{
	return RTE_ALIGN_CEIL(sizeof(struct ppool_state) + pool->nb_words * sizeof(uint64_t),
			RTE_CACHE_LINE_SIZE);
}

static size_t
slab_bytes(const struct rte_ppool *pool, uint32_t pages)
{
	size_t frags = (size_t)pages * pool->frags_per_page;

	return sizeof(struct ppool_chunk) + frags * pool->mbuf_stride +
		RTE_ALIGN_CEIL(pages * sizeof(struct ppool_page), RTE_CACHE_LINE_SIZE) +
		pages * state_size(pool) +
		frags * (sizeof(struct rte_mbuf_ext_shared_info) + sizeof(uint16_t));
}

static uint32_t
slab_fits(const struct rte_ppool *pool, uint32_t shift)
{
	size_t room = ((size_t)1 << shift) - SLAB_SLACK;
	uint32_t n = (uint32_t)(room / slab_bytes(pool, 1)); /* sizes add up, but for the struct */

	while (slab_bytes(pool, n + 1) <= room)
		n++;
	return n;
}

/* Choose the slab, and with it the pages of a chunk: the largest power of two whose pages
 * are not more than a chunk's worth of memory. Large pages: some of them, since the heap's
 * header before an aligned block costs a page.
 */
void
ppool_layout(struct rte_ppool *pool)
{
	uint64_t goal = RTE_MAX((uint64_t)PPOOL_CHUNK_BYTES, (uint64_t)pool->page_size * 4);
	uint32_t shift = 12, chunks;

	while (slab_fits(pool, shift) == 0)
		shift++;
	while (shift < SLAB_MAX_SHIFT &&
			(uint64_t)slab_fits(pool, shift + 1) * pool->page_size <= goal)
		shift++;
	pool->slab_shift = shift;
	pool->slab_mask = ~((UINT64_C(1) << shift) - 1);
	pool->chunk_pages = slab_fits(pool, shift);
	/* Where memory is short, chunks are smaller: room for twice as many, and some. */
	pool->max_chunks = 2 * (pool->params.max_pages / pool->chunk_pages + 1) + 64;
	chunks = rte_align32pow2(2 * pool->max_chunks);
	pool->table_mask = chunks - 1;
}

/* IOVA of a page, or RTE_BAD_IOVA if it does not lie in one piece. */
static rte_iova_t
page_iova(const uint8_t *addr, uint32_t size)
{
	const struct rte_memseg *ms;
	rte_iova_t first = RTE_BAD_IOVA, iova;
	uint64_t off = 0;

	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		return (uintptr_t)addr;
	while (off < size) {
		ms = rte_mem_virt2memseg(addr + off, NULL);
		if (ms == NULL || ms->iova == RTE_BAD_IOVA)
			return RTE_BAD_IOVA;
		iova = ms->iova + ((uintptr_t)(addr + off) - ms->addr_64);
		if (off == 0)
			first = iova;
		else if (iova != first + off)
			return RTE_BAD_IOVA;
		off += ms->len - ((uintptr_t)(addr + off) - ms->addr_64);
	}
	return first;
}

/* Ask the kernel on which node the pages of a chunk really lie. The heap does as it is told
 * where it can, but not without hugepages, nor where the policy of the process says otherwise.
 */
static void
numa_check(struct rte_ppool *pool, const struct ppool_chunk *c)
{
	void *addr[64];
	int node[64];
	uint32_t i, k, n, wrong = 0;
	int seen = -1;

	if (pool->params.socket_id == SOCKET_ID_ANY || numa_available() < 0)
		return;
	for (i = 0; i < c->nb_pages; i += n) {
		n = RTE_MIN(c->nb_pages - i, (uint32_t)RTE_DIM(addr));
		for (k = 0; k < n; k++)
			addr[k] = c->pages[i + k].addr;
		if (move_pages(0, n, addr, NULL, node, 0) != 0)
			return; /* this kernel does not tell */
		for (k = 0; k < n; k++) {
			if (node[k] >= 0 && node[k] != pool->params.socket_id) {
				wrong++;
				seen = node[k];
			}
		}
	}
	if (wrong == 0)
		return;
	PPOOL_COUNT_MT(pool->alloc_waive, wrong);
	if (!pool->waive_warned) {
		pool->waive_warned = true;
		PPOOL_LOG(WARNING, "%s: %u of %u new pages lie on NUMA node %d, not %d: "
			"expect slower access", pool->name, wrong, c->nb_pages, seen,
			pool->params.socket_id);
	}
}

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
	shinfo->free_cb = ppool_shinfo_free;
	shinfo->fcb_opaque = m;
	rte_mbuf_ext_refcnt_set(shinfo, 1);
}

static void
page_init(const struct rte_ppool *pool, struct ppool_chunk *c, uint32_t i, uint8_t *states)
{
	struct ppool_page *page = &c->pages[i];
	struct ppool_state *st = (struct ppool_state *)(states + i * state_size(pool));
	size_t frag = (size_t)i * pool->frags_per_page;
	uint32_t k;

	page->chunk = c;
	page->index = c->first_page + i;
	page->mbuf = (struct rte_mbuf *)(c->mbufs + frag * pool->mbuf_stride);
	page->state = st;
	page->nb_frags = (uint16_t)pool->frags_per_page;
	memset(st, 0, state_size(pool));
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

/* Lay out the slab of a chunk. */
static int
chunk_init(struct rte_ppool *pool, struct ppool_chunk *c, uint8_t *data, uint32_t pages)
{
	size_t frags = (size_t)pages * pool->frags_per_page;
	uint8_t *states;
	uint32_t i;

	memset(c, 0, sizeof(*c));
	c->mp = pool->mp;
	c->data = data;
	c->nb_pages = pages;
	c->nb_frags = (uint32_t)frags;
	c->first_page = pool->nb_pages;
	c->bytes = (uint64_t)pages * pool->page_size + slab_bytes(pool, pages);
	c->mbufs = (uint8_t *)(c + 1);
	c->pages = (struct ppool_page *)(c->mbufs + frags * pool->mbuf_stride);
	states = RTE_PTR_ALIGN_CEIL((uint8_t *)(c->pages + pages), RTE_CACHE_LINE_SIZE);
	c->shinfo = (struct rte_mbuf_ext_shared_info *)(states + pages * state_size(pool));
	c->klen = (uint16_t *)(c->shinfo + frags);
	memset(c->klen, 0, frags * sizeof(*c->klen));

	memset(c->pages, 0, pages * sizeof(*c->pages));
	for (i = 0; i < pages; i++) {
		c->pages[i].addr = data + (size_t)i * pool->page_size;
		c->pages[i].iova = page_iova(c->pages[i].addr, pool->page_size);
		if (c->pages[i].iova == RTE_BAD_IOVA) {
			PPOOL_LOG(ERR, "%s: a page of %u bytes does not lie in one piece of "
				"physical memory: use smaller pages, larger hugepages, or "
				"--iova-mode=va", pool->name, pool->page_size);
			return -ENOMEM;
		}
		page_init(pool, c, i, states);
	}
	return 0;
}

static struct ppool_chunk *
chunk_make(struct rte_ppool *pool, uint32_t pages)
{
	int socket = pool->params.socket_id;
	struct ppool_chunk *c;
	uint8_t *data;

	c = rte_malloc_socket("ppool_slab", slab_bytes(pool, pages),
			(unsigned int)1 << pool->slab_shift, socket);
	data = rte_malloc_socket("ppool_pages", (size_t)pages * pool->page_size,
			pool->page_size, socket);
	if (c == NULL || data == NULL || chunk_init(pool, c, data, pages) != 0) {
		rte_free(c);
		rte_free(data);
		return NULL;
	}
	return c;
}

static void
chunk_add(struct rte_ppool *pool, struct ppool_chunk *c)
{
	uint32_t i = ppool_hash(pool, (uintptr_t)c), k;

	while (pool->table[i] != NULL)
		i = (i + 1) & pool->table_mask;
	__atomic_store_n(&pool->table[i], c, __ATOMIC_RELEASE); /* T0 */
	c->next = pool->chunks;
	__atomic_store_n(&pool->chunks, c, __ATOMIC_RELEASE);
	pool->nb_chunks++;
	PPOOL_WRITE(pool->nb_pages, pool->nb_pages + c->nb_pages);
	PPOOL_WRITE(pool->mp->populated_size, pool->nb_pages * pool->frags_per_page);
	numa_check(pool, c);
	ppool_debug_chunk_init(pool, c);
	ppool_trace_grow(pool, c->nb_pages, c->bytes, pool->nb_pages);
	/* The lowest address first in the list. */
	for (k = 0; k + 1 < c->nb_pages; k++)
		c->pages[k].next = &c->pages[k + 1];
	ppool_free_push(pool, &c->pages[0], &c->pages[k], c->nb_pages);
}

/* Add one chunk of at most that many pages. Where memory is short, a smaller one. The grow
 * lock is held. 0, or -ENOSPC at the limit, or -ENOMEM.
 */
int
ppool_grow(struct rte_ppool *pool, uint32_t pages)
{
	struct ppool_chunk *c;
	uint32_t n = RTE_MIN(pages, pool->chunk_pages);

	n = RTE_MIN(n, pool->params.max_pages - pool->nb_pages);
	if (n == 0)
		return -ENOSPC;
	if (pool->nb_chunks == pool->max_chunks || rte_rdtsc() < pool->grow_retry)
		return -ENOMEM;
	for (; n > 0; n /= 2) {
		c = chunk_make(pool, n);
		if (c != NULL) {
			chunk_add(pool, c);
			return 0;
		}
	}
	/* Asking the heap costs system calls: not again for a tenth of a second. */
	pool->grow_retry = rte_rdtsc() + rte_get_tsc_hz() / 10;
	return -ENOMEM;
}

void
ppool_chunks_free(struct rte_ppool *pool)
{
	struct ppool_chunk *c, *next;

	for (c = pool->chunks; c != NULL; c = next) {
		next = c->next;
		ppool_debug_chunk_fini(pool, c);
		rte_free(c->data);
		rte_free(c);
	}
	pool->chunks = NULL;
}
