/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Memory that comes and goes: which pages are taken first, which chunks are given back, when, and
 * what is found of them afterwards. The pool's clock is the test's: nothing here depends on how
 * long a step takes.
 */

#include <pthread.h>

#include <rte_cycles.h>
#include <rte_ring.h>

#include "ppool_test.h"

#define FRAGS 32u              /* of a page */
#define MANY (64 * 29 * FRAGS)

/* What the pool takes for a second, in ms. */
static uint64_t clock_rate = 1000;

uint64_t __real_rte_get_tsc_hz(void);
uint64_t __wrap_rte_get_tsc_hz(void);

uint64_t
__wrap_rte_get_tsc_hz(void)
{
	return __real_rte_get_tsc_hz() / 1000 * clock_rate;
}

/* A tenth of a second is over at once, or takes ten. */
static void
clock_fast(void)
{
	clock_rate = 1;
}

static void
clock_slow(void)
{
	clock_rate = 100 * 1000;
}

static struct rte_mbuf *mbufs[MANY];

static struct rte_ppool *
pool_of(uint32_t min, uint32_t max)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .min_pages = min,
		.max_pages = max, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("elastic", &p);

	assert_non_null(pool);
	return pool;
}

static struct rte_ppool_info
info_of(struct rte_ppool *pool)
{
	struct rte_ppool_info info;

	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	return info;
}

static uint32_t
nb_pages(struct rte_ppool *pool)
{
	return info_of(pool).nb_pages;
}

static uint32_t
page_of(struct rte_ppool *pool, const struct rte_mbuf *m)
{
	uint32_t page;

	assert_int_equal(rte_ppool_mbuf_where(pool, m, &page, NULL), 0);
	return page;
}

/* Pages of a full chunk. */
static uint32_t
chunk_pages(void)
{
	struct rte_ppool *pool = pool_of(0, 1000);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint32_t n;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 1), 0);
	n = nb_pages(pool);
	rte_pktmbuf_free(mbufs[0]);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_in_range(n, 28, 31);
	return n;
}

/* Until the pool has at most so many pages, and the memory of the others has gone, or until it is
 * clear that it will not get there.
 */
static void
maintain_until(struct rte_ppool *pool, uint32_t pages)
{
	uint64_t bytes;
	int i;

	for (i = 0; i < 2000 && nb_pages(pool) > pages; i++) {
		rte_ppool_maintain(pool);
		usleep(1000);
	}
	assert_in_range(nb_pages(pool), 0, pages);
	do {
		bytes = info_of(pool).memory_bytes;
		usleep(1000);
		rte_ppool_maintain(pool);
	} while (info_of(pool).memory_bytes != bytes);
}

static void
used_chunks_first(void **state)
{
	const uint32_t n = chunk_pages();
	struct rte_ppool *pool = pool_of(3 * n, 3 * n);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me"), *p;
	uint32_t i, k, all = 3 * n * FRAGS, free_of[3] = { n, n / 2, 3 };

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, all), 0);
	rte_ppool_owner_close(o); /* pages that come back go to the free list */
	/* all pages of one chunk, half of the second, three of the third */
	for (i = 0; i < all; i++) {
		uint32_t page = page_of(pool, mbufs[i]);

		if (page % n < free_of[page / n]) {
			rte_pktmbuf_free(mbufs[i]);
			mbufs[i] = NULL;
		}
	}
	for (i = k = 0; i < all; i++)
		if (mbufs[i] != NULL)
			mbufs[k++] = mbufs[i];
	assert_int_equal(k, all - (n + n / 2 + 3) * FRAGS);
	p = rte_ppool_owner_open(pool, "next");
	for (i = 0; i < 3 + n / 2 + n; i++) {
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(p, &mbufs[k], FRAGS), 0);
		/* the third chunk, then the second, then the one that was entirely free */
		assert_int_equal(page_of(pool, mbufs[k]) / n, i < 3 ? 2 : i < 3 + n / 2 ? 1 : 0);
		k += FRAGS;
	}
	assert_int_equal(k, all);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all), all);
	rte_ppool_owner_close(p);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
