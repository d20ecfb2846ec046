/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PPOOL_PERF_PATH_H
#define PPOOL_PERF_PATH_H

/*
 * The life of a packet, as a driver lives it: the steps that are measured.
 *
 * The rings are those of a NIC with descriptors of 32 bytes. Its answer is there as soon as a
 * buffer is posted: length, hash and type stand in the descriptor. All pools go
 * through the same steps; the two that differ, refill and free, exist twice:
 *
 *           mempool door (any pool)             native door (driver that knows page fragments)
 * refill    mempool get; IOVA from each mbuf    run of fragments; IOVA and mbuf by arithmetic
 * receive   the same: rearm, flags, length, type, hash
 * hold      IOVA and length to a descriptor
 *           mbuf to the software ring           fragments that nobody else has to spans, by
 *                                               rte_ppool_span_collect()
 * free      refcount check, mempool put         rte_ppool_span_put_bulk()
 */

#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>
#include <rte_ring.h>

#include "ppool_perf.h"

struct pp_desc {
	uint64_t w[4];
};

/* Done, length, type, hash: as the NIC would write them. */
#define PP_DONE    (UINT64_C(1) << 63)
#define PP_LEN     60u
#define PP_W1      ((uint64_t)PP_LEN)
#define PP_W2(i)   ((uint64_t)(i) * 0x9e3779b1u & 0xffffffffu)

/* Packets that are prefetched before they are looked at. */
#define PP_AHEAD   3u
#define PP_HEADERS_AHEAD 16u
/* As drivers have their loops. */
#define PP_UNROLL  _Pragma("GCC unroll 4")

/* Spans of a burst in the Tx ring; one that needs more keeps its mbufs. */
#define PP_SPANS   3u

/* How the buffers of a burst go back. */
struct pp_held {
	unsigned int n;    /* spans; 0: the mbufs are in the software ring */
	struct rte_ppool_span span[PP_SPANS];
};

struct pp_queue {
	struct pp_desc *ring;
	struct rte_mbuf **sw;
	struct pp_held *held;
	uint32_t mask;
	uint32_t next;     /* filled next */
	uint32_t clean;    /* oldest not yet free */
};

struct pp_path {
	struct pp_pool *pool;
	uint64_t rearm;
	uint64_t ol_flags;
	/* Of the core that receives. */
	struct pp_queue rx;    /* clean: received next */
	uint64_t sum;          /* of what was read in packets */
	/* Of the core that frees. */
	struct pp_queue tx __rte_cache_aligned;
	uint32_t hold;         /* packets that stay in the Tx ring */
	uint64_t freed;
};

/* Bursts start at multiples of PP_BURST, and the rings have a multiple of it, so that none wraps:
 * as the vector paths of drivers have it.
 */
static inline uint32_t
pp_at(const struct pp_queue *q, uint32_t position)
{
	return position & q->mask;
}

/* ---- refill */

static inline void
pp_post(struct pp_desc *d, uint64_t iova)
{
	__atomic_store_n(&d->w[0], iova, __ATOMIC_RELAXED);
	__atomic_store_n(&d->w[3], PP_DONE, __ATOMIC_RELEASE);
}

static inline bool
pp_refill_mempool(struct pp_path *p)
{
	uint32_t at = pp_at(&p->rx, p->rx.next), i;
	struct rte_mbuf **m = &p->rx.sw[at];
	struct pp_desc *d = &p->rx.ring[at];

	if (unlikely(rte_mempool_get_bulk(p->pool->mp, (void **)m, PP_BURST) != 0))
		return false;
	PP_UNROLL
	for (i = 0; i < PP_BURST; i++)
		rte_prefetch0(m[i]);
	PP_UNROLL
	for (i = 0; i < PP_BURST; i++)
		pp_post(&d[i], rte_mbuf_data_iova_default(m[i]));
	p->rx.next += PP_BURST;
	return true;
}

