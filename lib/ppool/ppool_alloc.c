/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Handing out: where an owner's pages come from, and the life of its open page. */

#include <errno.h>

#include <rte_cycles.h>

#include "ppool_memory.h"

__thread char ppool_self_mark;

/* ---- where pages come from, fast to slow */

static inline struct ppool_page *
cache_pop(struct rte_ppool_owner *o)
{
	struct ppool_page *page = o->cache;

	if (page != NULL) {
		o->cache = page->next;
		PPOOL_WRITE(o->cached, o->cached - 1);
	}
	return page;
}

/* Take the whole ring into the empty cache. The lock is held. Number of pages. */
static uint32_t
cache_refill(struct rte_ppool_owner *o)
{
	struct ppool_page *page, *first;
	uint32_t n = 0;

	first = __atomic_load_n(&o->ring, __ATOMIC_RELAXED);
	if (first == NULL || first == PPOOL_RING_CLOSED)
		return 0;
	/* O1: acquire, pairs with the release push of ppool_put.c: the links, and all that the
	 * last user of each page saw of its life. Only closing puts another value than a page
	 * or NULL here, and it does so under the lock that we hold.
	 */
	first = __atomic_exchange_n(&o->ring, NULL, __ATOMIC_ACQUIRE);
	for (page = first; page != NULL; page = page->next)
		n++;
	o->cache = first;
	PPOOL_WRITE(o->cached, n);
	return n;
}

/* Last resort before "exhausted": a free page that another owner keeps for itself. */
static struct ppool_page *
steal(struct rte_ppool_owner *self)
{
	struct rte_ppool_owner *o;
	struct ppool_page *page;

	o = __atomic_load_n(&self->pool->owners, __ATOMIC_ACQUIRE);
	for (; o != NULL; o = o->next) {
		if (o == self || (PPOOL_READ(o->cached) == 0 && (PPOOL_READ(o->ring) == NULL ||
				PPOOL_READ(o->ring) == PPOOL_RING_CLOSED)))
			continue;
		rte_spinlock_lock(&o->lock);
		if (o->cache == NULL)
			cache_refill(o);
		page = cache_pop(o);
		rte_spinlock_unlock(&o->lock);
		if (page != NULL)
			return page;
	}
	return NULL;
}

static struct ppool_page *
grow(struct rte_ppool *pool)
{
	struct ppool_page *page;

	if (PPOOL_READ(pool->nb_pages) >= pool->params.max_pages)
		return NULL;
	pthread_mutex_lock(&pool->grow_lock);
	do {
		/* Another owner may have grown the pool while this one waited. */
		page = ppool_free_pop(pool);
	} while (page == NULL && ppool_grow(pool, UINT32_MAX) == 0);
	pthread_mutex_unlock(&pool->grow_lock);
	return page;
}

/* A page that nobody holds, or NULL if there is none to be had. */
static struct ppool_page *
page_get(struct rte_ppool_owner *o)
{
	struct ppool_page *page;
	uint32_t n = 0;

	rte_spinlock_lock(&o->lock);
	if (o->cache == NULL)
		n = cache_refill(o);
	page = cache_pop(o);
	rte_spinlock_unlock(&o->lock);
	PPOOL_COUNT(o->alloc_refill, n);
	if (page != NULL) {
		PPOOL_COUNT(o->alloc_fast, 1);
		return page;
	}

	PPOOL_COUNT(o->alloc_empty, 1);
	page = ppool_free_pop(o->pool);
	if (page == NULL)
		page = grow(o->pool);
	if (page == NULL)
		page = steal(o);
	if (page != NULL)
		PPOOL_COUNT(o->alloc_slow, 1);
	return page;
}

/* ---- life of the open page */

/* Begin the life of a page. held: the owner keeps it open for more runs. */
static void
page_open(struct rte_ppool_owner *o, struct ppool_page *page, bool held)
{
	const void *self = ppool_self();

#ifdef RTE_PPOOL_DEBUG
	/* Invariants 3 and 4. */
	PPOOL_ASSERT(ppool_state_at_home(o->pool, page->state));
	PPOOL_ASSERT(__atomic_exchange_n(&page->state->home, 0, __ATOMIC_ACQUIRE) == 1);
	PPOOL_ASSERT(ppool_chunk_find(o->pool, page->mbuf) == page->chunk);
	PPOOL_ASSERT((uint8_t *)page->addr == page->chunk->data +
		(size_t)(page->index - page->chunk->first_page) * o->pool->page_size);
	PPOOL_ASSERT(page->mbuf->buf_addr == page->addr);
	PPOOL_ASSERT(rte_mbuf_iova_get(page->mbuf) == page->iova);
#endif
	page->state->owner = o;
	PPOOL_WRITE(page->opened, rte_rdtsc());
	PPOOL_WRITE(o->attached, o->attached + 1);
	if (PPOOL_READ(o->thread) != self)
		PPOOL_WRITE(o->thread, self);
	ppool_state_open(o->pool, page->state, held);
}

