/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Hugepage bytes. What counts is what the heap has mapped for a pool, in whole hugepages; what it
 * has handed out to it is shown beside. Each pool begins on a heap that has no room left, so
 * that nobody lives on what others left over.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "ppool_perf.h"

#define FILLERS_MAX 4096u
#define FILL_LEAST  4096u

static struct {
	void *ptr[FILLERS_MAX];
	unsigned int n;
} fillers;

struct held {
	uint64_t mapped;    /* hugepages of the heap */
	uint64_t allocated; /* handed out by it */
};

/* One pool, at some moments of its life. */
struct memory {
	const char *name;
	const struct pp_variant *v;
	uint64_t chunk;
	bool measured;
	struct held idle;
	struct held peak;
	struct held freed;
	struct held maintained;
	bool elastic;
};

static struct held
heap_now(void)
{
	struct rte_malloc_socket_stats st;
	struct held h = { 0, 0 };

	if (rte_malloc_get_socket_stats((int)rte_socket_id(), &st) == 0) {
		h.mapped = st.heap_totalsz_bytes;
		h.allocated = st.heap_allocsz_bytes;
	}
	return h;
}

static struct held
since(struct held before)
{
	struct held now = heap_now();

	now.mapped -= RTE_MIN(before.mapped, now.mapped);
	now.allocated -= RTE_MIN(before.allocated, now.allocated);
	return now;
}

/* Take what is free in the hugepages that are mapped already. */
static void
heap_fill(void)
{
	struct rte_malloc_socket_stats st;
	uint64_t mapped = heap_now().mapped;
	void *p;

	while (fillers.n < FILLERS_MAX &&
			rte_malloc_get_socket_stats((int)rte_socket_id(), &st) == 0 &&
			st.greatest_free_size > FILL_LEAST) {
		p = rte_malloc(NULL, st.greatest_free_size - 512, 0);
		if (p == NULL)
			return;
		if (heap_now().mapped > mapped) {
			rte_free(p);
			return;
		}
		fillers.ptr[fillers.n++] = p;
	}
}

static void
heap_unfill(void)
{
	while (fillers.n > 0)
		rte_free(fillers.ptr[--fillers.n]);
}

/* ---- a pool of n mbufs: idle, all in flight, all back */

static bool
get_all(struct pp_pool *p, struct rte_mbuf **m, uint32_t n)
{
	uint32_t i, k;

	for (i = 0; i < n; i += k) {
		k = RTE_MIN(n - i, PP_BURST);
		if (!pp_pool_get(p, &m[i], k))
			return false;
	}
	return true;
}

static void
put_all(struct pp_pool *p, struct rte_mbuf **m, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i += PP_BURST)
		pp_pool_put(p, &m[i], RTE_MIN(n - i, PP_BURST));
}

/* Bytes that a mempool says its memory has: the heap must know at least these. */
static uint64_t
mempool_bytes(const struct rte_mempool *mp)
{
	const struct rte_mempool_memhdr *h;
	uint64_t bytes = 0;

	STAILQ_FOREACH(h, &mp->mem_list, next)
		bytes += h->len;
	return bytes;
}

static void
maintain(struct pp_pool *p)
{
#ifdef PERF_HAVE_MAINTAIN
	uint64_t until = rte_rdtsc() + rte_get_tsc_hz();

	while (p->pool != NULL && rte_rdtsc() < until) {
		rte_ppool_maintain(p->pool);
		rte_delay_us_sleep(10000);
	}
#else
	RTE_SET_USED(p);
#endif
}

static int
measure(struct pp_run *run, struct memory *mem, struct rte_mbuf **m, uint32_t n, bool idle_second)
{
	struct held before;
	struct pp_pool p;
	int ret;

	heap_fill();
	before = heap_now();
	ret = pp_pool_create(&p, mem->v, n, n, mem->chunk);
	if (ret != 0) {
		heap_unfill();
		return ret;
	}
	mem->idle = since(before);
	mem->elastic = p.pool != NULL;
	if (!get_all(&p, m, n)) {
		pp_fact(run, "memory: a pool gives as many mbufs as it was made for", false);
		return -ENOENT;
	}
	mem->peak = since(before);
	mem->measured = true;
	pp_fact(run, "memory: a packet of 1518 bytes fits into one mbuf",
		rte_pktmbuf_tailroom(m[0]) >= PP_PACKET);
	pp_fact(run, "memory: hugepages held at least as large as the packets",
		mem->peak.mapped >= (uint64_t)n * PP_PACKET);
	pp_fact(run, "memory: what was handed out lies in hugepages",
		mem->peak.allocated <= mem->peak.mapped);
	if (mem->v->door == PP_MEMPOOL)
		pp_fact(run, "memory: the heap counts the mempool's memory",
			mempool_bytes(p.mp) <= mem->peak.allocated);
	put_all(&p, m, n);
	mem->freed = since(before);
	if (idle_second)
		maintain(&p);
	mem->maintained = since(before);
	pp_fact(run, "memory: all buffers came home", pp_pool_destroy(&p) == 0);
	heap_unfill();
	return 0;
}

