/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PMD_PERF_BENCH_H
#define PMD_PERF_BENCH_H

/* One workload on both drivers, and what came of it. */

#include "perf_stat.h"
#include "pmd_perf.h"

struct pmd_settings {
	struct pmd_files files;
	unsigned int rounds;   /**< of each driver */
	unsigned int restarts; /**< processes that they are spread over */
	bool one;              /**< only @ref which */
	bool count;            /**< instructions, not cycles */
	enum pmd_which which;
};

/** Of one driver. */
struct pmd_result {
	char driver[32];
	bool offered;
	char why[160];
	bool failed;            /**< the child died, or the model saw a fault */
	struct perf_summary cycles;      /**< a packet, all calls */
	double part[PMD_CALLS];          /**< of each call, median */
	double instructions;             /**< a packet, all calls; < 0: not counted */
	double steps[PMD_CALLS];         /**< of each call */
	double in_driver;                /**< of them inside of the driver's file */
	double in_pools;                 /**< and of the pool's */
	double segments;                 /**< mbufs a packet */
	double hugepage_bytes;           /**< behind the last round, the most of all processes */
	double empty_instructions, empty_driver, empty_cycles; /**< a poll that finds nothing */
	double model_mpps;               /**< packets a second that the model can move */
	double core[PMD_CORES_MAX];      /**< cycles a packet of each core's, where there are two */
	double in_turn[PMD_CORES_MAX];   /**< the same, one core after the other */
	double at_once;                  /**< part of their time in which both were at it */
	double hop;                      /**< ticks for a line to go to the other core and back */
	double cut;                      /**< part of the calls left out, highest of all rounds */
	json_t *ends;                    /**< last words of each child */
};

struct pmd_row {
	struct pmd_workload w;
	char name[PMD_NAME_MAX];
	struct pmd_result r[2];
	struct perf_summary ratio;  /**< ours by theirs, cycles, of the same round */
};

/** 0, or -1 if a child died. */
int pmd_bench(const struct pmd_settings *s, const struct pmd_workload *w, struct pmd_row *row);
/** Print where instructions go. */
int pmd_bench_profile(const struct pmd_settings *s, const struct pmd_workload *w);
/** What machine this is; to be freed. */
json_t *pmd_bench_env(const struct pmd_settings *s);

/* pmd_perf_report.c */

void pmd_report_head(const struct pmd_settings *s);
void pmd_report_row(const struct pmd_row *row);
json_t *pmd_report_json(const struct pmd_row *row);
struct perf_targets;
void pmd_report_targets(const struct pmd_row *rows, unsigned int n, struct perf_targets *ts);

#endif /* PMD_PERF_BENCH_H */
