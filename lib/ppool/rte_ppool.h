/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * RTE page pool
 *
 * A page pool cuts hugepage memory into *pages* and each page into *fragments*, each one
 * Rx buffer with an mbuf of its own. The IOVA of a page is found once, when its memory is
 * taken from the heap. A page is recycled as a whole when the last of its fragments has
 * come back: handing out a fragment costs no atomic operation, and giving back a run of
 * fragments of one page costs one.
 *
 * Memory is handed out by *owners* (allocation contexts): one for each Rx queue of a
 * driver that knows this library, and one for each lcore that allocates through the
 * mempool API. An owner is used by one thread at a time; giving back is allowed to any
 * thread, EAL or not.
 *
 * What it is not: a replacement of rte_malloc (all fragments of a pool have one size), nor
 * a cache in front of a mempool (mempools that it makes have cache_size 0).
 *
 * Programs that do not know this library use it by the mempool ops "ppool": EAL options
 * -d librte_ppool.so --mbuf-pool-ops-name=ppool, or rte_mempool_set_ops_byname(). Such a mempool
 * keeps all that rte_mempool promises, for objects of any size and memory of any kind: a get
 * succeeds while there is something to be had, in whatever pages and caches of lcores it lies.
 * It is an INLINE pool of the mempool's name. With the mempool's own cache a second put of an
 * object is seen when the object leaves that cache. rte_mempool_free() cannot wait for objects
 * that are out; the log says who has them.
 *
 * The protocol of the page state and its memory orderings are written down in
 * doc/guides/prog_guide/ppool.rst, under the labels (A0, R0, ...) used in the code.
 */

#ifndef RTE_PPOOL_H
#define RTE_PPOOL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_compat.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "rte_ppool_mem.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest name of a pool, with its terminating zero. */
#define RTE_PPOOL_NAMESIZE 26

/** Smallest page, in bytes; a page is a power of two. */
#define RTE_PPOOL_PAGE_MIN 4096u
/** Largest page, in bytes. */
#define RTE_PPOOL_PAGE_MAX (2u << 20)
/** Page size where the caller does not say. */
#define RTE_PPOOL_PAGE_DEFAULT 65536u
/** Fragment size where the caller does not say. */
#define RTE_PPOOL_FRAG_DEFAULT 2048u
/** Smallest chunk, in bytes: memory is taken and given back by chunks. */
#define RTE_PPOOL_CHUNK_MIN (2u << 20)
/** Largest chunk, in bytes. */
#define RTE_PPOOL_CHUNK_MAX (1u << 30)
/** Largest number of fragments that a pool can have. */
#define RTE_PPOOL_FRAGS_MAX (1u << 26)

/** Where the mbuf headers of the fragments stand. */
enum rte_ppool_layout {
	/** The header stands in front of its data, inside the fragment: plain (direct) mbufs,
	 * that may be used for anything.
	 */
	RTE_PPOOL_LAYOUT_INLINE = 0,
	/** The headers of a page stand side by side, outside the page; the mbufs are
	 * EXTERNAL (ol_flags, "pinned external buffer"). Such an mbuf may be the source
	 * of clone, attach and copy, never the destination.
	 */
	RTE_PPOOL_LAYOUT_COMPACT = 1,
};

/** How a pool is made. Zero in a field means: its default. */
struct rte_ppool_params {
	/** Bytes of a page, a power of two, RTE_PPOOL_PAGE_MIN ... RTE_PPOOL_PAGE_MAX. */
	uint32_t page_size;
	/** Bytes of a fragment, headroom included: a multiple of RTE_CACHE_LINE_SIZE,
	 * larger than RTE_PKTMBUF_HEADROOM, at most the page and at most 65536 (of which an
	 * mbuf can use 65535).
	 */
	uint32_t frag_size;
	/** Pages whose memory is taken at creation; the pool never has fewer. INLINE pools do not
	 * grow: it is raised to max_pages.
	 */
	uint32_t min_pages;
	/** Pages that the pool may grow to. Must not be 0. An INLINE pool has as many mbufs as so
	 * many pages have fragments; how many there are to a page is its own affair, see
	 * rte_ppool_info_get(). frag_size is its data room, by default RTE_MBUF_DEFAULT_BUF_SIZE.
	 */
	uint32_t max_pages;
	/** NUMA node of the memory, or SOCKET_ID_ANY. */
	int socket_id;
	/** Bytes of application data between mbuf and buffer, a multiple of
	 * RTE_MBUF_PRIV_ALIGN, at most 1024.
	 */
	uint16_t priv_size;
	/** Where the mbuf headers stand. */
	enum rte_ppool_layout layout;
	/** Pages that an owner keeps for itself when they come back (default 16, at most
	 * 4096).
	 */
	uint32_t cache_pages;
	/** COMPACT only. Bytes by which memory is taken and given back, headers included: a power
	 * of two, RTE_PPOOL_CHUNK_MIN ... RTE_PPOOL_CHUNK_MAX, at least two pages. A multiple of
	 * the hugepage size, or memory will not go back to the system; larger chunks waste
	 * less. Default: 2M, or 8 pages, or what the provider says.
	 */
	uint32_t chunk_size;
	/** COMPACT only. Where the memory comes from; NULL: the EAL's heap. */
	const struct rte_ppool_mem_ops *mem_ops;
	/** Handed on to the functions of mem_ops. */
	void *mem_ctx;
};

