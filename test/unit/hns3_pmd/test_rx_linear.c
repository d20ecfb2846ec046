/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Linear receive: frames of 60 to 9000 bytes into fragments of 2048, by each path. The test is the
 * device: it writes each frame where the BDs say. All of its bytes must be in the mbufs, no
 * matter what is done to the mbufs of other packets: each gets its whole headroom overwritten,
 * its tailroom too, some are held, cloned, trimmed, or freed by another thread.
 */

#include "hns3_test.h"

#include <pthread.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "hns3_rx_meta.h"

#define N    256u
#define HELD 200u

static struct hns3_rxq q;
static struct hns3_bd ring[N] __rte_aligned(HNS3_RING_BASE);
static struct rte_mbuf *sw[N + HNS3_RX_PAD];
static uint32_t head_reg;
static struct rte_mempool *mp, *clones;
static unsigned int dev_next, dev_free;
static const struct hns3_path *path;
static uint32_t seed = 1;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)seed * n) >> 32);
}

static uint8_t
byte_of(uint32_t frame, uint32_t at)
{
	return (uint8_t)(frame * 131 + at * 7 + (at >> 8));
}

/* The device receives a frame. False: it has not so many BDs. */
static bool
dev_frame(uint32_t frame, uint32_t len)
{
	uint32_t bds = (len + q.bd_len - 1) / q.bd_len, i, at = 0, k;

	if (dev_free < bds)
		return false;
	for (i = 0; i < bds; i++) {
		struct hns3_bd *bd = &ring[dev_next];
		uint16_t size = RTE_MIN(len - at, (uint32_t)q.bd_len);
		uint8_t *to = (uint8_t *)(uintptr_t)bd->w[0];

		assert_int_equal(bd->w[3], 0);
		for (k = 0; k < size; k++)
			to[k] = byte_of(frame, at + k);
		at += size;
		bd->w[1] = 0xff0 | (uint64_t)(i + 1 == bds ? len : 0) << 32 | (uint64_t)size << 48;
		bd->w[2] = frame;
		bd->w[3] = HNS3_RXW3_VLD | (i + 1 == bds ? HNS3_RXW3_FE : 0);
		dev_next = (dev_next + 1) % N;
	}
	dev_free -= bds;
	return true;
}

/* All bytes are there. */
static void
check(struct rte_mbuf *m, uint32_t frame)
{
	uint32_t at = 0, k;

	for (; m != NULL; m = m->next) {
		const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

		for (k = 0; k < m->data_len; k++)
			if (p[k] != byte_of(frame, at + k))
				fail_msg("frame %u byte %u: %02x", frame, at + k, p[k]);
		at += m->data_len;
	}
}

/* Write over everything that is this packet's, but its data. */
static void
spoil(struct rte_mbuf *m)
{
	for (; m != NULL; m = m->next) {
		assert_true(rte_pktmbuf_headroom(m) <= RTE_PKTMBUF_HEADROOM);
		memset(m->buf_addr, 0xcc, rte_pktmbuf_headroom(m));
		memset(rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len), 0xdd,
			m->buf_len - m->data_off - m->data_len);
	}
}

static void *
free_there(void *arg)
{
	rte_pktmbuf_free(arg);
	return NULL;
}

static void
free_one(struct rte_mbuf *m)
{
	pthread_t t;

	if (rnd(50) != 0) {
		rte_pktmbuf_free(m);
		return;
	}
	assert_int_equal(pthread_create(&t, NULL, free_there, m), 0);
	pthread_join(t, NULL);
}

static void
open_queue(unsigned int bufs, uint16_t frame)
{
	struct rte_ppool_info info;

	memset(&q, 0, sizeof(q));
	mp = rte_ppool_pktmbuf_pool_create("linear", bufs, 0, 2048, SOCKET_ID_ANY,
			RTE_PPOOL_LAYOUT_COMPACT);
	assert_non_null(mp);
	q.mp = mp;
	q.ring = ring;
	q.sw = sw;
	q.nb_desc = N;
	q.batch = HNS3_BATCH;
	q.head = &head_reg;
	q.offloads = 0;
	q.room = rte_pktmbuf_data_room_size(mp);
	q.pool = rte_ppool_from_mempool(mp);
	assert_int_equal(rte_ppool_info_get(q.pool, &info), 0);
	q.frag_size = info.frag_size;
	q.mbuf_stride = info.mbuf_stride;
	q.owner = rte_ppool_owner_open(q.pool, "test");
	assert_non_null(q.owner);
	hns3_rx_prepare(&q);
	assert_int_equal(hns3_rx_set_frame(&q, frame), 0);
	assert_true(q.linear);
	assert_int_equal(q.bd_len, 2048);
	assert_int_equal(hns3_rx_fill(&q), 0);
	dev_next = 0;
	dev_free = N;
}

