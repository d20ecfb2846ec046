/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Receive, four packets at a time: the part that all instruction sets share. The file that
 * includes this one has defined
 *   struct vec           what stays in registers through a burst
 *   vec_begin(q, v)      sets it up
 *   vec_four(v, bd, sw, pkts)  takes four packets, if all four are there, whole, in one BD each
 *                        and free of errors; otherwise it writes nothing and says VEC_NONE
 *   vec_bytes(v)         sum of the lengths so far
 *   vec_post(bd, sw, iova, m, n, q)  gives neighbouring fragments to neighbouring BDs
 * and, for frames of several BDs of a linear queue,
 *   struct vec_frame     the same of these: a struct vec, v, and w1 of the last BD that was read
 *   vec_frame_begin(q, f, k)  sets it up, for frames of k BDs
 *   vec_frame_read(f, bd, k)  are these, of which the last is there, a frame, that one plain but for
 *                        lengths and hash, and all others full?
 *   vec_frame_fill(f, m) gives its mbuf what it brings
 *
 * Whatever is not such a packet is left to the path in C, BD by BD, in the same call: the
 * vectors have no cases, and no stream of packets is bound to a slower function.
 */

#ifndef HNS3_RX_VEC_H
#define HNS3_RX_VEC_H

#include <rte_io.h>
#include <rte_prefetch.h>

#include "hns3_rx_meta.h"

enum vec_got {
	VEC_NONE,
	VEC_PLAIN,
	VEC_ODD,   /* taken, but flags and type are to be set again */
};

/* BDs and headers are asked for so many BDs before they are needed. */
#define VEC_AHEAD_BD 16u
#define VEC_AHEAD_HDR 12u
_Static_assert(VEC_AHEAD_HDR + 4 <= HNS3_RX_PAD, "the software ring is read beyond its end");

static __rte_always_inline void
vec_ahead(struct rte_mbuf **sw)
{
	hns3_prefetch_write(sw[VEC_AHEAD_HDR]);
	hns3_prefetch_write(sw[VEC_AHEAD_HDR + 1]);
	hns3_prefetch_write(sw[VEC_AHEAD_HDR + 2]);
	hns3_prefetch_write(sw[VEC_AHEAD_HDR + 3]);
}

/* The device writes in order: the last of several BDs is looked at first. If it is there, so are
 * the others, and whatever is read of them after this is what the device wrote. If it is not, it may
 * come while they are read, in parts: a second look at VLD, at what was read, would not do.
 */
static __rte_always_inline bool
vec_last_there(const struct hns3_bd *last)
{
	return (__atomic_load_n(&last->w[3], __ATOMIC_ACQUIRE) & HNS3_RXW3_VLD) != 0;
}

/* Four BDs, for those vectors that do not look at them themselves: all and any of w[3], any of
 * w[1], and these. False: one of them is no packet in one BD, or has an error.
 */
struct vec_words {
	uint64_t all, any, w1, a[4];
};

static __rte_always_inline bool
vec_words_read(const struct hns3_bd *bd, struct vec_words *w)
{
	unsigned int i;

	if (!vec_last_there(&bd[3]))
		return false;
	w->all = bd[0].w[3] & bd[1].w[3] & bd[2].w[3] & bd[3].w[3];
	w->any = bd[0].w[3] | bd[1].w[3] | bd[2].w[3] | bd[3].w[3];
	for (i = 0; i < 4; i++)
		w->a[i] = bd[i].w[1];
	w->w1 = w->a[0] | w->a[1] | w->a[2] | w->a[3];
	return likely(((~w->all & (HNS3_RXW3_VLD | HNS3_RXW3_FE)) |
		(w->w1 & HNS3_RXW1_ERRORS)) == 0);
}

/* Not zero: one of the four is not described by its L3 and L4 id alone. */
static __rte_always_inline uint64_t
vec_words_odd(const struct vec_words *w, uint64_t need)
{
	return (w->w1 & HNS3_RXW1_ODD) | (w->any & HNS3_RXW3_ODD) | (~w->all & need);
}

static void vec_begin(const struct hns3_rxq *q, struct vec *v);
static uint64_t vec_bytes(const struct vec *v);
static enum vec_got vec_four(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw,
		struct rte_mbuf **pkts);
#ifdef VEC_EIGHT
/* Eight plain packets, or none. */
static bool vec_eight(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw,
		struct rte_mbuf **pkts);
#endif
static void vec_post(struct hns3_bd *bd, struct rte_mbuf **sw, uint64_t iova, struct rte_mbuf *m,
		uint32_t n, const struct hns3_rxq *q);