struct rte_ppool;
struct rte_ppool_owner;

/** Neighbouring fragments of one page. Address, IOVA and mbuf of fragment i are those of the
 * first, plus i strides.
 */
struct rte_ppool_run {
	struct rte_mbuf *mbuf; /**< mbuf of the first fragment */
	void *addr;            /**< address of the first fragment: where its headroom starts */
	rte_iova_t iova;       /**< IOVA of @ref addr */
	uint32_t n;            /**< number of fragments; 0: none could be had */
};

/** The page where an mbuf was found last, so that its neighbours need not be looked up: see
 * rte_ppool_run_bind_at(). All zero at first, or at any time; one thread at a time. Its fields are the
 * library's.
 */
struct rte_ppool_spot {
	uint64_t generation; /**< of the pool; 0: nothing is remembered */
	uintptr_t mbufs;     /**< first mbuf of the page */
	uint32_t bytes;      /**< of all its mbufs */
	uint16_t most;       /**< longest usual run */
	uint16_t end;        /**< fragment that it ends before */
	uintptr_t addr;      /**< of the page */
	uint64_t iova_off;   /**< from its address to its IOVA */
	void *state;         /**< state of the page */
	void *klen;          /**< what its mbufs hold */
	const void *shinfo;  /**< shared info of its first fragment */
	const void *page;    /**< the page */
};

/** Statistics. Names as the kernel's page_pool has them. Counted in pages, but for
 * alloc_fail, put_late and the bad puts.
 */
struct rte_ppool_stats {
	uint64_t alloc_fast;    /**< page taken from the owner's cache */
	uint64_t alloc_slow;    /**< page taken from the pool's free list, new memory, or,
				  * when there is none, the cache of another owner */
	uint64_t alloc_empty;   /**< the cache was empty, the slow path had to be asked */
	uint64_t alloc_refill;  /**< cache refilled from the owner's ring */
	uint64_t alloc_reuse;   /**< partly free page taken for the fragments that are back */
	uint64_t alloc_waive;   /**< new page that lies on another NUMA node than asked for */
	uint64_t alloc_fail;    /**< fragments asked for that could not be had */
	uint64_t recycle_cached;     /**< page went back to the cache of its owner */
	uint64_t recycle_cache_full; /**< cache was full: page went on to the free list */
	uint64_t recycle_ring;       /**< page came back through the ring (other thread) */
	uint64_t recycle_ring_full;  /**< ring was full: page went on to the free list */
	uint64_t recycle_released;   /**< page went to the free list: its owner was closed */
	uint64_t pages_grown;    /**< pages whose memory was taken from the heap or provider */
	uint64_t pages_released; /**< pages whose memory was given back */
	uint64_t put_late;      /**< fragments given back since destroy, while the pool waits */
	uint64_t bad_over_put;  /**< fragment given back that was not out: refused */
	uint64_t bad_mbuf;      /**< mbuf that had been misused as the destination of a clone */
	uint64_t bad_foreign;   /**< pointer given back that is no mbuf of the pool: refused */
	uint64_t bad_process;   /**< lookup or allocation by a process that cannot use the pool:
				  * refused, see rte_ppool_lookup() */
};

