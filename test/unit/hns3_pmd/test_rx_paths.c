/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * All ways to receive do the same. Random streams of descriptors are given to a queue of each
 * path: ordinary packets, any bits in any field, several segments, frames that are broken off,
 * lengths that cannot be, bursts of all sizes, packets that are held for a while, pools that
 * run dry. After each burst the mbufs, the rings, the queues and the doorbells must be equal.
 */

#include "hns3_paths_test.h"

#include <string.h>

#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "hns3_rx_meta.h"

#define RING_MAX  1024u
#define HELD_MAX  2048u
#define BURST_MAX 96u

static uint64_t
rnd64(void)
{
	return (uint64_t)rnd(UINT32_MAX) << 32 | rnd(UINT32_MAX);
}

/* A queue and a pool of one path. */
struct side {
	const struct hns3_path *path;
	struct hns3_rxq q;
	struct hns3_bd *ring;
	struct rte_mbuf **sw;
	struct rte_mempool *mp;
	uint32_t doorbell;
	struct rte_mbuf *held[HELD_MAX];
	struct rte_mbuf *got[BURST_MAX];
	uint16_t n;
	uint16_t posted_at;
	uint32_t posted;
};

static struct side sides[PATHS_MAX];
static unsigned int nb_sides, nb_held;
static unsigned int dev_next, dev_free;
static unsigned int dev_hidden; /* BDs written last that are to appear later */
static int dev_late;            /* BD that is to appear after those behind it, or -1 */

/* In the last of its dynamic fields an mbuf has the number of the BD that it was posted in, counted
 * from the start: which buffer a pool hands out is up to the pool.
 */
static uint32_t *
number(struct rte_mbuf *m)
{
	return &m->dynfield1[RTE_DIM(m->dynfield1) - 1];
}

/* Give numbers to the buffers that were just posted. */
static void
count_posted(struct side *s, uint32_t n)
{
	for (; n > 0; n--) {
		*number(s->sw[s->posted_at]) = s->posted++;
		s->posted_at = (s->posted_at + 1) % s->q.nb_desc;
	}
}

static void
open_side(struct side *s, const struct hns3_path *path, bool native, unsigned int nb_desc,
		unsigned int bufs, uint16_t frame, uint64_t offloads)
{
	struct rte_ppool_info info;
	char name[16];

	snprintf(name, sizeof(name), "side%u", (unsigned int)(s - sides));
	memset(&s->q, 0, sizeof(s->q));
	s->path = path;
	s->doorbell = 0;
	s->ring = rte_zmalloc(NULL, nb_desc * sizeof(*s->ring), HNS3_RING_BASE);
	s->sw = rte_zmalloc(NULL, (nb_desc + HNS3_RX_PAD) * sizeof(*s->sw), 0);
	s->mp = native ? rte_ppool_pktmbuf_pool_create(name, bufs, 0, 2048, SOCKET_ID_ANY,
			RTE_PPOOL_LAYOUT_COMPACT) :
		rte_pktmbuf_pool_create(name, bufs, 0, 0, 2176, SOCKET_ID_ANY);
	assert_true(s->ring != NULL && s->sw != NULL && s->mp != NULL);
	s->q.ring = s->ring;
	s->q.sw = s->sw;
	s->q.mp = s->mp;
	s->q.nb_desc = nb_desc;
	s->q.batch = RTE_MIN(HNS3_BATCH, nb_desc / 4);
	s->q.head = &s->doorbell;
	s->q.port = 5;
	s->q.offloads = offloads;
	s->q.room = rte_pktmbuf_data_room_size(s->mp);
	if (native) {
		s->q.pool = rte_ppool_from_mempool(s->mp);
		assert_int_equal(rte_ppool_info_get(s->q.pool, &info), 0);
		s->q.frag_size = info.frag_size;
		s->q.mbuf_stride = info.mbuf_stride;
		s->q.owner = rte_ppool_owner_open(s->q.pool, "test");
		assert_non_null(s->q.owner);
	}
	hns3_rx_prepare(&s->q);
	assert_int_equal(hns3_rx_set_frame(&s->q, frame), 0);
	assert_int_equal(s->q.linear, native && frame > 2048 - RTE_PKTMBUF_HEADROOM);
	assert_int_equal(hns3_rx_fill(&s->q), 0);
	s->posted_at = 0;
	s->posted = 0;
	count_posted(s, nb_desc);
}

