/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Receive from a ring in plain memory, on which the test plays the device. */

#include "hns3_test.h"

#include <string.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "hns3_compat.h"
#include "hns3_rx_meta.h"

#define N     64u
#define ROOM  2048u
#define BURST 32u

static struct hns3_rxq q;
static struct hns3_bd ring[4096] __rte_aligned(HNS3_RING_BASE);
static struct rte_mbuf *sw[4096 + HNS3_RX_PAD];
static uint32_t head_reg;
static struct rte_mempool *mp;
static unsigned int dev_next;   /* BD that the device fills next */
static int native;              /* which kind of pool the tests run on */
static const struct hns3_path *path; /* and by which burst function */

static uint64_t
free_bufs(void)
{
	return native ? rte_ppool_avail_count(rte_ppool_from_mempool(mp)) : rte_mempool_avail_count(mp);
}

static uint64_t all_bufs;

static void
make_pool(unsigned int n)
{
	if (native) {
		mp = rte_ppool_pktmbuf_pool_create("rx_test", n, 0, ROOM, SOCKET_ID_ANY,
				RTE_PPOOL_LAYOUT_COMPACT);
	} else {
		mp = rte_pktmbuf_pool_create("rx_test", n, 0, 0, ROOM + RTE_PKTMBUF_HEADROOM,
				SOCKET_ID_ANY);
	}
	assert_non_null(mp);
}

static void
open_queue(unsigned int nb_desc, unsigned int bufs, uint16_t frame)
{
	struct rte_ppool_info info;

	memset(&q, 0, sizeof(q));
	make_pool(bufs);
	q.mp = mp;
	q.ring = ring;
	q.sw = sw;
	q.nb_desc = nb_desc;
	q.batch = RTE_MIN(HNS3_BATCH, nb_desc / 4);
	q.head = &head_reg;
	q.port = 3;
	q.offloads = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM |
		RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH;
	q.room = rte_pktmbuf_data_room_size(mp);
	q.pool = rte_ppool_from_mempool(mp);
	if (native) {
		assert_non_null(q.pool);
		assert_int_equal(rte_ppool_info_get(q.pool, &info), 0);
		q.frag_size = info.frag_size;
		q.mbuf_stride = info.mbuf_stride;
		q.owner = rte_ppool_owner_open(q.pool, "test");
		assert_non_null(q.owner);
	} else {
		all_bufs = rte_mempool_avail_count(mp);
	}
	hns3_rx_prepare(&q);
	q.bd_len = hns3_rx_bd_len(native, q.room, RTE_PKTMBUF_HEADROOM, frame);
	q.room_used = RTE_MIN(q.bd_len, q.room - RTE_PKTMBUF_HEADROOM);
	q.plain_max = q.room_used;
	head_reg = 0;
	dev_next = 0;
}

/* Everything is at home again. */
static void
close_queue(void)
{
	hns3_rx_drain(&q);
	if (native) {
		rte_ppool_owner_close(q.owner);
		assert_int_equal(rte_ppool_in_flight(q.pool), 0);
		assert_int_equal(rte_ppool_destroy(q.pool), 0);
	} else {
		assert_int_equal(free_bufs(), all_bufs);
		rte_mempool_free(mp);
	}
}

#define VLD   HNS3_RXW3_VLD
#define FE    HNS3_RXW3_FE
#define NO_L4 (15ull << 8)
#define NO_IP (15ull << 4 | 15ull << 8)

/* The device fills a BD: tag goes where the packet would go. */
static void
dev_put(uint64_t l234, uint16_t pkt_len, uint16_t size, uint32_t hash, uint64_t info)
{
	struct hns3_bd *bd = &ring[dev_next];
	uint8_t *data = (uint8_t *)(uintptr_t)bd->w[0];

	assert_int_equal(bd->w[3] & VLD, 0);
	if (size != 0 && size <= q.room_used)
		memset(data, dev_next, size);
	bd->w[1] = l234 | (uint64_t)pkt_len << 32 | (uint64_t)size << 48;
	bd->w[2] = hash | 0x0123ull << 48;
	bd->w[3] = info | 0x0456ull << 16 | VLD;
	dev_next = (dev_next + 1) % q.nb_desc;
}

static void
dev_one(uint16_t len)
{
	dev_put(NO_IP, len, len, 0, FE);
}

static uint16_t
burst(struct rte_mbuf **m, uint16_t n)
{
	return path->rx(&q, m, n);
}

static void
free_all(struct rte_mbuf **m, uint16_t n)
{
	rte_pktmbuf_free_bulk(m, n);
}

