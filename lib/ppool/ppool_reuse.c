/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Pages that are partly free: one fragment that somebody keeps must not pin the others of its
 * page. An owner that has no page left takes the hold of such a page, and hands out what is
 * back of it. Orders: see ppool_page.h, H0 and H1.
 */

#include "ppool_page.h"

/* Of these fragments, all back, those that may be handed out before the rest of their page
 * has come home. On a linear page that is so if the one before is back, too: its packet may
 * reach into the headroom of this one. Between words it is not looked after.
 */
static inline uint64_t
reusable(const struct ppool_state *st, uint32_t word, uint64_t back)
{
	if (likely(!PPOOL_READ(st->linear)))
		return back;
	return back & (back << 1 | (word == 0));
}

/* Bits of a word that stand for fragments that the page has. */
static inline uint64_t
present(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t word)
{
	return ppool_word_bits(pool, word, 0) & ~ppool_word_bits(pool, word, page->nb_frags);
}

/* Give up the hold of a page that is not at home, and with it what is unspent: these bits of
 * the word, and "later" fragments of the words behind it. May bring the page home.
 */
void
ppool_page_release(struct rte_ppool *pool, struct ppool_page *page, uint32_t word,
		uint64_t unspent, uint32_t later)
{
	struct ppool_state *st = page->state;
	uint64_t old, again, bits, n = PPOOL_HELD;
	uint32_t w, frags;

	if (!ppool_is_large(pool)) {
		old = __atomic_fetch_or(&st->word[0], unspent | PPOOL_OPEN,
			__ATOMIC_ACQ_REL); /* R0 */
		PPOOL_ASSERT((old & PPOOL_OPEN) == 0);
		/* Set in a fragment that had not been handed out: a second put, of the last life. */
		again = old & unspent;
		if (unlikely(again != 0))
			ppool_over_put(pool, page, 0, again);
		if ((old | unspent | PPOOL_OPEN) == pool->full)
			ppool_page_home(page);
		return;
	}
	frags = (word + 1) * 64 + later;
	for (w = word; w < pool->nb_words; w++) {
		bits = w == word ? unspent : later == 0 ? 0 :
			ppool_word_bits(pool, w, 0) & ~ppool_word_bits(pool, w, frags);
		if (bits == 0)
			continue;
		old = __atomic_fetch_or(&st->word[w], bits, __ATOMIC_ACQ_REL); /* A0 */
		if (unlikely((old & bits) != 0))
			ppool_over_put(pool, page, w * 64, old & bits);
		n += __builtin_popcountll(bits & ~old);
	}
	old = __atomic_fetch_sub(&st->count, n, __ATOMIC_ACQ_REL); /* R0 */
	PPOOL_ASSERT((old & PPOOL_HELD) != 0 && old >= n);
	if (old == n)
		ppool_page_home(page);
}

/* What is looked for: fragments of one page, and neighbours among them. */
struct wish {
	uint32_t least;
	uint32_t neighbours;
};

static bool
enough(uint64_t free, const struct wish *wish)
{
	return (uint32_t)__builtin_popcountll(free) >= wish->least &&
		ppool_neighbours(free, wish->neighbours) < 64;
}

static bool
hold_small(struct rte_ppool *pool, struct ppool_page *page, const struct wish *wish)
{
	struct ppool_state *st = page->state;
	uint64_t have = present(pool, page, 0), old, free, good;

	old = PPOOL_READ(st->word[0]);
	do {
		if ((old & PPOOL_OPEN) == 0 || old == pool->full)
			return false;
		free = old & have;
		if (!enough(free, wish))
			return false;
	} while (!__atomic_compare_exchange_n(&st->word[0], &old, old & ~(have | PPOOL_OPEN), true,
			__ATOMIC_ACQUIRE, __ATOMIC_RELAXED)); /* H0 */
	/* The page may have begun another life since it was looked at: what kind of page it is
	 * stands still only now.
	 */
	good = reusable(st, 0, free);
	if (unlikely(good != free))
		__atomic_fetch_or(&st->word[0], free & ~good, __ATOMIC_ACQ_REL); /* A0 */
	if (unlikely(good != free && !enough(good, wish))) {
		ppool_page_release(pool, page, 0, good, 0);
		return false;
	}
	st->stock = good;
	st->stock_word = 0;
	st->stock_left = 0;
	return true;
}

/* Of a large page that we hold, take what is back of the first word from this one on that has
 * enough of it. 0: none has.
 */
