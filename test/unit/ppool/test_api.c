/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The public functions, and both sides of each limit. */

#include "ppool_test.h"

static const struct rte_ppool_params good = {
	.layout = RTE_PPOOL_LAYOUT_COMPACT,
	.max_pages = 2,
	.socket_id = SOCKET_ID_ANY,
};

static void
accepts(struct rte_ppool_params p)
{
	struct rte_ppool *pool = rte_ppool_create("limit", &p);

	assert_non_null(pool);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
refuses(struct rte_ppool_params p)
{
	rte_errno = 0;
	assert_null(rte_ppool_create("limit", &p));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(rte_ppool_lookup("limit"));
}

#define WITH(...) ({ struct rte_ppool_params p = good; struct rte_ppool_params *q = &p; \
	__VA_ARGS__; *q; })

static void
page_and_fragment_sizes(void **state)
{
	accepts(good);
	accepts(WITH(p.page_size = RTE_PPOOL_PAGE_MIN));
	refuses(WITH(p.page_size = RTE_PPOOL_PAGE_MIN / 2, p.frag_size = 2048));
	accepts(WITH(p.page_size = RTE_PPOOL_PAGE_MAX));
	refuses(WITH(p.page_size = RTE_PPOOL_PAGE_MAX * 2));
	refuses(WITH(p.page_size = 65536 + 4096));
	accepts(WITH(p.frag_size = RTE_PKTMBUF_HEADROOM + RTE_CACHE_LINE_SIZE));
	refuses(WITH(p.frag_size = RTE_PKTMBUF_HEADROOM));
	refuses(WITH(p.frag_size = 2048 + RTE_CACHE_LINE_SIZE / 2));
	accepts(WITH(p.frag_size = 65536));
	refuses(WITH(p.frag_size = 65536 + RTE_CACHE_LINE_SIZE, p.page_size = 2 << 20));
	accepts(WITH(p.page_size = 4096, p.frag_size = 4096));
	refuses(WITH(p.page_size = 4096, p.frag_size = 4096 + RTE_CACHE_LINE_SIZE));
}

static void
numbers(void **state)
{
	refuses(WITH(p.max_pages = 0));
	accepts(WITH(p.min_pages = 2));
	refuses(WITH(p.min_pages = 3));
	accepts(WITH(p.priv_size = 1024));
	refuses(WITH(p.priv_size = 1024 + RTE_MBUF_PRIV_ALIGN));
	accepts(WITH(p.priv_size = RTE_MBUF_PRIV_ALIGN));
	refuses(WITH(p.priv_size = RTE_MBUF_PRIV_ALIGN / 2));
	accepts(WITH(p.cache_pages = 4096));
	refuses(WITH(p.cache_pages = 4097));
	accepts(WITH(p.socket_id = 0));
	refuses(WITH(p.socket_id = RTE_MAX_NUMA_NODES));
	refuses(WITH(p.socket_id = -2));
	refuses(WITH(p.layout = 2));
	/* The largest pool: its memory is not taken before it is asked for. */
	accepts(WITH(p.max_pages = RTE_PPOOL_FRAGS_MAX / 32));
	refuses(WITH(p.max_pages = RTE_PPOOL_FRAGS_MAX / 32 + 1));
}

static void
names(void **state)
{
	char longest[RTE_PPOOL_NAMESIZE + 1];
	struct rte_ppool *a, *b;

	memset(longest, 'x', sizeof(longest));
	longest[RTE_PPOOL_NAMESIZE] = '\0';
	assert_null(rte_ppool_create(longest, &good));
	assert_int_equal(rte_errno, ENAMETOOLONG);
	longest[RTE_PPOOL_NAMESIZE - 1] = '\0';
	a = rte_ppool_create(longest, &good);
	assert_non_null(a);
	assert_ptr_equal(rte_ppool_lookup(longest), a);
	assert_int_equal(rte_ppool_destroy(a), 0);

	assert_null(rte_ppool_create("", &good));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(rte_ppool_create(NULL, &good));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(rte_ppool_create("x", NULL));
	assert_int_equal(rte_errno, EINVAL);

	a = rte_ppool_create("a", &good);
	assert_null(rte_ppool_create("a", &good));
	assert_int_equal(rte_errno, EEXIST);
	b = rte_ppool_create("b", &good);
	assert_ptr_equal(rte_ppool_lookup("a"), a);
	assert_ptr_equal(rte_ppool_lookup("b"), b);
	assert_int_equal(rte_ppool_destroy(a), 0);
	rte_errno = 0;
	assert_null(rte_ppool_lookup("a"));
	assert_int_equal(rte_errno, ENOENT);
	assert_null(rte_ppool_lookup(NULL));
	assert_ptr_equal(rte_ppool_lookup("b"), b);
	assert_int_equal(rte_ppool_destroy(b), 0);
	assert_int_equal(rte_ppool_destroy(NULL), 0);
}

