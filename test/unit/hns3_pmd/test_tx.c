/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Transmit into a ring in plain memory, on which the test plays the device. */

#include "hns3_test.h"

#include <string.h>

#include <rte_mbuf.h>

#include "hns3_compat.h"
#include "hns3_tx.h"

#define VLD HNS3_TXW3_VLD
#define FE  HNS3_TXW3_FE

static struct hns3_txq q;
static struct hns3_bd ring[1024] __rte_aligned(HNS3_RING_BASE);
static struct rte_mbuf *sw[1024];
static struct hns3_tx_block block[HNS3_TX_BLOCKS(1024)];
static const struct hns3_path *path;
static uint8_t bounce[HNS3_BOUNCE_NUM * HNS3_BOUNCE_LEN];
static uint32_t tail_reg;
static struct rte_mempool *mp, *other;
static unsigned int all_bufs, all_other;
static unsigned int dev_next;

static void
open_queue(unsigned int nb_desc, bool fast)
{
	memset(&q, 0, sizeof(q));
	q.ring = ring;
	q.sw = sw;
	q.block = block;
	q.nb_desc = nb_desc;
	q.tail = &tail_reg;
	q.bounce = bounce;
	q.bounce_iova = (uintptr_t)bounce;
	q.fast_free = fast;
	hns3_tx_reset(&q);
	tail_reg = 0;
	dev_next = 0;
	all_bufs = rte_mempool_avail_count(mp);
	all_other = rte_mempool_avail_count(other);
}

static void
close_queue(void)
{
	hns3_tx_drain(&q);
	assert_int_equal(q.free, q.nb_desc - 1);
	assert_int_equal(rte_mempool_avail_count(mp), all_bufs);
	assert_int_equal(rte_mempool_avail_count(other), all_other);
}

static struct rte_mbuf *
packet(struct rte_mempool *pool, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	assert_non_null(rte_pktmbuf_append(m, len));
	memset(rte_pktmbuf_mtod(m, void *), len, len);
	return m;
}

static struct rte_mbuf *
chained(unsigned int segs, uint16_t len)
{
	struct rte_mbuf *m = packet(mp, len);

	while (--segs > 0)
		assert_int_equal(rte_pktmbuf_chain(m, packet(mp, len)), 0);
	return m;
}

/* The device sends one packet: its length; and its bytes go to out. */
static uint32_t
dev_send(uint8_t *out)
{
	uint32_t len = 0, size;
	struct hns3_bd *bd;
	bool end;

	do {
		bd = &ring[dev_next];
		assert_true(bd->w[3] & VLD);
		end = (bd->w[3] & FE) != 0;
		size = bd->w[1] >> 16 & 0xffff;
		assert_true(size > 0);
		assert_int_equal(bd->w[1] & ~0xffff0000ull, 0);
		assert_int_equal(bd->w[2], 0);
		assert_int_equal(bd->w[3] & ~(VLD | FE), 0);
		if (out != NULL)
			memcpy(out + len, (void *)(uintptr_t)bd->w[0], size);
		len += size;
		bd->w[3] &= 0xffffffffull;
		dev_next = (dev_next + 1) % q.nb_desc;
	} while (!end);
	return len;
}

static uint16_t
burst(struct rte_mbuf **m, uint16_t n)
{
	return path->tx(&q, m, n);
}

static void
one_packet(void **state)
{
	struct rte_mbuf *m;

	RTE_SET_USED(state);
	open_queue(64, false);
	m = packet(mp, 60);
	assert_int_equal(burst(&m, 1), 1);
	assert_int_equal(tail_reg, 1);
	assert_int_equal(ring[0].w[0], rte_mbuf_data_iova(m));
	/* The image of a plain packet of one buffer. */
	assert_int_equal(ring[0].w[1], 60ull << 16);
	assert_int_equal(ring[0].w[3], 0x0110ull << 32);
	assert_int_equal(dev_send(NULL), 60);
	assert_int_equal(burst(NULL, 0), 0);
	assert_int_equal(tail_reg, 1);
	assert_int_equal(q.stats.packets, 1);
	assert_int_equal(q.stats.bytes, 60);
	assert_int_equal(hns3_tx_reclaim(&q, 64), 1);
	close_queue();
}

