/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Statistics: counted where things happen, by those who do them; summed up here. */

#include <errno.h>
#include <string.h>

#include "ppool_report.h"

static const struct {
	const char *name;
	size_t offset;
} stats_fields[] = {
#define F(f) { #f, offsetof(struct rte_ppool_stats, f) }
	F(alloc_fast), F(alloc_slow), F(alloc_empty), F(alloc_refill), F(alloc_reuse),
	F(alloc_waive), F(alloc_fail), F(recycle_cached), F(recycle_cache_full), F(recycle_ring),
	F(recycle_ring_full), F(recycle_released), F(pages_grown), F(pages_released), F(put_late),
	F(bad_over_put), F(bad_mbuf), F(bad_foreign), F(bad_process),
#undef F
};

_Static_assert(RTE_DIM(stats_fields) * sizeof(uint64_t) == sizeof(struct rte_ppool_stats),
	"each field of the statistics has a name");

static uint64_t *
stats_field(struct rte_ppool_stats *s, uint32_t i)
{
	return (uint64_t *)RTE_PTR_ADD(s, stats_fields[i].offset);
}

/* Name and value of a field; NULL after the last. */
const char *
ppool_stats_field(const struct rte_ppool_stats *stats, uint32_t i, uint64_t *value)
{
	if (i >= RTE_DIM(stats_fields))
		return NULL;
	memcpy(value, RTE_PTR_ADD(stats, stats_fields[i].offset), sizeof(*value));
	return stats_fields[i].name;
}

/* Fragments that came back since destroy: nothing is handed out any more, so that they are those
 * that were out then, but for those that still are.
 */
static uint64_t
late(const struct rte_ppool *pool)
{
	struct ppool_census c;
	uint64_t out;

	if (!PPOOL_READ(pool->closing))
		return 0;
	out = PPOOL_READ(pool->destroy_out);
	ppool_census_take(pool, &c);
	return out - RTE_MIN(out, c.frags_out);
}

/* Counts of all owners since the pool was made. An owner's counts stay in its struct when it
 * is closed and taken again.
 */
static void
stats_sum(const struct rte_ppool *pool, struct rte_ppool_stats *s)
{
	const struct rte_ppool_owner *o;

	memset(s, 0, sizeof(*s));
	PPOOL_OWNERS_FOREACH(o, pool) {
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
	s->pages_grown = PPOOL_READ(pool->pages_grown);
	s->pages_released = PPOOL_READ(pool->pages_released);
	s->put_late = late(pool);
	s->bad_over_put = PPOOL_READ(pool->bad_over_put);
	s->bad_mbuf = PPOOL_READ(pool->bad_mbuf);
	s->bad_foreign = PPOOL_READ(pool->bad_foreign);
	s->bad_process = PPOOL_READ(pool->bad_process);
}

int
rte_ppool_stats_get(const struct rte_ppool *pool, struct rte_ppool_stats *stats)
{
	struct rte_ppool_stats base;
	uint32_t i;

	if (pool == NULL || stats == NULL)
		return -EINVAL;
	ppool_look_begin(pool);
	stats_sum(pool, stats);
	base = pool->base_stats;
	ppool_look_end(pool);
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
	ppool_look_begin(pool);
	stats_sum(pool, &pool->base_stats);
	ppool_look_end(pool);
	return 0;
}
