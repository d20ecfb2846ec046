/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Transmit by NEON.
 *
 * What orders what: BDs become visible to the device before the doorbell (rte_write32() has a
 * barrier before its store), in whatever order among themselves. The VLD bits of sent BDs are
 * read before the buffers go back, by the fence in hns3_tx_free.c; that the device has read a
 * buffer before it clears VLD is its own affair.
 */

#include "hns3_paths.h"
#include "hns3_tx_vec.h"

/* What is not of the usual sort. */
static __rte_noinline uint16_t
send_any(struct hns3_txq *q, struct rte_mbuf **pkts, uint16_t n)
{
	return vec_send(q, pkts, n);
}

/* Can the next packets be page fragments that need no thought? */
static __rte_always_inline bool
are_frags(const struct hns3_txq *q, struct rte_mbuf *const *pkts, uint32_t n)
{
	const uint32_t room = HNS3_BATCH - q->next % HNS3_BATCH;

	return n >= 4 && q->free >= room && hns3_tx_is_frag(q->kind) && !q->off &&
		pkts[0]->pool == q->seen;
}

/* As many as are, of the page that was found for the first, and fit into the block at hand. How many.
 * No function is called here: so there is nothing to save for it.
 */
static __rte_noinline uint32_t
send_frags(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	const uint32_t next = q->next, room = HNS3_BATCH - next % HNS3_BATCH;
	const struct rte_ppool_place *p = &q->place;
	struct hns3_tx_block *b = &q->block[next / HNS3_BATCH];
	uint64_t bytes = 0;
	uint32_t k;

	hns3_tx_block_enter(q);
	n = RTE_MIN(n, room);
	k = frags_run(p, 0, pkts[0]->data_off, &q->ring[next], &q->sw[next], pkts,
		RTE_MIN(n, p->n) / 4, NULL, &bytes);
	if (unlikely(k == 0))
		return 0;
	if (unlikely(!rte_ppool_span_add(b->span, &b->nb_spans, HNS3_TX_SPANS, p, k)))
		b->spans = false;
	q->stats.packets += k;
	q->stats.bytes += bytes;
	q->pending += k;
	q->free -= k;
	q->next = next + k == q->nb_desc ? 0 : next + k;
	return k;
}

uint16_t
hns3_tx_burst_neon(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct hns3_txq *q = queue;
	uint32_t left = n, k;

	hns3_tx_try_free(q);
	while (likely(are_frags(q, pkts, left))) {
		if (unlikely(rte_ppool_place_find(q->pool, pkts[0], &q->place) < 4))
			break;
		k = send_frags(q, pkts, left);
		left -= k;
		pkts += k;
		if (likely(left == 0)) {
			hns3_tx_doorbell(q);
			return n;
		}
		if (unlikely(k == 0))
			break;
	}
	return n - left + send_any(q, pkts, left);
}
