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
	const struct hns3_rxq *q;
	bool hash;
	uint64x2_t w1_mask, w3_want, w3_mask; /* how w[1] and w[3] are looked at */
	uint16x8_t one, room;
	uint8x16_t fields; /* w[1], w[2] to packet type (as it is), lengths, VLAN (as it is), hash */
	/* Of the packet type that was seen last. */
	uint64x2_t w1_want; /* its L3 and L4 id; no error, and nothing odd */
	uint64x2_t head;    /* of an mbuf, from rearm_data on, */
	uint8x16_t tail;    /* and the rest of what a packet brings */
	uint32x4_t sum;     /* of the lengths, each counted twice */
};

#include "hns3_rx_vec.h"

#define TYPE_BITS 0xff0u

/* Packets of this type are expected: most have that of the one before. */
static __rte_always_inline void
vec_expect(struct vec *v, uint64_t w1)
{
	const struct hns3_rx_type *t = &v->q->types[HNS3_RXW1_L3L4(w1)];
	const struct hns3_rxq *q = v->q;

	v->w1_want = vdupq_n_u64(w1 & TYPE_BITS);
	v->head = vcombine_u64(vcreate_u64(q->rearm),
		vcreate_u64(q->ol_flags | q->hash_flag | t->flags));
	v->tail = vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(t->ptype), vcreate_u64(0)));
}

static __rte_always_inline void
vec_begin(const struct hns3_rxq *q, struct vec *v)
{
	static const uint8_t fields[16] = { 255, 255, 255, 255, 4, 5, 255, 255, 6, 7, 255, 255,
		8, 9, 10, 11 };
	const uint64_t all = HNS3_RXW3_VLD | HNS3_RXW3_FE | q->need;

	v->q = q;
	v->hash = q->hash_flag != 0;
	v->w1_mask = vdupq_n_u64(TYPE_BITS | HNS3_RXW1_ERRORS | HNS3_RXW1_ODD);
	v->w3_want = vdupq_n_u64(all);
	v->w3_mask = vdupq_n_u64(all | HNS3_RXW3_ODD);
	v->one = vdupq_n_u16(1);
	v->room = vdupq_n_u16(q->plain_max);
	v->fields = vld1q_u8(fields);
	v->sum = vdupq_n_u32(0);
	vec_expect(v, q->ring[q->next].w[1]);
}

static __rte_always_inline uint64_t
vec_bytes(const struct vec *v)
{
	return vaddlvq_u32(v->sum) / 2;
}

/* A packet, from w[1] and w[2]. */
static __rte_always_inline void
mbuf_fill(const struct vec *v, struct rte_mbuf *m, uint64x2_t words)
{
	uint64_t *to = (uint64_t *)&m->rearm_data;

	vst1q_u64(to, v->head);
	vst1q_u64(to + 2, vreinterpretq_u64_u8(vqtbx1q_u8(v->tail, vreinterpretq_u8_u64(words),
			v->fields)));
}

/* The same, of whatever type. */
static __rte_always_inline void
mbuf_fill_type(struct vec *v, struct rte_mbuf *m, uint64x2_t words)
{
	vec_expect(v, vgetq_lane_u64(words, 0));
	mbuf_fill(v, m, words);
}

/* Four packets that are not all plain. What they have of bytes, or 0, if one of them is not whole, or
 * has an error.
 */
static __rte_noinline uint32_t
four_odd(const struct hns3_rxq *q, const struct hns3_bd *bd, struct rte_mbuf **sw,
		struct rte_mbuf **pkts)
{
	uint32_t bytes = 0, size;
	struct vec_words w;
	unsigned int i;
	struct vec v;

