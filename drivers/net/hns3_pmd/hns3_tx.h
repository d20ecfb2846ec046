/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_TX_H
#define HNS3_TX_H

/*
 * What the ways to transmit share.
 *
 * Each BD has a software slot, and each block of HNS3_BATCH BDs a verdict: the pool that all
 * buffers of the block go back to as they are, or NULL, if one of them must be looked at
 * when it is freed. The verdict is made when a packet is sent, from the header that is read
 * then anyway; so that a block is freed without touching its mbufs. NULL is always right.
 * Page fragments are, if all of the block are of few pages, kept as spans, too: then not even
 * the slots are read. A block that is freed in parts goes by its slots.
 */

#include <rte_io.h>

#include "hns3_compat.h"
#include "hns3_rxtx.h"

/** What an offload puts into a BD. */
struct hns3_tx_words {
	uint64_t w1; /**< type, checksums and lengths, without the size */
	uint64_t w2; /**< outer tag and type */
	uint64_t w3; /**< payload length and MSS, without VLD and FE */
};

/** By bits 57:52 of ol_flags: the words of a packet that is not to be segmented. */
struct hns3_tx_template {
	uint64_t w1;
	uint64_t lens;  /**< those lengths in w[1] that are to be given */
	uint64_t w2;
	uint64_t tag;   /**< 0xffff: vlan_tci goes into w[2] */
};
extern struct hns3_tx_template hns3_tx_templates[64];
#define HNS3_TX_TEMPLATE_SHIFT 52
_Static_assert(RTE_MBUF_F_TX_L4_MASK >> HNS3_TX_TEMPLATE_SHIFT == 3 &&
	RTE_MBUF_F_TX_VLAN >> HNS3_TX_TEMPLATE_SHIFT == 32,
	"the flags of Tx offloads have moved");

/** Lengths of headers as w[1] has them, from tx_offload of an mbuf: l2_len in bits 6:0, l3_len
 * in 15:7, l4_len in 23:16; L2LEN, L3LEN, L4LEN in bytes 5, 6 and 7 of w[1], in units of 2, 4
 * and 4 bytes.
 */
static inline uint64_t
hns3_tx_lens(uint64_t tx_offload)
{
	return (tx_offload & 0xfe7e) << (32 + 7) | (tx_offload & 0xfc0000) << (32 + 6);
}

static inline void
hns3_tx_fill_words(struct hns3_tx_words *w, const struct rte_mbuf *m)
{
	const struct hns3_tx_template *t;

	t = &hns3_tx_templates[m->ol_flags >> HNS3_TX_TEMPLATE_SHIFT & 63];
	w->w1 = t->w1 | (hns3_tx_lens(m->tx_offload) & t->lens);
	w->w2 = t->w2 | (m->vlan_tci & t->tag);
	w->w3 = 0;
}

/** Flags of the offloads that there are. */
#define HNS3_TX_FLAGS (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG | \
	RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_VLAN)
/** Those that need more than a template. */
#define HNS3_TX_FLAGS_OTHER RTE_MBUF_F_TX_TCP_SEG
/** Most BDs of a packet that is to be segmented. */
#define HNS3_TX_TSO_BDS_MAX 63u

/** Is the packet longer than one segment? If not, it is sent as it is. */
static inline bool
hns3_tx_is_tso(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) && m->tso_segsz != 0 &&
		m->pkt_len > (uint32_t)m->l2_len + m->l3_len + m->l4_len + m->tso_segsz;
}

/** Can the hardware segment it? 0 or -EINVAL. */
int hns3_tx_tso_error(const struct rte_mbuf *m);
/** The words of a packet that is to be segmented. False: it cannot be. */
bool hns3_tx_fill_tso(struct hns3_tx_words *w, const struct rte_mbuf *m);

/* buf_len and pool of an mbuf are read in one: a pool's address has 48 bits. */
_Static_assert(offsetof(struct rte_mbuf, pool) == offsetof(struct rte_mbuf, buf_len) + 2,
	"buf_len and pool are not side by side");

static inline uint64_t
hns3_tx_own_of(const struct rte_mbuf *m)
{
	uint64_t v;

	memcpy(&v, &m->buf_len, sizeof(v));
	return v;
}

static inline uint64_t
hns3_tx_rearm_of(const struct rte_mbuf *m)
{
	uint64_t v;

	memcpy(&v, &m->rearm_data, sizeof(v));
	return v;
}

#if RTE_BYTE_ORDER != RTE_LITTLE_ENDIAN
#error "fields of mbufs are read together in little-endian order"
#endif

/** Can the buffer go back to the pool of the queue without a look at it, once it is sent?
 *
 * Nobody else has it (refcnt), it has nobody else's data and no more than its own (pool, buf_len,
 * not attached to another buffer), and the pool wants it as it is (nb_segs 1, by which next is
 * NULL). Of a fragment: no clone lives (its shared info, which is only read where the header says
 * that it has its own).
 */
static __rte_always_inline bool
hns3_tx_simple(const struct hns3_txq *q, const struct rte_mbuf *m, unsigned int kind)
{
	uint64_t x = hns3_tx_own_of(m) ^ q->own;

	if (kind == HNS3_TX_LOOK)
		return false;
	if (kind == HNS3_TX_TRUST || kind == HNS3_TX_TRUST_FRAG)
		return x == 0;
	x |= (hns3_tx_rearm_of(m) >> 16 ^ 0x10001) & 0xffffffff;
	if (kind == HNS3_TX_DIRECT) {
		x |= m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
		return x == 0;
	}
	x |= (m->ol_flags ^ RTE_MBUF_F_EXTERNAL) & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
	return x == 0 && m->shinfo->fcb_opaque == m && rte_mbuf_ext_refcnt_read(m->shinfo) == 1;
}

