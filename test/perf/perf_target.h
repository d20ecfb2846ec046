/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PERF_TARGET_H
#define PERF_TARGET_H

/* Targets: a measured value, its limit, and whether it is met. */

#include <stdbool.h>

#include <jansson.h>

#define PERF_TARGETS_MAX 64

struct perf_target {
	char name[80];
	double value;
	double limit;   /**< at most */
	bool measured;  /**< false: could not be measured, value means nothing */
	char why[80];   /**< why it could not */
};

struct perf_targets {
	struct perf_target t[PERF_TARGETS_MAX];
	unsigned int n;
};

void perf_target_add(struct perf_targets *ts, const char *name, double value, double limit);
void perf_target_missing(struct perf_targets *ts, const char *name, double limit,
		const char *why);
/** A line for each: name, value, limit, met or missed. */
void perf_targets_print(const struct perf_targets *ts);
json_t *perf_targets_json(const struct perf_targets *ts);

#endif /* PERF_TARGET_H */
