/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Transmit, packet by packet, and packets that the hardware cannot take as they are: those
 * of more than eight segments or shorter than 33 bytes leave through a small ring of copies.
 */

#include <errno.h>

#include <rte_prefetch.h>

#include "hns3_tx.h"

/* All four words: nothing that an earlier packet left may stay. VLD last, as a device may
 * look ahead of its doorbell.
 */
static inline void
bd_write(struct hns3_bd *bd, uint64_t iova, uint64_t w1, uint64_t w2, uint64_t w3)
{
	__atomic_store_n(&bd->w[0], rte_cpu_to_le_64(iova), __ATOMIC_RELAXED);
	__atomic_store_n(&bd->w[1], rte_cpu_to_le_64(w1), __ATOMIC_RELAXED);
	__atomic_store_n(&bd->w[2], rte_cpu_to_le_64(w2), __ATOMIC_RELAXED);
	__atomic_store_n(&bd->w[3], rte_cpu_to_le_64(w3), __ATOMIC_RELEASE);
}

/* BDs from the next one on are written, all of one block. */
static inline void
advance(struct hns3_txq *q, uint32_t n)
{
	q->next += n;
	if (q->next == q->nb_desc)
		q->next = 0;
	q->free -= n;
	q->pending += n;
}

/* How the buffers of the last slots go back, which are all of one block. Before the block is left,
 * and before anything is freed.
 */
static inline void
settle_open(struct hns3_txq *q)
{
	uint32_t from = (q->next != 0 ? q->next : q->nb_desc) - q->open;

	if (q->open != 0)
		hns3_tx_settle(q, &q->block[from / HNS3_BATCH], &q->sw[from], q->open, q->kind);
	q->open = 0;
}

/* What is written is announced first: a BD must not come round again before its doorbell. */
bool
hns3_tx_make_room(struct hns3_txq *q, uint32_t n)
{
	settle_open(q);
	hns3_tx_doorbell(q);
	hns3_tx_reclaim(q, HNS3_BATCH * 2);
	return q->free >= n;
}

static bool
have_copy(struct hns3_txq *q)
{
	if (q->bounce_used < HNS3_BOUNCE_NUM)
		return true;
	settle_open(q);
	hns3_tx_doorbell(q);
	hns3_tx_reclaim(q, q->nb_desc);
	return q->bounce_used < HNS3_BOUNCE_NUM;
}

/* The last BD of a packet: a copy of all segments from this one on, filled up with zeros to
 * the length that the hardware wants at least.
 */
static void
put_copy(struct hns3_txq *q, struct rte_mbuf *rest, uint16_t least, const struct hns3_tx_words *w)
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
	settle_open(q);
	hns3_tx_block_enter(q);
	q->block[q->next / HNS3_BATCH].mp = NULL;
	q->sw[q->next] = (void *)((uintptr_t)rest | HNS3_TX_BOUNCED);
	bd_write(&q->ring[q->next], q->bounce_iova + (uint64_t)i * HNS3_BOUNCE_LEN,
		HNS3_TXW1(len) | w->w1, w->w2, HNS3_TXW3_VLD | HNS3_TXW3_FE | w->w3);
	advance(q, 1);
}

/* The first n segments of a packet, and as the last BD a copy of all others, if there is to be one.
 * Segments are mostly neighbours: how they go back is settled together, block by block.
 */
static void
put_segments(struct hns3_txq *q, struct rte_mbuf *m, uint32_t n, bool copy,
		const struct hns3_tx_words *w)
{
	static const struct hns3_tx_words none;
	const bool fast_free = q->fast_free;
	struct rte_mbuf **sw, *next;
	struct hns3_bd *bd, *end;
	uint64_t iova, flags;
	uint32_t some;

	for (; n > 0; n -= some) {
		hns3_tx_block_enter(q);
		some = RTE_MIN(n, HNS3_BATCH - q->next % HNS3_BATCH);
		bd = &q->ring[q->next];
		sw = &q->sw[q->next];
		for (end = bd + some; bd != end; bd++, w = &none) {
			next = m->next;
			/* It may be freed without a look at it. Of others' headers nothing is changed. */
			if (fast_free || rte_mbuf_refcnt_read(m) == 1) {
				m->next = NULL;
				m->nb_segs = 1;
			}
			iova = rte_mbuf_data_iova(m);
			flags = HNS3_TXW3_VLD | (next == NULL ? HNS3_TXW3_FE : 0) | w->w3;
			*sw++ = m;
			bd_write(bd, iova, HNS3_TXW1(m->data_len) | w->w1, w->w2, flags);
			m = next;
		}
		advance(q, some);
		q->open += some;
		if (q->next % HNS3_BATCH == 0)
			settle_open(q);
	}
	if (copy)
		put_copy(q, m, 0, w);
}

