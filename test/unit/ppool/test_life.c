/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Owners and pools from opening to closing, pages from hand to hand. */

#include <pthread.h>

#include "ppool_test.h"

/* A run of a whole page, as a driver takes it, with the array that gives it back. */
static void
take_page(struct rte_ppool_owner *o, struct rte_mbuf **m)
{
	struct rte_ppool_run run;

	assert_int_equal(rte_ppool_run_alloc(o, 32, &run), 32);
	for (int i = 0; i < 32; i++)
		m[i] = RTE_PTR_ADD(run.mbuf, i * 128);
}

static void
exhaustion(void **state)
{
	struct rte_ppool *pool = test_pool("small", 3);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[97] = { 0 };

	for (int round = 0; round < 3; round++) {
		assert_int_equal(rte_ppool_avail_count(pool), 96);
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 97), -ENOENT);
		assert_int_equal(rte_ppool_avail_count(pool), 96);
		assert_int_equal(rte_ppool_in_flight(pool), 0);
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 40), 0);
		/* 24 are left in the open page, and a page: one more is too many */
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m + 40, 57), -ENOENT);
		assert_int_equal(rte_ppool_avail_count(pool), 56);
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m + 40, 56), 0);
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m + 96, 1), -ENOENT);
		assert_int_equal(rte_ppool_avail_count(pool), 0);
		assert_int_equal(rte_ppool_in_flight(pool), 3);
		assert_int_equal(rte_ppool_put_bulk(pool, m, 96), 96);
	}
	assert_int_equal(test_stats(pool).alloc_fail, 3 * (97 + 57 + 1));
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* The owner's thread frees: its cache, up to the limit, then the free list. */
static void
cache_and_its_limit(void **state)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .min_pages = 4, .max_pages = 4, .cache_pages = 2,
		.socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("cache", &p);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[4][32], *last;
	struct rte_ppool_stats s;

	for (int i = 0; i < 4; i++)
		take_page(o, m[i]);
	last = m[1][0];
	for (int i = 0; i < 4; i++)
		assert_int_equal(rte_ppool_put_bulk(pool, m[i], 32), 32);
	s = test_stats(pool);
	assert_int_equal(s.alloc_slow, 4);
	assert_int_equal(s.alloc_empty, 4);
	assert_int_equal(s.recycle_cached, 2);
	assert_int_equal(s.recycle_cache_full, 2);
	assert_int_equal(s.recycle_ring, 0);
	/* The last one in is the first one out: it is warm. */
	take_page(o, m[0]);
	assert_ptr_equal(m[0][0], last);
	assert_int_equal(test_stats(pool).alloc_fast, 1);
	for (int i = 1; i < 4; i++)
		take_page(o, m[i]);
	s = test_stats(pool);
	assert_int_equal(s.alloc_fast, 2);
	assert_int_equal(s.alloc_slow, 6);
	for (int i = 0; i < 4; i++)
		assert_int_equal(rte_ppool_put_bulk(pool, m[i], 32), 32);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_avail_count(pool), 128);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

struct put_job {
	struct rte_ppool *pool;
	struct rte_mbuf **m;
	unsigned int n;
	unsigned int taken;
};

static void *
put_thread(void *arg)
{
	struct put_job *job = arg;

	job->taken = rte_ppool_put_bulk(job->pool, job->m, job->n);
	return NULL;
}

