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

struct vec_frame {
	struct vec v;
	uint8x16_t pick, pick_on;   /* of two BDs, and two more: size, VLD and FE of each */
	uint8x16_t full, full_mask; /* these, of BDs that are full */
	uint64x2_t want, mask;      /* w[1], w[3] of the last */
	uint8x16_t fields;          /* as those of v, but the mbuf has all of the packet */
	uint8x16_t words;           /* w[1], w[2] of the last */
	uint64_t w1;
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
	uint64_t all = HNS3_RXW3_VLD | HNS3_RXW3_FE | q->need;

	/* Or gcc makes the mask from the start, of two constants. */
	__asm__("" : "+r"(all));
	v->q = q;
	v->hash = q->hash_flag != 0;
	v->w1_mask = vdupq_n_u64(TYPE_BITS | HNS3_RXW1_ERRORS | HNS3_RXW1_ODD);
	v->w3_want = vdupq_n_u64(all);
	v->w3_mask = vdupq_n_u64(all | HNS3_RXW3_ODD);
	v->one = vdupq_n_u16(1);
	v->room = vdupq_n_u16(q->plain_max);
	v->fields = vld1q_u8(fields);
	v->sum = vdupq_n_u32(0);
	/* Or gcc loads them anew each time. */
	__asm__("" : "+w"(v->w1_mask), "+w"(v->w3_mask), "+w"(v->sum));
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

/* Four BDs. */
struct quad {
	uint64x2_t words[4]; /* w[1], w[2] of each */
	uint64x2_t w1, w3;   /* in what they differ from what is expected: to be masked */
	uint64x2_t bad;      /* lengths, and hashes */
	uint16x8_t lens;     /* of each BD that of the packet, and what is in the BD */
};

/* Two BDs, and on to the next. */
static __rte_always_inline uint64x2x4_t
two_read(const struct hns3_bd **bd)
{
	uint64x2x4_t w = vld4q_u64((*bd)->w);

	*bd += 2;
	__asm__("" : "+r"(*bd)); /* by the load itself */
	return w;
}

static __rte_always_inline void
quad_read(const struct vec *v, const struct hns3_bd **bd, struct quad *r)
{
	uint64x2x4_t a = two_read(bd), b = two_read(bd);
	uint16x8_t less;
	uint32x4_t hash;

	r->words[0] = vzip1q_u64(a.val[1], a.val[2]);
	r->words[1] = vzip2q_u64(a.val[1], a.val[2]);
	r->words[2] = vzip1q_u64(b.val[1], b.val[2]);
	r->words[3] = vzip2q_u64(b.val[1], b.val[2]);
	r->w1 = vorrq_u64(veorq_u64(a.val[1], v->w1_want), veorq_u64(b.val[1], v->w1_want));
	r->w3 = vorrq_u64(veorq_u64(a.val[3], v->w3_want), veorq_u64(b.val[3], v->w3_want));
	/* The same, not 0, and no more than the room. */
	r->lens = vreinterpretq_u16_u32(vuzp2q_u32(vreinterpretq_u32_u64(a.val[1]),
			vreinterpretq_u32_u64(b.val[1])));
	less = vsubq_u16(r->lens, v->one);
	r->bad = vreinterpretq_u64_u16(vorrq_u16(veorq_u16(r->lens, vrev32q_u16(r->lens)),
			vcgeq_u16(less, v->room)));
	if (v->hash) {
		hash = vuzp1q_u32(vreinterpretq_u32_u64(a.val[2]), vreinterpretq_u32_u64(b.val[2]));
		r->bad = vorrq_u64(r->bad, vreinterpretq_u64_u32(vceqzq_u32(hash)));
	}
}

static __rte_always_inline void
quad_take(struct vec *v, const struct quad *r, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	struct rte_mbuf *m0, *m1, *m2, *m3;

	v->sum = vpadalq_u16(v->sum, r->lens);
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
	mbuf_fill(v, m0, r->words[0]);
	mbuf_fill(v, m1, r->words[1]);
	mbuf_fill(v, m2, r->words[2]);
	mbuf_fill(v, m3, r->words[3]);
}

static __rte_always_inline bool
any_bit(uint64x2_t x)
{
	return vmaxvq_u32(vreinterpretq_u32_u64(x)) != 0;
}

static __rte_always_inline enum vec_got
vec_four(struct vec *v, const struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	const struct hns3_bd *at = bd;
	uint64x2_t odd, plain;
	uint32_t bytes, i;
	struct quad r;

	if (!vec_last_there(&bd[3]))
		return VEC_NONE;
	quad_read(v, &at, &r);
	r.bad = vorrq_u64(r.bad, vandq_u64(r.w3, v->w3_mask));
	odd = vandq_u64(r.w1, v->w1_mask);
	if (likely(!any_bit(vorrq_u64(r.bad, odd)))) {
		quad_take(v, &r, sw, pkts);
		return VEC_PLAIN;
	}
	/* Is it only that they are of other types? */
	plain = vbicq_u64(odd, vdupq_n_u64(TYPE_BITS));
	if (!any_bit(vorrq_u64(r.bad, plain))) {
		v->sum = vpadalq_u16(v->sum, r.lens);
		vec_ahead(sw);
		for (i = 0; i < 4; i++) {
			vec_expect(v, vgetq_lane_u64(r.words[i], 0));
			mbuf_fill(v, sw[i], r.words[i]);
			pkts[i] = sw[i];
		}
		return VEC_PLAIN;
	}
	bytes = four_odd(v->q, bd, sw, pkts);
	if (bytes == 0)
		return VEC_NONE;
	v->sum = vaddq_u32(v->sum, vsetq_lane_u32(2 * bytes, vdupq_n_u32(0), 0));
	return VEC_ODD;
}

static __rte_always_inline void
frame_expect(struct vec_frame *f, uint64_t w1)
{
	vec_expect(&f->v, w1);
	f->want = vzip1q_u64(f->v.w1_want, f->v.w3_want);
}

static __rte_always_inline void
vec_frame_begin(const struct hns3_rxq *q, struct vec_frame *f, uint32_t k)
{
	static const uint8_t pick[16] = { 14, 15, 28, 29, 46, 47, 60, 61, 255, 255, 255, 255, 255, 255,
		255, 255 };
	static const uint8_t fields[16] = { 255, 255, 255, 255, 4, 5, 255, 255, 4, 5, 255, 255,
		8, 9, 10, 11 };
	const uint32_t vld = HNS3_RXW3_VLD >> 32, fe = HNS3_RXW3_FE >> 32;
	const uint64_t all = (uint64_t)(vld | fe) << 16 | UINT16_MAX, both = all << 32 | all;

	vec_begin(q, &f->v);
	f->pick = vld1q_u8(pick);
	f->pick_on = vextq_u8(f->pick, f->pick, 8);
	f->full = vreinterpretq_u8_u32(vdupq_n_u32(vld << 16 | q->bd_len));
	f->full_mask = vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(k > 2 ? both : all),
			vcreate_u64(k > 4 ? both : k > 3 ? all : 0)));
	f->mask = vzip1q_u64(f->v.w1_mask, f->v.w3_mask);
	f->fields = vld1q_u8(fields);
	frame_expect(f, q->ring[q->next + k - 1].w[1]);
}

