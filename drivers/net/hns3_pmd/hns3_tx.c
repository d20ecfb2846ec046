/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Transmit.
 *
 * Each BD has a software slot. A slot with a buffer is freed when the device has cleared VLD
 * in its BD and in all BDs before it. Packets that the hardware cannot take as they are, of
 * more than eight segments or shorter than 33 bytes, leave through a small ring of copies.
 */

#include <errno.h>

#include <rte_atomic.h>
#include <rte_io.h>
#include <rte_prefetch.h>

#include "hns3_compat.h"
#include "hns3_rxtx.h"

static inline bool
bd_done(const struct hns3_bd *bd)
{
	return (rte_le_to_cpu_64(__atomic_load_n(&bd->w[3], __ATOMIC_RELAXED)) &
		HNS3_TXW3_VLD) == 0;
}

/* All four words: nothing that an earlier packet left may stay. VLD last, as a device may
 * look ahead of its doorbell.
 */
static inline void
bd_write(struct hns3_bd *bd, uint64_t iova, uint16_t len, uint64_t flags)
{
	__atomic_store_n(&bd->w[0], rte_cpu_to_le_64(iova), __ATOMIC_RELAXED);
	__atomic_store_n(&bd->w[1], rte_cpu_to_le_64(HNS3_TXW1(len)), __ATOMIC_RELAXED);
	__atomic_store_n(&bd->w[2], 0, __ATOMIC_RELAXED);
	__atomic_store_n(&bd->w[3], rte_cpu_to_le_64(flags), __ATOMIC_RELEASE);
}

/* Number of BDs, counted from the oldest, that the device is done with. VLD need not be
 * cleared in order: only the prefix counts.
 */
static uint32_t
count_done(const struct hns3_txq *q, uint32_t max)
{
	uint32_t used = q->nb_desc - 1 - q->free, n = 0, i = q->clean;

	max = RTE_MIN(max, used);
	while (n < max && bd_done(&q->ring[i])) {
		n++;
		if (++i == q->nb_desc)
			i = 0;
	}
	return n;
}

struct free_list {
	struct rte_mempool *mp;
	unsigned int n;
	struct rte_mbuf *m[HNS3_BATCH * 2];
};

static inline void
free_flush(struct free_list *l)
{
	if (l->n != 0)
		rte_mempool_put_bulk(l->mp, (void **)l->m, l->n);
	l->n = 0;
}

static inline void
free_add(struct free_list *l, struct rte_mbuf *m)
{
	if (unlikely(m->pool != l->mp || l->n == RTE_DIM(l->m))) {
		free_flush(l);
		l->mp = m->pool;
	}
	l->m[l->n++] = m;
}

/* The copy is sent: the slot has the rest of the packet, and the oldest copy is free. */
static void
free_bounced(struct hns3_txq *q, struct rte_mbuf *rest)
{
	q->bounce_used--;
	rte_pktmbuf_free(rest);
}

static void
free_slots(struct hns3_txq *q, uint32_t n)
{
	struct free_list l = { .mp = NULL };
	struct rte_mbuf *m;
	uintptr_t slot;

	while (n-- != 0) {
		slot = q->sw[q->clean];
		q->sw[q->clean] = 0;
		if (++q->clean == q->nb_desc)
			q->clean = 0;
		q->free++;
		m = (struct rte_mbuf *)(slot & ~(uintptr_t)HNS3_TX_BOUNCED);
		if (unlikely(slot & HNS3_TX_BOUNCED)) {
			free_bounced(q, m);
			continue;
		}
		if (m == NULL)
			continue;
		if (!q->fast_free) {
			m = rte_pktmbuf_prefree_seg(m);
			if (m == NULL)
				continue;
		}
		free_add(&l, m);
	}
	free_flush(&l);
}

uint32_t
hns3_tx_reclaim(struct hns3_txq *q, uint32_t max)
{
	uint32_t n = count_done(q, max);

	if (n == 0)
		return 0;
	/* What the device read of the buffers, it read before it cleared VLD. */
	rte_atomic_thread_fence(__ATOMIC_ACQUIRE);
	free_slots(q, n);
	return n;
}

void
hns3_tx_reset(struct hns3_txq *q)
{
	memset(q->ring, 0, q->nb_desc * sizeof(*q->ring));
	memset(q->sw, 0, q->nb_desc * sizeof(*q->sw));
	q->next = 0;
	q->clean = 0;
	q->free = q->nb_desc - 1;
	q->bounce_next = 0;
	q->bounce_used = 0;
	q->pending = 0;
}

/* Free everything in a ring that the device no longer uses, sent or not. */
void
hns3_tx_drain(struct hns3_txq *q)
{
	free_slots(q, q->nb_desc - 1 - q->free);
}

static inline void
put_bd(struct hns3_txq *q, uint64_t iova, uint16_t len, uint64_t flags, uintptr_t slot)
{
	q->sw[q->next] = slot;
	bd_write(&q->ring[q->next], iova, len, HNS3_TXW3_VLD | flags);
	if (++q->next == q->nb_desc)
		q->next = 0;
	q->free--;
	q->pending++;
}

static inline void
ring_doorbell(struct hns3_txq *q)
{
	if (q->pending != 0)
		/* The barrier in it orders the BDs before their announcement. */
		rte_write32(q->pending, q->tail);
	q->pending = 0;
}

