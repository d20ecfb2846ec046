/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_TX_VEC_H
#define HNS3_TX_VEC_H

/*
 * Transmit, block by block: within a block neither the ring's end nor the way the buffers go
 * back has to be thought of. Page fragments are handed to the page pool's library first, which
 * says how many of them can go back without a look. Then four packets at a time, if all four
 * are of one segment, of a common length, and can go back so; else one by one up to the end
 * of the block; and what is not a packet of one segment is left to the path in C.
 *
 * Vectors compare the headers. The words of a BD are made one by one: vectors would only move
 * them between registers. Compiled for each instruction set by the file that includes it.
 */

#include <rte_prefetch.h>

#include "hns3_tx.h"

typedef uint64_t vec2 __attribute__((vector_size(16), may_alias, aligned(16)));

/* How an mbuf must look: 16 bytes at rearm_data (with ol_flags) and the 16 that end with pool. */
struct want {
	vec2 rearm, rearm_mask;
	vec2 pool, pool_mask;
};

static __rte_always_inline struct want
want_of(const struct hns3_txq *q, unsigned int kind, bool off)
{
	const uint64_t attached = RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	uint64_t refs = 0xffffffff0000, flags = attached, other = off ? HNS3_TX_FLAGS_OTHER : 0;
	uint64_t len = 0xffffull << 48, pool = UINT64_MAX;

	if (kind == HNS3_TX_TRUST || kind == HNS3_TX_LOOK) {
		refs = 0xffff00000000; /* nb_segs only */
		flags = 0;
	}
	if (kind == HNS3_TX_LOOK)
		len = pool = 0;
	return (struct want){
		.rearm = { 0x000100010000, 0 },
		.rearm_mask = { refs, flags | other },
		.pool = { q->own << 48, q->own >> 16 },
		.pool_mask = { len, pool },
	};
}

static __rte_always_inline vec2
rearm_of(const struct rte_mbuf *m)
{
	return *(const vec2 *)((const char *)m + offsetof(struct rte_mbuf, rearm_data));
}

static __rte_always_inline vec2
pool_of(const struct rte_mbuf *m)
{
	return *(const vec2 *)((const char *)m + offsetof(struct rte_mbuf, pool) - 8);
}
_Static_assert(offsetof(struct rte_mbuf, rearm_data) % 16 == 0 &&
	offsetof(struct rte_mbuf, ol_flags) == offsetof(struct rte_mbuf, rearm_data) + 8 &&
	offsetof(struct rte_mbuf, pool) % 16 == 8, "fields of mbufs are read as vectors");

static __rte_always_inline bool
length_bad(uint32_t len)
{
	return len - HNS3_TX_LEN_MIN > HNS3_FRAME_MAX - HNS3_TX_LEN_MIN;
}

/* Lengths from the least on that need no second look. */
#define HNS3_TX_LEN_USUAL 8192u

/* The same of four: exact for the long ones only if they are not all of up to 8 KiB. */
static __rte_always_inline bool
lengths_bad(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	const uint32_t min = HNS3_TX_LEN_MIN;

	if (likely(((a - min) | (b - min) | (c - min) | (d - min)) <
			HNS3_TX_LEN_USUAL))
		return false;
	return length_bad(a) || length_bad(b) || length_bad(c) || length_bad(d);
}
_Static_assert(HNS3_FRAME_MAX - HNS3_TX_LEN_MIN >= HNS3_TX_LEN_USUAL - 1, "lengths that need no second look");

/* The last offload that was asked for, without a VLAN tag: most packets ask for what the one before
 * asked for.
 */
struct said {
	uint64_t flags, lens; /* ol_flags and tx_offload */
	uint64_t w1;
};

static __rte_always_inline void
say_again(struct said *s, const struct rte_mbuf *m, struct hns3_tx_words *w)
{
	if (likely((m->ol_flags == s->flags) & (m->tx_offload == s->lens))) {
		w->w1 = s->w1;
		return;
	}
	hns3_tx_fill_words(w, m);
	if (m->ol_flags & RTE_MBUF_F_TX_VLAN)
		return;
	s->flags = m->ol_flags;
	s->lens = m->tx_offload;
	s->w1 = w->w1;
}

