/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Frames of several BDs: a chain of segments, or, on a linear queue, fewer of them.
 *
 * On a linear queue the buffers of neighbouring BDs are neighbours in memory, and BD_LEN is the
 * size of a fragment. Behind its headroom a full buffer reaches just as far into the headroom
 * of the next one, where the next BD's bytes begin: so a frame is one piece of memory that
 * holds a run of fragments. Its end may lie in the headroom of the fragment behind the run
 * ("spill"); the packet that begins there gets that much less headroom ("cut"). Where the page
 * ends the run ends, and the frame goes on in another segment; the last fragment of a page is
 * never posted, so that a spill always has where to go.
 */

#include <rte_prefetch.h>

#include "hns3_rx_meta.h"

/* The last segment is complete: it becomes the holder of its run. */
static bool
close_run(struct hns3_rxq *q)
{
	uint32_t room = q->frag_size - RTE_PKTMBUF_HEADROOM;
	struct hns3_rx_frame *f = &q->frame;
	uint16_t run = f->run;

	if (!q->linear)
		return true;
	f->spill = f->bd_size > room ? f->bd_size - room : 0;
	f->reach = RTE_PTR_ADD(f->last, (size_t)run * q->mbuf_stride);
	if (run > 1 || f->cut != 0 || f->spill != 0) {
		if (rte_ppool_run_bind_at(q->pool, &q->spot, f->last, run, f->cut, f->spill) != 0)
			return false;
	}
	f->run = 0;
	return true;
}

static void
open_segment(struct hns3_rxq *q, struct rte_mbuf *m, uint16_t size)
{
	struct hns3_rx_frame *f = &q->frame;

	hns3_mbuf_rearm(m, q->rearm);
	m->ol_flags = q->ol_flags;
	m->data_len = size;
	if (f->first == NULL)
		f->first = m;
	else
		f->last->next = m;
	f->last = m;
	f->nb_segs++;
	f->run = 1;
	f->cut = f->spill != 0 && m == f->reach ? f->spill : 0;
	f->spill = 0;
}

/* Does this buffer begin where the last one was filled to? */
static inline bool
goes_on(const struct hns3_rxq *q, const struct rte_mbuf *m)
{
	const struct hns3_rx_frame *f = &q->frame;

	return q->linear && f->first != NULL && f->bd_size == q->bd_len &&
		m == RTE_PTR_ADD(f->last, (size_t)f->run * q->mbuf_stride);
}

/* All BDs of the frame are there. */
static struct rte_mbuf *
finish(struct hns3_rxq *q, uint64_t w1)
{
	struct hns3_rx_frame *f = &q->frame;
	struct rte_mbuf *whole = f->first;

	if (unlikely(f->bytes != HNS3_RXW1_PKTLEN(w1) || !close_run(q))) {
		q->stats.bad_bds++;
		hns3_rx_frame_free(q);
		return NULL;
	}
	whole->nb_segs = f->nb_segs;
	f->first = NULL;
	if (q->linear && f->nb_bds > 1)
		*(f->nb_segs == 1 ? &q->stats.linear : &q->stats.chained) += 1;
	return whole;
}

struct rte_mbuf *
hns3_rx_frame_add(struct hns3_rxq *q, struct rte_mbuf *m, uint16_t size, uint64_t w1, uint64_t w3)
{
	struct hns3_rx_frame *f = &q->frame;

	if (f->first == NULL) {
		f->bytes = 0;
		f->nb_segs = 0;
		f->nb_bds = 0;
	}
	if (unlikely(f->nb_bds >= HNS3_RX_SEGS_MAX || f->bytes + size > UINT16_MAX)) {
		hns3_rx_frame_drop(q, m, w3, &q->stats.bad_bds);
		return NULL;
	}
	if (goes_on(q, m)) {
		f->last->data_len += size;
		f->run++;
	} else {
		if (f->first != NULL && unlikely(!close_run(q))) {
			hns3_rx_frame_drop(q, m, w3, &q->stats.bad_bds);
			return NULL;
		}
		open_segment(q, m, size);
	}
	f->bd_size = size;
	f->bytes += size;
	f->nb_bds++;
	return w3 & HNS3_RXW3_FE ? finish(q, w1) : NULL;
}

#define VLD HNS3_RXW3_VLD
#define FE  HNS3_RXW3_FE

typedef uint64_t pair __attribute__((vector_size(16), may_alias));

/* BDs of the frame that begins with this one, or 0: they are not all there, or more than most. */
static __rte_noinline uint32_t
count_bds(const struct hns3_bd *bd, uint32_t most)
{
	uint64_t w3;
	uint32_t k;

	most = RTE_MIN(most, HNS3_RX_SEGS_MAX);
	for (k = 0; k < most; k++) {
		w3 = rte_le_to_cpu_64(__atomic_load_n(&bd[k].w[3], __ATOMIC_ACQUIRE));
		if ((w3 & VLD) == 0)
			break;
		if (w3 & FE)
			return k + 1;
	}
	return 0;
}

