/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Several threads on one pool. Each fragment carries a stamp, and a shadow that says whether it
 * is out, so that one that is lost, or handed out twice, is seen. Written to be run under
 * ThreadSanitizer, too: the threads meet by atomics that it understands.
 */

#include <inttypes.h>

#include <rte_pause.h>
#include <rte_ring.h>

#include "ppool_test.h"

/* A sanitizer makes it all slower. */
#if defined(__SANITIZE_THREAD__)
#define SLOWER 16
#elif defined(__SANITIZE_ADDRESS__)
#define SLOWER 8
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SLOWER 16
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

#define BURST 32
#define PAGES 64
#define MAX_SHADOW (PAGES * 2048)

static uint8_t shadow[MAX_SHADOW];
static uint32_t frags_per_page;
static uint64_t errors;

#define CHECK(cond) \
	do { \
		if (!(cond) && __atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED) < 5) \
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond); \
	} while (0)

static uint8_t *
shadow_of(const struct rte_ppool *pool, const struct rte_mbuf *m)
{
	uint32_t page = 0, frag = 0;

	CHECK(rte_ppool_mbuf_where(pool, m, &page, &frag) == 0);
	return &shadow[page * frags_per_page + frag];
}

static void
goes_out(const struct rte_ppool *pool, struct rte_mbuf *m, uint64_t stamp)
{
	uint64_t *data = rte_pktmbuf_mtod(m, uint64_t *);

	CHECK(__atomic_exchange_n(shadow_of(pool, m), 1, __ATOMIC_RELAXED) == 0);
	CHECK(m->ol_flags == RTE_MBUF_F_EXTERNAL && m->data_off == RTE_PKTMBUF_HEADROOM);
	data[0] = stamp;
	data[7] = ~stamp;
	m->pkt_len = (uint32_t)stamp;
}

static void
comes_back(const struct rte_ppool *pool, struct rte_mbuf *m)
{
	const uint64_t *data = rte_pktmbuf_mtod(m, uint64_t *);

	CHECK(data[0] == ~data[7] && m->pkt_len == (uint32_t)data[0]);
	CHECK(__atomic_exchange_n(shadow_of(pool, m), 0, __ATOMIC_RELAXED) == 1);
}

/* Threads wait for each other here. */
static uint32_t gate;

static void
gate_set(uint32_t value)
{
	__atomic_store_n(&gate, value, __ATOMIC_RELEASE);
}

static void
gate_wait(uint32_t value)
{
	while (__atomic_load_n(&gate, __ATOMIC_ACQUIRE) != value)
		sched_yield();
}

static struct rte_ppool *
pool_of(uint32_t frag_size, uint32_t pages)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .frag_size = frag_size, .min_pages = 1, .max_pages = pages,
		.cache_pages = 4, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("threads", &p);
	struct rte_ppool_info info;

	assert_non_null(pool);
	rte_ppool_info_get(pool, &info);
	frags_per_page = info.frags_per_page;
	memset(shadow, 0, sizeof(shadow));
	errors = 0;
	return pool;
}

static void
nothing_out(struct rte_ppool *pool)
{
	struct rte_ppool_stats s = test_stats(pool);

	assert_int_equal(errors, 0);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(s.bad_over_put + s.bad_mbuf + s.bad_foreign, 0);
	for (uint32_t i = 0; i < MAX_SHADOW; i++)
		assert_int_equal(shadow[i], 0);
}