/* Report bits that were set in fragments that had not been handed out: stale second puts. */
static void
report_stale(struct rte_ppool_owner *o, const struct ppool_page *page, uint32_t w,
		uint64_t bits)
{
	if (unlikely(bits != 0))
		ppool_over_put(o->pool, page, w * 64, bits);
}

/* Give up the hold on the open page, together with the fragments never handed out: the
 * unspent rest of the bias goes back at once.
 */
void
ppool_page_retire(struct rte_ppool_owner *o)
{
	struct ppool_page *page = o->page;
	struct ppool_state *st = page->state;
	uint64_t unspent, old, n;
	uint32_t w;

	__atomic_store_n(&o->page, NULL, __ATOMIC_RELAXED);
	if (!ppool_is_large(o->pool)) {
		unspent = ppool_word_bits(o->pool, 0, o->cursor);
		old = __atomic_fetch_or(&st->word[0], unspent | PPOOL_OPEN, __ATOMIC_ACQ_REL); /* R0 */
		report_stale(o, page, 0, old & unspent);
		PPOOL_ASSERT((old & PPOOL_OPEN) == 0);
		if ((old | unspent | PPOOL_OPEN) == o->pool->full)
			ppool_page_home(page);
		return;
	}
	n = 1;
	for (w = o->cursor / 64; w < o->pool->nb_words; w++) {
		unspent = ppool_word_bits(o->pool, w, o->cursor);
		old = __atomic_fetch_or(&st->word[w], unspent, __ATOMIC_ACQ_REL);
		report_stale(o, page, w, old & unspent);
		n += __builtin_popcountll(unspent & ~old);
	}
	old = __atomic_fetch_sub(&st->count, n, __ATOMIC_ACQ_REL); /* R0 */
	PPOOL_ASSERT(old >= n);
	if (old == n)
		ppool_page_home(page);
}

/* The next page, of those set aside or from wherever there is one. */
static inline struct ppool_page *
page_next(struct rte_ppool_owner *o)
{
	struct ppool_page *page = o->spare;

	if (page == NULL)
		return page_get(o);
	o->spare = page->next;
	o->spare_frags -= o->pool->frags_per_page;
	return page;
}

static inline void
run_fill(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t first,
		uint32_t n, struct rte_ppool_run *run)
{
	size_t off = (size_t)first * pool->frag_size;

	run->mbuf = ppool_mbuf_at(pool, page, first);
	run->addr = RTE_PTR_ADD(page->addr, off);
	run->iova = page->iova + off;
	run->n = n;
}

/* Hand out up to max fragments of one page; 0 if there is none. Counts nothing as failed. */
static inline uint32_t
run_get(struct rte_ppool_owner *o, uint32_t max, struct rte_ppool_run *run)
{
	const struct rte_ppool *pool = o->pool;
	uint32_t total = pool->frags_per_page, cursor, n;
	struct ppool_page *page;

	/* A fragment not handed out yet whose bit is set was put twice in the last life, and
	 * the second put came only now: this page cannot count on its bits any more.
	 */
	while ((page = o->page) != NULL) {
		cursor = o->cursor;
		n = RTE_MIN(max, total - cursor);
		if (likely(ppool_state_back(page->state, cursor, n) == 0))
			goto hand_out;
		ppool_page_retire(o);
	}
	page = page_next(o);
	if (unlikely(page == NULL)) {
		run->n = 0;
		return 0;
	}
	if (max >= total) {
		/* The usual case of a driver: all of it at once, nothing left to hold. */
		page_open(o, page, false);
		run_fill(pool, page, 0, total, run);
		return total;
	}
	page_open(o, page, true);
	cursor = 0;
	n = max;
	PPOOL_WRITE(o->cursor, 0);
	__atomic_store_n(&o->page, page, __ATOMIC_RELEASE);
hand_out:
	PPOOL_WRITE(o->cursor, cursor + n);
	run_fill(pool, page, cursor, n, run);
	if (cursor + n == total)
		ppool_page_retire(o);
	return n;
}

#ifdef RTE_PPOOL_DEBUG
/* Invariant 1: one thread at a time. */
#define OWNER_ENTER(o) \
	PPOOL_ASSERT(__atomic_exchange_n(&(o)->busy, 1, __ATOMIC_ACQUIRE) == 0 && !(o)->closed)