static void
close_side(struct side *s)
{
	hns3_rx_drain(&s->q);
	if (s->q.owner != NULL) {
		rte_ppool_owner_close(s->q.owner);
		assert_int_equal(rte_ppool_in_flight(s->q.pool), 0);
		assert_int_equal(rte_ppool_destroy(s->q.pool), 0);
	} else {
		assert_true(rte_mempool_full(s->mp));
		rte_mempool_free(s->mp);
	}
	rte_free(s->ring);
	rte_free(s->sw);
}

/* ---- the device */

/* Write the next BD of all sides but for VLD, which comes later. */
static void
dev_write(uint64_t w1, uint64_t w2, uint64_t w3)
{
	unsigned int i;

	for (i = 0; i < nb_sides; i++) {
		struct hns3_bd *bd = &sides[i].ring[dev_next];

		assert_int_equal(bd->w[3], 0);
		bd->w[1] = w1;
		bd->w[2] = w2;
		bd->w[3] = w3 & ~HNS3_RXW3_VLD;
	}
	dev_next = (dev_next + 1) % sides[0].q.nb_desc;
	dev_free--;
}

static void
dev_show(unsigned int at)
{
	unsigned int i;

	for (i = 0; i < nb_sides; i++)
		sides[i].ring[at].w[3] |= HNS3_RXW3_VLD;
}

#define LENGTHS(pkt, size) ((uint64_t)(uint16_t)(pkt) << 32 | (uint64_t)(uint16_t)(size) << 48)

static const uint64_t ids[] = { 0x00, 0x10, 0x01, 0x11, 0xf2, 0xff, 0x50, 0x04, 0x15 };

/* What may be special of a packet that is whole. */
static void
special_words(unsigned int special, uint64_t *w1, uint64_t *w2, uint64_t *w3)
{
	switch (special) {
	case 1:
		*w1 |= (uint64_t)rnd(4) << 13;
		break;
	case 2:
		*w1 |= 1ull << (16 + rnd(16));
		break;
	case 3:
		*w3 &= ~HNS3_RXW3_L3L4P;
		break;
	case 4:
		*w3 |= (uint64_t)rnd(256) << 4;
		break;
	case 5:
		*w2 &= ~0xffffffffull;
		break;
	case 6:
		*w1 |= HNS3_RXW1_FRAG;
		break;
	}
}

/* A packet as there are most, in which one thing may be special. */
static void
dev_usual(unsigned int special)
{
	uint16_t len = 60 + rnd(sides[0].q.room_used - 59);
	uint64_t w1 = ids[rnd(special ? RTE_DIM(ids) : 2)] << 4 | LENGTHS(len, len) | rnd(16);
	uint64_t w2 = (uint64_t)(1 + rnd(1000)) | (uint64_t)rnd(65536) << 48;
	uint64_t w3 = HNS3_RXW3_FE | HNS3_RXW3_L3L4P | (uint64_t)rnd(65536) << 16;

	special_words(special, &w1, &w2, &w3);
	switch (special) {
	case 7: /* lengths that cannot be */
		w1 = (w1 & UINT32_MAX) | (rnd(4) == 0 ? LENGTHS(0, 0) :
				LENGTHS(rnd(2) ? len : rnd(65536), rnd(3) ? rnd(65536) : 0));
		break;
	case 8: /* the start of a frame, or its end */
		w3 &= ~HNS3_RXW3_FE;
		break;
	case 9:
		w1 = rnd64();
		w2 = rnd64();
		w3 = rnd64();
		break;
	}
	dev_write(w1, w2, w3);
}

/* A frame of several BDs. One of them may be of any size, which its length may count or not, or say
 * that it is the last; or the last one may be special.
 */
