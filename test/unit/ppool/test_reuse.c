/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Partly free pages: one fragment that somebody keeps does not pin the others of its page. */

#include "ppool_test.h"

#define MAX 4096

static struct rte_mbuf *m[MAX], *more[MAX];

static struct rte_ppool *
pool_of(uint32_t page, uint32_t frag, uint32_t min, uint32_t max)
{
	struct rte_ppool_params p = { .page_size = page, .frag_size = frag, .min_pages = min,
		.max_pages = max, .socket_id = SOCKET_ID_ANY,
		.layout = RTE_PPOOL_LAYOUT_COMPACT };
	struct rte_ppool *pool = rte_ppool_create("reuse", &p);

	assert_non_null(pool);
	return pool;
}

static uint64_t
bytes(const struct rte_ppool *pool)
{
	struct rte_ppool_info info;

	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	return info.memory_bytes;
}

/* Write a stamp into each, and look whether those of others are untouched. */
static void
stamp(struct rte_mbuf **mbufs, uint32_t n, uint64_t mark)
{
	for (uint32_t i = 0; i < n; i++)
		*rte_pktmbuf_mtod(mbufs[i], uint64_t *) = mark + i;
}

static void
stamped(struct rte_mbuf **mbufs, uint32_t n, uint64_t mark)
{
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(*rte_pktmbuf_mtod(mbufs[i], uint64_t *), mark + i);
}

/* Hold one of k, give back the rest, and ask for exactly as many as came back. */
static void
hold_one_of(uint32_t page, uint32_t frag, uint32_t pages, uint32_t k)
{
	struct rte_ppool *pool = pool_of(page, frag, pages, pages);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint32_t total = pages * (page / frag), held = 0, back = 0, i;
	static struct rte_mbuf *keep[MAX], *give[MAX];

	assert_true(total <= MAX);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, total), 0);
	stamp(m, total, 0x1000000);
	for (i = 0; i < total; i++) {
		if (i % k == 0)
			keep[held++] = m[i];
		else
			give[back++] = m[i];
	}
	stamp(keep, held, 0x2000000);
	assert_int_equal(rte_ppool_put_bulk(pool, give, back), back);
	assert_int_equal(rte_ppool_avail_count(pool), back);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, more, back + 1), -ENOENT);
	assert_int_equal(rte_ppool_avail_count(pool), back);
	/* in two parts, of which the second is what is left of a page */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, more, back / 3), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, more + back / 3, back - back / 3), 0);
	assert_int_equal(rte_ppool_avail_count(pool), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 1), -ENOENT);
	for (i = 0; i < back; i++)
		test_mbuf_is_fresh(more[i]);
	stamp(more, back, 0x3000000);
	stamped(keep, held, 0x2000000);
	assert_true(test_stats(pool).alloc_reuse > 0);
	assert_int_equal(rte_ppool_put_bulk(pool, keep, held), held);
	stamped(more, back, 0x3000000);
	assert_int_equal(rte_ppool_put_bulk(pool, more, back), back);
	assert_int_equal(rte_ppool_put_bulk(pool, more, back), 0);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_ppool_avail_count(pool), total);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
held_fragments_do_not_pin(void **state)
{
	static const uint32_t one_of[] = { 2, 3, 7, 16, 31, 32, 33, 64, 100 };

	for (uint32_t i = 0; i < RTE_DIM(one_of); i++) {
		hold_one_of(65536, 2048, 20, one_of[i]);
		hold_one_of(65536, 1024, 20, one_of[i]);  /* 64 a page: words and a count */
		hold_one_of(65536, 384, 10, one_of[i]);   /* 170 a page: the last word is partial */
		hold_one_of(4096, 2048, 50, one_of[i]);
	}
}

/* The adversary: one fragment of each page is kept, and as many as were freed are wanted again,
 * with no limit on the pages. The memory held is the same, or nearly.
 */
static void
no_growth_while_pages_are_partly_free(void **state)
{
	struct rte_ppool *pool = pool_of(65536, 2048, 0, 2000);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint32_t total = 100 * 32, back = 0, held = 0;
	static struct rte_mbuf *keep[MAX], *give[MAX];
	uint64_t before;

	for (uint32_t i = 0; i < total; i++)
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m[i], 1), 0);
	before = bytes(pool);
	for (uint32_t i = 0; i < total; i++) {
		if (i % 32 == 5)
			keep[held++] = m[i];
		else
			give[back++] = m[i];
	}
	assert_int_equal(rte_ppool_put_bulk(pool, give, back), back);
	for (uint32_t i = 0; i < back; i++)
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &more[i], 1), 0);
	assert_in_range(bytes(pool), before, before + before / 50);
	assert_int_equal(rte_ppool_put_bulk(pool, more, back), back);
	assert_int_equal(rte_ppool_put_bulk(pool, keep, held), held);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* What one owner has not used up of pages that it retired, another one gets; pages go home to
 * the one that opened them, whoever held them last, and when that one is closed.
 */
