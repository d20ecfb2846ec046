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
	uint8x16_t fields; /* w[1], w[2] to packet type (0), lengths, VLAN (0), hash */
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

static __rte_always_inline uint32x4_t
fields_of(const struct vec *v, const struct hns3_bd *bd)
{
	return vreinterpretq_u32_u8(vqtbl1q_u8(vld1q_u8((const uint8_t *)&bd->w[1]), v->fields));
}

/* The low or high halves of two. */
static __rte_always_inline uint32x4_t
low(uint32x4_t a, uint32x4_t b)
{
	return vreinterpretq_u32_u64(vzip1q_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
}

static __rte_always_inline uint32x4_t
high(uint32x4_t a, uint32x4_t b)
{
	return vreinterpretq_u32_u64(vzip2q_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
}

static __rte_always_inline void
mbuf_fill(const struct vec *v, struct rte_mbuf *m, uint32x4_t f, uint64_t w1)
{
	const void *t = (const char *)v->types + (w1 & 0xff0) * 2;
	uint64x2x2_t all;
	void *to = &m->rearm_data;

	all.val[0] = vorrq_u64(v->base, vld1q_u64(t));
	all.val[1] = vorrq_u64(vreinterpretq_u64_u32(f), vld1q_u64((const uint64_t *)t + 2));
	vst1q_u64(to, all.val[0]);
	vst1q_u64((uint64_t *)to + 2, all.val[1]);
}

static __rte_always_inline enum vec_got
vec_four(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	uint32x4_t f0, f1, f2, f3, pkt, size, hash, differ;
	struct vec_words w;
	uint64_t odd;

	if (!vec_words_read(bd, &w))
		return VEC_NONE;
	f0 = fields_of(v, &bd[0]);
	f1 = fields_of(v, &bd[1]);
	f2 = fields_of(v, &bd[2]);
	f3 = fields_of(v, &bd[3]);
	pkt = vuzp2q_u32(low(f0, f1), low(f2, f3));
	size = vuzp1q_u32(high(f0, f1), high(f2, f3));
	hash = vuzp2q_u32(high(f0, f1), high(f2, f3));
	/* A difference of lengths becomes larger than any room, and so does 0 - 1. */
	differ = vshlq_n_u32(veorq_u32(pkt, size), 16);
	if (unlikely(vmaxvq_u32(vorrq_u32(differ, vsubq_u32(size, vdupq_n_u32(1)))) >= v->room))
		return VEC_NONE;
	v->sum = vaddq_u32(v->sum, size);

	vec_ahead(sw);
	memcpy(pkts, sw, 4 * sizeof(*sw));
	mbuf_fill(v, sw[0], f0, w.a[0]);
	mbuf_fill(v, sw[1], f1, w.a[1]);
	mbuf_fill(v, sw[2], f2, w.a[2]);
	mbuf_fill(v, sw[3], f3, w.a[3]);

	odd = vec_words_odd(&w, v->need);
	if (v->hash_flag != 0)
		odd |= vminvq_u32(hash) == 0;
	return unlikely(odd != 0) ? VEC_ODD : VEC_PLAIN;
}

static __rte_always_inline void
vec_post(struct hns3_bd *bd, struct rte_mbuf **sw, uint64_t iova, struct rte_mbuf *m, uint32_t n,
		const struct hns3_rxq *q)
{
	uint32_t stride = q->mbuf_stride, frag = q->frag_size, i;

	for (i = 0; i < n; i++, bd++) {
		bd->w[0] = iova;
		bd->w[1] = 0;
		bd->w[2] = 0;
		bd->w[3] = 0;
		sw[i] = m;
		iova += frag;
		m = RTE_PTR_ADD(m, stride);
	}
}

uint16_t
hns3_rx_burst_neon(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return vec_burst(queue, pkts, n);
}
