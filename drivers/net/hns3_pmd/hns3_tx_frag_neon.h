/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_TX_FRAG_NEON_H
#define HNS3_TX_FRAG_NEON_H

/*
 * Transmit of page fragments by NEON: part of hns3_tx_frag.h.
 *
 * The first line of a header is loaded as four vectors, of which table look-ups pick what is to be
 * compared, and the length for the BD. Its address is that of the page, as the header was seen to
 * have the fragment that it stands for; data_off is the same as in the packet before. The shared
 * infos are loaded by structure: where they say that the mbufs are, the packets must be.
 */

#include <arm_neon.h>

_Static_assert(offsetof(struct rte_mbuf, buf_addr) == 0 && offsetof(struct rte_mbuf, buf_iova) == 8 &&
	offsetof(struct rte_mbuf, data_off) == 16 && offsetof(struct rte_mbuf, refcnt) == 18 &&
	offsetof(struct rte_mbuf, nb_segs) == 20 && offsetof(struct rte_mbuf, ol_flags) == 24 &&
	offsetof(struct rte_mbuf, data_len) == 40 && offsetof(struct rte_mbuf, buf_len) == 54,
	"bytes of the first line of an mbuf are picked by their number");
_Static_assert(sizeof(struct rte_mbuf_ext_shared_info) == 24 &&
	offsetof(struct rte_mbuf_ext_shared_info, fcb_opaque) == 8 &&
	offsetof(struct rte_mbuf_ext_shared_info, refcnt) == 16,
	"a shared info is loaded as three words");
_Static_assert((RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT) >> 56 << 56 ==
	(RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT), "one byte tells whose the buffer is");

/* Bytes of a line, as table look-ups pick them. */
static const struct {
	/* Of each of two mbufs: lower half of data_off, refcnt, nb_segs, highest byte of ol_flags, buf_len. */
	uint8_t first[16], second[16], mask[16];
	/* w[1] of a BD: data_len, and the upper half of data_off, which must be 0; w[0] is there. */
	uint8_t bd[16];
	uint64_t w3[2], one[2];
	uint32_t usual[4];
} frags_table __rte_cache_aligned = {
	.first = { 16, 18, 19, 20, 21, 31, 54, 55, 255, 255, 255, 255, 255, 255, 255, 255 },
	.second = { 255, 255, 255, 255, 255, 255, 255, 255, 16, 18, 19, 20, 21, 31, 54, 55 },
	.mask = { 255, 255, 255, 255, 255, 0x60, 255, 255, 255, 255, 255, 255, 255, 0x60, 255, 255 },
	.bd = { 255, 255, 255, 255, 255, 255, 255, 255, 17, 255, 40, 41, 255, 255, 255, 255 },
	.w3 = { 0, HNS3_TXW3_VLD | HNS3_TXW3_FE },
	.one = { 1, 1 },
#define USUAL (~(uint32_t)HNS3_TXW1(HNS3_TX_LEN_USUAL - 1))
	.usual = { USUAL, USUAL, USUAL, USUAL },
#undef USUAL
};

/* What stays the same, in registers. */
struct frags_const {
	uint8x16_t first, second, mask, bd, want;
	uint64x2_t step, two, one, w3;
	uint32x4_t least, usual;
};

/* How these bytes must be. */
static __rte_always_inline uint64_t
frags_look(uint16_t buf_len, uint8_t data_off)
{
	return (uint64_t)buf_len << 48 | RTE_MBUF_F_EXTERNAL >> 56 << 40 | 1ull << 24 | 1ull << 8 |
		data_off;
}

static __rte_always_inline uint8x16x4_t
line_of(const struct rte_mbuf *m)
{
	return vld1q_u8_x4((const uint8_t *)m);
}

/* In what two mbufs differ from what they must be: to be masked. */
static __rte_always_inline uint8x16_t
pair_differs(const struct frags_const *c, uint8x16x4_t a, uint8x16x4_t b)
{
	return veorq_u8(vqtbx4q_u8(vqtbl4q_u8(a, c->first), b, c->second), c->want);
}

/* In what the addresses of their buffers do. */
static __rte_always_inline uint64x2_t
addrs_differ(uint8x16x4_t a, uint8x16x4_t b, uint64x2_t want)
{
	return veorq_u64(vzip1q_u64(vreinterpretq_u64_u8(a.val[0]),
		vreinterpretq_u64_u8(b.val[0])), want);
}

static __rte_always_inline uint64x2_t
flags_differ(uint8x16x4_t a, uint8x16x4_t b, uint64x2_t want)
{
	return veorq_u64(vzip2q_u64(vreinterpretq_u64_u8(a.val[1]),
		vreinterpretq_u64_u8(b.val[1])), want);
}

static __rte_always_inline uint64x2_t
half_bd(const struct frags_const *c, uint64x2_t iova, uint8x16x4_t line)
{
	return vreinterpretq_u64_u8(vqtbx4q_u8(vreinterpretq_u8_u64(iova), line, c->bd));
}