static void
between_owners(void **state)
{
	struct rte_ppool *pool = pool_of(65536, 2048, 4, 4);
	struct rte_ppool_owner *a = rte_ppool_owner_open(pool, "a");
	struct rte_ppool_owner *b = rte_ppool_owner_open(pool, "b");

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(a, m, 128), 0);
	for (uint32_t i = 0; i < 128; i += 2)
		assert_int_equal(rte_ppool_put_bulk(pool, &m[i], 1), 1);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(b, more, 50), 0);
	rte_ppool_owner_close(a);
	for (uint32_t i = 1; i < 128; i += 2)
		assert_int_equal(rte_ppool_put_bulk(pool, &m[i], 1), 1);
	/* b holds what it was given, and a page whose rest it has not handed out */
	assert_int_equal(rte_ppool_avail_count(pool), 128 - 50);
	assert_int_equal(rte_ppool_put_bulk(pool, more, 50), 50);
	assert_int_equal(test_stats(pool).recycle_released, 3);
	rte_ppool_owner_close(b);
	assert_int_equal(test_stats(pool).recycle_released, 4);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* A second put of a fragment that is part of somebody's stock by now: nobody gets it twice. */
static void
stale_put_into_a_stock(void **state)
{
	static const uint32_t frag_size[] = { 2048, 512 };

	for (uint32_t s = 0; s < RTE_DIM(frag_size); s++) {
		uint32_t n = 65536 / frag_size[s], got;
		struct rte_ppool *pool = pool_of(65536, frag_size[s], 1, 1);
		struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, n), 0);
		assert_int_equal(rte_ppool_put_bulk(pool, m + 1, 20), 20);
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, more, 1), 0);
		assert_ptr_equal(more[0], m[1]);
		/* m[9] is in the stock: this put is one too many, and not seen as such at once */
		rte_ppool_put_bulk(pool, &m[9], 1);
		got = 1 + test_take_all(o, more + 1, MAX - 1);
		assert_in_range(got, 19, 20);
		for (uint32_t i = 0; i < got; i++)
			for (uint32_t j = 0; j < i; j++)
				assert_ptr_not_equal(more[i], more[j]);
		assert_int_equal(test_stats(pool).bad_over_put, 1);
		rte_ppool_put_bulk(pool, more, got);
		rte_ppool_put_bulk(pool, m, 1);
		rte_ppool_put_bulk(pool, m + 21, n - 21);
		assert_int_equal(rte_ppool_in_flight(pool), 0);
		rte_ppool_owner_close(o);
		assert_int_equal(rte_ppool_destroy(pool), 0);
	}
}

/* A driver that asks again and again of an exhausted pool gets what comes back, soon. */
static void
run_alloc_at_the_limit(void **state)
{
	struct rte_ppool *pool = pool_of(65536, 2048, 2, 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_run run;
	uint32_t tries = 0;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
	assert_int_equal(rte_ppool_run_alloc(o, 32, &run), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[7], 3), 3);
	while (rte_ppool_run_alloc(o, 32, &run) == 0 && tries++ < 1000000)
		;
	assert_int_equal(run.n, 3);
	assert_ptr_equal(run.mbuf, m[7]);
	assert_ptr_equal(run.addr, m[7]->buf_addr);
	assert_int_equal(run.iova, rte_mbuf_iova_get(m[7]));
	assert_int_equal(rte_ppool_put_bulk(pool, m, 64), 64);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* The mempool's contract: a get succeeds as long as there is something. */
static void
mempool_gets_all(void **state)
{
	struct rte_ppool *pool = pool_of(65536, 2048, 30, 30);
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);
	uint32_t total = 30 * 32, held = 0, seed = 1;
	static struct rte_mbuf *keep[MAX];

	for (int round = 0; round < 20; round++) {
		uint32_t rest = 0;

		assert_int_equal(rte_mempool_get_bulk(mp, (void **)m, total), 0);
		for (uint32_t i = 0; i < total; i++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 28 == 0)
				keep[held++] = m[i];
			else
				more[rest++] = m[i];
		}
		rte_mempool_put_bulk(mp, (void **)more, rest);
		assert_int_equal(rte_mempool_avail_count(mp), rest);
		assert_int_equal(rte_mempool_in_use_count(mp), held);
		assert_int_equal(rte_mempool_get_bulk(mp, (void **)more, rest + 1), -ENOENT);
		for (uint32_t i = 0; i < rest; i += 7)
			assert_int_equal(rte_mempool_get_bulk(mp, (void **)more + i,
				RTE_MIN(7u, rest - i)), 0);
		assert_int_equal(rte_mempool_avail_count(mp), 0);
		rte_mempool_put_bulk(mp, (void **)keep, held);
		rte_mempool_put_bulk(mp, (void **)more, rest);
		held = 0;
	}
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_fragments_do_not_pin),
		cmocka_unit_test(no_growth_while_pages_are_partly_free),
		cmocka_unit_test(between_owners),
		cmocka_unit_test(stale_put_into_a_stock),
		cmocka_unit_test(run_alloc_at_the_limit),
		cmocka_unit_test(mempool_gets_all),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
