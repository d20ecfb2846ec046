/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Looking at a pool: state, statistics, reports. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>

#include "ppool_page.h"

/* Holders named in the report of a pool that cannot go yet. */
#define REPORT_PAGES 4u

#define OWNERS_FOREACH(o, pool) \
	for (o = __atomic_load_n(&(pool)->owners, __ATOMIC_ACQUIRE); o != NULL; o = o->next)
#define CHUNKS_FOREACH(c, pool) \
	for (c = __atomic_load_n(&(pool)->chunks, __ATOMIC_ACQUIRE); c != NULL; c = c->next)

static int
owner_state(const struct rte_ppool_owner *o)
{
	return __atomic_load_n(&o->state, __ATOMIC_ACQUIRE);
}

/* The control lock of a pool that the caller may only look at. */
static void
look_begin(const struct rte_ppool *pool)
{
	pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&pool->lock);
}

static void
look_end(const struct rte_ppool *pool)
{
	pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)&pool->lock);
}

static uint64_t
owner_in_flight(const struct rte_ppool_owner *o)
{
	/* The pages back first: those attached meanwhile only make the difference larger. */
	int64_t back = __atomic_load_n(&o->returned, __ATOMIC_ACQUIRE);
	int64_t out;

	switch (owner_state(o)) {
	case PPOOL_OWNER_OPEN:
		out = (int64_t)PPOOL_READ(o->attached) - back;
		break;
	case PPOOL_OWNER_DRAINING:
		out = -back;
		break;
	default:
		return 0;
	}
	if (out > 0 && ppool_owner_idle(o))
		out--;
	return out > 0 ? (uint64_t)out : 0;
}

uint64_t
ppool_in_flight(const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;
	uint64_t n = 0;

	look_begin(pool);
	OWNERS_FOREACH(o, pool)
		n += owner_in_flight(o);
	look_end(pool);
	return n;
}

uint64_t
rte_ppool_in_flight(const struct rte_ppool *pool)
{
	return pool != NULL ? ppool_in_flight(pool) : 0;
}

static uint32_t
ring_count(const struct rte_ppool_owner *o)
{
	const struct ppool_page *head = __atomic_load_n(&o->ring, __ATOMIC_ACQUIRE);

	return head != NULL && head != PPOOL_RING_CLOSED ? PPOOL_READ(head->depth) : 0;
}

uint64_t
rte_ppool_avail_count(const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;
	uint64_t n;

	if (pool == NULL)
		return 0;
	n = ppool_frags_back(pool);
	OWNERS_FOREACH(o, pool)
		n += ppool_owner_rest(o);
	return n;
}

int
rte_ppool_info_get(const struct rte_ppool *pool, struct rte_ppool_info *info)
{
	const struct rte_ppool_owner *o;
	const struct ppool_chunk *c;

	if (pool == NULL || info == NULL)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", pool->name);
	info->layout = pool->params.layout;
	info->page_size = pool->page_size;
	info->frag_size = pool->frag_size;
	info->frags_per_page = pool->frags_per_page;
	info->mbuf_stride = pool->mbuf_stride;
	info->priv_size = pool->params.priv_size;
	info->data_room = pool->data_room;
	info->socket_id = pool->params.socket_id;
	info->min_pages = pool->params.min_pages;
	info->max_pages = pool->params.max_pages;
	info->nb_pages = PPOOL_READ(pool->nb_pages);
	CHUNKS_FOREACH(c, pool)
		info->memory_bytes += c->bytes;
	info->pages_in_flight = ppool_in_flight(pool);
	look_begin(pool);
	info->closing = pool->closing;
	OWNERS_FOREACH(o, pool)
		info->nb_owners += owner_state(o) == PPOOL_OWNER_OPEN;
	look_end(pool);
	return 0;
}

/* ---- statistics */