/** State of a pool. */
struct rte_ppool_info {
	char name[RTE_PPOOL_NAMESIZE]; /**< name of the pool */
	enum rte_ppool_layout layout; /**< where the mbuf headers stand */
	uint32_t page_size;       /**< bytes of a page */
	uint32_t frag_size;       /**< bytes from one fragment of a page to the next */
	uint32_t frags_per_page;  /**< fragments of a page; the last page of a piece of an
				    * INLINE pool's memory may have fewer
				    */
	uint32_t mbuf_stride;     /**< bytes from one mbuf to its neighbour's */
	uint16_t priv_size;       /**< bytes of application data between mbuf and buffer */
	uint16_t data_room;       /**< buf_len of a fragment, headroom included */
	int socket_id;            /**< NUMA node asked for, or SOCKET_ID_ANY */
	uint32_t min_pages;       /**< pages that are never given back */
	uint32_t max_pages;       /**< pages that the pool may grow to */
	uint32_t nb_pages;        /**< pages that have memory now */
	uint32_t nb_owners;       /**< owners that are open now */
	uint64_t memory_bytes;    /**< hugepage memory held, for pages and headers */
	uint64_t pages_in_flight; /**< pages with at least one fragment out */
	bool closing;             /**< destroy was called, and waits for pages in flight */
};

/**
 * Create a page pool.
 *
 * Not to be called from a datapath. Thread-safe.
 *
 * @param name
 *   Name, unique among all pools, 1 to RTE_PPOOL_NAMESIZE - 1 characters.
 * @param params
 *   How the pool is made.
 * @return
 *   The pool, or NULL with rte_errno set:
 *   - EINVAL: a parameter is out of its range (the log says which)
 *   - EEXIST: a pool, or a mempool, of this name exists
 *   - ENOMEM: not enough hugepage memory on that node
 *   - another: an error of the memory provider; EFAULT: its memory cannot be used
 *   - ENAMETOOLONG: name too long
 *   - ELIBACC: a second copy of this library is loaded, and this is not the first
 *   - E_RTE_SECONDARY: called in a secondary process
 */
__rte_experimental
struct rte_ppool *rte_ppool_create(const char *name, const struct rte_ppool_params *params);

/**
 * Destroy a page pool, or begin to.
 *
 * All owners must have been closed. While fragments are still held by somebody nothing is
 * freed: the log says how many pages are held and since when, and the pool is freed by the
 * put that brings the last fragment home. From the call on no fragment is handed out, the
 * name is free for another pool, and @p pool may only be used to put fragments.
 *
 * Thread-safe against puts; not against allocation. The last put takes locks of the EAL's:
 * it must not be made from inside rte_mempool_walk() and its like.
 *
 * @param pool
 *   The pool; NULL does nothing.
 * @return
 *   - 0: the pool is gone
 *   - -EINPROGRESS: fragments are out, the pool will go with the last of them
 *   - -EBUSY: an owner is still open; nothing was done
 *   - -EALREADY: destroy was called before
 *   - -E_RTE_SECONDARY: called in a secondary process
 */
__rte_experimental
int rte_ppool_destroy(struct rte_ppool *pool);

/**
 * Find a pool by name. Thread-safe.
 *
 * A secondary process finds the pools of the primary, too, and may allocate from INLINE ones and
 * give back to them. It must have loaded this library before (-d, or linked). Mempools
 * name their ops by an index that each process counts for itself: where the index of the pool's
 * mempool stands for other ops in this process, the pool is refused, and the log says so. The
 * remedy is to load the same libraries in the same order. COMPACT pools are refused unless this
 * library stands at the same address in both processes: whoever frees the last clone of such an
 * mbuf calls a function of the process that made the pool. What it was handed by the primary a
 * secondary may give back: mbufs of COMPACT pools that are no clones and have none.
 *
 * O(pools).
 *
 * @param name
 *   The name; NULL is nobody's.
 * @return
 *   The pool, or NULL with rte_errno
 *   - ENOENT: there is none of this name
 *   - ENOTSUP: this process cannot use it (counted in its bad_process)
 */
__rte_experimental
struct rte_ppool *rte_ppool_lookup(const char *name);

/**
 * Create a page pool as a mempool of mbufs, like rte_pktmbuf_pool_create().
 *
 * The mempool works with all of the mbuf API (but see RTE_PPOOL_LAYOUT_COMPACT), with
 * cache_size 0. It is the same pool as rte_ppool_lookup(@p name) and
 * rte_ppool_from_mempool() give. It is destroyed by rte_ppool_destroy(); rte_mempool_free()
 * works too, but cannot wait, and must only be called when no mbuf is out.
 * COMPACT: rte_mempool_obj_iter(), rte_mempool_from_obj() and rte_mempool_virt2iova() do not work
 * on it: use rte_ppool_obj_iter(), mbuf->pool and rte_mbuf_iova_get(). INLINE: it is a mempool
 * with ops "ppool", on which everything works.
 *
 * @param name
 *   As in rte_ppool_create().
 * @param n
 *   Number of mbufs; rounded up to whole pages.
 * @param priv_size
 *   As in struct rte_ppool_params.
 * @param data_room_size
 *   Bytes of a buffer, headroom included, up to 65535; 0 for RTE_PPOOL_FRAG_DEFAULT (COMPACT)
 *   or RTE_MBUF_DEFAULT_BUF_SIZE (INLINE). Rounded up to the cache line.
 * @param socket_id
 *   NUMA node, or SOCKET_ID_ANY.
 * @param layout
 *   Where the mbuf headers stand.
 * @return
 *   The mempool, or NULL with rte_errno set as by rte_ppool_create().
 */
