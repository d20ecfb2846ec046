/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Runs: neighbouring fragments as linear memory, held by one mbuf. */

#include <pthread.h>

#include <rte_cycles.h>

#include "ppool_test.h"

static struct rte_mbuf *m[512], *more[512];

static void
memory_of_any_size(void **state)
{
	static const uint32_t sizes[] = { 1, 2047, 2048, 2049, 9000, 30000, 63488, 65536 };
	struct rte_ppool *pool = test_pool("size", 4);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_run run[RTE_DIM(sizes)], none;

	for (uint32_t i = 0; i < RTE_DIM(sizes); i++) {
		assert_int_equal(rte_ppool_frag_alloc(o, sizes[i], &run[i]),
			(sizes[i] + 2047) / 2048);
		memset(run[i].addr, i, sizes[i]);
		for (uint32_t j = 0; j < i; j++) {
			if (run[j].n == 0)
				continue;
			assert_int_equal(*(uint8_t *)run[j].addr, j);
			assert_int_equal(((uint8_t *)run[j].addr)[sizes[j] - 1], j);
			if (sizes[i] <= 9000)
				continue;
			if (j < i - 1)
				continue;
			/* all at once is more than the pool has */
			assert_int_equal(rte_ppool_run_free(pool, &run[j]), run[j].n);
			run[j].n = 0;
			break;
		}
	}
	assert_int_equal(rte_ppool_frag_alloc(o, 0, &none), 0);
	assert_int_equal(rte_ppool_frag_alloc(o, 65537, &none), 0);
	for (uint32_t i = 0; i < RTE_DIM(sizes); i++)
		rte_ppool_run_free(pool, &run[i]);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	/* once more is once too much */
	run[0].n = 1;
	assert_int_equal(rte_ppool_run_free(pool, &run[0]), 0);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	run[0].n = 33;
	assert_int_equal(rte_ppool_run_free(pool, &run[0]), 0);
	run[0].mbuf = (struct rte_mbuf *)run;
	assert_int_equal(rte_ppool_run_free(pool, &run[0]), 0);
	assert_int_equal(test_stats(pool).bad_foreign, 2);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_avail_count(pool), 128);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Large pages: runs across the words of their state. */
static void
large_runs(void **state)
{
	struct rte_ppool_params p = { .page_size = 65536, .frag_size = 256, .min_pages = 3,
		.max_pages = 3, .socket_id = SOCKET_ID_ANY, .layout = RTE_PPOOL_LAYOUT_COMPACT };
	struct rte_ppool *pool = rte_ppool_create("large", &p);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_run run[3], one;

	for (uint32_t size = 256; size <= 65536; size += 256) {
		for (int i = 0; i < 3; i++) {
			assert_int_equal(rte_ppool_frag_alloc(o, size, &run[i]), size / 256);
			memset(run[i].addr, i, size);
		}
		assert_int_equal(rte_ppool_run_alloc(o, 1, &one), size <= 65280 ? 1 : 0);
		if (one.n > 0)
			assert_int_equal(rte_ppool_run_free(pool, &one), 1);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(*(uint8_t *)run[i].addr, i);
			assert_int_equal(((uint8_t *)run[i].addr)[size - 1], i);
			assert_int_equal(rte_ppool_run_free(pool, &run[i]), size / 256);
		}
		assert_int_equal(rte_ppool_avail_count(pool), 768);
	}
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Free neighbours in partly free pages serve a run when there is no whole page left. */
static void
run_out_of_a_partly_free_page(void **state)
{
	struct rte_ppool *pool = test_pool("holes", 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_run run;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
	for (int i = 0; i < 32; i += 2)
		assert_int_equal(rte_ppool_put_bulk(pool, &m[i], 1), 1);
	assert_int_equal(rte_ppool_frag_alloc(o, 4096, &run), 0);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[40], 5), 5);
	assert_int_equal(rte_ppool_frag_alloc(o, 6 * 2048, &run), 0);
	assert_int_equal(rte_ppool_frag_alloc(o, 5 * 2048, &run), 5);
	assert_ptr_equal(run.mbuf, m[40]);
	assert_int_equal(rte_ppool_run_free(pool, &run), 5);
	for (int i = 1; i < 32; i += 2)
		assert_int_equal(rte_ppool_put_bulk(pool, &m[i], 1), 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[32], 8), 8);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[45], 19), 19);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