static const struct {
	const char *name;
	size_t offset;
} stats_fields[] = {
#define F(f) { #f, offsetof(struct rte_ppool_stats, f) }
	F(alloc_fast), F(alloc_slow), F(alloc_empty), F(alloc_refill), F(alloc_reuse),
	F(alloc_waive), F(alloc_fail), F(recycle_cached), F(recycle_cache_full), F(recycle_ring),
	F(recycle_ring_full), F(recycle_released), F(bad_over_put), F(bad_mbuf), F(bad_foreign),
#undef F
};

_Static_assert(RTE_DIM(stats_fields) * sizeof(uint64_t) == sizeof(struct rte_ppool_stats),
	"each field of the statistics has a name");

static uint64_t *
stats_field(struct rte_ppool_stats *s, uint32_t i)
{
	return (uint64_t *)RTE_PTR_ADD(s, stats_fields[i].offset);
}

/* Counts of all owners since the pool was made. An owner's counts stay in its struct when it
 * is closed and taken again.
 */
static void
stats_sum(const struct rte_ppool *pool, struct rte_ppool_stats *s)
{
	const struct rte_ppool_owner *o;

	memset(s, 0, sizeof(*s));
	OWNERS_FOREACH(o, pool) {
		s->alloc_fast += PPOOL_READ(o->alloc_fast);
		s->alloc_slow += PPOOL_READ(o->alloc_slow);
		s->alloc_empty += PPOOL_READ(o->alloc_empty);
		s->alloc_refill += PPOOL_READ(o->alloc_refill);
		s->alloc_reuse += PPOOL_READ(o->alloc_reuse);
		s->alloc_fail += PPOOL_READ(o->alloc_fail);
		s->recycle_cached += PPOOL_READ(o->recycle_cached);
		s->recycle_cache_full += PPOOL_READ(o->recycle_cache_full);
		s->recycle_ring += PPOOL_READ(o->recycle_ring);
		s->recycle_ring_full += PPOOL_READ(o->recycle_ring_full);
		s->recycle_released += PPOOL_READ(o->recycle_released);
	}
	s->alloc_waive = PPOOL_READ(pool->alloc_waive);
	s->bad_over_put = PPOOL_READ(pool->bad_over_put);
	s->bad_mbuf = PPOOL_READ(pool->bad_mbuf);
	s->bad_foreign = PPOOL_READ(pool->bad_foreign);
}

int
rte_ppool_stats_get(const struct rte_ppool *pool, struct rte_ppool_stats *stats)
{
	struct rte_ppool_stats base;
	uint32_t i;

	if (pool == NULL || stats == NULL)
		return -EINVAL;
	look_begin(pool);
	stats_sum(pool, stats);
	base = pool->base_stats;
	look_end(pool);
	for (i = 0; i < RTE_DIM(stats_fields); i++)
		*stats_field(stats, i) -= *stats_field(&base, i);
	return 0;
}

/* The counts have writers that must not be disturbed: what they are now is taken off. */
int
rte_ppool_stats_reset(struct rte_ppool *pool)
{
	if (pool == NULL)
		return -EINVAL;
	look_begin(pool);
	stats_sum(pool, &pool->base_stats);
	look_end(pool);
	return 0;
}

/* ---- mbufs */

int
rte_ppool_mbuf_where(const struct rte_ppool *pool, const struct rte_mbuf *m, uint32_t *page,
		uint32_t *frag)
{
	const struct ppool_chunk *c;
	uint32_t g, pg;

	if (pool == NULL || (c = ppool_chunk_find(pool, m)) == NULL ||
			(g = ppool_frag_find(pool, c, m)) == UINT32_MAX)
		return -EINVAL;
	pg = ppool_div(g, pool->recip_frags);
	if (page != NULL)
		*page = c->first_page + pg;
	if (frag != NULL)
		*frag = g - pg * pool->frags_per_page;
	return 0;
}