__rte_experimental
struct rte_mempool *rte_ppool_pktmbuf_pool_create(const char *name, unsigned int n,
		uint16_t priv_size, uint16_t data_room_size, int socket_id,
		enum rte_ppool_layout layout);

/**
 * The pool behind a mempool. Thread-safe, O(1).
 *
 * @param mp
 *   Any mempool, or NULL.
 * @return
 *   The pool, or NULL if the mempool is none of this library.
 */
__rte_experimental
struct rte_ppool *rte_ppool_from_mempool(const struct rte_mempool *mp);

/**
 * The mempool by which mbufs of the pool go back (mbuf->pool). Thread-safe, O(1).
 *
 * @param pool
 *   The pool.
 * @return
 *   The mempool, never NULL.
 */
__rte_experimental
struct rte_mempool *rte_ppool_to_mempool(const struct rte_ppool *pool);

/**
 * Open an owner: an allocation context of one thread at a time.
 *
 * Not to be called from a datapath. Thread-safe.
 *
 * @param pool
 *   The pool.
 * @param name
 *   For reports, e.g. "port 0 rxq 3"; cut at 31 characters.
 * @return
 *   The owner, or NULL with rte_errno ENOMEM, EBUSY if the pool is being destroyed, or ENOTSUP
 *   if its objects are no mbufs with their data behind them (mempools with ops "ppool").
 */
__rte_experimental
struct rte_ppool_owner *rte_ppool_owner_open(struct rte_ppool *pool, const char *name);

/**
 * Close an owner: its open page is retired, its cache and ring go to the pool's free list.
 * Fragments that are still out come home to the free list.
 *
 * No other thread may allocate from the owner during the call or after it. Thread-safe
 * against puts.
 *
 * @param owner
 *   The owner; NULL does nothing.
 */
__rte_experimental
void rte_ppool_owner_close(struct rte_ppool_owner *owner);

/**
 * Open an owner whose device writes packets across neighbouring fragments (linear receive).
 * It is given whole pages only, without their last fragments, which it hands out from the first to
 * the last that it has, and others use a fragment of them again only when its predecessor is back,
 * too: a packet that fills its last buffer reaches into the headroom of the fragment behind it, see
 * rte_ppool_run_bind(). Thread safety as rte_ppool_owner_open().
 *
 * @param pool
 *   The pool.
 * @param name
 *   As in rte_ppool_owner_open().
 * @param leave
 *   Fragments at the end of each page that are not handed out: 1, or so many more that what is left
 *   is a multiple of what most packets take, and none of these lies across two pages.
 * @return
 *   As rte_ppool_owner_open(); rte_errno ENOTSUP if the layout is not COMPACT, or pages have
 *   one fragment only; EINVAL if @p leave is 0, or all of a page.
 */
__rte_experimental
struct rte_ppool_owner *rte_ppool_owner_open_linear(struct rte_ppool *pool, const char *name,
		uint32_t leave);

/**
 * Hand out neighbouring fragments of the owner's open page, at most @p max, at most 64 of a
 * page that has more. How many is up to the page: partly free pages are used again when the
 * pool is at its limit, or much of its memory would lie idle.
 *
 * Their mbufs were not touched: refcnt is 1, nb_segs 1, next NULL, buf_addr, buf_iova and buf_len
 * are those of the fragment. In ol_flags RTE_MBUF_F_EXTERNAL is set and RTE_MBUF_F_INDIRECT is
 * not (COMPACT); its other bits, data_off, and what describes a packet, are as the last user left
 * them: whoever receives into them sets these anyway, ol_flags with RTE_MBUF_F_EXTERNAL.
 *
 * One thread at a time for each owner. O(1); a page is fetched when the open one is used
 * up, which may take memory from the heap if the pool may grow.
 *
 * @param owner
 *   The owner.
 * @param max
 *   Most fragments wanted, at least 1.
 * @param run
 *   Filled in.
 * @return
 *   run->n; 0 if the pool is exhausted.
 */
__rte_experimental
uint32_t rte_ppool_run_alloc(struct rte_ppool_owner *owner, uint32_t max,
		struct rte_ppool_run *run);

