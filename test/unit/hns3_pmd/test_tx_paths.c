/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * All ways to transmit do the same. Random packets of several pools, shared and cloned, of many
 * segments, of lengths that can and cannot be, with and without offloads, are given to a queue
 * of each path; the device is done with them in any order. After each burst the descriptors,
 * what they point at, the queues, the doorbells and the pools must be equal.
 */

#include "hns3_paths_test.h"

#include <string.h>

#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "hns3_tx.h"

#define RING_MAX  256u
#define BURST_MAX 80u
#define KEPT_MAX  64u
#define POOLS     4u  /* two of page fragments, two ordinary ones */
#define ROOM_LONG 10752u /* for the longest frame, and more */

struct side {
	const struct hns3_path *path;
	struct hns3_txq q;
	struct hns3_bd *ring;
	struct rte_mempool *mp[POOLS], *clones;
	uint32_t tail;
	struct rte_mbuf *pkts[BURST_MAX + 1];
	struct rte_mbuf *kept[KEPT_MAX];
	unsigned int misused[POOLS];
	uint16_t sent;
};

static struct side sides[PATHS_MAX];
static unsigned int nb_sides, nb_kept, dev_next, nb_ahead;
static uint8_t kept_fill[KEPT_MAX];

/* What a packet is like: the same for all sides. */
struct recipe {
	unsigned int pool, segs, len, off, other_pool, l3_len;
	uint64_t flags;
	bool referenced, cloned, send_clone, orphan, moved, shrunk;
	uint8_t fill;
};

static void
open_side(struct side *s, const struct hns3_path *path, unsigned int nb_desc, bool fast, bool off,
		unsigned int room)
{
	unsigned int i;
	char name[24];

	memset(&s->q, 0, sizeof(s->q));
	memset(s->misused, 0, sizeof(s->misused));
	s->path = path;
	for (i = 0; i < POOLS; i++) {
		snprintf(name, sizeof(name), "tx%u_%u", (unsigned int)(s - sides), i);
		s->mp[i] = i < 2 ? rte_ppool_pktmbuf_pool_create(name, room > 2048 ? 512 : 1024, 0, room,
				SOCKET_ID_ANY, RTE_PPOOL_LAYOUT_COMPACT) :
			rte_pktmbuf_pool_create(name, room > 2048 ? 511 : 1023, 0, 0, room + 128,
				SOCKET_ID_ANY);
		assert_non_null(s->mp[i]);
	}
	snprintf(name, sizeof(name), "tx%u_clones", (unsigned int)(s - sides));
	s->clones = rte_pktmbuf_pool_create(name, 511, 0, 0, 0, SOCKET_ID_ANY);
	s->ring = rte_zmalloc(NULL, nb_desc * sizeof(*s->ring), HNS3_RING_BASE);
	s->q.sw = rte_zmalloc(NULL, nb_desc * sizeof(*s->q.sw), 0);
	s->q.block = rte_zmalloc(NULL, HNS3_TX_BLOCKS(nb_desc) * sizeof(*s->q.block), 0);
	s->q.bounce = rte_zmalloc(NULL, HNS3_BOUNCE_NUM * HNS3_BOUNCE_LEN, 0);
	assert_true(s->clones != NULL && s->ring != NULL && s->q.sw != NULL && s->q.block != NULL &&
		s->q.bounce != NULL);
	s->q.ring = s->ring;
	s->q.nb_desc = nb_desc;
	s->q.tail = &s->tail;
	s->q.bounce_iova = (uintptr_t)s->q.bounce;
	s->q.fast_free = fast;
	s->q.off = off;
	hns3_tx_reset(&s->q);
}

/* What comes out of a pool of fragments is as it promises, whoever gave it back. */
static void
check_pages(struct rte_mempool *mp, unsigned int room)
{
	struct rte_mbuf *m[512];
	unsigned int i, n = RTE_DIM(m);

	assert_int_equal(rte_mempool_get_bulk(mp, (void **)m, n), 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(m[i]->ol_flags & (RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT),
			RTE_MBUF_F_EXTERNAL);
		assert_int_equal(rte_mbuf_refcnt_read(m[i]), 1);
		assert_int_equal(rte_mbuf_ext_refcnt_read(m[i]->shinfo), 1);
		assert_int_equal(m[i]->nb_segs, 1);
		assert_null(m[i]->next);
		assert_int_equal(m[i]->buf_len, room);
		assert_ptr_equal(m[i]->shinfo->fcb_opaque, m[i]);
		assert_int_equal(m[i]->buf_iova, (uintptr_t)m[i]->buf_addr);
	}
	rte_mempool_put_bulk(mp, (void **)m, n);
}