linear_mbuf(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("cl", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("linear", 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *a, *b, *c;
	uint8_t *p;

	assert_null(rte_ppool_mbuf_alloc_linear(o, 0));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(rte_ppool_mbuf_alloc_linear(o, 65536));
	assert_int_equal(rte_errno, EINVAL);
	a = rte_ppool_mbuf_alloc_linear(o, 9000 + RTE_PKTMBUF_HEADROOM);
	assert_non_null(a);
	test_mbuf_is_fresh(a);
	assert_int_equal(a->buf_len, 5 * 2048);
	p = (uint8_t *)rte_pktmbuf_append(a, 9000);
	assert_non_null(p);
	memset(p, 0x5a, 9000);
	assert_non_null(rte_pktmbuf_prepend(a, RTE_PKTMBUF_HEADROOM));
	assert_int_equal(rte_pktmbuf_tailroom(a), 5 * 2048 - 9000 - RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_ppool_avail_count(pool), 64 - 5);
	b = rte_ppool_mbuf_alloc_linear(o, 65535);
	assert_non_null(b);
	assert_int_equal(b->buf_len, 65535);
	assert_null(rte_ppool_mbuf_alloc_linear(o, 65535));
	assert_int_equal(rte_errno, ENOENT);
	memset(b->buf_addr, 0xa5, 65535);
	for (int i = 0; i < 9000; i++)
		assert_int_equal(p[i], 0x5a);
	rte_pktmbuf_free(b);
	/* the last clone gives back the whole run */
	c = rte_pktmbuf_clone(a, plain);
	rte_pktmbuf_free(a);
	assert_int_equal(rte_ppool_in_flight(pool), 1);
	assert_int_equal(rte_ppool_avail_count(pool), 64 - 5);
	rte_pktmbuf_free(c);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_ppool_avail_count(pool), 64);
	assert_int_equal(test_stats(pool).bad_mbuf, 0);
	/* a second time is refused, and its neighbours are not let go */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
	for (int i = 0; i < 64; i++)
		test_mbuf_is_fresh(m[i]);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 64), 64);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_mempool_free(plain);
}

static void
trim(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("cl", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("trim", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *a = rte_ppool_mbuf_alloc_linear(o, 20 * 2048), *c;

	assert_non_null(rte_pktmbuf_append(a, 20 * 2048 - RTE_PKTMBUF_HEADROOM));
	assert_int_equal(rte_ppool_run_trim(a), 0);
	assert_int_equal(rte_pktmbuf_trim(a, 1), 0);
	assert_int_equal(rte_ppool_run_trim(a), 0);
	assert_int_equal(rte_pktmbuf_trim(a, 2048 * 4 - 1), 0);
	c = rte_pktmbuf_clone(a, plain);
	assert_int_equal(rte_ppool_run_trim(a), 0);
	assert_int_equal(rte_ppool_run_trim(c), 0);
	rte_pktmbuf_free(c);
	assert_int_equal(rte_ppool_run_trim(a), 4);
	assert_int_equal(a->buf_len, 16 * 2048);
	assert_int_equal(rte_pktmbuf_tailroom(a), 0);
	assert_int_equal(rte_ppool_avail_count(pool), 16);
	/* what was given back serves others while the rest is held */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, more, 16), 0);
	for (int i = 0; i < 16; i++) {
		test_mbuf_is_fresh(more[i]);
		memset(more[i]->buf_addr, 1, 2048);
	}
	assert_int_equal(rte_pktmbuf_trim(a, a->data_len - 1), 0);
	assert_int_equal(rte_ppool_run_trim(a), 15);
	assert_int_equal(a->buf_len, 2048);
	assert_int_equal(rte_ppool_run_trim(a), 0);
	rte_pktmbuf_free(a);
	assert_int_equal(rte_ppool_avail_count(pool), 16);
	assert_int_equal(rte_ppool_put_bulk(pool, more, 16), 16);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 32), 0);
	for (int i = 0; i < 32; i++)
		test_mbuf_is_fresh(m[i]);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 32), 32);
	assert_int_equal(test_stats(pool).bad_mbuf + test_stats(pool).bad_over_put, 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_mempool_free(plain);
}