/**
 * Hand out @p n fragments as mbufs, all or none, ready for use: no flags but
 * RTE_MBUF_F_EXTERNAL (COMPACT), data_off RTE_PKTMBUF_HEADROOM. Thread safety as
 * rte_ppool_run_alloc(). O(n); in a pool at its limit pages are searched for free fragments.
 *
 * @param owner
 *   The owner.
 * @param mbufs
 *   Filled in, if the call succeeds.
 * @param n
 *   Number of mbufs, at least 1.
 * @return
 *   0, or -ENOENT if there are not so many (nothing was handed out), or -EINVAL for n = 0.
 */
__rte_experimental
int rte_ppool_mbuf_alloc_bulk(struct rte_ppool_owner *owner, struct rte_mbuf **mbufs,
		unsigned int n);

/**
 * Give back @p n fragments: the raw end of rte_pktmbuf_free(). The caller holds the only
 * reference of each, and next is NULL and nb_segs 1 (as rte_mbuf_raw_free() wants it).
 * Fragments of one page that stand next to each other in the array cost one atomic
 * operation. Any thread.
 *
 * A fragment that is not out is refused and counted (bad_over_put), a pointer that is no
 * mbuf of the pool likewise (bad_foreign): both are named in the log, at a limited rate.
 *
 * @param pool
 *   The pool of all of them.
 * @param mbufs
 *   The mbufs of the fragments.
 * @param n
 *   Number of mbufs.
 * @return
 *   Number of fragments taken back.
 */
__rte_experimental
unsigned int rte_ppool_put_bulk(struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n);

/**
 * Give back fragments without a look at their mbufs: for drivers that know them to be as
 * rte_ppool_run_alloc() promises them (refcnt and the count of the shared info 1, nb_segs 1, next
 * NULL, buf_addr, buf_iova and buf_len of the fragment, EXTERNAL and not INDIRECT), for example
 * since a check when the packet was queued. No mbuf's memory is read or written. An mbuf bound to
 * a run must not be among them. For INLINE pools the same as rte_ppool_put_bulk(). Otherwise as
 * rte_ppool_put_bulk().
 *
 * @param pool
 *   The pool of all of them.
 * @param mbufs
 *   The mbufs of the fragments.
 * @param n
 *   Number of mbufs.
 * @return
 *   Number of fragments taken back.
 */
__rte_experimental
unsigned int rte_ppool_frag_put_bulk(struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n);

/** Fragments of one page that one user holds alone: see rte_ppool_span_collect(). */
struct rte_ppool_span {
	void *page;       /**< the page; the library's own */
	uint64_t frags;   /**< bit i: fragment 64 * word + i */
	uint32_t word;    /**< which 64 fragments of the page */
	uint32_t runs;    /**< some of the mbufs hold more than their own fragment */
};

/**
 * Take over mbufs that are to be given back later, as spans. For drivers, when packets are queued
 * and their headers are in the cache: who holds the only reference keeps it until he gives it
 * away, so that what is found out here still holds when the packet is sent. Then
 * rte_ppool_span_put_bulk() gives the fragments back without a look at an mbuf or its address.
 *
 * The first mbufs are taken that are of the pool, of one segment, with no other reference to mbuf
 * or buffer, and bound to their own fragment, or to a run (of which none but it is given back until
 * then, see rte_ppool_run_trim()); it ends before the first that is not. Fragments
 * of one page that follow each other become one span: packets forwarded in the order in which they
 * were received make one or two spans a burst of 32. Only the first cache line of each mbuf is
 * read, and, of COMPACT pools, a table of the counts of shared buffers. The mbufs are not
 * written; until the spans are given back, the caller may free the mbufs instead.
 *
 * Thread-safe; the caller holds the mbufs. O(n).
 *
 * @param pool
 *   The pool.
 * @param mbufs
 *   Packets, of whatever pool.
 * @param n
 *   Number of them.
 * @param spans
 *   Where the spans stand. The last one there is continued, if its page is the same.
 * @param nb_spans
 *   Number of spans there; added to.
 * @param max_spans
 *   Most spans there can be, at least *nb_spans.
 * @return
 *   How many of the first mbufs were taken. The next one is none of this kind, to be freed by
 *   rte_pktmbuf_free_seg() and its like, or there is no room for another span.
 */
__rte_experimental
unsigned int rte_ppool_span_collect(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs,
		unsigned int n, struct rte_ppool_span *spans, unsigned int *nb_spans,
		unsigned int max_spans);

