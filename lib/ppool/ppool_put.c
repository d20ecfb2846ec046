/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Giving back: fragments to their page, pages to their owner. */

#include <inttypes.h>

#include <rte_cycles.h>

#include "ppool_debug.h"
#include "ppool_page.h"
#include "ppool_trace.h"

/* ---- misuse: counted, named, at a limited rate */

/* Lines per second and pool. */
#define LOG_RATE 10u

/* May a line about misuse be logged now? How many were not since the last one. */
static bool
log_allowed(struct rte_ppool *pool, uint64_t *dropped)
{
	uint64_t now = rte_rdtsc(), next = PPOOL_READ(pool->log_next);

	if (now < next || !__atomic_compare_exchange_n(&pool->log_next, &next,
			now + rte_get_tsc_hz() / LOG_RATE, false, __ATOMIC_RELAXED,
			__ATOMIC_RELAXED)) {
		PPOOL_COUNT_MT(pool->log_dropped, 1);
		return false;
	}
	*dropped = __atomic_exchange_n(&pool->log_dropped, 0, __ATOMIC_RELAXED);
	return true;
}

void
ppool_over_put(struct rte_ppool *pool, const struct ppool_page *page, uint32_t first,
		uint64_t bits)
{
	uint64_t dropped;

	PPOOL_COUNT_MT(pool->bad_over_put, __builtin_popcountll(bits));
	ppool_trace_put_twice(pool, page->index, first + __builtin_ctzll(bits),
		__builtin_popcountll(bits));
	if (log_allowed(pool, &dropped))
		PPOOL_LOG(ERR, "%s: page %u fragment %u%s: given back, but not out: refused "
			"(%" PRIu64 " more lines like this left out)", pool->name, page->index,
			first + __builtin_ctzll(bits), (bits & (bits - 1)) ? " and others" : "",
			dropped);
	ppool_debug_over_put(pool, page, first + __builtin_ctzll(bits));
}

static __rte_noinline void
foreign(struct rte_ppool *pool, const void *ptr)
{
	uint64_t dropped;

	PPOOL_COUNT_MT(pool->bad_foreign, 1);
	ppool_trace_put_foreign(pool, ptr);
	if (log_allowed(pool, &dropped))
		PPOOL_LOG(ERR, "%s: %p was given back, and is no mbuf of this pool: refused (%"
			PRIu64 " more lines like this left out)", pool->name, ptr, dropped);
}

/* The mbuf was attached to another buffer, or is still referenced: bind it to its own again.
 * Not if its fragment is not out at all, that is, if this is a second put: then it belongs
 * to somebody else by now.
 */
static __rte_noinline void
mbuf_restore(struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		struct rte_mbuf *m)
{
	uint64_t dropped;

	if (ppool_state_back(page->state, frag, 1) != 0)
		return;
	PPOOL_COUNT_MT(pool->bad_mbuf, 1);
	ppool_trace_put_misused(pool, page->index, frag);
	if (log_allowed(pool, &dropped))
		PPOOL_LOG(ERR, "%s: page %u fragment %u: its mbuf %p was the destination of a "
			"clone or attach, or was given back while referenced (refcnt %u): "
			"restored (%" PRIu64 " more lines like this left out)", pool->name,
			page->index, frag, (void *)m, rte_mbuf_refcnt_read(m), dropped);
	ppool_mbuf_bind(pool, page, frag, m);
	m->next = NULL;
	m->priv_size = pool->params.priv_size;
	m->shinfo = &page->chunk->shinfo[(page - page->chunk->pages) * pool->frags_per_page +
			frag];
	rte_mbuf_refcnt_set(m, 1);
}

/* ---- a page comes home */

/* Push to the ring of an owner that another thread (or nobody just now) allocates from.
 * An intrusive list whose owner takes all of it at once: unlike a ring of slots it needs no
 * memory, cannot be blocked by a producer that lost its CPU, and closes by one exchange.
 */