idle_chunks_go(void **state)
{
	const uint32_t n = chunk_pages(), pages = 10 * n, all = pages * FRAGS;
	struct rte_ppool *pool = pool_of(0, pages);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	static uint8_t seen[64 * 32];
	struct rte_ppool_stats stats;
	uint64_t peak;

	clock_fast();
	for (int round = 1; round <= 3; round++) {
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, all), 0);
		peak = info_of(pool).memory_bytes;
		assert_in_range(peak, (uint64_t)pages * 65536, (uint64_t)10 * (2 << 20));
		/* indices are used again: each of them once, none beyond the limit */
		memset(seen, 0, sizeof(seen));
		for (uint32_t i = 0; i < all; i += FRAGS) {
			uint32_t page = page_of(pool, mbufs[i]);

			assert_in_range(page, 0, pages - 1);
			assert_int_equal(seen[page]++, 0);
		}
		/* nothing goes while all is in use */
		for (int i = 0; i < 20; i++) {
			assert_int_equal(rte_ppool_maintain(pool), 0);
			usleep(1000);
		}
		assert_int_equal(nb_pages(pool), pages);
		assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all), all);
		maintain_until(pool, 0);
		assert_int_equal(info_of(pool).memory_bytes, 0);
		stats = test_stats(pool);
		assert_int_equal(stats.pages_grown, (uint64_t)round * pages);
		assert_int_equal(stats.pages_released, (uint64_t)round * pages);
	}
	assert_int_equal(rte_ppool_to_mempool(pool)->populated_size, 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Chunks of different ages and sizes go while others stay: whatever index is free is given to
 * one page only.
 */
static void
indices_are_unique(void **state)
{
	const uint32_t n = chunk_pages();
	struct rte_ppool *pool = pool_of(5, 20 * n);
	struct rte_ppool_owner *o;
	static struct rte_mbuf *held[64];
	static uint8_t seen[MANY];
	uint32_t k = 0, i, all;

	clock_fast();
	for (int round = 0; round < 8; round++) {
		o = rte_ppool_owner_open(pool, "me");
		all = (3 + round * 7 % 10) * n * FRAGS;
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, all), 0);
		rte_ppool_owner_close(o);
		/* one fragment stays, in a chunk somewhere */
		i = (round * 37 % (all / FRAGS)) * FRAGS;
		held[k++] = mbufs[i];
		mbufs[i] = mbufs[--all];
		assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all), all);
		memset(seen, 0, sizeof(seen));
		for (i = 0; i < k; i++) {
			assert_in_range(page_of(pool, held[i]), 0, sizeof(seen) - 1);
			assert_int_equal(seen[page_of(pool, held[i])]++, 0);
		}
		for (i = 0; i < 20; i++) {
			rte_ppool_maintain(pool);
			usleep(500);
		}
	}
	assert_int_equal(rte_ppool_in_flight(pool), k);
	assert_int_equal(rte_ppool_put_bulk(pool, held, k), k);
	maintain_until(pool, n);
	assert_in_range(nb_pages(pool), 5, n);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
min_pages_stay(void **state)
{
	const uint32_t n = chunk_pages(), min = n + 5;
	struct rte_ppool *pool = pool_of(min, 6 * n);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint32_t all;

	clock_fast();
	all = test_take_all(o, mbufs, MANY);
	assert_int_equal(all, 6 * n * FRAGS);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all), all);
	for (int i = 0; i < 500; i++) {
		rte_ppool_maintain(pool);
		usleep(1000);
		assert_in_range(nb_pages(pool), min, 6 * n);
	}
	/* what is left is not enough for another chunk to go */
	assert_in_range(nb_pages(pool), min, min + n - 1);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* One fragment keeps its chunk, and nothing else. */