static __rte_always_inline uint8x16_t
four_picked(const struct vec_frame *f, const struct hns3_bd *bd)
{
	uint8x16x4_t a = vld1q_u8_x4((const uint8_t *)&bd[0]);
	uint8x16x4_t b = vld1q_u8_x4((const uint8_t *)&bd[2]);

	return vqtbx4q_u8(vqtbl4q_u8(a, f->pick), b, f->pick_on);
}

/* What n BDs have that are not full. */
static __rte_always_inline uint8x16_t
not_full(const struct vec_frame *f, const struct hns3_bd *bd, uint32_t n)
{
	const uint8_t *first = (const uint8_t *)bd;
	uint8x16_t any;
	uint32_t i;

	switch (n) {
	case 1:
		any = vqtbl2q_u8(vld1q_u8_x2(first), f->pick);
		break;
	case 2:
		any = vqtbl4q_u8(vld1q_u8_x4(first), f->pick);
		break;
	case 3:
		any = vqtbx2q_u8(vqtbl4q_u8(vld1q_u8_x4(first), f->pick),
			vld1q_u8_x2((const uint8_t *)&bd[2]), f->pick_on);
		break;
	default:
		/* Some of the last four may be looked at twice. */
		any = veorq_u8(four_picked(f, bd + n - 4), f->full);
		for (i = 0; i + 4 < n; i += 4)
			any = vorrq_u8(any, veorq_u8(four_picked(f, bd + i), f->full));
		return vandq_u8(any, f->full_mask);
	}
	return vandq_u8(veorq_u8(any, f->full), f->full_mask);
}

