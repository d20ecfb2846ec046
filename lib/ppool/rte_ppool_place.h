/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * RTE page pool: what an mbuf of a COMPACT pool looks like as long as nobody has touched it
 *
 * For drivers whose transmit function reads the headers of packets by vectors anyway: they can
 * find out with the same loads what rte_ppool_span_collect() finds out in a pass of its own, that
 * is, that a buffer is held by its sender alone. Such fragments go into spans.
 *
 * The i-th of the place's mbufs (i below n) stands at mbuf + i * mbuf_stride. It is one that
 * rte_ppool_span_add() may be told of if
 * - its buf_addr is that of the place plus i * frag_size, and its buf_len is that of the place: it
 *   holds its own fragment, and no more (and so its buf_iova is that of the place, likewise);
 * - its refcnt and nb_segs are 1;
 * - of RTE_MBUF_F_EXTERNAL and RTE_MBUF_F_INDIRECT, it has the first;
 * - the refcnt of shinfo[i] is 1: it has no clones.
 *
 * fcb_opaque of shinfo[i] is the i-th mbuf, and the bytes after its refcnt are 0.
 */

#ifndef RTE_PPOOL_PLACE_H
#define RTE_PPOOL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_compat.h>
#include <rte_mbuf.h>

#include "rte_ppool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where an mbuf stands, with those behind it in its page. */
struct rte_ppool_place {
	const struct rte_mbuf *mbuf; /**< the first */
	const struct rte_mbuf_ext_shared_info *shinfo; /**< of the first */
	uint64_t buf_addr;           /**< of the first, as it was handed out */
	uint64_t buf_iova;           /**< of the first, as it was handed out */
	void *page;                  /**< the library's own */
	uint32_t frag;               /**< number of the first in its page */
	uint32_t n;                  /**< mbufs of which all this is said, the first one counted */
	uint32_t mbuf_stride;        /**< bytes from one mbuf to the next */
	uint32_t frag_size;          /**< bytes from one buffer to the next */
	uint16_t buf_len;            /**< of all of them, as they were handed out */
};

/**
 * Find the place of an mbuf. Nothing is read of it but its address. Thread-safe; the caller holds
 * the mbuf. O(1).
 *
 * @param pool
 *   The pool.
 * @param m
 *   An mbuf, of whatever pool.
 * @param place
 *   Filled in, if the result is not 0.
 * @return
 *   place->n, 1 to 64; 0 if @p m is no mbuf of @p pool, or holds a run of fragments, or the pool
 *   is not COMPACT.
 */
__rte_experimental
uint32_t rte_ppool_place_find(const struct rte_ppool *pool, const struct rte_mbuf *m,
		struct rte_ppool_place *place);

/**
 * Add fragments to spans, as rte_ppool_span_collect() does.
 *
 * @param spans
 *   Where the spans stand. The last one there is continued, if its page is the same.
 * @param nb_spans
 *   Number of spans there; added to.
 * @param max_spans
 *   Most spans there can be.
 * @param place
 *   A place.
 * @param k
 *   So many mbufs from its first on, 1 to place->n; each is as said above.
 * @return
 *   false if there is no room for another span: nothing is changed.
 */
static inline bool
rte_ppool_span_add(struct rte_ppool_span *spans, unsigned int *nb_spans, unsigned int max_spans,
		const struct rte_ppool_place *place, uint32_t k)
{
	uint64_t bits = (UINT64_MAX >> (64 - k)) << (place->frag % 64);
	struct rte_ppool_span *last = spans + *nb_spans;

	if (*nb_spans > 0 && last[-1].page == place->page && last[-1].word == place->frag / 64 &&
			(last[-1].frags & bits) == 0) {
		last[-1].frags |= bits;
		return true;
	}
	if (*nb_spans >= max_spans)
		return false;
	last->page = place->page;
	last->frags = bits;
	last->word = place->frag / 64;
	last->runs = 0;
	(*nb_spans)++;
	return true;
}

#ifdef __cplusplus
}
#endif

#endif /* RTE_PPOOL_PLACE_H */
