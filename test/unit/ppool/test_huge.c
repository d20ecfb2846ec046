/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* On hugepages, in the IOVA mode given: test_huge pa|va. The addresses that a pool gives are
 * those that the EAL knows.
 */

#include <rte_malloc.h>
#include <rte_memory.h>

#include "ppool_test.h"

static struct rte_ppool *
pool_of(uint32_t page, uint32_t frag, uint32_t pages)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .page_size = page, .frag_size = frag, .min_pages = 1,
		.max_pages = pages, .socket_id = 0 };
	struct rte_ppool *pool = rte_ppool_create("huge", &p);

	assert_non_null(pool);
	return pool;
}

static void
addresses(void **state)
{
	static const uint32_t sizes[][3] = { { 4096, 2048, 512 }, { 65536, 2048, 128 },
		{ 65536, 4096, 64 }, { 1 << 20, 2048, 16 }, { 2 << 20, 2048, 8 } };
	static struct rte_mbuf *m[16384];

	for (uint32_t i = 0; i < RTE_DIM(sizes); i++) {
		struct rte_ppool *pool = pool_of(sizes[i][0], sizes[i][1], sizes[i][2]);
		struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
		uint32_t n = test_take_all(o, m, RTE_DIM(m));
		struct rte_ppool_info info;

		assert_int_equal(n, sizes[i][0] / sizes[i][1] * sizes[i][2]);
		for (uint32_t k = 0; k < n; k++) {
			const struct rte_memseg *ms = rte_mem_virt2memseg(m[k]->buf_addr, NULL);
			rte_iova_t iova = rte_mbuf_iova_get(m[k]);

			assert_non_null(ms);
			assert_int_equal(ms->hugepage_sz, RTE_PGSIZE_2M);
			assert_true(iova == (rte_eal_iova_mode() == RTE_IOVA_VA ?
				(uintptr_t)m[k]->buf_addr : rte_mem_virt2iova(m[k]->buf_addr)));
			assert_true(rte_mem_virt2iova(RTE_PTR_ADD(m[k]->buf_addr,
				sizes[i][1] - 1)) == iova + sizes[i][1] - 1);
		}
		assert_int_equal(rte_ppool_info_get(pool, &info), 0);
		/* Headers are one part in ten, or less, of what 2048-byte fragments take. Those of
		 * a chunk take a page at least.
		 */
		assert_in_range(info.memory_bytes, (uint64_t)n * sizes[i][1],
			(uint64_t)n * sizes[i][1] * 112 / 100 + 3 * sizes[i][0]);
		assert_int_equal(rte_ppool_put_bulk(pool, m, n), n);
		assert_int_equal(test_stats(pool).alloc_waive, 0);
		rte_ppool_owner_close(o);
		assert_int_equal(rte_ppool_destroy(pool), 0);
	}
}

/* All memory goes back to the heap with the pool. */
static void
memory_comes_back(void **state)
{
	struct rte_malloc_socket_stats before, after;

	for (int round = 0; round < 3; round++) {
		struct rte_ppool *pool = pool_of(65536, 2048, 256);
		struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
		struct rte_mbuf *m;

		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m, 1), 0);
		rte_pktmbuf_free(m);
		rte_ppool_owner_close(o);
		assert_int_equal(rte_ppool_destroy(pool), 0);
		assert_int_equal(rte_malloc_get_socket_stats(0, &after), 0);
		if (round > 0)
			assert_int_equal(before.heap_allocsz_bytes, after.heap_allocsz_bytes);
		before = after;
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(memory_comes_back),
	};
	char mode[16];
	const char *args[] = { argv[0], "--in-memory", "--no-telemetry", "--no-pci", "-m", "64",
		"--lcores=0@0", mode };

	if (argc != 2) {
		fprintf(stderr, "usage: %s pa|va\n", argv[0]);
		return 2;
	}
	snprintf(mode, sizeof(mode), "--iova-mode=%s", argv[1]);
	if (rte_eal_init(RTE_DIM(args), (char **)(uintptr_t)args) < 0) {
		fprintf(stderr, "no hugepages, or no IOVA mode %s, on this machine\n", argv[1]);
		return TEST_SKIP;
	}
	return cmocka_run_group_tests(tests, NULL, test_eal_teardown);
}