/* A linear owner's packets: as a device writes them over posted fragments, with spill into
 * successors. Each byte is looked at after everybody has prepended all that he may.
 */
static void
linear_receive(void **state)
{
	struct rte_ppool *pool = test_pool("jumbo", 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open_linear(pool, "rx", 1);
	static const uint32_t lens[] = { 9000, 2048 * 4, 60, 2048 * 3 - 1, 1921, 2048, 6000, 20000 };
	uint32_t i, j, at = 0, used, cut = 0, k, spill, end;
	struct rte_mbuf *pkt[RTE_DIM(lens)];
	struct rte_ppool_run run;
	uint8_t *p;

	assert_int_equal(rte_ppool_run_alloc(o, 64, &run), 31);
	for (i = 0; i < RTE_DIM(lens); i++) {
		k = (lens[i] + 2047) / 2048;
		assert_true(at + k <= 31);
		end = RTE_PKTMBUF_HEADROOM + lens[i];
		spill = end > k * 2048 ? end - k * 2048 : 0;
		pkt[i] = RTE_PTR_ADD(run.mbuf, at * 128);
		memset(RTE_PTR_ADD(run.addr, at * 2048 + RTE_PKTMBUF_HEADROOM), 'a' + i, lens[i]);
		assert_int_equal(rte_ppool_run_bind(pkt[i], k, cut, spill), 0);
		pkt[i]->data_len = lens[i];
		pkt[i]->pkt_len = lens[i];
		assert_true(rte_pktmbuf_headroom(pkt[i]) == RTE_PKTMBUF_HEADROOM - cut);
		assert_ptr_equal(rte_pktmbuf_mtod(pkt[i], void *),
			RTE_PTR_ADD(run.addr, at * 2048 + RTE_PKTMBUF_HEADROOM));
		assert_int_equal(rte_mbuf_data_iova(pkt[i]),
			run.iova + at * 2048 + RTE_PKTMBUF_HEADROOM);
		cut = spill;
		at += k;
	}
	used = at;
	/* the rest of the posted ones */
	for (; at < 31; at++, cut = 0) {
		m[0] = RTE_PTR_ADD(run.mbuf, at * 128);
		assert_int_equal(rte_ppool_run_bind(m[0], 1, cut, 0), 0);
		rte_pktmbuf_free(m[0]);
	}
	for (i = 0; i < RTE_DIM(lens); i++) {
		j = rte_pktmbuf_headroom(pkt[i]);
		p = (uint8_t *)rte_pktmbuf_prepend(pkt[i], j);
		memset(p, 'A' + i, j);
		j = rte_pktmbuf_tailroom(pkt[i]);
		p = (uint8_t *)rte_pktmbuf_append(pkt[i], j);
		memset(p, '0' + i, j);
	}
	for (i = 0; i < RTE_DIM(lens); i++) {
		p = rte_pktmbuf_mtod(pkt[i], uint8_t *);
		for (j = 0; p[j] == 'A' + i; j++)
			;
		for (uint32_t n = 0; n < lens[i]; n++)
			assert_int_equal(p[j + n], 'a' + i);
		for (j += lens[i]; j < pkt[i]->data_len; j++)
			assert_int_equal(p[j], '0' + i);
	}
	/* A fragment is used again only if the one before it is back: its packet may reach in. */
	rte_pktmbuf_free(pkt[1]);
	rte_pktmbuf_free(pkt[6]);
	{
		struct rte_ppool_owner *other = rte_ppool_owner_open(pool, "other");
		uint32_t n;

		assert_int_equal(rte_ppool_mbuf_alloc_bulk(other, m, 32), 0);
		n = test_take_all(other, more, RTE_DIM(more));
		for (i = 0; i < n; i++) {
			test_mbuf_is_fresh(more[i]);
			memset(more[i]->buf_addr, 0xee, 2048);
		}
		/* 3 of the 4 of pkt[1], 2 of the 3 of pkt[6], and the last, that was never posted,
		 * with those before it that were given back unused, but for their first.
		 */
		assert_int_equal(n, 3 + 2 + (31 - used - 1) + 1);
		for (i = 0; i < RTE_DIM(lens); i++) {
			if (i == 1 || i == 6)
				continue;
			p = rte_pktmbuf_mtod(pkt[i], uint8_t *);
			for (j = 0; p[j] == 'A' + i; j++)
				;
			for (uint32_t b = 0; b < lens[i]; b++)
				assert_int_equal(p[j + b], 'a' + i);
		}
		assert_int_equal(rte_ppool_put_bulk(pool, more, n), n);
		assert_int_equal(rte_ppool_put_bulk(pool, m, 32), 32);
		rte_ppool_owner_close(other);
	}
	for (i = 0; i < RTE_DIM(lens); i++)
		if (i != 1 && i != 6)
			rte_pktmbuf_free(pkt[i]);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(test_stats(pool).bad_mbuf + test_stats(pool).bad_over_put, 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_avail_count(pool), 64);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
bind_refuses(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("cl", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_mbuf *foreign = rte_pktmbuf_alloc(plain);
	struct rte_ppool *pool = test_pool("bind", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 32), 0);
	assert_int_equal(rte_ppool_run_bind(foreign, 1, 0, 0), -EINVAL);
	assert_int_equal(rte_ppool_run_trim(foreign), 0);
	assert_int_equal(rte_ppool_run_bind(m[0], 0, 0, 0), -EINVAL);
	assert_int_equal(rte_ppool_run_bind(m[0], 33, 0, 0), -EINVAL);
	assert_int_equal(rte_ppool_run_bind(m[1], 32, 0, 0), -EINVAL);
	assert_int_equal(rte_ppool_run_bind(m[0], 2, RTE_PKTMBUF_HEADROOM + 1, 0), -EINVAL);
	assert_int_equal(rte_ppool_run_bind(m[0], 2, 0, RTE_PKTMBUF_HEADROOM + 1), -EINVAL);
	assert_int_equal(rte_ppool_run_bind(m[31], 1, 0, 1), -EINVAL);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[5], 1), 1);
	assert_int_equal(rte_ppool_run_bind(m[3], 3, 0, 0), -EINVAL);
	test_mbuf_is_fresh(m[0]);
	assert_int_equal(rte_ppool_run_bind(m[6], 2, 0, 0), 0);
	/* the second of the run, that is held by the first, comes back on its own */
	assert_int_equal(rte_ppool_put_bulk(pool, &m[7], 1), 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[6], 1), 1);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 5), 5);
	assert_int_equal(rte_ppool_put_bulk(pool, m + 8, 24), 24);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_pktmbuf_free(foreign);
	rte_mempool_free(plain);
}

