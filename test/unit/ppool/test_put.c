/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Giving back: second puts, foreign pointers, misused mbufs, clones and references. */

#include "ppool_test.h"

#define MAX_FRAGS 2048

struct shape {
	uint32_t page, frag, frags;
};

/* Around the limits of one state word, of several, and of one fragment. */
static const struct shape shapes[] = {
	{ 65536, 2048, 32 }, { 65536, 1024, 64 }, { 65536, 1152, 56 }, { 4096, 4096, 1 },
	{ 131072, 2048, 64 }, { 65536, 896, 73 }, { 2 << 20, 2048, 1024 }, { 65536, 65536, 1 },
	{ 65536, 512, 128 }, { 524288, 8320, 63 }, { 524288, 8064, 65 },
};

static struct rte_ppool *
shaped_pool(const struct shape *s, uint32_t pages)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .page_size = s->page, .frag_size = s->frag,
		.min_pages = pages, .max_pages = pages, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("shape", &p);
	struct rte_ppool_info info;

	assert_non_null(pool);
	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	assert_int_equal(info.frags_per_page, s->frags);
	return pool;
}

/* Take everything, give it back in several orders, and find all of it again each time. */
static void
all_orders(void **state)
{
	static struct rte_mbuf *m[MAX_FRAGS], *seen[MAX_FRAGS];
	static const uint32_t steps[] = { 1, 3, 7, 31 }; /* prime to the numbers of fragments */

	for (uint32_t s = 0; s < RTE_DIM(shapes); s++) {
		struct rte_ppool *pool = shaped_pool(&shapes[s], 2);
		struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
		uint32_t total = 2 * shapes[s].frags;

		for (uint32_t k = 0; k < RTE_DIM(steps); k++) {
			memset(m, 0, sizeof(m));
			assert_int_equal(test_take_all(o, m, MAX_FRAGS), total);
			assert_int_equal(rte_ppool_in_flight(pool), 2);
			for (uint32_t i = 0; i < total; i++) {
				test_mbuf_is_fresh(m[i]);
				seen[i] = m[i];
			}
			for (uint32_t i = 0; i < total; i++) {
				uint32_t j = total % steps[k] == 0 ? i : i * steps[k] % total;

				assert_int_equal(rte_ppool_put_bulk(pool, &m[j], 1), 1);
				assert_int_equal(rte_ppool_put_bulk(pool, &m[j], 1), 0);
			}
			assert_int_equal(rte_ppool_in_flight(pool), 0);
		}
		/* Nothing was handed out twice at the same time. */
		for (uint32_t i = 1; i < total; i++)
			for (uint32_t j = 0; j < i && total < 200; j++)
				assert_ptr_not_equal(seen[i], seen[j]);
		assert_int_equal(test_stats(pool).bad_over_put, RTE_DIM(steps) * total);
		assert_int_equal(rte_ppool_put_bulk(pool, m, total), 0);
		rte_ppool_owner_close(o);
		assert_int_equal(rte_ppool_destroy(pool), 0);
	}
}

/* A second put while the neighbours are out changes nothing for them. */
static void
over_put_with_neighbours(void **state)
{
	static struct rte_mbuf *m[MAX_FRAGS];

	for (uint32_t s = 0; s < RTE_DIM(shapes); s++) {
		struct rte_ppool *pool = shaped_pool(&shapes[s], 1);
		struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
		uint32_t n = shapes[s].frags, i;

		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, n), 0);
		assert_int_equal(rte_ppool_put_bulk(pool, &m[n - 1], 1), 1);
		for (i = 0; i < n + 3; i++)
			assert_int_equal(rte_ppool_put_bulk(pool, &m[n - 1], 1), 0);
		assert_int_equal(rte_ppool_in_flight(pool), n > 1);
		assert_int_equal(test_stats(pool).bad_over_put, n + 3);
		if (n > 1) {
			assert_int_equal(rte_ppool_avail_count(pool), 1);
			assert_int_equal(rte_ppool_put_bulk(pool, m, n - 2), n - 2);
			assert_int_equal(rte_ppool_in_flight(pool), 1);
			/* all of it once more, of which only one was still out */
			assert_int_equal(rte_ppool_put_bulk(pool, m, n), 1);
		}
		assert_int_equal(rte_ppool_in_flight(pool), 0);
		assert_int_equal(rte_ppool_avail_count(pool), n);
		rte_ppool_owner_close(o);
		assert_int_equal(rte_ppool_destroy(pool), 0);
	}
}

