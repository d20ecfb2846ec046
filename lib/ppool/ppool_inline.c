/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* INLINE pools: which chunk an object is in. Their memory comes from rte_mempool in pieces of
 * any size and place, so that no mask leads from an object to its chunk.
 */

#include "ppool_page.h"

static inline bool
in_chunk(const struct rte_ppool *pool, const struct ppool_chunk *c, const void *obj)
{
	return (uintptr_t)obj - (uintptr_t)c->mbufs < (uintptr_t)c->nb_frags * pool->mbuf_stride;
}

/* Number of the object in the chunk at *c, or in the one that is found and left there;
 * UINT32_MAX if there is none at this address. The ranges are sorted by address, and do not
 * change once the pool has given something away.
 */
uint32_t
ppool_inline_locate(const struct rte_ppool *pool, struct ppool_chunk **c, const void *obj)
{
	uint32_t lo = 0, hi = pool->nb_ranges, mid;
	uintptr_t off, g;

	if (unlikely(*c == NULL || !in_chunk(pool, *c, obj))) {
		while (lo < hi) {
			mid = (lo + hi) / 2;
			if ((uintptr_t)pool->ranges[mid]->mbufs <= (uintptr_t)obj)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo == 0 || !in_chunk(pool, pool->ranges[lo - 1], obj))
			return UINT32_MAX;
		*c = pool->ranges[lo - 1];
	}
	off = (uintptr_t)obj - (uintptr_t)(*c)->mbufs;
	g = off < UINT64_C(1) << 26 ? ppool_div(off, pool->recip_stride) : off / pool->mbuf_stride;
	return g * pool->mbuf_stride == off ? (uint32_t)g : UINT32_MAX;
}
