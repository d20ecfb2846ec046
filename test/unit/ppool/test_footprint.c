/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* On hugepages: how many bytes of them a pool takes, against rte_mempool's for as many mbufs, and
 * that they really go back to the system. What the system says counts, besides the heap.
 */

#include <inttypes.h>

#include <rte_cycles.h>
#include <rte_malloc.h>

#include "ppool_test.h"

#define MBUFS 32768u

static struct rte_mbuf *mbufs[MBUFS];

/* Hugepages of this process, in bytes. */
static uint64_t
system_bytes(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	uint64_t kb = 0;
	char line[256];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "HugetlbPages: %" SCNu64, &kb) == 1)
			break;
	fclose(f);
	return kb << 10;
}

/* The heap's memory, and what is in use of it. */
static struct rte_malloc_socket_stats
heap(void)
{
	struct rte_malloc_socket_stats s;

	assert_int_equal(rte_malloc_get_socket_stats(0, &s), 0);
	return s;
}

static struct rte_ppool *
pool_of(uint32_t chunk, uint32_t min)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .min_pages = min,
		.max_pages = MBUFS / 32, .chunk_size = chunk, .socket_id = 0 };
	struct rte_ppool *pool = rte_ppool_create("footprint", &p);

	assert_non_null(pool);
	return pool;
}

/* As many mbufs, all of them out: in a pool of pages, and in one of rte_mempool's. */
static double
ratio(uint32_t chunk)
{
	uint64_t start = heap().heap_allocsz_bytes, theirs, ours;
	struct rte_mempool *mp;
	struct rte_ppool_owner *o;
	struct rte_ppool *pool;

	mp = rte_pktmbuf_pool_create("theirs", MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	assert_non_null(mp);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, mbufs, MBUFS), 0);
	theirs = heap().heap_allocsz_bytes - start;
	rte_pktmbuf_free_bulk(mbufs, MBUFS);
	rte_mempool_free(mp);

	start = heap().heap_allocsz_bytes;
	pool = pool_of(chunk, MBUFS / 32);
	o = rte_ppool_owner_open(pool, "me");
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, MBUFS), 0);
	ours = heap().heap_allocsz_bytes - start;
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, MBUFS), MBUFS);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	printf("chunks of %u M: %" PRIu64 " bytes for %u mbufs, rte_mempool %" PRIu64 ": %.4f\n",
		chunk >> 20, ours, MBUFS, theirs, (double)ours / theirs);
	return (double)ours / theirs;
}

static void
less_than_a_mempool(void **state)
{
	assert_true(ratio(2 << 20) <= 0.96);
	assert_true(ratio(32 << 20) <= 0.94);
}

/* All in flight, all freed, one second of maintenance. */
static void
goes_back_to_the_system(void **state)
{
	const uint64_t idle = system_bytes();
	struct rte_ppool *pool = pool_of(0, 0);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint64_t peak, after, end;
	struct rte_ppool_info info;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, MBUFS), 0);
	peak = system_bytes() - idle;
	assert_true(peak >= (uint64_t)MBUFS * 2048);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, MBUFS), MBUFS);
	end = rte_rdtsc() + rte_get_tsc_hz();
	do {
		rte_ppool_maintain(pool);
		usleep(10000);
	} while (rte_rdtsc() < end);
	rte_ppool_maintain(pool);
	after = system_bytes() - idle;
	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	printf("hugepage bytes: %" PRIu64 " at peak, %" PRIu64 " after a second: %.3f (the pool "
		"says %" PRIu64 ")\n", peak, after, (double)after / peak, info.memory_bytes);
	assert_true(4 * after <= peak);
	assert_true(4 * info.memory_bytes <= peak);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_back_to_the_system),
		cmocka_unit_test(less_than_a_mempool),
	};
	const char *args[] = { argv[0], "--in-memory", "--no-telemetry", "--no-pci",
		"--lcores=0@0", "--iova-mode=va" };

	(void)argc;
	if (rte_eal_init(RTE_DIM(args), (char **)(uintptr_t)args) < 0) {
		fprintf(stderr, "no hugepages on this machine\n");
		return TEST_SKIP;
	}
	return cmocka_run_group_tests(tests, NULL, test_eal_teardown);
}