static void
held_fragment_keeps_its_chunk(void **state)
{
	const uint32_t n = chunk_pages();
	struct rte_ppool *pool = pool_of(0, 8 * n);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint32_t all, i;
	struct rte_mbuf *m;

	clock_fast();
	all = test_take_all(o, mbufs, MANY);
	assert_int_equal(all, 8 * n * FRAGS);
	m = mbufs[all / 2];
	memset(m->buf_addr, 0xa5, 2048);
	mbufs[all / 2] = mbufs[all - 1];
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all - 1), all - 1);
	maintain_until(pool, n);
	assert_int_equal(nb_pages(pool), n);
	for (i = 0; i < 2048; i++)
		assert_int_equal(((uint8_t *)m->buf_addr)[i], 0xa5);
	assert_int_equal(rte_ppool_mbuf_where(pool, m, NULL, NULL), 0);
	rte_pktmbuf_free(m);
	maintain_until(pool, 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* A load that swings: nothing is given back and asked for again. */
static void
swinging_load_keeps_its_memory(void **state)
{
	const uint32_t n = chunk_pages(), all = 8 * n * FRAGS;
	struct rte_ppool *pool = pool_of(0, 8 * n);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

	clock_slow();
	for (int i = 0; i < 50; i++) {
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, all), 0);
		assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all), all);
		for (int k = 0; k < 5; k++)
			assert_int_equal(rte_ppool_maintain(pool), 0);
	}
	assert_int_equal(test_stats(pool).pages_grown, 8 * n);
	assert_int_equal(test_stats(pool).pages_released, 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* What was in use is forgotten by and by; what is in use, and an eighth more, is not. */
static void
some_more_than_in_use_stays(void **state)
{
	const uint32_t n = chunk_pages(), all = 16 * n * FRAGS;
	struct rte_ppool *pool = pool_of(0, 16 * n);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint32_t pages = 16 * n, now;

	clock_fast();
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, all), 0);
	rte_ppool_owner_close(o);
	/* eight chunks remain in use */
	for (uint32_t i = 0; i < all; i++)
		if (page_of(pool, mbufs[i]) >= 8 * n)
			rte_pktmbuf_free(mbufs[i]);
	for (int i = 0; i < 2000 && pages > 9 * n; i++) {
		usleep(1000);
		rte_ppool_maintain(pool);
		now = nb_pages(pool);
		assert_in_range(now, 9 * n, pages);
		pages = now;
	}
	assert_int_equal(pages, 9 * n);
	for (int i = 0; i < 100; i++) {
		usleep(300);
		rte_ppool_maintain(pool);
	}
	assert_int_equal(nb_pages(pool), 9 * n);
	for (uint32_t i = 0; i < all; i++)
		if (rte_ppool_mbuf_where(pool, mbufs[i], &now, NULL) == 0 && now < 8 * n)
			rte_pktmbuf_free(mbufs[i]);
	maintain_until(pool, 0);
	assert_int_equal(test_stats(pool).bad_over_put, 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* What is found of an mbuf whose chunk has left: nothing. Its memory goes one call later. */
static void
late_puts_of_a_chunk_that_left(void **state)
{
	const uint32_t n = chunk_pages(), all = 2 * n * FRAGS;
	struct rte_ppool *pool = pool_of(0, 2 * n);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *stale;
	uint64_t bytes, grown;

	clock_fast();
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, all), 0);
	bytes = info_of(pool).memory_bytes;
	stale = mbufs[3];
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all), all);
	rte_ppool_owner_close(o);
	/* at home, and the chunk is there: a second put is named */
	assert_int_equal(rte_ppool_put_bulk(pool, &stale, 1), 0);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	for (int i = 0; i < 2000 && nb_pages(pool) > 0; i++) {
		usleep(1000);
		/* the call in which the last chunk leaves gives none of it back */
		rte_ppool_maintain(pool);
	}
	assert_int_equal(nb_pages(pool), 0);
	assert_in_range(info_of(pool).memory_bytes, 1, bytes);
	assert_int_equal(rte_ppool_mbuf_where(pool, stale, NULL, NULL), -EINVAL);
	assert_int_equal(rte_ppool_put_bulk(pool, &stale, 1), 0);
	assert_int_equal(test_stats(pool).bad_foreign, 1);
	assert_int_equal(test_stats(pool).bad_over_put, 1);

	/* It is wanted again before its memory has gone: it comes back as it was. */
	grown = test_stats(pool).pages_grown;
	o = rte_ppool_owner_open(pool, "again");
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 1), 0);
	assert_int_equal(test_stats(pool).pages_grown, grown);
	assert_int_equal(nb_pages(pool), n);
	rte_pktmbuf_free(mbufs[0]);
	rte_ppool_owner_close(o);
	maintain_until(pool, 0);
	assert_int_equal(info_of(pool).memory_bytes, 0);
	assert_int_equal(rte_ppool_put_bulk(pool, &stale, 1), 0);
	assert_int_equal(test_stats(pool).bad_foreign, 2);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* A pool is destroyed when some of its memory is on the way out. */
static void
destroy_between_the_steps(void **state)
{
	const uint32_t n = chunk_pages(), all = 4 * n * FRAGS;
	struct rte_ppool *pool = pool_of(0, 4 * n);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

	clock_fast();
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, all), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, all), all);
	rte_ppool_owner_close(o);
	for (int i = 0; i < 2000 && nb_pages(pool) == 4 * n; i++) {
		usleep(1000);
		rte_ppool_maintain(pool);
	}
	assert_in_range(nb_pages(pool), 0, 3 * n);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* What idle owners keep: the cache of one of a driver's, and all that an lcore's has. */