static void
dev_chain(unsigned int segs)
{
	uint16_t each = sides[0].q.bd_len < sides[0].q.room_used ? sides[0].q.bd_len :
		sides[0].q.room_used, last = 1 + rnd(each), size;
	unsigned int i, odd = rnd(16) ? 0 : 1 + rnd(segs - 1), len = last;
	uint64_t w1 = ids[rnd(8) ? 1 : rnd(RTE_DIM(ids))] << 4, w2 = rnd(100) | rnd64() << 48;
	uint64_t w3 = HNS3_RXW3_FE | HNS3_RXW3_L3L4P, other;

	for (i = 1; i < segs; i++) {
		size = i != odd || rnd(3) == 0 ? each : rnd(2) ? 1 + rnd(each) : rnd(65536);
		other = rnd64() & ~HNS3_RXW3_FE;
		if (i == odd && rnd(3) == 0)
			other |= HNS3_RXW3_FE;
		dev_write(rnd64() >> 32 | LENGTHS(rnd(65536), size), rnd64(), other);
		len += i == odd && rnd(2) ? each : size;
	}
	if (rnd(8) == 0)
		special_words(1 + rnd(6), &w1, &w2, &w3);
	/* Its end may look like a packet of one BD. */
	dev_write(w1 | LENGTHS(rnd(8) ? len : last, last), w2, w3);
}

/* Up to n BDs, of which none to all are special. They appear in order, or the first last, and some
 * maybe later only.
 */
static void
dev_run(unsigned int n, unsigned int rate)
{
	unsigned int size = sides[0].q.nb_desc, written = dev_free, from, i, k;
	bool backwards = dev_late < 0 && rnd(8) == 0;

	n = RTE_MIN(n, dev_free);
	for (k = dev_free - n; dev_free > k;) {
		if (rnd(100) >= rate) {
			dev_usual(0);
		} else if (rnd(4) == 0) {
			unsigned int segs = 2 + rnd(rnd(3) ? 5 : HNS3_RX_SEGS_MAX);

			/* As many BDs each, as in a stream of data. */
			for (i = rnd(6); i > 0 && segs <= dev_free - k; i--)
				dev_chain(segs);
			if (segs > dev_free - k)
				break;
			dev_chain(segs);
		} else {
			dev_usual(1 + rnd(9));
		}
	}
	n = dev_hidden + written - dev_free;
	if (n == 0)
		return;
	from = (dev_next + size - n) % size;
	dev_hidden = rnd(8) == 0 ? rnd(n) : 0;
	n -= dev_hidden;
	/* What stands behind a BD that is not there yet must not be seen. */
	if (backwards)
		dev_late = from;
	for (i = backwards; i < n; i++)
		dev_show((from + i) % size);
}

/* ---- what must be equal */

static void
same_mbufs(struct rte_mbuf *a, struct rte_mbuf *b)
{
	assert_int_equal(a->ol_flags, b->ol_flags);
	assert_int_equal(a->packet_type, b->packet_type);
	assert_int_equal(a->pkt_len, b->pkt_len);
	assert_int_equal(a->vlan_tci, b->vlan_tci);
	assert_int_equal(a->hash.rss, b->hash.rss);
	for (; a != NULL && b != NULL; a = a->next, b = b->next) {
		assert_int_equal(*number(a), *number(b));
		assert_int_equal(a->data_off, b->data_off);
		assert_int_equal(rte_mbuf_refcnt_read(a), rte_mbuf_refcnt_read(b));
		assert_int_equal(a->nb_segs, b->nb_segs);
		assert_int_equal(a->port, b->port);
		assert_int_equal(a->data_len, b->data_len);
		assert_int_equal(a->ol_flags, b->ol_flags);
		assert_int_equal(a->buf_len, b->buf_len);
	}
	assert_true(a == NULL && b == NULL);
}