/* The same fragment twice in one array. */
static void
twice_in_one_put(void **state)
{
	struct rte_ppool *pool = test_pool("twice", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[32], *twice[4];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 32), 0);
	twice[0] = twice[2] = m[3];
	twice[1] = twice[3] = m[9];
	assert_int_equal(rte_ppool_put_bulk(pool, twice, 4), 2);
	assert_int_equal(test_stats(pool).bad_over_put, 2);
	assert_int_equal(rte_ppool_in_flight(pool), 1);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 32), 30);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* A second put that comes in when the page has begun its next life, but the fragment has
 * not been handed out in it: it is seen and named when the fragment's turn comes, and nobody
 * gets it twice.
 */
static void
stale_put(void **state)
{
	static struct rte_mbuf *m[MAX_FRAGS], *n[MAX_FRAGS];

	for (uint32_t s = 0; s < RTE_DIM(shapes); s++) {
		struct rte_ppool *pool = shaped_pool(&shapes[s], 1);
		struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
		uint32_t f = shapes[s].frags, got;

		if (f > 20) {
			assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, f), 0);
			assert_int_equal(rte_ppool_put_bulk(pool, m, f), f);
			assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, n, 5), 0);
			assert_int_equal(rte_ppool_put_bulk(pool, &m[f - 2], 1), 1);
			got = 5 + test_take_all(o, n + 5, MAX_FRAGS - 5);
			assert_int_equal(got, f);
			for (uint32_t i = 0; i < f; i++)
				for (uint32_t j = 0; j < i; j++)
					assert_ptr_not_equal(n[i], n[j]);
			assert_int_equal(test_stats(pool).bad_over_put, 1);
			assert_int_equal(rte_ppool_put_bulk(pool, n, got), got);
			assert_int_equal(rte_ppool_in_flight(pool), 0);
			assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, n, f), 0);
			assert_int_equal(rte_ppool_put_bulk(pool, n, f), f);
		}
		rte_ppool_owner_close(o);
		assert_int_equal(rte_ppool_destroy(pool), 0);
	}
}

/* Pointers that are no mbufs of the pool: never followed. */
static void
foreign_pointers(void **state)
{
	struct rte_ppool *pool = test_pool("own", 1), *other = test_pool("other", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_owner *oo = rte_ppool_owner_open(other, "me");
	struct rte_mbuf *m, *foreign, *bad[7], on_stack;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m, 1), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(oo, &foreign, 1), 0);
	bad[0] = NULL;
	bad[1] = (struct rte_mbuf *)(uintptr_t)0xdeadbeefcafe0040;
	bad[2] = &on_stack;
	bad[3] = foreign;
	bad[4] = RTE_PTR_ADD(m, 8);
	bad[5] = m->buf_addr;
	bad[6] = (struct rte_mbuf *)RTE_PTR_ALIGN_FLOOR(m, 4096); /* start of the slab */
	assert_int_equal(rte_ppool_put_bulk(pool, bad, 7), 0);
	assert_int_equal(test_stats(pool).bad_foreign, 7);
	assert_int_equal(rte_ppool_put_bulk(pool, &m, 1), 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &m, 0), 0);
	assert_int_equal(rte_ppool_put_bulk(other, &foreign, 1), 1);
	rte_ppool_owner_close(o);
	rte_ppool_owner_close(oo);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(rte_ppool_destroy(other), 0);
}

/* What a receiver and an application leave in an mbuf is not there the next time. */
static void
mbuf_comes_back_fresh(void **state)
{
	struct rte_ppool *pool = test_pool("fresh", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[32];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 32), 0);
	for (int i = 0; i < 32; i++) {
		m[i]->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_RSS_HASH;
		m[i]->data_off = 0;
		m[i]->port = 3;
	}
	m[5]->ol_flags = 0; /* as drivers do that know nothing of EXTERNAL */
	assert_int_equal(rte_ppool_put_bulk(pool, m, 32), 32);
	assert_int_equal(test_stats(pool).bad_mbuf, 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 32), 0);
	for (int i = 0; i < 32; i++)
		test_mbuf_is_fresh(m[i]);
	rte_pktmbuf_free_bulk(m, 32);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* A fragment of the pool as the destination of a clone: found out at put, and repaired. */
