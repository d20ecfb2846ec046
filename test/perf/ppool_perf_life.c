/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The life of a packet, on one core, or received on one and freed on another. In flight: packets
 * that were received and stand in the Tx ring; PP_RX_RING more buffers are posted.
 */

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "perf_meter.h"
#include "ppool_perf_path.h"

/* A measurement that has come no further in this time is given up. */
#define STUCK_SECONDS 10u

struct life {
	struct pp_pool pool;
	struct pp_path path;
	struct rte_ring *over;    /* to the core that frees */
	uint32_t warm;            /* packets before the measurement, to fill the caches */
	uint32_t count;           /* packets of the measurement */
	bool read;
	bool filled;
	int helper;               /* lcore that frees, or -1: the same */
	char label[160];

	/* Of a measurement on two cores. */
	bool stop;
	bool failed;
	struct perf_reading helped;
	double helper_busy;
};

/* ---- rings */

static bool
queue_init(struct pp_queue *q, uint32_t slots, int socket)
{
	uint32_t n = rte_align32pow2(slots), i;

	q->mask = n - 1;
	q->ring = rte_zmalloc_socket(NULL, n * sizeof(*q->ring), 4096, socket);
	/* pp_receive() looks ahead. */
	q->sw = rte_zmalloc_socket(NULL, (n + PP_HEADERS_AHEAD) * sizeof(*q->sw), 4096, socket);
	q->held = rte_zmalloc_socket(NULL, n / PP_BURST * sizeof(*q->held), 4096, socket);
	for (i = 0; q->ring != NULL && i < n; i++) {
		q->ring[i].w[1] = PP_W1;
		q->ring[i].w[2] = PP_W2(i);
	}
	return q->ring != NULL && q->sw != NULL && q->held != NULL;
}

static void
queue_free(struct pp_queue *q)
{
	rte_free(q->ring);
	rte_free(q->sw);
	rte_free(q->held);
}

/* ---- one core */

static __rte_noinline bool
cycle_mempool(struct pp_path *p, uint32_t packets, bool read)
{
	struct rte_mbuf *pkts[PP_BURST];
	uint32_t i;

	for (i = 0; i < packets; i += PP_BURST) {
		if (unlikely(!pp_step_rx(p, pkts, false, read)))
			return false;
		pp_step_tx(p, pkts, false);
	}
	return true;
}

static __rte_noinline bool
cycle_native(struct pp_path *p, uint32_t packets, bool read)
{
	struct rte_mbuf *pkts[PP_BURST];
	uint32_t i;

	for (i = 0; i < packets; i += PP_BURST) {
		if (unlikely(!pp_step_rx(p, pkts, true, read)))
			return false;
		pp_step_tx(p, pkts, true);
	}
	return true;
}

static bool
cycle(struct life *l, uint32_t packets)
{
	return l->pool.owner != NULL ? cycle_native(&l->path, packets, l->read) :
		cycle_mempool(&l->path, packets, l->read);
}

/* The Rx ring is full from the first packet on. */
static bool
fill(struct life *l)
{
	struct pp_path *p = &l->path;

	while (!l->filled && p->rx.next - p->rx.clean < PP_RX_RING)
		if (!(l->pool.owner != NULL ? pp_refill_native(p) : pp_refill_mempool(p)))
			return false;
	l->filled = true;
	return true;
}

static int
measure_one(void *arg, struct perf_sample *s)
{
	struct life *l = arg;
	struct perf_reading r;
	struct perf_meter m;
	bool ok;

	if (!fill(l) || !cycle(l, l->warm))
		return -ENOENT;
	perf_meter_label(l->label, l->count);
	perf_meter_start(&m);
	ok = cycle(l, l->count);
	perf_meter_stop(&m, &r);
	s->value = r.cycles / l->count;
	s->instructions = r.instructions < 0 ? -1 : r.instructions / l->count;
	s->clean = r.clean;
	return ok ? 0 : -ENOENT;
}

/* A thread that waits longer than this waits for one that has lost its CPU: it lets others run,
 * and the measurement does not count.
 */
#define PATIENCE 2000u

static inline void
wait_a_little(uint32_t *waited, bool *disturbed)
{
	if (++*waited < PATIENCE) {
		rte_pause();
		return;
	}
	*disturbed = true;
	sched_yield();
}

/* ---- two cores: only the time that is spent on packets counts, not that of waiting */

static inline bool
helper_step(struct life *l, bool native)
{
	struct rte_mbuf *pkts[PP_BURST];

	if (rte_ring_sc_dequeue_bulk(l->over, (void **)pkts, PP_BURST, NULL) == 0)
		return false;
	pp_step_tx(&l->path, pkts, native);
	return true;
}