static int
bad_packet(struct hns3_txq *q, struct rte_mbuf *m)
{
	q->stats.bad_packets++;
	rte_pktmbuf_free(m);
	return -1;
}

/* The hardware makes several of it. What it cannot do was refused by hns3_tx_prepare(). */
static int
send_tso(struct hns3_txq *q, struct rte_mbuf *m, uint32_t segs, uint32_t len, bool empty,
		uint32_t *sent)
{
	struct hns3_tx_words w;

	if (empty || len != m->pkt_len || segs != m->nb_segs || segs >= q->nb_desc ||
			!hns3_tx_fill_tso(&w, m))
		return bad_packet(q, m);
	if (!hns3_tx_have_bds(q, segs))
		return 0;
	*sent = len;
	put_segments(q, m, segs, false, &w);
	return 1;
}

/* As hns3_tx_other(), but how the last slots go back is left open. */
static int
send_other(struct hns3_txq *q, struct rte_mbuf *m, uint32_t *sent)
{
	struct hns3_tx_words w = { 0 };
	const struct rte_mbuf *s;
	uint32_t len = 0, segs = 0;
	bool empty = false, copy;

	for (s = m; s != NULL; s = s->next) {
		len += s->data_len;
		segs++;
		empty |= s->data_len == 0;
	}
	if (q->off && hns3_tx_is_tso(m))
		return send_tso(q, m, segs, len, empty, sent);
	if (len == 0 || len > HNS3_FRAME_MAX || segs > UINT16_MAX)
		return bad_packet(q, m);
	/* A BD cannot be empty, and a short packet has to be made longer: copy it whole. */
	if (empty || len < HNS3_TX_LEN_MIN)
		segs = 1;
	copy = empty || len < HNS3_TX_LEN_MIN || segs > HNS3_TX_BDS_MAX;
	segs = RTE_MIN(segs, HNS3_TX_BDS_MAX);
	if (!hns3_tx_have_bds(q, segs) || (copy && !have_copy(q)))
		return 0;
	*sent = len;
	if (q->off)
		hns3_tx_fill_words(&w, m);
	if (segs == 1 && copy)
		put_copy(q, m, HNS3_TX_LEN_MIN, &w);
	else
		put_segments(q, m, segs - copy, copy, &w);
	return 1;
}

int
hns3_tx_other(struct hns3_txq *q, struct rte_mbuf *m, uint32_t *sent)
{
	int r = send_other(q, m, sent);

	settle_open(q);
	return r;
}

uint32_t
hns3_tx_chains(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	uint32_t i, len;
	int r;

	for (i = 0; i < n && pkts[i]->nb_segs != 1; i++) {
		if (i + 1 < n)
			rte_prefetch0(pkts[i + 1]->next);
		if (q->next % HNS3_BATCH == 0 && pkts[i]->pool != q->seen)
			hns3_tx_learn(q, pkts[i]);
		r = hns3_tx_have_bds(q, 1) ? send_other(q, pkts[i], &len) : 0;
		if (unlikely(r == 0))
			break;
		if (r > 0) {
			q->stats.packets++;
			q->stats.bytes += len;
		}
	}
	settle_open(q);
	return i;
}

static int
send_one(struct hns3_txq *q, struct rte_mbuf *m, uint32_t *len)
{
	struct hns3_tx_words w = { 0 };

	if (unlikely(!hns3_tx_have_bds(q, 1)))
		return 0;
	*len = m->data_len;
	if (unlikely(m->nb_segs != 1 || (q->off && (m->ol_flags & HNS3_TX_FLAGS_OTHER)) ||
			*len < HNS3_TX_LEN_MIN || *len > HNS3_FRAME_MAX))
		return hns3_tx_other(q, m, len);
	if (q->off)
		hns3_tx_fill_words(&w, m);
	hns3_tx_block_enter(q);
	q->sw[q->next] = m;
	bd_write(&q->ring[q->next], rte_mbuf_data_iova(m), HNS3_TXW1(*len) | w.w1, w.w2,
		HNS3_TXW3_VLD | HNS3_TXW3_FE | w.w3);
	hns3_tx_settle(q, &q->block[q->next / HNS3_BATCH], &q->sw[q->next], 1, q->kind);
	advance(q, 1);
	return 1;
}

uint16_t
hns3_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct hns3_txq *q = queue;
	uint64_t bytes = 0, packets = 0;
	uint32_t len;
	uint16_t i;
	int r;

	hns3_tx_try_free(q);
	for (i = 0; i < n; i++) {
		if (i + 4 < n)
			rte_prefetch0(pkts[i + 4]);
		if (q->next % HNS3_BATCH == 0 && pkts[i]->pool != q->seen)
			hns3_tx_learn(q, pkts[i]);
		r = send_one(q, pkts[i], &len);
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
	hns3_tx_doorbell(q);
	return i;
}
