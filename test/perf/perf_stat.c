/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "perf_stat.h"

/* Times that a measurement is made again before its round is given up. */
static unsigned int repeat_max = 10;

void
perf_rounds_repeat(unsigned int times)
{
	repeat_max = times;
}

static int
cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void
perf_summarize(double *v, unsigned int n, struct perf_summary *s)
{
	double half;
	int lo, hi;

	memset(s, 0, sizeof(*s));
	s->n = n;
	if (n == 0)
		return;
	qsort(v, n, sizeof(*v), cmp_double);
	s->median = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
	s->min = v[0];
	s->max = v[n - 1];
	/* The number of figures below the true median is binomial(n, 1/2). */
	half = 1.96 * sqrt(n) / 2;
	lo = (int)floor(n / 2.0 - half);
	hi = (int)ceil(n / 2.0 + half);
	s->lo = v[lo > 0 ? lo : 0];
	s->hi = v[hi < (int)n ? hi : (int)n - 1];
}

static int
measure(struct perf_arm *arm, struct perf_sample *s)
{
	unsigned int tries;
	int ret;

	for (tries = 0; tries <= repeat_max; tries++) {
		memset(s, 0, sizeof(*s));
		s->instructions = -1;
		ret = arm->run(arm->arg, s);
		if (ret < 0 || s->clean)
			return ret;
		arm->repeated++;
	}
	/* The last of them was not made again. */
	arm->repeated--;
	arm->dropped++;
	return 0;
}

int
perf_rounds_run(struct perf_arm *arms, unsigned int n, unsigned int rounds)
{
	struct perf_sample warm;
	unsigned int i, r;

	for (i = 0; i < n; i++) {
		arms[i].samples = calloc(rounds, sizeof(*arms[i].samples));
		if (arms[i].samples == NULL)
			return -ENOMEM;
		arms[i].rounds = rounds;
		arms[i].repeated = 0;
		arms[i].dropped = 0;
		arms[i].error = arms[i].run(arms[i].arg, &warm);
	}
	for (r = 0; r < rounds; r++)
		for (i = 0; i < n; i++)
			if (arms[i].error == 0)
				arms[i].error = measure(&arms[i], &arms[i].samples[r]);
	return 0;
}

void
perf_rounds_free(struct perf_arm *arms, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		free(arms[i].samples);
		arms[i].samples = NULL;
	}
}

static double
pick(const struct perf_sample *s, int part)
{
	return part < 0 ? s->value : s->part[part];
}

static void
summary(const struct perf_arm *arm, int part, struct perf_summary *s)
{
	double *v = malloc(arm->rounds * sizeof(*v));
	unsigned int r, n = 0;

	for (r = 0; v != NULL && r < arm->rounds; r++)
		if (arm->samples[r].clean)
			v[n++] = pick(&arm->samples[r], part);
	perf_summarize(v, n, s);
	free(v);
}

void
perf_arm_summary(const struct perf_arm *arm, struct perf_summary *s)
{
	summary(arm, -1, s);
}

void
perf_arm_part(const struct perf_arm *arm, unsigned int part, struct perf_summary *s)
{
	summary(arm, (int)part, s);
}

double
perf_arm_instructions(const struct perf_arm *arm)
{
	double *v = malloc(arm->rounds * sizeof(*v)), median = -1;
	struct perf_summary s;
	unsigned int r, n = 0;

	for (r = 0; v != NULL && r < arm->rounds; r++)
		if (arm->samples[r].clean && arm->samples[r].instructions >= 0)
			v[n++] = arm->samples[r].instructions;
	perf_summarize(v, n, &s);
	if (n > 0)
		median = s.median;
	free(v);
	return median;
}

void
perf_arm_ratio(const struct perf_arm *a, const struct perf_arm *b, struct perf_summary *s)
{
	double *v = malloc(a->rounds * sizeof(*v));
	unsigned int r, n = 0;

	for (r = 0; v != NULL && r < a->rounds && r < b->rounds; r++)
		if (a->samples[r].clean && b->samples[r].clean && b->samples[r].value > 0)
			v[n++] = a->samples[r].value / b->samples[r].value;
	perf_summarize(v, n, s);
	free(v);
}

const struct perf_arm *
perf_best_reference(const struct perf_arm *arms, unsigned int n)
{
	const struct perf_arm *best = NULL;
	struct perf_summary s;
	double least = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!arms[i].reference || arms[i].error != 0)
			continue;
		perf_arm_summary(&arms[i], &s);
		if (s.n > 0 && (best == NULL || s.median < least)) {
			best = &arms[i];
			least = s.median;
		}
	}
	return best;
}