static void
fills(void **state)
{
	unsigned int i, j;

	RTE_SET_USED(state);
	open_queue(N, 4 * N, 1526);
	assert_int_equal(q.bd_len, 2048);
	assert_int_equal(hns3_rx_fill(&q), 0);
	assert_int_equal(head_reg, 0); /* no credit for the first fill */
	for (i = 0; i < N; i++) {
		assert_int_equal(ring[i].w[0], rte_mbuf_data_iova_default(sw[i]));
		assert_int_equal(ring[i].w[0] % 64, 0);
		assert_int_equal(ring[i].w[3], 0);
		for (j = 0; j < i; j++)
			assert_ptr_not_equal(sw[i], sw[j]);
	}
	close_queue();
}

static void
one_packet(void **state)
{
	struct rte_mbuf *m[BURST];

	RTE_SET_USED(state);
	open_queue(N, 4 * N, 1526);
	assert_int_equal(hns3_rx_fill(&q), 0);
	assert_int_equal(burst(m, BURST), 0);
	/* IPv4, TCP, checked, hash. */
	dev_put(1ull << 8, 60, 60, 0xcafe, FE | HNS3_RXW3_L3L4P);
	assert_int_equal(burst(m, BURST), 1);
	assert_int_equal(m[0]->pkt_len, 60);
	assert_int_equal(m[0]->data_len, 60);
	assert_int_equal(m[0]->data_off, RTE_PKTMBUF_HEADROOM);
	assert_int_equal(m[0]->nb_segs, 1);
	assert_null(m[0]->next);
	assert_int_equal(rte_mbuf_refcnt_read(m[0]), 1);
	assert_int_equal(m[0]->port, 3);
	assert_int_equal(m[0]->hash.rss, 0xcafe);
	assert_int_equal(m[0]->packet_type, RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_TCP);
	assert_int_equal(m[0]->ol_flags, RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_IP_CKSUM_GOOD |
		RTE_MBUF_F_RX_L4_CKSUM_GOOD | (native ? RTE_MBUF_F_EXTERNAL : 0));
	rte_mbuf_sanity_check(m[0], 1);
	free_all(m, 1);
	/* One tag taken off, and two. */
	dev_put(NO_L4 | (uint64_t)HNS3_STRIP_INNER << 13, 60, 60, 0, FE);
	dev_put(NO_L4 | (uint64_t)HNS3_STRIP_OUTER << 13, 60, 60, 0, FE);
	assert_int_equal(burst(m, BURST), 2);
	assert_int_equal(m[0]->vlan_tci, 0x123);
	assert_int_equal(m[1]->vlan_tci, 0x456);
	assert_int_equal(m[0]->ol_flags & ~RTE_MBUF_F_EXTERNAL,
		RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED);
	free_all(m, 2);
	close_queue();
}

/* Many times round the ring, with all sizes of bursts, the right packet in the right mbuf. */
static void
wraps(void **state)
{
	static const unsigned int sizes[] = { 64, 96, 128, 1024, 4096 };
	struct rte_mbuf *m[512];
	unsigned int s, i, k, got, round, outstanding, seen;
	uint32_t credit;

	RTE_SET_USED(state);
	for (s = 0; s < RTE_DIM(sizes); s++) {
		open_queue(sizes[s], sizes[s] + 600, 1526);
		assert_int_equal(hns3_rx_fill(&q), 0);
		seen = 0;
		credit = sizes[s];
		for (round = 0; round < 3000; round++) {
			k = (round * 7 + 1) % RTE_MIN(sizes[s] / 2, 300u);
			k = RTE_MIN(k, credit);
			for (i = 0; i < k; i++)
				dev_one(60 + (dev_next & 0xff));
			credit -= k;
			outstanding = k;
			head_reg = 0;
			while (outstanding > 0) {
				got = burst(m, 1 + round % 33);
				assert_true(got > 0);
				for (i = 0; i < got; i++, seen++) {
					uint16_t at = seen % sizes[s];

					assert_int_equal(m[i]->data_len, 60 + (at & 0xff));
					assert_int_equal(*rte_pktmbuf_mtod(m[i], uint8_t *), (uint8_t)at);
				}
				free_all(m, got);
				outstanding -= got;
				credit += head_reg;
				assert_true(credit <= sizes[s]);
				head_reg = 0;
			}
			assert_int_equal(q.hold, sizes[s] - credit);
		}
		assert_int_equal(q.stats.packets, seen);
		close_queue();
	}
}