static void
close_queue(void)
{
	hns3_rx_drain(&q);
	rte_ppool_owner_close(q.owner);
	assert_int_equal(rte_ppool_in_flight(q.pool), 0);
	assert_int_equal(rte_ppool_destroy(q.pool), 0);
	assert_true(rte_mempool_full(clones));
}

struct held {
	struct rte_mbuf *m;
	uint32_t frame;
};

/* A packet has come: what an application may do to it. Is it kept? */
static bool
use(struct rte_mbuf **m, uint32_t frame)
{
	struct rte_mbuf *c;

	rte_mbuf_sanity_check(*m, 1);
	check(*m, frame);
	switch (rnd(6)) {
	case 0:
		c = rte_pktmbuf_clone(*m, clones);
		assert_non_null(c);
		rte_pktmbuf_free(*m);
		*m = c; /* must keep the whole run */
		return true;
	case 1:
		spoil(*m);
		assert_int_equal(rte_pktmbuf_trim(*m, (*m)->data_len / 2) != 0 && (*m)->nb_segs == 1,
			0);
		check(*m, frame);
		rte_ppool_run_trim(*m);
		check(*m, frame);
		return true;
	case 2:
	case 3:
		spoil(*m);
		return true;
	default:
		spoil(*m);
		return false;
	}
}

static void
traffic(unsigned int rounds, unsigned int kind)
{
	static const uint16_t bursts[] = { 1, 2, 4, 7, 32, 64 };
	static struct held held[HELD + 64];
	struct rte_mbuf *m[64];
	uint32_t sent = 0, seen = 0, len, lens[1024];
	unsigned int n, i, nb_held = 0, k;

	for (; rounds > 0; rounds--) {
		for (k = rnd(20); k > 0; k--) {
			len = kind == 0 ? 9000 : kind == 1 ? 1900 + rnd(200) : 60 + rnd(8941);
			if (!dev_frame(sent, len))
				break;
			lens[sent++ % 1024] = len;
		}
		head_reg = 0;
		n = path->rx(&q, m, bursts[rnd(RTE_DIM(bursts))]);
		dev_free += head_reg;
		for (i = 0; i < n; i++, seen++) {
			assert_int_equal(m[i]->pkt_len, lens[seen % 1024]);
			if (use(&m[i], seen))
				held[nb_held++] = (struct held){ m[i], seen };
			else
				free_one(m[i]);
		}
		while (nb_held > HELD || (nb_held > 0 && rnd(3) == 0)) {
			k = rnd(nb_held);
			check(held[k].m, held[k].frame);
			free_one(held[k].m);
			held[k] = held[--nb_held];
		}
	}
	for (i = 0; i < nb_held; i++) {
		check(held[i].m, held[i].frame);
		rte_pktmbuf_free(held[i].m);
	}
	assert_true(seen > 100);
	assert_int_equal(q.stats.bad_bds, 0);
}

static void
frames(void **state)
{
	unsigned int kind;

	RTE_SET_USED(state);
	for (kind = 0; kind < 3; kind++) {
		open_queue(8192, 9026);
		traffic(3000, kind);
		/* 30 fragments of a page, 5 a frame: each finds neighbours. Others most. */
		assert_true(kind == 1 || q.stats.linear > q.stats.chained);
		assert_true(kind == 0 ? q.stats.chained == 0 : kind == 1 || q.stats.chained > 0);
		close_queue();
	}
}

/* A frame in one segment of five fragments, and what the next has to do with it. */
static void
one_segment(void **state)
{
	struct rte_mbuf *m[4];

	RTE_SET_USED(state);
	open_queue(4096, 9026);
	assert_true(dev_frame(0, 4 * 2048 + 1921) && dev_frame(1, 60) && dev_frame(2, 1920) &&
		dev_frame(3, 2048));
	assert_int_equal(path->rx(&q, m, 4), 4);
	assert_int_equal(m[0]->nb_segs, 1);
	assert_int_equal(m[0]->data_len, 4 * 2048 + 1921);
	assert_int_equal(rte_pktmbuf_headroom(m[0]), RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_pktmbuf_tailroom(m[0]), 0);
	assert_int_equal(rte_pktmbuf_headroom(m[1]), RTE_PKTMBUF_HEADROOM - 1);
	assert_int_equal(rte_pktmbuf_headroom(m[2]), RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_pktmbuf_headroom(m[3]), RTE_PKTMBUF_HEADROOM);
	assert_ptr_equal(rte_pktmbuf_mtod_offset(m[0], uint8_t *, 5 * 2048), rte_pktmbuf_mtod(m[1], void *));
	assert_int_equal(q.stats.linear, 1);
	rte_pktmbuf_free_bulk(m, 4);
	close_queue();
}

