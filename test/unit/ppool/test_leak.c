/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What a pool says when it is destroyed while fragments are out: how many, how old, who. And what
 * becomes of puts after that.
 */

#include "ppool_test_log.h"

static void
says_not(const char *what)
{
	assert_null(strstr(text, what));
}

/* Nothing is out: nothing to say. */
static void
silent(void **state)
{
	struct rte_ppool *pool = test_pool("quiet", 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[64];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
	rte_ppool_put_bulk(pool, m, 64);
	rte_ppool_owner_close(o);
	log_begin();
	assert_int_equal(rte_ppool_destroy(pool), 0);
	log_end();
	assert_string_equal(text, "");
	free(text);
}

/* Fragments of two owners: of each how many, of how many pages. */
static void
by_owner(void **state)
{
	struct rte_ppool *pool = test_pool("leaky", 4);
	struct rte_ppool_owner *a = rte_ppool_owner_open(pool, "port 0 rxq 0");
	struct rte_ppool_owner *b = rte_ppool_owner_open(pool, "port 0 rxq 1");
	struct rte_mbuf *m[64], *n[20];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(a, m, 64), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(b, n, 20), 0);
	/* 3 of the first page of a, 5 of the second, 1 of b. */
	rte_ppool_put_bulk(pool, m + 3, 29);
	rte_ppool_put_bulk(pool, m + 37, 27);
	rte_ppool_put_bulk(pool, n + 1, 19);
	rte_ppool_owner_close(a);
	rte_ppool_owner_close(b);
	rte_delay_us_block(20000);
	log_begin();
	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	log_end();
	says("leaky: destroyed, but 9 fragments of 3 pages are out, the oldest page since 0.0");
	says("owner \"port 0 rxq 0\": 8 fragments of 2 pages, the oldest since 0.0");
	says("owner \"port 0 rxq 1\": 1 fragments of 1 pages, the oldest since 0.0");
	says("3 of 32 fragments are out, the first is 0");
	says("5 of 32 fragments are out, the first is 0");
	says_not("since 0.00");
	free(text);

	/* Puts are taken and counted, second ones refused, and the last one ends it. */
	assert_int_equal(rte_ppool_put_bulk(pool, m, 3), 3);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 3), 0);
	assert_int_equal(test_stats(pool).put_late, 3);
	assert_int_equal(rte_ppool_put_bulk(pool, m + 32, 5), 5);
	assert_int_equal(test_stats(pool).put_late, 8);
	log_begin();
	assert_int_equal(rte_ppool_put_bulk(pool, n, 1), 1);
	log_end();
	says("leaky: the last of 9 fragments that were out is back, 0.0");
	free(text);
}

/* More owners than the report has lines for: the sum is right all the same. */
static void
many_owners(void **state)
{
	struct rte_ppool *pool = test_pool("crowd", 40);
	struct rte_mbuf *m[40];
	char name[32], line[64];
	uint32_t named = 0;

	for (uint32_t i = 0; i < RTE_DIM(m); i++) {
		struct rte_ppool_owner *o;

		snprintf(name, sizeof(name), "owner %u", i);
		o = rte_ppool_owner_open(pool, name);
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m[i], 1), 0);
		rte_ppool_owner_close(o);
	}
	log_begin();
	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	log_end();
	says("crowd: destroyed, but 40 fragments of 40 pages are out");
	for (uint32_t i = 0; i < RTE_DIM(m); i++) {
		snprintf(line, sizeof(line), "owner \"owner %u\":", i);
		named += strstr(text, line) != NULL;
	}
	assert_in_range(named, 8, 39);
	says("more owners");
	free(text);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 40), 40);
}

/* rte_mempool_free() cannot wait, but says the same. */
static void
mempool_free(void **state)
{
	struct rte_mempool *mp = rte_ppool_pktmbuf_pool_create("drop", 64, 0, 2048, SOCKET_ID_ANY,
		RTE_PPOOL_LAYOUT_COMPACT);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct rte_mbuf *m[5];

	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 5), 0);
	log_begin();
	rte_mempool_free(mp);
	log_end();
	says("drop: rte_mempool_free() while mbufs are out");
	says("5 fragments of 1 pages are out");
	says("owner \"lcore 0\": 5 fragments of 1 pages");
	free(text);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 5), 5);
}

/* The same for objects of any mempool with the ops "ppool", whose memory goes at once. */
static void
inline_mempool_free(void **state)
{
	struct rte_mempool *mp = rte_mempool_create_empty("objs", 200, 100, 0, 0, SOCKET_ID_ANY, 0);
	void *objs[150];

	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, "ppool", NULL), 0);
	assert_int_equal(rte_mempool_populate_default(mp), 200);
	assert_int_equal(rte_mempool_get_bulk(mp, objs, 150), 0);
	rte_mempool_put_bulk(mp, objs + 7, 143);
	log_begin();
	rte_mempool_free(mp);
	log_end();
	says("objs: rte_mempool_free() while 7 objects are out");
	says("7 fragments of 1 pages are out");
	says("owner \"lcore 0\": 7 fragments of 1 pages");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silent),
		cmocka_unit_test(by_owner),
		cmocka_unit_test(many_owners),
		cmocka_unit_test(mempool_free),
		cmocka_unit_test(inline_mempool_free),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