/* Make sure of so many free BDs. What is written is announced first: a BD must not come
 * round again before its doorbell.
 */
static inline bool
have_bds(struct hns3_txq *q, uint32_t n)
{
	if (likely(q->free >= n))
		return true;
	ring_doorbell(q);
	hns3_tx_reclaim(q, HNS3_BATCH * 2);
	return q->free >= n;
}

static bool
have_copy(struct hns3_txq *q)
{
	if (q->bounce_used < HNS3_BOUNCE_NUM)
		return true;
	ring_doorbell(q);
	hns3_tx_reclaim(q, q->nb_desc);
	return q->bounce_used < HNS3_BOUNCE_NUM;
}

/* The last BD of a packet: a copy of all segments from this one on, filled up with zeros to
 * the length that the hardware wants at least.
 */
static void
put_copy(struct hns3_txq *q, struct rte_mbuf *rest, uint16_t least)
{
	uint16_t i = q->bounce_next;
	uint8_t *to = q->bounce + (size_t)i * HNS3_BOUNCE_LEN;
	const struct rte_mbuf *m;
	uint16_t len = 0;

	for (m = rest; m != NULL; m = m->next) {
		memcpy(to + len, rte_pktmbuf_mtod(m, const void *), m->data_len);
		len += m->data_len;
	}
	if (len < least) {
		memset(to + len, 0, least - len);
		len = least;
	}
	q->bounce_next = (i + 1) % HNS3_BOUNCE_NUM;
	q->bounce_used++;
	q->stats.copied++;
	put_bd(q, q->bounce_iova + (uint64_t)i * HNS3_BOUNCE_LEN, len, HNS3_TXW3_FE,
		(uintptr_t)rest | HNS3_TX_BOUNCED);
}

static void
put_segments(struct hns3_txq *q, struct rte_mbuf *m, uint32_t n, bool copy)
{
	struct rte_mbuf *next;
	uint32_t i;

	for (i = 0; i < n; i++) {
		next = m->next;
		if (copy && i + 1 == n) {
			put_copy(q, m, 0);
			return;
		}
		put_bd(q, rte_mbuf_data_iova(m), m->data_len, next == NULL ? HNS3_TXW3_FE : 0,
			(uintptr_t)m);
		/* Freed without a look at it; in all other cases the free does it. */
		if (q->fast_free) {
			m->next = NULL;
			m->nb_segs = 1;
		}
		m = next;
	}
}

/* A packet of several segments, or of a length that needs thought. 1: it is on its way,
 * 0: there is no room now, -1: it can never be sent, and is freed.
 */
static int
send_other(struct hns3_txq *q, struct rte_mbuf *m, uint32_t *sent)
{
	const struct rte_mbuf *s;
	uint32_t len = 0, segs = 0;
	bool empty = false, copy;

	for (s = m; s != NULL; s = s->next) {
		len += s->data_len;
		segs++;
		empty |= s->data_len == 0;
	}
	if (len == 0 || len > HNS3_FRAME_MAX || segs > UINT16_MAX) {
		q->stats.bad_packets++;
		rte_pktmbuf_free(m);
		return -1;
	}
	/* A BD cannot be empty, and a short packet has to be made longer: copy it whole. */
	if (empty || len < HNS3_TX_LEN_MIN)
		segs = 1;
	copy = empty || len < HNS3_TX_LEN_MIN || segs > HNS3_TX_BDS_MAX;
	segs = RTE_MIN(segs, HNS3_TX_BDS_MAX);
	if (!have_bds(q, segs) || (copy && !have_copy(q)))
		return 0;
	*sent = len;
	if (segs == 1 && copy)
		put_copy(q, m, HNS3_TX_LEN_MIN);
	else
		put_segments(q, m, segs, copy);
	return 1;
}

/* The last BD of the oldest batch, for all of it: one look in most bursts. */
static inline bool
batch_looks_done(const struct hns3_txq *q)
{
	uint32_t i = q->clean + HNS3_BATCH - 1;

	if (q->nb_desc - 1u - q->free < HNS3_BATCH)
		return false;
	return bd_done(&q->ring[i < q->nb_desc ? i : i - q->nb_desc]);
}

uint16_t
hns3_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct hns3_txq *q = queue;
	uint64_t bytes = 0, packets = 0;
	struct rte_mbuf *m;
	uint32_t len;
	uint16_t i;
	int r;

	while (batch_looks_done(q) && hns3_tx_reclaim(q, HNS3_BATCH) == HNS3_BATCH)
		;
	for (i = 0; i < n; i++) {
		m = pkts[i];
		if (i + 4 < n)
			rte_prefetch0(pkts[i + 4]);
		len = m->data_len;
		r = 1;
		if (likely(m->nb_segs == 1 && len >= HNS3_TX_LEN_MIN && len <= HNS3_FRAME_MAX)) {
			if (unlikely(!have_bds(q, 1)))
				r = 0;
			else
				put_bd(q, rte_mbuf_data_iova(m), len, HNS3_TXW3_FE, (uintptr_t)m);
		} else {
			r = send_other(q, m, &len);
		}
		if (unlikely(r == 0)) {
			q->stats.queue_full++;
			break;
		}
		if (r > 0) {
			packets++;
			bytes += len;
		}
	}
	q->stats.packets += packets;
	q->stats.bytes += bytes;
	ring_doorbell(q);
	return i;
}
