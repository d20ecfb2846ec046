/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What the files of the library share. Nothing of this is for users. */

#ifndef PPOOL_PRIVATE_H
#define PPOOL_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <rte_common.h>
#include <rte_debug.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_spinlock.h>

#include "rte_ppool.h"
#include "rte_ppool_mem.h"

extern int ppool_logtype;

#define PPOOL_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, ppool_logtype, "PPOOL: " fmt "\n", ##__VA_ARGS__)

/* The invariants of the design, asserted in debug builds (-Dppool_debug=true). */
#ifdef RTE_PPOOL_DEBUG
#define PPOOL_ASSERT(cond) \
	do { \
		if (!(cond)) \
			rte_panic("ppool: invariant broken: %s (%s:%d)\n", #cond, __FILE__, \
				__LINE__); \
	} while (0)
#else
#define PPOOL_ASSERT(cond) do { } while (0)
#endif

/* A count with one writer at a time; readers are content with a moment's figure. */
#define PPOOL_COUNT(var, n) \
	__atomic_store_n(&(var), __atomic_load_n(&(var), __ATOMIC_RELAXED) + (n), __ATOMIC_RELAXED)
/* A count with any number of writers. */
#define PPOOL_COUNT_MT(var, n) ((void)__atomic_fetch_add(&(var), (n), __ATOMIC_RELAXED))
#define PPOOL_READ(var) __atomic_load_n(&(var), __ATOMIC_RELAXED)
#define PPOOL_WRITE(var, val) __atomic_store_n(&(var), (val), __ATOMIC_RELAXED)

#define PPOOL_OWNER_NAMESIZE 32
/* Mempool ops of INLINE pools; those of COMPACT ones have a name that nobody asks for. */
#define PPOOL_OPS_NAME "ppool"
#define PPOOL_OPS_COMPACT_NAME "ppool_compact"
/* Largest page whose state is a single word: 63 fragments and the owner's hold. */
#define PPOOL_WORD_FRAGS 63u
/* Bit of the state word: the owner holds the unspent rest of the bias. */
#define PPOOL_OPEN (UINT64_C(1) << 63)
/* The same in the count of a large page. */
#define PPOOL_HELD (UINT64_C(1) << 63)
/* An owner looks at the clock when it has opened so many pages: reading it costs as much as all the
 * rest of an opening. So a page may be younger than a report says, by the time in which its owner
 * opened up to seven others.
 */
#define PPOOL_STAMP_PAGES 8u
/* Head of the ring of a closed owner. */
#define PPOOL_RING_CLOSED ((struct ppool_page *)(uintptr_t)1)
/* Lists of chunks by how much of them is free: none of it, four quarters, all of it. */
#define PPOOL_FREE_NONE 0u
#define PPOOL_FREE_IDLE 5u
#define PPOOL_FREE_LISTS 6u

struct ppool_chunk;
struct ppool_page;
struct ppool_debug_frag;

/* State of a page: all that changes with its lives, on one cache line if the page is small, so that
 * one line moves between the core that hands out and the one that gives back.
 */
struct ppool_state {
	/* More than 63 fragments only: fragments not back yet, and HELD for the owner's hold. */
	uint64_t count;
	/* Whom the page goes back to. Written when the page is opened, before its first
	 * fragment leaves; read by the last user only. So are the next two.
	 */
	struct rte_ppool_owner *owner;
	uint64_t opened;           /* time stamp of the last opening, or a few pages before it */
	/* Bits of word stock_word that an owner holds who has set the page aside; 0: none. */
	uint64_t stock;
	uint32_t stock_word;
	uint32_t stock_left;       /* in the words after it, not taken yet */
	uint32_t linear;           /* a packet may reach into the headroom of its successor */
	/* In a cache, ring, free list, or list of completed pages: of whoever has it for himself. */
	struct ppool_page *next;
#ifdef RTE_PPOOL_DEBUG
	uint64_t home; /* 1: the page is with the pool, nobody holds it */
#endif
	/* Bit i: fragment i is back. */
	uint64_t word[];
};

/* A page: what does not change. */
struct ppool_page {
	void *addr;
	rte_iova_t iova;
	struct rte_mbuf *mbuf;     /* of fragment 0 */
	struct ppool_state *state;
	struct ppool_chunk *chunk;
	uint32_t index;            /* in the pool */
	uint16_t nb_frags;         /* that it has: all but for the last page of an INLINE chunk */
} __rte_aligned(64);