static bool
ring_push(struct rte_ppool_owner *o, struct ppool_page *page)
{
	struct ppool_page *head;

	/* Rough: what others push just now is not counted yet. */
	if (ppool_ring_count(o) >= o->pool->ring_limit) {
		PPOOL_COUNT_MT(o->recycle_ring_full, 1);
		return false;
	}
	head = __atomic_load_n(&o->ring, __ATOMIC_RELAXED);
	do {
		if (head == PPOOL_RING_CLOSED) {
			PPOOL_COUNT_MT(o->recycle_released, 1);
			return false;
		}
		page->state->next = head;
		/* O0: release, pairs with O1 and O2: the link, and the whole life of the page.
		 * The list is only pushed to and taken as a whole, so that each push continues
		 * the release sequence of those below it. Nothing is read of the page at its head,
		 * which may have left the list meanwhile, and even its memory may be gone.
		 */
	} while (!__atomic_compare_exchange_n(&o->ring, &head, page, true, __ATOMIC_RELEASE,
			__ATOMIC_RELAXED));
	PPOOL_COUNT_MT(o->recycle_ring, 1);
	return true;
}

/* Put a page into the cache of its owner, if that is this thread. "If" is a hint: queues
 * move between threads. The lock makes it safe, and it is never waited for.
 */
static bool
cache_push(struct rte_ppool_owner *o, struct ppool_page *page, bool *full)
{
	bool done = false;

	if (PPOOL_READ(o->thread) != ppool_self() || !rte_spinlock_trylock(&o->lock))
		return false;
	if (o->closed) {
		/* the ring says so, too */
	} else if (o->cached < o->pool->cache_pages) {
		page->state->next = o->cache;
		o->cache = page;
		PPOOL_WRITE(o->cached, o->cached + 1);
		PPOOL_COUNT(o->recycle_cached, 1);
		done = true;
	} else {
		PPOOL_COUNT(o->recycle_cache_full, 1);
		*full = true;
	}
	rte_spinlock_unlock(&o->lock);
	return done;
}

/* One page of an owner is back. The last access to the owner, and, if it was the last page
 * of a closed owner of a destroyed pool, to the pool.
 */
static void
owner_back(struct rte_ppool_owner *o)
{
	struct rte_ppool *pool = o->pool;
	/* C1: acq_rel, see rte_ppool_owner_close(). */
	int64_t back = __atomic_add_fetch(&o->returned, 1, __ATOMIC_ACQ_REL);

	/* Below 0 the owner is closed, and -back pages are still out. Unless it is 0, the
	 * owner and the pool may be gone by now.
	 */
	if (likely(back != 0))
		return;
	__atomic_store_n(&o->state, PPOOL_OWNER_FREE, __ATOMIC_RELEASE); /* C0 */
	ppool_unref(pool);
}

/* The caller is the last user of the page: it is his alone. May free the pool. */
void
ppool_page_home(struct ppool_page *page)
{
	struct rte_ppool_owner *o = page->state->owner;
	bool full = false;

	ppool_trace_page_home(o, page->index);

#ifdef RTE_PPOOL_DEBUG
	/* Invariants 2 and 4. */
	PPOOL_ASSERT(__atomic_exchange_n(&page->state->home, 1, __ATOMIC_RELEASE) == 0);
	PPOOL_ASSERT(ppool_state_at_home(o->pool, page->state));
#endif
	if (!cache_push(o, page, &full) && (full || !ring_push(o, page)))
		ppool_free_push(o->pool, page, page, 1);
	owner_back(o);
}

/* ---- fragments */

/* F0: where others had references to an mbuf, rte_pktmbuf_free() may have learned by a relaxed
 * load that they are gone (a count of 1). This fence makes an acquire of it, for what follows
 * here and for all that the state word hands on: what the others did by then comes before the
 * next use of the mbuf and its page. One a call; nothing on x86. ThreadSanitizer cannot follow
 * fences, and is told to leave out rte_pktmbuf_prefree_seg().
 */
static inline void
refcnt_fence(void)
{
#if !defined(__SANITIZE_THREAD__)
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
#endif
}

/* A run of fragments of one state word, being collected. Once their bits are set, somebody else
 * may be the last user, and may take the page and even the pool away: what is needed after
 * that is kept here.
 */
