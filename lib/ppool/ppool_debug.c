/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Debug builds: records of fragments, patterns, and what they tell. */

#include "ppool_debug.h"

#ifdef RTE_PPOOL_DEBUG

#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "ppool_page.h"

#if defined(__SANITIZE_ADDRESS__)
#define PPOOL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PPOOL_ASAN 1
#endif
#endif

#ifdef PPOOL_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(addr, size) RTE_SET_USED(addr)
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) RTE_SET_USED(addr)
#endif

/* What the data of a free fragment is full of: no address, no length, and easy to see. */
#define PATTERN UINT64_C(0xf7eef7eef7eef7ee)

/* May alias whatever users keep in their buffers. */
typedef uint64_t __rte_may_alias word_t;

__thread const void *ppool_debug_site;

/* ---- records */

static struct ppool_debug_frag *
record(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag)
{
	const struct ppool_chunk *c = page->chunk;

	if (c->debug == NULL)
		return NULL;
	return &c->debug[(size_t)(page - c->pages) * pool->frags_per_page + frag];
}

static void
event_set(struct ppool_debug_event *e)
{
	PPOOL_WRITE(e->site, ppool_debug_site);
	PPOOL_WRITE(e->when, rte_rdtsc());
	PPOOL_WRITE(e->lcore, rte_lcore_id());
	PPOOL_WRITE(e->thread, (uint32_t)rte_gettid());
}

/* "4711 (lcore 1) at 0x...., 0.25 s ago" */
static const char *
event_text(const struct ppool_debug_event *e, char *buf, size_t size)
{
	uint32_t lcore = PPOOL_READ(e->lcore), thread = PPOOL_READ(e->thread);
	double age = (double)(rte_rdtsc() - PPOOL_READ(e->when)) / (double)rte_get_tsc_hz();
	char where[32];

	if (thread == 0)
		return "(none)";
	if (lcore < RTE_MAX_LCORE)
		snprintf(where, sizeof(where), "lcore %u", lcore);
	else
		snprintf(where, sizeof(where), "no lcore");
	snprintf(buf, size, "%u (%s) at %p, %.6f s ago", thread, where,
		PPOOL_READ(e->site), age);
	return buf;
}

void
ppool_debug_chunk_init(struct rte_ppool *pool, struct ppool_chunk *c)
{
	/* As the chunk itself, in memory that other processes see. */
	c->debug = rte_zmalloc("ppool_debug", sizeof(*c->debug) * c->nb_frags,
		RTE_CACHE_LINE_SIZE);
	if (c->debug == NULL)
		PPOOL_LOG(WARNING, "%s: no memory to watch %u fragments", pool->name,
			c->nb_frags);
}

/* ---- what is watched of a fragment */

struct region {
	uint8_t *addr;
	size_t size;
};

/* Data of a COMPACT fragment that must not change while it is back. */
static struct region
data_region(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		uint32_t skip)
{
	return (struct region) {
		.addr = RTE_PTR_ADD(page->addr, (size_t)frag * pool->frag_size + skip),
		.size = pool->frag_size - skip,
	};
}

/* mbuf with its private area, or object of an INLINE pool. */
static struct region
object_region(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag)
{
	return (struct region) {
		.addr = (uint8_t *)ppool_mbuf_at(pool, page, frag),
		.size = pool->compact ? pool->mbuf_stride : pool->mp->elt_size,
	};
}

/* What AddressSanitizer may keep everybody from: headers are touched by the free path of a
 * second put, and to name that one is the business of the library.
 */
static struct region
asan_region(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		uint32_t skip)
{
	struct region r;

	if (pool->compact)
		return data_region(pool, page, frag, skip);
	r = object_region(pool, page, frag);
	if (r.size <= sizeof(struct rte_mbuf))
		return (struct region) { .addr = r.addr };
	r.addr += sizeof(struct rte_mbuf);
	r.size -= sizeof(struct rte_mbuf);
	return r;
}

/* Every bit of it counts, and each step can be undone: one changed word changes the sum. */
static uint64_t
region_sum(struct region r)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325), w;
	size_t i;

	for (i = 0; i < r.size; i += sizeof(w)) {
		w = 0;
		memcpy(&w, r.addr + i, RTE_MIN(r.size - i, sizeof(w)));
		sum = (sum ^ w) * UINT64_C(0x100000001b3);
		sum ^= sum >> 29;
	}
	return sum;
}