/* Memory for some pages. The struct stands at the start of the header slab, of which an mbuf's
 * address leads to it, see ppool_chunk_find().
 */
struct ppool_chunk {
	struct rte_mempool *mp;
	uint8_t *mbufs;            /* headers, page after page */
	uint8_t *data;             /* pages */
	struct ppool_page *pages;
	struct rte_mbuf_ext_shared_info *shinfo;
	uint16_t *klen;            /* fragments that an mbuf holds; 0 and 1: its own */
	struct ppool_chunk *next;  /* of the pool, by first_page */
	uint32_t nb_pages;
	uint32_t nb_frags;

	uint32_t first_page;       /* index in the pool */
	uint64_t bytes;            /* memory, all in all */
	struct ppool_chunk *prev;
	void *block;               /* of the heap; this struct is in it */
	struct rte_ppool_mem mem;  /* of another provider */
#ifdef RTE_PPOOL_DEBUG
	struct ppool_debug_frag *debug;
#endif

	/* Under the free lock: pages that no owner has. */
	TAILQ_ENTRY(ppool_chunk) by_free __rte_cache_aligned;
	struct ppool_page *free;
	uint32_t nb_free;
	uint32_t list;             /* in which list the chunk is */
	uint64_t idle_since;       /* all of them are free */
	uint64_t retired;          /* time when it was taken out of the pool */
} __rte_cache_aligned;

TAILQ_HEAD(ppool_chunk_list, ppool_chunk);

enum ppool_owner_state {
	PPOOL_OWNER_OPEN,
	PPOOL_OWNER_DRAINING, /* closed, some of its pages are still out */
	PPOOL_OWNER_FREE,     /* no page refers to it */
};

struct rte_ppool_owner {
	/* Read by those who give back, once a page: hardly ever written. */
	struct rte_ppool *pool;
	const void *thread;        /* who allocated last: a hint, see cache_push() */

	/* The owner's own: one thread at a time; read by others for reports. */
	struct ppool_page *page __rte_cache_aligned; /* open page, or NULL */
	uint64_t mask;             /* fragments of this word of it that may be handed out */
	uint32_t word;
	uint32_t later;            /* fragments of the words after it, if these may be, too */
	bool reused;               /* the page is partly free: of those words, what is back */
	uint32_t linear;           /* last fragments of a page that it leaves out, see
				    * rte_ppool_owner_open_linear()
				    */
	uint32_t spare_frags;      /* fragments in the spare pages */
	struct ppool_page *spare;  /* pages set aside for a bulk that is being handed out */
	uint64_t scan_next;        /* time before which searching all pages need not be tried */
	uint64_t attached;         /* pages opened since the owner was opened */
	uint64_t stamp;            /* time stamp of the last PPOOL_STAMP_PAGES pages */
	uint64_t alloc_fast;
	uint64_t alloc_slow;
	uint64_t alloc_empty;
	uint64_t alloc_refill;
	uint64_t alloc_reuse;
	uint64_t alloc_fail;
#ifdef RTE_PPOOL_DEBUG
	uint32_t busy;
#endif

	/* The page cache, under the lock. */
	rte_spinlock_t lock __rte_cache_aligned;
	bool closed;
	uint32_t cached;
	struct ppool_page *cache;
	uint64_t recycle_cached;
	uint64_t recycle_cache_full;
	uint64_t idle_count;       /* of pages opened, and time when that was seen first */
	uint64_t idle_since;

	/* Freeing threads. */
	struct ppool_page *ring __rte_cache_aligned;
	uint64_t ring_taken;       /* pages taken out of it, ever; under the lock */
	/* Pages back since the owner was opened. Closing takes off the pages attached, so
	 * that the count reaches 0 once, and whoever brings it there knows it.
	 */
	int64_t returned;
	uint64_t recycle_ring;
	uint64_t recycle_ring_full;
	uint64_t recycle_released;

	/* Control. */
	int state __rte_cache_aligned; /* enum ppool_owner_state */
	bool internal;             /* of the mempool door: closed by destroy itself */
	struct rte_ppool_owner *next;
	char name[PPOOL_OWNER_NAMESIZE];
};

