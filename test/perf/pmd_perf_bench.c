/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Rounds of both drivers in turns. */

#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "pmd_perf_bench.h"

/* Less than perf_rounds_run() allows. */
#define TRIES_MAX 8u

static const char *const call_names[PMD_CALLS] = { "rx", "prep", "tx", "pool", "loop" };

struct arm {
	const struct pmd_settings *s;
	enum pmd_which which;
	const struct pmd_workload *w;
	struct pmd_result *r;
	struct pmd_process p;
	unsigned int asked;   /* rounds of this process */
	unsigned int tries;   /* in vain, for this round */
	unsigned int launched;
	unsigned int nb;      /* rounds in all */
	double *part[PMD_CALLS];
	double *core[PMD_CORES_MAX];
	double *in_turn[PMD_CORES_MAX];
	double *at_once;
	double *hop;
	double *mpps;
};

static double
number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static double
number_at(const json_t *o, const char *key, unsigned int i)
{
	return json_number_value(json_array_get(json_object_get(o, key), i));
}

static void
fail(struct arm *a, const char *why)
{
	if (!a->r->failed)
		snprintf(a->r->why, sizeof(a->r->why), "%s", why);
	a->r->failed = true;
}

/* What the model says at the end: that nothing was wrong. */
static void
dismiss(struct arm *a)
{
	json_t *o = pmd_dismiss(&a->p);

	if (o == NULL)
		fail(a, "the process died");
	else if (number(o, "violations") != 0 || number(o, "iommu_faults") != 0)
		fail(a, "the model saw a violation");
	else if (number(o, "unsent") != 0)
		fail(a, "packets were not sent");
	else if (!json_is_true(json_object_get(o, "buffers_home")))
		fail(a, "buffers did not come back");
	if (o == NULL)
		return;
	a->r->hugepage_bytes = RTE_MAX(a->r->hugepage_bytes, number(o, "hugepage_bytes"));
	json_array_append_new(a->r->ends, o);
}

/* Once for a workload, by the first process: counts do not change. */
static int
count(struct arm *a)
{
	struct pmd_result *r = a->r;
	json_t *o = pmd_ask(&a->p, "count"), *e;
	double loop = 0;
	unsigned int i;

	if (o == NULL)
		return -1;
	r->segments = number(o, "segments");
	r->instructions = 0;
	for (i = 0; i < PMD_CALLS; i++) {
		e = json_object_get(o, call_names[i]);
		r->steps[i] = number(e, "instructions");
		if (i == PMD_CALL_LOOP) {
			loop = r->steps[i];
			continue;
		}
		r->instructions += r->steps[i];
		r->in_driver += number(e, "driver");
		r->in_pools += number(e, "pools");
	}
	json_decref(o);
	if (loop != 0)
		r->instructions = loop;
	o = pmd_ask(&a->p, "empty");
	if (o == NULL)
		return -1;
	r->empty_instructions = number(o, "instructions");
	r->empty_driver = number(o, "driver");
	r->empty_cycles = number(o, "cycles");
	json_decref(o);
	return 0;
}

static int
launch(struct arm *a)
{
	json_t *o = pmd_launch(&a->p, &a->s->files, a->which, a->w);
	const char *why;
	unsigned int simd = a->s->files.simd[a->which];
	char width[16] = "";
	bool steps;

	if (o == NULL)
		return -1;
	if (simd != 0)
		snprintf(width, sizeof(width), ",%u", simd);
	snprintf(a->r->driver, sizeof(a->r->driver), "%.15s%s",
		json_string_value(json_object_get(o, "driver")), width);
	why = json_string_value(json_object_get(o, "refused"));
	a->r->offered = why == NULL;
	if (why != NULL)
		snprintf(a->r->why, sizeof(a->r->why), "%s", why);
	steps = json_is_true(json_object_get(o, "steps"));
	json_decref(o);
	a->asked = 0;
	if (!a->r->offered) {
		json_decref(pmd_dismiss(&a->p));
		return 0;
	}
	return a->launched++ == 0 && steps ? count(a) : 0;
}