static uint32_t
dice(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

/* ---- one allocates, the other frees */

struct pair {
	struct rte_ppool *pool;
	struct rte_ring *ring;
	uint64_t total;
	bool shuffle;
};

static int
free_side(void *arg)
{
	struct pair *p = arg;
	struct rte_mbuf *m[4 * BURST];
	uint64_t seed = 1, done = 0;
	uint32_t held = 0, n, k;

	gate_wait(1);
	while (done < p->total) {
		n = rte_ring_sc_dequeue_burst(p->ring, (void **)&m[held], BURST, NULL);
		for (k = held; k < held + n; k++)
			comes_back(p->pool, m[k]);
		held += n;
		if (n == 0 && held == 0) {
			sched_yield();
			continue;
		}
		/* Keep some back, and give back in another order than they came. */
		if (p->shuffle)
			for (k = 0; k < held; k++) {
				uint32_t j = dice(&seed) % held;
				struct rte_mbuf *t = m[k];

				m[k] = m[j];
				m[j] = t;
			}
		k = n == 0 || held > 2 * BURST ? held : dice(&seed) % (held + 1);
		CHECK(rte_ppool_put_bulk(p->pool, &m[held - k], k) == k);
		held -= k;
		done += k;
	}
	gate_set(2);
	return 0;
}

static void
allocate_side(struct pair *p)
{
	struct rte_ppool_owner *o = rte_ppool_owner_open(p->pool, "allocates");
	struct rte_ppool_info info;
	struct rte_mbuf *m[BURST];
	struct rte_ppool_run run;
	uint64_t done = 0, seed = 7;
	uint32_t n, k;

	rte_ppool_info_get(p->pool, &info);
	while (done < p->total) {
		n = 1 + dice(&seed) % BURST;
		n = RTE_MIN((uint64_t)n, p->total - done);
		if (dice(&seed) % 2) {
			n = rte_ppool_run_alloc(o, n, &run);
			for (k = 0; k < n; k++)
				m[k] = RTE_PTR_ADD(run.mbuf, k * info.mbuf_stride);
		} else if (rte_ppool_mbuf_alloc_bulk(o, m, n) != 0) {
			n = 0;
		}
		if (n == 0)
			sched_yield();
		for (k = 0; k < n; k++)
			goes_out(p->pool, m[k], done + k);
		for (k = 0; k < n; ) {
			k += rte_ring_sp_enqueue_burst(p->ring, (void **)&m[k], n - k, NULL);
			if (k < n)
				sched_yield();
		}
		done += n;
	}
	rte_ppool_owner_close(o);
}

static void
pair_run(uint32_t frag_size, uint64_t total, uint32_t pages, bool shuffle)
{
	struct pair p = { .total = total, .shuffle = shuffle };

	p.pool = pool_of(frag_size, pages);
	p.ring = rte_ring_create("pair", 1024, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	assert_non_null(p.ring);
	gate_set(0);
	assert_int_equal(rte_eal_remote_launch(free_side, &p, 1), 0);
	gate_set(1);
	allocate_side(&p);
	gate_wait(2);
	rte_eal_wait_lcore(1);
	nothing_out(p.pool);
	rte_ring_free(p.ring);
	assert_int_equal(rte_ppool_destroy(p.pool), 0);
}

static void
one_allocates_other_frees(void **state)
{
	pair_run(2048, 8000000 / SLOWER, PAGES, false);
	pair_run(2048, 4000000 / SLOWER, PAGES, true);
}

static void
large_pages(void **state)
{
	pair_run(512, 4000000 / SLOWER, PAGES, false);
	pair_run(512, 2000000 / SLOWER, PAGES, true);
}

static void
nearly_exhausted(void **state)
{
	pair_run(2048, 2000000 / SLOWER, 8, true);
	pair_run(512, 2000000 / SLOWER, 3, true);
}

/* ---- four queues of one pool on two lcores */

#define QUEUES 4
#define ROUNDS 40

struct queues {
	struct rte_ppool *pool;
	struct rte_ppool_owner *o[QUEUES];
	struct rte_ring *ring[2][2]; /* from lcore, to lcore: who frees */
	uint32_t round;
};

/* One burst of "receive" on a queue, the packets go to the other lcore, or to this one. */
static void
queue_burst(struct queues *q, uint32_t id, uint32_t lcore, uint64_t *seed)
{
	struct rte_mbuf *m[BURST];
	uint32_t n = 1 + dice(seed) % BURST, k;

	if (rte_ppool_mbuf_alloc_bulk(q->o[id], m, n) != 0)
		return;
	for (k = 0; k < n; k++)
		goes_out(q->pool, m[k], dice(seed));
	k = rte_ring_sp_enqueue_burst(q->ring[lcore][dice(seed) & 1], (void **)m, n, NULL);
	for (uint32_t i = k; i < n; i++)
		comes_back(q->pool, m[i]);
	CHECK(rte_ppool_put_bulk(q->pool, &m[k], n - k) == n - k);
}

static uint32_t
free_burst(struct queues *q, uint32_t from, uint32_t to, uint64_t *seed)
{
	struct rte_mbuf *m[BURST];
	uint32_t n = rte_ring_sc_dequeue_burst(q->ring[from][to], (void **)m,
			1 + dice(seed) % BURST, NULL);

	for (uint32_t i = 0; i < n; i++)
		comes_back(q->pool, m[i]);
	CHECK(rte_ppool_put_bulk(q->pool, m, n) == n);
	return n;
}

/* A lcore works on two of the queues, which two changes from round to round; now and then a
 * queue is stopped and started while the other lcore goes on freeing its packets.
 */
static void
lcore_round(struct queues *q, uint32_t lcore)
{
	uint64_t seed = q->round * 2 + lcore;
	char name[32];

	for (uint32_t i = 0; i < 4000 / SLOWER; i++) {
		uint32_t id = ((dice(&seed) & 1) * 2 + lcore + q->round) % QUEUES;

		if (dice(&seed) % 64 == 0) {
			rte_ppool_owner_close(q->o[id]);
			snprintf(name, sizeof(name), "queue %u", id);
			q->o[id] = rte_ppool_owner_open(q->pool, name);
			CHECK(q->o[id] != NULL);
		}
		queue_burst(q, id, lcore, &seed);
		free_burst(q, 0, lcore, &seed);
		free_burst(q, 1, lcore, &seed);
	}
}

static int
second_lcore(void *arg)
{
	struct queues *q = arg;

	for (uint32_t r = 0; r < ROUNDS; r++) {
		gate_wait(2 * r + 1);
		lcore_round(q, 1);
		gate_set(2 * r + 2);
	}
	return 0;
}

static void
queues_run(uint32_t frag_size)
{
	struct queues q = { 0 };
	uint64_t seed = 3;

	q.pool = pool_of(frag_size, PAGES);
	for (uint32_t i = 0; i < 4; i++) {
		char name[16];

		snprintf(name, sizeof(name), "ring%u", i);
		q.ring[i / 2][i % 2] = rte_ring_create(name, 512, SOCKET_ID_ANY,
				RING_F_SP_ENQ | RING_F_SC_DEQ);
		assert_non_null(q.ring[i / 2][i % 2]);
	}
	for (uint32_t i = 0; i < QUEUES; i++)
		q.o[i] = rte_ppool_owner_open(q.pool, "queue");
	gate_set(0);
	assert_int_equal(rte_eal_remote_launch(second_lcore, &q, 1), 0);
	for (q.round = 0; q.round < ROUNDS; ) {
		gate_set(2 * q.round + 1);
		lcore_round(&q, 0);
		gate_wait(2 * q.round + 2);
		q.round++;
	}
	rte_eal_wait_lcore(1);
	for (uint32_t i = 0; i < QUEUES; i++)
		rte_ppool_owner_close(q.o[i]);
	for (uint32_t i = 0; i < 4; i++)
		while (free_burst(&q, i / 2, i % 2, &seed) > 0)
			;
	nothing_out(q.pool);
	assert_int_equal(rte_ppool_avail_count(q.pool) % frags_per_page, 0);
	assert_int_equal(rte_ppool_destroy(q.pool), 0);
	for (uint32_t i = 0; i < 4; i++)
		rte_ring_free(q.ring[i / 2][i % 2]);
}

static void
four_queues_two_lcores(void **state)
{
	queues_run(2048);
}

static void
four_queues_large_pages(void **state)
{
	queues_run(512);
}

/* ---- closing and destroying against the last put */

struct race {
	struct rte_ppool *pool;
	struct rte_mbuf *m[64];    /* of a large page: one word of its state */
	struct rte_mbuf *clone;
	uint32_t n;
	uint32_t rounds;
	uint32_t delay;            /* longest, of the thread that puts */
};

static int
race_side(void *arg)
{
	struct race *r = arg;
	uint32_t rounds, delay, seen = 0;

	gate_wait(1);
	rounds = r->rounds;
	delay = r->delay;
	for (uint32_t i = 0; i < rounds; i++) {
		gate_wait(2 * i + 1);
		for (uint32_t spin = i * 13 % delay; spin > 0; spin--)
			rte_pause();
		if (r->clone != NULL) {
			rte_pktmbuf_free(r->clone);
		} else {
			/* a last look: whoever writes here next must come after it */
			for (uint32_t k = 0; k < r->n; k++)
				seen += *(volatile uint8_t *)r->m[k]->buf_addr;
			CHECK(rte_ppool_put_bulk(r->pool, r->m, r->n / 2) == r->n / 2);
			CHECK(rte_ppool_put_bulk(r->pool, r->m + r->n / 2, r->n - r->n / 2) ==
				r->n - r->n / 2);
		}
		gate_set(2 * i + 2);
	}
	return seen == UINT32_MAX;
}

static void
close_against_last_put(void **state)
{
	struct race r = { .rounds = 40000 / SLOWER, .delay = 100 };
	struct rte_ppool_owner *o;

	r.pool = pool_of(2048, 4);
	gate_set(0);
	assert_int_equal(rte_eal_remote_launch(race_side, &r, 1), 0);
	for (uint32_t i = 0; i < r.rounds; i++) {
		r.n = 1 + i % BURST;
		o = rte_ppool_owner_open(r.pool, "short");
		CHECK(rte_ppool_mbuf_alloc_bulk(o, r.m, r.n) == 0);
		gate_set(2 * i + 1);
		rte_ppool_owner_close(o);
		gate_wait(2 * i + 2);
		CHECK(rte_ppool_avail_count(r.pool) % 32 == 0);
	}
	rte_eal_wait_lcore(1);
	nothing_out(r.pool);
	assert_int_equal(rte_ppool_destroy(r.pool), 0);
}

static void
destroy_against_last_put(void **state)
{
	struct race r = { .rounds = 4000 / SLOWER, .delay = 1500 };
	struct rte_ppool_owner *o;
	int now = 0, later = 0, ret;

	gate_set(0);
	errors = 0;
	assert_int_equal(rte_eal_remote_launch(race_side, &r, 1), 0);
	for (uint32_t i = 0; i < r.rounds; i++) {
		r.pool = test_pool("race", 1);
		r.n = 1 + i % BURST;
		o = rte_ppool_owner_open(r.pool, "short");
		CHECK(rte_ppool_mbuf_alloc_bulk(o, r.m, r.n) == 0);
		rte_ppool_owner_close(o);
		gate_set(2 * i + 1);
		for (uint32_t spin = i * 7 % 300; spin > 0; spin--)
			rte_pause();
		ret = rte_ppool_destroy(r.pool);
		now += ret == 0;
		later += ret == -EINPROGRESS;
		gate_wait(2 * i + 2);
	}
	rte_eal_wait_lcore(1);
	assert_int_equal(errors, 0);
	assert_int_equal(now + later, r.rounds);
	printf("destroyed at once %d, by the last put %d\n", now, later);
}

/* Two threads give back halves of one page at the same time, and the owner uses it again at
 * once: all that it knows of the other's last access it knows by the page.
 */
static void
halves_run(uint32_t frag_size)
{
	struct race r = { .rounds = 40000 / SLOWER, .delay = 30 };
	struct rte_mbuf *m[2 * RTE_DIM(r.m)];
	struct rte_ppool_owner *o;

	r.pool = pool_of(frag_size, 1);
	o = rte_ppool_owner_open(r.pool, "halves");
	r.n = frags_per_page / 2;
	assert_true(r.n <= RTE_DIM(r.m));
	gate_set(0);
	assert_int_equal(rte_eal_remote_launch(race_side, &r, 1), 0);
	for (uint32_t i = 0; i < r.rounds; i++) {
		while (rte_ppool_mbuf_alloc_bulk(o, m, frags_per_page) != 0)
			rte_pause();
		/* not memset(), which may become code that ThreadSanitizer does not see */
		for (uint32_t k = 0; k < frags_per_page; k++)
			*(volatile uint8_t *)m[k]->buf_addr = (uint8_t)i;
		if (i > 0)
			gate_wait(2 * i);
		memcpy(r.m, m, r.n * sizeof(m[0]));
		gate_set(2 * i + 1);
		for (uint32_t spin = i * 17 % (100 * SLOWER); spin > 0; spin--)
			rte_pause();
		CHECK(rte_ppool_put_bulk(r.pool, m + r.n, frags_per_page - r.n) ==
			frags_per_page - r.n);
	}
	gate_wait(2 * r.rounds);
	rte_eal_wait_lcore(1);
	rte_ppool_owner_close(o);
	nothing_out(r.pool);
	printf("last was the owner %" PRIu64 " times, the other thread %" PRIu64 " times\n",
		test_stats(r.pool).recycle_cached, test_stats(r.pool).recycle_ring);
	assert_int_equal(rte_ppool_destroy(r.pool), 0);
}

static void
halves_of_a_page(void **state)
{
	halves_run(2048);
}

static void
halves_of_a_large_page(void **state)
{
	halves_run(512);
}

/* Two threads give back the last fragments of a destroyed pool at the same time: the one that
 * is not the last must have done with the pool when the other frees it.
 */
static void
last_puts_run(uint32_t frag_size)
{
	struct race r = { .rounds = 4000 / SLOWER, .delay = 40 };
	struct rte_mbuf *m[2 * RTE_DIM(r.m)];
	struct rte_ppool_owner *o;

	gate_set(0);
	assert_int_equal(rte_eal_remote_launch(race_side, &r, 1), 0);
	for (uint32_t i = 0; i < r.rounds; i++) {
		r.pool = pool_of(frag_size, 1);
		r.n = frags_per_page / 2;
		o = rte_ppool_owner_open(r.pool, "last");
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, frags_per_page), 0);
		rte_ppool_owner_close(o);
		assert_int_equal(rte_ppool_destroy(r.pool), -EINPROGRESS);
		memcpy(r.m, m, r.n * sizeof(m[0]));
		gate_set(2 * i + 1);
		for (uint32_t spin = i * 17 % (100 * SLOWER); spin > 0; spin--)
			rte_pause();
		CHECK(rte_ppool_put_bulk(r.pool, m + r.n, frags_per_page - r.n) ==
			frags_per_page - r.n);
		gate_wait(2 * i + 2);
		assert_int_equal(rte_ppool_destroy(r.pool), -EALREADY);
	}
	rte_eal_wait_lcore(1);
	assert_int_equal(errors, 0);
}

