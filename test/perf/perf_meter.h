/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PERF_METER_H
#define PERF_METER_H

/*
 * Measuring a piece of code: TSC ticks, instructions where the kernel lets us count them, and
 * whether the thread was interrupted meanwhile.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_cycles.h>

/** What one measurement has found. */
struct perf_reading {
	double cycles;       /**< TSC ticks, without what reading the TSC costs */
	double instructions; /**< of this thread in user mode, or < 0: cannot be counted */
	bool clean;          /**< the thread was not thrown off its CPU meanwhile */
};

struct perf_meter {
	uint64_t tsc;
	int64_t instructions;
	long switches;
};

/** Find out what reading the TSC costs. Called once, before anything is measured. */
void perf_meter_calibrate(void);
/** Ticks that pass between two readings of the TSC with nothing between them. */
uint64_t perf_meter_overhead(void);
/** The same for rte_rdtsc(), which waits for nothing. */
uint64_t perf_tsc_plain_cost(void);

/** Begin to count the instructions of the calling thread; false if the kernel does not
 * allow it, or the machine has no counter. Each measuring thread calls it once.
 */
bool perf_meter_thread_init(void);
void perf_meter_thread_fini(void);

/** Under callgrind the next measurement is dumped with this text and number (of packets), for
 * perf_instr.py; everywhere else this does nothing.
 */
void perf_meter_label(const char *label, uint64_t packets);
/** Is this a run under valgrind, where times mean nothing? */
bool perf_meter_valgrind(void);

void perf_meter_start(struct perf_meter *m);
void perf_meter_stop(const struct perf_meter *m, struct perf_reading *r);

/** TSC, with all loads before it done. For pieces of code within a measurement. */
static inline uint64_t
perf_tsc(void)
{
	return rte_rdtsc_precise();
}

#endif /* PERF_METER_H */
