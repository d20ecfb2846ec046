/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Receive, into page fragments or ordinary mbufs.
 *
 * Ring positions: [next, fill) are BDs with the device, nb_desc - hold of them; [fill, next)
 * are held. A BD that was consumed keeps its VLD until it gets a new buffer, so the scan
 * must not pass fill: it ends when everything is held.
 */

#include <errno.h>

#include <rte_atomic.h>
#include <rte_io.h>
#include <rte_prefetch.h>

#include "hns3_compat.h"
#include "hns3_log.h"
#include "hns3_rx_meta.h"

struct hns3_rx_type hns3_rx_types[2][256];
uint32_t hns3_rx_inner[256];
uint8_t hns3_rx_checked[256];

const uint32_t hns3_rx_outer_l3[16] = {
	[0] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4,
	[1] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6,
	[4] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT,
	[5] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT,
};
const uint32_t hns3_rx_outer_l4[16] = {
	[1] = RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_GRENAT,
	[2] = RTE_PTYPE_TUNNEL_NVGRE,
};

const uint64_t hns3_rx_csum_none[16];
#define IP_GOOD RTE_MBUF_F_RX_IP_CKSUM_GOOD
#define IP_BAD  RTE_MBUF_F_RX_IP_CKSUM_BAD
#define L4_GOOD RTE_MBUF_F_RX_L4_CKSUM_GOOD
#define L4_BAD  RTE_MBUF_F_RX_L4_CKSUM_BAD
/* Index: bit 3 IP is of interest, 2 L4 is, 1 L4 is wrong, 0 IP is wrong. */
const uint64_t hns3_rx_csum_flags[16] = {
	[4] = L4_GOOD, [5] = L4_GOOD, [6] = L4_BAD, [7] = L4_BAD,
	[8] = IP_GOOD, [9] = IP_BAD, [10] = IP_GOOD, [11] = IP_BAD,
	[12] = IP_GOOD | L4_GOOD, [13] = IP_BAD | L4_GOOD,
	[14] = IP_GOOD | L4_BAD, [15] = IP_BAD | L4_BAD,
};

void
hns3_rx_tables_init(void)
{
	static const uint32_t l3[16] = {
		[0] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4,
		[1] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6,
		[2] = RTE_PTYPE_L2_ETHER_ARP,
		[4] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT,
		[5] = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT,
		[6] = RTE_PTYPE_L2_ETHER_LLDP,
	};
	static const uint32_t l4[16] = {
		[0] = RTE_PTYPE_L4_UDP, [1] = RTE_PTYPE_L4_TCP, [2] = RTE_PTYPE_TUNNEL_GRE,
		[3] = RTE_PTYPE_L4_SCTP, [4] = RTE_PTYPE_L4_IGMP, [5] = RTE_PTYPE_L4_ICMP,
	};
	static const uint32_t inner_l3[16] = {
		[0] = RTE_PTYPE_INNER_L2_ETHER | RTE_PTYPE_INNER_L3_IPV4,
		[1] = RTE_PTYPE_INNER_L2_ETHER | RTE_PTYPE_INNER_L3_IPV6,
		[4] = RTE_PTYPE_INNER_L2_ETHER | RTE_PTYPE_INNER_L3_IPV4_EXT,
		[5] = RTE_PTYPE_INNER_L2_ETHER | RTE_PTYPE_INNER_L3_IPV6_EXT,
	};
	static const uint32_t inner_l4[16] = {
		[0] = RTE_PTYPE_INNER_L4_UDP, [1] = RTE_PTYPE_INNER_L4_TCP,
		[3] = RTE_PTYPE_INNER_L4_SCTP, [5] = RTE_PTYPE_INNER_L4_ICMP,
	};
	unsigned int i, a, b;
	bool v4, v6;

	for (i = 0; i < 256; i++) {
		a = i & 0xf;
		b = i >> 4;
		v4 = a == 0 || a == 4;
		v6 = a == 1 || a == 5;
		/* The L4 id means something only behind an IP header: 0 is UDP. */
		hns3_rx_types[0][i].ptype = l3[a] | (v4 || v6 ? l4[b] : 0);
		hns3_rx_inner[i] = inner_l3[a] | (v4 || v6 ? inner_l4[b] : 0);
		hns3_rx_checked[i] = v4 ? 2 : 0;
		if ((v4 || v6) && (b == 0 || b == 1 || b == 3))
			hns3_rx_checked[i] |= 1;
		hns3_rx_types[1][i].ptype = hns3_rx_types[0][i].ptype;
		hns3_rx_types[1][i].flags = hns3_rx_csum_flags[hns3_rx_checked[i] << 2];
	}
}