/* Whoever still has a packet, or a clone of it, has its bytes. */
static void
free_kept(struct rte_mbuf *m, uint8_t fill)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	unsigned int i;

	for (i = 0; i < m->data_len; i++)
		assert_int_equal(p[i], fill);
	rte_pktmbuf_free(m);
}

/* Nothing was given back that somebody still had, and what was not in order was seen. */
static void
check_stats(struct rte_mempool *mp, unsigned int misused)
{
	struct rte_ppool_stats stats;

	assert_int_equal(rte_ppool_stats_get(rte_ppool_from_mempool(mp), &stats), 0);
	assert_int_equal(stats.bad_over_put, 0);
	assert_int_equal(stats.bad_mbuf, misused);
	assert_int_equal(stats.bad_foreign, 0);
}

static void
close_side(struct side *s)
{
	unsigned int i;

	hns3_tx_drain(&s->q);
	assert_int_equal(s->q.free, s->q.nb_desc - 1);
	assert_int_equal(s->q.bounce_used, 0);
	for (i = 0; i < nb_kept; i++)
		free_kept(s->kept[i], kept_fill[i]);
	assert_true(rte_mempool_full(s->clones));
	for (i = 0; i < POOLS; i++) {
		assert_int_equal(rte_mempool_in_use_count(s->mp[i]), 0);
		if (i < 2) {
			check_stats(s->mp[i], s->misused[i]);
			check_pages(s->mp[i], rte_pktmbuf_data_room_size(s->mp[i]));
			assert_int_equal(rte_ppool_destroy(rte_ppool_from_mempool(s->mp[i])), 0);
		} else {
			rte_mempool_free(s->mp[i]);
		}
	}
	rte_mempool_free(s->clones);
	rte_free(s->ring);
	rte_free(s->q.sw);
	rte_free(s->q.block);
	rte_free(s->q.bounce);
}

/* ---- packets */

static const uint64_t offloads[] = {
	0, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM,
	RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM, RTE_MBUF_F_TX_VLAN,
	RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_VLAN,
	RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM,
};

/* What most packets of a time are like. */
struct fashion {
	unsigned int rate;    /* of a hundred, those that are odd */
	unsigned int offload; /* asked for by all, or by none */
	bool mixed;           /* or each asks for another */
	unsigned int off;
	unsigned int len_max;
};

static struct recipe
invent(const struct fashion *f, bool fast, bool off)
{
	struct recipe r = { .segs = 1, .len = 60 + rnd(f->len_max - 60), .off = f->off, .l3_len = 20 };
	bool odd = rnd(100) < f->rate;

	r.fill = rnd(256);
	r.other_pool = rnd(POOLS);
	if (off)
		r.flags = offloads[f->mixed && rnd(2) ? rnd(RTE_DIM(offloads)) : f->offload];
	if (!odd)
		return r;
	switch (rnd(fast ? 4 : 11)) {
	case 0:
		r.segs = 2 + rnd(12);
		r.len = 1 + rnd(600);
		break;
	case 1:
		r.len = (unsigned int []){ rnd(40), 1, 32 + rnd(3), f->len_max }[rnd(4)];
		break;
	case 2:
		r.off = rnd(500);
		break;
	case 3:
		r.l3_len = 24;
		r.flags = off && rnd(2) ? offloads[rnd(RTE_DIM(offloads))] : r.flags;
		break;
	case 4:
		r.pool = rnd(POOLS);
		break;
	case 5:
		r.referenced = true;
		break;
	case 6:
		r.cloned = true;
		break;
	case 7:
		r.cloned = true;
		r.send_clone = true;
		break;
	case 8:
		r.moved = true;
		break;
	case 9:
		r.shrunk = true;
		break;
	case 10:
		r.orphan = true;
		break;
	}
	return r;
}

static struct rte_mbuf *
make_one(struct rte_mempool *mp, const struct recipe *r, unsigned int seg)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);

	assert_non_null(m);
	/* As it was before anybody had it. */
	assert_int_equal(m->buf_len, rte_pktmbuf_data_room_size(mp));
	assert_int_equal(m->buf_iova, (uintptr_t)m->buf_addr);
	m->data_off = r->off;
	assert_non_null(rte_pktmbuf_append(m, r->len));
	memset(rte_pktmbuf_mtod(m, void *), r->fill + seg, r->len);
	return m;
}