static void
region_fill(struct region r)
{
	word_t *w = (word_t *)r.addr;
	size_t i;

	for (i = 0; i < r.size / sizeof(*w); i++)
		w[i] = PATTERN;
}

/* Offset of the first word that is not as it was filled, or the size. */
static size_t
region_changed(struct region r)
{
	const word_t *w = (const word_t *)r.addr;
	size_t i;

	for (i = 0; i < r.size / sizeof(*w); i++)
		if (w[i] != PATTERN)
			return i * sizeof(*w);
	return r.size;
}

/* ---- fragments leave and come back */

static void
say_events(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		const struct ppool_debug_frag *d)
{
	char out[96], back[96];

	PPOOL_LOG(ERR, "%s: page %u fragment %u: handed out by thread %s", pool->name,
		page->index, frag, event_text(&d->out, out, sizeof(out)));
	PPOOL_LOG(ERR, "%s: page %u fragment %u: given back by thread %s", pool->name,
		page->index, frag, event_text(&d->back, back, sizeof(back)));
}

static void
check_free(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		const struct ppool_debug_frag *d)
{
	struct region data = { .size = 0 }, object = object_region(pool, page, frag);
	size_t at = 0;

	if (pool->compact) {
		data = data_region(pool, page, frag, PPOOL_READ(d->skip));
		at = region_changed(data);
	}
	if (at == data.size && region_sum(object) == PPOOL_READ(d->sum))
		return;
	say_events(pool, page, frag, d);
	if (at < data.size)
		rte_panic("ppool: %s: page %u fragment %u: data at %p was written after it was "
			"given back: %#" PRIx64 " at offset %zu\n", pool->name, page->index, frag,
			(void *)(data.addr + at), *(word_t *)(data.addr + at),
			(size_t)(data.addr + at - (uint8_t *)page->addr) -
			(size_t)frag * pool->frag_size);
	rte_panic("ppool: %s: page %u fragment %u: its %s at %p was written after it was given "
		"back\n", pool->name, page->index, frag, pool->compact ? "mbuf" : "object",
		(void *)object.addr);
}

void
ppool_debug_out(struct rte_ppool_owner *o, struct ppool_page *page, uint32_t first, uint32_t n)
{
	const struct rte_ppool *pool = o->pool;
	struct ppool_debug_frag *d;
	struct region asan;
	uint32_t i, state;

	for (i = first; i < first + n && (d = record(pool, page, i)) != NULL; i++) {
		asan = asan_region(pool, page, i, 0);
		ASAN_UNPOISON_MEMORY_REGION(asan.addr, asan.size);
		state = PPOOL_READ(d->state);
		if (state == PPOOL_DEBUG_OUT)
			say_events(pool, page, i, d);
		PPOOL_ASSERT(state != PPOOL_DEBUG_OUT);
		if (state == PPOOL_DEBUG_BACK)
			check_free(pool, page, i, d);
		PPOOL_WRITE(d->owner, o);
		event_set(&d->out);
		__atomic_store_n(&d->state, PPOOL_DEBUG_OUT, __ATOMIC_RELEASE);
	}
}