/* Give back from a thread that is not the owner's. */
static void
put_elsewhere(struct rte_ppool *pool, struct rte_mbuf **m, unsigned int n)
{
	struct put_job job = { pool, m, n, 0 };
	pthread_t t;

	assert_int_equal(pthread_create(&t, NULL, put_thread, &job), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_int_equal(job.taken, n);
}

/* Another thread frees: the ring of the owner, up to its limit of 64, then the free list. */
static void
ring_and_its_limit(void **state)
{
	struct rte_ppool *pool = test_pool("ring", 70);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	static struct rte_mbuf *m[70 * 32];
	struct rte_ppool_stats s;

	for (int i = 0; i < 70; i++)
		take_page(o, m + i * 32);
	put_elsewhere(pool, m, 70 * 32);
	s = test_stats(pool);
	assert_int_equal(s.recycle_ring, 64);
	assert_int_equal(s.recycle_ring_full, 6);
	assert_int_equal(rte_ppool_avail_count(pool), 70 * 32);
	for (int i = 0; i < 70; i++)
		take_page(o, m + i * 32);
	s = test_stats(pool);
	assert_int_equal(s.alloc_refill, 64);
	assert_int_equal(s.alloc_fast, 64);
	assert_int_equal(s.alloc_slow, 76);
	put_elsewhere(pool, m, 70 * 32);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_avail_count(pool), 70 * 32);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Pages out when their owner closes come home to the free list, and the name is reused. */
static void
close_with_pages_out(void **state)
{
	struct rte_ppool *pool = test_pool("close", 4);
	struct rte_mbuf *m[4][32], *one;
	struct rte_ppool_owner *a, *b;

	for (int round = 0; round < 5; round++) {
		a = rte_ppool_owner_open(pool, "a");
		take_page(a, m[0]);
		take_page(a, m[1]);
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(a, &one, 1), 0);
		rte_ppool_owner_close(a);
		assert_int_equal(rte_ppool_in_flight(pool), 3);
		/* opened while the first still has pages out */
		b = rte_ppool_owner_open(pool, "b");
		assert_ptr_not_equal(a, b);
		take_page(b, m[2]);
		/* all that is left is what "a" had not handed out */
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(b, m[3], 32), -ENOENT);
		assert_int_equal(rte_ppool_avail_count(pool), 31);
		assert_int_equal(rte_ppool_put_bulk(pool, m[0], 32), 32);
		put_elsewhere(pool, m[1], 32);
		assert_int_equal(rte_ppool_put_bulk(pool, &one, 1), 1);
		assert_int_equal(test_stats(pool).recycle_released, 3 * (round + 1));
		assert_int_equal(rte_ppool_in_flight(pool), 1);
		assert_int_equal(rte_ppool_avail_count(pool), 96);
		assert_int_equal(rte_ppool_put_bulk(pool, m[2], 32), 32);
		rte_ppool_owner_close(b);
		assert_int_equal(rte_ppool_in_flight(pool), 0);
		assert_int_equal(rte_ppool_avail_count(pool), 128);
	}
	rte_ppool_owner_close(NULL);
	rte_ppool_owner_close(b); /* a mistake: said, and nothing else */
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* What one owner keeps in cache and ring does not make another one starve. */
static void
nothing_is_hoarded(void **state)
{
	struct rte_ppool *pool = test_pool("share", 4);
	struct rte_ppool_owner *a = rte_ppool_owner_open(pool, "a");
	struct rte_ppool_owner *b = rte_ppool_owner_open(pool, "b");
	static struct rte_mbuf *m[128];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(a, m, 128), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 64), 64);
	put_elsewhere(pool, m + 64, 64);
	assert_int_equal(test_stats(pool).recycle_cached, 2);
	assert_int_equal(test_stats(pool).recycle_ring, 2);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(b, m, 128), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(a, m, 1), -ENOENT);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 128), 128);
	rte_ppool_owner_close(a);
	rte_ppool_owner_close(b);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
destroy_with_owner_open(void **state)
{
	struct rte_ppool *pool = test_pool("busy", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m;

	assert_int_equal(rte_ppool_destroy(pool), -EBUSY);
	assert_ptr_equal(rte_ppool_lookup("busy"), pool);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m, 1), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, &m, 1), 1);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(rte_ppool_destroy(pool), -EALREADY);
}

