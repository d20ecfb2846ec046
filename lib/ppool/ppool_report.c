/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Where the pages of a pool are, and who keeps them. */

#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>

#include "ppool_debug.h"
#include "ppool_report.h"

/* Lines of a report: owners, pages, and fragments where it is known who has them. */
#define REPORT_OWNERS 16u
#define REPORT_PAGES 4u
#define REPORT_FRAGS 8u

/* Bits of a word that stand for fragments that the page has. */
static uint64_t
present(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t word)
{
	return ppool_word_bits(pool, word, 0) & ~ppool_word_bits(pool, word, page->nb_frags);
}

/* Fragments of a page that are not back, be they out or not handed out yet. */
uint32_t
ppool_page_out(const struct rte_ppool *pool, const struct ppool_page *page)
{
	uint32_t w, n = 0;

	for (w = 0; w < pool->nb_words; w++)
		n += __builtin_popcountll(present(pool, page, w) &
			~PPOOL_READ(page->state->word[w]));
	return n;
}

static bool
is_open(const struct rte_ppool *pool, const struct ppool_state *st)
{
	if (!ppool_is_large(pool))
		return (PPOOL_READ(st->word[0]) & PPOOL_OPEN) == 0;
	return (PPOOL_READ(st->count) & PPOOL_HELD) != 0;
}

static void
census_page(const struct rte_ppool *pool, const struct ppool_page *page, struct ppool_census *c,
		uint64_t *oldest)
{
	const struct ppool_state *st = page->state;
	uint32_t out, back;

	c->pages++;
	if (ppool_state_at_home(pool, st)) {
		c->home++;
		c->frags_home += page->nb_frags;
		return;
	}
	*oldest = RTE_MIN(*oldest, PPOOL_READ(st->opened));
	out = ppool_page_out(pool, page);
	back = page->nb_frags - out;
	c->frags_out += out;
	if (is_open(pool, st)) {
		c->open++;
		c->frags_back_open += back;
		return;
	}
	c->retired++;
	c->frags_back_retired += back;
	c->back[(back * (PPOOL_SHARES - 1) + page->nb_frags - 1) / page->nb_frags]++;
}

void
ppool_census_take(const struct rte_ppool *pool, struct ppool_census *c)
{
	const struct rte_ppool_owner *o;
	const struct ppool_chunk *chunk;
	uint64_t oldest, now = rte_rdtsc();
	uint32_t i;

	memset(c, 0, sizeof(*c));
	oldest = now;
	ppool_chunks_lock(pool);
	for (chunk = pool->chunks; chunk != NULL; chunk = chunk->next)
		for (i = 0; i < chunk->nb_pages; i++)
			census_page(pool, &chunk->pages[i], c, &oldest);
	ppool_chunks_unlock(pool);
	PPOOL_OWNERS_FOREACH(o, pool)
		c->frags_ready += ppool_owner_rest(o);
	c->frags_ready = RTE_MIN(c->frags_ready, c->frags_out);
	c->frags_out -= c->frags_ready;
	c->oldest_us = (uint64_t)((double)(now - oldest) * 1e6 / (double)rte_get_tsc_hz());
}

const char *
ppool_layout_name(enum rte_ppool_layout layout)
{
	return layout == RTE_PPOOL_LAYOUT_COMPACT ? "compact" : "inline";
}

/* ---- leak report */

/* What is held of the pages of one owner. */
struct holder {
	const struct rte_ppool_owner *owner;
	uint64_t pages, frags;
	uint64_t oldest;
};

struct leak {
	struct holder all;
	struct holder by_owner[REPORT_OWNERS];
	uint32_t nb_owners;
	uint64_t others;           /* pages of owners that there is no room for */
	const struct ppool_page *named[REPORT_PAGES];
	uint32_t nb_named;
};

static double
age(uint64_t since)
{
	return (double)(rte_rdtsc() - since) / (double)rte_get_tsc_hz();
}

static void
holder_add(struct holder *h, const struct ppool_page *page, uint32_t out)
{
	uint64_t opened = PPOOL_READ(page->state->opened);

	h->oldest = h->pages == 0 ? opened : RTE_MIN(h->oldest, opened);
	h->pages++;
	h->frags += out;
}

static void
leak_add(const struct rte_ppool *pool, struct leak *l, const struct ppool_page *page)
{
	const struct rte_ppool_owner *o = page->state->owner;
	uint32_t out = ppool_page_out(pool, page), i;

	holder_add(&l->all, page, out);
	if (l->nb_named < REPORT_PAGES)
		l->named[l->nb_named++] = page;
	for (i = 0; i < l->nb_owners && l->by_owner[i].owner != o; i++)
		;
	if (i == REPORT_OWNERS) {
		l->others++;
		return;
	}
	if (i == l->nb_owners) {
		l->by_owner[i].owner = o;
		l->nb_owners++;
	}
	holder_add(&l->by_owner[i], page, out);
}

static uint32_t
first_out(const struct rte_ppool *pool, const struct ppool_page *page)
{
	uint64_t out;
	uint32_t w;

	for (w = 0; w < pool->nb_words; w++) {
		out = present(pool, page, w) & ~PPOOL_READ(page->state->word[w]);
		if (out != 0)
			return w * 64 + __builtin_ctzll(out);
	}
	return 0;
}