/* An lcore's way through the mempool API; the last is for all threads without an lcore. */
struct ppool_slot {
	rte_spinlock_t lock;
	struct rte_ppool_owner *owner;
	void *last;                /* what was got last, if it was a single object */
} __rte_cache_aligned;

#define PPOOL_SLOTS (RTE_MAX_LCORE + 1)

struct rte_ppool {
	/* Constant after creation: what puts and allocations read. */
	struct rte_mempool *mp;
	uintptr_t *table;          /* hash of the chunks by address, see ppool_chunk_find() */
	struct ppool_chunk **ranges; /* INLINE: the chunks by address, sorted */
	uint32_t nb_ranges;
	uint32_t max_ranges;
	uint32_t nb_objs;          /* INLINE: objects given to it */
	uint32_t data_off;         /* INLINE: from an object to what run->addr says */
	uint64_t slab_mask;        /* address & mask: window */
	uint32_t slab_shift;
	uint32_t table_mask;
	uint32_t frags_per_page;
	uint32_t frag_size;
	uint32_t page_size;
	uint32_t page_stride;      /* COMPACT: from a page to the next of its chunk */
	uint32_t mbuf_stride;
	uint32_t nb_words;         /* of a page's state */
	uint64_t recip_stride;     /* see ppool_div() */
	uint64_t recip_frags;
	uint64_t full;             /* state word of a page that is at home */
	uint64_t generation;       /* of its chunks; no other pool ever has the same number */
	uint32_t cache_pages;
	uint32_t ring_limit;
	uint16_t data_room;        /* buf_len of the mbufs */
	bool compact;
	void (*shinfo_cb)(void *addr, void *opaque); /* of the process that made the pool */

	/* Free list. */
	rte_spinlock_t free_lock __rte_cache_aligned;
	uint32_t nb_free;
	uint32_t used_peak;        /* most pages in use since somebody asked */
	struct ppool_chunk_list free[PPOOL_FREE_LISTS];

	/* 1 for the user until destroy, and 1 for each owner that is not FREE. */
	uint64_t refs __rte_cache_aligned;
	uint64_t bad_over_put;
	uint64_t bad_mbuf;
	uint64_t bad_foreign;
	uint64_t bad_process;
	uint64_t alloc_waive;
	uint64_t log_next;         /* time from which the next line may be logged */
	uint64_t log_dropped;

	/* Growth, and its contrary. */
	pthread_mutex_t grow_lock __rte_cache_aligned;
	struct ppool_chunk *chunks;
	struct ppool_chunk *last_chunk;
	struct ppool_chunk *retired; /* out of the pool, not yet given back; newest first */
	uint64_t memory_bytes;     /* of all chunks, retired ones too */
	uint64_t pages_grown;
	uint64_t pages_released;
	uint64_t keep_pages;       /* see ppool_maintain.c */
	uint64_t keep_next;
	uint32_t nb_chunks;
	uint32_t max_chunks;
	uint32_t nb_pages;
	uint32_t chunk_pages;      /* pages of a chunk, where memory allows */
	uint64_t grow_retry;       /* time before which growing need not be tried again */
	struct ppool_chunk *scan_chunk; /* where the search for partly free pages goes on */
	uint32_t scan_page;
	bool waive_warned;

	/* Control. */
	pthread_mutex_t lock;      /* owners and statistics */
	struct rte_ppool_owner *owners; /* only ever grows; read without the lock */
	struct rte_ppool_stats base_stats; /* what reset takes off */
	bool closing;
	uint64_t destroyed;        /* time stamp of destroy */
	uint64_t destroy_out;      /* fragments that were out then */
	bool mp_gone;              /* the user freed the mempool himself */
	bool orphan;               /* unused, and to be freed by the process that made it */
	bool adopted;              /* the user made the mempool, by its ops' name */
	bool going;                /* INLINE: its mempool is being freed, held is what was out */
	uint32_t held;
	TAILQ_ENTRY(rte_ppool) list;
	const struct rte_memzone *name_mz;
	struct rte_ppool_params params;
	char name[RTE_PPOOL_NAMESIZE];
	char inner_name[RTE_MEMPOOL_NAMESIZE];
	struct ppool_slot slots[PPOOL_SLOTS];
};

/* ppool.c */
void ppool_unref(struct rte_ppool *pool);
void ppool_mempool_gone(struct rte_ppool *pool);
struct rte_ppool *ppool_adopt(struct rte_mempool *mp);