/**
 * Give back the fragments of spans. Of each span that was collected, this, or a put of its mbufs,
 * is done once: a second time is refused and counted, as by rte_ppool_put_bulk(). Thread-safe,
 * for any thread. One atomic operation a span. An mbuf that held a run is bound to its own fragment
 * again.
 *
 * @param pool
 *   The pool of all of them.
 * @param spans
 *   As rte_ppool_span_collect() filled them in.
 * @param n
 *   Number of spans.
 * @return
 *   Number of fragments taken back.
 */
__rte_experimental
unsigned int rte_ppool_span_put_bulk(struct rte_ppool *pool, const struct rte_ppool_span *spans,
		unsigned int n);

/**
 * Hand out memory of any size up to a page: neighbouring fragments, as many as are needed for
 * it. COMPACT only. Address and IOVA are run->addr and run->iova; their mbufs need not be used.
 * They go back by rte_ppool_run_free(), or one by one.
 *
 * One thread at a time for each owner. O(1), but for pools at their limit, whose pages are
 * searched for free neighbours.
 *
 * @param owner
 *   The owner.
 * @param size
 *   Bytes, 1 to the page size (of linear owners: one fragment less).
 * @param run
 *   Filled in.
 * @return
 *   run->n: number of fragments; 0 if there is no such memory, or @p size is out of range.
 */
__rte_experimental
uint32_t rte_ppool_frag_alloc(struct rte_ppool_owner *owner, uint32_t size,
		struct rte_ppool_run *run);

/**
 * Give back a run, or a part of one: the run->n fragments from run->mbuf on. None of their mbufs
 * may be in use, or bound to a run. Any thread. O(n) of 64 fragments a step. Misuse as in
 * rte_ppool_put_bulk().
 *
 * @param pool
 *   The pool.
 * @param run
 *   run->mbuf and run->n are looked at; n = 0 does nothing.
 * @return
 *   Number of fragments taken back.
 */
__rte_experimental
unsigned int rte_ppool_run_free(struct rte_ppool *pool, const struct rte_ppool_run *run);

/**
 * Hand out an mbuf with a linear buffer of at least @p size bytes, headroom included: it holds
 * as many neighbouring fragments as are needed, and gives all of them back when it is freed.
 * COMPACT only. Thread safety and complexity as rte_ppool_frag_alloc().
 *
 * @param owner
 *   The owner.
 * @param size
 *   Bytes, 1 to 65535, and not more than a page.
 * @return
 *   The mbuf, or NULL with rte_errno EINVAL (@p size out of range, layout) or ENOENT (no memory).
 */
__rte_experimental
struct rte_mbuf *rte_ppool_mbuf_alloc_linear(struct rte_ppool_owner *owner, uint32_t size);

/**
 * Bind an mbuf to the run of @p k neighbouring fragments that begins with its own: a packet that
 * a device wrote across them becomes one segment. The caller holds all @p k fragments; from now
 * on @p m alone does. The device wrote from RTE_PKTMBUF_HEADROOM bytes into the first fragment
 * on, and may have spilled up to as many bytes into the one behind the last; that one's own mbuf
 * must be bound with a @p cut of so much, so that its user cannot overwrite them by prepending.
 *
 * Sets buf_addr, buf_iova, buf_len and data_off. To be called before anybody else sees @p m.
 * Any number of clones of it may be made; the last of them gives back the whole run. O(1).
 *
 * @param m
 *   An mbuf of a COMPACT pool, as it was handed out.
 * @param k
 *   Fragments, 1 and up, so that the buffer has at most 65535 bytes.
 * @param cut
 *   Bytes of the headroom that belong to the predecessor's packet, 0 to RTE_PKTMBUF_HEADROOM.
 * @param spill
 *   Bytes of the successor's headroom that belong to this packet, 0 to RTE_PKTMBUF_HEADROOM.
 * @return
 *   0, or -EINVAL (nothing is changed): out of range, or a fragment of the run is not out.
 */
__rte_experimental
int rte_ppool_run_bind(struct rte_mbuf *m, uint32_t k, uint32_t cut, uint32_t spill);

/**
 * rte_ppool_run_bind() for drivers, which bind one mbuf after the other of few pages: where the last
 * one was is remembered, and its neighbours cost a fraction of the look-up. A spot is good for any
 * mbuf at any time, also if the memory of its page is gone by now; it only helps if it is the right
 * page.
 *
 * Who has a spot uses it in one thread at a time. O(1).
 *
 * @param pool
 *   The pool that @p m is taken for.
 * @param spot
 *   What is remembered; zeroed before its first use.
 * @param m
 *   An mbuf of a COMPACT pool, as it was handed out. Only its address is looked at.
 * @param k
 *   As in rte_ppool_run_bind().
 * @param cut
 *   As in rte_ppool_run_bind().
 * @param spill
 *   As in rte_ppool_run_bind().
 * @return
 *   0, or -EINVAL (nothing is changed): as rte_ppool_run_bind(), or @p m is no mbuf of @p pool.
 */