static void
same_rings(struct side *a, struct side *b)
{
	unsigned int i, at, posted = a->q.nb_desc - a->q.hold;

	for (i = 0; i < posted; i++) {
		at = (a->q.next + i) % a->q.nb_desc;
		assert_int_equal(*number(a->sw[at]), *number(b->sw[at]));
		assert_int_equal(a->ring[at].w[0], rte_mbuf_data_iova_default(a->sw[at]));
		assert_int_equal(b->ring[at].w[0], rte_mbuf_data_iova_default(b->sw[at]));
		assert_int_equal(a->ring[at].w[3], b->ring[at].w[3]);
	}
}

static void
same(struct side *a, struct side *b)
{
	unsigned int i;

	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++)
		same_mbufs(a->got[i], b->got[i]);
	assert_int_equal(a->q.next, b->q.next);
	assert_int_equal(a->q.fill, b->q.fill);
	assert_int_equal(a->q.hold, b->q.hold);
	assert_int_equal(a->q.frame.skip, b->q.frame.skip);
	assert_int_equal(a->q.frame.first != NULL, b->q.frame.first != NULL);
	if (a->q.frame.first != NULL) {
		assert_int_equal(*number(a->q.frame.first), *number(b->q.frame.first));
		assert_int_equal(*number(a->q.frame.last), *number(b->q.frame.last));
		assert_int_equal(a->q.frame.nb_segs, b->q.frame.nb_segs);
		assert_int_equal(a->q.frame.bytes, b->q.frame.bytes);
		assert_int_equal(a->q.frame.run, b->q.frame.run);
		assert_int_equal(a->q.frame.cut, b->q.frame.cut);
	}
	assert_int_equal(a->q.frame.spill, b->q.frame.spill);
	assert_memory_equal(&a->q.stats, &b->q.stats, sizeof(a->q.stats));
	assert_int_equal(a->doorbell, b->doorbell);
	same_rings(a, b);
}

/* ---- streams */

/* Packets of one burst are held, those of an older one are freed: the same of all sides. */
static void
hold_and_free(void)
{
	unsigned int i, k, n = sides[0].n, back = rnd(nb_held + n + 1);

	for (i = 0; i < nb_sides; i++)
		memcpy(&sides[i].held[nb_held], sides[i].got, n * sizeof(sides[i].got[0]));
	nb_held += n;
	/* Each that is held may keep a whole page from coming back. */
	if (nb_held > HELD_MAX - BURST_MAX || (nb_held > 64 && sides[0].q.owner != NULL))
		back = nb_held;
	for (; back > 0; back--) {
		k = rnd(nb_held);
		nb_held--;
		for (i = 0; i < nb_sides; i++) {
			rte_pktmbuf_free(sides[i].held[k]);
			sides[i].held[k] = sides[i].held[nb_held];
		}
	}
}

/* Somebody else takes fragments of the queue's pages: runs end anywhere from now on. */
static void
disturb(void)
{
	struct rte_ppool_run run;
	unsigned int i, k = 1 + rnd(40);

	for (i = 0; i < nb_sides; i++)
		if (sides[i].q.owner != NULL && rte_ppool_run_alloc(sides[i].q.owner, k, &run) > 0)
			assert_int_equal(rte_ppool_run_free(sides[i].q.pool, &run), run.n);
}

static void
poll_all(uint16_t burst)
{
	unsigned int i;

	for (i = 0; i < nb_sides; i++) {
		sides[i].doorbell = 0;
		sides[i].n = sides[i].path->rx(&sides[i].q, sides[i].got, burst);
		assert_true(sides[i].n <= burst);
		count_posted(&sides[i], sides[i].doorbell);
		assert_int_equal(sides[i].posted_at, sides[i].q.fill);
	}
	dev_free += sides[0].doorbell;
	assert_true(dev_free <= sides[0].q.nb_desc);
	for (i = 1; i < nb_sides; i++)
		same(&sides[0], &sides[i]);
}