/* Frames that cannot be: nothing is delivered, lost, or kept. */
static void
broken(void **state)
{
	struct rte_mbuf *m[8];
	unsigned int round, i, bds;

	RTE_SET_USED(state);
	open_queue(4096, 9026);
	for (round = 0; round < 400; round++) {
		bds = 1 + round % 24;
		while (dev_free < bds + 2) {
			head_reg = 0;
			assert_int_equal(path->rx(&q, m, 8), 0);
			dev_free += head_reg;
			assert_true(head_reg > 0);
		}
		for (i = 0; i < bds; i++) {
			struct hns3_bd *bd = &ring[dev_next];

			bd->w[1] = (round % 3 == 0 ? HNS3_RXW1_L2E : 0) | 2048ull << 48 |
				(uint64_t)(round % 3 == 0 ? bds * 2048 : 77) << 32;
			bd->w[3] = HNS3_RXW3_VLD | (i + 1 == bds ? HNS3_RXW3_FE : 0);
			dev_next = (dev_next + 1) % N;
			dev_free--;
		}
		head_reg = 0;
		assert_int_equal(path->rx(&q, m, 8), 0);
		dev_free += head_reg;
		assert_true(dev_frame(round, 100));
		head_reg = 0;
		assert_int_equal(path->rx(&q, m, 8), 1);
		dev_free += head_reg;
		check(m[0], round);
		assert_int_equal(rte_pktmbuf_headroom(m[0]), RTE_PKTMBUF_HEADROOM);
		rte_pktmbuf_free(m[0]);
	}
	/* Half a frame when the queue is closed. */
	ring[dev_next].w[1] = 2048ull << 48;
	ring[dev_next].w[3] = HNS3_RXW3_VLD;
	assert_int_equal(path->rx(&q, m, 8), 0);
	close_queue();
}

/* Somebody gives back a fragment that is posted. The frame that lies in it is not delivered; those
 * around it are, of several sorts, and the second put is counted.
 */
static void
spoilt(void **state)
{
	static const uint32_t lens[] = { 9000, 4 * 2048 + 1921, 5 * 2048 };
	struct rte_ppool_stats stats;
	unsigned int bd, i, n, kind;
	struct rte_mbuf *m[8];

	RTE_SET_USED(state);
	for (kind = 0; kind < RTE_DIM(lens); kind++) {
		for (bd = 0; bd < 30; bd++) {
			open_queue(4096, 9026);
			assert_int_equal(rte_ppool_put_bulk(q.pool, &q.sw[bd], 1), 1);
			for (i = 0; i < 7; i++)
				assert_true(dev_frame(i, lens[kind]));
			head_reg = 0;
			n = path->rx(&q, m, 8);
			assert_int_equal(n, 6);
			dev_free += head_reg;
			for (i = 0; i < n; i++) {
				check(m[i], i < bd / 5 ? i : i + 1);
				assert_int_equal(m[i]->pkt_len, lens[kind]);
			}
			assert_int_equal(q.stats.bad_bds, 1);
			assert_int_equal(q.stats.linear + q.stats.chained, 6);
			rte_pktmbuf_free_bulk(m, n);
			assert_int_equal(rte_ppool_stats_get(q.pool, &stats), 0);
			assert_int_equal(stats.bad_over_put, 1);
			close_queue();
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_segment), cmocka_unit_test(frames), cmocka_unit_test(broken),
		cmocka_unit_test(spoilt),
	};
	unsigned int i;
	int failed = 0;

	if (test_eal_init() != 0)
		return 1;
	hns3_rx_tables_init();
	clones = rte_pktmbuf_pool_create("clones", 2047, 0, 0, 0, SOCKET_ID_ANY);
	if (clones == NULL)
		return 1;
	for (i = 0; i < hns3_nb_paths; i++) {
		path = &hns3_paths[i];
		if (path->usable())
			failed += cmocka_run_group_tests_name(path->rx_name, tests, NULL, NULL);
	}
	rte_eal_cleanup();
	return failed;
}