static __rte_always_inline bool
hns3_tx_is_frag(unsigned int kind)
{
	return kind == HNS3_TX_FRAG || kind == HNS3_TX_TRUST_FRAG;
}

/** Find out how buffers of a pool go back. */
void hns3_tx_learn(struct hns3_txq *q, const struct rte_mbuf *m);

/** The lines of the next block, which was last written a lap ago. */
static inline void
hns3_tx_block_ahead(struct hns3_txq *q)
{
	const uint32_t next = q->next + HNS3_BATCH < q->nb_desc ? q->next + HNS3_BATCH : 0;
	const char *ring = (const char *)&q->ring[next], *sw = (const char *)&q->sw[next];
	const char *block = (const char *)&q->block[next / HNS3_BATCH];
	unsigned int i;

	/* Each is an address and a constant: gcc would make as many indices first. */
	__asm__("" : "+r"(ring), "+r"(sw), "+r"(block));
#pragma GCC unroll 16
	for (i = 0; i < HNS3_BATCH * sizeof(*q->ring); i += RTE_CACHE_LINE_SIZE)
		hns3_prefetch_write(ring + i);
#pragma GCC unroll 4
	for (i = 0; i < HNS3_BATCH * sizeof(*q->sw); i += RTE_CACHE_LINE_SIZE)
		hns3_prefetch_write(sw + i);
	hns3_prefetch_write(block);
	hns3_prefetch_write(block + RTE_CACHE_LINE_SIZE);
}

/** Before a slot is written by a packet whose buffers would go back to q->mp. @p frags: these are
 * page fragments.
 */
static __rte_always_inline void
hns3_tx_block_enter_as(struct hns3_txq *q, bool frags)
{
	struct hns3_tx_block *b = &q->block[q->next / HNS3_BATCH];

	/* A block begins anew, unless the last lap's buffers are not all out of it. */
	if (q->next % HNS3_BATCH == 0 && (q->clean % HNS3_BATCH == 0 ||
			q->clean / HNS3_BATCH != q->next / HNS3_BATCH)) {
		hns3_tx_block_ahead(q);
		b->mp = q->mp;
		b->nb_spans = 0;
		b->spans = frags;
	} else if (b->mp != q->mp) {
		b->mp = NULL;
	}
}

/** The same, whatever they are. */
static inline void
hns3_tx_block_enter(struct hns3_txq *q)
{
	hns3_tx_block_enter_as(q, hns3_tx_is_frag(q->kind));
}

/** Mbufs of one segment enter a block as spans: how many of the first. */
static inline uint32_t
hns3_tx_collect(const struct hns3_txq *q, struct hns3_tx_block *b, struct rte_mbuf **m, uint32_t n)
{
	if (unlikely(b->mp == NULL || !b->spans))
		return 0;
	return rte_ppool_span_collect(q->pool, m, n, b->span, &b->nb_spans, HNS3_TX_SPANS);
}

/** How buffers go back that enter a block. */
static inline void
hns3_tx_settle(const struct hns3_txq *q, struct hns3_tx_block *b, struct rte_mbuf **m, uint32_t n,
		unsigned int kind)
{
	uint32_t i = 0;

	if (hns3_tx_is_frag(kind)) {
		i = hns3_tx_collect(q, b, m, n);
		if (likely(i == n))
			return;
		b->spans = false;
	}
	for (; i < n && b->mp != NULL; i++)
		if (!hns3_tx_simple(q, m[i], kind))
			b->mp = NULL;
}

static inline void
hns3_tx_doorbell(struct hns3_txq *q)
{
	if (q->pending != 0)
		/* The barrier in it orders the BDs before their announcement. */
		rte_write32(q->pending, q->tail);
	q->pending = 0;
}

/** There are not so many free BDs: are there, when what is done is freed? */
bool hns3_tx_make_room(struct hns3_txq *q, uint32_t n);

/** Make sure of so many free BDs. */
static inline bool
hns3_tx_have_bds(struct hns3_txq *q, uint32_t n)
{
	return likely(q->free >= n) || hns3_tx_make_room(q, n);
}

/** A packet of several segments, or of a length that needs thought. 1: it is on its way,
 * 0: there is no room now, -1: it can never be sent, and is freed.
 */
int hns3_tx_other(struct hns3_txq *q, struct rte_mbuf *m, uint32_t *sent);
/** Packets of several segments, until one is something else, or there is no room now. How many; those
 * that can never be sent are freed.
 */
uint32_t hns3_tx_chains(struct hns3_txq *q, struct rte_mbuf **pkts, uint32_t n);
/** Free whole blocks that are done: the last BD of the oldest is, see hns3_tx_block_done(). */
void hns3_tx_free_blocks(struct hns3_txq *q);

static inline bool
hns3_tx_bd_busy(const struct hns3_bd *bd)
{
	return (__atomic_load_n(&bd->w[3], __ATOMIC_RELAXED) & rte_cpu_to_le_64(HNS3_TXW3_VLD)) != 0;
}

/** Is the oldest block in use up to its end, and the last BD done? For all of it: one look in most
 * bursts.
 */
static inline bool
hns3_tx_block_done(const struct hns3_txq *q)
{
	uint32_t rest = HNS3_BATCH - q->clean % HNS3_BATCH;

	return q->nb_desc - 1u - q->free >= rest && !hns3_tx_bd_busy(&q->ring[q->clean + rest - 1]);
}

static inline void
hns3_tx_try_free(struct hns3_txq *q)
{
	if (hns3_tx_block_done(q))
		hns3_tx_free_blocks(q);
}

#endif /* HNS3_TX_H */
