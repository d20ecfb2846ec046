/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Fragments that one user holds alone, and gives back together. */

#include <pthread.h>

#include "ppool_test.h"

#define MAX 128u

static struct rte_mbuf *m[MAX], *swapped[MAX];
static struct rte_ppool_span spans[MAX];
static unsigned int nb;

/* How many of n mbufs are taken, into spans of their own. */
static unsigned int
take(const struct rte_ppool *pool, struct rte_mbuf **mbufs, unsigned int n)
{
	unsigned int i, frags = 0, taken;

	nb = 0;
	taken = rte_ppool_span_collect(pool, mbufs, n, spans, &nb, MAX);
	for (i = 0; i < nb; i++)
		frags += __builtin_popcountll(spans[i].frags);
	assert_int_equal(frags, taken);
	return taken;
}

static void
compact_fresh(void **state)
{
	struct rte_ppool *pool = test_pool("fresh", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 128), 0);
	/* across pages, from anywhere, in any order */
	for (unsigned int first = 0; first < 64; first++)
		for (unsigned int n = 0; n <= 64; n++)
			assert_int_equal(take(pool, &m[first], n), n);
	for (unsigned int i = 0; i < MAX; i++)
		swapped[i] = m[(i * 53) % MAX];
	assert_int_equal(take(pool, swapped, MAX), MAX);
	/* what a received packet brings changes nothing */
	m[3]->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m[3]->data_off = 0;
	m[3]->port = 7;
	m[3]->pkt_len = m[3]->data_len = 60;
	assert_int_equal(take(pool, m, MAX), MAX);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), MAX);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Each of these ends it in front of this mbuf; undone, it goes on. */
static void
compact_not(void **state)
{
	struct rte_ppool *pool = test_pool("not", 4), *other = test_pool("other", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_owner *oo = rte_ppool_owner_open(other, "you");
	struct rte_mbuf *mine, *theirs;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 128), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(oo, &theirs, 1), 0);
	for (unsigned int i = 0; i < 64; i++) {
		rte_mbuf_refcnt_update(m[i], 1);
		assert_int_equal(take(pool, m, 64), i);
		rte_mbuf_refcnt_update(m[i], -1);
		rte_mbuf_ext_refcnt_update(m[i]->shinfo, 1);
		assert_int_equal(take(pool, m, 64), i);
		rte_mbuf_ext_refcnt_update(m[i]->shinfo, -1);
		m[i]->nb_segs = 2;
		assert_int_equal(take(pool, m, 64), i);
		m[i]->nb_segs = 1;
		m[i]->ol_flags = 0;
		assert_int_equal(take(pool, m, 64), i);
		m[i]->ol_flags = RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;
		assert_int_equal(take(pool, m, 64), i);
		m[i]->ol_flags = RTE_MBUF_F_EXTERNAL;
		m[i]->buf_len--;
		assert_int_equal(take(pool, m, 64), i);
		m[i]->buf_len++;
		m[i]->buf_addr = RTE_PTR_ADD(m[i]->buf_addr, 64);
		assert_int_equal(take(pool, m, 64), i);
		m[i]->buf_addr = RTE_PTR_SUB(m[i]->buf_addr, 64);
		mine = m[i];
		m[i] = theirs;
		assert_int_equal(take(pool, m, 64), i);
		m[i] = mine;
		assert_int_equal(take(pool, m, 64), 64);
	}
	assert_int_equal(rte_ppool_put_bulk(pool, m, 128), 128);
	assert_int_equal(rte_ppool_put_bulk(other, &theirs, 1), 1);
	rte_ppool_owner_close(o);
	rte_ppool_owner_close(oo);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(rte_ppool_destroy(other), 0);
}

