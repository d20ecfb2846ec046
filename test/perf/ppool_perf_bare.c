/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Bare allocation and freeing, of n buffers at once. Two ways: raw, the pool alone, as drivers
 * use it (get and put of a mempool; run_alloc and put_bulk of the library), and by the mbuf API
 * that applications use, which sets up and checks each mbuf.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perf_meter.h"
#include "ppool_perf.h"

#define POOL_MBUFS 8192u
#define BURST_MAX  64u

struct bare {
	struct pp_pool pool;
	unsigned int burst;
	bool mbuf_api;
	uint32_t count;    /* buffers of a measurement */
	char label[96];
};

static bool
raw_mempool(const struct bare *b)
{
	struct rte_mbuf *m[BURST_MAX];
	struct rte_mempool *mp = b->pool.mp;
	uint32_t i, n = b->burst;
	bool ok = true;

	for (i = 0; i < b->count; i += n) {
		if (unlikely(rte_mempool_get_bulk(mp, (void **)m, n) != 0)) {
			ok = false;
			break;
		}
		/* The pointers, not what is behind them, are used. */
		__asm__ volatile("" : : "r"(m) : "memory");
		rte_mempool_put_bulk(mp, (void **)m, n);
	}
	return ok;
}

static bool
raw_native(const struct bare *b)
{
	struct rte_mbuf *m[BURST_MAX], *one;
	struct rte_ppool_run run;
	uint32_t i, k, j, n = b->burst;

	for (i = 0; i < b->count; i += n) {
		for (k = 0; k < n; ) {
			if (unlikely(rte_ppool_run_alloc(b->pool.owner, n - k, &run) == 0))
				return false;
			for (j = 0, one = run.mbuf; j < run.n; j++) {
				m[k++] = one;
				one = RTE_PTR_ADD(one, b->pool.mbuf_stride);
			}
		}
		__asm__ volatile("" : : "r"(m) : "memory");
		rte_ppool_put_bulk(b->pool.pool, m, n);
	}
	return true;
}

static bool
api(const struct bare *b)
{
	struct rte_mbuf *m[BURST_MAX];
	uint32_t i, n = b->burst;

	for (i = 0; i < b->count; i += n) {
		if (unlikely(rte_pktmbuf_alloc_bulk(b->pool.mp, m, n) != 0))
			return false;
		__asm__ volatile("" : : "r"(m) : "memory");
		rte_pktmbuf_free_bulk(m, n);
	}
	return true;
}

static bool
loop(const struct bare *b)
{
	if (b->mbuf_api)
		return api(b);
	return b->pool.owner != NULL ? raw_native(b) : raw_mempool(b);
}

static int
measure(void *arg, struct perf_sample *s)
{
	struct bare *b = arg;
	struct perf_reading r;
	struct perf_meter m;
	uint32_t count = b->count;
	bool ok;

	b->count = 1024;
	ok = loop(b);
	b->count = count;
	perf_meter_label(b->label, count);
	perf_meter_start(&m);
	ok = loop(b) && ok;
	perf_meter_stop(&m, &r);
	s->value = r.cycles / count;
	s->instructions = r.instructions < 0 ? -1 : r.instructions / count;
	s->clean = r.clean;
	return ok ? 0 : -ENOENT;
}

static void
compare(struct pp_run *run, const struct perf_arm *arms, unsigned int n, unsigned int burst,
		bool mbuf_api)
{
	struct perf_arm used[16];
	unsigned int i, k = 0;
	char title[80];

	for (i = 0; i < n; i++) {
		struct bare *bare = arms[i].arg;

		/* The native door has no mbuf API of its own. */
		if (mbuf_api && bare->pool.owner != NULL)
			continue;
		bare->burst = burst;
		bare->mbuf_api = mbuf_api;
		bare->count = run->quick || run->instr ? 2048 : 32768;
		snprintf(bare->label, sizeof(bare->label), "bare %s, burst %u|%s",
			mbuf_api ? "mbuf API" : "raw", burst, arms[i].name);
		used[k++] = arms[i];
	}
	if (perf_rounds_run(used, k, run->rounds) == 0) {
		snprintf(title, sizeof(title), "bare alloc+free, %s, burst %u",
			mbuf_api ? "mbuf API" : "raw", burst);
		pp_report(run, "bare", title, json_pack("{s:s, s:i}", "way",
			mbuf_api ? "mbuf API" : "raw", "burst", (int)burst), used, k);
	}
	perf_rounds_free(used, k);
}

void
pp_bare(struct pp_run *run)
{
	static const unsigned int bursts[] = { 1, 8, 32, 64 };
	struct bare *b = calloc(pp_nb_variants, sizeof(*b));
	struct perf_arm arms[16] = { 0 };
	unsigned int i, n = 0;
	int ret;

	for (i = 0; b != NULL && i < pp_nb_variants; i++) {
		ret = pp_pool_create(&b[n].pool, &pp_variants[i], POOL_MBUFS, POOL_MBUFS, 0);
		if (ret == 0) {
			arms[n] = (struct perf_arm) { .name = pp_variants[i].name,
				.run = measure, .arg = &b[n],
				.reference = pp_variants[i].reference };
			n++;
		} else if (ret != -ENOTSUP) {
			fprintf(stderr, "%s: %s\n", pp_variants[i].name, strerror(-ret));
			pp_fact(run, "bare: every pool can be made", false);
		}
	}
	for (i = 0; i < RTE_DIM(bursts); i++)
		compare(run, arms, n, bursts[i], false);
	for (i = 0; i < RTE_DIM(bursts); i++)
		compare(run, arms, n, bursts[i], true);
	for (i = 0; i < n; i++)
		pp_fact(run, "bare: all buffers came home", pp_pool_destroy(&b[i].pool) == 0);
	free(b);
}