static void
clone_destination(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("src", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("dst", 1);
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);
	struct rte_mbuf *src = rte_pktmbuf_alloc(plain), *c, *m[32];
	void *addr;

	/* From a direct mbuf. */
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 32), 0);
	addr = m[7]->buf_addr;
	rte_pktmbuf_attach(m[7], src);
	assert_ptr_equal(m[7]->buf_addr, src->buf_addr);
	assert_int_equal(rte_mbuf_refcnt_read(src), 2);
	rte_pktmbuf_free(m[7]);
	assert_int_equal(rte_mbuf_refcnt_read(src), 1);
	assert_int_equal(test_stats(pool).bad_mbuf, 1);
	rte_pktmbuf_free_bulk(m, 7);
	rte_pktmbuf_free_bulk(m + 8, 24);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 32), 0);
	for (int i = 0; i < 32; i++)
		test_mbuf_is_fresh(m[i]);
	assert_ptr_equal(m[7]->buf_addr, addr);

	/* From another fragment, whose own mbuf goes first and, as of any pinned pool, for
	 * ever: the last to come back is the copy, and it does not know the other.
	 */
	addr = m[1]->buf_addr;
	c = m[1];
	rte_pktmbuf_attach(c, m[0]);
	rte_pktmbuf_free(m[0]);
	rte_pktmbuf_free(c);
	assert_int_equal(test_stats(pool).bad_mbuf, 2);
	assert_ptr_equal(c->buf_addr, addr);
	test_mbuf_is_fresh(c);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[0], 1), 1);

	/* Still referenced. */
	rte_mbuf_refcnt_update(m[2], 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[2], 1), 1);
	assert_int_equal(test_stats(pool).bad_mbuf, 3);
	rte_pktmbuf_free_bulk(m + 3, 29);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_pktmbuf_free(src);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_mempool_free(plain);
}

/* Clones in another pool keep the fragment out, whoever goes last. */
static void
clone_source(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("cl", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("source", 1);
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);
	struct rte_mbuf *m, *c[3];

	for (int last = 0; last < 4; last++) {
		m = rte_pktmbuf_alloc(mp);
		assert_non_null(rte_pktmbuf_append(m, 100));
		for (int i = 0; i < 3; i++) {
			c[i] = rte_pktmbuf_clone(m, plain);
			assert_non_null(c[i]);
			assert_ptr_equal(c[i]->buf_addr, m->buf_addr);
		}
		if (last == 3)
			rte_mbuf_refcnt_update(m, 1);
		for (int i = 0; i < 3; i++) {
			if (i == last)
				rte_pktmbuf_free(m);
			assert_int_equal(rte_ppool_in_flight(pool), 1);
			rte_pktmbuf_free(c[i]);
		}
		if (last == 3) {
			rte_pktmbuf_free(m);
			assert_int_equal(rte_ppool_in_flight(pool), 1);
			rte_pktmbuf_free(m);
		}
		assert_int_equal(rte_ppool_in_flight(pool), 0);
		test_mbuf_is_fresh(m);
	}
	/* Freed with refcnt 2 first: the clone's end has to set the count right. */
	m = rte_pktmbuf_alloc(mp);
	c[0] = rte_pktmbuf_clone(m, plain);
	rte_mbuf_refcnt_update(m, 1);
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(c[0]);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	test_mbuf_is_fresh(m);
	assert_int_equal(test_stats(pool).bad_mbuf, 0);
	assert_int_equal(rte_mempool_avail_count(plain), 63);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_mempool_free(plain);
}