/* The same through a remembered page, whatever it remembers. */
static void
bind_at(void **state)
{
	struct rte_ppool *pool = test_pool("at", 2), *other = test_pool("other", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_owner *p = rte_ppool_owner_open(other, "you");
	struct rte_ppool_spot spot, none;

	memset(&spot, 0, sizeof(spot));
	memset(&none, 0, sizeof(none));
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(p, more, 32), 0);
	/* nothing remembered; a page; another one; the first again */
	for (int i = 0; i < 64; i++) {
		struct rte_ppool_spot *s = i % 3 == 0 ? &none : &spot;
		int at = i % 2 * 32 + i / 2, left = 32 - i / 2;

		memset(&none, 0, sizeof(none));
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], 0, 0, 0), -EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], UINT32_MAX, 0, 0), -EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], left + 1, 0, 0), -EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], left, 0, 1), -EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], 1,
			RTE_PKTMBUF_HEADROOM + 1, 0), -EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], 1, 0,
			RTE_PKTMBUF_HEADROOM + 1), -EINVAL);
		test_mbuf_is_fresh(m[at]);
		assert_int_equal(m[at]->buf_len, 2048);
		/* neither another pool's, nor what is no mbuf at all */
		assert_int_equal(rte_ppool_run_bind_at(pool, s, more[0], 1, 0, 0), -EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(other, s, m[at], 1, 0, 0), -EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, RTE_PTR_ADD(m[at], 64), 1, 0, 0),
			-EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, (struct rte_mbuf *)m, 1, 0, 0),
			-EINVAL);
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], left, 5, 0), 0);
		assert_ptr_equal(m[at]->buf_addr, RTE_PTR_ADD(m[i % 2 * 32]->buf_addr,
			i / 2 * 2048 + (i / 2 > 0 ? 5 : 0)));
		assert_int_equal(m[at]->buf_len, RTE_MIN(left * 2048 - 5, UINT16_MAX));
		assert_int_equal(m[at]->data_off, RTE_PKTMBUF_HEADROOM - 5);
		assert_true(rte_mbuf_iova_get(m[at]) - rte_mbuf_iova_get(m[0]) ==
			(uintptr_t)m[at]->buf_addr - (uintptr_t)m[0]->buf_addr || i % 2 != 0);
		/* as it was */
		assert_int_equal(rte_ppool_run_bind_at(pool, s, m[at], 1, 0, 0), 0);
		assert_int_equal(m[at]->buf_len, 2048);
		assert_int_equal(m[at]->data_off, RTE_PKTMBUF_HEADROOM);
	}
	/* a fragment that is back is nobody's to bind */
	assert_int_equal(rte_ppool_put_bulk(pool, &m[10], 1), 1);
	assert_int_equal(rte_ppool_run_bind_at(pool, &spot, m[8], 2, 0, RTE_PKTMBUF_HEADROOM), 0);
	assert_int_equal(m[8]->buf_len, 2 * 2048 + RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_ppool_run_bind_at(pool, &spot, m[8], 3, 0, 0), -EINVAL);
	assert_int_equal(rte_ppool_run_bind_at(pool, &spot, m[10], 1, 0, 0), -EINVAL);
	/* it gives back both, once */
	assert_int_equal(rte_ppool_put_bulk(pool, &m[8], 1), 1 + 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[8], 1), 0);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 8), 8);
	assert_int_equal(rte_ppool_put_bulk(pool, m + 11, 53), 53);
	assert_int_equal(rte_ppool_put_bulk(other, more, 32), 32);
	assert_int_equal(test_stats(pool).bad_mbuf, 0);
	rte_ppool_owner_close(o);
	rte_ppool_owner_close(p);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(rte_ppool_destroy(other), 0);
}