/* A pool and a mempool cannot have one name, whichever comes first. */
static void
names_of_mempools(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create("m", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool;

	assert_non_null(mp);
	assert_null(rte_ppool_create("m", &good));
	assert_int_equal(rte_errno, EEXIST);
	rte_mempool_free(mp);

	pool = rte_ppool_create("m", &good);
	assert_non_null(pool);
	assert_ptr_equal(rte_mempool_lookup("m"), rte_ppool_to_mempool(pool));
	assert_null(rte_pktmbuf_pool_create("m", 63, 0, 0, 2048, SOCKET_ID_ANY));
	assert_int_equal(rte_errno, EEXIST);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_null(rte_mempool_lookup("m"));
	mp = rte_pktmbuf_pool_create("m", 63, 0, 0, 2048, SOCKET_ID_ANY);
	assert_non_null(mp);
	rte_mempool_free(mp);
}

static void
from_and_to_mempool(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("plain", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("p", 1);
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);

	assert_non_null(mp);
	assert_ptr_equal(rte_ppool_from_mempool(mp), pool);
	assert_null(rte_ppool_from_mempool(plain));
	assert_null(rte_ppool_from_mempool(NULL));
	assert_string_equal(mp->name, "p");
	assert_int_equal(mp->cache_size, 0);
	assert_int_equal(mp->size, 32);
	assert_int_equal(mp->populated_size, 32);
	assert_int_equal(rte_pktmbuf_data_room_size(mp), 2048);
	assert_int_equal(rte_pktmbuf_priv_flags(mp), RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_mempool_free(plain);
}

static void
info(void **state)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .page_size = 16384, .frag_size = 1024, .min_pages = 3,
		.max_pages = 9, .priv_size = 24, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("info", &p);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_info i;
	struct rte_ppool_run run;

	assert_int_equal(rte_ppool_run_alloc(o, 5, &run), 5);
	assert_int_equal(rte_ppool_info_get(pool, &i), 0);
	assert_string_equal(i.name, "info");
	assert_int_equal(i.layout, RTE_PPOOL_LAYOUT_COMPACT);
	assert_int_equal(i.page_size, 16384);
	assert_int_equal(i.frag_size, 1024);
	assert_int_equal(i.frags_per_page, 16);
	assert_int_equal(i.mbuf_stride, RTE_ALIGN_CEIL(128 + 24, RTE_CACHE_LINE_SIZE));
	assert_int_equal(i.priv_size, 24);
	assert_int_equal(i.data_room, 1024);
	assert_int_equal(i.socket_id, SOCKET_ID_ANY);
	assert_int_equal(i.min_pages, 3);
	assert_int_equal(i.max_pages, 9);
	assert_int_equal(i.nb_pages, 3);
	assert_int_equal(i.nb_owners, 1);
	assert_int_equal(i.pages_in_flight, 1);
	assert_true(i.memory_bytes >= 3 * 16384 + 48 * 192);
	assert_false(i.closing);
	assert_int_equal(rte_ppool_info_get(NULL, &i), -EINVAL);
	assert_int_equal(rte_ppool_info_get(pool, NULL), -EINVAL);
	assert_int_equal(rte_ppool_avail_count(pool), 43);
	assert_int_equal(rte_ppool_avail_count(NULL), 0);
	assert_int_equal(rte_ppool_in_flight(NULL), 0);

	for (uint32_t k = 0; k < 5; k++) {
		struct rte_mbuf *m = RTE_PTR_ADD(run.mbuf, k * i.mbuf_stride);

		assert_int_equal(rte_ppool_put_bulk(pool, &m, 1), 1);
	}
	/* The owner has the page open, but nobody else has anything of it. */
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_ppool_avail_count(pool), 48);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* A run: neighbours, at the addresses that the mbufs say, never across a page. */
static void
runs(void **state)
{
	struct rte_ppool *pool = test_pool("runs", 3);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	static const uint32_t ask[] = { 1, 7, 24, 1, 40, 30, 32 };
	static const uint32_t get[] = { 1, 7, 24, 1, 31, 30, 2 };
	struct rte_ppool_run run;
	uint32_t page, frag, next = 0, here = 0;

	for (uint32_t i = 0; i < RTE_DIM(ask); i++) {
		assert_int_equal(rte_ppool_run_alloc(o, ask[i], &run), get[i]);
		assert_int_equal(run.n, get[i]);
		for (uint32_t k = 0; k < run.n; k++) {
			struct rte_mbuf *m = RTE_PTR_ADD(run.mbuf, k * 128);

			test_mbuf_is_fresh(m);
			assert_ptr_equal(m->buf_addr, RTE_PTR_ADD(run.addr, k * 2048));
			assert_true(rte_mbuf_iova_get(m) == run.iova + k * 2048);
			assert_int_equal(m->buf_len, 2048);
			assert_ptr_equal(m->pool, rte_ppool_to_mempool(pool));
			assert_int_equal(rte_ppool_mbuf_where(pool, m, &page, &frag), 0);
			if (next == 0)
				here = page;
			assert_int_equal(page, here);
			assert_int_equal(frag, next);
			next = (next + 1) % 32;
		}
	}
	assert_int_equal(rte_ppool_run_alloc(o, 1, &run), 0);
	assert_int_equal(run.n, 0);
	assert_int_equal(test_stats(pool).alloc_fail, 1);
	assert_int_equal(rte_ppool_run_alloc(o, 0, &run), 0);
	assert_int_equal(test_stats(pool).alloc_fail, 1);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
}

struct visit {
	uint32_t n;
	const struct rte_ppool *pool;
};

static void
visit_mbuf(struct rte_mempool *mp, void *arg, void *obj, unsigned int i)
{
	struct visit *v = arg;

	assert_int_equal(i, v->n++);
	assert_ptr_equal(mp, rte_ppool_to_mempool(v->pool));
	assert_int_equal(rte_ppool_mbuf_where(v->pool, obj, NULL, NULL), 0);
	*(uint32_t *)rte_mbuf_to_priv(obj) = i;
}

static void
iterate(void **state)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .min_pages = 60, .max_pages = 100, .priv_size = 64,
		.socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("iter", &p);
	struct visit v = { .pool = pool };
	struct rte_mbuf outside;
	struct rte_mbuf *m;
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, NULL);

	assert_int_equal(rte_ppool_obj_iter(pool, visit_mbuf, &v), 60 * 32);
	assert_int_equal(v.n, 60 * 32);
	assert_int_equal(rte_ppool_obj_iter(NULL, visit_mbuf, &v), 0);
	assert_int_equal(rte_ppool_mbuf_where(pool, &outside, NULL, NULL), -EINVAL);
	assert_int_equal(rte_ppool_mbuf_where(NULL, &outside, NULL, NULL), -EINVAL);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m, 1), 0);
	assert_int_equal(rte_ppool_mbuf_where(pool, RTE_PTR_ADD(m, 64), NULL, NULL), -EINVAL);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m, 0), -EINVAL);
	assert_int_equal(rte_ppool_put_bulk(pool, &m, 1), 1);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