/* Round the ring; the device is fast or slow, and clears VLD out of order. */
static void
wraps(void **state)
{
	static const unsigned int sizes[] = { 64, 96, 1024 };
	struct rte_mbuf *m[64];
	unsigned int s, round, i, n, sent, on_way;
	bool fast;

	RTE_SET_USED(state);
	for (s = 0; s < 2 * RTE_DIM(sizes); s++) {
		fast = s % 2;
		open_queue(sizes[s / 2], fast);
		on_way = 0;
		for (round = 0; round < 4000; round++) {
			n = 1 + round * 5 % 40;
			for (i = 0; i < n; i++)
				m[i] = packet(mp, 33 + (round + i) % 500);
			tail_reg = 0;
			sent = burst(m, n);
			/* A burst that finds the ring full rings twice: this is the last. */
			assert_true(tail_reg <= sent);
			on_way += sent;
			assert_true(on_way <= sizes[s / 2] - 1);
			rte_pktmbuf_free_bulk(m + sent, n - sent);
			if (round % 3 == 0)
				continue;
			for (i = round * 3 % (on_way + 1); i > 0; i--, on_way--)
				dev_send(NULL);
		}
		if (sizes[s / 2] < 1024)
			assert_true(q.stats.queue_full > 0);
		close_queue();
	}
}

/* VLD is gone in a later BD, not in the oldest: nothing may be freed. */
static void
out_of_order(void **state)
{
	struct rte_mbuf *m[33];
	unsigned int i;

	RTE_SET_USED(state);
	open_queue(64, false);
	for (i = 0; i < 33; i++)
		m[i] = packet(mp, 60);
	assert_int_equal(burst(m, 33), 33);
	for (i = 1; i < 33; i++)
		ring[i].w[3] = 0;
	assert_int_equal(hns3_tx_reclaim(&q, 64), 0);
	burst(NULL, 0);
	assert_int_equal(q.free, 63 - 33);
	ring[0].w[3] = 0;
	assert_int_equal(hns3_tx_reclaim(&q, 10), 10);
	assert_int_equal(hns3_tx_reclaim(&q, 64), 23);
	close_queue();
}

static void
segments(void **state)
{
	static uint8_t out[10000];
	struct rte_mbuf *m;
	unsigned int segs, round, i;

	RTE_SET_USED(state);
	open_queue(64, false);
	for (round = 0; round < 200; round++) {
		for (segs = 2; segs <= 30; segs++) {
			m = chained(segs, 100 + segs);
			tail_reg = 0;
			assert_int_equal(burst(&m, 1), 1);
			assert_int_equal(tail_reg, RTE_MIN(segs, HNS3_TX_BDS_MAX));
			assert_int_equal(dev_send(out), segs * (100 + segs));
			for (i = 0; i < segs * (100 + segs); i++)
				assert_int_equal(out[i], 100 + segs);
		}
	}
	assert_int_equal(q.stats.copied, 200 * 22);
	hns3_tx_reclaim(&q, 64);
	assert_int_equal(q.bounce_used, 0);
	close_queue();
}

/* The same with buffers that are freed without a look. */
static void
segments_fast(void **state)
{
	struct rte_mbuf *m;
	unsigned int i;

	RTE_SET_USED(state);
	open_queue(64, true);
	for (i = 0; i < 300; i++) {
		m = chained(1 + i % 12, 60);
		assert_int_equal(burst(&m, 1), 1);
		assert_int_equal(dev_send(NULL), (1 + i % 12) * 60);
	}
	close_queue();
	/* What comes out of the pool again is as a pool wants it. */
	for (i = 0; i < 300; i++) {
		m = rte_mbuf_raw_alloc(mp);
		assert_null(m->next);
		assert_int_equal(m->nb_segs, 1);
		rte_mbuf_raw_free(m);
	}
}

/* More copies than there is room for: the burst ends, and goes on later. */
static void
copies_run_out(void **state)
{
	struct rte_mbuf *m[HNS3_BOUNCE_NUM + 8];
	unsigned int i;

	RTE_SET_USED(state);
	open_queue(1024, false);
	for (i = 0; i < RTE_DIM(m); i++)
		m[i] = chained(9, 50);
	assert_int_equal(burst(m, RTE_DIM(m)), HNS3_BOUNCE_NUM);
	assert_int_equal(tail_reg, HNS3_BOUNCE_NUM * 8);
	assert_int_equal(q.stats.queue_full, 1);
	for (i = 0; i < 3; i++)
		assert_int_equal(dev_send(NULL), 450);
	assert_int_equal(burst(m + HNS3_BOUNCE_NUM, 8), 3);
	for (i = 3; i < HNS3_BOUNCE_NUM + 3; i++)
		assert_int_equal(dev_send(NULL), 450);
	assert_int_equal(burst(m + HNS3_BOUNCE_NUM + 3, 5), 5);
	close_queue();
}

