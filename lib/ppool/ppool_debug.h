/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Debug builds (-Dppool_debug=true): who has a fragment, and who wrote to it when nobody had it.
 *
 * Each fragment has a record beside its chunk: who took it last, who gave it back, from where
 * and when. Data of a COMPACT fragment that is back is overwritten by a pattern, and its mbuf
 * summed up; an object of an INLINE pool is summed up only, since what is in it is its
 * user's. Both are looked at when the fragment is handed out again: a write after free stops the
 * program and is named. Under AddressSanitizer the data of free fragments is poisoned, too.
 *
 * In other builds all of this is nothing.
 */

#ifndef PPOOL_DEBUG_H
#define PPOOL_DEBUG_H

#include "ppool_private.h"

#ifdef RTE_PPOOL_DEBUG

enum ppool_debug_state {
	PPOOL_DEBUG_NEW,  /* was never out */
	PPOOL_DEBUG_OUT,
	PPOOL_DEBUG_BUSY, /* just coming back */
	PPOOL_DEBUG_BACK,
	PPOOL_DEBUG_TWICE, /* back, and given back once more: not looked at when it leaves */
};

/* Who did something to a fragment, when, and from where. */
struct ppool_debug_event {
	const void *site;          /* return address of the library's function; NULL: not known */
	uint64_t when;
	uint32_t lcore;
	uint32_t thread;           /* of the system; 0: it did not happen */
};

struct ppool_debug_frag {
	struct ppool_debug_event out, back;
	const struct rte_ppool_owner *owner; /* that handed it out */
	uint64_t sum;
	uint32_t skip;             /* bytes at its start that a neighbour's packet may reach */
	uint32_t state;            /* enum ppool_debug_state */
};

/* Where the library was entered. Functions of the API that call each other keep the first. */
struct ppool_debug_entry {
	bool first;
};

extern __thread const void *ppool_debug_site __attribute__((visibility("hidden")));

static inline struct ppool_debug_entry
ppool_debug_enter(const void *site)
{
	struct ppool_debug_entry e = { .first = ppool_debug_site == NULL };

	if (e.first)
		ppool_debug_site = site;
	return e;
}

static inline void
ppool_debug_leave(struct ppool_debug_entry *e)
{
	if (e->first)
		ppool_debug_site = NULL;
}

/* Among the declarations of each function of the API, and of the mempool's ops, that hands out
 * fragments or takes them back.
 */
#define PPOOL_DEBUG_ENTRY() \
	struct ppool_debug_entry debug_entry __attribute__((cleanup(ppool_debug_leave), unused)) = \
		ppool_debug_enter(__builtin_return_address(0))

/* A chunk is complete, none of its fragments is out. */
void ppool_debug_chunk_init(struct rte_ppool *pool, struct ppool_chunk *c);
/* Before its memory is given back. */
void ppool_debug_chunk_fini(struct rte_ppool *pool, struct ppool_chunk *c);
/* The memory of all objects of an INLINE pool is about to be taken away by its mempool. */
void ppool_debug_going(struct rte_ppool *pool);
/* Fragments first .. first + n - 1 are about to leave: nothing of them was touched yet. */
void ppool_debug_out(struct rte_ppool_owner *o, struct ppool_page *page, uint32_t first,
		uint32_t n);
/* They come back: after the last change to their mbufs, before their bits are set. */
void ppool_debug_back(struct rte_ppool *pool, struct ppool_page *page, uint32_t first,
		uint32_t n);
/* A second put was refused: log who made the first. */
void ppool_debug_over_put(const struct rte_ppool *pool, const struct ppool_page *page,
		uint32_t frag);
/* Log who has the fragments of a page that are out, at most that many. How many it were. */
uint32_t ppool_debug_say_out(const struct rte_ppool *pool, const struct ppool_page *page,
		uint32_t most);
/* ppool_debug_dead.c: pools that are made and freed, and puts to one that is gone. */
void ppool_debug_born(const struct rte_ppool *pool);
struct rte_ppool *ppool_debug_bury(struct rte_ppool *pool);
bool ppool_debug_is_dead(const struct rte_ppool *pool, const void *obj);
/* Around what a caller of rte_ppool_obj_iter() does to an object that may be free. */
uint64_t ppool_debug_visit_begin(const struct rte_ppool *pool, const struct ppool_chunk *c,
		uint32_t g);
void ppool_debug_visit_end(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g,
		uint64_t sum);

#else /* RTE_PPOOL_DEBUG */

#define PPOOL_DEBUG_ENTRY() RTE_SET_USED(0)

static inline void
ppool_debug_chunk_init(struct rte_ppool *pool, struct ppool_chunk *c)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(c);
}

static inline void
ppool_debug_chunk_fini(struct rte_ppool *pool, struct ppool_chunk *c)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(c);
}

static inline void
ppool_debug_going(struct rte_ppool *pool)
{
	RTE_SET_USED(pool);
}

static inline void
ppool_debug_out(struct rte_ppool_owner *o, struct ppool_page *page, uint32_t first, uint32_t n)
{
	RTE_SET_USED(o);
	RTE_SET_USED(page);
	RTE_SET_USED(first);
	RTE_SET_USED(n);
}

static inline void
ppool_debug_back(struct rte_ppool *pool, struct ppool_page *page, uint32_t first, uint32_t n)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(page);
	RTE_SET_USED(first);
	RTE_SET_USED(n);
}

static inline void
ppool_debug_over_put(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(page);
	RTE_SET_USED(frag);
}

static inline uint32_t
ppool_debug_say_out(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t most)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(page);
	RTE_SET_USED(most);
	return 0;
}

static inline void
ppool_debug_born(const struct rte_ppool *pool)
{
	RTE_SET_USED(pool);
}

static inline struct rte_ppool *
ppool_debug_bury(struct rte_ppool *pool)
{
	return pool;
}

static inline bool
ppool_debug_is_dead(const struct rte_ppool *pool, const void *obj)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(obj);
	return false;
}

static inline uint64_t
ppool_debug_visit_begin(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(c);
	RTE_SET_USED(g);
	return 0;
}

static inline void
ppool_debug_visit_end(const struct rte_ppool *pool, const struct ppool_chunk *c, uint32_t g,
		uint64_t sum)
{
	RTE_SET_USED(pool);
	RTE_SET_USED(c);
	RTE_SET_USED(g);
	RTE_SET_USED(sum);
}

#endif /* RTE_PPOOL_DEBUG */

#endif /* PPOOL_DEBUG_H */