static double
take(struct arm *a, const json_t *o)
{
	double total = 0, v[PMD_CALLS];
	unsigned int i;
	json_t *e;

	for (i = 0; i < PMD_CALLS; i++) {
		e = json_object_get(o, call_names[i]);
		v[i] = number(e, "cycles");
		if (number(e, "cut") > a->r->cut)
			a->r->cut = number(e, "cut");
		if (a->part[i] != NULL)
			a->part[i][a->nb] = v[i];
		if (i != PMD_CALL_LOOP)
			total += v[i];
	}
	for (i = 0; i < PMD_CORES_MAX; i++) {
		a->core[i][a->nb] = number_at(o, "cores", i);
		a->in_turn[i][a->nb] = number_at(o, "in_turn", i);
	}
	a->at_once[a->nb] = number(o, "at_once");
	a->hop[a->nb] = number(o, "hop");
	v[PMD_CALL_RX] = number(json_object_get(o, "model"), "cycles");
	a->mpps[a->nb] = v[PMD_CALL_RX] > 0 ? number(o, "tsc_mhz") / v[PMD_CALL_RX] : 0;
	return v[PMD_CALL_LOOP] != 0 ? v[PMD_CALL_LOOP] : total;
}

static int
run(void *arg, struct perf_sample *s)
{
	struct arm *a = arg;
	unsigned int each = (a->s->rounds + a->s->restarts) / a->s->restarts;
	json_t *o;

	if (!a->r->offered || a->r->failed)
		return -1;
	if (a->p.pid >= 0 && a->asked >= each) {
		dismiss(a);
		a->p.pid = -1;
	}
	if (a->p.pid < 0 && launch(a) != 0) {
		fail(a, "the process died");
		return -1;
	}
	if (!a->r->offered)
		return -1;
	o = pmd_ask(&a->p, "round");
	if (o == NULL) {
		fail(a, "the process died");
		return -1;
	}
	s->value = take(a, o);
	/* On a busy machine no round may be undisturbed: then the disturbed one has to do. Two
	 * cores that wait for each other yield, and so are switched away all the time.
	 */
	s->clean = a->w->remote || a->w->cores > 1 || number(o, "switches") == 0 ||
		++a->tries == TRIES_MAX;
	if (s->clean) {
		a->tries = 0;
		a->asked++;
		if (a->nb < a->s->rounds)
			a->nb++;
	}
	json_decref(o);
	return 0;
}

static void
count_only(struct arm *a, unsigned int n)
{
	for (; n > 0; a++, n--)
		if (launch(a) != 0)
			fail(a, "the process died");
}

/* Of all rounds, which are no longer needed. */
static double
median(struct arm *a, double *v)
{
	struct perf_summary s;

	perf_summarize(v, a->nb, &s);
	free(v);
	return s.median;
}

static void
finish(struct arm *a, const struct perf_arm *pa)
{
	unsigned int i;

	if (a->p.pid >= 0)
		dismiss(a);
	if (pa->error == 0 && a->r->offered && !a->s->count)
		perf_arm_summary(pa, &a->r->cycles);
	for (i = 0; i < PMD_CALLS; i++)
		a->r->part[i] = median(a, a->part[i]);
	for (i = 0; i < PMD_CORES_MAX; i++) {
		a->r->core[i] = median(a, a->core[i]);
		a->r->in_turn[i] = median(a, a->in_turn[i]);
	}
	a->r->at_once = median(a, a->at_once);
	a->r->hop = median(a, a->hop);
	a->r->model_mpps = median(a, a->mpps);
}