/* VLD last, as in hns3_tx.c. Where stores are not ordered (AArch64), it is the barrier in front of
 * the doorbell that counts: the hardware fetches nothing before it.
 */
static __rte_always_inline void
bd_fill(struct hns3_bd *bd, const struct rte_mbuf *m, uint32_t len, struct said *off)
{
	struct hns3_tx_words w = { 0 };

	if (off != NULL)
		say_again(off, m, &w);
	bd->w[0] = rte_mbuf_data_iova(m);
#ifdef RTE_ARCH_X86_64
	rte_compiler_barrier(); /* or gcc puts the two into a vector first */
#endif
	bd->w[1] = HNS3_TXW1(len) | w.w1;
	rte_compiler_barrier();
#ifdef RTE_ARCH_ARM64
	bd->w[2] = w.w2; /* one store of a pair of registers */
	bd->w[3] = HNS3_TXW3_VLD | HNS3_TXW3_FE;
#else
	*(vec2 *)&bd->w[2] = (vec2){ w.w2, HNS3_TXW3_VLD | HNS3_TXW3_FE };
#endif
}

/* As a vector from where they stand; on AArch64 by pairs of the registers that they are in. */
static __rte_always_inline void
sw_fill(struct rte_mbuf **sw, struct rte_mbuf **pkts, struct rte_mbuf *a, struct rte_mbuf *b,
		struct rte_mbuf *c, struct rte_mbuf *d)
{
#ifdef RTE_ARCH_ARM64
	(void)pkts;
	sw[0] = a;
	sw[1] = b;
	sw[2] = c;
	sw[3] = d;
#else
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	memcpy(sw, pkts, 4 * sizeof(*sw));
#endif
}

/* Four that can go, unless one has a length that cannot be. */
static __rte_always_inline bool
four_send(struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts, struct rte_mbuf *a,
		struct rte_mbuf *b, struct rte_mbuf *c, struct rte_mbuf *d, struct said *off,
		uint64_t *bytes)
{
	const uint32_t la = a->data_len, lb = b->data_len, lc = c->data_len, ld = d->data_len;

	if (unlikely(lengths_bad(la, lb, lc, ld)))
		return false;
	*bytes += la + lb + lc + ld;
	sw_fill(sw, pkts, a, b, c, d);
	bd_fill(&bd[0], a, la, off);
	bd_fill(&bd[1], b, lb, off);
	bd_fill(&bd[2], c, lc, off);
	bd_fill(&bd[3], d, ld, off);
	return true;
}

#include "hns3_tx_frag.h"
#include "hns3_tx_known.h"

/* Four packets, or none if one of them is not as wanted. */
static __rte_always_inline bool
four(struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts, const struct want *want,
		struct said *off, uint64_t *bytes)
{
	struct rte_mbuf *a = pkts[0], *b = pkts[1], *c = pkts[2], *d = pkts[3];
	vec2 x, y;

	x = (rearm_of(a) ^ want->rearm) | (rearm_of(b) ^ want->rearm) |
		(rearm_of(c) ^ want->rearm) | (rearm_of(d) ^ want->rearm);
	y = (pool_of(a) ^ want->pool) | (pool_of(b) ^ want->pool) |
		(pool_of(c) ^ want->pool) | (pool_of(d) ^ want->pool);
	x = (x & want->rearm_mask) | (y & want->pool_mask);
	if (unlikely((x[0] | x[1]) != 0))
		return false;
	return four_send(bd, sw, pkts, a, b, c, d, off, bytes);
}

/* Packets of one segment, one by one, until one is something else. Those before @p known are in the
 * block's spans. How many.
 */
static __rte_always_inline uint32_t
singles(struct hns3_txq *q, struct hns3_bd *bd, struct rte_mbuf **sw, struct rte_mbuf **pkts,
		uint32_t n, uint32_t known, unsigned int kind, struct said *off, uint64_t *bytes)
{
	struct hns3_tx_block *b = &q->block[q->next / HNS3_BATCH];
	struct rte_mbuf *m;
	uint32_t i, len;

	for (i = 0; i < n; i++, sw++, bd++) {
		m = pkts[i];
		len = m->data_len;
		if (m->nb_segs != 1 || length_bad(len) || (off && (m->ol_flags & HNS3_TX_FLAGS_OTHER)))
			break;
		*bytes += len;
		*sw = m;
		bd_fill(bd, m, len, off);
		if (i >= known)
			hns3_tx_settle(q, b, &m, 1, kind);
	}
	/* What is in the spans leaves in another way, or not now. */
	if (unlikely(i < known))
		b->mp = NULL;
	return i;
}

