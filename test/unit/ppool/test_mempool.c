/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The pool behind the mempool API: from EAL lcores and from other threads. */

#include <pthread.h>

#include "ppool_test.h"

static struct rte_mempool *
mempool_of(unsigned int n)
{
	struct rte_mempool *mp = rte_ppool_pktmbuf_pool_create("mp", n, 0, 0, SOCKET_ID_ANY,
			RTE_PPOOL_LAYOUT_COMPACT);

	assert_non_null(mp);
	return mp;
}

static void
done_with(struct rte_mempool *mp)
{
	assert_int_equal(rte_ppool_destroy(rte_ppool_from_mempool(mp)), 0);
}

static void
create_limits(void **state)
{
	const uint32_t tight = RTE_PKTMBUF_HEADROOM + RTE_CACHE_LINE_SIZE; /* the smallest */
	const struct {
		unsigned int n;
		uint16_t priv, room, room_made;
		uint32_t n_made;
		int err;
	} t[] = {
		{ 1, 0, 0, 2048, 32, 0 },
		{ 32, 0, 2048, 2048, 32, 0 },
		{ 33, 0, 2048, 2048, 64, 0 },
		{ 100, 1024, 2049, 2048 + RTE_CACHE_LINE_SIZE,
			RTE_ALIGN_MUL_CEIL(100, 65536 / (2048 + RTE_CACHE_LINE_SIZE)), 0 },
		{ 1, 0, 65535, 65535, 1, 0 },
		{ 10, 0, RTE_PKTMBUF_HEADROOM + 1, tight, 65536 / tight, 0 },
		{ 10, 0, RTE_PKTMBUF_HEADROOM, 0, 0, EINVAL },
		{ 0, 0, 0, 0, 0, EINVAL },
		{ RTE_PPOOL_FRAGS_MAX + 1, 0, 0, 0, 0, EINVAL },
		{ 10, 4, 0, 0, 0, EINVAL },
	};

	for (uint32_t i = 0; i < RTE_DIM(t); i++) {
		struct rte_mempool *mp = rte_ppool_pktmbuf_pool_create("mp", t[i].n, t[i].priv,
			t[i].room, SOCKET_ID_ANY, RTE_PPOOL_LAYOUT_COMPACT);

		if (t[i].err != 0) {
			assert_null(mp);
			assert_int_equal(rte_errno, t[i].err);
			continue;
		}
		assert_non_null(mp);
		assert_int_equal(rte_pktmbuf_data_room_size(mp), t[i].room_made);
		assert_int_equal(rte_pktmbuf_priv_size(mp), t[i].priv);
		assert_int_equal(mp->size, t[i].n_made);
		assert_int_equal(rte_mempool_avail_count(mp), t[i].n_made);
		assert_ptr_equal(rte_ppool_lookup("mp"), rte_ppool_from_mempool(mp));
		done_with(mp);
	}
	assert_null(rte_ppool_pktmbuf_pool_create("mp", 1, 0, 0, SOCKET_ID_ANY, 7));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(rte_ppool_pktmbuf_pool_create(NULL, 0, 0, 0, SOCKET_ID_ANY, 0));
}

/* What a mempool says of itself. */
static void
counts(void **state)
{
	struct rte_mempool *mp = mempool_of(256);
	struct rte_mbuf *m[256];
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_true(rte_mempool_full(mp));
	assert_false(rte_mempool_empty(mp));
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 100), 0);
	assert_int_equal(rte_mempool_avail_count(mp), 156);
	assert_int_equal(rte_mempool_in_use_count(mp), 100);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m + 100, 157), -ENOENT);
	assert_int_equal(rte_mempool_in_use_count(mp), 100);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m + 100, 156), 0);
	assert_true(rte_mempool_empty(mp));
	assert_null(rte_pktmbuf_alloc(mp));
	rte_mempool_dump(f, mp);
	rte_mempool_audit(mp);
	fclose(f);
	free(text);
	rte_pktmbuf_free_bulk(m, 256);
	assert_true(rte_mempool_full(mp));
	assert_int_equal(rte_ppool_in_flight(rte_ppool_from_mempool(mp)), 0);
	done_with(mp);
}

struct job {
	struct rte_mempool *mp;
	struct rte_mbuf *m[64];
	unsigned int n;
	int ret;
	bool free;
};

static int
work(void *arg)
{
	struct job *job = arg;

	if (job->free)
		rte_pktmbuf_free_bulk(job->m, job->n);
	else
		job->ret = rte_pktmbuf_alloc_bulk(job->mp, job->m, job->n);
	return 0;
}

static void *
thread(void *arg)
{
	work(arg);
	return NULL;
}

/* The EAL's own hand-over between lcores is in its library, where ThreadSanitizer does not
 * see it: this atomic says the same.
 */
static uint32_t turn;

static int
work_on_lcore(void *arg)
{
	(void)__atomic_load_n(&turn, __ATOMIC_ACQUIRE);
	work(arg);
	__atomic_store_n(&turn, 0, __ATOMIC_RELEASE);
	return 0;
}