static __rte_always_inline bool
vec_frame_read(struct vec_frame *f, const struct hns3_bd *bd, uint32_t k)
{
	const struct hns3_bd *last = bd + k - 1;
	uint64x2_t a, b, any, odd;

	a = vld1q_u64(&last->w[0]);
	b = vld1q_u64(&last->w[2]);
	any = vreinterpretq_u64_u8(not_full(f, bd, k - 1));
	odd = vandq_u64(veorq_u64(vzip2q_u64(a, b), f->want), f->mask);
	f->words = vreinterpretq_u8_u64(vextq_u64(a, b, 1));
	f->w1 = vgetq_lane_u64(a, 1);
	if (likely(!any_bit(vorrq_u64(any, odd))))
		return true;
	/* Is it only that it is of another type? */
	if (any_bit(vorrq_u64(any, vbicq_u64(odd, vcombine_u64(vcreate_u64(TYPE_BITS),
				vcreate_u64(0))))))
		return false;
	frame_expect(f, f->w1);
	return true;
}

static __rte_always_inline void
vec_frame_fill(const struct vec_frame *f, struct rte_mbuf *m)
{
	uint64x2_t tail = vreinterpretq_u64_u8(vqtbx1q_u8(f->v.tail, f->words, f->fields));
	uint64_t *to = (uint64_t *)&m->rearm_data;

	vst1q_u64(to, f->v.head);
	vst1q_u64(to + 2, tail);
}

static __rte_always_inline void
bd_post(struct hns3_bd *bd, uint64x2_t first)
{
	vst1q_u64(&bd->w[0], first);
	vst1q_u64(&bd->w[2], vdupq_n_u64(0));
}

static __rte_always_inline uint64x2_t
two_post(struct hns3_bd *bd, uint64x2_t first, uint64x2_t frag)
{
	bd_post(&bd[0], first);
	first = vaddq_u64(first, frag);
	__asm__ volatile("" ::: "memory"); /* a store of a pair each */
	bd_post(&bd[1], first);
	__asm__ volatile("" ::: "memory");
	return vaddq_u64(first, frag);
}

static __rte_always_inline void
vec_post(struct hns3_bd *bd, struct rte_mbuf **sw, uint64_t iova, struct rte_mbuf *m, uint32_t n,
		const struct hns3_rxq *q)
{
	const uint64x2_t frag = { q->frag_size, 0 }, two = vdupq_n_u64(2 * q->mbuf_stride);
	uint64x2_t first = { iova, 0 }, pair = { (uintptr_t)m, (uintptr_t)m + q->mbuf_stride };
	struct hns3_bd *const end = bd + (n & ~7u);

	for (; bd != end; bd += 8, sw += 8) {
		first = two_post(&bd[0], first, frag);
		first = two_post(&bd[2], first, frag);
		first = two_post(&bd[4], first, frag);
		first = two_post(&bd[6], first, frag);
		vst1q_u64((uint64_t *)&sw[0], pair);
		pair = vaddq_u64(pair, two);
		vst1q_u64((uint64_t *)&sw[2], pair);
		pair = vaddq_u64(pair, two);
		vst1q_u64((uint64_t *)&sw[4], pair);
		pair = vaddq_u64(pair, two);
		vst1q_u64((uint64_t *)&sw[6], pair);
		pair = vaddq_u64(pair, two);
	}
	n &= 7;
	if (likely(n == 0))
		return;
	for (; n >= 2; n -= 2, bd += 2, sw += 2) {
		first = two_post(&bd[0], first, frag);
		vst1q_u64((uint64_t *)&sw[0], pair);
		pair = vaddq_u64(pair, two);
	}
	if (n > 0) {
		bd_post(bd, first);
		sw[0] = (struct rte_mbuf *)vgetq_lane_u64(pair, 0);
	}
}