/* Destroyed while fragments are out: the memory is still there and theirs, the name is free,
 * and the last put, here of another thread, takes the pool away.
 */
static void
destroy_in_flight(void **state)
{
	struct rte_ppool *pool = test_pool("late", 2), *next;
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);
	struct rte_ppool_info info;
	struct rte_mbuf *m[40], *none;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 40), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	assert_int_equal(rte_ppool_destroy(pool), -EALREADY);
	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	assert_true(info.closing);
	assert_int_equal(info.pages_in_flight, 2);
	assert_int_equal(info.nb_owners, 0);

	assert_null(rte_ppool_lookup("late"));
	assert_null(rte_mempool_lookup("late"));
	next = test_pool("late", 1);
	assert_ptr_equal(rte_ppool_lookup("late"), next);
	assert_ptr_equal(rte_mempool_lookup("late"), rte_ppool_to_mempool(next));
	assert_int_equal(rte_ppool_destroy(next), 0);

	assert_null(rte_ppool_owner_open(pool, "too late"));
	assert_int_equal(rte_errno, EBUSY);
	assert_int_equal(rte_mempool_get(mp, (void **)&none), -ENOENT);
	for (int i = 0; i < 40; i++)
		memset(m[i]->buf_addr, i, 2048);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 20), 20);
	put_elsewhere(pool, m + 20, 20);
	assert_int_equal(rte_ppool_destroy(pool), -EALREADY);
	assert_null(rte_ppool_from_mempool(rte_mempool_lookup("late")));
}

/* The same through the mempool's own functions, and with a clone as the last holder. */
static void
destroy_with_a_clone_out(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("cl", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("clone", 1);
	struct rte_mbuf *m = rte_pktmbuf_alloc(rte_ppool_to_mempool(pool));
	struct rte_mbuf *c = rte_pktmbuf_clone(m, plain);

	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_ppool_destroy(pool), -EALREADY);
	rte_pktmbuf_free(c);
	assert_int_equal(rte_mempool_avail_count(plain), 63);
	rte_mempool_free(plain);
}

/* In one put the last fragment comes before a pointer that is none: the pool must not be gone
 * when that is looked at.
 */
static void
last_put_is_not_the_last_of_its_array(void **state)
{
	struct rte_ppool *pool = test_pool("order", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[4];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 1), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	m[1] = NULL;
	m[2] = m[0];
	m[3] = (struct rte_mbuf *)m;
	assert_int_equal(rte_ppool_put_bulk(pool, m, 4), 1);
}

/* rte_mempool_free() instead of destroy: all home, and not. */
static void
mempool_free(void **state)
{
	struct rte_ppool *pool = test_pool("mpfree", 1);
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);
	struct rte_ppool_owner *o;
	struct rte_mbuf *m[3];

	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 3), 0);
	rte_pktmbuf_free_bulk(m, 3);
	rte_mempool_free(mp);
	assert_null(rte_ppool_lookup("mpfree"));
	assert_int_equal(rte_ppool_destroy(pool), -EALREADY);

	pool = test_pool("mpfree", 1);
	o = rte_ppool_owner_open(pool, "me");
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 3), 0);
	rte_mempool_free(rte_ppool_to_mempool(pool));
	assert_null(rte_ppool_lookup("mpfree"));
	assert_int_equal(rte_ppool_put_bulk(pool, m, 2), 2);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_put_bulk(pool, m + 2, 1), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exhaustion),
		cmocka_unit_test(cache_and_its_limit),
		cmocka_unit_test(ring_and_its_limit),
		cmocka_unit_test(close_with_pages_out),
		cmocka_unit_test(nothing_is_hoarded),
		cmocka_unit_test(destroy_with_owner_open),
		cmocka_unit_test(destroy_in_flight),
		cmocka_unit_test(destroy_with_a_clone_out),
		cmocka_unit_test(last_put_is_not_the_last_of_its_array),
		cmocka_unit_test(mempool_free),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