#include "hns3_rx_vec_frames.h"

/* Mostly of one batch. */
static __rte_noinline void
vec_refill(struct hns3_rxq *q)
{
	uint32_t want = q->batch, fill = q->fill, done = 0, n;
	struct rte_ppool_run *const run = &q->run;

	if (unlikely(q->owner == NULL)) {
		hns3_rx_refill(q);
		return;
	}
	if (unlikely(q->hold >= 2 * want))
		want = q->hold - q->hold % want;
	do {
		n = rte_ppool_run_alloc(q->owner, RTE_MIN(want - done, q->nb_desc - fill), run);
		if (unlikely(n == 0)) {
			q->stats.nombuf++;
			if (done == 0)
				return;
			break;
		}
		vec_post(&q->ring[fill], &q->sw[fill], run->iova + RTE_PKTMBUF_HEADROOM, run->mbuf, n, q);
		done += n;
		fill = fill + n == q->nb_desc ? 0 : fill + n;
	} while (unlikely(done < want) && want - done >= hns3_rx_refill_least(q));
	q->fill = fill;
	q->hold -= done;
	/* The barrier in it orders the BDs before the credit. */
	rte_write32(done, q->head);
}

/* Groups of four, until one is not ordinary. Number of packets; *pos is moved on. */
static __rte_always_inline uint16_t
vec_groups(struct hns3_rxq *q, struct vec *v, struct rte_mbuf **pkts, uint16_t groups)
{
	struct rte_mbuf **sw = &q->sw[q->next];
	struct hns3_bd *bd = &q->ring[q->next];
	enum vec_got got;
	uint32_t i;

	i = 0;
#ifdef VEC_EIGHT
	for (; i + 2 <= groups; i += 2, bd += 8, sw += 8, pkts += 8) {
		__builtin_prefetch(bd + VEC_AHEAD_BD);
		__builtin_prefetch(bd + VEC_AHEAD_BD + 2);
		__builtin_prefetch(bd + VEC_AHEAD_BD + 4);
		__builtin_prefetch(bd + VEC_AHEAD_BD + 6);
		if (unlikely(!vec_eight(v, bd, sw, pkts)))
			break;
	}
#endif
	for (; i < groups; i++, bd += 4, sw += 4, pkts += 4) {
		__builtin_prefetch(bd + VEC_AHEAD_BD);
		__builtin_prefetch(bd + VEC_AHEAD_BD + 2);
		got = vec_four(v, bd, sw, pkts);
		if (unlikely(got != VEC_PLAIN)) {
			if (got == VEC_NONE)
				break;
			hns3_rx_fix(q, bd, pkts, 4);
		}
	}
	return i * 4;
}

static __rte_noinline uint16_t
vec_ready(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t done = 0, fast = 0, k, room, some = 4;
	bool end = false;
	struct vec v;

	vec_begin(q, &v);
	while (done < n) {
		if (likely((q->ring[q->next].w[3] & HNS3_RXW3_FE) && hns3_rx_between(q))) {
			room = RTE_MIN(q->nb_desc - q->next, q->nb_desc - q->hold);
			k = vec_groups(q, &v, pkts + done, RTE_MIN(n - done, room) / 4);
			fast += k;
			done += k;
			q->hold += k;
			q->next += k;
			if (q->next == q->nb_desc)
				q->next = 0;
			if (done == n)
				break;
		} else if (q->linear && hns3_rx_between(q)) {
			done += vec_frames(q, pkts + done, n - done);
			if (done == n)
				break;
			some = 1;
		}
		/* Fewer than four, or the end of the ring, or one of the four is special. */
		done += hns3_rx_some(q, pkts + done, n - done, some, &end);
		if (end)
			break;
	}
	q->stats.packets += fast;
	q->stats.bytes += vec_bytes(&v);
	if (q->hold >= q->batch)
		vec_refill(q);
	return done;
}

/* Nothing there. */
static __rte_always_inline uint16_t
vec_idle(struct hns3_rxq *q)
{
	/* Buffers that were not to be had may be there now. */
	if (unlikely(q->hold >= q->batch))
		vec_refill(q);
	return 0;
}

/* The usual case of an idle queue is found out first, and without a store. */
static __rte_always_inline uint16_t
vec_burst(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n)
{
	if (__atomic_load_n(&q->ring[q->next].w[3], __ATOMIC_RELAXED) &
			rte_cpu_to_le_64(HNS3_RXW3_VLD))
		return vec_ready(q, pkts, n);
	return vec_idle(q);
}

#endif /* HNS3_RX_VEC_H */
