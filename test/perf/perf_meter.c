/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_common.h>

#include "perf_meter.h"

#ifdef PERF_HAVE_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(text) ((void)(text))
#endif

#define CALIBRATE_TRIES 10000

static uint64_t overhead, plain;
static __thread int counter_fd = -1;
static char dump_label[192];

void
perf_meter_calibrate(void)
{
	uint64_t least = UINT64_MAX, least_plain = UINT64_MAX, t;
	unsigned int i;

	for (i = 0; i < CALIBRATE_TRIES; i++) {
		t = perf_tsc();
		t = perf_tsc() - t;
		least = RTE_MIN(least, t);
		t = rte_rdtsc();
		t = rte_rdtsc() - t;
		least_plain = RTE_MIN(least_plain, t);
	}
	overhead = least;
	plain = least_plain;
}

uint64_t
perf_tsc_plain_cost(void)
{
	return plain;
}

uint64_t
perf_meter_overhead(void)
{
	return overhead;
}

bool
perf_meter_thread_init(void)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = PERF_TYPE_HARDWARE;
	attr.config = PERF_COUNT_HW_INSTRUCTIONS;
	attr.exclude_kernel = 1;
	attr.exclude_hv = 1;
	if (counter_fd < 0)
		counter_fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	return counter_fd >= 0;
}

void
perf_meter_thread_fini(void)
{
	if (counter_fd >= 0)
		close(counter_fd);
	counter_fd = -1;
}

static int64_t
counter(void)
{
	int64_t n;

	if (counter_fd < 0 || read(counter_fd, &n, sizeof(n)) != sizeof(n))
		return -1;
	return n;
}

/* Times that the scheduler took the CPU from this thread. */
static long
switches(void)
{
	struct rusage u;

	return getrusage(RUSAGE_THREAD, &u) == 0 ? u.ru_nivcsw : 0;
}

void
perf_meter_label(const char *label, uint64_t packets)
{
	snprintf(dump_label, sizeof(dump_label), "%s|%" PRIu64, label, packets);
}

bool
perf_meter_valgrind(void)
{
	return RUNNING_ON_VALGRIND != 0;
}

void
perf_meter_start(struct perf_meter *m)
{
	m->switches = switches();
	m->instructions = counter();
	if (dump_label[0] != '\0') {
		CALLGRIND_START_INSTRUMENTATION;
		CALLGRIND_ZERO_STATS;
	}
	m->tsc = perf_tsc();
}

void
perf_meter_stop(const struct perf_meter *m, struct perf_reading *r)
{
	uint64_t ticks = perf_tsc() - m->tsc;
	int64_t n;

	if (dump_label[0] != '\0') {
		CALLGRIND_STOP_INSTRUMENTATION;
		CALLGRIND_DUMP_STATS_AT(dump_label);
		dump_label[0] = '\0';
	}
	n = counter();
	r->cycles = (double)(ticks > overhead ? ticks - overhead : 0);
	r->instructions = n >= 0 && m->instructions >= 0 ? (double)(n - m->instructions) : -1;
	r->clean = RUNNING_ON_VALGRIND || switches() == m->switches;
}