static void *
free_there(void *arg)
{
	rte_pktmbuf_free(arg);
	return NULL;
}

/* Runs of all lengths and places, cloned, trimmed, freed by another thread. */
static void
bind_at_and_use(void **state)
{
	struct rte_mempool *plain = rte_pktmbuf_pool_create("cl", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_ppool *pool = test_pool("use", 1);
	struct rte_ppool_owner *o;
	struct rte_ppool_spot spot;
	struct rte_ppool_run run, none;
	uint32_t k, at, next, frags;
	struct rte_mbuf *a, *c;
	pthread_t t;

	memset(&spot, 0, sizeof(spot));
	assert_null(rte_ppool_owner_open_linear(pool, "me", 0));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(rte_ppool_owner_open_linear(pool, "me", 32));
	assert_int_equal(rte_errno, EINVAL);
	for (k = 1; k <= 31; k++) {
		/* so many to a page, the others are left out */
		frags = k % 3 == 0 ? 31 / k * k : 31;
		o = rte_ppool_owner_open_linear(pool, "me", 32 - frags);
		assert_int_equal(rte_ppool_run_alloc(o, 64, &run), frags);
		assert_int_equal(rte_ppool_run_alloc(o, 1, &none), 0);
		for (at = 0; at < frags; at = next) {
			next = RTE_MIN(at + k, frags);
			a = RTE_PTR_ADD(run.mbuf, at * 128);
			assert_int_equal(rte_ppool_run_bind_at(pool, &spot, a, next - at, 0, 0), 0);
			assert_ptr_equal(a->buf_addr, RTE_PTR_ADD(run.addr, at * 2048));
			a->ol_flags = RTE_MBUF_F_EXTERNAL;
			a->data_len = a->pkt_len = (next - at) * 2048 - RTE_PKTMBUF_HEADROOM;
			switch (at % 4) {
			case 0:
				rte_pktmbuf_free(a);
				break;
			case 1:
				assert_int_equal(pthread_create(&t, NULL, free_there, a), 0);
				pthread_join(t, NULL);
				break;
			case 2:
				c = rte_pktmbuf_clone(a, plain);
				rte_pktmbuf_free(a);
				assert_int_equal(rte_ppool_in_flight(pool), 1);
				rte_pktmbuf_free(c);
				break;
			default:
				assert_int_equal(rte_pktmbuf_trim(a, a->data_len - 1), 0);
				assert_int_equal(rte_ppool_run_trim(a), next - at - 1);
				assert_int_equal(a->buf_len, 2048);
				rte_pktmbuf_free(a);
			}
		}
		assert_int_equal(rte_ppool_in_flight(pool), 0);
		assert_int_equal(rte_ppool_avail_count(pool), 32);
		rte_ppool_owner_close(o);
	}
	assert_int_equal(test_stats(pool).bad_mbuf + test_stats(pool).bad_over_put, 0);
	o = rte_ppool_owner_open(pool, "all");
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 32), 0);
	for (at = 0; at < 32; at++) {
		test_mbuf_is_fresh(m[at]);
		assert_int_equal(m[at]->buf_len, 2048);
	}
	assert_int_equal(rte_ppool_put_bulk(pool, m, 32), 32);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_mempool_free(plain);
}