void
hns3_rx_prepare(struct hns3_rxq *q)
{
	const uint64_t csum = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM |
		RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
	bool on = (q->offloads & csum) != 0;

	q->rearm = hns3_mbuf_rearm_word(RTE_PKTMBUF_HEADROOM, q->port);
	/* The header of a fragment does not stand in front of it: an external buffer. */
	q->ol_flags = q->owner != NULL ? RTE_MBUF_F_EXTERNAL : 0;
	q->hash_flag = q->offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH ? RTE_MBUF_F_RX_RSS_HASH : 0;
	q->csum = on ? hns3_rx_csum_flags : hns3_rx_csum_none;
	q->types = hns3_rx_types[on];
	q->need = on ? HNS3_RXW3_L3L4P : 0;
}

/*
 * The device writes at most BD_LEN bytes into a buffer, so BD_LEN must fit behind the
 * headroom. One exception: fragments of exactly 2048 bytes are neighbours, and a frame that
 * is no longer than what is behind the headroom never fills a BD_LEN of 2048. The MAC cuts
 * longer frames, so that none arrives. Without it each frame over 1024 bytes would take two.
 */
uint16_t
hns3_rx_bd_len(bool native, uint16_t room, uint16_t headroom, uint16_t frame)
{
	static const uint16_t lens[] = { 4096, 2048, 1024, 512 };
	unsigned int i;

	if (room <= headroom)
		return 0;
	if (native && room == 2048 && frame <= room - headroom)
		return 2048;
	for (i = 0; i < RTE_DIM(lens); i++)
		if (lens[i] <= room - headroom)
			return lens[i];
	return 0;
}

/* Fragments of a page that a linear queue posts: not the last one. If all frames are of the longest sort,
 * as in a stream of data, none needs to go on in another page: not those either that are too few for
 * one more, unless that were more than an eighth of the page.
 */
static uint32_t
linear_frags(const struct hns3_rxq *q, uint32_t per_page, uint16_t frame)
{
	uint32_t k = (frame + q->room - 1) / q->room, n = (per_page - 1) / k * k;

	return per_page - n <= per_page / 8 ? n : per_page - 1;
}

/* Linear, or not; anew, if frames of this length leave out other fragments. 0, or no owner. */
static int
open_owner(struct hns3_rxq *q, bool linear, uint16_t frame)
{
	struct rte_ppool_owner *o;
	struct rte_ppool_info info;
	uint32_t frags;
	char name[32];

	if (rte_ppool_info_get(q->pool, &info) != 0)
		return -EINVAL;
	frags = info.frags_per_page;
	if (linear && frags >= 2)
		frags = linear_frags(q, frags, frame);
	if (linear == q->linear && (!linear || frags == q->page_frags))
		return 0;
	snprintf(name, sizeof(name), "port %u rxq %u", q->port, q->id);
	o = linear ? rte_ppool_owner_open_linear(q->pool, name, info.frags_per_page - frags) :
		rte_ppool_owner_open(q->pool, name);
	if (o == NULL)
		return -ENOMEM;
	rte_ppool_owner_close(q->owner);
	q->owner = o;
	q->linear = linear;
	q->page_frags = frags;
	/* Whole pages at a time: such are handed out at once, and need not be kept open. */
	q->batch = RTE_MIN(linear ? frags : HNS3_BATCH, q->nb_desc / 4u);
	return 0;
}

/* A frame that does not fit into one fragment can lie across several, if these are neighbours and
 * the device fills each up to where the next begins: behind a headroom it reaches as far into
 * the next one's.
 */
int
hns3_rx_set_frame(struct hns3_rxq *q, uint16_t frame)
{
	bool linear = q->owner != NULL && frame > q->room - RTE_PKTMBUF_HEADROOM &&
		q->frag_size == q->room && (q->room == 4096 || q->room == 2048 || q->room == 1024 ||
		q->room == 512);

	if ((linear || q->linear) && open_owner(q, linear, frame) != 0 && !linear)
		return -ENOMEM;
	if (q->linear) {
		q->bd_len = q->room;
		q->room_used = q->bd_len;
		q->plain_max = q->room - RTE_PKTMBUF_HEADROOM;
		return 0;
	}
	q->bd_len = hns3_rx_bd_len(q->owner != NULL, q->room, RTE_PKTMBUF_HEADROOM, frame);
	q->room_used = RTE_MIN(q->bd_len, q->room - RTE_PKTMBUF_HEADROOM);
	q->plain_max = q->room_used;
	return 0;
}

