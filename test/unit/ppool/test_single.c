/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Who alone holds an mbuf. */

#include "ppool_test.h"

static struct rte_mbuf *m[128], *swapped[64];

static void
compact_fresh(void **state)
{
	struct rte_ppool *pool = test_pool("fresh", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 128), 0);
	/* across pages, from anywhere, in any order */
	for (unsigned int first = 0; first < 64; first++)
		for (unsigned int n = 0; n <= 64; n++)
			assert_true(rte_ppool_single_mask(pool, &m[first], n) ==
				(n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1));
	for (unsigned int i = 0; i < 64; i++)
		swapped[i] = m[(i * 53) % 128];
	assert_true(rte_ppool_single_mask(pool, swapped, 64) == UINT64_MAX);
	/* no more than 64 are looked at */
	assert_true(rte_ppool_single_mask(pool, m, 128) == UINT64_MAX);
	/* what a received packet brings changes nothing */
	m[3]->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m[3]->data_off = 0;
	m[3]->port = 7;
	m[3]->pkt_len = m[3]->data_len = 60;
	assert_true(rte_ppool_single_mask(pool, m, 8) == 0xff);
	assert_int_equal(rte_ppool_frag_put_bulk(pool, m, 128), 128);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Each of these says no, for this mbuf alone; undone, it says yes again. */
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
		const uint64_t without = ~(UINT64_C(1) << i);

		rte_mbuf_refcnt_update(m[i], 1);
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		rte_mbuf_refcnt_update(m[i], -1);
		rte_mbuf_ext_refcnt_update(m[i]->shinfo, 1);
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		rte_mbuf_ext_refcnt_update(m[i]->shinfo, -1);
		m[i]->nb_segs = 2;
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		m[i]->nb_segs = 1;
		m[i]->ol_flags = 0;
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		m[i]->ol_flags = RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		m[i]->ol_flags = RTE_MBUF_F_EXTERNAL;
		m[i]->buf_len--;
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		m[i]->buf_len++;
		m[i]->buf_addr = RTE_PTR_ADD(m[i]->buf_addr, 64);
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		m[i]->buf_addr = RTE_PTR_SUB(m[i]->buf_addr, 64);
		mine = m[i];
		m[i] = theirs;
		assert_true(rte_ppool_single_mask(pool, m, 64) == without);
		m[i] = mine;
		assert_true(rte_ppool_single_mask(pool, m, 64) == UINT64_MAX);
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
	assert_true(rte_ppool_single_mask(pool, m, 8) == 0xdf);
	assert_true(rte_ppool_single_mask(pool, &clone, 1) == 0);
	rte_pktmbuf_free(clone);
	assert_true(rte_ppool_single_mask(pool, m, 8) == 0xff);
	longer = rte_ppool_mbuf_alloc_linear(o, 5000);
	assert_non_null(longer);
	assert_true(rte_ppool_single_mask(pool, &longer, 1) == 0);
	rte_pktmbuf_free(longer);
	/* moved by as much as it has grown: as long as before, and yet not as it was */
	assert_int_equal(rte_ppool_run_bind(m[6], 1, 64, 64), 0);
	assert_true(rte_ppool_single_mask(pool, m, 8) == 0xbf);
	rte_pktmbuf_free(m[6]);
	m[6] = m[7];
	rte_pktmbuf_free_bulk(m, 7);
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
	assert_true(rte_ppool_single_mask(pool, m, 64) == UINT64_MAX);
	clone = rte_pktmbuf_clone(m[9], mp);
	assert_non_null(clone);
	assert_true(rte_ppool_single_mask(pool, m, 64) == ~(UINT64_C(1) << 9));
	assert_true(rte_ppool_single_mask(pool, &clone, 1) == 0);
	rte_pktmbuf_free(clone);
	m[1]->nb_segs = 2;
	assert_true(rte_ppool_single_mask(pool, m, 4) == 0xd);
	m[1]->nb_segs = 1;
	assert_int_equal(rte_ppool_frag_put_bulk(pool, m, 64), 64);
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
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