static __rte_always_inline pair
bd_odd(const struct hns3_bd *bd, pair full)
{
	const pair *half = (const pair *)bd;

#ifdef __clang__
	return __builtin_shufflevector(half[0], half[1], 1, 3) ^ full;
#else
	return __builtin_shuffle(half[0], half[1], (pair){ 1, 3 }) ^ full;
#endif
}

/* Is any of these BDs not valid, or not full, or the last of a frame? What of them differs from what it
 * has to be is collected, and looked at once. Nothing of them is used elsewhere.
 */
static __rte_always_inline bool
any_odd(const struct hns3_bd *bd, const struct hns3_bd *end, pair full)
{
	const pair mask = { (uint64_t)UINT16_MAX << 48, VLD | FE };
	pair any = { 0, 0 };

	/* Not before the last BD of the frame was seen. */
	rte_compiler_barrier();
	for (; end - bd >= 2; bd += 2)
		any |= bd_odd(&bd[0], full) | bd_odd(&bd[1], full);
	if (bd < end)
		any |= bd_odd(bd, full);
	any &= mask;
	return (any[0] | any[1]) != 0;
}

/* Are these k BDs a good frame? The last one is read once, and first: the device writes in order, and
 * acquire lets the others be read after it. Its words are handed on.
 */
static __rte_always_inline bool
is_whole(const struct hns3_bd *bd, uint32_t k, uint32_t full, uint64_t w[4])
{
	const struct hns3_bd *last = bd + k - 1;
	uint32_t size;

	w[3] = rte_le_to_cpu_64(__atomic_load_n(&last->w[3], __ATOMIC_ACQUIRE));
	if (unlikely((~w[3] & (VLD | FE)) != 0) ||
			unlikely(any_odd(bd, last, (pair){ (uint64_t)full << 48, VLD })))
		return false;
	w[1] = rte_le_to_cpu_64(__atomic_load_n(&last->w[1], __ATOMIC_RELAXED));
	w[2] = rte_le_to_cpu_64(__atomic_load_n(&last->w[2], __ATOMIC_RELAXED));
	size = HNS3_RXW1_SIZE(w[1]);
	return size - 1 < full && (w[1] & HNS3_RXW1_ERRORS) == 0 &&
		HNS3_RXW1_PKTLEN(w[1]) == (k - 1) * full + size;
}

/* A frame that goes on in another page: two segments. The first one's last buffer is full, and
 * reaches into the fragment behind it, which is not posted. False: it is something else, or one of
 * its fragments is not ours any more; then all is as it was.
 */
static __rte_noinline bool
two_pages(struct hns3_rxq *q, struct rte_mbuf **sw, uint32_t nb_bds, uint32_t cut, uint32_t spill)
{
	struct rte_mbuf *m = sw[0], *other;
	uint32_t k = 1;

	while (sw[k] == RTE_PTR_ADD(m, (size_t)k * q->mbuf_stride))
		k++;
	other = sw[k];
	if (sw[nb_bds - 1] != RTE_PTR_ADD(other, (size_t)(nb_bds - 1 - k) * q->mbuf_stride))
		return false;
	if (rte_ppool_run_bind_at(q->pool, &q->spot, m, k, cut, RTE_PKTMBUF_HEADROOM) != 0)
		return false;
	hns3_mbuf_rearm(other, q->rearm);
	if (rte_ppool_run_bind_at(q->pool, &q->spot, other, nb_bds - k, 0, spill) != 0) {
		rte_ppool_run_bind_at(q->pool, &q->spot, m, 1, 0, 0);
		return false;
	}
	other->ol_flags = q->ol_flags;
	m->data_len = k * q->bd_len;
	other->data_len = m->pkt_len - m->data_len;
	m->next = other;
	m->nb_segs = 2;
	q->stats.chained++;
	return true;
}

/* The fragments that the last packet or this one reach into. What this one has of its headroom less. */
static __rte_noinline uint32_t
edges(struct hns3_rxq *q, struct rte_mbuf **sw, uint32_t nb_bds, uint32_t spill)
{
	struct hns3_rx_frame *f = &q->frame;
	uint32_t cut = f->spill != 0 && sw[0] == f->reach ? f->spill : 0;

	f->spill = spill;
	f->reach = RTE_PTR_ADD(sw[nb_bds - 1], q->mbuf_stride);
	return cut;
}

unsigned int
hns3_rx_bind_many(struct hns3_rxq *q, struct rte_mbuf *const *m, const uint16_t *k, unsigned int n)
{
	unsigned int i, more;

	for (i = 0; i < n; i += more) {
		more = rte_ppool_run_bind_bulk(q->pool, &q->spot, m + i, k + i, n - i);
		if (unlikely(more == 0)) {
			if (rte_ppool_run_bind_at(q->pool, &q->spot, m[i], k[i], 0, 0) != 0)
				break;
			more = 1;
		}
	}
	return i;
}

/* A frame that reaches into a fragment behind its own, or whose first one is reached into, or that goes
 * on in another page.
 */