static inline bool
pp_refill_native(struct pp_path *p)
{
	uint32_t at = pp_at(&p->rx, p->rx.next), done = 0, i;
	const size_t stride = p->pool->mbuf_stride, frag = p->pool->frag_size;
	struct rte_mbuf **slot = &p->rx.sw[at], *m;
	struct pp_desc *d = &p->rx.ring[at];
	struct rte_ppool_run run;
	uint64_t iova;
	uint32_t n;

	while (done < PP_BURST) {
		n = rte_ppool_run_alloc(p->pool->owner, PP_BURST - done, &run);
		if (unlikely(n == 0))
			return false;
		m = run.mbuf;
		iova = run.iova + RTE_PKTMBUF_HEADROOM;
		PP_UNROLL
		for (i = 0; i < n; i++) {
			slot[i] = m;
			pp_post(&d[i], iova);
			m = RTE_PTR_ADD(m, stride);
			iova += frag;
		}
		slot += n;
		d += n;
		done += n;
	}
	p->rx.next += PP_BURST;
	return true;
}

/* ---- receive */

/* The line is going to be written: one transfer, if another core has it, instead of two. (DPDK's
 * own function for this is one for reading, unless the compiler is told of a newer CPU.)
 */
static inline void
pp_prefetch_write(const void *p)
{
#ifdef RTE_ARCH_X86
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1, 3);
#endif
}

typedef uint64_t __rte_may_alias pp_word;
/* Half of what a packet brings: two words that are written at once. */
typedef uint64_t pp_pair __attribute__((vector_size(16), may_alias));

_Static_assert(offsetof(struct rte_mbuf, ol_flags) == offsetof(struct rte_mbuf, rearm_data) + 8 &&
	offsetof(struct rte_mbuf, rearm_data) % 16 == 0 &&
	offsetof(struct rte_mbuf, packet_type) == offsetof(struct rte_mbuf, ol_flags) + 8 &&
	offsetof(struct rte_mbuf, pkt_len) == offsetof(struct rte_mbuf, packet_type) + 4 &&
	offsetof(struct rte_mbuf, data_len) == offsetof(struct rte_mbuf, pkt_len) + 4 &&
	offsetof(struct rte_mbuf, vlan_tci) == offsetof(struct rte_mbuf, data_len) + 2 &&
	offsetof(struct rte_mbuf, hash.rss) == offsetof(struct rte_mbuf, vlan_tci) + 2,
	"what is received is written in two pieces of 16 bytes");

static inline void
pp_receive(struct pp_path *p, struct rte_mbuf **pkts)
{
	uint32_t at = pp_at(&p->rx, p->rx.clean), i;
	struct rte_mbuf **sw = &p->rx.sw[at];
	const pp_pair rearm = { p->rearm, p->ol_flags };
	const uint64_t ptype = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP;
	struct pp_desc *d = &p->rx.ring[at];
	uint64_t w1, w2;

	PP_UNROLL
	for (i = 0; i < PP_BURST; i++, d++) {
		struct rte_mbuf *m = sw[i];

		if (unlikely((__atomic_load_n(&d->w[3], __ATOMIC_ACQUIRE) & PP_DONE) == 0))
			rte_panic("a descriptor was not filled\n");
		w1 = __atomic_load_n(&d->w[1], __ATOMIC_RELAXED);
		w2 = __atomic_load_n(&d->w[2], __ATOMIC_RELAXED);
		/* The slots behind the burst have mbufs, too, if the ring is full. */
		pp_prefetch_write(sw[i + PP_HEADERS_AHEAD]);
		*(pp_pair *)&m->rearm_data = rearm;
		/* Type and length; length of the segment, no VLAN, hash. */
		*(pp_pair *)&m->packet_type = (pp_pair){ ptype | w1 << 32,
			(w1 & UINT16_MAX) | w2 << 32 };
		pkts[i] = m;
	}
	p->rx.clean += PP_BURST;
}