/* As applications do it: clones, and mbufs that hold a run. */
static void
compact_shared(void **state)
{
	struct rte_ppool *pool = test_pool("shared", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mempool *mp = rte_pktmbuf_pool_create("clones", 63, 0, 0, 256, SOCKET_ID_ANY);
	struct rte_mbuf *clone, *longer;

	assert_non_null(mp);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 8), 0);
	clone = rte_pktmbuf_clone(m[5], mp);
	assert_non_null(clone);
	assert_int_equal(take(pool, m, 8), 5);
	assert_int_equal(take(pool, &m[6], 2), 2);
	assert_int_equal(take(pool, &clone, 1), 0);
	rte_pktmbuf_free(clone);
	assert_int_equal(take(pool, m, 8), 8);
	longer = rte_ppool_mbuf_alloc_linear(o, 5000);
	assert_non_null(longer);
	clone = rte_pktmbuf_clone(longer, mp);
	assert_int_equal(take(pool, &longer, 1), 0);
	rte_pktmbuf_free(clone);
	nb = 0;
	assert_int_equal(rte_ppool_span_collect(pool, &longer, 1, spans, &nb, MAX), 1);
	assert_int_equal(__builtin_popcountll(spans[0].frags), 3);
	/* only collected: it can still be freed as ever */
	rte_pktmbuf_free(longer);
	/* moved by as much as it has grown: as long as before, and yet not as it was */
	assert_int_equal(rte_ppool_run_bind(m[6], 1, 64, 64), 0);
	assert_int_equal(take(pool, m, 8), 8);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 8);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_mempool_free(mp);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
inline_direct(void **state)
{
	struct rte_mempool *mp = rte_ppool_pktmbuf_pool_create("direct", 256, 0, 0, SOCKET_ID_ANY,
		RTE_PPOOL_LAYOUT_INLINE);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct rte_mbuf *clone;

	assert_non_null(mp);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 64), 0);
	assert_int_equal(take(pool, m, 64), 64);
	clone = rte_pktmbuf_clone(m[9], mp);
	assert_non_null(clone);
	assert_int_equal(take(pool, m, 64), 9);
	assert_int_equal(take(pool, &clone, 1), 0);
	rte_pktmbuf_free(clone);
	m[1]->nb_segs = 2;
	assert_int_equal(take(pool, m, 4), 1);
	m[1]->nb_segs = 1;
	assert_int_equal(take(pool, m, 64), 64);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 64);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void *
put_there(void *arg)
{
	assert_int_equal(rte_ppool_span_put_bulk(arg, spans, nb), 32 + 31);
	return NULL;
}

