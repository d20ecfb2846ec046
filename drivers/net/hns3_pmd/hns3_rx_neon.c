/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Receive by NEON.
 *
 * What orders what, as AArch64 orders nothing by itself:
 * - the load-acquire of the last VLD of four comes before all other loads of the four BDs and of
 *   their packets. The device writes BDs in order, each with its VLD and after its packet, so
 *   whoever sees the last VLD sees all that came before it;
 * - address and VLD of a new buffer may become visible in any order: the device reads neither
 *   before it is given the credit, and rte_write32() has a barrier before its store;
 * - a packet was read by the application, or sent, before its fragment came back: that is the
 *   page pool's release and acquire.
 */

#include <arm_neon.h>

#include "hns3_paths.h"
#include "hns3_rx_meta.h"

struct vec {
	const struct hns3_rx_type *types;
	uint64_t need;
	uint64_t hash_flag;
	uint64x2_t base;   /* rearm, flags of each packet */
	uint8x16_t fields; /* w[1], w[2] to packet type (as it is), lengths, VLAN (as it is), hash */
	uint32_t room;
	uint32x4_t sum;
};

#include "hns3_rx_vec.h"

static __rte_always_inline void
vec_begin(const struct hns3_rxq *q, struct vec *v)
{
	static const uint8_t fields[16] = { 255, 255, 255, 255, 4, 5, 255, 255, 6, 7, 255, 255,
		8, 9, 10, 11 };

	v->types = q->types;
	v->need = q->need;
	v->hash_flag = q->hash_flag;
	v->base = vcombine_u64(vcreate_u64(q->rearm), vcreate_u64(q->ol_flags | q->hash_flag));
	v->fields = vld1q_u8(fields);
	v->room = q->plain_max;
	v->sum = vdupq_n_u32(0);
}

static __rte_always_inline uint64_t
vec_bytes(const struct vec *v)
{
	return vaddlvq_u32(v->sum);
}

/* w[1] and w[2]: in 32-bit lanes flags, lengths, hash, VLAN. */
static __rte_always_inline uint32x4_t
middle_of(const struct hns3_bd *bd)
{
	return vld1q_u32((const uint32_t *)&bd->w[1]);
}

static __rte_always_inline void
mbuf_fill(const struct vec *v, struct rte_mbuf *m, uint32x4_t words, uint64_t w1)
{
	const struct hns3_rx_type *t = &v->types[HNS3_RXW1_L3L4(w1)];
	uint64_t *to = (uint64_t *)&m->rearm_data;
	uint64x2_t head;
	uint8x16_t tail;

	/* Or gcc folds the index into each of the two loads, and does not make one of them. */
	__asm__("" : "+r"(t));
	head = vld1q_u64((const uint64_t *)t);
	tail = vld1q_u8((const uint8_t *)t + 16);
	head = vorrq_u64(v->base, head);
	tail = vqtbx1q_u8(tail, vreinterpretq_u8_u32(words), v->fields);
	vst1q_u64(to, head);
	vst1q_u64(to + 2, vreinterpretq_u64_u8(tail));
}

static __rte_always_inline enum vec_got
vec_four(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	uint32x4_t x0, x1, x2, x3, lens, size, hash, differ;
	struct rte_mbuf *m0, *m1, *m2, *m3;
	struct vec_words w;
	uint64_t odd;

	if (!vec_words_read(bd, &w))
		return VEC_NONE;
	x0 = middle_of(&bd[0]);
	x1 = middle_of(&bd[1]);
	x2 = middle_of(&bd[2]);
	x3 = middle_of(&bd[3]);
	/* Of each the length of the packet, and above it what is in this BD: the same, and no more than
	 * the room. A difference is larger than any room, and so is 0 - 1.
	 */
	lens = vuzp1q_u32(vuzp2q_u32(x0, x1), vuzp2q_u32(x2, x3));
	size = vshrq_n_u32(lens, 16);
	differ = veorq_u32(lens, vreinterpretq_u32_u16(vrev32q_u16(vreinterpretq_u16_u32(lens))));
	if (unlikely(vmaxvq_u32(vorrq_u32(differ, vsubq_u32(size, vdupq_n_u32(1)))) >= v->room))
		return VEC_NONE;
	v->sum = vaddq_u32(v->sum, size);

	vec_ahead(sw);
	m0 = sw[0];
	m1 = sw[1];
	m2 = sw[2];
	m3 = sw[3];
	/* Through general registers, where they are needed next, and not a second time by vectors. */
	__asm__("" : "+r"(m0), "+r"(m1), "+r"(m2), "+r"(m3));
	pkts[0] = m0;
	pkts[1] = m1;
	pkts[2] = m2;
	pkts[3] = m3;
	mbuf_fill(v, m0, x0, w.a[0]);
	mbuf_fill(v, m1, x1, w.a[1]);
	mbuf_fill(v, m2, x2, w.a[2]);
	mbuf_fill(v, m3, x3, w.a[3]);

	odd = vec_words_odd(&w, v->need);
	if (v->hash_flag != 0) {
		hash = vuzp2q_u32(vuzp1q_u32(x0, x1), vuzp1q_u32(x2, x3));
		odd |= vminvq_u32(hash) == 0;
	}
	return unlikely(odd != 0) ? VEC_ODD : VEC_PLAIN;
}

static __rte_always_inline void
bd_post(struct hns3_bd *bd, uint64x2_t first)
{
	vst1q_u64(&bd->w[0], first);
	vst1q_u64(&bd->w[2], vdupq_n_u64(0));
}

static __rte_always_inline void
vec_post(struct hns3_bd *bd, struct rte_mbuf **sw, uint64_t iova, struct rte_mbuf *m, uint32_t n,
		const struct hns3_rxq *q)
{
	const uint64x2_t frag = { q->frag_size, 0 }, two = vdupq_n_u64(2 * q->mbuf_stride);
	uint64x2_t first = { iova, 0 }, pair = { (uintptr_t)m, (uintptr_t)m + q->mbuf_stride };

	for (; n >= 4; n -= 4, bd += 4, sw += 4) {
		bd_post(&bd[0], first);
		first = vaddq_u64(first, frag);
		bd_post(&bd[1], first);
		first = vaddq_u64(first, frag);
		bd_post(&bd[2], first);
		first = vaddq_u64(first, frag);
		bd_post(&bd[3], first);
		first = vaddq_u64(first, frag);
		vst1q_u64((uint64_t *)sw, pair);
		pair = vaddq_u64(pair, two);
		vst1q_u64((uint64_t *)sw + 2, pair);
		pair = vaddq_u64(pair, two);
	}
	for (m = (struct rte_mbuf *)vgetq_lane_u64(pair, 0); n > 0; n--) {
		bd_post(bd++, first);
		first = vaddq_u64(first, frag);
		*sw++ = m;
		m = RTE_PTR_ADD(m, q->mbuf_stride);
	}
}

uint16_t
hns3_rx_burst_neon(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return vec_burst(queue, pkts, n);
}