/* Many at once: as far as they are neighbours, in one page, out, and not at its end. */
static void
bind_bulk(void **state)
{
	struct rte_ppool *pool = test_pool("bulk", 2), *other = test_pool("other", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	uint16_t k[32], big = 33;
	struct rte_ppool_spot spot;
	struct rte_mbuf *h[32];
	unsigned int i, n, step;

	memset(&spot, 0, sizeof(spot));
	for (step = 1; step < 32; step++) {
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
		/* says nothing and changes nothing, whatever it is */
		rte_ppool_run_ahead(pool, m[step]);
		rte_ppool_run_ahead(other, m[step]);
		rte_ppool_run_ahead(pool, (struct rte_mbuf *)&spot);
		for (i = n = 0; i + step <= 32; i += step, n++) {
			h[n] = m[i];
			k[n] = step;
		}
		/* what ends with the page is left */
		assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h, k, n), n - (32 % step == 0));
		for (i = 0; i < n; i++) {
			assert_int_equal(h[i]->buf_len, (i + 1) * step < 32 ? step * 2048 : 2048);
			assert_ptr_equal(h[i]->buf_addr, RTE_PTR_ADD(h[0]->buf_addr, i * step * 2048));
			/* alone, it is the same */
			assert_int_equal(rte_ppool_run_bind_at(pool, &spot, h[i], step, 0, 0), 0);
			assert_int_equal(h[i]->buf_len, step * 2048);
		}
		/* some of them, from the middle; up to where one is missing; none of another pool */
		if (n > 4) {
			assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h + 1, k, 2), 2);
			memmove(&h[2], &h[3], (n - 3) * sizeof(h[0]));
			assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h, k, n - 1), 2);
			memmove(&h[3], &h[2], (n - 3) * sizeof(h[0]));
			h[2] = m[2 * step];
		}
		assert_int_equal(rte_ppool_run_bind_bulk(other, &spot, h, k, n), 0);
		assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h, &big, 1), 0);
		k[0] = 0;
		assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h, k, n), 0);
		for (i = 0; i < 32 / step; i++)
			assert_int_equal(rte_ppool_put_bulk(pool, &m[i * step], 1), step);
		/* nobody's any more */
		k[0] = step;
		assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h, k, 1), 0);
		i = 32 / step * step;
		assert_int_equal(rte_ppool_put_bulk(pool, &m[i], 64 - i), 64 - i);
		assert_int_equal(rte_ppool_in_flight(pool), 0);
	}
	/* an mbuf of a run that was put on its own ends it in front of that run */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
	for (i = 0; i < 6; i++) {
		h[i] = m[i * 5];
		k[i] = 5;
	}
	assert_int_equal(rte_ppool_put_bulk(pool, &m[17], 1), 1);
	assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h, k, 6), 3);
	assert_int_equal(h[3]->buf_len, 2048);
	assert_int_equal(rte_ppool_run_bind_bulk(pool, &spot, h + 4, k, 2), 2);
	assert_int_equal(rte_ppool_put_bulk(pool, h, 6), 3 * 5 + 1 + 2 * 5);
	assert_int_equal(test_stats(pool).bad_over_put + test_stats(pool).bad_mbuf, 0);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[16], 4), 3);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[30], 34), 34);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(rte_ppool_destroy(other), 0);
}

