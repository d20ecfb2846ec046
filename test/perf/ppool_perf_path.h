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
 * hold      IOVA and length to a descriptor, mbuf to the software ring; native also records the
 *           verdict, that nobody else has a reference, in the slot
 * free      refcount check, mempool put         verdict, rte_ppool_put_bulk()
 */

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
#define PP_W1      ((uint64_t)PP_LEN << 32 | PP_LEN)
#define PP_W2(i)   ((uint64_t)(i) * 0x9e3779b1u & 0xffffffffu)

/* In a slot of the Tx ring: own pool, one reference, no chain. */
#define PP_SINGLE  1u

struct pp_queue {
	struct pp_desc *ring;
	uintptr_t *sw;
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

/* ---- refill */

static inline void
pp_post(struct pp_queue *q, struct rte_mbuf *m, uint64_t iova)
{
	struct pp_desc *d = &q->ring[q->next & q->mask];

	q->sw[q->next++ & q->mask] = (uintptr_t)m;
	__atomic_store_n(&d->w[0], iova, __ATOMIC_RELAXED);
	__atomic_store_n(&d->w[3], PP_DONE, __ATOMIC_RELEASE);
}

static inline bool
pp_refill_mempool(struct pp_path *p)
{
	struct rte_mbuf *m[PP_BURST];
	uint32_t i;

	if (unlikely(rte_mempool_get_bulk(p->pool->mp, (void **)m, PP_BURST) != 0))
		return false;
	for (i = 0; i < PP_BURST; i++)
		rte_prefetch0(m[i]);
	for (i = 0; i < PP_BURST; i++)
		pp_post(&p->rx, m[i], rte_mbuf_data_iova_default(m[i]));
	return true;
}

static inline bool
pp_refill_native(struct pp_path *p)
{
	struct rte_ppool_run run;
	struct rte_mbuf *m;
	uint32_t done, i;
	uint64_t iova;

	for (done = 0; done < PP_BURST; done += run.n) {
		if (unlikely(rte_ppool_run_alloc(p->pool->owner, PP_BURST - done, &run) == 0))
			return false;
		m = run.mbuf;
		iova = run.iova + RTE_PKTMBUF_HEADROOM;
		for (i = 0; i < run.n; i++) {
			pp_post(&p->rx, m, iova);
			m = RTE_PTR_ADD(m, p->pool->mbuf_stride);
			iova += p->pool->frag_size;
		}
	}
	return true;
}

/* ---- receive */

typedef uint64_t __rte_may_alias pp_word;

static inline void
pp_receive(struct pp_path *p, struct rte_mbuf **pkts)
{
	struct pp_queue *q = &p->rx;
	uint64_t w1, w2;
	uint32_t i;

	for (i = 0; i < PP_BURST; i++) {
		struct pp_desc *d = &q->ring[q->clean & q->mask];
		struct rte_mbuf *m = (struct rte_mbuf *)q->sw[q->clean & q->mask];

		if (unlikely((__atomic_load_n(&d->w[3], __ATOMIC_ACQUIRE) & PP_DONE) == 0))
			rte_panic("a descriptor was not filled\n");
		w1 = __atomic_load_n(&d->w[1], __ATOMIC_RELAXED);
		w2 = __atomic_load_n(&d->w[2], __ATOMIC_RELAXED);
		q->clean++;
		rte_prefetch0((void *)q->sw[q->clean & q->mask]);
		*(pp_word *)&m->rearm_data = p->rearm;
		m->ol_flags = p->ol_flags;
		m->packet_type = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP;
		m->pkt_len = (uint32_t)w1;
		m->data_len = (uint16_t)(w1 >> 32);
		m->vlan_tci = 0;
		m->hash.rss = (uint32_t)w2;
		pkts[i] = m;
	}
}

/* What an application does that looks at headers: prefetch some ahead, read. */
#define PP_AHEAD 3u

static inline void
pp_read(struct pp_path *p, struct rte_mbuf **pkts)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < PP_AHEAD; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	for (i = 0; i < PP_BURST; i++) {
		if (i + PP_AHEAD < PP_BURST)
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + PP_AHEAD], void *));
		sum += *rte_pktmbuf_mtod(pkts[i], const pp_word *);
	}
	p->sum += sum;
}

/* ---- hold in the Tx ring */

/* Nobody else has a reference, and it goes back to the pool as it is. */
static inline bool
pp_single(const struct pp_path *p, struct rte_mbuf *m)
{
	return m->pool == p->pool->mp && rte_mbuf_refcnt_read(m) == 1 && m->nb_segs == 1 &&
		(m->ol_flags & (RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT)) ==
		RTE_MBUF_F_EXTERNAL && rte_mbuf_ext_refcnt_read(m->shinfo) == 1;
}

static inline void
pp_send(struct pp_path *p, struct rte_mbuf **pkts, uint32_t n, bool native)
{
	struct pp_queue *q = &p->tx;
	uint32_t i;

	for (i = 0; i < n; i++) {
		struct pp_desc *d = &q->ring[q->next & q->mask];
		struct rte_mbuf *m = pkts[i];
		uintptr_t slot = (uintptr_t)m;

		if (native && likely(pp_single(p, m)))
			slot |= PP_SINGLE;
		q->sw[q->next++ & q->mask] = slot;
		__atomic_store_n(&d->w[0], rte_pktmbuf_iova(m), __ATOMIC_RELAXED);
		__atomic_store_n(&d->w[1], m->data_len, __ATOMIC_RELAXED);
		__atomic_store_n(&d->w[2], 0, __ATOMIC_RELAXED);
		/* The NIC has sent it when it is looked at next. */
		__atomic_store_n(&d->w[3], PP_DONE, __ATOMIC_RELEASE);
	}
}

/* ---- free */

struct pp_frees {
	struct rte_mbuf *m[PP_BURST];
	uint32_t n;
};

/* The check of a reference, for a packet of which no verdict was recorded. */
static inline void
pp_free_checked(struct pp_path *p, struct pp_frees *f, struct rte_mbuf *m)
{
	m = rte_pktmbuf_prefree_seg(m);
	if (unlikely(m == NULL))
		return;
	if (likely(m->pool == p->pool->mp))
		f->m[f->n++] = m;
	else
		rte_mempool_put(m->pool, m);
}

static inline void
pp_reclaim(struct pp_path *p, bool native)
{
	struct pp_queue *q = &p->tx;
	struct pp_frees f = { .n = 0 };
	uintptr_t slot;
	uint32_t i;

	for (i = 0; i < PP_BURST; i++) {
		if (unlikely((__atomic_load_n(&q->ring[q->clean & q->mask].w[3],
				__ATOMIC_RELAXED) & PP_DONE) == 0))
			rte_panic("a descriptor was not sent\n");
		slot = q->sw[q->clean++ & q->mask];
		if (native && likely(slot & PP_SINGLE))
			f.m[f.n++] = (struct rte_mbuf *)(slot & ~(uintptr_t)PP_SINGLE);
		else
			pp_free_checked(p, &f, (struct rte_mbuf *)(slot &
				~(uintptr_t)PP_SINGLE));
	}
	if (native)
		rte_ppool_put_bulk(p->pool->pool, f.m, f.n);
	else
		rte_mempool_put_bulk(p->pool->mp, (void **)f.m, f.n);
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
pp_step_tx(struct pp_path *p, struct rte_mbuf **pkts, uint32_t n, bool native)
{
	pp_send(p, pkts, n, native);
	while (p->tx.next - p->tx.clean >= p->hold + PP_BURST)
		pp_reclaim(p, native);
}

#endif /* PPOOL_PERF_PATH_H */