static void
prepare(struct arm *a, const struct pmd_settings *s, enum pmd_which which,
	const struct pmd_workload *w, struct pmd_result *r)
{
	unsigned int i;

	memset(a, 0, sizeof(*a));
	memset(r, 0, sizeof(*r));
	a->s = s;
	a->which = which;
	a->w = w;
	a->r = r;
	a->p.pid = -1;
	for (i = 0; i < PMD_CALLS; i++)
		a->part[i] = calloc(s->rounds + 1, sizeof(double));
	for (i = 0; i < PMD_CORES_MAX; i++) {
		a->core[i] = calloc(s->rounds + 1, sizeof(double));
		a->in_turn[i] = calloc(s->rounds + 1, sizeof(double));
	}
	a->at_once = calloc(s->rounds + 1, sizeof(double));
	a->hop = calloc(s->rounds + 1, sizeof(double));
	a->mpps = calloc(s->rounds + 1, sizeof(double));
	r->offered = true;
	r->instructions = -1;
	r->ends = json_array();
	snprintf(r->driver, sizeof(r->driver), "%s", which == PMD_OURS ? "net_hns3_pmd" : "net_hns3");
}

int
pmd_bench(const struct pmd_settings *s, const struct pmd_workload *w, struct pmd_row *row)
{
	struct perf_arm pa[2];
	struct arm a[2];
	unsigned int i, first = 0, n = 2;

	memset(row, 0, sizeof(*row));
	memset(pa, 0, sizeof(pa));
	row->w = *w;
	pmd_spec_name(w, false, row->name, sizeof(row->name));
	for (i = 0; i < 2; i++) {
		prepare(&a[i], s, i, w, &row->r[i]);
		pa[i].name = row->r[i].driver;
		pa[i].run = run;
		pa[i].arg = &a[i];
	}
	if (s->one) {
		first = s->which;
		n = 1;
	}
	if (s->count)
		count_only(&a[first], n);
	else if (perf_rounds_run(&pa[first], n, s->rounds) != 0)
		return -1;
	for (i = first; i < first + n; i++)
		finish(&a[i], &pa[i]);
	if (!s->count && n == 2 && pa[0].error == 0 && pa[1].error == 0)
		perf_arm_ratio(&pa[PMD_OURS], &pa[PMD_THEIRS], &row->ratio);
	if (s->one)
		finish(&a[!first], &pa[!first]);
	perf_rounds_free(&pa[first], n);
	return row->r[0].failed || row->r[1].failed ? -1 : 0;
}

int
pmd_bench_profile(const struct pmd_settings *s, const struct pmd_workload *w)
{
	char name[PMD_NAME_MAX];
	struct pmd_process p;
	unsigned int i, k;
	json_t *o, *e;

	pmd_spec_name(w, false, name, sizeof(name));
	for (k = 0; k < 2; k++) {
		if (s->one && k != s->which)
			continue;
		o = pmd_launch(&p, &s->files, k, w);
		if (o == NULL)
			return -1;
		printf("\n%s, %s\n", name, json_string_value(json_object_get(o, "driver")));
		json_decref(o);
		o = pmd_ask(&p, "profile");
		for (i = 0; i < PMD_CALLS; i++) {
			e = json_object_get(o, call_names[i]);
			if (e == NULL)
				continue;
			printf("%s: %.2f instructions a packet, %.2f in the driver, %.2f in pools\n",
				call_names[i], number(e, "instructions"), number(e, "driver"),
				number(e, "pools"));
			pmd_profile_print(stdout, json_object_get(e, "profile"), call_names[i],
				number(e, "packets"));
		}
		json_decref(o);
		json_decref(pmd_dismiss(&p));
	}
	return 0;
}

json_t *
pmd_bench_env(const struct pmd_settings *s)
{
	struct pmd_workload w;
	struct pmd_process p;
	json_t *o, *env;
	char err[64];

	pmd_spec_parse("fwd", &w, err, sizeof(err));
	o = pmd_launch(&p, &s->files, s->one ? s->which : PMD_OURS, &w);
	json_decref(o);
	env = o == NULL ? NULL : pmd_ask(&p, "env");
	json_decref(pmd_dismiss(&p));
	return env;
}
