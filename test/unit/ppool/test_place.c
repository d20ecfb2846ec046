/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What an mbuf must look like, told by its address alone; and spans that a driver makes of it. */

#include "ppool_test.h"

#include <rte_ppool_place.h>

#define MAX 128u

static struct rte_mbuf *m[MAX];
static struct rte_ppool_span spans[4];

/* All that is said of a place holds for each of its mbufs. */
static void
check(const struct rte_ppool *pool, struct rte_mbuf **mbufs, unsigned int n)
{
	struct rte_ppool_place p = { 0 };
	unsigned int i, k, left;

	for (i = 0; i < n; i++) {
		left = rte_ppool_place_find(pool, mbufs[i], &p);
		assert_true(left > 0);
		assert_int_equal(left, p.n);
		assert_ptr_equal(p.mbuf, mbufs[i]);
		for (k = 0; k < left && i + k < n; k++) {
			struct rte_mbuf *b = mbufs[i + k];

			assert_ptr_equal(RTE_PTR_ADD(p.mbuf, (size_t)k * p.mbuf_stride), b);
			assert_int_equal(p.buf_addr + k * p.frag_size, (uintptr_t)b->buf_addr);
			assert_int_equal(p.buf_iova + k * p.frag_size, rte_mbuf_iova_get(b));
			assert_int_equal(p.buf_len, b->buf_len);
			assert_ptr_equal(&p.shinfo[k], b->shinfo);
		}
	}
}

/* All of them, by places, and back. */
static void
send_all(struct rte_ppool *pool, unsigned int frags)
{
	struct rte_ppool_place p = { 0 };
	unsigned int i, nb = 0;

	for (i = 0; i < MAX; i += p.n) {
		/* the first by itself, which the rest of the page then joins */
		assert_true(rte_ppool_place_find(pool, m[i], &p) > 0);
		if (p.frag % RTE_MIN(frags, 64u) == 0)
			p.n = 1;
		assert_true(rte_ppool_span_add(spans, &nb, RTE_DIM(spans), &p, p.n));
	}
	assert_int_equal(nb, MAX / RTE_MIN(frags, 64u));
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), MAX);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
}

static void
places(void **state)
{
	struct rte_ppool *pool = test_pool("places", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, MAX), 0);
	check(pool, m, MAX);
	send_all(pool, 32);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
places_of_large_pages(void **state)
{
	struct rte_ppool_params params = { .page_size = 1 << 20, .min_pages = 1, .max_pages = 2,
		.frag_size = 2048, .layout = RTE_PPOOL_LAYOUT_COMPACT, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("large", &params);
	struct rte_ppool_owner *o;

	assert_non_null(pool);
	o = rte_ppool_owner_open(pool, "me");
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, MAX), 0);
	check(pool, m, MAX);
	send_all(pool, 512);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* What has no place, and no room. */
static void
none(void **state)
{
	struct rte_ppool *pool = test_pool("mine", 8), *other = test_pool("other", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_owner *oo = rte_ppool_owner_open(other, "you");
	struct rte_mbuf *theirs, *run;
	struct rte_ppool_place p = { 0 };
	unsigned int i, nb = 0;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(oo, &theirs, 1), 0);
	assert_int_equal(rte_ppool_place_find(pool, NULL, &p), 0);
	assert_int_equal(rte_ppool_place_find(pool, theirs, &p), 0);
	run = rte_ppool_mbuf_alloc_linear(o, 9000);
	assert_non_null(run);
	assert_int_equal(rte_ppool_place_find(pool, run, &p), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, &run, 1), 5);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, MAX), 0);
	assert_int_equal(rte_ppool_place_find(pool, RTE_PTR_ADD(m[0], 64), &p), 0);
	/* One place for mbufs of two pools. */
	assert_true(rte_ppool_place_find(other, theirs, &p) > 0);
	assert_ptr_equal(p.mbuf, theirs);
	assert_int_equal(rte_ppool_place_find(pool, theirs, &p), 0);
	assert_true(rte_ppool_place_find(pool, m[0], &p) > 0);
	assert_int_equal(rte_ppool_place_find(pool, RTE_PTR_ADD(m[0], 64), &p), 0);
	assert_int_equal(rte_ppool_place_find(other, m[0], &p), 0);
	for (i = 0; i < MAX && nb < RTE_DIM(spans); i++) {
		assert_true(rte_ppool_place_find(pool, m[i], &p) > 0);
		assert_true(rte_ppool_span_add(spans, &nb, RTE_DIM(spans), &p, 1));
	}
	assert_int_equal(nb, RTE_DIM(spans));
	/* a fragment that the last one has already would need another */
	assert_false(rte_ppool_span_add(spans, &nb, RTE_DIM(spans), &p, 1));
	assert_int_equal(nb, RTE_DIM(spans));
	assert_int_equal(rte_ppool_put_bulk(pool, m, MAX), MAX);
	assert_int_equal(rte_ppool_put_bulk(other, &theirs, 1), 1);
	rte_ppool_owner_close(o);
	rte_ppool_owner_close(oo);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(rte_ppool_destroy(other), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(places_of_large_pages),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