static void
chain(unsigned int segs, uint16_t each, uint16_t last)
{
	unsigned int i;

	for (i = 0; i + 1 < segs; i++)
		dev_put(0xdead, 0, each, 0, 0);
	dev_put(NO_IP, (segs - 1) * each + last, last, 0x77, FE);
}

static void
several_segments(void **state)
{
	struct rte_mbuf *m[BURST], *s;
	unsigned int i, n;

	RTE_SET_USED(state);
	open_queue(N, 4 * N, 9026);
	assert_int_equal(q.bd_len, native ? 1024 : 2048);
	assert_int_equal(hns3_rx_fill(&q), 0);
	for (i = 0; i < 100; i++) {
		n = 2 + i % 8;
		chain(n, q.bd_len, 1 + i);
		assert_int_equal(burst(m, BURST), 1);
		assert_int_equal(m[0]->nb_segs, n);
		assert_int_equal(m[0]->pkt_len, (n - 1) * q.bd_len + 1 + i);
		assert_int_equal(m[0]->hash.rss, 0x77);
		for (s = m[0]; s->next != NULL; s = s->next)
			assert_int_equal(s->data_len, q.bd_len);
		assert_int_equal(s->data_len, 1 + i);
		rte_mbuf_sanity_check(m[0], 1);
		free_all(m, 1);
	}
	/* In pieces over many bursts, with one buffer at a time. */
	for (i = 0; i < 5; i++) {
		dev_put(0, 0, q.bd_len, 0, 0);
		assert_int_equal(burst(m, BURST), 0);
	}
	dev_put(NO_IP, 5 * q.bd_len + 3, 3, 0, FE);
	assert_int_equal(burst(m, BURST), 1);
	assert_int_equal(m[0]->nb_segs, 6);
	free_all(m, 1);
	/* A frame that is only half there when the queue is closed. */
	dev_put(0, 0, q.bd_len, 0, 0);
	dev_put(0, 0, q.bd_len, 0, 0);
	assert_int_equal(burst(m, BURST), 0);
	close_queue();
}

/* Nothing of this may be delivered, lost, or kept. */
static void
hostile(void **state)
{
	struct rte_mbuf *m[BURST];
	unsigned int round, i;

	RTE_SET_USED(state);
	open_queue(N, 3 * N, 9026);
	assert_int_equal(hns3_rx_fill(&q), 0);
	for (round = 0; round < 200; round++) {
		dev_put(NO_IP, 60, q.room_used + 1, 0, FE);         /* larger than its buffer */
		dev_put(NO_IP, 60, 0xffff, 0, FE);
		dev_put(NO_IP, 0, 0, 0, FE);                        /* empty */
		dev_put(NO_IP, 61, 60, 0, FE);                      /* lengths differ */
		dev_put(NO_IP | HNS3_RXW1_L2E, 60, 60, 0, FE);
		dev_put(NO_IP | HNS3_RXW1_TRUNC, 60, 60, 0, FE);
		assert_int_equal(burst(m, BURST), 0);
		chain(3, q.bd_len, 10);                             /* good */
		dev_put(0, 0, q.bd_len, 0, 0);                      /* sum differs */
		dev_put(NO_IP, q.bd_len + 11, 10, 0, FE);
		dev_put(0, 0, q.bd_len, 0, 0);                      /* bad in its middle */
		dev_put(0, 0, 0xffff, 0, 0);
		dev_put(0, 0, q.bd_len, 0, 0);
		dev_put(NO_IP, 3 * q.bd_len, 10, 0, FE);
		dev_put(0, 0, q.bd_len, 0, 0);                      /* error at its end */
		dev_put(NO_IP | HNS3_RXW1_L2E, q.bd_len + 10, 10, 0, FE);
		dev_one(99);                                        /* good */
		assert_int_equal(burst(m, BURST), 2);
		assert_int_equal(m[0]->pkt_len, 2 * q.bd_len + 10);
		assert_int_equal(m[1]->pkt_len, 99);
		free_all(m, 2);
		for (i = 0; i < 40; i++) {                          /* without an end */
			dev_put(0, 0, q.bd_len, 0, 0);
			assert_int_equal(burst(m, BURST), 0);
		}
		dev_put(NO_IP, 60, 60, 0, FE);                      /* still belongs to it */
		dev_one(77);
		assert_int_equal(burst(m, BURST), 1);
		assert_int_equal(m[0]->pkt_len, 77);
		free_all(m, 1);
	}
	assert_int_equal(q.stats.packets, 3 * 200);
	assert_int_equal(q.stats.len_errors, 2 * 200);
	assert_int_equal(q.stats.l2_errors, 2 * 200);
	assert_int_equal(q.stats.bad_bds, (3 + 1 + 1 + 1) * 200);
	close_queue();
}

