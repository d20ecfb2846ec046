/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_RX_VEC_FRAMES_H
#define HNS3_RX_VEC_FRAMES_H

/*
 * Frames of several BDs by vectors: those of a linear queue that have as many BDs as the one
 * before, and lie in one page within their own fragments. Any other is left to hns3_rx_frame.c,
 * which says what is done here. The part of hns3_rx_vec.h that is about them; what its
 * instruction set has to bring is said there.
 */

static void vec_frame_begin(const struct hns3_rxq *q, struct vec_frame *f, uint32_t k);
static bool vec_frame_read(struct vec_frame *f, const struct hns3_bd *bd, uint32_t k);
static void vec_frame_fill(const struct vec_frame *f, struct rte_mbuf *m);

/* k is a constant for the compiler, where frames are of few BDs. How many were taken. */
static __rte_always_inline uint32_t
frames_take(struct hns3_rxq *q, struct rte_mbuf **pkts, uint32_t n, const uint32_t k)
{
	const uint32_t before = (k - 1) * q->bd_len, room = q->frag_size - RTE_PKTMBUF_HEADROOM;
	const size_t dist = (size_t)(k - 1) * q->mbuf_stride;
	const uint32_t ahead = k + RTE_MIN(2 * k, HNS3_RX_PAD - 1);
	const struct hns3_bd *bd = &q->ring[q->next];
	struct rte_mbuf **sw = &q->sw[q->next], *m;
	struct rte_mbuf **const from = pkts, **const end = pkts + n;
	uint32_t done, size;
	uint64_t bytes = 0;
	struct vec_frame f;

	vec_frame_begin(q, &f, k);
	for (; pkts != end; bd += k, sw += k) {
		if (unlikely(!vec_last_there(&bd[k - 1]) || !vec_frame_read(&f, bd, k)))
			break;
		m = sw[0];
		size = f.w1 >> 48;
		if (unlikely(size - 1 >= room) || unlikely(HNS3_RXW1_PKTLEN(f.w1) != before + size) ||
				unlikely(sw[k - 1] != RTE_PTR_ADD(m, dist)))
			break;
		hns3_prefetch_write(sw[ahead]);
		bytes += size;
		*pkts++ = m;
		vec_frame_fill(&f, m);
		if (f.v.hash && unlikely(HNS3_RXW2_HASH(bd[k - 1].w[2]) == 0))
			hns3_rx_fix(q, &bd[k - 1], sw, 1);
	}
	done = pkts - from;
	q->stats.bytes += bytes + done * before;
	return done;
}

/* The pages that so many BDs from the next one on lie in. */
static __rte_always_inline void
pages_ahead(const struct hns3_rxq *q, uint32_t bds)
{
	uint32_t i;

	for (i = 0; i < bds; i += q->page_frags)
		rte_ppool_run_ahead(q->pool, q->sw[q->next + i]);
}

typedef uint16_t held_some __attribute__((vector_size(32)));
_Static_assert(HNS3_RX_MANY % 16 == 0, "so many are written at a time");

/* As many frames of the usual number of BDs as there are. They are counted. */
static __rte_noinline uint16_t
vec_frames(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n)
{
	const uint32_t k = q->frame.usual;
	union {
		held_some some[HNS3_RX_MANY / 16];
		uint16_t each[HNS3_RX_MANY];
	} held;
	uint32_t done, bound, i;

	if (k < 2)
		return 0;
	/* Up to the end of the ring, or of what is posted. */
	n = RTE_MIN(n, HNS3_RX_MANY);
	n = RTE_MIN(n, RTE_MIN(q->nb_desc - q->next, q->nb_desc - q->hold) / k);
	if (n == 0)
		return 0;
	pages_ahead(q, n * k);
	switch (k) {
	case 2:
		done = frames_take(q, pkts, n, 2);
		break;
	case 3:
		done = frames_take(q, pkts, n, 3);
		break;
	case 4:
		done = frames_take(q, pkts, n, 4);
		break;
	case 5:
		done = frames_take(q, pkts, n, 5);
		break;
	default:
		done = frames_take(q, pkts, n, k);
	}
	if (done == 0)
		return 0;
	for (i = 0; i < (done + 15) / 16; i++)
		held.some[i] = (held_some){ 0 } + (uint16_t)k;
	bound = hns3_rx_bind_many(q, pkts, held.each, done);
	/* What could not be bound is not taken. */
	while (unlikely(done > bound))
		q->stats.bytes -= pkts[--done]->pkt_len;
	q->hold += done * k;
	q->next += done * k;
	if (q->next == q->nb_desc)
		q->next = 0;
	q->stats.packets += done;
	q->stats.linear += done;
	return done;
}

#endif /* HNS3_RX_VEC_FRAMES_H */