void
hns3_rx_put(struct hns3_rxq *q, struct rte_mbuf **m, unsigned int n)
{
	if (n == 0)
		return;
	if (q->pool != NULL)
		rte_ppool_put_bulk(q->pool, m, n);
	else
		rte_mempool_put_bulk(q->mp, (void **)m, n);
}

/* The BD is the device's as soon as VLD is 0 in it: last, and after the address. Release, as
 * on AArch64 two plain stores may become visible in the other order.
 */
static inline void
bd_post(struct hns3_bd *bd, uint64_t iova)
{
	__atomic_store_n(&bd->w[0], rte_cpu_to_le_64(iova), __ATOMIC_RELAXED);
	bd->w[1] = 0;
	bd->w[2] = 0;
	__atomic_store_n(&bd->w[3], 0, __ATOMIC_RELEASE);
}

/* Post neighbouring fragments: address and mbuf by arithmetic, no mbuf is touched. */
static uint32_t
post_run(struct hns3_rxq *q, uint32_t want)
{
	struct rte_ppool_run run;
	struct rte_mbuf *m;
	uint64_t iova;
	uint32_t i;

	/* Not beyond the end of the ring. */
	want = RTE_MIN(want, (uint32_t)q->nb_desc - q->fill);
	if (rte_ppool_run_alloc(q->owner, want, &run) == 0)
		return 0;
	m = run.mbuf;
	iova = run.iova + RTE_PKTMBUF_HEADROOM;
	for (i = 0; i < run.n; i++) {
		q->sw[q->fill + i] = m;
		bd_post(&q->ring[q->fill + i], iova);
		m = RTE_PTR_ADD(m, q->mbuf_stride);
		iova += q->frag_size;
	}
	q->fill += run.n;
	if (q->fill == q->nb_desc)
		q->fill = 0;
	return run.n;
}

static uint32_t
post_mbufs(struct hns3_rxq *q, uint32_t want)
{
	struct rte_mbuf *m[HNS3_BATCH];
	uint32_t i, n = RTE_MIN(want, HNS3_BATCH);

	/* A pool that has a few left still keeps the ring alive. */
	while (rte_mempool_get_bulk(q->mp, (void **)m, n) != 0) {
		n /= 2;
		if (n == 0)
			return 0;
	}
	for (i = 0; i < n; i++)
		rte_prefetch0(m[i]);
	for (i = 0; i < n; i++) {
		q->sw[q->fill] = m[i];
		bd_post(&q->ring[q->fill], rte_mbuf_data_iova_default(m[i]));
		if (++q->fill == q->nb_desc)
			q->fill = 0;
	}
	return n;
}

/* Give buffers to so many BDs, but for fewer than "least", or as many as can be had; returns how many
 * got one.
 */
static uint32_t
post(struct hns3_rxq *q, uint32_t want, uint32_t least)
{
	uint32_t n, done = 0;

	while (want - done >= least) {
		n = q->owner != NULL ? post_run(q, want - done) : post_mbufs(q, want - done);
		if (n == 0) {
			q->stats.nombuf++;
			break;
		}
		done += n;
	}
	return done;
}

void
hns3_rx_refill(struct hns3_rxq *q)
{
	uint32_t n = post(q, q->hold - q->hold % q->batch, hns3_rx_refill_least(q));

	if (n == 0)
		return;
	q->hold -= n;
	/* The barrier in it orders the BDs before the credit. */
	rte_write32(n, q->head);
}

/* Fill an empty ring; the device takes all BDs as free after a reset, without a doorbell. */
int
hns3_rx_fill(struct hns3_rxq *q)
{
	uint32_t n;

	memset(q->ring, 0, q->nb_desc * sizeof(*q->ring));
	q->next = 0;
	q->fill = 0;
	q->hold = q->nb_desc;
	memset(&q->frame, 0, sizeof(q->frame));
	n = post(q, q->nb_desc, 1);
	q->hold -= n;
	q->filled = true;
	if (n == q->nb_desc)
		return 0;
	HNS3_LOG(ERR, "port %u Rx queue %u: pool %s has only %u of the %u buffers of the ring",
		q->port, q->id, q->mp->name, n, q->nb_desc);
	hns3_rx_drain(q);
	return -ENOMEM;
}

/* Take all buffers out of a ring that the device no longer uses. */
void
hns3_rx_drain(struct hns3_rxq *q)
{
	uint32_t i, n;

	if (!q->filled)
		return;
	hns3_rx_frame_free(q);
	n = q->nb_desc - q->hold;
	for (i = 0; i < n; i++) {
		hns3_rx_put(q, &q->sw[q->next], 1);
		if (++q->next == q->nb_desc)
			q->next = 0;
	}
	q->hold = q->nb_desc;
	q->filled = false;
}