static int
helper_main(void *arg)
{
	struct life *l = arg;
	bool native = l->pool.owner != NULL;
	uint32_t total = l->warm + l->count, done = 0, waited = 0;
	bool disturbed = false;
	uint64_t t0, busy = 0, bursts = 0, over = perf_tsc_plain_cost();
	struct perf_meter m;

	perf_meter_start(&m);
	while (done < total && !__atomic_load_n(&l->stop, __ATOMIC_RELAXED)) {
		t0 = rte_rdtsc();
		if (!(native ? helper_step(l, true) : helper_step(l, false))) {
			wait_a_little(&waited, &disturbed);
			continue;
		}
		waited = 0;
		t0 = rte_rdtsc() - t0;
		if (done >= l->warm) {
			busy += t0;
			bursts++;
		}
		done += PP_BURST;
	}
	perf_meter_stop(&m, &l->helped);
	l->helped.clean = l->helped.clean && !disturbed;
	l->helper_busy = (double)busy - (double)bursts * over;
	return 0;
}

static inline bool
receiver_step(struct life *l, bool native)
{
	struct rte_mbuf *pkts[PP_BURST];

	if (unlikely(!pp_step_rx(&l->path, pkts, native, l->read)))
		return false;
	return rte_ring_sp_enqueue_bulk(l->over, (void **)pkts, PP_BURST, NULL) == PP_BURST;
}

/* false: it did not come to an end. */
static bool
receiver_main(struct life *l, double *busy_out, bool *disturbed)
{
	uint64_t t0, busy = 0, bursts = 0, over = perf_tsc_plain_cost();
	uint64_t until = rte_rdtsc() + STUCK_SECONDS * rte_get_tsc_hz();
	bool native = l->pool.owner != NULL, ok = true;
	uint32_t done = 0, waited = 0;

	while (ok && done < l->warm + l->count) {
		if (rte_ring_free_count(l->over) < PP_BURST) {
			wait_a_little(&waited, disturbed);
			ok = rte_rdtsc() < until;
			continue;
		}
		waited = 0;
		t0 = rte_rdtsc();
		ok = native ? receiver_step(l, true) : receiver_step(l, false);
		t0 = rte_rdtsc() - t0;
		if (done >= l->warm) {
			busy += t0;
			bursts++;
		}
		done += PP_BURST;
	}
	*busy_out = (double)busy - (double)bursts * over;
	return ok;
}

static int
measure_two(void *arg, struct perf_sample *s)
{
	struct life *l = arg;
	struct perf_reading r;
	struct perf_meter m;
	bool ok, disturbed = false;
	double busy = 0;

	if (!fill(l))
		return -ENOENT;
	l->stop = false;
	if (rte_eal_remote_launch(helper_main, l, (unsigned int)l->helper) != 0)
		return -EBUSY;
	perf_meter_start(&m);
	ok = receiver_main(l, &busy, &disturbed);
	perf_meter_stop(&m, &r);
	if (!ok)
		__atomic_store_n(&l->stop, true, __ATOMIC_RELAXED);
	rte_eal_wait_lcore((unsigned int)l->helper);
	s->part[0] = busy / l->count;
	s->part[1] = l->helper_busy / l->count;
	s->value = s->part[0] + s->part[1];
	s->clean = r.clean && l->helped.clean && !disturbed;
	return ok ? 0 : -ENOENT;
}

/* ---- set-up */

static void
drain(struct life *l)
{
	struct pp_path *p = &l->path;
	struct rte_mbuf *m;
	void *obj;

	while (l->over != NULL && rte_ring_sc_dequeue(l->over, &obj) == 0)
		rte_pktmbuf_free(obj);
	while (p->tx.held != NULL && p->tx.clean != p->tx.next)
		pp_reclaim(p, l->pool.owner != NULL);
	for (; p->rx.sw != NULL && p->rx.clean != p->rx.next; p->rx.clean++) {
		m = p->rx.sw[p->rx.clean & p->rx.mask];
		pp_pool_put(&l->pool, &m, 1);
	}
}

static uint32_t
life_free(struct life *l)
{
	uint32_t lost;

	drain(l);
	rte_ring_free(l->over);
	queue_free(&l->path.rx);
	queue_free(&l->path.tx);
	lost = pp_pool_destroy(&l->pool);
	return lost;
}

