/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The chunks of a pool: growth, and the contrary. All of it under the grow lock. */

#include <errno.h>
#include <numa.h>
#include <numaif.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "ppool_debug.h"
#include "ppool_memory.h"
#include "ppool_trace.h"

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

/* ---- the list, by index of the first page */

/* Indices are used again when a chunk has gone: the first gap that is large enough. */
static void
list_add(struct rte_ppool *pool, struct ppool_chunk *c)
{
	struct ppool_chunk *last = pool->last_chunk, *prev = last, *next = NULL;
	uint32_t end = last != NULL ? last->first_page + last->nb_pages : 0, i;

	if (end != pool->nb_pages) {
		prev = NULL;
		end = 0;
		for (next = pool->chunks; next != NULL; next = next->next) {
			if (next->first_page - end >= c->nb_pages)
				break;
			prev = next;
			end = prev->first_page + prev->nb_pages;
		}
	}
	c->first_page = end;
	for (i = 0; i < c->nb_pages; i++)
		c->pages[i].index = end + i;
	c->prev = prev;
	c->next = next;
	if (next != NULL)
		next->prev = c;
	else
		pool->last_chunk = c;
	/* P1: release, pairs with the acquire load of PPOOL_CHUNKS_FOREACH. */
	__atomic_store_n(prev != NULL ? &prev->next : &pool->chunks, c, __ATOMIC_RELEASE);
}

static void
list_remove(struct rte_ppool *pool, struct ppool_chunk *c)
{
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		pool->last_chunk = c->prev;
	__atomic_store_n(c->prev != NULL ? &c->prev->next : &pool->chunks, c->next,
		__ATOMIC_RELEASE); /* P1 */
	/* Where the search for partly free pages goes on. */
	if (pool->scan_chunk == c)
		pool->scan_chunk = NULL;
}

/* ---- the table, by windows of addresses */

/* First window and number of windows that the mbufs of a chunk stand in. */
static uintptr_t
windows(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t *n)
{
	uintptr_t first = (uintptr_t)c & pool->slab_mask;
	uintptr_t end = (uintptr_t)c->mbufs + (size_t)c->nb_frags * pool->mbuf_stride;

	*n = (uint32_t)((end - 1 - first) >> pool->slab_shift) + 1;
	return first;
}

static void
table_add(struct rte_ppool *pool, const struct ppool_chunk *c)
{
	uintptr_t window;
	uint32_t n, k, i;

	window = windows(pool, c, &n);
	for (k = 0; k < n; k++) {
		i = ppool_hash(pool, window);
		while (pool->table[i] != 0 && pool->table[i] != PPOOL_GONE)
			i = (i + 1) & pool->table_mask;
		__atomic_store_n(&pool->table[i], window | k, __ATOMIC_RELEASE); /* T0 */
		window += (uintptr_t)1 << pool->slab_shift;
	}
}

/* Puts look up their own chunks at the same time, and must find them: an entry that goes is not
 * empty, but one that nobody looks for, unless the way of all those who come by ends behind it
 * anyhow.
 */
static void
table_remove(struct rte_ppool *pool, const struct ppool_chunk *c)
{
	const uint32_t mask = pool->table_mask;
	uintptr_t window;
	uint32_t n, k, i;

	window = windows(pool, c, &n);
	for (k = 0; k < n; k++) {
		i = ppool_hash(pool, window);
		while (pool->table[i] != (window | k))
			i = (i + 1) & mask;
		PPOOL_WRITE(pool->table[i], PPOOL_GONE); /* G0 */
		for (; pool->table[i] == PPOOL_GONE && pool->table[(i + 1) & mask] == 0;
				i = (i - 1) & mask)
			PPOOL_WRITE(pool->table[i], 0);
		window += (uintptr_t)1 << pool->slab_shift;
	}
}

/* ---- adding and removing */

static void
populated(struct rte_ppool *pool)
{
	if (pool->compact)
		PPOOL_WRITE(pool->mp->populated_size, pool->nb_pages * pool->frags_per_page);
}

/* Whoever remembers where an mbuf stood looks it up again: its chunk may have left, or another may
 * stand there. Relaxed: who holds an mbuf of a chunk got its page by way of the free list's lock,
 * after this; and who does not, and asks nevertheless, finds the memory of a chunk that has just
 * left still there (ppool_maintain.c).
 */
static void
generation_next(struct rte_ppool *pool)
{
	static uint64_t last;

	PPOOL_WRITE(pool->generation, __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED));
}

/* A chunk that is complete becomes part of the pool, all of its pages free. Their indices are
 * given here.
 */
void
ppool_chunk_add(struct rte_ppool *pool, struct ppool_chunk *c)
{
	generation_next(pool);
	list_add(pool, c);
	if (pool->compact)
		table_add(pool, c);
	pool->nb_chunks++;
	ppool_free_add(pool, c);
	populated(pool);
}

/* A chunk that was taken out of the free list leaves the pool. */
void
ppool_chunk_remove(struct rte_ppool *pool, struct ppool_chunk *c)
{
	if (pool->compact)
		table_remove(pool, c);
	generation_next(pool);
	list_remove(pool, c);
	pool->nb_chunks--;
	populated(pool);
}

/* One that has just left comes back: no memory needs to be asked for. */
static bool
take_back(struct rte_ppool *pool)
{
	struct ppool_chunk *c = pool->retired;

	if (c == NULL || c->nb_pages > pool->params.max_pages - pool->nb_pages)
		return false;
	pool->retired = c->next;
	ppool_chunk_add(pool, c);
	return true;
}

/* Add one chunk of at most that many pages. Where memory is short, a smaller one. The grow
 * lock is held. 0, or -ENOSPC at the limit, or -ENOMEM, or another error of the provider's.
 */
int
ppool_grow(struct rte_ppool *pool, uint32_t pages)
{
	struct ppool_chunk *c;
	uint32_t n = RTE_MIN(pages, pool->chunk_pages);
	int ret = -ENOMEM;

	n = RTE_MIN(n, pool->params.max_pages - pool->nb_pages);
	if (n == 0)
		return -ENOSPC;
	if (take_back(pool))
		return 0;
	/* What stands in a chunk is of the process that made it. */
	if (pool->nb_chunks == pool->max_chunks || rte_rdtsc() < pool->grow_retry ||
			rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOMEM;
	for (; n > 0 && ret == -ENOMEM; n /= 2)
		ret = ppool_chunk_make(pool, n, &c);
	if (ret == 0) {
		PPOOL_WRITE(pool->memory_bytes, pool->memory_bytes + c->bytes);
		PPOOL_WRITE(pool->pages_grown, pool->pages_grown + c->nb_pages);
		ppool_debug_chunk_init(pool, c);
		numa_check(pool, c);
		ppool_chunk_add(pool, c);
		ppool_trace_grow(pool, c->nb_pages, c->bytes, pool->nb_pages);
		return 0;
	}
	/* Asking the heap costs system calls: not again for a tenth of a second. */
	pool->grow_retry = rte_rdtsc() + rte_get_tsc_hz() / 10;
	return ret;
}

static void
list_free(struct rte_ppool *pool, struct ppool_chunk *c)
{
	struct ppool_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		ppool_chunk_free(pool, c);
	}
}

/* The pool goes, and with it all of its memory. */
void
ppool_chunks_free(struct rte_ppool *pool)
{
	list_free(pool, pool->chunks);
	list_free(pool, pool->retired);
	pool->chunks = pool->last_chunk = pool->retired = NULL;
}