/* A BD, and the packet if it is one, or its end. */
static inline struct rte_mbuf *
take(struct hns3_rxq *q, struct rte_mbuf *m, uint16_t size, uint64_t w1, uint64_t w3)
{
	if (unlikely(size > q->room_used || size == 0 || q->frame.skip)) {
		hns3_rx_frame_drop(q, m, w3, size == 0 ? &q->stats.len_errors : &q->stats.bad_bds);
		return NULL;
	}
	if (unlikely((w3 & HNS3_RXW3_FE) == 0 || q->frame.first != NULL || q->frame.spill != 0 ||
			size > q->plain_max)) {
		m = hns3_rx_frame_add(q, m, size, w1, w3);
		if (m == NULL)
			return NULL;
	} else if (unlikely(HNS3_RXW1_PKTLEN(w1) != size)) {
		hns3_rx_frame_drop(q, m, w3, &q->stats.bad_bds);
		return NULL;
	} else {
		hns3_mbuf_rearm(m, q->rearm);
		m->data_len = size;
	}
	if (unlikely(w1 & HNS3_RXW1_ERRORS)) {
		q->frame.first = m;
		hns3_rx_frame_free(q);
		*(w1 & HNS3_RXW1_L2E ? &q->stats.l2_errors : &q->stats.len_errors) += 1;
		return NULL;
	}
	m->pkt_len = HNS3_RXW1_PKTLEN(w1);
	return m;
}

uint16_t
hns3_rx_some(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n, uint16_t max, bool *end)
{
	uint64_t w1, w2, w3, bytes = 0;
	struct rte_mbuf *m;
	struct hns3_bd *bd;
	uint16_t done = 0, many;

	*end = false;
	for (; done < n && max > 0; max--) {
		bd = &q->ring[q->next];
		/* The word with VLD first; acquire, so that the words and the packet, written
		 * before VLD, are read after it: AArch64 may read in any other order.
		 */
		w3 = rte_le_to_cpu_64(__atomic_load_n(&bd->w[3], __ATOMIC_ACQUIRE));
		if ((w3 & HNS3_RXW3_VLD) == 0 || q->hold == q->nb_desc) {
			*end = true;
			break;
		}
		if (unlikely(q->linear) && (w3 & HNS3_RXW3_FE) == 0 && q->frame.first == NULL &&
				!q->frame.skip) {
			many = hns3_rx_frame_many(q, pkts + done, n - done, &bytes);
			done += many;
			if (likely(many > 0))
				continue;
		}
		/* Each word is read once: what is checked is what is used. */
		w1 = rte_le_to_cpu_64(__atomic_load_n(&bd->w[1], __ATOMIC_RELAXED));
		w2 = rte_le_to_cpu_64(__atomic_load_n(&bd->w[2], __ATOMIC_RELAXED));
		m = q->sw[q->next];
		if (++q->next == q->nb_desc)
			q->next = 0;
		q->hold++;
		rte_prefetch0(q->sw[q->next + 2]);
		if ((q->next & 1) == 0)
			rte_prefetch0(bd + 8);
		m = take(q, m, HNS3_RXW1_SIZE(w1), w1, w3);
		if (m == NULL)
			continue;
		hns3_rx_fill_meta(q, m, w1, w2, w3);
		bytes += m->pkt_len;
		pkts[done++] = m;
	}
	q->stats.packets += done;
	q->stats.bytes += bytes;
	return done;
}

/* The words may have changed since they were looked at, if the device is not honest: nothing
 * here depends on what they were.
 */
void
hns3_rx_fix(struct hns3_rxq *q, const struct hns3_bd *bd, struct rte_mbuf **pkts, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++, bd++)
		hns3_rx_fill_meta(q, pkts[i], rte_le_to_cpu_64(__atomic_load_n(&bd->w[1],
				__ATOMIC_RELAXED)), rte_le_to_cpu_64(__atomic_load_n(&bd->w[2],
				__ATOMIC_RELAXED)), rte_le_to_cpu_64(__atomic_load_n(&bd->w[3],
				__ATOMIC_RELAXED)));
}

uint16_t
hns3_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct hns3_rxq *q = queue;
	uint16_t done = 0;
	bool end;

	if (__atomic_load_n(&q->ring[q->next].w[3], __ATOMIC_RELAXED) &
			rte_cpu_to_le_64(HNS3_RXW3_VLD))
		done = hns3_rx_some(q, pkts, n, UINT16_MAX, &end);
	if (q->hold >= q->batch)
		hns3_rx_refill(q);
	return done;
}