static __rte_always_inline void
bd_store(struct hns3_bd *bd, uint64x2_t first, uint64x2_t second)
{
	vst1q_u64(&bd->w[0], first);
	vst1q_u64(&bd->w[2], second);
}

static __rte_always_inline void
frags_consts(struct frags_const *c, const struct rte_ppool_place *p, uint16_t data_off)
{
	const __typeof__(frags_table) *b = &frags_table;

	/* Or gcc makes them anew in each turn of the loop, each by an address of its own. */
	__asm__("" : "+r"(b));
	c->first = vld1q_u8(b->first);
	c->second = vld1q_u8(b->second);
	c->mask = vld1q_u8(b->mask);
	c->bd = vld1q_u8(b->bd);
	c->w3 = vld1q_u64(b->w3);
	c->one = vld1q_u64(b->one);
	c->usual = vld1q_u32(b->usual);
	c->want = vreinterpretq_u8_u64(vdupq_n_u64(frags_look(p->buf_len, data_off)));
	c->step = vsetq_lane_u64(p->frag_size, vdupq_n_u64(0), 0);
	c->two = vdupq_n_u64(2 * p->frag_size);
	c->least = vdupq_n_u32(HNS3_TXW1(HNS3_TX_LEN_MIN));
	__asm__("" : "+w"(c->least));
}

/* Groups of four from this one of the place on, until one is not as it must be, or not of the usual
 * lengths; all of them ask for the offload that was asked for last, if they may ask. How many packets.
 */
static __rte_always_inline uint32_t
frags_run(const struct rte_ppool_place *p, uint32_t used, uint16_t data_off, struct hns3_bd *bd,
		struct rte_mbuf **sw, struct rte_mbuf **pkts, uint32_t groups,
		const struct said *off, uint64_t *bytes)
{
	struct rte_mbuf **const from = pkts, **const end = pkts + 4 * groups;
	const uint64_t *shinfo = (const uint64_t *)(p->shinfo + used);
	uint64x2_t flags = vdupq_n_u64(0), w1 = vdupq_n_u64(0), sum = vdupq_n_u64(0);
	uint64x2_t addr, iova, differ, b0, b1, b2, b3;
	struct rte_mbuf *m0, *m1, *m2, *m3;
	uint64_t at = (uint64_t)used * p->frag_size;
	uint8x16x4_t l0, l1, l2, l3;
	uint64x2x3_t s01, s23;
	uint64x2x2_t all;
	struct frags_const c;
	uint32x4_t lens;
	uint8x16_t look;

	frags_consts(&c, p, data_off);
	addr = (uint64x2_t){ p->buf_addr + at, p->buf_addr + at + p->frag_size };
	iova = vsetq_lane_u64(p->buf_iova + at + (uint8_t)data_off, vdupq_n_u64(0), 0);
	if (off != NULL) {
		flags = vdupq_n_u64(off->flags);
		w1 = vsetq_lane_u64(off->w1, w1, 1);
	}
	for (; pkts != end; bd += 4, sw += 4, pkts += 4) {
		all = vld1q_u64_x2((const uint64_t *)pkts);
		m0 = pkts[0];
		m1 = pkts[1];
		m2 = pkts[2];
		m3 = pkts[3];
		/* Slots that are not in use, whatever comes of it. */
		vst1q_u64((uint64_t *)sw, all.val[0]);
		vst1q_u64((uint64_t *)sw + 2, all.val[1]);
		/* The packets are where they must be, and have no clones: one count of 0 there
		 * cannot be, as these are held.
		 */
		s01 = vld3q_u64(shinfo);
		shinfo += 6;
		__asm__("" : "+r"(shinfo));
		s23 = vld3q_u64(shinfo);
		shinfo += 6;
		differ = veorq_u64(all.val[0], s01.val[1]);
		differ = vorrq_u64(differ, veorq_u64(all.val[1], s23.val[1]));
		differ = vorrq_u64(differ, veorq_u64(vorrq_u64(s01.val[2], s23.val[2]), c.one));
		/* One after the other: gcc would begin with all, and run out of registers. */
		b0 = iova;
		b1 = vaddq_u64(b0, c.step);
		b2 = vaddq_u64(b1, c.step);
		b3 = vaddq_u64(b2, c.step);
		iova = vaddq_u64(b3, c.step);
		__asm__("" : "+w"(differ), "+r"(m0), "+r"(m1), "+r"(shinfo), "+w"(b0), "+w"(b1),
			"+w"(b2), "+w"(b3), "+w"(iova));
		l0 = line_of(m0);
		l1 = line_of(m1);
		look = pair_differs(&c, l0, l1);
		differ = vorrq_u64(differ, addrs_differ(l0, l1, addr));
		addr = vaddq_u64(addr, c.two);
		b0 = half_bd(&c, b0, l0);
		b1 = half_bd(&c, b1, l1);
		if (off != NULL)
			differ = vorrq_u64(differ, flags_differ(l0, l1, flags));
		__asm__("" : "+w"(differ), "+w"(look), "+w"(b0), "+w"(b1), "+r"(m2), "+r"(m3));
		l2 = line_of(m2);
		l3 = line_of(m3);
		look = vorrq_u8(look, pair_differs(&c, l2, l3));
		differ = vorrq_u64(differ, addrs_differ(l2, l3, addr));
		addr = vaddq_u64(addr, c.two);
		b2 = half_bd(&c, b2, l2);
		b3 = half_bd(&c, b3, l3);
		if (off != NULL) {
			differ = vorrq_u64(differ, flags_differ(l2, l3, flags));
			if (unlikely(m0->tx_offload != off->lens || m1->tx_offload != off->lens ||
					m2->tx_offload != off->lens ||
					m3->tx_offload != off->lens))
				break;
		}
		differ = vorrq_u64(differ, vreinterpretq_u64_u8(vandq_u8(look, c.mask)));
		lens = vuzp1q_u32(vreinterpretq_u32_u64(vzip2q_u64(b0, b1)),
			vreinterpretq_u32_u64(vzip2q_u64(b2, b3)));
		differ = vorrq_u64(differ, vreinterpretq_u64_u32(vandq_u32(vsubq_u32(lens, c.least),
			c.usual)));
		if (unlikely(vmaxvq_u32(vreinterpretq_u32_u64(differ)) != 0))
			break;
		sum = vpadalq_u32(sum, lens);
		if (off != NULL) {
			b0 = vorrq_u64(b0, w1);
			b1 = vorrq_u64(b1, w1);
			b2 = vorrq_u64(b2, w1);
			b3 = vorrq_u64(b3, w1);
		}
		bd_store(&bd[0], b0, c.w3);
		bd_store(&bd[1], b1, c.w3);
		bd_store(&bd[2], b2, c.w3);
		bd_store(&bd[3], b3, c.w3);
	}
	*bytes += vaddvq_u64(sum) >> 16;
	return pkts - from;
}

