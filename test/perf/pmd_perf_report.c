/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The table, the JSON, the targets. */

#include <string.h>

#include <rte_common.h>

#include "perf_target.h"
#include "pmd_perf_bench.h"

static const char *const call_names[PMD_CALLS] = { "rx", "prep", "tx", "pool", "loop" };

void
pmd_report_head(const struct pmd_settings *s)
{
	printf("# Cycles are TSC ticks. Each driver runs in processes of its own under hns3-sim, lock-\n"
		"# step mode: the model of the NIC runs between the bursts, in the same thread, and is not timed.\n"
		"# What that hides: descriptors and packets are in this core's caches when the driver reads\n"
		"# them (a NIC writes to memory or the last cache), register writes are stores to memory that\n"
		"# no device reads, and nothing runs at the same time. What it adds: the model evicts part of\n"
		"# the first cache, and each timed burst begins and ends with a drained pipeline.\n"
		"# A packet's cycles: fwd without hold, remote and Tx checksum: rx and tx burst timed as one;\n"
		"# else the sum of the calls: rx burst, prep (tx_prepare, where a checksum is asked for), tx\n"
		"# burst, pool (the application's alloc_bulk or free_bulk). The touch of macswap is not timed.\n"
		"# Calls that took 10 us more than the median call, and three times as long, were interrupted\n"
		"# and are left out: column cut. Empty: one rx burst of a queue that has nothing.\n"
		"# Instructions: single-stepped, exact; with ethdev's inline wrapper; drv: in the driver.\n"
		"# The service tasks of drivers (once a second) wait meanwhile.\n"
		"# Rounds run at real-time priority, where that is allowed; one in which the CPU was taken away\n"
		"# is repeated.\n"
		"# MiB: hugepages in use behind the last round: net_hns3's mempool has from the start as many\n"
		"# buffers as rings and application can hold; our pool takes memory as it needs it, before the\n"
		"# first round.\n"
		"# Hop: ticks in which a cache line goes to the other core and back, which in a virtual machine\n"
		"# is not always the same, as the host moves its CPUs. With remote=1 each packet takes part of it,\n"
		"# whatever the driver, so the ratio is nearer to 1 the further the cores are apart. Rounds of both\n"
		"# drivers follow each other within 50 ms: what the host does it does to both.\n"
		"# remote=1: sum over both cores, which take turns: contention of simultaneous accesses is not\n"
		"# in it, moving lines is. cores=2: queue i by core i %% 2, one pool, one port; both cores begin\n"
		"# each timed call at the same moment; what both need, by what both move. The line below: a\n"
		"# packet's cycles on each core; the same when core 1 begins only when core 0 is done (the\n"
		"# difference is what going at once costs); the part of their time in which both were in the\n"
		"# driver. The model runs on core 0, so core 1 fetches descriptors from there. Hidden even so:\n"
		"# the steady state, since both pause after each call. Instructions are counted in turn: retries\n"
		"# that collisions cost are not in them. Of more than 4 busy queues each turn counts 4.\n"
		"# %u rounds over %u processes of each driver, in turns.\n\n",
		s->rounds, s->restarts);
	printf("%-28s %-12s %22s %6s %6s %6s %6s | %7s %6s %6s %6s %6s %6s | %5s %6s | %6s %5s %4s |"
		" %5s %5s\n",
		"workload", "driver", "cycles (min..max)", "rx", "prep", "tx", "pool", "instr", "rx",
		"prep", "tx", "pool", "drv", "segs", "MiB", "empty", "instr", "drv", "Mpps", "cut%");
}

/* Right-aligned in @p width; a dash where nothing was counted. */
static void
print_figure(int width, int digits, double v)
{
	if (v < 0)
		printf(" %*s", width, "-");
	else
		printf(" %*.*f", width, digits, v);
}

/* Of each call, but for both as one. */
static void
print_parts(bool known, const double *v)
{
	unsigned int i;

	for (i = 0; i < PMD_CALL_LOOP; i++)
		print_figure(6, 1, known ? v[i] : -1);
}