static int
life_init(struct life *l, const struct pp_variant *v, uint32_t hold, int helper, bool quick)
{
	uint32_t n = hold + PP_RX_RING + 2 * PP_BURST + PP_HANDOVER + PP_CACHES;
	struct rte_mbuf rearm;
	int socket = (int)rte_socket_id(), ret;
	struct pp_path *p = &l->path;

	memset(l, 0, sizeof(*l));
	ret = pp_pool_create(&l->pool, v, n, n, 0);
	if (ret != 0)
		return ret;
	p->pool = &l->pool;
	p->hold = hold;
	p->ol_flags = l->pool.ol_flags | RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	memset(&rearm, 0, sizeof(rearm));
	rearm.data_off = RTE_PKTMBUF_HEADROOM;
	rte_mbuf_refcnt_set(&rearm, 1);
	rearm.nb_segs = 1;
	p->rearm = *(pp_word *)&rearm.rearm_data;
	l->helper = helper;
	l->warm = RTE_ALIGN_CEIL(RTE_MAX(hold, 4096u) + PP_RX_RING, PP_BURST);
	l->count = RTE_MAX(hold, 8192u);
	if (quick)
		l->count = RTE_MAX(hold, 2048u);
	if (helper >= 0) {
		static unsigned int serial;
		char name[RTE_RING_NAMESIZE];

		snprintf(name, sizeof(name), "perf_over_%u", serial++);
		l->over = rte_ring_create(name, PP_HANDOVER, socket,
			RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
	}
	if (!queue_init(&p->rx, PP_RX_RING + PP_BURST, socket) ||
			!queue_init(&p->tx, hold + 2 * PP_BURST, socket) ||
			(helper >= 0 && l->over == NULL)) {
		life_free(l);
		return -ENOMEM;
	}
	return 0;
}

/* ---- comparison */

static const struct {
	const char *in_flight;
	const char *core;
	uint32_t hold;
	bool other;
	double limit;
} targets[] = {
	{ "1k", "same core", 1024, false, 1.0 },
	{ "8k", "same core", 8192, false, 0.6 },
	{ "32k", "same core", 32768, false, 0.6 },
	{ "8k", "freed on another core", 8192, true, 0.7 },
};

static void
add_targets(struct pp_run *run, uint32_t hold, bool other, bool read, struct perf_arm *arms,
		unsigned int n)
{
	char name[80];
	unsigned int i;

	for (i = 0; read && i < RTE_DIM(targets); i++) {
		if (targets[i].hold != hold || targets[i].other != other)
			continue;
		snprintf(name, sizeof(name), "life of a packet, %s in flight, %s",
			targets[i].in_flight, targets[i].core);
		pp_target_ratio(run, name, PP_SUBJECT, targets[i].limit, arms, n);
		snprintf(name, sizeof(name), "INLINE: life of a packet, %s in flight, %s",
			targets[i].in_flight, targets[i].core);
		pp_target_ratio(run, name, PP_SUBJECT_INLINE, 1.3, arms, n);
	}
}

static void
compare(struct pp_run *run, uint32_t hold, int helper, bool read, struct life *l,
		struct perf_arm *arms, unsigned int n)
{
	char title[96];
	unsigned int i;

	snprintf(title, sizeof(title), "life of a packet, %u in flight, %s, first line %s", hold,
		helper < 0 ? "same core" : "freed on another core", read ? "read" : "not read");
	for (i = 0; i < n; i++) {
		l[i].read = read;
		snprintf(l[i].label, sizeof(l[i].label), "%s|%s", title, arms[i].name);
	}
	if (perf_rounds_run(arms, n, run->rounds) == 0) {
		pp_report(run, "life", title, json_pack("{s:i, s:s, s:b}", "in_flight", (int)hold,
			"freed", helper < 0 ? "same core" : "another core", "read", read),
			arms, n);
		add_targets(run, hold, helper >= 0, read, arms, n);
		for (i = 0; i < n; i++)
			pp_fact(run, "life: every packet got a buffer", arms[i].error == 0);
	}
	perf_rounds_free(arms, n);
}

static void
life(struct pp_run *run, uint32_t hold, int helper)
{
	struct life *l = rte_calloc(NULL, pp_nb_variants, sizeof(*l), RTE_CACHE_LINE_SIZE);
	struct perf_arm arms[16] = { 0 };
	unsigned int i, n = 0;
	int ret;

	for (i = 0; l != NULL && i < pp_nb_variants; i++) {
		ret = life_init(&l[n], &pp_variants[i], hold, helper, run->quick || run->instr);
		if (ret == 0) {
			arms[n] = (struct perf_arm) { .name = pp_variants[i].name,
				.run = helper < 0 ? measure_one : measure_two, .arg = &l[n],
				.reference = pp_variants[i].reference };
			n++;
		} else if (ret != -ENOTSUP) {
			fprintf(stderr, "%s: %s\n", pp_variants[i].name, strerror(-ret));
			pp_fact(run, "life: every pool can be made", false);
		}
	}
	compare(run, hold, helper, false, l, arms, n);
	compare(run, hold, helper, true, l, arms, n);
	for (i = 0; i < n; i++)
		pp_fact(run, "life: all buffers came home", life_free(&l[i]) == 0);
	rte_free(l);
}

void
pp_life(struct pp_run *run)
{
	static const uint32_t holds[] = { 1024, 8192, 32768 };
	unsigned int i;

	for (i = 0; i < RTE_DIM(holds); i++)
		life(run, holds[i], -1);
	for (i = 0; i < RTE_DIM(holds) && !run->instr; i++) {
		if (run->helper >= 0) {
			life(run, holds[i], run->helper);
			continue;
		}
		printf("\nlife of a packet, %u in flight, freed on another core: not measured, "
			"there is no second lcore\n", holds[i]);
		if (holds[i] == 8192)
			perf_target_missing(&run->targets, "life of a packet, 8k in flight, "
				"freed on another core", 0.7, "no second lcore");
	}
}