static void
idle_owners_shed(void **state)
{
	const uint32_t n = chunk_pages();
	struct rte_ppool *pool = pool_of(0, 1000);
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m;

	clock_fast();
	/* in its cache */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 10 * FRAGS), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, 10 * FRAGS), 10 * FRAGS);
	/* and an open page of the lcore's */
	m = rte_pktmbuf_alloc(mp);
	assert_non_null(m);
	rte_pktmbuf_free(m);
	maintain_until(pool, 0);
	assert_int_equal(rte_ppool_avail_count(pool), 0);
	/* both go on as if nothing had been */
	m = rte_pktmbuf_alloc(mp);
	assert_non_null(m);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 10 * FRAGS), 0);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, 10 * FRAGS), 10 * FRAGS);
	/* an open page of a driver's own is not touched */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 1), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, 1), 1);
	maintain_until(pool, n);
	assert_int_equal(nb_pages(pool), n);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	maintain_until(pool, 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void *
put_all(void *arg)
{
	assert_int_equal(rte_ppool_put_bulk(arg, mbufs, 20 * FRAGS), 20 * FRAGS);
	return NULL;
}

static void
ring_of_an_idle_owner(void **state)
{
	struct rte_ppool *pool = pool_of(0, 1000);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	pthread_t other;

	clock_fast();
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 20 * FRAGS), 0);
	assert_int_equal(pthread_create(&other, NULL, put_all, pool), 0);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(test_stats(pool).recycle_ring, 20);
	maintain_until(pool, 0);
	/* and it works as before */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 20 * FRAGS), 0);
	assert_int_equal(pthread_create(&other, NULL, put_all, pool), 0);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mbufs, 20 * FRAGS), 0);
	assert_int_equal(test_stats(pool).alloc_refill, 20);
	assert_int_equal(rte_ppool_put_bulk(pool, mbufs, 20 * FRAGS), 20 * FRAGS);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* INLINE pools have their memory from elsewhere: nothing of it goes, but idle lcores shed. */
static void
inline_pools_keep_theirs(void **state)
{
	struct rte_mempool *mp = rte_ppool_pktmbuf_pool_create("inline", 1000, 0, 2176,
			SOCKET_ID_ANY, RTE_PPOOL_LAYOUT_INLINE);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct rte_mbuf *m;
	unsigned int avail;
	uint64_t bytes;

	assert_non_null(mp);
	clock_fast();
	bytes = info_of(pool).memory_bytes;
	avail = rte_mempool_avail_count(mp);
	assert_in_range(avail, 1000, MANY);
	m = rte_pktmbuf_alloc(mp);
	assert_non_null(m);
	rte_pktmbuf_free(m);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(rte_ppool_maintain(pool), 0);
		usleep(1000);
	}
	assert_int_equal(info_of(pool).memory_bytes, bytes);
	assert_int_equal(rte_mempool_avail_count(mp), avail);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, mbufs, avail), 0);
	rte_pktmbuf_free_bulk(mbufs, avail);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(rte_ppool_maintain(NULL), 0);
}

/* Chunks come and go in a random order, for long: the table must find all those that are there,
 * and nothing else.
 */