static const struct memory *
best_mempool(const struct memory *mem, unsigned int n)
{
	const struct memory *best = NULL;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (mem[i].measured && mem[i].v->reference &&
				(best == NULL || mem[i].peak.mapped < best->peak.mapped))
			best = &mem[i];
	return best;
}

static double
mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void
report(struct pp_run *run, const struct memory *mem, unsigned int n, uint32_t live)
{
	const struct memory *best = best_mempool(mem, n);
	json_t *rows = json_array(), *o;
	double ratio;
	unsigned int i;

	printf("\nhugepage memory in MiB, %u mbufs of one %u-byte packet each\n", live, PP_PACKET);
	printf("%-34s %8s %8s %8s %8s %9s %8s %7s\n", "", "idle", "peak", "freed", "+1 s",
		"in use", "B/mbuf", "ratio");
	for (i = 0; i < n; i++) {
		const struct memory *m = &mem[i];

		if (!m->measured || best == NULL)
			continue;
		ratio = (double)m->peak.mapped / best->peak.mapped;
		printf("%-34s %8.1f %8.1f %8.1f %8.1f %9.2f %8.1f %7.3f\n", m->name,
			mib(m->idle.mapped), mib(m->peak.mapped), mib(m->freed.mapped),
			mib(m->maintained.mapped), mib(m->peak.allocated),
			(double)m->peak.mapped / live, ratio);
		o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:b}", "variant", m->name,
			"idle", (json_int_t)m->idle.mapped, "peak", (json_int_t)m->peak.mapped,
			"freed", (json_int_t)m->freed.mapped, "maintained",
			(json_int_t)m->maintained.mapped, "allocated_at_peak",
			(json_int_t)m->peak.allocated, "ratio", ratio, "elastic", m->elastic);
		json_array_append_new(rows, o);
	}
	json_object_set_new(run->json, "memory", json_pack("{s:i, s:i, s:o}", "mbufs", (int)live,
		"packet", (int)PP_PACKET, "rows", rows));
}

static void
target(struct pp_run *run, const struct memory *mem, unsigned int n, const char *subject,
		const char *name, double limit)
{
	const struct memory *best = best_mempool(mem, n);
	unsigned int i;

	for (i = 0; best != NULL && i < n; i++) {
		if (strcmp(mem[i].name, subject) != 0 || !mem[i].measured)
			continue;
		perf_target_add(&run->targets, name, (double)mem[i].peak.mapped /
			best->peak.mapped, limit);
		return;
	}
	perf_target_missing(&run->targets, name, limit, "no such pool in this build");
}

#define CHUNK_2M  PP_SUBJECT ", 2M chunks"
#define CHUNK_32M PP_SUBJECT ", 32M chunks"

static void
peaks(struct pp_run *run)
{
	uint32_t n = run->quick ? 16384 : 131072;
	struct rte_mbuf **m = calloc(n, sizeof(*m));
	struct memory mem[16] = { 0 };
	unsigned int i, k = 0;
	int ret;

	for (i = 0; i < pp_nb_variants; i++)
		mem[k++] = (struct memory) { .name = pp_variants[i].name, .v = &pp_variants[i] };
	for (i = 0; i < pp_nb_variants; i++) {
		if (!pp_variant_is(&pp_variants[i], PP_SUBJECT))
			continue;
		mem[k++] = (struct memory) { .name = CHUNK_2M, .v = &pp_variants[i],
			.chunk = 2u << 20 };
		mem[k++] = (struct memory) { .name = CHUNK_32M, .v = &pp_variants[i],
			.chunk = 32u << 20 };
	}
	for (i = 0; m != NULL && i < k; i++) {
		ret = measure(run, &mem[i], m, n, !run->quick && mem[i].v->door == PP_NATIVE);
		if (ret != 0 && ret != -ENOTSUP) {
			fprintf(stderr, "%s: %s\n", mem[i].name, strerror(-ret));
			pp_fact(run, "memory: every pool can be made", false);
		}
	}
	report(run, mem, k, n);
	target(run, mem, k, CHUNK_2M, "hugepage bytes at peak, 1518 B packets, 2M chunks", 0.96);
	target(run, mem, k, CHUNK_32M, "hugepage bytes at peak, 1518 B packets, 32M chunks", 0.94);
	free(m);
}

/* ---- what is given back, and what a few held fragments pin */

#define IN_FLIGHT 32768u

/* Bytes of the smallest mempool for n live mbufs. */
static uint64_t
mempool_least(struct pp_run *run, struct rte_mbuf **m, uint32_t n)
{
	struct memory mem[16] = { 0 };
	const struct memory *best;
	unsigned int i, k = 0;

	for (i = 0; i < pp_nb_variants; i++) {
		if (!pp_variants[i].reference)
			continue;
		mem[k] = (struct memory) { .name = pp_variants[i].name, .v = &pp_variants[i] };
		measure(run, &mem[k++], m, n, false);
	}
	best = best_mempool(mem, k);
	return best != NULL ? best->peak.mapped : 0;
}