static struct rte_mbuf *
make(struct side *s, unsigned int base_pool, const struct recipe *r, unsigned int *kept)
{
	struct rte_mempool *mp = s->mp[(base_pool + r->pool) % POOLS];
	struct rte_mbuf *m = make_one(mp, r, 0), *c;
	unsigned int i;

	for (i = 1; i < r->segs; i++)
		assert_int_equal(rte_pktmbuf_chain(m, make_one(r->other_pool == 0 && !s->q.fast_free ?
				s->mp[i % POOLS] : mp, r, i)), 0);
	m->ol_flags |= r->flags;
	m->vlan_tci = r->fill * 3;
	m->l2_len = 14;
	m->l3_len = r->l3_len;
	m->l4_len = 20;
	m->tso_segsz = 300;
	/* Not what one does to a fragment, but the pool must be told. */
	if ((r->moved || r->shrunk) && (base_pool + r->pool) % POOLS < 2) {
		if (r->moved) {
			m->buf_addr = RTE_PTR_ADD(m->buf_addr, 8);
			m->buf_iova += 8;
		} else {
			m->buf_len -= 8;
		}
		s->misused[(base_pool + r->pool) % POOLS]++;
	}
	if (r->orphan) {
		/* It has the fragment alone, in place of the mbuf that stands for it. */
		c = rte_pktmbuf_clone(m, s->clones);
		assert_non_null(c);
		rte_pktmbuf_free(m);
		return c;
	}
	if (*kept == KEPT_MAX)
		return m;
	if (r->referenced) {
		rte_mbuf_refcnt_update(m, 1);
		s->kept[(*kept)++] = m;
	} else if (r->cloned) {
		c = rte_pktmbuf_clone(m, s->clones);
		assert_non_null(c);
		s->kept[(*kept)++] = r->send_clone ? m : c;
		return r->send_clone ? c : m;
	}
	return m;
}

/* ---- the device */

static void
dev_done(bool in_order, bool all)
{
	unsigned int on_way = (sides[0].q.next + sides[0].q.nb_desc - dev_next) % sides[0].q.nb_desc;
	unsigned int n = all ? on_way : rnd(on_way + 1), i, k;

	if (!in_order) {
		/* One further on is done before those in front of it. */
		if (on_way > 0) {
			k = (dev_next + rnd(on_way)) % sides[0].q.nb_desc;
			for (i = 0; i < nb_sides; i++)
				sides[i].ring[k].w[3] &= UINT32_MAX;
		}
		return;
	}
	for (; n > 0; n--) {
		for (i = 0; i < nb_sides; i++)
			sides[i].ring[dev_next].w[3] &= UINT32_MAX;
		dev_next = (dev_next + 1) % sides[0].q.nb_desc;
	}
}

/* ---- what must be equal */

/* What a queue remembers of a page is so, and the page is out: the packet before is in the ring. */
static void
check_ahead(const struct hns3_txq *q)
{
	const struct rte_ppool_place *p = &q->place;
	struct rte_ppool_place found;

	if (q->ahead == NULL)
		return;
	assert_true(q->free < q->nb_desc - 1);
	assert_ptr_equal(RTE_PTR_ADD(q->sw[(q->next + q->nb_desc - 1) % q->nb_desc],
		p->mbuf_stride), q->ahead);
	assert_ptr_equal(p->mbuf, q->ahead);
	assert_int_equal(rte_ppool_place_find(q->pool, q->ahead, &found), p->n);
	assert_ptr_equal(p->shinfo, found.shinfo);
	assert_int_equal(p->buf_addr, found.buf_addr);
	assert_int_equal(p->buf_iova, found.buf_iova);
	assert_ptr_equal(p->page, found.page);
	assert_int_equal(p->frag, found.frag);
	nb_ahead++;
}

static void
same(const struct side *a, const struct side *b)
{
	unsigned int i, at, n = a->q.nb_desc - 1 - a->q.free;

	assert_int_equal(a->sent, b->sent);
	assert_int_equal(a->tail, b->tail);
	assert_int_equal(a->q.next, b->q.next);
	assert_int_equal(a->q.clean, b->q.clean);
	assert_int_equal(a->q.free, b->q.free);
	assert_int_equal(a->q.pending, 0);
	assert_int_equal(b->q.pending, 0);
	assert_int_equal(a->q.bounce_used, b->q.bounce_used);
	check_ahead(&b->q);
	assert_memory_equal(&a->q.stats, &b->q.stats, sizeof(a->q.stats));
	for (i = 0; i < n; i++) {
		at = (a->q.clean + i) % a->q.nb_desc;
		assert_memory_equal(&a->ring[at].w[1], &b->ring[at].w[1], 24);
		/* The same bytes, unless they have been sent and may be somebody else's. */
		if (a->ring[at].w[3] & HNS3_TXW3_VLD)
			assert_memory_equal((void *)(uintptr_t)a->ring[at].w[0],
				(void *)(uintptr_t)b->ring[at].w[0], a->ring[at].w[1] >> 16 & 0xffff);
	}
	for (i = 0; i < POOLS; i++)
		assert_int_equal(rte_mempool_in_use_count(a->mp[i]), rte_mempool_in_use_count(b->mp[i]));
	for (i = 0; i < nb_kept; i++)
		assert_int_equal(rte_mbuf_refcnt_read(a->kept[i]), rte_mbuf_refcnt_read(b->kept[i]));
}