static void
last_puts_at_once(void **state)
{
	last_puts_run(2048);
	last_puts_run(512);
}

/* A fragment and its clone are freed at the same time: who is last gives it back. */
static void
clone_against_original(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("clones", 63, 0, 0, 2048,
			SOCKET_ID_ANY);
	struct race r = { .rounds = 60000 / SLOWER, .delay = 20 };
	struct rte_mbuf *m;

	r.pool = pool_of(2048, 1);
	gate_set(0);
	assert_int_equal(rte_eal_remote_launch(race_side, &r, 1), 0);
	for (uint32_t i = 0; i < r.rounds; i++) {
		m = rte_pktmbuf_alloc(rte_ppool_to_mempool(r.pool));
		CHECK(m != NULL);
		r.clone = rte_pktmbuf_clone(m, plain);
		CHECK(r.clone != NULL);
		gate_set(2 * i + 1);
		rte_pktmbuf_free(m);
		gate_wait(2 * i + 2);
	}
	rte_eal_wait_lcore(1);
	nothing_out(r.pool);
	assert_int_equal(rte_mempool_avail_count(plain), 63);
	rte_mempool_free(plain);
	assert_int_equal(rte_ppool_destroy(r.pool), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_allocates_other_frees),
		cmocka_unit_test(large_pages),
		cmocka_unit_test(nearly_exhausted),
		cmocka_unit_test(four_queues_two_lcores),
		cmocka_unit_test(four_queues_large_pages),
		cmocka_unit_test(halves_of_a_page),
		cmocka_unit_test(halves_of_a_large_page),
		cmocka_unit_test(close_against_last_put),
		cmocka_unit_test(destroy_against_last_put),
		cmocka_unit_test(last_puts_at_once),
		cmocka_unit_test(clone_against_original),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