static __rte_noinline bool
bind_odd(struct hns3_rxq *q, struct rte_mbuf **sw, uint32_t k, uint32_t spill)
{
	uint32_t cut = edges(q, sw, k, spill);
	struct rte_mbuf *m = sw[0];
	bool bound;

	if (sw[k - 1] == RTE_PTR_ADD(m, (size_t)(k - 1) * q->mbuf_stride))
		bound = rte_ppool_run_bind_at(q->pool, &q->spot, m, k, cut, spill) == 0;
	else
		bound = two_pages(q, sw, k, cut, spill);
	if (unlikely(!bound)) {
		/* It is taken BD by BD. */
		q->frame.spill = cut;
		q->frame.reach = m;
	}
	return bound;
}

/* A linear owner's page is posted from its first fragment to its last one that is, without another's in
 * between: so all of the buffers are neighbours, if the last is as far from the first as it has to be.
 * What is usual is bound later, all together.
 */
uint16_t
hns3_rx_frame_many(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n, uint64_t *bytes)
{
	/* Up to the end of the ring, or of what is posted. */
	const uint32_t end = q->next + RTE_MIN(q->nb_desc - q->next, q->nb_desc - q->hold);
	const uint32_t full = q->bd_len, room = q->frag_size - RTE_PKTMBUF_HEADROOM;
	uint32_t at = q->next, k = RTE_MAX(q->frame.usual, 2u), done = 0, bound = 0;
	/* From the first mbuf of a frame to the last, and to where a later one will begin. */
	size_t dist = (size_t)(k - 1) * q->mbuf_stride;
	uint32_t ahead = k + RTE_MIN(2 * k, HNS3_RX_PAD - 1);
	const uint64_t chained = q->stats.chained;
	uint16_t held[HNS3_RX_MANY];
	struct rte_mbuf *m;
	uint64_t w[4];

	held[0] = k;
	n = RTE_MIN(n, HNS3_RX_MANY);
	for (; done < n; at += k, done++) {
		/* Most frames are as long as the one before. */
		if (unlikely(at + k > end || !is_whole(&q->ring[at], k, full, w))) {
			k = count_bds(&q->ring[at], end - at);
			if (k < 2 || !is_whole(&q->ring[at], k, full, w))
				break;
			dist = (size_t)(k - 1) * q->mbuf_stride;
			ahead = k + RTE_MIN(2 * k, HNS3_RX_PAD - 1);
		}
		m = q->sw[at];
		pkts[done] = m;
		held[done] = k;
		hns3_mbuf_rearm(m, q->rearm);
		m->pkt_len = HNS3_RXW1_PKTLEN(w[1]);
		m->data_len = HNS3_RXW1_PKTLEN(w[1]);
		*bytes += HNS3_RXW1_PKTLEN(w[1]);
		hns3_rx_fill_usual(q, m, w[1], w[2], w[3]);
		rte_prefetch0(q->sw[at + ahead]);
		if (likely(HNS3_RXW1_SIZE(w[1]) <= room && q->frame.spill == 0 &&
				q->sw[at + k - 1] == RTE_PTR_ADD(m, dist)))
			continue;
		bound += hns3_rx_bind_many(q, pkts + bound, held + bound, done - bound);
		if (bound < done || !bind_odd(q, &q->sw[at], k, HNS3_RXW1_SIZE(w[1]) > room ?
				HNS3_RXW1_SIZE(w[1]) - room : 0)) {
			*bytes -= m->pkt_len;
			break;
		}
		bound++;
	}
	bound += hns3_rx_bind_many(q, pkts + bound, held + bound, done - bound);
	/* Not if that was the end of the ring, or of what there is. */
	if (k >= 2)
		q->frame.usual = k;
	/* Of those that were filled in and could not be bound nothing is taken. */
	for (; unlikely(done > bound); at -= held[done])
		*bytes -= pkts[--done]->pkt_len;
	q->hold += at - q->next;
	q->next = at == q->nb_desc ? 0 : at;
	q->stats.linear += done - (q->stats.chained - chained);
	return done;
}

void
hns3_rx_frame_free(struct hns3_rxq *q)
{
	struct hns3_rx_frame *f = &q->frame;
	struct rte_mbuf *m, *next;
	uint32_t i;

	for (m = f->first; m != NULL; m = next) {
		next = m->next;
		m->next = NULL;
		m->nb_segs = 1;
		/* Fragments of a run that was not yet bound to its first. */
		for (i = m == f->last && q->linear ? f->run : 0; i > 1; i--) {
			struct rte_mbuf *other = RTE_PTR_ADD(m, (size_t)(i - 1) * q->mbuf_stride);

			hns3_rx_put(q, &other, 1);
		}
		hns3_rx_put(q, &m, 1);
	}
	f->first = NULL;
	f->run = 0;
	f->spill = 0;
}

void
hns3_rx_frame_drop(struct hns3_rxq *q, struct rte_mbuf *m, uint64_t w3, uint64_t *counter)
{
	hns3_rx_put(q, &m, 1);
	if (!q->frame.skip)
		(*counter)++;
	hns3_rx_frame_free(q);
	q->frame.skip = (w3 & HNS3_RXW3_FE) == 0;
}
