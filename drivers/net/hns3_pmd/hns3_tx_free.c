/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Sent buffers go back.
 *
 * A slot is freed when the device has cleared VLD in its BD and in all BDs before it. The
 * slots of a block that has a pool are handed to it as they stand in the ring.
 */

#include <rte_atomic.h>

#ifdef RTE_ARCH_ARM64
#include <arm_neon.h>
#endif

#include "hns3_tx.h"

void
hns3_tx_learn(struct hns3_txq *q, const struct rte_mbuf *m)
{
	struct rte_mempool *mp = m->pool;
	bool pinned = (rte_pktmbuf_priv_flags(mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0;

	q->seen = mp;
	q->pool = pinned ? rte_ppool_from_mempool(mp) : NULL;
	q->own = (uint64_t)(uintptr_t)mp << 16 | rte_pktmbuf_data_room_size(mp);
	if (pinned && q->pool == NULL)
		q->kind = HNS3_TX_LOOK; /* somebody else's pool of external buffers */
	else if (q->fast_free)
		q->kind = pinned ? HNS3_TX_TRUST_FRAG : HNS3_TX_TRUST;
	else
		q->kind = pinned ? HNS3_TX_FRAG : HNS3_TX_DIRECT;
	q->mp = q->kind == HNS3_TX_LOOK ? NULL : mp;
	q->usual = hns3_tx_is_frag(q->kind) && !q->off ? q->own : UINT64_MAX;
}

/* Number of BDs, counted from the oldest, that the device is done with. VLD need not be
 * cleared in order: only the prefix counts.
 */
static uint32_t
count_done(const struct hns3_txq *q, uint32_t max)
{
	uint32_t used = q->nb_desc - 1 - q->free, n = 0, i = q->clean;

	max = RTE_MIN(max, used);
	while (n < max && !hns3_tx_bd_busy(&q->ring[i])) {
		n++;
		if (++i == q->nb_desc)
			i = 0;
	}
	return n;
}

/* Slots of a block whose buffers need no look. */
static inline void
put(const struct hns3_txq *q, struct hns3_tx_block *b, struct rte_mbuf **m, uint32_t n)
{
	struct rte_ppool *pool = q->pool;

	if (unlikely(b->mp != q->mp))
		pool = (rte_pktmbuf_priv_flags(b->mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) ?
			rte_ppool_from_mempool(b->mp) : NULL;
	if (pool == NULL) {
		rte_mempool_put_bulk(b->mp, (void **)m, n);
	} else if (likely(b->spans && n == HNS3_BATCH)) {
		rte_ppool_span_put_bulk(pool, b->span, b->nb_spans);
	} else {
		/* Not without a look: some may hold more than their own fragment. */
		b->spans = false;
		rte_ppool_put_bulk(pool, m, n);
	}
}

/* The copy is sent: the slot has the rest of the packet, and the oldest copy is free. */
static void
free_bounced(struct hns3_txq *q, struct rte_mbuf *rest)
{
	q->bounce_used--;
	rte_pktmbuf_free(rest);
}

/* Each by a look at it; those of one pool together. */
static __rte_noinline void
free_look(struct hns3_txq *q, struct rte_mbuf **sw, uint32_t n)
{
	struct rte_mbuf *m, *back[HNS3_BATCH];
	struct rte_mempool *mp = NULL;
	unsigned int k = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		rte_prefetch0((void *)((uintptr_t)sw[i] & ~(uintptr_t)HNS3_TX_BOUNCED));
	for (i = 0; i < n; i++) {
		m = sw[i];
		if (unlikely((uintptr_t)m & HNS3_TX_BOUNCED)) {
			free_bounced(q, (void *)((uintptr_t)m & ~(uintptr_t)HNS3_TX_BOUNCED));
			continue;
		}
		if (!q->fast_free) {
			m = rte_pktmbuf_prefree_seg(m);
			if (m == NULL)
				continue;
		}
		if (m->pool != mp) {
			if (k != 0)
				rte_mempool_put_bulk(mp, (void **)back, k);
			mp = m->pool;
			k = 0;
		}
		back[k++] = m;
	}
	if (k != 0)
		rte_mempool_put_bulk(mp, (void **)back, k);
}

/* So many slots from the oldest on, all of one block. */
static inline void
free_span(struct hns3_txq *q, uint32_t n)
{
	struct hns3_tx_block *b = &q->block[q->clean / HNS3_BATCH];

	if (likely(b->mp != NULL))
		put(q, b, &q->sw[q->clean], n);
	else
		free_look(q, &q->sw[q->clean], n);
	q->clean += n;
	if (q->clean == q->nb_desc)
		q->clean = 0;
	q->free += n;
	if (q->free == q->nb_desc - 1)
		q->ahead = NULL;
}

static void
free_slots(struct hns3_txq *q, uint32_t n)
{
	uint32_t k;

	for (; n > 0; n -= k) {
		k = RTE_MIN(n, HNS3_BATCH - q->clean % HNS3_BATCH);
		free_span(q, k);
	}
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

#ifdef RTE_ARCH_ARM64
/* w[3] of the next two BDs. */
static __rte_always_inline uint64x2_t
two_w3(const struct hns3_bd **bd)
{
	uint64x2_t w3 = vld4q_u64((*bd)->w).val[3];

	*bd += 2;
	__asm__("" : "+r"(*bd)); /* a load moves the pointer on */
	return w3;
}
#endif

/* Is any of n BDs still the device's? All are read: a branch for each would cost more. Not by
 * atomic loads, which the compiler would not fold into the OR; a word is 8 bytes, and is read
 * by one load all the same.
 */
static inline bool
any_busy(const struct hns3_bd *bd, uint32_t n)
{
	const struct hns3_bd *end = bd + n;
	uint64_t all = 0;

	rte_compiler_barrier();
#ifdef RTE_ARCH_ARM64
	if (likely(n == HNS3_BATCH)) {
		/* One load splits two BDs into their words. */
		uint64x2_t v = vdupq_n_u64(0), w;
		uint32_t i;

		for (i = 0; i < HNS3_BATCH; i += 8) {
			w = two_w3(&bd);
			w = vorrq_u64(w, two_w3(&bd));
			w = vorrq_u64(w, two_w3(&bd));
			v = vorrq_u64(v, vorrq_u64(w, two_w3(&bd)));
		}
		all = vgetq_lane_u64(v, 0) | vgetq_lane_u64(v, 1);
	}
#endif
	for (; end - bd >= 8; bd += 8)
		all |= bd[0].w[3] | bd[1].w[3] | bd[2].w[3] | bd[3].w[3] | bd[4].w[3] | bd[5].w[3] |
			bd[6].w[3] | bd[7].w[3];
	for (; bd < end; bd++)
		all |= bd->w[3];
	return (all & rte_cpu_to_le_64(HNS3_TXW3_VLD)) != 0;
}

/* The oldest block is in use up to its end, whose BD was seen to be done. */
void
hns3_tx_free_blocks(struct hns3_txq *q)
{
	uint32_t rest;

	do {
		rest = HNS3_BATCH - q->clean % HNS3_BATCH;
		if (any_busy(&q->ring[q->clean], rest))
			break;
		rte_atomic_thread_fence(__ATOMIC_ACQUIRE); /* as in hns3_tx_reclaim() */
		free_span(q, rest);
	} while (hns3_tx_block_done(q));
}

void
hns3_tx_reset(struct hns3_txq *q)
{
	memset(q->ring, 0, q->nb_desc * sizeof(*q->ring));
	memset(q->block, 0, HNS3_TX_BLOCKS(q->nb_desc) * sizeof(*q->block));
	q->next = 0;
	q->clean = 0;
	q->free = q->nb_desc - 1;
	q->bounce_next = 0;
	q->bounce_used = 0;
	q->pending = 0;
	q->open = 0;
	q->usual = UINT64_MAX;
	q->ahead = NULL;
	q->seen = NULL;
	q->mp = NULL;
	q->pool = NULL;
	q->kind = HNS3_TX_LOOK;
}

/* Free everything in a ring that the device no longer uses, sent or not. */
void
hns3_tx_drain(struct hns3_txq *q)
{
	free_slots(q, q->nb_desc - 1 - q->free);
}