#define OWNER_LEAVE(o) __atomic_store_n(&(o)->busy, 0, __ATOMIC_RELEASE)
#else
#define OWNER_ENTER(o) do { } while (0)
#define OWNER_LEAVE(o) do { } while (0)
#endif

uint32_t
rte_ppool_run_alloc(struct rte_ppool_owner *o, uint32_t max, struct rte_ppool_run *run)
{
	uint32_t n = 0;

	OWNER_ENTER(o);
	run->n = 0;
	if (likely(max > 0)) {
		n = run_get(o, max, run);
		if (unlikely(n == 0))
			PPOOL_COUNT(o->alloc_fail, max);
	}
	OWNER_LEAVE(o);
	return n;
}

/* ---- all or none */

/* Fragments of the open page that were not handed out. */
uint32_t
ppool_owner_rest(const struct rte_ppool_owner *o)
{
	return PPOOL_READ(o->page) != NULL ? o->pool->frags_per_page - PPOOL_READ(o->cursor) : 0;
}

/* Is all back that was handed out of the open page? Asked by other threads for reports. */
bool
ppool_owner_idle(const struct rte_ppool_owner *o)
{
	/* I0: acquire, pairs with the release store of run_get(): the state of its new life. */
	const struct ppool_page *page = __atomic_load_n(&o->page, __ATOMIC_ACQUIRE);
	uint32_t cursor = PPOOL_READ(o->cursor);

	return page != NULL && ppool_state_back(page->state, 0, cursor) == cursor;
}

/* An open page whose fragments are all back is as good as a free one, once it is retired. */
void
ppool_owner_tidy(struct rte_ppool_owner *o)
{
	if (ppool_owner_idle(o))
		ppool_page_retire(o);
}

/* Set aside pages until n fragments are at hand. How many are, which may be less. */
uint32_t
ppool_owner_reserve(struct rte_ppool_owner *o, uint32_t n)
{
	uint32_t rest = ppool_owner_rest(o);
	struct ppool_page *page;

	if (rest + o->spare_frags < n && rest > 0) {
		ppool_owner_tidy(o);
		rest = ppool_owner_rest(o);
	}
	while (rest + o->spare_frags < n) {
		page = page_get(o);
		if (page == NULL)
			break;
		page->next = o->spare;
		o->spare = page;
		o->spare_frags += o->pool->frags_per_page;
	}
	return rest + o->spare_frags;
}

/* Pages set aside go back: some to the cache, the rest to where all find them. */
void
ppool_owner_unreserve(struct rte_ppool_owner *o)
{
	struct ppool_page *page;

	rte_spinlock_lock(&o->lock);
	while (o->spare != NULL && o->cached < o->pool->cache_pages) {
		page = o->spare;
		o->spare = page->next;
		page->next = o->cache;
		o->cache = page;
		PPOOL_WRITE(o->cached, o->cached + 1);
	}
	rte_spinlock_unlock(&o->lock);
	ppool_free_push_chain(o->pool, o->spare);
	o->spare = NULL;
	o->spare_frags = 0;
}

/* Hand out up to n fragments as mbufs, as many as there are. */
uint32_t
ppool_owner_issue(struct rte_ppool_owner *o, struct rte_mbuf **mbufs, uint32_t n)
{
	struct rte_ppool_run run;
	uint32_t done = 0, i;

	while (done < n && run_get(o, n - done, &run) > 0) {
		for (i = 0; i < run.n; i++) {
			mbufs[done++] = run.mbuf;
			run.mbuf = RTE_PTR_ADD(run.mbuf, o->pool->mbuf_stride);
		}
	}
	return done;
}

int
rte_ppool_mbuf_alloc_bulk(struct rte_ppool_owner *o, struct rte_mbuf **mbufs, unsigned int n)
{
	uint32_t done;

	if (unlikely(n == 0))
		return -EINVAL;
	OWNER_ENTER(o);
	if (unlikely(ppool_owner_rest(o) < n && ppool_owner_reserve(o, n) < n)) {
		ppool_owner_unreserve(o);
		done = 0;
	} else {
		done = ppool_owner_issue(o, mbufs, n);
	}
	if (unlikely(done < n)) {
		/* done > 0 only if stale puts spoilt the open page just now */
		rte_ppool_put_bulk(o->pool, mbufs, done);
		PPOOL_COUNT(o->alloc_fail, n);
	}
	OWNER_LEAVE(o);
	return likely(done == n) ? 0 : -ENOENT;
}
