/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Debug builds: puts to pools that are gone. Their addresses are remembered, so that
 * rte_ppool_put_bulk() and its like refuse such a pool without looking at its memory.
 *
 * rte_pktmbuf_free() looks at the mbuf and at its mempool before it comes here. For it, the
 * memory of destroyed pools can be kept a while: of as many as the environment says in
 * PPOOL_DEBUG_KEEP (none by default). Then the fragment is named, too, and who had it last.
 */

#include "ppool_debug.h"

#ifdef RTE_PPOOL_DEBUG

#include <stdlib.h>

#include <rte_cycles.h>

#include "ppool_page.h"

/* Pools that are remembered, and those of them whose memory may be kept. */
#define GRAVES 64u
#define KEEP_MAX 16u
/* Lines per second. */
#define LOG_RATE 10u

struct grave {
	struct rte_ppool *pool;    /* NULL: none, or the address is a new pool's */
	uint64_t when;
	bool kept;
	char name[RTE_PPOOL_NAMESIZE];
};

static rte_spinlock_t lock = RTE_SPINLOCK_INITIALIZER;
static struct grave graves[GRAVES];
static uint32_t nb_graves;         /* ever; the oldest is overwritten */
static uint32_t nb_kept;
static uint64_t log_next;

static uint32_t
keep_most(void)
{
	const char *text = getenv("PPOOL_DEBUG_KEEP");
	unsigned long n = text != NULL ? strtoul(text, NULL, 10) : 0;

	return (uint32_t)RTE_MIN(n, (unsigned long)KEEP_MAX);
}

/* A pool is made: what was at its address before does not matter any more. */
void
ppool_debug_born(const struct rte_ppool *pool)
{
	uint32_t i;

	rte_spinlock_lock(&lock);
	for (i = 0; i < GRAVES; i++)
		if (graves[i].pool == pool)
			PPOOL_WRITE(graves[i].pool, NULL);
	rte_spinlock_unlock(&lock);
}

/* The oldest pool that is kept, if there are too many. It is not, from now on. */
static struct rte_ppool *
too_old(uint32_t most)
{
	struct grave *oldest = NULL;
	uint32_t i;

	if (nb_kept <= most)
		return NULL;
	for (i = 0; i < GRAVES; i++)
		if (graves[i].pool != NULL && graves[i].kept &&
				(oldest == NULL || graves[i].when < oldest->when))
			oldest = &graves[i];
	if (oldest == NULL)
		return NULL;
	oldest->kept = false;
	nb_kept--;
	return oldest->pool;
}

/* All fragments are back, and the pool is to be freed. The pool whose memory is to go now: this
 * one, an older one, or NULL, if it is kept.
 */
struct rte_ppool *
ppool_debug_bury(struct rte_ppool *pool)
{
	/* Not if its creation failed, nor if its user has freed the mempool. */
	uint32_t most = !pool->closing || pool->mp_gone ? 0 : keep_most();
	struct rte_ppool *gone = pool;
	struct grave *g;

	rte_spinlock_lock(&lock);
	g = &graves[nb_graves++ % GRAVES];
	/* There are more graves than pools that are kept, and these are among the last. */
	g->when = rte_rdtsc();
	g->kept = most > 0;
	snprintf(g->name, sizeof(g->name), "%s", pool->name);
	PPOOL_WRITE(g->pool, pool);
	if (g->kept) {
		nb_kept++;
		gone = too_old(most);
	}
	rte_spinlock_unlock(&lock);
	return gone;
}

static bool
log_allowed(void)
{
	uint64_t now = rte_rdtsc(), next = PPOOL_READ(log_next);

	return now >= next && __atomic_compare_exchange_n(&log_next, &next,
		now + rte_get_tsc_hz() / LOG_RATE, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static void
say(const struct grave *g, const void *obj)
{
	struct ppool_chunk *c = NULL;
	uint32_t frag, pg;

	PPOOL_LOG(ERR, "%s: %p was given back, but the pool is gone since %.3f s: refused", g->name,
		obj, (double)(rte_rdtsc() - g->when) / (double)rte_get_tsc_hz());
	if (!g->kept || (frag = ppool_locate(g->pool, &c, obj)) == UINT32_MAX)
		return;
	pg = ppool_div(frag, g->pool->recip_frags);
	ppool_debug_over_put(g->pool, &c->pages[pg], frag - pg * g->pool->frags_per_page);
}

bool
ppool_debug_is_dead(const struct rte_ppool *pool, const void *obj)
{
	bool dead = false;
	uint32_t i;

	for (i = 0; i < GRAVES && !dead; i++)
		dead = PPOOL_READ(graves[i].pool) == pool;
	if (likely(!dead) || pool == NULL)
		return false;
	rte_spinlock_lock(&lock);
	for (i = 0; i < GRAVES && graves[i].pool != pool; i++)
		;
	dead = i < GRAVES;
	if (dead && log_allowed())
		say(&graves[i], obj);
	rte_spinlock_unlock(&lock);
	return dead;
}

#endif /* RTE_PPOOL_DEBUG */