/* The reference count of an mbuf, its first and last reference. */
static void
refcnt(void **state)
{
	struct rte_ppool *pool = test_pool("refcnt", 1);
	struct rte_mbuf *m = rte_pktmbuf_alloc(rte_ppool_to_mempool(pool));

	rte_mbuf_refcnt_update(m, 2);
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_ppool_in_flight(pool), 1);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	test_mbuf_is_fresh(m);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* One rte_pktmbuf_free_bulk() over two pools of ours and one plain, with chains among them. */
static void
free_bulk_mixed(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("mix", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *a = test_pool("mixa", 2), *b = test_pool("mixb", 2);
	struct rte_mempool *from[] = { rte_ppool_to_mempool(a), plain, rte_ppool_to_mempool(b) };
	struct rte_mbuf *m[90];

	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 90; i++) {
			m[i] = rte_pktmbuf_alloc(from[i % 3]);
			assert_non_null(m[i]);
		}
		/* every tenth of the others hangs from its neighbour */
		for (int i = 0; i < 90; i += 10) {
			assert_int_equal(rte_pktmbuf_chain(m[i], m[i + 1]), 0);
			m[i + 1] = NULL;
		}
		rte_pktmbuf_free_bulk(m, 90);
		assert_int_equal(rte_ppool_in_flight(a), 0);
		assert_int_equal(rte_ppool_in_flight(b), 0);
		assert_int_equal(rte_mempool_avail_count(plain), 63);
	}
	assert_int_equal(test_stats(a).bad_mbuf + test_stats(a).bad_over_put, 0);
	assert_int_equal(rte_ppool_destroy(a), 0);
	assert_int_equal(rte_ppool_destroy(b), 0);
	rte_mempool_free(plain);
}

/* Copy, linearize, prepend, adj: what the mbuf API does with data. */
static void
data_functions(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("cp", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("data", 1);
	struct rte_mbuf *m = rte_pktmbuf_alloc(rte_ppool_to_mempool(pool));
	struct rte_mbuf *tail = rte_pktmbuf_alloc(rte_ppool_to_mempool(pool)), *copy;
	char text[64];

	assert_int_equal(rte_pktmbuf_headroom(m), RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_pktmbuf_tailroom(m), 2048 - RTE_PKTMBUF_HEADROOM);
	strcpy(rte_pktmbuf_append(m, 5), "page");
	strcpy(rte_pktmbuf_append(tail, 5), "pool");
	assert_int_equal(rte_pktmbuf_chain(m, tail), 0);
	copy = rte_pktmbuf_copy(m, plain, 0, UINT32_MAX);
	assert_non_null(copy);
	assert_string_equal(rte_pktmbuf_read(copy, 5, 5, text), "pool");
	assert_int_equal(rte_pktmbuf_linearize(m), 0);
	assert_int_equal(m->nb_segs, 1);
	assert_int_equal(m->data_len, 10);
	assert_string_equal(rte_pktmbuf_mtod_offset(m, char *, 5), "pool");
	assert_non_null(rte_pktmbuf_prepend(m, RTE_PKTMBUF_HEADROOM));
	assert_null(rte_pktmbuf_prepend(m, 1));
	assert_non_null(rte_pktmbuf_adj(m, RTE_PKTMBUF_HEADROOM + 5));
	assert_string_equal(rte_pktmbuf_mtod(m, char *), "pool");
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(copy);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_mempool_free(plain);
}

/* Fragments in the order in which a mempool's cache has them, last first; and one of them twice. */
static void
backwards(void **state)
{
	struct rte_ppool *pool = test_pool("backwards", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[128], *back[129];

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 128), 0);
	for (unsigned int i = 0; i < 128; i++)
		back[i] = m[127 - i];
	/* from the middle of a page, over its beginning, and one page in two directions */
	assert_int_equal(rte_ppool_frag_put_bulk(pool, &back[40], 60), 60);
	assert_int_equal(rte_ppool_in_flight(pool), 3);
	assert_int_equal(rte_ppool_frag_put_bulk(pool, &back[40], 60), 0);
	back[128] = back[0];
	memmove(&back[1], &back[0], 40 * sizeof(back[0]));
	assert_int_equal(rte_ppool_frag_put_bulk(pool, back, 41), 40);
	assert_int_equal(test_stats(pool).bad_over_put, 61);
	assert_int_equal(rte_ppool_frag_put_bulk(pool, &back[100], 28), 28);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_orders),
		cmocka_unit_test(over_put_with_neighbours),
		cmocka_unit_test(twice_in_one_put),
		cmocka_unit_test(stale_put),
		cmocka_unit_test(foreign_pointers),
		cmocka_unit_test(mbuf_comes_back_fresh),
		cmocka_unit_test(clone_destination),
		cmocka_unit_test(clone_source),
		cmocka_unit_test(refcnt),
		cmocka_unit_test(free_bulk_mixed),
		cmocka_unit_test(data_functions),
		cmocka_unit_test(backwards),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