/* Of a page of several words all that a linear owner posts is handed out at once, and it is as if
 * it had been handed out bit by bit: it comes home with the last fragment, and only then.
 */
static void
large_at_once(void **state)
{
	struct rte_ppool_params params = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .page_size = 131072,
		.frag_size = 2048, .min_pages = 2, .max_pages = 2, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("at once", &params);
	struct rte_ppool_owner *o, *other;
	struct rte_ppool_run a, b, c;
	uint32_t i, leave;

	assert_non_null(pool);
	other = rte_ppool_owner_open(pool, "other");
	for (leave = 1; leave <= 4; leave++) {
		o = rte_ppool_owner_open_linear(pool, "me", leave);
		for (i = 0; i < 3; i++) {
			assert_int_equal(rte_ppool_run_alloc(o, 64 - leave, &a), 64 - leave);
			/* fewer than all: the rest comes next */
			assert_int_equal(rte_ppool_run_alloc(o, 4, &b), 4);
			assert_int_equal(rte_ppool_run_alloc(o, 64, &c), 60 - leave);
			assert_ptr_equal(c.mbuf, RTE_PTR_ADD(b.mbuf, 4 * 128));
			assert_int_equal(rte_ppool_in_flight(pool), 2);
			assert_int_equal(rte_ppool_run_free(pool, &c), 60 - leave);
			assert_int_equal(rte_ppool_run_free(pool, &b), 4);
			assert_int_equal(rte_ppool_in_flight(pool), 1);
			/* one is missing; a second put of another is refused */
			b = a;
			b.n = 63 - leave;
			assert_int_equal(rte_ppool_run_free(pool, &b), 63 - leave);
			assert_int_equal(rte_ppool_run_free(pool, &b), 0);
			assert_int_equal(rte_ppool_in_flight(pool), 1);
			b.mbuf = RTE_PTR_ADD(a.mbuf, (63 - leave) * 128);
			b.n = 1;
			assert_int_equal(rte_ppool_run_free(pool, &b), 1);
			assert_int_equal(rte_ppool_in_flight(pool), 0);
		}
		rte_ppool_owner_close(o);
	}
	assert_int_equal(test_stats(pool).bad_over_put, 3 * (62 + 61 + 60 + 59));
	/* all of a page, by one who leaves out none */
	assert_int_equal(rte_ppool_run_alloc(other, 64, &a), 64);
	assert_int_equal(rte_ppool_run_alloc(other, 64, &b), 64);
	assert_int_equal(rte_ppool_run_alloc(other, 64, &c), 0);
	assert_int_equal(rte_ppool_run_free(pool, &a), 64);
	assert_int_equal(rte_ppool_run_free(pool, &b), 64);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	rte_ppool_owner_close(other);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* The memory of the page that is remembered goes, and comes back as something else. */
static void
bind_at_after_release(void **state)
{
	struct rte_ppool_params params = { .min_pages = 1, .max_pages = 400, .chunk_size = 2u << 20,
		.socket_id = SOCKET_ID_ANY, .layout = RTE_PPOOL_LAYOUT_COMPACT };
	struct rte_ppool *pool = rte_ppool_create("away", &params);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_run run[200];
	struct rte_ppool_spot spot;
	int i, n;

	assert_non_null(pool);
	memset(&spot, 0, sizeof(spot));
	for (int round = 0; round < 3; round++) {
		for (n = 0; n < 200; n++)
			assert_int_equal(rte_ppool_run_alloc(o, 64, &run[n]), 32);
		assert_int_equal(rte_ppool_run_bind_at(pool, &spot, run[n - 1].mbuf, 3, 0, 0), 0);
		assert_int_equal(rte_ppool_run_bind_at(pool, &spot, run[n - 1].mbuf, 1, 0, 0), 0);
		for (i = 0; i < n; i++)
			assert_int_equal(rte_ppool_run_free(pool, &run[i]), 32);
		for (i = 0; i < 100 && test_stats(pool).pages_released == 0; i++) {
			rte_ppool_maintain(pool);
			rte_delay_ms(20);
		}
		assert_true(test_stats(pool).pages_released > 0);
		/* not out, or not there: no */
		for (i = 0; i < n; i++)
			assert_int_equal(rte_ppool_run_bind_at(pool, &spot, run[i].mbuf, 1, 0, 0),
				-EINVAL);
	}
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Puts that do not look at the mbufs: counted all the same. */
static void
raw_put(void **state)
{
	struct rte_ppool *pool = test_pool("raw", 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");

	for (int round = 0; round < 3; round++) {
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
		m[64] = m[0];
		m[65] = (struct rte_mbuf *)m;
		assert_int_equal(rte_ppool_frag_put_bulk(pool, m, 66), 64);
		assert_int_equal(rte_ppool_in_flight(pool), 0);
	}
	assert_int_equal(test_stats(pool).bad_over_put, 3);
	assert_int_equal(test_stats(pool).bad_foreign, 3);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_of_any_size),
		cmocka_unit_test(large_runs),
		cmocka_unit_test(run_out_of_a_partly_free_page),
		cmocka_unit_test(linear_mbuf),
		cmocka_unit_test(trim),
		cmocka_unit_test(linear_receive),
		cmocka_unit_test(bind_refuses),
		cmocka_unit_test(bind_at),
		cmocka_unit_test(bind_at_and_use),
		cmocka_unit_test(bind_bulk),
		cmocka_unit_test(large_at_once),
		cmocka_unit_test(bind_at_after_release),
		cmocka_unit_test(raw_put),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