struct put_run {
	struct rte_ppool *pool;
	uint64_t full;             /* pool->full; 0 if the pages are large */
	struct ppool_page *page;
	struct ppool_page *done;   /* pages that this call completed */
	uint64_t bits;
	uint32_t word;
	uint32_t newly;            /* large page: bits set in its words so far */
	unsigned int taken;
};

static inline void
page_done(struct put_run *r)
{
	r->page->state->next = r->done;
	r->done = r->page;
}

static inline void
flush_word(struct put_run *r)
{
	uint64_t *word = &r->page->state->word[r->word];
	uint64_t old = __atomic_fetch_or(word, r->bits, __ATOMIC_ACQ_REL); /* A0 */
	uint64_t again = old & r->bits;

	/* Invariant 6: what the atomic returned says which of them were not out. (That the pool
	 * is still there to say so is up to those whose fragments they are.)
	 */
	if (unlikely(again != 0))
		ppool_over_put(r->pool, r->page, r->word * 64, again);
	r->taken += __builtin_popcountll(r->bits & ~old);
	if (r->full == 0)
		r->newly += __builtin_popcountll(r->bits & ~old);
	else if ((old | r->bits) == r->full && old != r->full)
		page_done(r);
	r->bits = 0;
}

static inline void
flush_page(struct put_run *r)
{
	uint64_t old;

	if (r->bits != 0)
		flush_word(r);
	if (r->newly == 0)
		return;
	old = __atomic_fetch_sub(&r->page->state->count, r->newly, __ATOMIC_ACQ_REL); /* A1 */
	PPOOL_ASSERT(old >= r->newly);
	if (old == r->newly)
		page_done(r);
	r->newly = 0;
}

/* Beginning of a descriptor rearm: refcnt and nb_segs; data_off and port do not matter. */
union rearm {
	uint16_t part[4];
	uint64_t all;
};
typedef uint64_t __rte_may_alias rearm_word;

_Static_assert(offsetof(struct rte_mbuf, refcnt) == offsetof(struct rte_mbuf, data_off) + 2 &&
	offsetof(struct rte_mbuf, nb_segs) == offsetof(struct rte_mbuf, data_off) + 4 &&
	offsetof(struct rte_mbuf, port) == offsetof(struct rte_mbuf, data_off) + 6 &&
	offsetof(struct rte_mbuf, data_off) % sizeof(uint64_t) == 0,
	"data_off, refcnt, nb_segs and port are read as one");

/* Fragments of one word of the page at hand. */
static inline void
word_add(struct put_run *r, uint32_t word, uint64_t bits)
{
	uint64_t again;

	if (word != r->word) {
		if (r->bits != 0)
			flush_word(r);
		r->word = word;
	}
	again = r->bits & bits;
	if (unlikely(again != 0))
		ppool_over_put(r->pool, r->page, r->word * 64, again);
	r->bits |= bits;
}

/* Fragments first .. first + n - 1 of the page at hand, all in one word. */
static inline void
run_add(struct put_run *r, uint32_t first, uint32_t n)
{
	ppool_debug_back(r->pool, r->page, first, n);
	word_add(r, first / 64, ppool_bits(first % 64, n));
}

/* An mbuf that differs from what it was when it was handed out. It may hold its neighbours,
 * too: these go back with it.
 */
static __rte_noinline void
mbuf_repair(struct put_run *r, uint32_t frag, struct rte_mbuf *m, const void *addr)
{
	uint32_t held = 1, n;

	if ((m->buf_addr != addr || m->buf_len != r->pool->data_room) &&
			ppool_run_mbuf(r->pool, r->page, frag, m, &held)) {
		ppool_mbuf_bind(r->pool, r->page, frag, m);
		for (held--, frag++; held > 0; held -= n, frag += n) {
			n = RTE_MIN(held, 64 - frag % 64);
			run_add(r, frag, n);
		}
		return;
	}
	if (m->buf_addr != addr || m->buf_len != r->pool->data_room ||
			rte_mbuf_refcnt_read(m) != 1 || (m->ol_flags & RTE_MBUF_F_INDIRECT)) {
		mbuf_restore(r->pool, r->page, frag, m);
		return;
	}
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->nb_segs = 1;
}