static void
table_keeps_up(void **state)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .page_size = 1 << 20,
		.frag_size = 65536, .chunk_size = 2 << 20, .max_pages = 40,
		.socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("table", &p);
	struct rte_ppool_owner *o;
	static struct rte_mbuf *slot[40 * 16];
	uint32_t n = 0, i, k;

	assert_non_null(pool);
	clock_fast();
	srand(7);
	for (int round = 0; round < 150; round++) {
		o = rte_ppool_owner_open(pool, "me");
		k = RTE_MIN((uint32_t)rand() % 200, RTE_DIM(slot) - n);
		while (k-- > 0 && rte_ppool_mbuf_alloc_bulk(o, &slot[n], 1) == 0)
			n++;
		rte_ppool_owner_close(o);
		for (i = 0; i < n; i++)
			assert_int_equal(rte_ppool_mbuf_where(pool, slot[i], NULL, NULL), 0);
		/* whole pages, mostly: those that stand next to each other */
		for (k = rand() % 12; k > 0 && n > 0; k--) {
			struct rte_mbuf *m = slot[rand() % n];
			uint32_t page = page_of(pool, m), kept = 0;

			for (i = 0; i < n; i++) {
				if (page_of(pool, slot[i]) == page)
					mbufs[i - kept] = slot[i];
				else
					slot[kept++] = slot[i];
			}
			assert_int_equal(rte_ppool_put_bulk(pool, mbufs, n - kept), n - kept);
			n = kept;
		}
		usleep(300);
		rte_ppool_maintain(pool);
	}
	assert_int_equal(rte_ppool_put_bulk(pool, slot, n), n);
	assert_int_equal(test_stats(pool).bad_foreign, 0);
	assert_true(test_stats(pool).pages_released > 100);
	maintain_until(pool, 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* ---- all at once: one allocates, one frees, one maintains */

#define ROUNDS 400u

struct threads {
	struct rte_ppool *pool;
	struct rte_ring *ring;
	uint64_t sent, freed;
	int done;
};

static void *
freer(void *arg)
{
	struct threads *t = arg;
	struct rte_mbuf *m[64];
	uint32_t n;
	int done;

	do {
		/* before the last look at the ring */
		done = __atomic_load_n(&t->done, __ATOMIC_ACQUIRE);
		n = rte_ring_sc_dequeue_burst(t->ring, (void **)m, 64, NULL);
		for (uint32_t i = 0; i < n; i++)
			if (*(uint64_t *)m[i]->buf_addr != (uintptr_t)m[i])
				abort();
		if (n > 0 && rte_ppool_put_bulk(t->pool, m, n) != n)
			abort();
		t->freed += n;
		if (n == 0)
			sched_yield();
	} while (n > 0 || !done);
	return NULL;
}

static void *
maintainer(void *arg)
{
	struct threads *t = arg;

	while (__atomic_load_n(&t->done, __ATOMIC_ACQUIRE) < 2) {
		rte_ppool_maintain(t->pool);
		usleep(200);
	}
	return NULL;
}

static void
grows_and_shrinks_under_load(void **state)
{
	const uint32_t n = chunk_pages();
	struct threads t = { .pool = pool_of(3, 12 * n) };
	struct rte_ppool_owner *o = rte_ppool_owner_open(t.pool, "me");
	pthread_t f, g;

	clock_fast();
	t.ring = rte_ring_create("elastic", 16384, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	assert_non_null(t.ring);
	assert_int_equal(pthread_create(&f, NULL, freer, &t), 0);
	assert_int_equal(pthread_create(&g, NULL, maintainer, &t), 0);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t burst = round % 7 == 0 ? 4000 : round % 3 == 0 ? 300 : 32;
		uint32_t k = 0;

		for (; k < burst && rte_ppool_mbuf_alloc_bulk(o, &mbufs[k], 4) == 0; k += 4)
			;
		for (uint32_t i = 0; i < k; i++)
			*(uint64_t *)mbufs[i]->buf_addr = (uintptr_t)mbufs[i];
		t.sent += k;
		for (uint32_t i = 0; i < k;) {
			i += rte_ring_sp_enqueue_burst(t.ring, (void **)&mbufs[i], k - i, NULL);
			if (i < k)
				sched_yield();
		}
		if (round % 20 == 0)
			usleep(3000);
	}
	__atomic_store_n(&t.done, 1, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(f, NULL), 0);
	__atomic_store_n(&t.done, 2, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(g, NULL), 0);
	assert_int_equal(t.sent, t.freed);
	assert_true(test_stats(t.pool).pages_released > 0);
	assert_int_equal(test_stats(t.pool).bad_foreign, 0);
	assert_int_equal(test_stats(t.pool).bad_over_put, 0);
	rte_ppool_owner_close(o);
	maintain_until(t.pool, n);
	assert_in_range(nb_pages(t.pool), 3, n);
	assert_int_equal(rte_ppool_in_flight(t.pool), 0);
	rte_ring_free(t.ring);
	assert_int_equal(rte_ppool_destroy(t.pool), 0);
}

static int
restore_clock(void **state)
{
	clock_rate = 1000;
	return 0;
}

int
main(void)
{
#define T(f) cmocka_unit_test_teardown(f, restore_clock)
	const struct CMUnitTest tests[] = {
		T(used_chunks_first),
		T(idle_chunks_go),
		T(indices_are_unique),
		T(min_pages_stay),
		T(held_fragment_keeps_its_chunk),
		T(swinging_load_keeps_its_memory),
		T(some_more_than_in_use_stays),
		T(late_puts_of_a_chunk_that_left),
		T(destroy_between_the_steps),
		T(idle_owners_shed),
		T(ring_of_an_idle_owner),
		T(inline_pools_keep_theirs),
		T(table_keeps_up),
		T(grows_and_shrinks_under_load),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