static void
stream(bool native, unsigned int nb_desc, unsigned int bufs, uint16_t frame, uint64_t offloads,
		unsigned int rounds)
{
	static const uint16_t bursts[] = { 1, 3, 4, 7, 8, 31, 32, 33, 64, BURST_MAX };
	unsigned int i, rate = 0;

	nb_sides = 0;
	nb_held = 0;
	for (i = 0; i < hns3_nb_paths && nb_sides < PATHS_MAX; i++)
		if (hns3_paths[i].usable())
			open_side(&sides[nb_sides++], &hns3_paths[i], native, nb_desc, bufs, frame,
				offloads);
	dev_next = 0;
	dev_free = nb_desc;
	dev_hidden = 0;
	dev_late = -1;
	for (; rounds > 0; rounds--) {
		if (rounds % 64 == 0)
			rate = (unsigned int []){ 0, 1, 10, 50, 100 }[rnd(5)];
		if (rnd(8) == 0)
			disturb();
		dev_run(rnd(rnd(4) ? 40 : nb_desc + 1), rate);
		poll_all(bursts[rnd(RTE_DIM(bursts))]);
		hold_and_free();
		if (dev_late >= 0 && rnd(2))
			dev_show(dev_late), dev_late = -1;
	}
	for (i = 0; i < nb_held; i++)
		for (unsigned int k = 0; k < nb_sides; k++)
			rte_pktmbuf_free(sides[k].held[i]);
	for (i = 0; i < nb_sides; i++)
		close_side(&sides[i]);
}

#define CSUM (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
	RTE_ETH_RX_OFFLOAD_TCP_CKSUM)

static void
streams(bool native)
{
	static const unsigned int sizes[] = { 64, 96, 128, RING_MAX };
	static const uint64_t offloads[] = { 0, CSUM, RTE_ETH_RX_OFFLOAD_RSS_HASH,
		CSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH };
	unsigned int s, o, few;

	/* A page pool that runs dry looks for free fragments from time to time only: what it
	 * finds when is not the same for all sides.
	 */

	for (s = 0; s < RTE_DIM(sizes); s++)
		for (o = 0; o < RTE_DIM(offloads); o++)
			for (few = 0; few < (native ? 1 : 2); few++)
				stream(native, sizes[s], sizes[s] + (few ? 64 : 4000),
					o % 2 ? 1526 : 9026, offloads[o], 1500);
}

static void
mempools(void **state)
{
	RTE_SET_USED(state);
	streams(false);
}

static void
page_fragments(void **state)
{
	RTE_SET_USED(state);
	streams(true);
}

/* Each place in the ring, each size of a burst, each number of packets that are there, and at
 * each place among them one that is special.
 */
static void
places(void **state)
{
	unsigned int i, there, special, burst;

	RTE_SET_USED(state);
	nb_sides = 0;
	nb_held = 0;
	for (i = 0; i < hns3_nb_paths && nb_sides < PATHS_MAX; i++)
		if (hns3_paths[i].usable())
			open_side(&sides[nb_sides++], &hns3_paths[i], true, 64, 4000, 1526, CSUM);
	dev_next = 0;
	dev_free = 64;
	dev_late = -1;
	for (there = 1; there <= 13; there++)
		for (special = 0; special <= there; special++)
			for (burst = 1; burst <= 14; burst++)
				for (unsigned int kind = 1; kind <= 9; kind += 2) {
					unsigned int from = dev_next;

					for (i = 0; i < there; i++)
						dev_usual(i == special ? kind : 0);
					for (i = 0; i < there; i++)
						dev_show((from + i) % 64);
					for (i = 0; i < there; i += burst) {
						poll_all(burst);
						hold_and_free();
					}
					while (dev_free < 32) {
						poll_all(burst);
						hold_and_free();
					}
				}
	for (i = 0; i < nb_held; i++)
		for (unsigned int k = 0; k < nb_sides; k++)
			rte_pktmbuf_free(sides[k].held[i]);
	for (i = 0; i < nb_sides; i++)
		close_side(&sides[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mempools), cmocka_unit_test(page_fragments), cmocka_unit_test(places),
	};
	int failed;

	if (paths_init() != 0)
		return 1;
	hns3_rx_tables_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