/* Packets of one segment, until one is something else. How many; all of one block. */
static __rte_always_inline uint32_t
chunk(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n, unsigned int kind, bool off)
{
	const struct want want = want_of(q, kind, off);
	struct hns3_bd *bd = &q->ring[q->next];
	struct rte_mbuf **sw = &q->sw[q->next];
	struct said last = { 0 }, *said = off ? &last : NULL;
	uint64_t bytes = 0;
	uint32_t i = 0;

	for (; i + 4 <= n; i += 4)
		if (unlikely(!four(&bd[i], &sw[i], &pkts[i], &want, said, &bytes)))
			break;
	i += singles(q, &bd[i], &sw[i], &pkts[i], n - i, 0, kind, said, &bytes);
	q->stats.bytes += bytes;
	return i;
}

/* The same of page fragments. */
static __rte_always_inline uint32_t
chunk_frags(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n, unsigned int kind, bool off)
{
	struct hns3_tx_block *b = &q->block[q->next / HNS3_BATCH];
	struct hns3_bd *bd = &q->ring[q->next];
	struct rte_mbuf **sw = &q->sw[q->next];
	uint32_t i = 0, k, some, known;
	struct said last = { 0 }, *said = off ? &last : NULL;
	uint64_t bytes = 0;
	struct frags f;

	frags_begin(&f, off);
	while (i < n) {
		k = frags_fours(q, &f, &bd[i], &sw[i], &pkts[i], n - i, said, &bytes);
		i += k;
		if (i == n)
			break;
		/* The end of a page, or of the packets; or something else, and more of it. */
		some = k != 0 ? RTE_MIN(n - i, 4u) : n - i;
		known = hns3_tx_collect(q, b, &pkts[i], some);
		k = known_fill(&f, &bd[i], &sw[i], &pkts[i], known, said, &bytes);
		k += singles(q, &bd[i + k], &sw[i + k], &pkts[i + k], some - k, known - k, kind, said,
			&bytes);
		i += k;
		if (k < some)
			break;
	}
	q->stats.bytes += bytes;
	return i;
}

static __rte_noinline uint32_t
chunk_off(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	switch (q->kind) {
	case HNS3_TX_FRAG:
		return chunk_frags(q, pkts, n, HNS3_TX_FRAG, true);
	case HNS3_TX_DIRECT:
		return chunk(q, pkts, n, HNS3_TX_DIRECT, true);
	case HNS3_TX_TRUST:
		return chunk(q, pkts, n, HNS3_TX_TRUST, true);
	case HNS3_TX_TRUST_FRAG:
		return chunk_frags(q, pkts, n, HNS3_TX_TRUST_FRAG, true);
	default:
		return chunk(q, pkts, n, HNS3_TX_LOOK, true);
	}
}

static __rte_noinline uint32_t
chunk_plain(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	switch (q->kind) {
	case HNS3_TX_FRAG:
		return chunk_frags(q, pkts, n, HNS3_TX_FRAG, false);
	case HNS3_TX_DIRECT:
		return chunk(q, pkts, n, HNS3_TX_DIRECT, false);
	case HNS3_TX_TRUST:
		return chunk(q, pkts, n, HNS3_TX_TRUST, false);
	case HNS3_TX_TRUST_FRAG:
		return chunk_frags(q, pkts, n, HNS3_TX_TRUST_FRAG, false);
	default:
		return chunk(q, pkts, n, HNS3_TX_LOOK, false);
	}
}

/* A packet that is something else, and what follows of several segments. How many; 0: there is no
 * room now.
 */
static __rte_noinline uint32_t
others(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	uint32_t len;
	int r = hns3_tx_other(q, pkts[0], &len);

	if (r > 0) {
		q->stats.packets++;
		q->stats.bytes += len;
	}
	return r != 0 ? 1 + hns3_tx_chains(q, pkts + 1, n - 1) : 0;
}

