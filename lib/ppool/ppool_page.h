/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The state of a page, and the way from an mbuf to it.
 *
 * Up to 63 fragments: one word. Bit i says that fragment i is back, bit 63 (OPEN) that the
 * owner has given up its hold, that is, the unspent rest of the bias. A page is at home when
 * all of these bits are set (pool->full). Handing out changes nothing here: a fragment that
 * was not handed out yet and one that is out both have their bit clear, and the OPEN bit
 * keeps the word from completing before the owner is done with the page.
 *
 * More fragments: words with the bits, and a count of those not back; bit 63 of the count
 * (HELD) is the hold.
 *
 * Fragments that a page does not have, and the last one of a page of a linear owner, have
 * their bit set from the start of the page's life to its end.
 *
 * Partly free pages are used again: an owner takes the hold of a page that has none, and with
 * it the bits of the fragments that are back. It holds these fragments as a user does; the page
 * still belongs to the owner that attached it, and goes home there.
 *
 * Orders (AArch64: none of these may be weaker; x86: the atomics are locked anyway).
 *
 * A0  put: fetch_or on the word, acq_rel. Release: what this holder did to its fragments
 *     comes before it in the eyes of whoever sees the bit. Acquire: the one that completes the
 *     word sees what all the others did: theirs are read-modify-writes of the same word, so
 *     each continues the release sequence of those before.
 * A1  put, large page: fetch_sub on the count, acq_rel, for the same two reasons. It comes
 *     after the fetch_or of the bits (program order and its own release half), so that a
 *     count of 0 means that all bits are set.
 * R0  retire: fetch_or of the bits never handed out and OPEN (large page: A1's fetch_sub).
 *     acq_rel as A0: the owner may itself be the last.
 * H0  hold for reuse: compare-and-swap that takes the hold; small page: and the bits, in the
 *     same word. Acquire, pairs with A0: what the last users of the fragments did comes before
 *     what the next ones do. Large page: pairs with R0, so that the words are those of this
 *     life: until it is retired a page is held, and cannot be taken.
 * H1  hold for reuse, large page: fetch_and that takes the bits out of their word, acq_rel.
 *     Acquire, pairs with A0's fetch_or. Their count is added before it, and release makes
 *     that seen by a second put of one of them that finds its bit clear (as L1).
 * L0  life: when a page is opened, the word is set by a plain (relaxed) store. Nobody else
 *     holds a fragment, so nobody else may touch it. The fragments reach other threads by
 *     some release / acquire of the application (its rings, locks, thread starts), so the
 *     store happens before any put of this life, and no put can see an older value. That
 *     the accesses of the last life come before this one's is A0's acquire, and then O0, O1
 *     or the free list's lock, which carry the page from its last user to its owner. A page
 *     that is not held from its start can be found by H0 at once: then the store is a release,
 *     for the kind of page that it says (linear).
 * L1  life, large page: the count is stored before the words, and these with release: a
 *     second put of a fragment of the LAST life, that comes in just now, either finds its bit
 *     still set (refused), or sees the new count.
 */

#ifndef PPOOL_PAGE_H
#define PPOOL_PAGE_H

#include "ppool_private.h"

/* a / b by r = ppool_reciprocal(b), exact while a * b < 2^40: r is too large by less than one
 * part in 2^40 / b, so the product by less than a * b. Here a < 2^26 and b < 2^14.
 */
#define PPOOL_RECIP_SHIFT 40
#define PPOOL_DIV_A (1u << 26)
#define PPOOL_DIV_B (1u << 14)

static inline uint64_t
ppool_reciprocal(uint32_t b)
{
	return (UINT64_C(1) << PPOOL_RECIP_SHIFT) / b + 1;
}

static inline uint32_t
ppool_div(uint32_t a, uint64_t r)
{
	return (uint32_t)(((uint64_t)a * r) >> PPOOL_RECIP_SHIFT);
}

/* A line that another core may have, and that is about to be written. (DPDK's own function is for
 * reading, unless the compiler is told of a newer CPU: then the line moves twice.)
 */
static inline void
ppool_prefetch_write(const void *p)
{
#ifdef RTE_ARCH_X86
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1, 3);
#endif
}