/* A device that marks everything valid, again and again. */
static void
everything_valid(void **state)
{
	struct rte_mbuf *m[512];
	unsigned int round, i, n;

	RTE_SET_USED(state);
	open_queue(N, 2 * N, 1526);
	assert_int_equal(hns3_rx_fill(&q), 0);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < N; i++) {
			ring[i].w[1] = 60ull << 32 | 60ull << 48;
			ring[i].w[3] = VLD | FE;
		}
		n = burst(m, 512);
		assert_true(n <= N);
		for (i = 0; i < n; i++)
			assert_int_equal(rte_mbuf_refcnt_read(m[i]), 1);
		free_all(m, n);
	}
	close_queue();
}

/* No buffers for a while: nothing is lost but time. */
static void
shortage(void **state)
{
	struct rte_mbuf *m[512], *mine[4096];
	unsigned int i, n, taken = 0, credit = 0;

	RTE_SET_USED(state);
	open_queue(N, N + 128, 1526);
	assert_int_equal(hns3_rx_fill(&q), 0);
	while ((mine[taken] = rte_mbuf_raw_alloc(mp)) != NULL)
		taken++;
	for (i = 0; i < N; i++)
		dev_one(60);
	n = burst(m, 512);
	assert_int_equal(n, N);
	assert_int_equal(head_reg, 0);
	assert_true(q.stats.nombuf > 0);
	assert_int_equal(q.hold, N);
	assert_int_equal(burst(m + n, 10), 0); /* old BDs are not taken for new ones */
	if (!native) {
		/* Some come back, fewer than a batch: the ring must come to life again. (Of a
		 * page pool whole pages come back.)
		 */
		free_all(m, 5);
		for (i = 0; i < 20; i++) {
			assert_int_equal(burst(m + n, 10), 0);
			credit += head_reg;
			head_reg = 0;
		}
		assert_int_equal(credit, 5);
		for (i = 0; i < 5; i++)
			dev_one(60 + i);
		assert_int_equal(burst(m, 512), 5);
		assert_int_equal(m[4]->data_len, 64);
	}
	free_all(m, N);
	for (i = 0; i < taken; i++)
		rte_pktmbuf_free(mine[i]);
	assert_int_equal(burst(m, 512), 0);
	assert_int_equal(q.hold % q.batch, q.hold);
	dev_one(60);
	assert_int_equal(burst(m, 512), 1);
	free_all(m, 1);
	close_queue();
}

static void
too_few_at_start(void **state)
{
	RTE_SET_USED(state);
	open_queue(4096, 100, 1526);
	assert_int_equal(hns3_rx_fill(&q), -ENOMEM);
	close_queue();
}

static void
bd_lengths(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(hns3_rx_bd_len(false, 2176, 128, 1526), 2048);
	assert_int_equal(hns3_rx_bd_len(false, 2175, 128, 1526), 1024);
	assert_int_equal(hns3_rx_bd_len(false, 2048, 128, 1526), 1024);
	assert_int_equal(hns3_rx_bd_len(false, 9000, 128, 1526), 4096);
	assert_int_equal(hns3_rx_bd_len(false, 640, 128, 1526), 512);
	assert_int_equal(hns3_rx_bd_len(false, 639, 128, 1526), 0);
	assert_int_equal(hns3_rx_bd_len(false, 100, 128, 1526), 0);
	assert_int_equal(hns3_rx_bd_len(true, 2048, 128, 1920), 2048);
	assert_int_equal(hns3_rx_bd_len(true, 2048, 128, 1921), 1024);
	assert_int_equal(hns3_rx_bd_len(true, 4096, 128, 1526), 2048);
	assert_int_equal(hns3_rx_bd_len(true, 1024, 128, 1526), 512);
}