/* What the next user may rely on. Flags of the packet, and where its data was, may stay: whoever
 * hands out or receives sets them anyway. Only the first cache line is read, and written only if
 * something is wrong with it.
 */
static inline void
mbuf_check(struct put_run *r, uint32_t frag, struct rte_mbuf *m, const void *addr)
{
	const union rearm want = { .part = { 0, 1, 1, 0 } };
	const union rearm mask = { .part = { 0, UINT16_MAX, UINT16_MAX, 0 } };
	uint64_t rearm = __atomic_load_n((const rearm_word *)&m->rearm_data, __ATOMIC_RELAXED);

	if (unlikely((((rearm & mask.all) ^ want.all) |
			((uintptr_t)m->buf_addr ^ (uintptr_t)addr) |
			((m->ol_flags & (RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT)) ^
			RTE_MBUF_F_EXTERNAL) |
			(m->buf_len ^ r->pool->data_room)) != 0))
		mbuf_repair(r, frag, m, addr);
#ifdef RTE_PPOOL_DEBUG
	PPOOL_ASSERT(m->next == NULL);
	PPOOL_ASSERT(m->shinfo->fcb_opaque == m);
#endif
}

/* Two words of an mbuf at once: SSE or NEON where there is one. */
typedef uint64_t pair __attribute__((vector_size(16), may_alias));

static inline pair
pair_at(const struct rte_mbuf *m, size_t offset)
{
	return *(const pair *)RTE_PTR_ADD(m, offset);
}
_Static_assert(offsetof(struct rte_mbuf, buf_addr) == 0 &&
	offsetof(struct rte_mbuf, rearm_data) == 16 && offsetof(struct rte_mbuf, ol_flags) == 24 &&
	offsetof(struct rte_mbuf, buf_len) == 54 && RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN,
	"of the first line of an mbuf pairs of words are looked at");

/* In debug builds there is more to look at; and ThreadSanitizer has to see that counts are atomic. */
#if defined(RTE_PPOOL_DEBUG) || defined(__SANITIZE_THREAD__)
#define EACH_BY_ITSELF true
#else
#define EACH_BY_ITSELF false
#endif

/* Of at most n mbufs the first that are neighbours; how many. What any and what each of them has
 * is collected, and looked at once: only if something is wrong, each is looked at by itself.
 */
static __rte_always_inline uint32_t
neighbours_check(struct put_run *r, uint32_t frag, struct rte_mbuf *const *mbufs, unsigned int n,
		uint8_t *addr)
{
	const struct rte_ppool *pool = r->pool;
	const size_t stride = pool->mbuf_stride, size = pool->frag_size;
	pair moved = { 0 }, any = { 0 }, each = { UINT64_MAX, UINT64_MAX };
	const pair rearm = { 0x000100010000, RTE_MBUF_F_EXTERNAL };
	const pair rearm_mask = { 0xffffffff0000, RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT };
	pair room_any = { 0 }, room_each = { UINT64_MAX, UINT64_MAX };
	const pair room = { (uint64_t)pool->data_room << 48, 0 };
	pair buf = { (uintptr_t)addr, 0 };
	const pair step = { size, 0 };
	const struct rte_mbuf *m = mbufs[0];
	uint32_t k = 0, i;

	do {
		moved |= pair_at(m, 0) ^ buf;
		any |= pair_at(m, 16);
		each &= pair_at(m, 16);
		room_any |= pair_at(m, 48);
		room_each &= pair_at(m, 48);
		buf += step;
		m = RTE_PTR_ADD(m, stride);
	} while (++k < n && mbufs[k] == m);

	any = ((any ^ rearm) | (each ^ rearm)) & rearm_mask;
	room_any = (room_any ^ room) | (room_each ^ room);
	if (EACH_BY_ITSELF || unlikely((moved[0] | any[0] | any[1] | room_any[0] >> 48) != 0))
		for (i = 0; i < k; i++)
			mbuf_check(r, frag + i, mbufs[i], addr + i * size);
	return k;
}