static uint64_t
take_word(const struct rte_ppool *pool, struct ppool_page *page, uint32_t *word,
		const struct wish *wish)
{
	struct ppool_state *st = page->state;
	uint64_t free, old;
	uint32_t w;

	for (w = *word; w < pool->nb_words; w++) {
		free = reusable(st, w, PPOOL_READ(st->word[w]) & present(pool, page, w));
		if (!enough(free, wish))
			continue;
		/* The count first: a second put, that finds its bit clear from here on, must find
		 * its count, too. A count that is too high does no harm while the page is held.
		 */
		__atomic_fetch_add(&st->count, __builtin_popcountll(free), __ATOMIC_RELAXED);
		old = __atomic_fetch_and(&st->word[w], ~free, __ATOMIC_ACQ_REL); /* H1 */
		/* Only who holds the page takes bits out of it. */
		PPOOL_ASSERT((old & free) == free);
		RTE_SET_USED(old);
		*word = w;
		return free;
	}
	return 0;
}

uint64_t
ppool_take_next(const struct rte_ppool *pool, struct ppool_page *page, uint32_t *word)
{
	const struct wish any = { 1, 1 };

	return take_word(pool, page, word, &any);
}

/* What is back of the words from this one on, for the holder to take. It can only become more. */
uint32_t
ppool_take_left(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t word)
{
	const struct ppool_state *st = page->state;
	uint32_t n = 0;

	for (; word < pool->nb_words; word++)
		n += __builtin_popcountll(reusable(st, word, PPOOL_READ(st->word[word]) &
				present(pool, page, word)));
	return n;
}

static bool
hold_large(struct rte_ppool *pool, struct ppool_page *page, const struct wish *wish)
{
	struct ppool_state *st = page->state;
	uint64_t old;

	old = PPOOL_READ(st->count);
	do {
		if (old == 0 || (old & PPOOL_HELD) != 0)
			return false;
	} while (!__atomic_compare_exchange_n(&st->count, &old, old | PPOOL_HELD, true,
			__ATOMIC_ACQUIRE, __ATOMIC_RELAXED)); /* H0 */
	st->stock_word = 0;
	st->stock = take_word(pool, page, &st->stock_word, wish);
	if (st->stock == 0) {
		ppool_page_release(pool, page, 0, 0, 0);
		return false;
	}
	st->stock_left = ppool_take_left(pool, page, st->stock_word + 1);
	return true;
}

/* Look at up to that many pages for one of which at least "least" fragments are back, with so
 * many neighbours among them, and take the hold of it; which are to be handed out is in its stock. The search goes on where
 * the last one of the pool has ended.
 */
struct ppool_page *
ppool_reuse(struct rte_ppool_owner *o, uint32_t pages, uint32_t least, uint32_t neighbours)
{
	/* Of a large page, one word is taken. */
	const struct wish wish = { RTE_MIN(least, 64u), neighbours };
	struct rte_ppool *pool = o->pool;
	struct ppool_page *page = NULL;
	struct ppool_chunk *c;
	uint32_t i;
	bool done = false;

	pthread_mutex_lock(&pool->grow_lock);
	c = pool->scan_chunk;
	i = pool->scan_page;
	for (pages = RTE_MIN(pages, pool->nb_pages); pages > 0 && !done; pages--) {
		if (c == NULL || i == c->nb_pages) {
			c = c != NULL ? c->next : NULL;
			if (c == NULL)
				c = pool->chunks;
			i = 0;
		}
		page = &c->pages[i++];
		done = ppool_is_large(pool) ? hold_large(pool, page, &wish) :
			hold_small(pool, page, &wish);
	}
	pool->scan_chunk = c;
	pool->scan_page = i;
	pthread_mutex_unlock(&pool->grow_lock);
	return done ? page : NULL;
}

/* Fragments that are back, of pages at home and others. A moment's figure. */
uint64_t
ppool_frags_back(const struct rte_ppool *pool)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&pool->grow_lock;
	const struct ppool_state *st;
	const struct ppool_chunk *c;
	uint64_t n = 0, back;
	uint32_t i, w;

	pthread_mutex_lock(lock);
	for (c = pool->chunks; c != NULL; c = c->next) {
		for (i = 0; i < c->nb_pages; i++) {
			st = c->pages[i].state;
			if (ppool_state_at_home(pool, st)) {
				n += c->pages[i].nb_frags;
				continue;
			}
			for (w = 0; w < pool->nb_words; w++) {
				back = PPOOL_READ(st->word[w]) & present(pool, &c->pages[i], w);
				n += __builtin_popcountll(reusable(st, w, back));
			}
		}
	}
	pthread_mutex_unlock(lock);
	return n;
}