/* Every id: nothing but what the table of the hardware says. */
static void
packet_types(void **state)
{
	uint64_t w1, w3;

	RTE_SET_USED(state);
#define W1(l3, l4) ((uint64_t)(l3) << 4 | (uint64_t)(l4) << 8)
#define W3(ol3, ol4) ((uint64_t)(ol3) << 4 | (uint64_t)(ol4) << 8)
	assert_int_equal(hns3_rx_ptype(W1(0, 0), 0),
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP);
	assert_int_equal(hns3_rx_ptype(W1(1, 1), 0),
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6 | RTE_PTYPE_L4_TCP);
	assert_int_equal(hns3_rx_ptype(W1(2, 15), 0), RTE_PTYPE_L2_ETHER_ARP);
	assert_int_equal(hns3_rx_ptype(W1(2, 0), 0), RTE_PTYPE_L2_ETHER_ARP);
	assert_int_equal(hns3_rx_ptype(W1(4, 3), 0),
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT | RTE_PTYPE_L4_SCTP);
	assert_int_equal(hns3_rx_ptype(W1(5, 5), 0),
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT | RTE_PTYPE_L4_ICMP);
	assert_int_equal(hns3_rx_ptype(W1(6, 15), 0), RTE_PTYPE_L2_ETHER_LLDP);
	assert_int_equal(hns3_rx_ptype(W1(15, 15), 0), 0);
	assert_int_equal(hns3_rx_ptype(W1(0, 2), 0),
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_TUNNEL_GRE);
	assert_int_equal(hns3_rx_ptype(W1(0, 1), W3(1, 1)), RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6 |
		RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_GRENAT | RTE_PTYPE_INNER_L2_ETHER |
		RTE_PTYPE_INNER_L3_IPV4 | RTE_PTYPE_INNER_L4_TCP);
	assert_int_equal(hns3_rx_ptype(W1(15, 15), W3(0, 2)),
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_TUNNEL_NVGRE);
	for (w1 = 0; w1 < 256; w1++)
		for (w3 = 0; w3 < 256; w3++)
			hns3_rx_ptype(w1 << 4, w3 << 4); /* no id is out of a table */
}

static void
checksums(void **state)
{
	const uint64_t p = HNS3_RXW3_L3L4P, *t = hns3_rx_csum_flags;

	RTE_SET_USED(state);
	assert_int_equal(hns3_rx_csum(t, W1(0, 1), 0), 0);
	assert_int_equal(hns3_rx_csum(t, W1(0, 1) | HNS3_RXW1_L4E, 0), 0);
	assert_int_equal(hns3_rx_csum(t, W1(0, 1), p),
		RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	assert_int_equal(hns3_rx_csum(t, W1(0, 0) | HNS3_RXW1_L3E, p),
		RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	assert_int_equal(hns3_rx_csum(t, W1(4, 3) | HNS3_RXW1_L4E, p),
		RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD);
	assert_int_equal(hns3_rx_csum(t, W1(0, 0) | HNS3_RXW1_L3E | HNS3_RXW1_L4E, p),
		RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_BAD);
	/* IPv6 has no header checksum, ICMP and fragments none that the hardware checks. */
	assert_int_equal(hns3_rx_csum(t, W1(1, 1), p), RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	assert_int_equal(hns3_rx_csum(t, W1(0, 5), p), RTE_MBUF_F_RX_IP_CKSUM_GOOD);
	assert_int_equal(hns3_rx_csum(t, W1(0, 0) | HNS3_RXW1_FRAG, p), RTE_MBUF_F_RX_IP_CKSUM_GOOD);
	assert_int_equal(hns3_rx_csum(t, W1(1, 15), p), 0);
	assert_int_equal(hns3_rx_csum(t, W1(2, 0), p), 0);
	assert_int_equal(hns3_rx_csum(t, W1(0, 1) | HNS3_RXW1_OL3E | HNS3_RXW1_OL4E, p),
		RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD |
		RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD | RTE_MBUF_F_RX_OUTER_L4_CKSUM_BAD);
	/* Not asked for: never a word. */
	assert_int_equal(hns3_rx_csum(hns3_rx_csum_none, W1(0, 1) | HNS3_RXW1_L4E |
		HNS3_RXW1_OL4E, p), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills), cmocka_unit_test(one_packet), cmocka_unit_test(wraps),
		cmocka_unit_test(several_segments), cmocka_unit_test(hostile),
		cmocka_unit_test(everything_valid), cmocka_unit_test(shortage),
		cmocka_unit_test(too_few_at_start), cmocka_unit_test(bd_lengths),
		cmocka_unit_test(packet_types), cmocka_unit_test(checksums),
	};
	unsigned int i;
	int failed = 0;

	if (test_eal_init() != 0)
		return 1;
	hns3_rx_tables_init();
	for (i = 0; i < hns3_nb_paths; i++) {
		path = &hns3_paths[i];
		if (!path->usable()) {
			print_message("%s: not on this CPU\n", path->rx_name);
			continue;
		}
		print_message("%s\n", path->rx_name);
		native = 0;
		failed += cmocka_run_group_tests_name("mempool", tests, NULL, NULL);
		native = 1;
		failed += cmocka_run_group_tests_name("page fragments", tests, NULL, NULL);
	}
	rte_eal_cleanup();
	return failed;
}