__rte_experimental
int rte_ppool_run_bind_at(struct rte_ppool *pool, struct rte_ppool_spot *spot, struct rte_mbuf *m,
		uint32_t k, uint32_t cut, uint32_t spill);

/**
 * rte_ppool_run_bind_at() for several packets without cut and spill, that lie one behind the other: as
 * long as each mbuf is that of the fragment behind the run before, in the same page. Of the mbufs,
 * buf_len is set; buf_addr and buf_iova are as they were handed out, and data_off is the caller's.
 * Runs that end with the page are left to rte_ppool_run_bind_at(). O(n); thread safety as
 * rte_ppool_run_bind_at().
 *
 * @param pool
 *   The pool that the mbufs are taken for.
 * @param spot
 *   As in rte_ppool_run_bind_at().
 * @param mbufs
 *   Mbufs of a COMPACT pool, as they were handed out.
 * @param k
 *   Fragments of each.
 * @param n
 *   Number of mbufs, at least 1.
 * @return
 *   How many of the first were bound. The next one is of another page, or must be bound by itself, or
 *   cannot be: rte_ppool_run_bind_at() says.
 */
__rte_experimental
unsigned int rte_ppool_run_bind_bulk(struct rte_ppool *pool, struct rte_ppool_spot *spot,
		struct rte_mbuf *const *mbufs, const uint16_t *k, unsigned int n);

/**
 * rte_ppool_run_bind_bulk() will be asked for this mbuf, and others of its page: fetch what it reads.
 * Nothing is waited for. Thread-safe. O(1).
 *
 * @param pool
 *   The pool.
 * @param m
 *   Any pointer. The mbuf's memory is not looked at.
 */
__rte_experimental
void rte_ppool_run_ahead(const struct rte_ppool *pool, const struct rte_mbuf *m);

/**
 * Give back the fragments at the end of an mbuf's run that hold no data any more, after
 * rte_pktmbuf_trim() or a change of data_len; rte_pktmbuf_trim() itself gives back none. The
 * tailroom shrinks accordingly. Any thread that has @p m for itself. O(k).
 *
 * @param m
 *   The mbuf.
 * @return
 *   Fragments given back: 0 if there are none, if @p m holds no run, or is shared with clones.
 */
__rte_experimental
uint32_t rte_ppool_run_trim(struct rte_mbuf *m);

/**
 * The pieces of an mbuf of the pool: which page, which fragment of it. For reports and
 * tests. Thread-safe, O(1). The mbuf's memory is not looked at.
 *
 * @param pool
 *   The pool.
 * @param m
 *   Any pointer.
 * @param page
 *   Number of the page in the pool; may be NULL.
 * @param frag
 *   Number of the fragment in the page; may be NULL.
 * @return
 *   0, or -EINVAL if @p m is no mbuf of the pool.
 */
__rte_experimental
int rte_ppool_mbuf_where(const struct rte_ppool *pool, const struct rte_mbuf *m,
		uint32_t *page, uint32_t *frag);

/**
 * Call @p cb for each mbuf of the pool that has memory, in or out.
 * Not thread-safe against growth of the pool and rte_ppool_maintain(), as rte_mempool_obj_iter() is
 * not against rte_mempool_populate_default(): for start-up, and for tests. O(number of mbufs).
 *
 * @param pool
 *   The pool; NULL has none.
 * @param cb
 *   Called with the mempool, @p arg, the mbuf, and its number among those visited. It may write to
 *   mbufs that are not out, but not to their data.
 * @param arg
 *   For @p cb.
 * @return
 *   Number of mbufs visited.
 */
__rte_experimental
uint32_t rte_ppool_obj_iter(struct rte_ppool *pool, rte_mempool_obj_cb_t *cb, void *arg);

/**
 * State of the pool. Figures of several fields may be of slightly different moments.
 * Thread-safe. O(owners and chunks); takes locks.
 *
 * @param pool
 *   The pool. One that destroy has left waiting may be asked by who holds a fragment of it.
 * @param info
 *   Filled in.
 * @return
 *   0, or -EINVAL if one of them is NULL.
 */
__rte_experimental
int rte_ppool_info_get(const struct rte_ppool *pool, struct rte_ppool_info *info);