static void
on_lcore(struct job *job)
{
	__atomic_store_n(&turn, 1, __ATOMIC_RELEASE);
	assert_int_equal(rte_eal_remote_launch(work_on_lcore, job, 1), 0);
	rte_eal_wait_lcore(1);
	assert_int_equal(__atomic_load_n(&turn, __ATOMIC_ACQUIRE), 0);
}

static void
on_other_thread(struct job *job)
{
	pthread_t t;

	assert_int_equal(pthread_create(&t, NULL, thread, job), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
}

static void
threads_of_all_kinds(void **state)
{
	struct rte_mempool *mp = mempool_of(96);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct job lcore = { .mp = mp, .n = 20 }, other = { .mp = mp, .n = 20 };
	struct rte_ppool_info info;
	struct rte_mbuf *m[20];

	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 20), 0);
	on_lcore(&lcore);
	on_other_thread(&other);
	assert_int_equal(lcore.ret, 0);
	assert_int_equal(other.ret, 0);
	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	assert_int_equal(info.nb_owners, 3);
	assert_int_equal(info.pages_in_flight, 3);
	assert_int_equal(rte_mempool_avail_count(mp), 36);
	/* crosswise */
	lcore.free = other.free = true;
	on_lcore(&other);
	on_other_thread(&lcore);
	rte_pktmbuf_free_bulk(m, 20);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(test_stats(pool).bad_over_put, 0);
	done_with(mp);
}

/* A get succeeds while there is something: what is left in the open pages of other lcores is
 * taken when nothing else is left.
 */
static void
rests_of_other_lcores(void **state)
{
	struct rte_mempool *mp = mempool_of(96);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct job lcore = { .mp = mp, .n = 1 }, other = { .mp = mp, .n = 2 };
	struct rte_mbuf *m[94];

	on_lcore(&lcore);
	on_other_thread(&other);
	assert_int_equal(rte_mempool_avail_count(mp), 93);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 94), -ENOENT);
	assert_int_equal(rte_mempool_avail_count(mp), 93);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 93), 0);
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	for (int i = 0; i < 93; i++)
		test_mbuf_is_fresh(m[i]);
	rte_pktmbuf_free_bulk(m, 93);
	assert_int_equal(rte_ppool_in_flight(pool), 2);
	rte_pktmbuf_free_bulk(lcore.m, 1);
	rte_pktmbuf_free_bulk(other.m, 2);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_mempool_avail_count(mp), 96);
	done_with(mp);
}

/* The mempool functions that a pool without memory of its own refuses. */
static void
what_it_refuses(void **state)
{
	struct rte_mempool *mp, *ours = mempool_of(32);

	mp = rte_mempool_create_empty("outside", 10, 128, 0, 0, SOCKET_ID_ANY, 0);
	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, "ppool_compact", NULL), 0);
	assert_true(rte_mempool_populate_default(mp) < 0);
	assert_null(rte_ppool_from_mempool(mp));
	rte_mempool_free(mp);

	assert_int_equal(rte_mempool_set_ops_byname(ours, "ring_mp_mc", NULL), -EEXIST);
	assert_true(rte_mempool_populate_default(ours) <= 0);
	assert_int_equal(rte_mempool_avail_count(ours), 32);
	done_with(ours);
}

/* Other threads allocate and free at the same time. */
static void *
churn(void *arg)
{
	struct job *job = arg;
	struct rte_mbuf *m[16];

	for (int i = 0; i < 20000; i++) {
		unsigned int n = 1 + i % 16;

		if (rte_pktmbuf_alloc_bulk(job->mp, m, n) != 0) {
			job->ret++;
			continue;
		}
		for (unsigned int k = 0; k < n; k++)
			*rte_pktmbuf_mtod(m[k], void **) = m;
		for (unsigned int k = 0; k < n; k++)
			if (*rte_pktmbuf_mtod(m[k], void **) != m)
				job->n++;
		rte_pktmbuf_free_bulk(m, n);
	}
	return NULL;
}

static void
threads_at_once(void **state)
{
	struct rte_mempool *mp = mempool_of(4 * 32); /* 3 threads of up to 16 */
	struct job job[3] = { { .mp = mp }, { .mp = mp }, { .mp = mp } };
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, churn, &job[i]), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(job[i].n, 0);
	}
	assert_int_equal(rte_mempool_avail_count(mp), 128);
	assert_int_equal(rte_ppool_in_flight(rte_ppool_from_mempool(mp)), 0);
	assert_int_equal(test_stats(rte_ppool_from_mempool(mp)).bad_over_put, 0);
	done_with(mp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_limits),
		cmocka_unit_test(counts),
		cmocka_unit_test(threads_of_all_kinds),
		cmocka_unit_test(rests_of_other_lcores),
		cmocka_unit_test(what_it_refuses),
		cmocka_unit_test(threads_at_once),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