/* Four that are not all alike. */
static __rte_noinline bool
frags_four_slow(const struct rte_ppool_place *p, uint32_t used, struct hns3_bd *bd,
		struct rte_mbuf **sw, struct rte_mbuf **pkts, struct said *off, uint64_t *bytes)
{
	struct frags f;

	frags_begin(&f, off != NULL);
	frags_at(&f, p, used);
	return frags_four_any(bd, sw, pkts, &f, p, off, bytes);
}

/* Fours, until one of them is something else, or the page ends. How many packets. */
static __rte_always_inline uint32_t
frags_fours(struct hns3_txq *q, struct frags *f, struct hns3_bd *bd, struct rte_mbuf **sw,
		struct rte_mbuf **pkts, uint32_t n, struct said *off, uint64_t *bytes)
{
	uint32_t i = 0, k, used = 0, left = 0;
	struct rte_ppool_place *const p = &q->place;
	struct hns3_tx_words w;
	uint16_t data_off;

	RTE_SET_USED(f);
	data_off = pkts[0]->data_off;
	/* What the first one asks for, the others mostly ask for, too. */
	if (off != NULL && (pkts[0]->ol_flags & HNS3_TX_FLAGS_OTHER) == 0)
		say_again(off, pkts[0], &w);
	while (i + 4 <= n) {
		if (left < 4) {
			frags_flush(q, p, used);
			used = 0;
			left = rte_ppool_place_find(q->pool, pkts[i], p);
			if (unlikely(left < 4))
				break;
		}
		k = frags_run(p, used, data_off, &bd[i], &sw[i], &pkts[i], RTE_MIN(n - i, left) / 4,
			off, bytes);
		if (unlikely(k == 0)) {
			if (!frags_four_slow(p, used, &bd[i], &sw[i], &pkts[i], off, bytes))
				break;
			/* It may be only that their data stand elsewhere than before. */
			data_off = pkts[i + 3]->data_off;
			k = 4;
		}
		i += k;
		used += k;
		left -= k;
	}
	frags_flush(q, p, used);
	return i;
}

/* Of at most n mbufs of the place, which ask for no offload, the first that are as they must be. */
static __rte_always_inline uint32_t
frags_plain(const struct rte_ppool_place *p, struct hns3_bd *bd, struct rte_mbuf **sw,
		struct rte_mbuf **pkts, uint32_t n, uint64_t *bytes)
{
	struct frags f;
	uint32_t i = 0;

	if (likely(n >= 4))
		i = frags_run(p, 0, pkts[0]->data_off, bd, sw, pkts, n / 4, NULL, bytes);
	if (i == n)
		return n;
	frags_begin(&f, false);
	frags_at(&f, p, i);
	return frags_ones(p, &f, i, bd, sw, pkts, n, bytes);
}

#endif /* HNS3_TX_FRAG_NEON_H */