static void
print_instructions(const struct pmd_result *r)
{
	bool counted = r->instructions >= 0;

	printf(" |");
	print_figure(7, 1, r->instructions);
	print_parts(counted, r->steps);
	print_figure(6, 1, counted ? r->in_driver : -1);
}

static void
print_driver(const char *name, const struct pmd_result *r)
{
	char range[40];
	bool timed;

	printf("%-28s %-12s ", name, r->driver);
	if (!r->offered) {
		printf("not offered: %s\n", r->why);
		return;
	}
	if (r->failed || (r->cycles.n == 0 && r->instructions < 0)) {
		printf("%s%s\n", r->failed ? "FAILED: " : "not run", r->why);
		return;
	}
	timed = r->cycles.n != 0;
	snprintf(range, sizeof(range), "%.1f (%.1f..%.1f)", r->cycles.median, r->cycles.min,
		r->cycles.max);
	printf("%22s", timed ? range : "-");
	print_parts(timed, r->part);
	print_instructions(r);
	printf(" | %5.2f %6.0f |", r->segments, r->hugepage_bytes / (1 << 20));
	print_figure(6, 1, timed ? r->empty_cycles : -1);
	print_figure(5, 1, r->instructions >= 0 ? r->empty_instructions : -1);
	print_figure(4, 0, r->instructions >= 0 ? r->empty_driver : -1);
	printf(" |");
	print_figure(5, 1, timed ? r->model_mpps : -1);
	print_figure(5, 2, timed ? 100 * r->cut : -1);
	printf("\n");
	if (!timed || r->hop == 0)
		return;
	printf("%-28s %-12s ", "", "");
	if (r->core[0] + r->core[1] != 0)
		printf("core 0 %.1f, core 1 %.1f; in turn %.1f, %.1f; at once %.0f%%; ", r->core[0],
			r->core[1], r->in_turn[0], r->in_turn[1], 100 * r->at_once);
	printf("hop %.0f\n", r->hop);
}

void
pmd_report_row(const struct pmd_row *row)
{
	print_driver(row->name, &row->r[PMD_OURS]);
	print_driver("", &row->r[PMD_THEIRS]);
	if (row->ratio.n != 0)
		printf("%-28s %-12s %6.3f (%.3f..%.3f, 95%% of the median %.3f..%.3f)\n", "",
			"ratio", row->ratio.median, row->ratio.min, row->ratio.max, row->ratio.lo,
			row->ratio.hi);
	fflush(stdout);
}

static json_t *
summary_json(const struct perf_summary *s)
{
	return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f}", "rounds", (int)s->n, "median", s->median,
		"min", s->min, "max", s->max, "lo", s->lo, "hi", s->hi);
}

static json_t *
calls_json(const double *v)
{
	json_t *o = json_object();
	unsigned int i;

	for (i = 0; i < PMD_CALLS; i++)
		if (v[i] != 0)
			json_object_set_new(o, call_names[i], json_real(v[i]));
	return o;
}

static json_t *
result_json(const struct pmd_result *r)
{
	json_t *o = json_pack("{s:s, s:b, s:b}", "driver", r->driver, "offered", r->offered,
		"failed", r->failed);

	if (!r->offered || r->failed)
		json_object_set_new(o, "why", json_string(r->why));
	if (!r->offered || r->failed || (r->cycles.n == 0 && r->instructions < 0))
		return o;
	if (r->cycles.n != 0) {
		json_object_set_new(o, "cycles", summary_json(&r->cycles));
		json_object_set_new(o, "cycles_by_call", calls_json(r->part));
	}
	if (r->core[0] != 0 || r->core[1] != 0)
		json_object_set_new(o, "two_cores", json_pack("{s:[f,f], s:[f,f], s:f}",
			"cycles", r->core[0], r->core[1], "in_turn", r->in_turn[0], r->in_turn[1],
			"at_once", r->at_once));
	if (r->hop != 0)
		json_object_set_new(o, "hop", json_real(r->hop));
	json_object_set_new(o, "instructions", r->instructions < 0 ? json_null() :
		json_real(r->instructions));
	json_object_set_new(o, "instructions_by_call", calls_json(r->steps));
	json_object_set_new(o, "instructions_in_driver", json_real(r->in_driver));
	json_object_set_new(o, "instructions_in_pools", json_real(r->in_pools));
	json_object_set_new(o, "segments", json_real(r->segments));
	json_object_set_new(o, "hugepage_bytes", json_integer(r->hugepage_bytes));
	json_object_set_new(o, "empty_poll", json_pack("{s:f, s:f, s:f}", "cycles", r->empty_cycles,
		"instructions", r->empty_instructions, "instructions_in_driver", r->empty_driver));
	json_object_set_new(o, "model_mpps", json_real(r->model_mpps));
	json_object_set_new(o, "cut", json_real(r->cut));
	json_object_set(o, "ends", r->ends);
	return o;
}