static void
leak_say(const struct rte_ppool *pool, const struct leak *l)
{
	const struct ppool_page *page;
	const struct holder *h;
	uint32_t i, left = REPORT_FRAGS;

	PPOOL_LOG(NOTICE, "%s: destroyed, but %" PRIu64 " fragments of %" PRIu64 " pages are out, "
		"the oldest page since %.3f s: %s", pool->name, l->all.frags, l->all.pages,
		age(l->all.oldest), pool->mp_gone && !pool->compact ?
		"their memory is gone with the mempool" : "memory stays until they are back");
	for (i = 0; i < l->nb_owners; i++) {
		h = &l->by_owner[i];
		PPOOL_LOG(NOTICE, "%s: owner \"%s\": %" PRIu64 " fragments of %" PRIu64 " pages, "
			"the oldest since %.3f s", pool->name, h->owner->name, h->frags, h->pages,
			age(h->oldest));
	}
	if (l->others > 0)
		PPOOL_LOG(NOTICE, "%s: and %" PRIu64 " pages of more owners", pool->name, l->others);
	for (i = 0; i < l->nb_named; i++) {
		page = l->named[i];
		PPOOL_LOG(NOTICE, "%s: page %u, opened by \"%s\" %.3f s ago: %u of %u fragments "
			"are out, the first is %u", pool->name, page->index,
			page->state->owner->name, age(PPOOL_READ(page->state->opened)),
			ppool_page_out(pool, page), page->nb_frags, first_out(pool, page));
		left -= ppool_debug_say_out(pool, page, left);
	}
}

/* The pool is to go: say what keeps it. All owners are closed, or refuse to be. True if
 * something does.
 */
bool
ppool_report_held(struct rte_ppool *pool)
{
	struct leak l = { .nb_owners = 0 };
	const struct ppool_chunk *c;
	uint32_t i;

	ppool_chunks_lock(pool);
	for (c = pool->chunks; c != NULL; c = c->next) {
		for (i = 0; i < c->nb_pages; i++)
			if (!ppool_state_at_home(pool, c->pages[i].state))
				leak_add(pool, &l, &c->pages[i]);
	}
	if (l.all.pages > 0)
		leak_say(pool, &l);
	ppool_chunks_unlock(pool);
	pool->destroyed = rte_rdtsc();
	PPOOL_WRITE(pool->destroy_out, l.all.frags);
	return l.all.pages > 0;
}

/* ---- dump */

static void
dump_owner(FILE *f, const struct rte_ppool_owner *o)
{
	static const char *const states[] = { "open", "closed, draining", "closed" };

	fprintf(f, "  owner \"%s\": %s, in flight %" PRIu64 ", cache %u, ring %u, left in open "
		"page %u\n", o->name, states[ppool_owner_state(o)], ppool_owner_in_flight(o),
		PPOOL_READ(o->cached), ppool_ring_count(o), ppool_owner_rest(o));
}

static void
dump_pages(FILE *f, const struct rte_ppool *pool)
{
	struct ppool_census c;
	uint32_t i;

	ppool_census_take(pool, &c);
	fprintf(f, "  pages at home %" PRIu64 ", open %" PRIu64 ", retired %" PRIu64 "; fragments "
		"at home %" PRIu64 ", ready %" PRIu64 ", back %" PRIu64 ", out %" PRIu64
		", the oldest page since %.3f s\n", c.home, c.open, c.retired, c.frags_home,
		c.frags_ready, c.frags_back_open + c.frags_back_retired, c.frags_out,
		(double)c.oldest_us / 1e6);
	fprintf(f, "  retired pages by fragments back: none %" PRIu64, c.back[0]);
	for (i = 1; i < PPOOL_SHARES; i++)
		fprintf(f, ", up to %u/8 %" PRIu64, i, c.back[i]);
	fprintf(f, "\n");
}

void
rte_ppool_dump(FILE *f, const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;
	struct rte_ppool_stats stats;
	struct rte_ppool_info info;
	const char *name;
	uint64_t value;
	uint32_t i;

	if (f == NULL || rte_ppool_info_get(pool, &info) != 0)
		return;
	rte_ppool_stats_get(pool, &stats);
	fprintf(f, "ppool %s:%s\n", info.name, info.closing ? " being destroyed" : "");
	fprintf(f, "  %s, page %u, fragment %u, fragments per page %u, mbuf stride %u, socket %d\n",
		ppool_layout_name(info.layout), info.page_size, info.frag_size,
		info.frags_per_page, info.mbuf_stride, info.socket_id);
	fprintf(f, "  pages %u of %u..%u, in flight %" PRIu64 ", free %u, memory %" PRIu64
		" bytes\n", info.nb_pages, info.min_pages, info.max_pages, info.pages_in_flight,
		PPOOL_READ(pool->nb_free), info.memory_bytes);
	dump_pages(f, pool);
	ppool_look_begin(pool);
	ppool_chunks_lock(pool); /* so that the pages that are looked at stay */
	PPOOL_OWNERS_FOREACH(o, pool)
		dump_owner(f, o);
	ppool_chunks_unlock(pool);
	ppool_look_end(pool);
	for (i = 0; (name = ppool_stats_field(&stats, i, &value)) != NULL; i++)
		fprintf(f, "  %s %" PRIu64 "\n", name, value);
}