/* What an application does that looks at headers: prefetch some ahead, read. */
static inline void
pp_read(struct pp_path *p, struct rte_mbuf **pkts)
{
	uint64_t sum = 0;
	uint32_t i;

	PP_UNROLL
	for (i = 0; i < PP_AHEAD; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	PP_UNROLL
	for (i = 0; i < PP_BURST - PP_AHEAD; i++) {
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i + PP_AHEAD], void *));
		sum += *rte_pktmbuf_mtod(pkts[i], const pp_word *);
	}
	for (; i < PP_BURST; i++)
		sum += *rte_pktmbuf_mtod(pkts[i], const pp_word *);
	p->sum += sum;
}

/* ---- hold in the Tx ring */

static inline void
pp_send(struct pp_path *p, struct rte_mbuf **pkts, bool native)
{
	uint32_t at = pp_at(&p->tx, p->tx.next), i;
	struct pp_held *held = &p->tx.held[at / PP_BURST];
	struct pp_desc *d = &p->tx.ring[at];

	held->n = 0;
	if (!native || rte_ppool_span_collect(p->pool->pool, pkts, PP_BURST, held->span,
			&held->n, PP_SPANS) != PP_BURST) {
		held->n = 0;
		memcpy(&p->tx.sw[at], pkts, PP_BURST * sizeof(*pkts));
	}
	PP_UNROLL
	for (i = 0; i < PP_BURST; i++, d++) {
		const struct rte_mbuf *m = pkts[i];

		__atomic_store_n(&d->w[0], rte_pktmbuf_iova(m), __ATOMIC_RELAXED);
		__atomic_store_n(&d->w[1], m->data_len, __ATOMIC_RELAXED);
		__atomic_store_n(&d->w[2], 0, __ATOMIC_RELAXED);
		/* The NIC has sent it when it is looked at next. */
		__atomic_store_n(&d->w[3], PP_DONE, __ATOMIC_RELEASE);
	}
	p->tx.next += PP_BURST;
}

/* ---- free */

/* The check of a reference. */
static inline void
pp_free_checked(struct pp_path *p, struct rte_mbuf **sw)
{
	struct rte_mbuf *free[PP_BURST], *m;
	uint32_t i, n = 0;

	PP_UNROLL
	for (i = 0; i < PP_BURST; i++) {
		m = rte_pktmbuf_prefree_seg(sw[i]);
		if (unlikely(m == NULL))
			continue;
		if (likely(m->pool == p->pool->mp))
			free[n++] = m;
		else
			rte_mempool_put(m->pool, m);
	}
	rte_mempool_put_bulk(p->pool->mp, (void **)free, n);
}

static inline void
pp_reclaim(struct pp_path *p, bool native)
{
	uint32_t at = pp_at(&p->tx, p->tx.clean), i;
	const struct pp_held *held = &p->tx.held[at / PP_BURST];
	const struct pp_desc *d = &p->tx.ring[at];
	uint64_t done = PP_DONE;

	PP_UNROLL
	for (i = 0; i < PP_BURST; i++)
		done &= __atomic_load_n(&d[i].w[3], __ATOMIC_RELAXED);
	if (unlikely(done == 0))
		rte_panic("a descriptor was not sent\n");
	if (native && likely(held->n != 0))
		rte_ppool_span_put_bulk(p->pool->pool, held->span, held->n);
	else
		pp_free_checked(p, &p->tx.sw[at]);
	p->tx.clean += PP_BURST;
	p->freed += PP_BURST;
}

/* ---- whole steps of each core */

static inline bool
pp_step_rx(struct pp_path *p, struct rte_mbuf **pkts, bool native, bool read)
{
	if (unlikely(!(native ? pp_refill_native(p) : pp_refill_mempool(p))))
		return false;
	pp_receive(p, pkts);
	if (read)
		pp_read(p, pkts);
	return true;
}

static inline void
pp_step_tx(struct pp_path *p, struct rte_mbuf **pkts, bool native)
{
	pp_send(p, pkts, native);
	while (p->tx.next - p->tx.clean >= p->hold + PP_BURST)
		pp_reclaim(p, native);
}

#endif /* PPOOL_PERF_PATH_H */