/* ppool_registry.c */
int ppool_registry_open(void);
void ppool_registry_lock(void);
void ppool_registry_unlock(void);
void ppool_registry_add(struct rte_ppool *pool);
bool ppool_registry_is_live(const struct rte_ppool *pool);
void ppool_registry_bury(struct rte_ppool *pool);
void ppool_registry_remove(struct rte_ppool *pool);
struct rte_ppool *ppool_registry_orphan(void);
bool ppool_callback_is_here(const struct rte_ppool *pool);

/* ppool_chunk.c */
int ppool_grow(struct rte_ppool *pool, uint32_t pages);
void ppool_chunks_free(struct rte_ppool *pool);

/* ppool_owner.c */
struct rte_ppool_owner *ppool_owner_open(struct rte_ppool *pool, const char *name,
		bool internal);

/* ppool_alloc.c */
uint32_t ppool_owner_reserve(struct rte_ppool_owner *o, uint32_t n);
void ppool_owner_unreserve(struct rte_ppool_owner *o);
uint32_t ppool_owner_issue(struct rte_ppool_owner *o, struct rte_mbuf **mbufs, uint32_t n);
uint32_t ppool_owner_rest(const struct rte_ppool_owner *o);
bool ppool_owner_idle(const struct rte_ppool_owner *o);
void ppool_owner_tidy(struct rte_ppool_owner *o);
void ppool_page_retire(struct rte_ppool_owner *o);
uint32_t ppool_owner_exact(struct rte_ppool_owner *o, uint32_t k, struct rte_ppool_run *run);

/* ppool_reuse.c */
struct ppool_page *ppool_reuse(struct rte_ppool_owner *o, uint32_t pages, uint32_t least,
		uint32_t neighbours);
void ppool_page_release(struct rte_ppool *pool, struct ppool_page *page, uint32_t word,
		uint64_t unspent, uint32_t later);
uint64_t ppool_take_next(const struct rte_ppool *pool, struct ppool_page *page, uint32_t *word);
uint32_t ppool_take_left(const struct rte_ppool *pool, const struct ppool_page *page,
		uint32_t word);
uint64_t ppool_frags_back(const struct rte_ppool *pool);
void ppool_free_push_chain(struct rte_ppool *pool, struct ppool_page *first);
void ppool_free_push(struct rte_ppool *pool, struct ppool_page *first, struct ppool_page *last,
		uint32_t n);

/* ppool_put.c */
void ppool_page_home(struct ppool_page *page);
void ppool_over_put(struct rte_ppool *pool, const struct ppool_page *page, uint32_t first,
		uint64_t bits);
void ppool_shinfo_free(void *addr, void *opaque);

/* ppool_run.c */
bool ppool_run_mbuf(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		const struct rte_mbuf *m, uint32_t *held);
unsigned int ppool_runs_take(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n, const struct ppool_page *page, uint32_t frag, uint64_t *bits);

/* ppool_inline.c */
uint32_t ppool_inline_locate(const struct rte_ppool *pool, struct ppool_chunk **c,
		const void *obj);

void ppool_inline_layout(struct rte_ppool *pool, struct rte_mempool *mp);
uint32_t ppool_inline_add(struct rte_ppool *pool, void *first, rte_iova_t iova, uint32_t n);
void ppool_inline_free(struct rte_ppool *pool);

/* ppool_mempool.c */
bool ppool_second_copy(void);
int ppool_not_ours(const struct rte_mempool *mp);
struct rte_mempool *ppool_mempool_create(struct rte_ppool *pool);

/* ppool_ops.c */
extern const struct rte_mempool_ops ppool_ops;
void ppool_mempool_uncache(struct rte_ppool *pool);
struct rte_mempool *ppool_inline_mempool_create(struct rte_ppool *pool, uint32_t n);

/* ppool_slot.c */
int ppool_slots_get(struct rte_ppool *pool, void **objs, unsigned int n);
void *ppool_slots_last(struct rte_ppool *pool);
unsigned int ppool_slots_count(const struct rte_ppool *pool);
void ppool_slots_close(struct rte_ppool *pool);

/* ppool_info.c */
uint64_t ppool_in_flight(const struct rte_ppool *pool);
bool ppool_report_held(struct rte_ppool *pool);

#endif /* PPOOL_PRIVATE_H */