/**
 * Statistics of the pool: the sum over its owners, closed ones included. They are always counted.
 * Thread-safe. O(owners); takes a lock. Of a pool that destroy has left waiting: O(pages).
 *
 * @param pool
 *   The pool. One that destroy has left waiting may be asked by who holds a fragment of it.
 * @param stats
 *   Filled in.
 * @return
 *   0, or -EINVAL if one of them is NULL.
 */
__rte_experimental
int rte_ppool_stats_get(const struct rte_ppool *pool, struct rte_ppool_stats *stats);

/**
 * Set the statistics to zero. Thread-safe; a count that is made at the same time may be
 * lost or stay. O(owners).
 *
 * @param pool
 *   The pool.
 * @return
 *   0, or -EINVAL if it is NULL.
 */
__rte_experimental
int rte_ppool_stats_reset(struct rte_ppool *pool);

/**
 * Fragments that could be handed out now without growing, by all owners together.
 * A moment's figure. Thread-safe. O(pages): not for a datapath.
 *
 * @param pool
 *   The pool; NULL has none.
 * @return
 *   Number of fragments. Of pages of linear owners only those are counted whose predecessor is
 *   back, too, so that it may be fewer than there are.
 */
__rte_experimental
uint64_t rte_ppool_avail_count(const struct rte_ppool *pool);

/**
 * Let memory that is not needed go. To be called now and then, say every 10 ms to 100 ms, by a
 * thread that has time: a control thread, or one that is idle.
 *
 * Owners that have opened no page for 100 ms give what they keep to the pool: pages that came back to
 * them and, with owners of the mempool API, the rest of their open page. Chunks of a COMPACT
 * pool that have been entirely free for 100 ms go back to where they came from, but for min_pages,
 * and for as many pages, and an eighth more, as were in use lately: the largest number seen
 * counts, and is forgotten within about a second. Memory goes one call, and 10 ms, after it has left
 * the pool; if the pool grows meanwhile, it is used again.
 *
 * After that an mbuf that is not out is not there at all: a put of it that comes late is refused
 * as foreign, and whoever reads or writes it, rte_pktmbuf_free() for one, may hit memory that is
 * not mapped.
 *
 * Thread-safe, also against puts, allocation and growth, but not against rte_ppool_destroy(). Not to
 * be called from a datapath: takes locks, asks the system, and looks at all owners. In a secondary
 * process it does nothing.
 *
 * @param pool
 *   The pool; NULL does nothing.
 * @return
 *   Number of pages whose memory was given back by this call.
 */
__rte_experimental
uint32_t rte_ppool_maintain(struct rte_ppool *pool);

/**
 * Pages in flight: handed out, and not yet back. Thread-safe. O(owners); takes locks.
 *
 * @param pool
 *   The pool; NULL has none.
 * @return
 *   Number of pages, 0 when all is at home. An open page of which nothing is out does not count.
 */
__rte_experimental
uint64_t rte_ppool_in_flight(const struct rte_ppool *pool);

/**
 * Print state, pages, owners and statistics of the pool. Thread-safe. O(pages).
 *
 * @param f
 *   Where to.
 * @param pool
 *   The pool; NULL prints nothing.
 */
__rte_experimental
void rte_ppool_dump(FILE *f, const struct rte_ppool *pool);

/**
 * Call @p cb for each pool. Pools can neither be made nor destroyed inside @p cb.
 * Pools being destroyed are not among them. Thread-safe: no pool goes during the walk.
 *
 * @param cb
 *   Called with the pool and @p arg.
 * @param arg
 *   For @p cb.
 */
__rte_experimental
void rte_ppool_walk(void (*cb)(struct rte_ppool *pool, void *arg), void *arg);

/**
 * A driver says that queues of a port receive natively into COMPACT fragments, that is,
 * that it sets ol_flags to EXTERNAL in every mbuf it fills. For drivers, at Rx queue
 * set-up. Thread-safe.
 *
 * @param port_id
 *   The port.
 * @param native
 *   Whether it does.
 * @return
 *   0, or -EINVAL if there can be no such port.
 */
__rte_experimental
int rte_ppool_port_native_set(uint16_t port_id, bool native);

/**
 * Has the driver of the port said that it receives natively? Applications ask this after
 * Rx queue set-up, and refuse COMPACT where the answer is no. Thread-safe.
 *
 * @param port_id
 *   The port.
 * @return
 *   Whether it has.
 */
__rte_experimental
bool rte_ppool_port_native_get(uint16_t port_id);

#ifdef __cplusplus
}
#endif

#endif /* RTE_PPOOL_H */