/* Packets of all sorts that a device wrote across fragments: runs, and others between them. */
static void
runs(void **state)
{
	struct rte_ppool *pool = test_pool("runs", 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	unsigned int first, k, n, i, left;
	struct rte_mbuf *all[64];
	pthread_t t;

	for (k = 1; k <= 32; k++) {
		for (first = 0; first < 4; first++) {
			assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, all, 64), 0);
			for (i = 0; i < 64; i++) {
				test_mbuf_is_fresh(all[i]);
				assert_int_equal(all[i]->buf_len, 2048);
				assert_ptr_equal(all[i]->buf_addr, RTE_PTR_ADD(
					all[i / 32 * 32]->buf_addr, i % 32 * 2048));
			}
			/* some alone, then runs up to the end of the page, then a page of others */
			for (i = n = 0; i < 64; i += left) {
				left = i < first || i >= 32 ? 1 : RTE_MIN(k, 32 - i);
				m[n++] = all[i];
				if (left > 1)
					assert_int_equal(rte_ppool_run_bind(all[i], left,
						i == first ? 3 : 0, 0), 0);
			}
			nb = 0;
			assert_int_equal(rte_ppool_span_collect(pool, m, n, spans, &nb, MAX), n);
			assert_int_equal(nb, 2);
			assert_true(spans[0].frags == UINT32_MAX && spans[1].frags == UINT32_MAX);
			/* what is not in order ends it */
			rte_mbuf_refcnt_update(m[first], 1);
			assert_int_equal(take(pool, &m[first], n - first), 0);
			rte_mbuf_refcnt_update(m[first], -1);
			m[first]->nb_segs = 2;
			assert_int_equal(take(pool, &m[first], n - first), 0);
			m[first]->nb_segs = 1;
			if (m[first]->buf_len != 2048) {
				m[first]->buf_addr = RTE_PTR_ADD(m[first]->buf_addr, 2048);
				assert_int_equal(take(pool, &m[first], n - first), 0);
				m[first]->buf_addr = RTE_PTR_SUB(m[first]->buf_addr, 2048);
			}
			nb = 0;
			assert_int_equal(rte_ppool_span_collect(pool, m, n, spans, &nb, MAX), n);
			if (first == 3) {
				/* one of another run is put on its own: seen when the run is back */
				assert_int_equal(rte_ppool_put_bulk(pool, &all[31], 1), 1 +
					(all[31]->buf_len == 2048 ? 0 : 1));
				assert_int_equal(pthread_create(&t, NULL, put_there, pool), 0);
				pthread_join(t, NULL);
			} else {
				assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 64);
			}
			assert_int_equal(rte_ppool_in_flight(pool), 0);
			/* once more is once too much, and changes nothing */
			assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 0);
		}
	}
	assert_int_equal(test_stats(pool).bad_over_put, 32 * 4 * 64 + 32);
	assert_int_equal(test_stats(pool).bad_mbuf, 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Bursts one after the other, as a ring has them; no more spans than there is room for. */
static void
spans_continue(void **state)
{
	struct rte_ppool *pool = test_pool("continue", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *pair[2];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, MAX), 0);
	nb = 0;
	for (unsigned int i = 0; i < 24; i += 8)
		assert_int_equal(rte_ppool_span_collect(pool, &m[i], 8, spans, &nb, 1), 8);
	assert_int_equal(nb, 1);
	/* the next page has no room; nor has an mbuf that is there already */
	assert_int_equal(rte_ppool_span_collect(pool, &m[24], 16, spans, &nb, 1), 8);
	assert_int_equal(rte_ppool_span_collect(pool, &m[0], 1, spans, &nb, 1), 0);
	assert_int_equal(nb, 1);
	assert_int_equal(__builtin_popcountll(spans[0].frags), 32);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, 1), 32);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, 0), 0);
	/* two pages in turns: a span each time */
	pair[0] = m[32];
	pair[1] = m[64];
	assert_int_equal(take(pool, pair, 2), 2);
	assert_int_equal(nb, 2);
	assert_int_equal(rte_ppool_span_collect(pool, &m[33], 1, spans, &nb, 2), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[32], MAX - 32), MAX - 32);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Each fragment goes back once, however it does. */
static void
spans_twice(void **state)
{
	struct rte_ppool *pool = test_pool("twice", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_stats stats;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 40), 0);
	assert_int_equal(take(pool, m, 20), 20);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 20);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 1), 0);
	/* the same span twice in a call; and one that is half back */
	assert_int_equal(take(pool, &m[20], 2), 2);
	spans[1] = spans[0];
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, 2), 2);
	assert_int_equal(take(pool, &m[22], 2), 2);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[22], 1), 1);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 1);
	assert_int_equal(rte_ppool_stats_get(pool, &stats), 0);
	assert_int_equal(stats.bad_over_put, 20 + 1 + 2 + 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[24], 16), 16);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Pages of more than one word. */
static void
spans_of_large_pages(void **state)
{
	struct rte_ppool_params params = { .page_size = 1 << 20, .min_pages = 1, .max_pages = 2,
		.frag_size = 2048, .layout = RTE_PPOOL_LAYOUT_COMPACT, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("large", &params);
	struct rte_ppool_owner *o;

	assert_non_null(pool);
	o = rte_ppool_owner_open(pool, "me");
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, MAX), 0);
	assert_int_equal(take(pool, &m[10], MAX - 10), MAX - 10);
	assert_int_equal(nb, 2);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), MAX - 10);
	assert_int_equal(take(pool, m, 10), 10);
	assert_int_equal(rte_ppool_span_put_bulk(pool, spans, nb), 10);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_fresh),
		cmocka_unit_test(compact_not),
		cmocka_unit_test(compact_shared),
		cmocka_unit_test(inline_direct),
		cmocka_unit_test(runs),
		cmocka_unit_test(spans_continue),
		cmocka_unit_test(spans_twice),
		cmocka_unit_test(spans_of_large_pages),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
