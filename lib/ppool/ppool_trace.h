/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Trace points: lib.ppool.* of the EAL's --trace. Off, each costs a load and a branch; those that
 * lie on the way of every packet (FP) are compiled in only with -DRTE_ENABLE_TRACE_FP, as DPDK's
 * own are.
 */

#ifndef PPOOL_TRACE_H
#define PPOOL_TRACE_H

#include <stdint.h>

#include <rte_trace_point.h>

/* ---- pools and owners */

RTE_TRACE_POINT(
	ppool_trace_create,
	RTE_TRACE_POINT_ARGS(const void *pool, const char *name, uint32_t layout,
		uint32_t page_size, uint32_t frag_size, uint32_t min_pages, uint32_t max_pages),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_string(name);
	rte_trace_point_emit_u32(layout);
	rte_trace_point_emit_u32(page_size);
	rte_trace_point_emit_u32(frag_size);
	rte_trace_point_emit_u32(min_pages);
	rte_trace_point_emit_u32(max_pages);
)

/* Destroy was called, that many fragments were out. */
RTE_TRACE_POINT(
	ppool_trace_destroy,
	RTE_TRACE_POINT_ARGS(const void *pool, const char *name, uint64_t frags_out),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_string(name);
	rte_trace_point_emit_u64(frags_out);
)

/* The memory goes. */
RTE_TRACE_POINT(
	ppool_trace_free,
	RTE_TRACE_POINT_ARGS(const void *pool, const char *name),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_string(name);
)

RTE_TRACE_POINT(
	ppool_trace_owner_open,
	RTE_TRACE_POINT_ARGS(const void *pool, const void *owner, const char *name),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_ptr(owner);
	rte_trace_point_emit_string(name);
)

RTE_TRACE_POINT(
	ppool_trace_owner_close,
	RTE_TRACE_POINT_ARGS(const void *pool, const void *owner, int64_t pages_out),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_ptr(owner);
	rte_trace_point_emit_i64(pages_out);
)

/* ---- memory */

RTE_TRACE_POINT(
	ppool_trace_grow,
	RTE_TRACE_POINT_ARGS(const void *pool, uint32_t pages, uint64_t bytes,
		uint32_t pool_pages),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_u32(pages);
	rte_trace_point_emit_u64(bytes);
	rte_trace_point_emit_u32(pool_pages);
)

RTE_TRACE_POINT(
	ppool_trace_shrink,
	RTE_TRACE_POINT_ARGS(const void *pool, uint32_t pages, uint64_t bytes,
		uint32_t pool_pages),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_u32(pages);
	rte_trace_point_emit_u64(bytes);
	rte_trace_point_emit_u32(pool_pages);
)

/* ---- pages */

/* A page becomes the open one of an owner. reused: it is partly free, and goes on being out. */
RTE_TRACE_POINT(
	ppool_trace_page_open,
	RTE_TRACE_POINT_ARGS(const void *owner, uint32_t page, uint32_t frags, uint8_t reused),
	rte_trace_point_emit_ptr(owner);
	rte_trace_point_emit_u32(page);
	rte_trace_point_emit_u32(frags);
	rte_trace_point_emit_u8(reused);
)

/* An owner gives up its hold on a page. */
RTE_TRACE_POINT(
	ppool_trace_page_retire,
	RTE_TRACE_POINT_ARGS(const void *pool, uint32_t page, uint32_t unspent),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_u32(page);
	rte_trace_point_emit_u32(unspent);
)

/* The last fragment is back. */
RTE_TRACE_POINT(
	ppool_trace_page_home,
	RTE_TRACE_POINT_ARGS(const void *owner, uint32_t page),
	rte_trace_point_emit_ptr(owner);
	rte_trace_point_emit_u32(page);
)

/* ---- what went wrong */

RTE_TRACE_POINT(
	ppool_trace_alloc_fail,
	RTE_TRACE_POINT_ARGS(const void *owner, uint32_t frags),
	rte_trace_point_emit_ptr(owner);
	rte_trace_point_emit_u32(frags);
)

RTE_TRACE_POINT(
	ppool_trace_put_twice,
	RTE_TRACE_POINT_ARGS(const void *pool, uint32_t page, uint32_t frag, uint32_t frags),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_u32(page);
	rte_trace_point_emit_u32(frag);
	rte_trace_point_emit_u32(frags);
)

RTE_TRACE_POINT(
	ppool_trace_put_foreign,
	RTE_TRACE_POINT_ARGS(const void *pool, const void *ptr),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_ptr(ptr);
)

RTE_TRACE_POINT(
	ppool_trace_put_misused,
	RTE_TRACE_POINT_ARGS(const void *pool, uint32_t page, uint32_t frag),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_u32(page);
	rte_trace_point_emit_u32(frag);
)

/* ---- each packet */

RTE_TRACE_POINT_FP(
	ppool_trace_run_alloc,
	RTE_TRACE_POINT_ARGS(const void *owner, uint32_t page, uint32_t first, uint32_t frags),
	rte_trace_point_emit_ptr(owner);
	rte_trace_point_emit_u32(page);
	rte_trace_point_emit_u32(first);
	rte_trace_point_emit_u32(frags);
)

RTE_TRACE_POINT_FP(
	ppool_trace_put_bulk,
	RTE_TRACE_POINT_ARGS(const void *pool, uint32_t asked, uint32_t taken),
	rte_trace_point_emit_ptr(pool);
	rte_trace_point_emit_u32(asked);
	rte_trace_point_emit_u32(taken);
)

#endif /* PPOOL_TRACE_H */