/* Identity of the calling thread, EAL or not. A hint only: a thread may get the address of
 * one that has ended.
 */
extern __thread char ppool_self_mark
	__attribute__((visibility("hidden"), tls_model("initial-exec")));

static inline const void *
ppool_self(void)
{
	return &ppool_self_mark;
}

/* Where in its first window a slab starts: the heap's own header comes before it. */
#define PPOOL_SLAB_OFF 256u
/* Bytes that the mbufs of a chunk can take: what ppool_div() is good for. */
#define PPOOL_SLAB_MAX (1u << 26)
/* Entry of the table whose chunk is gone. */
#define PPOOL_GONE UINTPTR_MAX

static inline uint32_t
ppool_hash(const struct rte_ppool *pool, uintptr_t base)
{
	return (uint32_t)(((base >> pool->slab_shift) * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
		pool->table_mask;
}

/* The chunk whose header slab may hold this address, or NULL. Addresses are cut into windows, of
 * which each slab has one or more for itself. An entry of the table is the address of a window,
 * and, in the bits that this leaves free, its number in the slab. Nothing is read but the table:
 * not at the address, nor of any chunk, since that of another one may be going just now.
 */
static inline struct ppool_chunk *
ppool_chunk_find(const struct rte_ppool *pool, const void *addr)
{
	uintptr_t base = (uintptr_t)addr & pool->slab_mask, entry;
	uint32_t i = ppool_hash(pool, base), left = pool->table_mask + 1;

	/* T0: acquire, pairs with the release store of ppool_chunk.c, for a reader that was
	 * given the mbuf by nobody (a foreign pointer that happens to hit a slab just being
	 * added).
	 */
	while ((entry = __atomic_load_n(&pool->table[i], __ATOMIC_ACQUIRE)) != 0 && left-- > 0) {
		if ((entry & pool->slab_mask) == base && entry != PPOOL_GONE)
			return (struct ppool_chunk *)(base + PPOOL_SLAB_OFF -
				((entry & ~pool->slab_mask) << pool->slab_shift));
		i = (i + 1) & pool->table_mask;
	}
	return NULL;
}

/* Number of the fragment in its chunk, or UINT32_MAX if there is no mbuf at this address. */
static inline uint32_t
ppool_frag_find(const struct rte_ppool *pool, const struct ppool_chunk *c, const void *addr)
{
	uintptr_t off = (uintptr_t)addr - (uintptr_t)c->mbufs;
	uint32_t g = ppool_div((uint32_t)off, pool->recip_stride);

	/* Whatever the division makes of an offset that is none of an mbuf is not that number. */
	return likely(g < c->nb_frags && (uint64_t)g * pool->mbuf_stride == off) ? g : UINT32_MAX;
}

/* Pages in the ring of an owner. A moment's figure: may be a few too small, never negative. */
static inline uint32_t
ppool_ring_count(const struct rte_ppool_owner *o)
{
	int64_t n = (int64_t)(PPOOL_READ(o->recycle_ring) - PPOOL_READ(o->ring_taken));

	return n > 0 ? (uint32_t)n : 0;
}

/* Count what was taken out of the ring. The lock is held. Its state is what the page's new owner
 * needs next.
 */
static inline uint32_t
ppool_ring_taken(struct rte_ppool_owner *o, const struct ppool_page *page)
{
	uint32_t n = 0;

	for (; page != NULL; page = page->state->next) {
		ppool_prefetch_write(page->state);
		n++;
	}
	PPOOL_COUNT(o->ring_taken, n);
	return n;
}

/* Chunk and number of the fragment of this object, or UINT32_MAX if it is none. A chunk that is
 * likely to be the right one may be given in *c.
 */
static inline uint32_t
ppool_locate(const struct rte_ppool *pool, struct ppool_chunk **c, const void *obj)
{
	uint32_t g;

	if (!pool->compact)
		return ppool_inline_locate(pool, c, obj);
	if (likely(*c != NULL)) {
		g = ppool_frag_find(pool, *c, obj);
		if (likely(g != UINT32_MAX))
			return g;
	}
	*c = ppool_chunk_find(pool, obj);
	return likely(*c != NULL) ? ppool_frag_find(pool, *c, obj) : UINT32_MAX;
}

static inline struct rte_mbuf *
ppool_mbuf_at(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag)
{
	return RTE_PTR_ADD(page->mbuf, (size_t)frag * pool->mbuf_stride);
}

/* Bind an mbuf to its own fragment, as it is handed out: all but what its users cannot have
 * changed (or must not: shinfo, refcnt, next).
 */
static inline void
ppool_mbuf_bind(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		struct rte_mbuf *m)
{
	size_t off = (size_t)frag * pool->frag_size;

	m->buf_addr = RTE_PTR_ADD(page->addr, off);
	rte_mbuf_iova_set(m, page->iova + off);
	m->buf_len = pool->data_room;
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->nb_segs = 1;
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
}

/* Bits first .. first + n - 1, all in one word. */
static inline uint64_t
ppool_bits(uint32_t first, uint32_t n)
{
	return (n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1) << first;
}

/* The first of k (1..64) neighbouring bits that are set, or 64. */
static inline uint32_t
ppool_neighbours(uint64_t mask, uint32_t k)
{
	uint64_t m = mask;
	uint32_t i;

	for (i = 1; i < k && m != 0; i++)
		m &= mask >> i;
	return m != 0 ? (uint32_t)__builtin_ctzll(m) : 64;
}

static inline bool
ppool_is_large(const struct rte_ppool *pool)
{
	return pool->frags_per_page > PPOOL_WORD_FRAGS;
}

/* Of each page; those of a chunk stand side by side. */
static inline size_t
ppool_state_size(const struct rte_ppool *pool)
{
	return RTE_ALIGN_CEIL(sizeof(struct ppool_state) + pool->nb_words * sizeof(uint64_t),
			RTE_CACHE_LINE_SIZE);
}

/* Bits of word w that stand for fragments first .. F - 1. */
static inline uint64_t
ppool_word_bits(const struct rte_ppool *pool, uint32_t w, uint32_t first)
{
	uint32_t lo = RTE_MAX(first, w * 64), hi = RTE_MIN(pool->frags_per_page, w * 64 + 64);

	return lo < hi ? ppool_bits(lo - w * 64, hi - lo) : 0;
}

/* L0, L1: a page begins a life, with this many fragments to hand out. held: the owner keeps
 * the rest of the bias; otherwise all fragments leave at once, and the hold need not be taken
 * to be given up (small pages only).
 */
static inline void
ppool_state_open(const struct rte_ppool *pool, struct ppool_state *st, uint32_t frags,
		bool held)
{
	uint32_t w;

	if (!ppool_is_large(pool)) {
		if (held)
			__atomic_store_n(&st->word[0], ppool_word_bits(pool, 0, frags),
				__ATOMIC_RELAXED);
		else
			__atomic_store_n(&st->word[0], ppool_word_bits(pool, 0, frags) | PPOOL_OPEN,
				__ATOMIC_RELEASE); /* L0 */
		return;
	}
	PPOOL_ASSERT(held);
	__atomic_store_n(&st->count, frags | PPOOL_HELD, __ATOMIC_RELAXED);
	for (w = 0; w < pool->nb_words; w++)
		__atomic_store_n(&st->word[w], ppool_word_bits(pool, w, frags),
			__ATOMIC_RELEASE); /* L1 */
}

/* Bits of fragments first .. first + n - 1 that are set. A moment's figure. */
static inline uint32_t
ppool_state_back(const struct ppool_state *st, uint32_t first, uint32_t n)
{
	uint32_t back = 0, k;

	if (likely(first + n <= 64))
		return __builtin_popcountll(PPOOL_READ(st->word[0]) & ppool_bits(first, n));
	while (n > 0) {
		k = RTE_MIN(n, 64 - first % 64);
		back += __builtin_popcountll(PPOOL_READ(st->word[first / 64]) &
				ppool_bits(first % 64, k));
		first += k;
		n -= k;
	}
	return back;
}

/* Is the page with the pool? A moment's figure. */
static inline bool
ppool_state_at_home(const struct rte_ppool *pool, const struct ppool_state *st)
{
	if (!ppool_is_large(pool))
		return PPOOL_READ(st->word[0]) == pool->full;
	return PPOOL_READ(st->count) == 0;
}

#endif /* PPOOL_PAGE_H */