/* The first of these objects is fragment g of the chunk. Take it, and those after it that are
 * its neighbours: that these are objects, and where, is known by their address alone. How many.
 */
static __rte_always_inline unsigned int
run_take(struct put_run *r, struct ppool_chunk *c, uint32_t g, struct rte_mbuf *const *mbufs,
		unsigned int n, bool check)
{
	const struct rte_ppool *pool = r->pool;
	uint32_t pg = ppool_div(g, pool->recip_frags);
	uint32_t frag = g - pg * pool->frags_per_page, k = 0;
	uint32_t most = RTE_MIN(c->pages[pg].nb_frags - frag, 64 - frag % 64);
	uint8_t *addr = RTE_PTR_ADD(c->pages[pg].addr, (size_t)frag * pool->frag_size);
	struct rte_mbuf *m = mbufs[0];

	if (&c->pages[pg] != r->page) {
		flush_page(r);
		r->page = &c->pages[pg];
	}
	if (!check && n > 1 && mbufs[1] == RTE_PTR_SUB(m, pool->mbuf_stride)) {
		/* A mempool's cache turns the order round. */
		most = RTE_MIN(frag % 64 + 1, n);
		do
			m = RTE_PTR_SUB(m, pool->mbuf_stride);
		while (++k < most && mbufs[k] == m);
		run_add(r, frag + 1 - k, k);
		return k;
	}
	most = RTE_MIN(most, n);
	if (check) {
		k = neighbours_check(r, frag, mbufs, most, addr);
	} else {
		do
			m = RTE_PTR_ADD(m, pool->mbuf_stride);
		while (++k < most && mbufs[k] == m);
	}
	run_add(r, frag, k);
	return k;
}

/* Pages come home when all else is done: the last of them may take the pool with it. */
static inline unsigned int
put_end(struct put_run *r)
{
	struct ppool_page *page;

	flush_page(r);
	while ((page = r->done) != NULL) {
		r->done = page->state->next;
		ppool_page_home(page);
	}
	return r->taken;
}

static __rte_always_inline unsigned int
put_bulk(struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n, bool check)
{
	struct put_run r = { .pool = pool, .full = pool->full };
	struct ppool_chunk *c = NULL;
	unsigned int i = 0;
	uint32_t g;

	refcnt_fence();
	while (i < n) {
		g = ppool_locate(pool, &c, mbufs[i]);
		if (unlikely(g == UINT32_MAX))
			foreign(pool, mbufs[i++]);
		else
			i += run_take(&r, c, g, &mbufs[i], n - i, check);
	}
	n = put_end(&r);
	ppool_trace_put_bulk(pool, i, n);
	return n;
}

unsigned int
rte_ppool_put_bulk(struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n)
{
	PPOOL_DEBUG_ENTRY();

	if (ppool_debug_is_dead(pool, n > 0 ? mbufs[0] : NULL))
		return 0;
	/* The objects of an INLINE pool are the mempool's users' affair. */
	if (!pool->compact)
		return put_bulk(pool, mbufs, n, false);
	return put_bulk(pool, mbufs, n, true);
}

unsigned int
rte_ppool_frag_put_bulk(struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n)
{
	PPOOL_DEBUG_ENTRY();

	if (ppool_debug_is_dead(pool, n > 0 ? mbufs[0] : NULL))
		return 0;
	return put_bulk(pool, mbufs, n, false);
}

unsigned int
rte_ppool_run_free(struct rte_ppool *pool, const struct rte_ppool_run *run)
{
	PPOOL_DEBUG_ENTRY();
	struct put_run r = { .pool = pool };
	struct ppool_chunk *c = NULL;
	uint32_t g, pg, frag, left, n;

	if (run->n == 0 || ppool_debug_is_dead(pool, run->mbuf))
		return 0;
	r.full = pool->full;
	g = ppool_locate(pool, &c, run->mbuf);
	if (g == UINT32_MAX) {
		foreign(pool, run->mbuf);
		return 0;
	}
	pg = ppool_div(g, pool->recip_frags);
	r.page = &c->pages[pg];
	frag = g - pg * pool->frags_per_page;
	left = RTE_MIN(run->n, r.page->nb_frags - frag);
	if (left < run->n)
		foreign(pool, ppool_mbuf_at(pool, r.page, r.page->nb_frags));
	for (; left > 0; left -= n, frag += n) {
		n = RTE_MIN(left, 64 - frag % 64);
		run_add(&r, frag, n);
	}
	return put_end(&r);
}