count_pool(struct rte_ppool *pool, void *arg)
{
	assert_non_null(pool);
	(*(uint32_t *)arg)++;
}

static void
walk_and_dump(void **state)
{
	struct rte_ppool *a = test_pool("wa", 1), *b = test_pool("wb", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(a, "port 0 rxq 3");
	char *text = NULL;
	size_t len = 0;
	uint32_t n = 0;
	FILE *f;

	rte_ppool_walk(count_pool, &n);
	assert_int_equal(n, 2);
	f = open_memstream(&text, &len);
	rte_ppool_dump(f, a);
	rte_ppool_dump(f, NULL);
	rte_ppool_dump(NULL, a);
	fclose(f);
	assert_non_null(strstr(text, "ppool wa:"));
	assert_non_null(strstr(text, "port 0 rxq 3"));
	assert_non_null(strstr(text, "recycle_ring_full 0"));
	free(text);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(a), 0);
	assert_int_equal(rte_ppool_destroy(b), 0);
	n = 0;
	rte_ppool_walk(count_pool, &n);
	assert_int_equal(n, 0);
}

static void
statistics_reset(void **state)
{
	struct rte_ppool *pool = test_pool("reset", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_stats none = { 0 }, s;
	struct rte_ppool_run run;

	assert_int_equal(rte_ppool_run_alloc(o, 1, &run), 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &run.mbuf, 1), 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &run.mbuf, 1), 0);
	s = test_stats(pool);
	assert_int_equal(s.alloc_slow, 1);
	assert_int_equal(s.bad_over_put, 1);
	assert_int_equal(rte_ppool_stats_reset(pool), 0);
	s = test_stats(pool);
	assert_memory_equal(&s, &none, sizeof(s));
	assert_int_equal(rte_ppool_put_bulk(pool, &run.mbuf, 1), 0);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	assert_int_equal(rte_ppool_stats_reset(NULL), -EINVAL);
	assert_int_equal(rte_ppool_stats_get(NULL, &s), -EINVAL);
	assert_int_equal(rte_ppool_stats_get(pool, NULL), -EINVAL);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
native_ports(void **state)
{
	assert_false(rte_ppool_port_native_get(0));
	assert_int_equal(rte_ppool_port_native_set(0, true), 0);
	assert_true(rte_ppool_port_native_get(0));
	assert_false(rte_ppool_port_native_get(1));
	assert_int_equal(rte_ppool_port_native_set(0, false), 0);
	assert_false(rte_ppool_port_native_get(0));
	assert_int_equal(rte_ppool_port_native_set(RTE_MAX_ETHPORTS - 1, true), 0);
	assert_true(rte_ppool_port_native_get(RTE_MAX_ETHPORTS - 1));
	assert_int_equal(rte_ppool_port_native_set(RTE_MAX_ETHPORTS, true), -EINVAL);
	assert_false(rte_ppool_port_native_get(RTE_MAX_ETHPORTS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_and_fragment_sizes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(names),
		cmocka_unit_test(names_of_mempools),
		cmocka_unit_test(from_and_to_mempool),
		cmocka_unit_test(info),
		cmocka_unit_test(runs),
		cmocka_unit_test(iterate),
		cmocka_unit_test(walk_and_dump),
		cmocka_unit_test(statistics_reset),
		cmocka_unit_test(native_ports),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