uint32_t
rte_ppool_obj_iter(struct rte_ppool *pool, rte_mempool_obj_cb_t *cb, void *arg)
{
	const struct ppool_chunk *c;
	uint32_t n = 0, i;

	if (pool == NULL)
		return 0;
	CHUNKS_FOREACH(c, pool)
		for (i = 0; i < c->nb_frags; i++)
			cb(pool->mp, arg, c->mbufs + (size_t)i * pool->mbuf_stride, n++);
	return n;
}

/* ---- reports */

static double
age(uint64_t since)
{
	return (double)(rte_rdtsc() - since) / (double)rte_get_tsc_hz();
}

static uint32_t
first_out(const struct rte_ppool *pool, const struct ppool_page *page)
{
	uint32_t i;

	for (i = 0; i < pool->frags_per_page; i++)
		if (ppool_state_back(page->state, i, 1) == 0)
			return i;
	return 0;
}

/* The pool is to go: say what keeps it. All owners are closed, or refuse to be. True if
 * something does.
 */
bool
ppool_report_held(struct rte_ppool *pool)
{
	uint64_t held = 0, oldest = UINT64_MAX;
	const struct ppool_page *page, *named[REPORT_PAGES];
	const struct ppool_chunk *c;
	uint32_t i, n = 0;

	CHUNKS_FOREACH(c, pool) {
		for (i = 0; i < c->nb_pages; i++) {
			page = &c->pages[i];
			if (ppool_state_at_home(pool, page->state))
				continue;
			held++;
			oldest = RTE_MIN(oldest, PPOOL_READ(page->state->opened));
			if (n < REPORT_PAGES)
				named[n++] = page;
		}
	}
	if (held == 0)
		return false;
	PPOOL_LOG(NOTICE, "%s: destroyed, but %" PRIu64 " pages are in flight, the oldest since "
		"%.3f s: memory stays until they are back", pool->name, held, age(oldest));
	for (i = 0; i < n; i++) {
		page = named[i];
		PPOOL_LOG(NOTICE, "%s: page %u, handed out by \"%s\" %.3f s ago: %u of %u "
			"fragments are out, the first is %u", pool->name, page->index,
			page->state->owner->name, age(PPOOL_READ(page->state->opened)),
			pool->frags_per_page - ppool_state_back(page->state, 0,
				pool->frags_per_page),
			pool->frags_per_page, first_out(pool, page));
	}
	return true;
}

static void
dump_owner(FILE *f, const struct rte_ppool_owner *o)
{
	static const char *const states[] = { "open", "closed, draining", "closed" };
	int state = owner_state(o);

	fprintf(f, "  owner \"%s\": %s, in flight %" PRIu64 ", cache %u, ring %u, left in open "
		"page %u\n", o->name, states[state], owner_in_flight(o), PPOOL_READ(o->cached),
		ring_count(o), ppool_owner_rest(o));
}

void
rte_ppool_dump(FILE *f, const struct rte_ppool *pool)
{
	const struct rte_ppool_owner *o;
	struct rte_ppool_stats stats;
	struct rte_ppool_info info;
	uint32_t i;

	if (f == NULL || rte_ppool_info_get(pool, &info) != 0)
		return;
	rte_ppool_stats_get(pool, &stats);
	fprintf(f, "ppool %s:%s\n", info.name, info.closing ? " being destroyed" : "");
	fprintf(f, "  page %u, fragment %u, fragments per page %u, mbuf stride %u, socket %d\n",
		info.page_size, info.frag_size, info.frags_per_page, info.mbuf_stride,
		info.socket_id);
	fprintf(f, "  pages %u of %u..%u, in flight %" PRIu64 ", free %u, memory %" PRIu64
		" bytes\n", info.nb_pages, info.min_pages, info.max_pages, info.pages_in_flight,
		PPOOL_READ(pool->nb_free), info.memory_bytes);
	look_begin(pool);
	OWNERS_FOREACH(o, pool)
		dump_owner(f, o);
	look_end(pool);
	for (i = 0; i < RTE_DIM(stats_fields); i++)
		fprintf(f, "  %s %" PRIu64 "\n", stats_fields[i].name, *stats_field(&stats, i));
}