json_t *
pmd_report_json(const struct pmd_row *row)
{
	char full[2 * PMD_NAME_MAX];
	json_t *o;

	pmd_spec_name(&row->w, true, full, sizeof(full));
	o = json_pack("{s:s, s:s, s:o, s:o}", "workload", row->name, "full", full,
		"ours", result_json(&row->r[PMD_OURS]), "theirs", result_json(&row->r[PMD_THEIRS]));
	if (row->ratio.n != 0)
		json_object_set_new(o, "ratio", summary_json(&row->ratio));
	return o;
}

static const struct pmd_row *
find(const struct pmd_row *rows, unsigned int n, const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static void
ratio(struct perf_targets *ts, const struct pmd_row *row, const char *name, double limit)
{
	if (row == NULL || row->ratio.n == 0)
		perf_target_missing(ts, name, limit, "not run on both drivers");
	else
		perf_target_add(ts, name, row->ratio.median, limit);
}

/* Instructions of our driver, on the machine that the limit is for. */
static void
arm64(struct perf_targets *ts, const char *name, const struct pmd_row *row, double v, double limit)
{
#ifdef RTE_ARCH_ARM64
	if (row == NULL || row->r[PMD_OURS].instructions < 0)
		perf_target_missing(ts, name, limit, "not counted");
	else
		perf_target_add(ts, name, v, limit);
#else
	(void)row;
	(void)v;
	perf_target_missing(ts, name, limit, "not an AArch64 machine");
#endif
}

void
pmd_report_targets(const struct pmd_row *rows, unsigned int n, struct perf_targets *ts)
{
	const struct pmd_row *row;

	ratio(ts, find(rows, n, "fwd"), "io forward 64 B: cycles by net_hns3's", 0.4);
	row = find(rows, n, "fwd");
	arm64(ts, "io forward 64 B, NEON: instructions", row, row ? row->r[0].instructions : 0, 62);
	row = find(rows, n, "txonly,csum=2");
	arm64(ts, "Tx with checksum, AArch64: instructions", row,
		row ? row->r[0].steps[PMD_CALL_TX] : 0, 60);
	ratio(ts, find(rows, n, "fwd,size=9000"), "forward 9000 B: cycles by net_hns3's", 0.25);
	ratio(ts, find(rows, n, "rxonly,remote=1"), "freed on another core: cycles by net_hns3's", 0.6);
	row = find(rows, n, "fwd,queues=64,busy=1");
	if (row == NULL || row->r[PMD_OURS].instructions < 0)
		perf_target_missing(ts, "64 queues, 1 busy: instructions of an empty poll", 15, "not run");
	else
		perf_target_add(ts, "64 queues, 1 busy: instructions of an empty poll",
			row->r[PMD_OURS].empty_driver, 15);
	row = find(rows, n, "rxonly");
	if (row == NULL || row->r[PMD_OURS].model_mpps <= 0)
		perf_target_missing(ts, "model: nanoseconds a 64 B frame (50: 20 Mpps)", 50, "not run");
	else
		perf_target_add(ts, "model: nanoseconds a 64 B frame (50: 20 Mpps)",
			1e3 / row->r[PMD_OURS].model_mpps, 50);
}
