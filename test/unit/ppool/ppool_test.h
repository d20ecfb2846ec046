/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What the tests of the page pool share: an EAL, and a few short cuts. */

#ifndef PPOOL_TEST_H
#define PPOOL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include <rte_ppool.h>

/* meson counts a test that exits with this as skipped. */
#define TEST_SKIP 77

/* An EAL without hugepages, files or devices; two lcores, on one CPU if there is but one. */
static inline int
test_eal(const char *megabytes)
{
	const char *argv[] = { "test", "--no-huge", "--no-shconf", "--no-telemetry", "--no-pci", "-m",
		megabytes, sysconf(_SC_NPROCESSORS_ONLN) > 1 ? "--lcores=0@0,1@1" : "--lcores=(0,1)@0",
	};

	return rte_eal_init(RTE_DIM(argv), (char **)(uintptr_t)argv) < 0 ? -1 : 0;
}

static inline int
test_eal_setup(void **state)
{
	(void)state;
	return test_eal("256");
}

static inline int
test_eal_teardown(void **state)
{
	(void)state;
	return rte_eal_cleanup();
}

/* A pool of that many pages of 64K and fragments of 2048 bytes, all of its memory at once. */
static inline struct rte_ppool *
test_pool(const char *name, uint32_t pages)
{
	struct rte_ppool_params params = { .layout = RTE_PPOOL_LAYOUT_COMPACT,
		.min_pages = pages,
		.max_pages = pages,
		.socket_id = SOCKET_ID_ANY,
	};
	struct rte_ppool *pool = rte_ppool_create(name, &params);

	assert_non_null(pool);
	return pool;
}

static inline struct rte_ppool_stats
test_stats(const struct rte_ppool *pool)
{
	struct rte_ppool_stats stats;

	assert_int_equal(rte_ppool_stats_get(pool, &stats), 0);
	return stats;
}

/* The mbufs of all fragments that an owner can get, one by one. */
static inline uint32_t
test_take_all(struct rte_ppool_owner *o, struct rte_mbuf **m, uint32_t max)
{
	uint32_t n = 0;

	while (n < max && rte_ppool_mbuf_alloc_bulk(o, &m[n], 1) == 0)
		n++;
	return n;
}

/* An mbuf as an allocation promises it. */
static inline void
test_mbuf_is_fresh(const struct rte_mbuf *m)
{
	assert_true(m->ol_flags == RTE_MBUF_F_EXTERNAL);
	assert_int_equal(m->data_off, RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_mbuf_refcnt_read(m), 1);
	assert_int_equal(m->nb_segs, 1);
	assert_null(m->next);
	assert_ptr_equal(m->shinfo->fcb_opaque, m);
	assert_int_equal(rte_mbuf_ext_refcnt_read(m->shinfo), 1);
}

#endif /* PPOOL_TEST_H */
