/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Transmit, block by block: within a block neither the ring's end nor the way the buffers go
 * back has to be thought of, so that a packet of one segment costs little more than the loads
 * of its header and the stores of its BD. What is not such a packet is left to the path in C.
 *
 * The words of a BD are made one by one: vectors would only move them between registers.
 */

#include <rte_prefetch.h>
#include <rte_vect.h>

#include "hns3_paths.h"
#include "hns3_tx.h"

/* Headers are asked for so many packets before they are needed. */
#define AHEAD 4u

/* VLD last, as in hns3_tx.c. Where stores are not ordered (AArch64), it is the barrier in front of
 * the doorbell that counts: the hardware fetches nothing before it.
 */
static __rte_always_inline void
bd_store(struct hns3_bd *bd, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
	bd->w[0] = rte_cpu_to_le_64(w0);
	bd->w[1] = rte_cpu_to_le_64(w1);
	rte_compiler_barrier();
	bd->w[2] = rte_cpu_to_le_64(w2);
	bd->w[3] = rte_cpu_to_le_64(w3);
}

/* Packets of one segment, until one is something else. How many; all of one block. */
static __rte_always_inline uint32_t
chunk(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n, unsigned int kind, bool off)
{
	struct hns3_bd *bd = &q->ring[q->next];
	struct rte_mbuf **sw = &q->sw[q->next], *m;
	uint64_t bytes = 0;
	bool simple = true, leave;
	uint32_t i, len;

	for (i = 0; i < n; i++) {
		m = pkts[i];
		len = m->data_len;
		if (unlikely(m->nb_segs != 1 ||
				len - HNS3_TX_LEN_MIN > HNS3_FRAME_MAX - HNS3_TX_LEN_MIN))
			break;
		if (off && unlikely(m->ol_flags & HNS3_TX_FLAGS_OTHER))
			break;
		leave = hns3_tx_simple(q, m, kind, false);
		bytes += len;
		sw[i] = m;
		if (off) {
			struct hns3_tx_words w;

			hns3_tx_fill_words(&w, m);
			bd_store(&bd[i], rte_mbuf_data_iova(m), HNS3_TXW1(len) | w.w1, w.w2,
				HNS3_TXW3_VLD | HNS3_TXW3_FE);
		} else {
			bd_store(&bd[i], rte_mbuf_data_iova(m), HNS3_TXW1(len), 0,
				HNS3_TXW3_VLD | HNS3_TXW3_FE);
		}
		if (likely(leave))
			hns3_tx_leave(m, kind);
		else
			simple = false;
	}
	q->stats.bytes += bytes;
	if (!simple)
		q->block[q->next / HNS3_BATCH] = NULL;
	return i;
}

static __rte_noinline uint32_t
chunk_off(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	switch (q->kind) {
	case HNS3_TX_FRAG:
		return chunk(q, pkts, n, HNS3_TX_FRAG, true);
	case HNS3_TX_DIRECT:
		return chunk(q, pkts, n, HNS3_TX_DIRECT, true);
	case HNS3_TX_TRUST:
		return chunk(q, pkts, n, HNS3_TX_TRUST, true);
	case HNS3_TX_TRUST_FRAG:
		return chunk(q, pkts, n, HNS3_TX_TRUST_FRAG, true);
	default:
		return chunk(q, pkts, n, HNS3_TX_LOOK, true);
	}
}

static __rte_always_inline uint32_t
chunk_any(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	if (q->off)
		return chunk_off(q, pkts, n);
	switch (q->kind) {
	case HNS3_TX_FRAG:
		return chunk(q, pkts, n, HNS3_TX_FRAG, false);
	case HNS3_TX_DIRECT:
		return chunk(q, pkts, n, HNS3_TX_DIRECT, false);
	case HNS3_TX_TRUST:
		return chunk(q, pkts, n, HNS3_TX_TRUST, false);
	case HNS3_TX_TRUST_FRAG:
		return chunk(q, pkts, n, HNS3_TX_TRUST_FRAG, false);
	default:
		return chunk(q, pkts, n, HNS3_TX_LOOK, false);
	}
}

/* One packet that is something else. As hns3_tx_other(), and counted. */
static __rte_noinline bool
other(struct hns3_txq *q, struct rte_mbuf *m)
{
	uint32_t len;
	int r = hns3_tx_other(q, m, &len);

	if (r > 0) {
		q->stats.packets++;
		q->stats.bytes += len;
	}
	return r != 0;
}

uint16_t
hns3_tx_burst_fast(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct hns3_txq *q = queue;
	uint32_t room, k;
	uint16_t i = 0;

	hns3_tx_try_free(q);
	while (i < n) {
		room = HNS3_BATCH - q->next % HNS3_BATCH;
		if (room == HNS3_BATCH && pkts[i]->pool != q->seen)
			hns3_tx_learn(q, pkts[i]);
		room = RTE_MIN(room, RTE_MIN((uint32_t)q->free, (uint32_t)n - i));
		if (unlikely(room == 0) && !hns3_tx_have_bds(q, 1))
			goto full;
		hns3_tx_block_enter(q);
		k = chunk_any(q, pkts + i, room);
		q->stats.packets += k;
		q->pending += k;
		q->free -= k;
		q->next += k;
		if (q->next == q->nb_desc)
			q->next = 0;
		i += k;
		if (unlikely(k < room)) {
			if (!other(q, pkts[i]))
				goto full;
			i++;
		}
	}
	hns3_tx_doorbell(q);
	return i;
full:
	q->stats.queue_full++;
	hns3_tx_doorbell(q);
	return i;
}