static void
free_some_kept(void)
{
	unsigned int i, k;

	while (nb_kept > KEPT_MAX / 2 || (nb_kept > 0 && rnd(4) == 0)) {
		k = rnd(nb_kept--);
		for (i = 0; i < nb_sides; i++) {
			free_kept(sides[i].kept[k], kept_fill[k]);
			sides[i].kept[k] = sides[i].kept[nb_kept];
		}
		kept_fill[k] = kept_fill[nb_kept];
	}
}

static void
stream(unsigned int nb_desc, unsigned int pool, bool fast, bool off, unsigned int rounds,
		unsigned int room)
{
	struct fashion f = { .len_max = RTE_MIN(room - 1000, HNS3_FRAME_MAX + 1),
		.off = RTE_PKTMBUF_HEADROOM };
	unsigned int i, k, n, kept;
	struct recipe r;

	nb_sides = 0;
	nb_kept = 0;
	dev_next = 0;
	for (i = 0; i < hns3_nb_paths && nb_sides < PATHS_MAX; i++)
		if (hns3_paths[i].usable())
			open_side(&sides[nb_sides++], &hns3_paths[i], nb_desc, fast, off,
				room);
	for (; rounds > 0; rounds--) {
		if (rounds % 50 == 0) {
			f.rate = (unsigned int []){ 0, 2, 20, 100 }[rnd(4)];
			f.offload = rnd(RTE_DIM(offloads));
			f.mixed = rnd(2);
			f.off = (unsigned int []){ RTE_PKTMBUF_HEADROOM, 0, 255, 256 }[rnd(4)];
			/* An application may change its mind about its pool, but not in fast free. */
			if (!fast && rnd(3) == 0)
				pool = rnd(POOLS);
		}
		n = (unsigned int []){ 1, 4, 7, 8, 32, 33, 64, BURST_MAX }[rnd(8)];
		for (k = 0, kept = nb_kept; k < n; k++) {
			r = invent(&f, fast, off);
			for (i = 0; i < nb_sides; i++) {
				kept = nb_kept;
				sides[i].pkts[k] = make(&sides[i], pool, &r, &kept);
			}
			if (kept > nb_kept)
				kept_fill[nb_kept] = r.fill;
			nb_kept = kept;
		}
		for (i = 0; i < nb_sides; i++) {
			struct side *s = &sides[i];

			s->tail = 0;
			/* Behind a burst there is nothing to look at. */
			s->pkts[n] = (void *)(uintptr_t)64;
			s->sent = s->path->tx(&s->q, s->pkts, n);
			assert_true(s->sent <= n);
			rte_pktmbuf_free_bulk(&s->pkts[s->sent], n - s->sent);
			if (i > 0)
				same(&sides[0], s);
		}
		if (rnd(8) == 0) {
			/* Some, or all that there are. */
			k = rnd(3) != 0 ? rnd(70) : nb_desc;
			if (k == nb_desc)
				dev_done(true, true);
			n = hns3_tx_reclaim(&sides[0].q, k);
			for (i = 1; i < nb_sides; i++) {
				assert_int_equal(hns3_tx_reclaim(&sides[i].q, k), n);
				check_ahead(&sides[i].q);
			}
		}
		free_some_kept();
		if (rnd(3) != 0)
			dev_done(rnd(6) != 0, false);
	}
	for (i = 0; i < nb_sides; i++)
		close_side(&sides[i]);
}

static void
streams(void **state)
{
	static const unsigned int sizes[] = { 64, 96, RING_MAX };
	unsigned int s, pool, off;

	RTE_SET_USED(state);
	for (s = 0; s < RTE_DIM(sizes); s++)
		for (pool = 0; pool < POOLS; pool++)
			for (off = 0; off < 2; off++)
				stream(sizes[s], pool, false, off, 600, 2048);
	for (off = 0; off < 2; off++)
		stream(RING_MAX, 0, false, off, 300, ROOM_LONG);
	/* It was looked at often enough. */
	assert_true(nb_sides < 2 || nb_ahead > 100);
}

static void
streams_fast_free(void **state)
{
	static const unsigned int sizes[] = { 64, 96, RING_MAX };
	unsigned int s, pool;

	RTE_SET_USED(state);
	for (s = 0; s < RTE_DIM(sizes); s++)
		for (pool = 0; pool < POOLS; pool += 2)
			stream(sizes[s], pool, true, pool != 0, 600, 2048);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams), cmocka_unit_test(streams_fast_free),
	};
	int failed;

	if (paths_init() != 0)
		return 1;
	hns3_tx_tables_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
