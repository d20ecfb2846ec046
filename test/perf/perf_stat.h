/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PERF_STAT_H
#define PERF_STAT_H

/*
 * Rounds of measurements on a shared machine. All arms (what is compared) are run one after the
 * other, round after round: A B C A B C ... A figure is the median over the rounds; a
 * comparison is the median of the ratios within each round, which slow drifts of the machine
 * touch much less. A measurement during which a thread lost its CPU is repeated, and, if
 * that does not help, its round is left out for this arm.
 */

#include <stdbool.h>
#include <stdint.h>

/** One measurement of an arm, in units per packet. */
struct perf_sample {
	double value;        /**< what is compared: cycles per packet */
	double part[2];      /**< of it, on each of two cores; 0 where it is not divided */
	double instructions; /**< < 0: not counted */
	bool clean;
};

/** One thing to be compared. */
struct perf_arm {
	const char *name;
	/** Measure once. 0, or < 0: cannot be measured at all. */
	int (*run)(void *arg, struct perf_sample *s);
	void *arg;
	bool reference;      /**< may be what the others are compared with */

	/* Filled in. */
	struct perf_sample *samples; /**< of each round */
	unsigned int rounds;
	unsigned int repeated;       /**< measurements thrown away and made again */
	unsigned int dropped;        /**< rounds without a clean measurement */
	int error;
};

/** Of a number of figures. lo ... hi: 95% interval of the median, by order statistics. */
struct perf_summary {
	unsigned int n;
	double median;
	double min;
	double max;
	double lo;
	double hi;
};

/** Run all arms @p rounds times; the first round warms up, and is not counted.
 * 0, or -ENOMEM. An arm that cannot be measured has its error set.
 */
int perf_rounds_run(struct perf_arm *arms, unsigned int n, unsigned int rounds);
/** Times that a disturbed measurement is made again (default 10). */
void perf_rounds_repeat(unsigned int times);
void perf_rounds_free(struct perf_arm *arms, unsigned int n);

/** Sorts @p v. */
void perf_summarize(double *v, unsigned int n, struct perf_summary *s);
/** Of the values of an arm. */
void perf_arm_summary(const struct perf_arm *arm, struct perf_summary *s);
void perf_arm_part(const struct perf_arm *arm, unsigned int part, struct perf_summary *s);
/** Instructions per packet, median; < 0: not counted. */
double perf_arm_instructions(const struct perf_arm *arm);
/** Of the ratios a / b in the rounds in which both were measured. */
void perf_arm_ratio(const struct perf_arm *a, const struct perf_arm *b, struct perf_summary *s);
/** The reference with the least median, or NULL if there is none. */
const struct perf_arm *perf_best_reference(const struct perf_arm *arms, unsigned int n);

#endif /* PERF_STAT_H */