static void
lengths(void **state)
{
	static uint8_t out[10000];
	struct rte_mbuf *m;
	unsigned int i, len;

	RTE_SET_USED(state);
	open_queue(64, false);
	/* Short: zeros are added, and the packet itself is not touched. */
	for (len = 1; len < 33; len++) {
		m = packet(mp, len);
		rte_mbuf_refcnt_set(m, 2);
		assert_int_equal(burst(&m, 1), 1);
		memset(out, 0xee, sizeof(out));
		assert_int_equal(dev_send(out), 33);
		for (i = 0; i < 33; i++)
			assert_int_equal(out[i], i < len ? len : 0);
		hns3_tx_reclaim(&q, 64);
		assert_int_equal(rte_mbuf_refcnt_read(m), 1);
		assert_int_equal(m->pkt_len, len);
		rte_pktmbuf_free(m);
	}
	/* An empty segment, and a chain that is short as a whole. */
	m = packet(mp, 40);
	assert_int_equal(rte_pktmbuf_chain(m, rte_pktmbuf_alloc(mp)), 0);
	assert_int_equal(rte_pktmbuf_chain(m, packet(mp, 7)), 0);
	assert_int_equal(burst(&m, 1), 1);
	assert_int_equal(dev_send(out), 47);
	m = chained(2, 10);
	assert_int_equal(burst(&m, 1), 1);
	assert_int_equal(dev_send(out), 33);
	/* These cannot be sent: dropped, counted, and what follows goes on. */
	m = rte_pktmbuf_alloc(mp);
	assert_int_equal(burst(&m, 1), 1);
	m = chained(10, 1000);
	assert_int_equal(burst(&m, 1), 1);
	assert_int_equal(q.stats.bad_packets, 2);
	m = chained(8, 1216); /* 9728 */
	assert_int_equal(burst(&m, 1), 1);
	assert_int_equal(dev_send(out), 9728);
	assert_int_equal(q.stats.bad_packets, 2);
	close_queue();
}

/* Shared, attached and foreign mbufs, of two pools, mixed. */
static void
kinds(void **state)
{
	struct rte_mbuf *m[30], *keep[10], *src[10];
	unsigned int i;

	RTE_SET_USED(state);
	open_queue(64, false);
	for (i = 0; i < 10; i++) {
		m[3 * i] = packet(i % 2 ? other : mp, 64);
		keep[i] = m[3 * i];
		rte_mbuf_refcnt_update(keep[i], 1);
		src[i] = packet(mp, 80);
		m[3 * i + 1] = rte_pktmbuf_clone(src[i], other);
		assert_non_null(m[3 * i + 1]);
		m[3 * i + 2] = packet(other, 90);
	}
	assert_int_equal(burst(m, 30), 30);
	for (i = 0; i < 30; i++)
		dev_send(NULL);
	hns3_tx_reclaim(&q, 64);
	for (i = 0; i < 10; i++) {
		assert_int_equal(rte_mbuf_refcnt_read(keep[i]), 1);
		assert_int_equal(rte_mbuf_refcnt_read(src[i]), 1);
		rte_pktmbuf_free(keep[i]);
		rte_pktmbuf_free(src[i]);
	}
	close_queue();
}

/* Page fragments through the ring, with and without the fast free. */
static void
fragments(void **state)
{
	struct rte_mempool *pages;
	struct rte_mbuf *m[40];
	struct rte_ppool *pp;
	unsigned int round, i;

	RTE_SET_USED(state);
	pages = rte_ppool_pktmbuf_pool_create("tx_pages", 512, 0, 2048, SOCKET_ID_ANY,
			RTE_PPOOL_LAYOUT_COMPACT);
	assert_non_null(pages);
	pp = rte_ppool_from_mempool(pages);
	for (round = 0; round < 400; round++) {
		if (round % 200 == 0)
			open_queue(128, round != 0);
		for (i = 0; i < 40; i++)
			m[i] = packet(pages, 60);
		assert_int_equal(burst(m, 40), 40);
		for (i = 0; i < 40; i++)
			dev_send(NULL);
		if (round % 200 == 199)
			close_queue();
	}
	/* The rest is in the open page of this thread: nothing is out. */
	assert_int_equal(rte_mempool_in_use_count(pages), 0);
	rte_ppool_destroy(pp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_packet), cmocka_unit_test(wraps), cmocka_unit_test(out_of_order),
		cmocka_unit_test(segments), cmocka_unit_test(segments_fast),
		cmocka_unit_test(copies_run_out), cmocka_unit_test(lengths), cmocka_unit_test(kinds),
		cmocka_unit_test(fragments),
	};
	unsigned int i;
	int failed = 0;

	if (test_eal_init() != 0)
		return 1;
	mp = rte_pktmbuf_pool_create("tx_test", 2000, 0, 0, 2176, SOCKET_ID_ANY);
	other = rte_pktmbuf_pool_create("tx_other", 500, 0, 0, 2176, SOCKET_ID_ANY);
	if (mp == NULL || other == NULL)
		return 1;
	hns3_tx_tables_init();
	for (i = 0; i < hns3_nb_paths; i++) {
		path = &hns3_paths[i];
		if (!path->usable())
			continue;
		print_message("%s\n", path->tx_name);
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	}
	rte_eal_cleanup();
	return failed;
}