/* Mbufs of the page at hand whose run comes back are bound to their own fragment again. Those that
 * are not out hold nothing. Most runs are as long as the one before.
 */
static __rte_noinline void
runs_end(const struct put_run *r, uint32_t word, uint64_t frags)
{
	const struct rte_ppool *pool = r->pool;
	const struct ppool_page *page = r->page;
	uint16_t *klen = &page->chunk->klen[(page - page->chunk->pages) * pool->frags_per_page +
		word * 64];
	const uintptr_t addr = (uintptr_t)page->addr + (size_t)word * 64 * pool->frag_size;
	const uint64_t iova_off = page->iova - (uintptr_t)page->addr;
	struct rte_mbuf *first = ppool_mbuf_at(pool, page, word * 64), *m;
	const uint16_t room = pool->data_room;
	uint32_t frag, held, end;
	size_t stride, size;
	uintptr_t buf;

	while (frags != 0) {
		frag = __builtin_ctzll(frags);
		held = klen[frag];
		if (held == 0) {
			frags &= frags - 1;
			continue;
		}
		/* Up to where the first gap begins. */
		end = frag + __builtin_ctzll(~(frags >> frag) | UINT64_C(1) << 63);
		m = RTE_PTR_ADD(first, frag * (size_t)pool->mbuf_stride);
		buf = addr + frag * (size_t)pool->frag_size;
		stride = held * (size_t)pool->mbuf_stride;
		size = held * (size_t)pool->frag_size;
		do {
			klen[frag] = 0;
			m->buf_addr = (void *)buf;
			rte_mbuf_iova_set(m, buf + iova_off);
			m->buf_len = room;
			m = RTE_PTR_ADD(m, stride);
			buf += size;
			frag += held;
		} while (frag < end && klen[frag] == held);
		/* The runs, and all before them. */
		frags &= ~UINT64_C(1) << RTE_MIN(frag - 1, 63u);
	}
}

unsigned int
rte_ppool_span_put_bulk(struct rte_ppool *pool, const struct rte_ppool_span *spans,
		unsigned int n)
{
	PPOOL_DEBUG_ENTRY();
	struct put_run r = { .pool = pool };
	unsigned int i, asked = 0;

	if (n == 0 || ppool_debug_is_dead(pool, NULL))
		return 0;
	r.full = pool->full;
	refcnt_fence();
	for (i = 0; i < n; i++) {
		asked += __builtin_popcountll(spans[i].frags);
		if (spans[i].page != r.page) {
			flush_page(&r);
			r.page = spans[i].page;
		}
		if (unlikely(spans[i].runs != 0))
			runs_end(&r, spans[i].word, spans[i].frags);
#ifdef RTE_PPOOL_DEBUG
		PPOOL_ASSERT((spans[i].frags & ~ppool_word_bits(pool, spans[i].word, 0)) == 0);
		for (uint64_t left = spans[i].frags; left != 0; left &= left - 1)
			ppool_debug_back(pool, r.page,
				spans[i].word * 64 + __builtin_ctzll(left), 1);
#endif
		word_add(&r, spans[i].word, spans[i].frags);
	}
	n = put_end(&r);
	ppool_trace_put_bulk(pool, asked, n);
	return n;
}

/* The last clone of a fragment, in whatever pool, was freed after the fragment itself. */
void
ppool_shinfo_free(void *addr, void *opaque)
{
	struct rte_mbuf *m = opaque;

	RTE_SET_USED(addr);
	refcnt_fence();
	rte_mbuf_ext_refcnt_set(m->shinfo, 1);
	rte_mbuf_refcnt_set(m, 1);
	m->next = NULL;
	m->nb_segs = 1;
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	rte_mempool_put(m->pool, m);
}
