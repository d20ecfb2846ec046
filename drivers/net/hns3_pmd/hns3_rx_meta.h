/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_RX_META_H
#define HNS3_RX_META_H

/*
 * From the words of a received BD to the fields of an mbuf.
 */

#include "hns3_compat.h"
#include "hns3_rxtx.h"

/** A packet with these is dropped. */
#define HNS3_RXW1_ERRORS (HNS3_RXW1_L2E | HNS3_RXW1_TRUNC)
/** A packet with one of these is not described by its L3 and L4 id alone. */
#define HNS3_RXW1_ODD (HNS3_RXW1_FRAG | 3ull << 13 | HNS3_RXW1_BAD_CSUM)
#define HNS3_RXW1_BAD_CSUM (HNS3_RXW1_L3E | HNS3_RXW1_L4E | HNS3_RXW1_OL3E | HNS3_RXW1_OL4E)
#define HNS3_RXW3_ODD (15ull << 8) /* a tunnel */

/** By L3 and L4 id, of a packet without a tunnel and without a fault: what is ORed into the
 * mbuf from rearm_data on. Its index is bits 11:4 of w[1].
 */
struct hns3_rx_type {
	uint64_t zero;
	uint64_t flags;
	uint32_t ptype;
	uint32_t zeros[3];
} __rte_aligned(32);
_Static_assert(sizeof(struct hns3_rx_type) == 32, "the index is made of a mask and a shift");
_Static_assert(offsetof(struct rte_mbuf, ol_flags) == offsetof(struct rte_mbuf, rearm_data) + 8 &&
	offsetof(struct rte_mbuf, packet_type) == offsetof(struct rte_mbuf, rearm_data) + 16 &&
	offsetof(struct rte_mbuf, pkt_len) == offsetof(struct rte_mbuf, rearm_data) + 20 &&
	offsetof(struct rte_mbuf, data_len) == offsetof(struct rte_mbuf, rearm_data) + 24 &&
	offsetof(struct rte_mbuf, vlan_tci) == offsetof(struct rte_mbuf, rearm_data) + 26 &&
	offsetof(struct rte_mbuf, hash) == offsetof(struct rte_mbuf, rearm_data) + 28,
	"what a received packet brings is not side by side in the mbuf");

/** [0]: no checksum is of interest, [1]: all are. */
extern struct hns3_rx_type hns3_rx_types[2][256];
/** Packet types of what is inside of a tunnel, and of the tunnel. */
extern uint32_t hns3_rx_inner[256];
extern const uint32_t hns3_rx_outer_l3[16];
extern const uint32_t hns3_rx_outer_l4[16];
/** What hardware can have checked, by L3 and L4 id: bit 1 the IP header, bit 0 L4. */
extern uint8_t hns3_rx_checked[256];
/** Flags by {L3 checked, L4 checked, L4 wrong, L3 wrong}; the other one is all zero. */
extern const uint64_t hns3_rx_csum_flags[16];
extern const uint64_t hns3_rx_csum_none[16];

/** Packet type of what the device has parsed. */
static inline uint32_t
hns3_rx_ptype(uint64_t w1, uint64_t w3)
{
	uint32_t tunnel = hns3_rx_outer_l4[HNS3_RXW3_OL4(w3)];

	if (likely(tunnel == 0))
		return hns3_rx_types[0][HNS3_RXW1_L3L4(w1)].ptype;
	return hns3_rx_inner[HNS3_RXW1_L3L4(w1)] | tunnel | hns3_rx_outer_l3[HNS3_RXW3_OL3(w3)];
}

/** Checksum flags of a packet, by one of the two tables.
 *
 * The hardware says L3L4P of packets whose checksums it has looked at, and may say so of
 * packets that have none, ICMP or fragments: those get no verdict on L4.
 */
static inline uint64_t
hns3_rx_csum(const uint64_t *table, uint64_t w1, uint64_t w3)
{
	unsigned int what;
	uint64_t flags;

	if ((w3 & HNS3_RXW3_L3L4P) == 0)
		return 0;
	what = hns3_rx_checked[HNS3_RXW1_L3L4(w1)];
	if (w1 & HNS3_RXW1_FRAG)
		what &= ~1u;
	flags = table[what << 2 | (w1 >> 17 & 3)];
	if (unlikely(w1 & (HNS3_RXW1_OL3E | HNS3_RXW1_OL4E)) && table[15] != 0) {
		if (w1 & HNS3_RXW1_OL3E)
			flags |= RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD;
		if (w1 & HNS3_RXW1_OL4E)
			flags |= RTE_MBUF_F_RX_OUTER_L4_CKSUM_BAD;
	}
	return flags;
}

/** All that a packet brings, but for its lengths. */
static inline void
hns3_rx_fill_meta(struct hns3_rxq *q, struct rte_mbuf *m, uint64_t w1, uint64_t w2, uint64_t w3)
{
	uint32_t hash = HNS3_RXW2_HASH(w2);
	uint64_t flags = q->ol_flags | hns3_rx_csum(q->csum, w1, w3);
	uint16_t tci = 0;

	m->packet_type = hns3_rx_ptype(w1, w3);
	m->hash.rss = hash;
	if (hash != 0)
		flags |= q->hash_flag;
	if (HNS3_RXW1_STRIP(w1) != HNS3_STRIP_NONE) {
		tci = HNS3_RXW1_STRIP(w1) == HNS3_STRIP_INNER ? HNS3_RXW2_VLAN(w2) :
			HNS3_RXW3_OVLAN(w3);
		flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	}
	m->vlan_tci = tci;
	m->ol_flags = flags;
	if (unlikely(w1 & HNS3_RXW1_BAD_CSUM)) {
		q->stats.l3_csum_errors += (w1 & HNS3_RXW1_L3E) != 0;
		q->stats.l4_csum_errors += (w1 & HNS3_RXW1_L4E) != 0;
		q->stats.ol3_csum_errors += (w1 & HNS3_RXW1_OL3E) != 0;
		q->stats.ol4_csum_errors += (w1 & HNS3_RXW1_OL4E) != 0;
	}
}

/** The same, faster if the packet has nothing special. */
static __rte_always_inline void
hns3_rx_fill_usual(struct hns3_rxq *q, struct rte_mbuf *m, uint64_t w1, uint64_t w2, uint64_t w3)
{
	const struct hns3_rx_type *t = &q->types[HNS3_RXW1_L3L4(w1)];
	uint32_t hash = HNS3_RXW2_HASH(w2);

	if (unlikely(((w1 & HNS3_RXW1_ODD) | (w3 & HNS3_RXW3_ODD) | (~w3 & q->need)) != 0)) {
		hns3_rx_fill_meta(q, m, w1, w2, w3);
		return;
	}
	m->packet_type = t->ptype;
	m->hash.rss = hash;
	m->vlan_tci = 0;
	m->ol_flags = q->ol_flags | t->flags | (hash != 0 ? q->hash_flag : 0);
}

#endif /* HNS3_RX_META_H */