/* What is not of the usual kind. */
static __rte_noinline uint16_t
any_send(struct hns3_txq *q, struct rte_mbuf **pkts, uint16_t n)
{
	uint32_t room, k, i = 0;

	q->ahead = NULL;
	while (i < n) {
		room = HNS3_BATCH - q->next % HNS3_BATCH;
		if (room == HNS3_BATCH && pkts[i]->pool != q->seen)
			hns3_tx_learn(q, pkts[i]);
		room = RTE_MIN(room, n - i);
		if (unlikely(room > q->free)) {
			if (q->free == 0 && !hns3_tx_have_bds(q, 1))
				goto full;
			room = RTE_MIN(room, (uint32_t)q->free);
		}
		hns3_tx_block_enter(q);
		k = q->off ? chunk_off(q, pkts + i, room) : chunk_plain(q, pkts + i, room);
		q->stats.packets += k;
		q->pending += k;
		q->free -= k;
		q->next += k;
		if (q->next == q->nb_desc)
			q->next = 0;
		i += k;
		if (unlikely(k < room)) {
			k = others(q, pkts + i, n - i);
			if (k == 0)
				goto full;
			i += k;
		}
	}
	hns3_tx_doorbell(q);
	return i;
full:
	q->stats.queue_full++;
	hns3_tx_doorbell(q);
	return i;
}

/* The usual kind: page fragments that need no thought, neighbours of one page, of a queue without
 * offloads. So many of the place, at most, and in one block, which has room for them. How many;
 * that they are to be announced is left to the caller. No function is called here: where calls save
 * vectors (AArch64), it is a function of its own, so that there is nothing to save.
 */
#ifdef RTE_ARCH_ARM64
static __rte_noinline uint32_t
#else
static __rte_always_inline uint32_t
#endif
usual_send(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	const uint32_t next = q->next;
	struct hns3_tx_block *b = &q->block[next / HNS3_BATCH];
	struct rte_ppool_place *p = &q->place;
	uint64_t bytes = 0, size;
	uint32_t k;

	hns3_tx_block_enter_as(q, true);
	k = frags_plain(p, &q->ring[next], &q->sw[next], pkts, n, &bytes);
	if (unlikely(k == 0))
		return 0;
	if (unlikely(!rte_ppool_span_add(b->span, &b->nb_spans, HNS3_TX_SPANS, p, k)))
		b->spans = false;
	q->ahead = NULL;
	if (k < p->n) {
		/* Most short bursts go on where the last one ended. */
		size = (uint64_t)k * p->frag_size;
		p->mbuf = RTE_PTR_ADD(p->mbuf, (size_t)k * p->mbuf_stride);
		p->shinfo += k;
		p->buf_addr += size;
		p->buf_iova += size;
		p->frag += k;
		p->n -= k;
		q->ahead = p->mbuf;
	}
	q->stats.packets += k;
	q->stats.bytes += bytes;
	q->free -= k;
	q->next = next + k == q->nb_desc ? 0 : next + k;
	return k;
}

/* Can this be a fragment of the usual kind? Then its place is found. */
static __rte_always_inline bool
usual_find(struct hns3_txq *q, const struct rte_mbuf *m)
{
	/* No run of fragments, which is longer. */
	return hns3_tx_own_of(m) == q->usual && m->nb_segs == 1 &&
		rte_ppool_place_find(q->pool, m, &q->place) != 0;
}

static __rte_always_inline uint16_t
vec_send(struct hns3_txq *q, struct rte_mbuf **pkts, uint16_t n)
{
	uint32_t left = n, k, most;

	hns3_tx_try_free(q);
	while (likely(left != 0)) {
		if (pkts[0] != q->ahead && unlikely(!usual_find(q, pkts[0])))
			break;
		most = HNS3_BATCH - q->next % HNS3_BATCH;
		most = RTE_MIN(most, left);
		most = RTE_MIN(most, q->place.n);
		if (unlikely(q->free < most))
			break;
		k = usual_send(q, pkts, most);
		left -= k;
		pkts += k;
		if (likely(left == 0)) {
			rte_write32(n, q->tail); /* as hns3_tx_doorbell() */
			return n;
		}
		if (unlikely(k != most))
			break;
	}
	q->pending = n - left;
	return n - left + any_send(q, pkts, left);
}

#endif /* HNS3_TX_VEC_H */