	if (!vec_words_read(bd, &w))
		return 0;
	for (i = 0; i < 4; i++) {
		size = HNS3_RXW1_SIZE(w.a[i]);
		if (size - 1 >= q->plain_max || size != HNS3_RXW1_PKTLEN(w.a[i]))
			return 0;
		bytes += size;
	}
	vec_begin(q, &v);
	for (i = 0; i < 4; i++) {
		mbuf_fill(&v, sw[i], vcombine_u64(vcreate_u64(w.a[i]), vcreate_u64(0)));
		pkts[i] = sw[i];
	}
	return bytes;
}

static __rte_always_inline enum vec_got
vec_four(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	struct rte_mbuf *m0, *m1, *m2, *m3;
	uint64x2_t w1, w3, bad, odd;
	uint64x2x4_t a, b;
	uint16x8_t lens;
	uint32x4_t hash;
	uint32_t bytes;

	/* The device writes in order: the last of the four first. */
	(void)__atomic_load_n(&bd[3].w[3], __ATOMIC_ACQUIRE);
	a = vld4q_u64(bd[0].w);
	b = vld4q_u64(bd[2].w);
	w1 = vorrq_u64(veorq_u64(a.val[1], v->w1_want), veorq_u64(b.val[1], v->w1_want));
	w3 = vorrq_u64(veorq_u64(a.val[3], v->w3_want), veorq_u64(b.val[3], v->w3_want));
	bad = vandq_u64(w3, v->w3_mask);
	/* Of each the length of the packet, and what is in this BD: the same, not 0, and no more than
	 * the room.
	 */
	lens = vreinterpretq_u16_u32(vuzp2q_u32(vreinterpretq_u32_u64(a.val[1]),
			vreinterpretq_u32_u64(b.val[1])));
	bad = vorrq_u64(bad, vreinterpretq_u64_u16(veorq_u16(lens, vrev32q_u16(lens))));
	bad = vorrq_u64(bad, vreinterpretq_u64_u16(vcgeq_u16(vsubq_u16(lens, v->one), v->room)));
	if (v->hash) {
		hash = vuzp1q_u32(vreinterpretq_u32_u64(a.val[2]), vreinterpretq_u32_u64(b.val[2]));
		bad = vorrq_u64(bad, vreinterpretq_u64_u32(vceqzq_u32(hash)));
	}
	odd = vorrq_u64(bad, vandq_u64(w1, v->w1_mask));
	if (unlikely(vmaxvq_u32(vreinterpretq_u32_u64(odd)) != 0)) {
		odd = vbicq_u64(vandq_u64(w1, v->w1_mask), vdupq_n_u64(TYPE_BITS));
		odd = vorrq_u64(odd, bad);
		if (vmaxvq_u32(vreinterpretq_u32_u64(odd)) == 0) {
			mbuf_fill_type(v, pkts[0] = sw[0], vzip1q_u64(a.val[1], a.val[2]));
			mbuf_fill_type(v, pkts[1] = sw[1], vzip2q_u64(a.val[1], a.val[2]));
			mbuf_fill_type(v, pkts[2] = sw[2], vzip1q_u64(b.val[1], b.val[2]));
			mbuf_fill_type(v, pkts[3] = sw[3], vzip2q_u64(b.val[1], b.val[2]));
			v->sum = vpadalq_u16(v->sum, lens);
			vec_ahead(sw);
			return VEC_PLAIN;
		}
		bytes = four_odd(v->q, bd, sw, pkts);
		if (bytes == 0)
			return VEC_NONE;
		v->sum = vaddq_u32(v->sum, vsetq_lane_u32(2 * bytes, vdupq_n_u32(0), 0));
		return VEC_ODD;
	}
	v->sum = vpadalq_u16(v->sum, lens);

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
	mbuf_fill(v, m0, vzip1q_u64(a.val[1], a.val[2]));
	mbuf_fill(v, m1, vzip2q_u64(a.val[1], a.val[2]));
	mbuf_fill(v, m2, vzip1q_u64(b.val[1], b.val[2]));
	mbuf_fill(v, m3, vzip2q_u64(b.val[1], b.val[2]));
	return VEC_PLAIN;
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
