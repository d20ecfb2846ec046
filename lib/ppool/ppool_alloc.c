/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Handing out: where an owner's pages come from, and the life of its open page. */

#include <errno.h>

#include <rte_cycles.h>

#include "ppool_debug.h"
#include "ppool_memory.h"
#include "ppool_trace.h"

__thread char ppool_self_mark __attribute__((tls_model("initial-exec")));

/* ---- where pages come from, fast to slow */

static inline struct ppool_page *
cache_pop(struct rte_ppool_owner *o)
{
	struct ppool_page *page = o->cache;

	if (page != NULL) {
		o->cache = page->state->next;
		PPOOL_WRITE(o->cached, o->cached - 1);
		if (o->cache != NULL)
			ppool_prefetch_write(o->cache->state);
	}
	return page;
}

/* Take the whole ring into the empty cache. The lock is held. Number of pages. */
static uint32_t
cache_refill(struct rte_ppool_owner *o)
{
	struct ppool_page *first = PPOOL_READ(o->ring);
	uint32_t n;

	if (first == NULL || first == PPOOL_RING_CLOSED)
		return 0;
	/* O1: acquire, pairs with the release push of ppool_put.c: the links, and all that the
	 * last user of each page saw of its life. Only closing puts another value than a page
	 * or NULL here, and it does so under the lock that we hold.
	 */
	first = __atomic_exchange_n(&o->ring, NULL, __ATOMIC_ACQUIRE);
	n = ppool_ring_taken(o, first);
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

	o = __atomic_load_n(&self->pool->owners, __ATOMIC_ACQUIRE); /* P0 */
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

enum page_want {
	WANT_WHOLE,  /* a page that nobody holds */
	WANT_ANY,    /* or the free part of another */
	WANT_STRICT, /* the same, and never in vain while there is one */
};

/* Pages looked at for free fragments before the pool grows: some, and the more, the larger the
 * pool is. What is taken there is at least the eighth part of a page.
 */
static struct ppool_page *
reuse_some(struct rte_ppool_owner *o)
{
	const struct rte_ppool *pool = o->pool;

	return ppool_reuse(o, 64 + PPOOL_READ(pool->nb_pages) / 16,
		(pool->frags_per_page + 7) / 8, 1);
}

/* The last resort: any free fragment. To search in vain costs a cache line for each page, so
 * that a driver that comes back at once (not strict) spends at most a quarter of its time
 * with it.
 */
static struct ppool_page *
reuse_any(struct rte_ppool_owner *o, bool strict)
{
	struct ppool_page *page;
	uint64_t start = rte_rdtsc();

	if (!strict && start < o->scan_next)
		return NULL;
	page = ppool_reuse(o, UINT32_MAX, 1, 1);
	if (page == NULL)
		o->scan_next = rte_rdtsc() + 3 * (rte_rdtsc() - start);
	return page;
}

/* A page that nobody holds, or, if its stock is not 0, one that is partly free and that we hold
 * by now. NULL if there is none to be had.
 */
static struct ppool_page *
page_get(struct rte_ppool_owner *o, enum page_want want)
{
	struct rte_ppool *pool = o->pool;
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
	page = ppool_free_pop(pool);
	/* A linear owner wants neighbours: pages as they are when nobody holds them. */
	if (o->linear)
		want = WANT_WHOLE;
	if (page == NULL && want != WANT_WHOLE && PPOOL_READ(pool->nb_pages) < pool->params.max_pages)
		page = reuse_some(o);
	if (page == NULL)
		page = grow(pool);
	if (page == NULL)
		page = steal(o);
	if (page == NULL && want != WANT_WHOLE)
		page = reuse_any(o, want == WANT_STRICT);
	if (page != NULL && page->state->stock != 0)
		PPOOL_COUNT(o->alloc_reuse, 1);
	else if (page != NULL)
		PPOOL_COUNT(o->alloc_slow, 1);
	return page;
}

/* ---- life of the open page */

/* Fragments that an owner hands out of a page of its own. */
static inline uint32_t
page_frags(const struct rte_ppool_owner *o, const struct ppool_page *page)
{
	return page->nb_frags - o->linear;
}

/* Begin the life of a page. held: the owner keeps it open for more runs. */
static void
page_begin(struct rte_ppool_owner *o, struct ppool_page *page, bool held)
{
	const void *self = ppool_self();

#ifdef RTE_PPOOL_DEBUG
	/* Invariants 3 and 4. */
	PPOOL_ASSERT(ppool_state_at_home(o->pool, page->state));
	PPOOL_ASSERT(__atomic_exchange_n(&page->state->home, 0, __ATOMIC_ACQUIRE) == 1);
	if (o->pool->compact) {
		PPOOL_ASSERT(ppool_chunk_find(o->pool, page->mbuf) == page->chunk);
		PPOOL_ASSERT(page->mbuf->buf_addr == page->addr);
		PPOOL_ASSERT(rte_mbuf_iova_get(page->mbuf) == page->iova);
	}
#endif
	page->state->owner = o;
	if (o->attached % PPOOL_STAMP_PAGES == 0)
		o->stamp = rte_rdtsc();
	PPOOL_WRITE(page->state->opened, o->stamp);
	PPOOL_WRITE(page->state->linear, o->linear);
	PPOOL_WRITE(o->attached, o->attached + 1);
	if (PPOOL_READ(o->thread) != self)
		PPOOL_WRITE(o->thread, self);
	ppool_state_open(o->pool, page->state, page_frags(o, page), held);
	ppool_trace_page_open(o, page->index, page_frags(o, page), false);
}

/* A page becomes the open one: one without a life gets it here, one that is partly free has its
 * hold already.
 */
static void
page_open(struct rte_ppool_owner *o, struct ppool_page *page)
{
	struct ppool_state *st = page->state;
	uint32_t frags, word = 0, later = 0;
	uint64_t mask = st->stock;

	if (mask != 0) {
		word = st->stock_word;
		st->stock = 0;
		o->reused = true;
		ppool_trace_page_open(o, page->index, __builtin_popcountll(mask), true);
	} else {
		o->reused = false;
		frags = page_frags(o, page);
		mask = ppool_bits(0, RTE_MIN(frags, 64u));
		later = frags - RTE_MIN(frags, 64u);
		page_begin(o, page, true);
	}
	PPOOL_WRITE(o->mask, mask);
	PPOOL_WRITE(o->word, word);
	PPOOL_WRITE(o->later, later);
	__atomic_store_n(&o->page, page, __ATOMIC_RELEASE); /* I0 */
}

/* Give up the hold on the open page, together with the fragments never handed out: the
 * unspent rest of the bias goes back at once.
 */
void
ppool_page_retire(struct rte_ppool_owner *o)
{
	struct ppool_page *page = o->page;

	ppool_trace_page_retire(o->pool, page->index, ppool_owner_rest(o));
	__atomic_store_n(&o->page, NULL, __ATOMIC_RELAXED);
	ppool_page_release(o->pool, page, o->word, o->mask, o->later);
}

/* Fragments of a page that is set aside. */
static inline uint32_t
spare_size(const struct rte_ppool_owner *o, const struct ppool_page *page)
{
	const struct ppool_state *st = page->state;

	return st->stock != 0 ? (uint32_t)__builtin_popcountll(st->stock) + st->stock_left :
		page_frags(o, page);
}

/* The next page, of those set aside or from wherever there is one. */
static inline struct ppool_page *
page_next(struct rte_ppool_owner *o)
{
	struct ppool_page *page = o->spare;

	if (page == NULL)
		return page_get(o, WANT_ANY);
	o->spare = page->state->next;
	o->spare_frags -= spare_size(o, page);
	return page;
}

/* Fragments of a page leave. */
static inline void
run_fill(struct rte_ppool_owner *o, struct ppool_page *page, uint32_t first, uint32_t n,
		struct rte_ppool_run *run)
{
	const struct rte_ppool *pool = o->pool;
	size_t off = (size_t)first * pool->frag_size;

	ppool_debug_out(o, page, first, n);
	ppool_trace_run_alloc(o, page->index, first, n);

	run->mbuf = ppool_mbuf_at(pool, page, first);
	run->addr = RTE_PTR_ADD(page->addr, off);
	run->iova = page->iova + off;
	run->n = n;
}

/* All of the word that may be handed out has been: on to the next one. */
static __rte_noinline void
word_next(struct rte_ppool_owner *o)
{
	uint32_t word = o->word + 1, n;
	uint64_t mask = 0;

	if (o->later != 0) {
		n = RTE_MIN(o->later, 64u);
		mask = ppool_bits(0, n);
		PPOOL_WRITE(o->later, o->later - n);
	} else if (o->reused) {
		mask = ppool_take_next(o->pool, o->page, &word);
	}
	PPOOL_WRITE(o->mask, mask);
	PPOOL_WRITE(o->word, word);
	if (mask == 0)
		ppool_page_retire(o);
}

/* These bits of the open page have been handed out. */
static inline void
mask_spend(struct rte_ppool_owner *o, uint64_t bits)
{
	uint64_t mask = o->mask & ~bits;

	PPOOL_WRITE(o->mask, mask);
	if (mask != 0)
		return;
	if (unlikely(ppool_is_large(o->pool)))
		word_next(o);
	else
		ppool_page_retire(o);
}

/* A page begins its life, and all of it leaves at once: nothing is left to hold. False: some of it
 * was put twice in the last life, as in run_get().
 */
static inline bool
page_whole(struct rte_ppool_owner *o, struct ppool_page *page, uint32_t n)
{
	struct ppool_state *st = page->state;

	if (!ppool_is_large(o->pool)) {
		page_begin(o, page, false);
		return true;
	}
	page_begin(o, page, true);
	if (unlikely((PPOOL_READ(st->word[0]) & ppool_bits(0, n)) != 0)) {
		ppool_page_release(o->pool, page, 0, ppool_bits(0, n), 0);
		return false;
	}
	__atomic_fetch_sub(&st->count, PPOOL_HELD, __ATOMIC_ACQ_REL); /* R0 */
	return true;
}

/* Up to max neighbours of the open page that may be handed out: the first of them, and how many.
 * 0: one of them was put twice in the last life, and the second put came only now. Its bit is
 * set, and this page cannot count on its bits any more.
 */
static __rte_always_inline uint32_t
open_run(const struct rte_ppool_owner *o, const struct ppool_page *page, uint32_t max,
		uint32_t *first, uint64_t *bits)
{
	const uint64_t mask = o->mask;
	uint32_t n;

	*first = __builtin_ctzll(mask);
	n = __builtin_ctzll(~(mask >> *first) | (UINT64_C(1) << 63));
	n = RTE_MIN(max, n + (n == 63 && (mask >> *first) == UINT64_MAX));
	*bits = ppool_bits(*first, n);
	return likely((PPOOL_READ(page->state->word[o->word]) & *bits) == 0) ? n : 0;
}

/* Hand out up to max fragments of one page; 0 if there is none. Counts nothing as failed. */
static inline uint32_t
run_get(struct rte_ppool_owner *o, uint32_t max, struct rte_ppool_run *run)
{
	struct ppool_page *page;
	uint32_t first, n;
	uint64_t bits;

	while ((page = o->page) != NULL) {
hand_out:
		n = open_run(o, page, max, &first, &bits);
		if (likely(n != 0)) {
			run_fill(o, page, o->word * 64 + first, n, run);
			mask_spend(o, bits);
			return n;
		}
		ppool_page_retire(o);
	}
again:
	page = page_next(o);
	if (unlikely(page == NULL)) {
		run->n = 0;
		return 0;
	}
	n = page_frags(o, page);
	if (max >= n && page->state->stock == 0 && n <= 64) {
		/* The usual case of a driver; of one word, as always. */
		if (unlikely(!page_whole(o, page, n)))
			goto again;
		run_fill(o, page, 0, n, run);
		return n;
	}
	page_open(o, page);
	goto hand_out;
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

static __rte_noinline void
alloc_failed(struct rte_ppool_owner *o, uint32_t frags)
{
	PPOOL_COUNT(o->alloc_fail, frags);
	ppool_trace_alloc_fail(o, frags);
}

uint32_t
rte_ppool_run_alloc(struct rte_ppool_owner *o, uint32_t max, struct rte_ppool_run *run)
{
	PPOOL_DEBUG_ENTRY();
	uint32_t n = 0;

	OWNER_ENTER(o);
	run->n = 0;
	if (likely(max > 0)) {
		n = run_get(o, max, run);
		if (unlikely(n == 0))
			alloc_failed(o, max);
	}
	OWNER_LEAVE(o);
	return n;
}

/* k neighbours of one page, no fewer. What does not fit is left to others. Up to 64 are found in
 * the open page; more, in large pages, take a page of their own.
 */
uint32_t
ppool_owner_exact(struct rte_ppool_owner *o, uint32_t k, struct rte_ppool_run *run)
{
	struct ppool_page *page;
	uint32_t first, left, n;

	OWNER_ENTER(o);
	run->n = 0;
	while (run->n == 0) {
		page = o->page;
		if (page == NULL) {
			page = page_get(o, WANT_WHOLE);
			if (page == NULL && k <= 64 && !o->linear)
				page = ppool_reuse(o, UINT32_MAX, k, k);
			if (page == NULL)
				break;
			page_open(o, page);
		}
		first = ppool_neighbours(o->mask, RTE_MIN(k, 64u));
		if (first == 64 || (k > 64 && (o->word != 0 || o->later + 64 < k)) ||
				ppool_state_back(page->state, o->word * 64 + first, k) != 0) {
			ppool_page_retire(o);
			continue;
		}
		run_fill(o, page, o->word * 64 + first, k, run);
		for (left = k; left > 0; left -= n) {
			n = RTE_MIN(left, 64u);
			mask_spend(o, ppool_bits(first, n));
		}
	}
	if (run->n == 0)
		alloc_failed(o, k);
	OWNER_LEAVE(o);
	return run->n;
}

/* ---- all or none */

/* Fragments of the open page that were not handed out. */
uint32_t
ppool_owner_rest(const struct rte_ppool_owner *o)
{
	return PPOOL_READ(o->page) == NULL ? 0 :
		__builtin_popcountll(PPOOL_READ(o->mask)) + PPOOL_READ(o->later);
}

/* Is all back that was handed out of the open page? Asked by other threads for reports. */
bool
ppool_owner_idle(const struct rte_ppool_owner *o)
{
	/* I0: acquire, pairs with the release store of page_open(): the state of its new life. */
	const struct ppool_page *page = __atomic_load_n(&o->page, __ATOMIC_ACQUIRE);
	uint64_t mask = PPOOL_READ(o->mask);

	if (page == NULL)
		return false;
	if (!ppool_is_large(o->pool))
		return (PPOOL_READ(page->state->word[0]) | mask | PPOOL_OPEN) == o->pool->full;
	return PPOOL_READ(page->state->count) ==
		(PPOOL_HELD | (__builtin_popcountll(mask) + PPOOL_READ(o->later)));
}

/* An open page whose fragments are all back is as good as a free one, once it is retired. */
void
ppool_owner_tidy(struct rte_ppool_owner *o)
{
	if (ppool_owner_idle(o))
		ppool_page_retire(o);
}

/* What the open page can still give: not handed out, or back since, in words still to come. */
static uint32_t
open_left(const struct rte_ppool_owner *o)
{
	uint32_t n = ppool_owner_rest(o);

	return n > 0 && o->reused ? n + ppool_take_left(o->pool, o->page, o->word + 1) : n;
}

/* Set aside pages until n fragments are at hand. How many are, which may be less. */
uint32_t
ppool_owner_reserve(struct rte_ppool_owner *o, uint32_t n)
{
	uint32_t rest = open_left(o);
	struct ppool_page *page;

	if (rest + o->spare_frags < n && rest > 0) {
		ppool_owner_tidy(o);
		rest = open_left(o);
	}
	while (rest + o->spare_frags < n) {
		page = page_get(o, WANT_STRICT);
		if (page == NULL && rest > 0) {
			/* What has come back of the open page meanwhile counts, too. */
			ppool_page_retire(o);
			rest = 0;
			continue;
		}
		if (page == NULL)
			break;
		page->state->next = o->spare;
		o->spare = page;
		o->spare_frags += spare_size(o, page);
	}
	return rest + o->spare_frags;
}

/* Pages set aside go back: some to the cache, the rest to where all find them. */
void
ppool_owner_unreserve(struct rte_ppool_owner *o)
{
	struct ppool_page *page, *next, *home = NULL;
	uint64_t stock;

	for (page = o->spare; page != NULL; page = next) {
		next = page->state->next;
		stock = page->state->stock;
		if (stock != 0) {
			page->state->stock = 0;
			ppool_page_release(o->pool, page, page->state->stock_word, stock, 0);
		} else {
			page->state->next = home;
			home = page;
		}
	}
	o->spare = NULL;
	o->spare_frags = 0;
	rte_spinlock_lock(&o->lock);
	while (home != NULL && !o->closed && o->cached < o->pool->cache_pages) {
		page = home;
		home = page->state->next;
		page->state->next = o->cache;
		o->cache = page;
		PPOOL_WRITE(o->cached, o->cached + 1);
	}
	rte_spinlock_unlock(&o->lock);
	ppool_free_push_chain(o->pool, home);
}

/* Neighbours, by pairs: one addition and one store for two. */
typedef uint64_t pair __attribute__((vector_size(16), may_alias, aligned(8)));

static inline void
mbufs_fill(struct rte_mbuf **mbufs, const struct rte_mbuf *first, size_t stride, uint32_t n)
{
	uintptr_t m = (uintptr_t)first;
	pair a = { m, m + stride }, b = { m + 2 * stride, m + 3 * stride };
	const pair step = { 4 * stride, 4 * stride };
	struct rte_mbuf **const end = mbufs + n;

	for (; end - mbufs >= 4; mbufs += 4) {
		*(pair *)&mbufs[0] = a;
		*(pair *)&mbufs[2] = b;
		a += step;
		b += step;
	}
	for (m = a[0]; mbufs != end; mbufs++, m += stride)
		*mbufs = (struct rte_mbuf *)m;
}
_Static_assert(sizeof(uintptr_t) == 8, "an mbuf's address is a word of a pair");

/* A run at a time. */
static __rte_noinline uint32_t
issue_runs(struct rte_ppool_owner *o, struct rte_mbuf **mbufs, uint32_t n)
{
	struct rte_ppool_run run;
	uint32_t done = 0;

	while (done < n && run_get(o, n - done, &run) > 0) {
		mbufs_fill(&mbufs[done], run.mbuf, o->pool->mbuf_stride, run.n);
		done += run.n;
	}
	return done;
}

/* Hand out up to n fragments as mbufs, as many as there are. Mostly all come out of the open page,
 * and leave something there.
 */
uint32_t
ppool_owner_issue(struct rte_ppool_owner *o, struct rte_mbuf **mbufs, uint32_t n)
{
	struct ppool_page *page = o->page;
	uint32_t first;
	uint64_t bits;

	if (unlikely(page == NULL || open_run(o, page, n, &first, &bits) != n || bits == o->mask))
		return issue_runs(o, mbufs, n);
	PPOOL_WRITE(o->mask, o->mask & ~bits);
	first += o->word * 64;
	ppool_debug_out(o, page, first, n);
	ppool_trace_run_alloc(o, page->index, first, n);
	mbufs_fill(mbufs, ppool_mbuf_at(o->pool, page, first), o->pool->mbuf_stride, n);
	return n;
}

int
rte_ppool_mbuf_alloc_bulk(struct rte_ppool_owner *o, struct rte_mbuf **mbufs, unsigned int n)
{
	const uint64_t flags = o->pool->compact ? RTE_MBUF_F_EXTERNAL : 0;
	PPOOL_DEBUG_ENTRY();
	uint32_t done, i;

	if (unlikely(n == 0))
		return -EINVAL;
	OWNER_ENTER(o);
	if (unlikely(ppool_owner_rest(o) < n && ppool_owner_reserve(o, n) < n)) {
		ppool_owner_unreserve(o);
		done = 0;
	} else {
		done = ppool_owner_issue(o, mbufs, n);
		/* Small pages that a large one made superfluous. */
		if (unlikely(o->spare != NULL))
			ppool_owner_unreserve(o);
	}
	if (unlikely(done < n)) {
		/* done > 0 only if stale puts spoilt the open page just now */
		rte_ppool_put_bulk(o->pool, mbufs, done);
		alloc_failed(o, n);
	}
	OWNER_LEAVE(o);
	if (unlikely(done < n))
		return -ENOENT;
	/* What was left by those who had them before. */
	for (i = 0; i < n; i++) {
		mbufs[i]->ol_flags = flags;
		mbufs[i]->data_off = RTE_PKTMBUF_HEADROOM;
	}
	return 0;
}