/* Whoever finds the fragment out is the one to give it back, and may touch it. */
static bool
back_begin(struct ppool_debug_frag *d)
{
	uint32_t state = PPOOL_DEBUG_OUT;

	if (__atomic_compare_exchange_n(&d->state, &state, PPOOL_DEBUG_BUSY, false,
			__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return true;
	/* A second put must not set the bit before the first has done what it does. */
	while ((state = __atomic_load_n(&d->state, __ATOMIC_ACQUIRE)) == PPOOL_DEBUG_BUSY)
		rte_pause();
	if (state == PPOOL_DEBUG_BACK)
		__atomic_compare_exchange_n(&d->state, &state, PPOOL_DEBUG_TWICE, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED);
	return false;
}

void
ppool_debug_back(struct rte_ppool *pool, struct ppool_page *page, uint32_t first, uint32_t n)
{
	struct ppool_debug_frag *d;
	struct region asan;
	uint32_t i, skip;

	for (i = first; i < first + n && (d = record(pool, page, i)) != NULL; i++) {
		if (!back_begin(d))
			continue;
		event_set(&d->back);
		/* On a linear page packets may reach into the headroom of the next fragment. */
		skip = PPOOL_READ(page->state->linear) ? RTE_PKTMBUF_HEADROOM : 0;
		PPOOL_WRITE(d->skip, skip);
		if (pool->compact)
			region_fill(data_region(pool, page, i, skip));
		PPOOL_WRITE(d->sum, region_sum(object_region(pool, page, i)));
		asan = asan_region(pool, page, i, skip);
		/* A mempool of one object says too late that its memory goes. */
		if (!pool->going && (pool->compact || pool->nb_objs > 1))
			ASAN_POISON_MEMORY_REGION(asan.addr, asan.size);
		__atomic_store_n(&d->state, PPOOL_DEBUG_BACK, __ATOMIC_RELEASE);
	}
}

void
ppool_debug_over_put(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag)
{
	const struct ppool_debug_frag *d = record(pool, page, frag);

	if (d != NULL && PPOOL_READ(d->back.thread) != 0)
		say_events(pool, page, frag, d);
}

uint32_t
ppool_debug_say_out(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t most)
{
	const struct ppool_debug_frag *d;
	const struct rte_ppool_owner *o;
	char out[96];
	uint32_t i, n = 0;

	for (i = 0; i < page->nb_frags && n < most; i++) {
		d = record(pool, page, i);
		if (d == NULL || PPOOL_READ(d->state) != PPOOL_DEBUG_OUT)
			continue;
		o = PPOOL_READ(d->owner);
		PPOOL_LOG(NOTICE, "%s: page %u fragment %u is out: handed out by \"%s\", thread %s",
			pool->name, page->index, i, o->name, event_text(&d->out, out, sizeof(out)));
		n++;
	}
	return n;
}

/* Page and fragment by its number in the chunk. */
static struct ppool_page *
page_of(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g, uint32_t *frag)
{
	*frag = g % pool->frags_per_page;
	return &c->pages[g / pool->frags_per_page];
}

uint64_t
ppool_debug_visit_begin(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g)
{
	struct ppool_page *page;
	struct region asan;
	uint32_t frag;

	if (c->debug == NULL || PPOOL_READ(c->debug[g].state) != PPOOL_DEBUG_BACK)
		return 0;
	page = page_of(pool, c, g, &frag);
	asan = asan_region(pool, page, frag, 0);
	ASAN_UNPOISON_MEMORY_REGION(asan.addr, asan.size);
	return region_sum(object_region(pool, page, frag));
}

/* Only what the callback changed is taken for right. */
void
ppool_debug_visit_end(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g,
		uint64_t sum)
{
	struct ppool_page *page;
	struct region asan;
	uint32_t frag;

	if (c->debug == NULL || PPOOL_READ(c->debug[g].state) != PPOOL_DEBUG_BACK)
		return;
	page = page_of(pool, c, g, &frag);
	if (sum == PPOOL_READ(c->debug[g].sum))
		PPOOL_WRITE(c->debug[g].sum, region_sum(object_region(pool, page, frag)));
	asan = asan_region(pool, page, frag, PPOOL_READ(c->debug[g].skip));
	ASAN_POISON_MEMORY_REGION(asan.addr, asan.size);
}

static void
open_up(struct rte_ppool *pool, struct ppool_chunk *c)
{
	struct region asan;
	uint32_t p, i;

	for (p = 0; p < c->nb_pages; p++) {
		for (i = 0; i < c->pages[p].nb_frags; i++) {
			asan = asan_region(pool, &c->pages[p], i, 0);
			ASAN_UNPOISON_MEMORY_REGION(asan.addr, asan.size);
		}
	}
}

void
ppool_debug_going(struct rte_ppool *pool)
{
	struct ppool_chunk *c;

	for (c = pool->chunks; c != NULL; c = c->next)
		open_up(pool, c);
}

void
ppool_debug_chunk_fini(struct rte_ppool *pool, struct ppool_chunk *c)
{
	if (c->debug == NULL)
		return;
	if (!pool->going)
		open_up(pool, c);
	rte_free(c->debug);
	c->debug = NULL;
}

#endif /* RTE_PPOOL_DEBUG */