static const struct pp_variant *
subject(void)
{
	unsigned int i;

	for (i = 0; i < pp_nb_variants; i++)
		if (pp_variant_is(&pp_variants[i], PP_SUBJECT))
			return &pp_variants[i];
	return NULL;
}

static void
give_back(struct pp_run *run, struct rte_mbuf **m, uint64_t mempool)
{
	const char *name = "32k in flight, all freed, one second of rte_ppool_maintain(): "
		"bytes held";
	struct memory mem = { .name = PP_SUBJECT, .v = subject() };

#ifndef PERF_HAVE_MAINTAIN
	perf_target_missing(&run->targets, name, 0.25, "no rte_ppool_maintain() in this build");
	return;
#endif
	if (measure(run, &mem, m, IN_FLIGHT, true) != 0 || mempool == 0) {
		perf_target_missing(&run->targets, name, 0.25, "no memory");
		return;
	}
	printf("\n%u in flight, all freed, one second of rte_ppool_maintain(): peak %.1f MiB, "
		"freed %.1f MiB, after %.1f MiB; mempool %.1f MiB\n", IN_FLIGHT,
		mib(mem.peak.mapped), mib(mem.freed.mapped), mib(mem.maintained.mapped),
		mib(mempool));
	json_object_set_new(run->json, "give_back", json_pack("{s:I, s:I, s:I, s:I}", "peak",
		(json_int_t)mem.peak.mapped, "freed", (json_int_t)mem.freed.mapped, "maintained",
		(json_int_t)mem.maintained.mapped, "mempool", (json_int_t)mempool));
	perf_target_add(&run->targets, name, (double)mem.maintained.mapped / mempool, 0.25);
}

/* Keep one fragment of each page, any of it, at the front of the array; how many. */
static uint32_t
keep_one_of_each(const struct rte_ppool *pool, struct rte_mbuf **m, uint32_t n)
{
	uint32_t *last, page, frag, i, kept = 0, pages = 0, seed = 1;
	struct rte_mbuf *swap;

	for (i = 0; i < n; i++) {
		rte_ppool_mbuf_where(pool, m[i], &page, &frag);
		pages = RTE_MAX(pages, page + 1);
	}
	last = malloc(pages * sizeof(*last));
	if (last == NULL)
		return 0;
	memset(last, 0xff, pages * sizeof(*last));
	/* In random order, so that the one that stays is a random one. */
	for (i = n - 1; i > 0; i--) {
		seed = seed * 1664525u + 1013904223u;
		page = (uint32_t)(((uint64_t)seed * (i + 1)) >> 32);
		swap = m[i];
		m[i] = m[page];
		m[page] = swap;
	}
	for (i = 0; i < n; i++) {
		rte_ppool_mbuf_where(pool, m[i], &page, &frag);
		if (last[page] != UINT32_MAX)
			continue;
		last[page] = i;
		swap = m[i];
		m[i] = m[kept];
		m[kept++] = swap;
	}
	free(last);
	return kept;
}

static void
adversary(struct pp_run *run, struct rte_mbuf **m, uint64_t mempool)
{
	const char *name = "adversary, one fragment of each page held: bytes held";
	struct held before, full, after;
	uint32_t kept = 0, n = IN_FLIGHT;
	struct pp_pool p;
	bool ok;

	heap_fill();
	before = heap_now();
	/* Room for twice what is needed: nothing forces the pool to be modest. */
	if (pp_pool_create(&p, subject(), n, 4 * n, 0) != 0 || !get_all(&p, m, n)) {
		perf_target_missing(&run->targets, name, 1.2, "no memory");
		heap_unfill();
		return;
	}
	full = since(before);
	kept = keep_one_of_each(p.pool, m, n);
	put_all(&p, &m[kept], n - kept);
	ok = get_all(&p, &m[kept], n - kept);
	after = since(before);
	pp_fact(run, "adversary: a pool without a limit gives what is asked for", ok && kept > 0);
	printf("\nadversary: %u fragments out, all but one of each of %u pages freed, as many asked "
		"for again: %.1f MiB before, %.1f MiB after; mempool %.1f MiB\n", n, kept,
		mib(full.mapped), mib(after.mapped), mib(mempool));
	json_object_set_new(run->json, "adversary", json_pack("{s:i, s:i, s:I, s:I, s:I}",
		"fragments", (int)n, "held", (int)kept, "before", (json_int_t)full.mapped, "after",
		(json_int_t)after.mapped, "mempool", (json_int_t)mempool));
	if (mempool > 0)
		perf_target_add(&run->targets, name, (double)after.mapped / mempool, 1.2);
	put_all(&p, m, ok ? n : kept);
	if (ok)
		pp_fact(run, "adversary: all buffers came home", pp_pool_destroy(&p) == 0);
	heap_unfill();
}

void
pp_memory(struct pp_run *run)
{
	struct rte_mbuf **m = calloc(IN_FLIGHT, sizeof(*m));
	uint64_t mempool;

	peaks(run);
	if (m == NULL)
		return;
	mempool = mempool_least(run, m, IN_FLIGHT);
	give_back(run, m, mempool);
	adversary(run, m, mempool);
	free(m);
}
