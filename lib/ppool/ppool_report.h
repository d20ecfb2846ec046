/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Looking at a pool: counts of its pages, statistics by name, reports. */

#ifndef PPOOL_REPORT_H
#define PPOOL_REPORT_H

#include "ppool_page.h"

/* P0: acquire, pairs with the release store of ppool_owner.c. */
#define PPOOL_OWNERS_FOREACH(o, pool) \
	for (o = __atomic_load_n(&(pool)->owners, __ATOMIC_ACQUIRE); o != NULL; o = o->next)

/* P1: acquire, pairs with the release store of ppool_chunk.c and ppool_inline.c. */
#define PPOOL_CHUNKS_FOREACH(c, pool) \
	for (c = __atomic_load_n(&(pool)->chunks, __ATOMIC_ACQUIRE); c != NULL; c = c->next)

static inline int
ppool_owner_state(const struct rte_ppool_owner *o)
{
	return __atomic_load_n(&o->state, __ATOMIC_ACQUIRE); /* C0 */
}

/* The locks of a pool that the caller may only look at: owners and statistics, and chunks. */
static inline void
ppool_look_begin(const struct rte_ppool *pool)
{
	pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&pool->lock);
}

static inline void
ppool_look_end(const struct rte_ppool *pool)
{
	pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)&pool->lock);
}

static inline void
ppool_chunks_lock(const struct rte_ppool *pool)
{
	pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&pool->grow_lock);
}

static inline void
ppool_chunks_unlock(const struct rte_ppool *pool)
{
	pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)&pool->grow_lock);
}

/* Shares by which pages are sorted: none, up to 1/8, ..., up to 8/8 of the fragments. */
#define PPOOL_SHARES 9

/* Where the pages of a pool are. All figures are of a moment. */
struct ppool_census {
	uint64_t pages;
	uint64_t home;             /* nobody holds a fragment of them */
	uint64_t open;             /* their owner, or one that uses them again, holds the rest */
	uint64_t retired;          /* handed out, not all back */
	uint64_t frags_home;
	uint64_t frags_ready;      /* not handed out yet, of open pages */
	uint64_t frags_back_open;  /* back, of open pages */
	uint64_t frags_back_retired;
	uint64_t frags_out;        /* somebody holds them */
	uint64_t oldest_us;        /* since the oldest page that is not at home was opened */
	uint64_t back[PPOOL_SHARES]; /* retired pages by the share of fragments that is back */
};

/* ppool_info.c */
uint64_t ppool_owner_in_flight(const struct rte_ppool_owner *o);

/* ppool_report.c */
void ppool_census_take(const struct rte_ppool *pool, struct ppool_census *c);
uint32_t ppool_page_out(const struct rte_ppool *pool, const struct ppool_page *page);

const char *ppool_layout_name(enum rte_ppool_layout layout);

/* ppool_stats.c */
const char *ppool_stats_field(const struct rte_ppool_stats *stats, uint32_t i, uint64_t *value);

/* ppool_telemetry.c */
void ppool_telemetry_init(void);

#endif /* PPOOL_REPORT_H */