/* Eight packets, or none if not all of them are plain, and of the type that is expected. @p bd is moved
 * on.
 */
static __rte_always_inline bool
eight(struct vec *v, const struct hns3_bd **bd, struct rte_mbuf **sw, struct rte_mbuf **pkts)
{
	struct quad r, s;
	uint64x2_t odd;

	if (unlikely(!vec_last_there(&(*bd)[7])))
		return false;
	quad_read(v, bd, &r);
	/* One after the other: gcc would begin with all, and run out of registers. */
	__asm__("" : "+r"(*bd) : "w"(r.w1), "w"(r.w3), "w"(r.bad), "w"(r.words[0]), "w"(r.words[1]),
		"w"(r.words[2]), "w"(r.words[3]));
	quad_read(v, bd, &s);
	odd = vorrq_u64(vandq_u64(vorrq_u64(r.w1, s.w1), v->w1_mask),
		vandq_u64(vorrq_u64(r.w3, s.w3), v->w3_mask));
	odd = vorrq_u64(odd, vorrq_u64(r.bad, s.bad));
	if (unlikely(any_bit(odd)))
		return false;
	quad_take(v, &r, sw, pkts);
	quad_take(v, &s, sw + 4, pkts + 4);
	return true;
}

/* The first of a burst: as long as all goes as usual. How many packets. */
static __rte_always_inline uint32_t
eights(struct hns3_rxq *q, struct rte_mbuf **pkts, uint32_t n, bool hash)
{
	struct rte_mbuf **sw = &q->sw[q->next], **const from = pkts, **const end = pkts + (n & ~7u);
	const struct hns3_bd *bd = &q->ring[q->next];
	uint32_t done;
	struct vec v;

	/* Up to the end of the ring, and of what is posted. */
	if (unlikely(!hns3_rx_between(q) || RTE_MAX(q->next, q->hold) + n > q->nb_desc))
		return 0;
	vec_begin(q, &v);
	v.hash = hash; /* known where this is compiled */
	for (; pkts != end; sw += 8, pkts += 8) {
		__builtin_prefetch(bd + VEC_AHEAD_BD);
		__builtin_prefetch(bd + VEC_AHEAD_BD + 2);
		__builtin_prefetch(bd + VEC_AHEAD_BD + 4);
		__builtin_prefetch(bd + VEC_AHEAD_BD + 6);
		if (unlikely(!eight(&v, &bd, sw, pkts)))
			break;
	}
	done = pkts - from;
	q->hold += done;
	q->next = q->next + done == q->nb_desc ? 0 : q->next + done;
	q->stats.packets += done;
	q->stats.bytes += vec_bytes(&v);
	return done;
}

uint16_t
hns3_rx_burst_neon(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct hns3_rxq *q = queue;
	uint32_t k = 0;
	uint64_t w3;

	w3 = __atomic_load_n(&q->ring[q->next].w[3], __ATOMIC_RELAXED);
	if (unlikely((w3 & HNS3_RXW3_VLD) == 0))
		return vec_idle(q);
	if (likely((w3 & HNS3_RXW3_FE) != 0))
		k = q->hash_flag != 0 ? eights(q, pkts, n, true) : eights(q, pkts, n, false);
	if (unlikely(k != n))
		return k + vec_burst(q, pkts + k, n - k);
	if (q->hold >= q->batch)
		vec_refill(q);
	return n;
}
