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
		if (rte_ppool_run_bind(f->last, run, f->cut, f->spill) != 0)
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

/* The usual frame of a linear queue: all of its BDs are there, full but for the last, and their
 * buffers are neighbours. NULL: it is not such a one, and nothing was done.
 */
struct rte_mbuf *
hns3_rx_frame_whole(struct hns3_rxq *q)
{
	uint32_t most = RTE_MIN(q->nb_desc - q->next, q->nb_desc - q->hold), k = 0;
	uint32_t full = q->bd_len, stride = q->mbuf_stride, room = q->frag_size -
		RTE_PKTMBUF_HEADROOM, bytes = 0;
	const struct hns3_bd *bd = &q->ring[q->next];
	struct rte_mbuf *m = q->sw[q->next], *at = m;
	uint64_t w1, w3;
	uint16_t cut, spill;

	most = RTE_MIN(most, HNS3_RX_SEGS_MAX);
	for (;; bd++, at = RTE_PTR_ADD(at, stride)) {
		if (k == most || q->sw[q->next + k] != at)
			return NULL;
		w3 = rte_le_to_cpu_64(__atomic_load_n(&bd->w[3], __ATOMIC_ACQUIRE));
		w1 = rte_le_to_cpu_64(__atomic_load_n(&bd->w[1], __ATOMIC_RELAXED));
		if ((w3 & HNS3_RXW3_VLD) == 0)
			return NULL;
		k++;
		bytes += HNS3_RXW1_SIZE(w1);
		if (w3 & HNS3_RXW3_FE)
			break;
		if (HNS3_RXW1_SIZE(w1) != full)
			return NULL;
	}
	if (HNS3_RXW1_SIZE(w1) == 0 || HNS3_RXW1_SIZE(w1) > full || (w1 & HNS3_RXW1_ERRORS) ||
			HNS3_RXW1_PKTLEN(w1) != bytes)
		return NULL;
	cut = q->frame.spill != 0 && m == q->frame.reach ? q->frame.spill : 0;
	spill = HNS3_RXW1_SIZE(w1) > room ? HNS3_RXW1_SIZE(w1) - room : 0;
	hns3_mbuf_rearm(m, q->rearm);
	if (rte_ppool_run_bind(m, k, cut, spill) != 0)
		return NULL;
	m->data_len = bytes;
	m->pkt_len = bytes;
	q->frame.spill = spill;
	q->frame.reach = RTE_PTR_ADD(at, stride);
	hns3_rx_fill_meta(q, m, w1, rte_le_to_cpu_64(__atomic_load_n(&bd->w[2], __ATOMIC_RELAXED)),
		w3);
	q->hold += k;
	q->next += k;
	if (q->next == q->nb_desc)
		q->next = 0;
	q->stats.linear++;
	return m;
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
	if (!q->skip)
		(*counter)++;
	hns3_rx_frame_free(q);
	q->skip = (w3 & HNS3_RXW3_FE) == 0;
}
