/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Tables, JSON rows, targets of comparisons. */

#include <stdio.h>
#include <string.h>

#include "ppool_perf.h"

static json_t *
summary_json(const struct perf_summary *s)
{
	return json_pack("{s:i, s:f, s:f, s:f, s:[f, f]}", "n", (int)s->n, "median", s->median,
		"min", s->min, "max", s->max, "interval95", s->lo, s->hi);
}

static void
row(json_t *rows, const struct perf_arm *arm, const struct perf_arm *best)
{
	struct perf_summary c, ratio = { 0 }, part[2];
	double instructions;
	char extra[64] = "";
	json_t *o;

	if (arm->error != 0) {
		printf("%-30s %s\n", arm->name, strerror(-arm->error));
		json_array_append_new(rows, json_pack("{s:s, s:s}", "variant", arm->name, "error",
			strerror(-arm->error)));
		return;
	}
	perf_arm_summary(arm, &c);
	perf_arm_part(arm, 0, &part[0]);
	perf_arm_part(arm, 1, &part[1]);
	instructions = perf_arm_instructions(arm);
	if (best != NULL)
		perf_arm_ratio(arm, best, &ratio);
	if (instructions >= 0)
		snprintf(extra, sizeof(extra), " %8.1f", instructions);
	else
		snprintf(extra, sizeof(extra), " %8s", "n/a");
	if (part[1].median > 0)
		snprintf(extra + strlen(extra), sizeof(extra) - strlen(extra), "  %.1f + %.1f",
			part[0].median, part[1].median);
	printf("%-30s %8.2f %8.2f %8.2f %7.3f [%.3f, %.3f] %4u %4u%s\n", arm->name, c.median,
		c.min, c.max, ratio.median, ratio.lo, ratio.hi, c.n, arm->repeated, extra);
	o = json_pack("{s:s, s:b, s:o, s:i, s:i}", "variant", arm->name, "reference",
		arm->reference, "cycles", summary_json(&c), "repeated", (int)arm->repeated,
		"dropped", (int)arm->dropped);
	json_object_set_new(o, "instructions", instructions >= 0 ? json_real(instructions) :
		json_null());
	if (best != NULL)
		json_object_set_new(o, "ratio", summary_json(&ratio));
	if (part[1].median > 0) {
		json_object_set_new(o, "receiving_core", summary_json(&part[0]));
		json_object_set_new(o, "freeing_core", summary_json(&part[1]));
	}
	json_array_append_new(rows, o);
}

void
pp_report(struct pp_run *run, const char *section, const char *title, json_t *about,
		const struct perf_arm *arms, unsigned int n)
{
	const struct perf_arm *best = perf_best_reference(arms, n);
	json_t *tables = json_object_get(run->json, section), *rows = json_array();
	unsigned int i;

	if (tables == NULL) {
		json_object_set_new(run->json, section, json_array());
		tables = json_object_get(run->json, section);
	}
	printf("\n%s: TSC cycles per packet\n", title);
	printf("%-30s %8s %8s %8s %7s %-14s %4s %4s %8s%s\n", "", "median", "min", "max", "ratio",
		"[95%]", "n", "rep.", "instr.", run->helper >= 0 && strstr(title, "another") ?
		"  receiving + freeing core" : "");
	for (i = 0; i < n; i++)
		row(rows, &arms[i], best);
	if (best != NULL) {
		printf("ratio: median of the ratios to %s of the same round\n", best->name);
		json_object_set_new(about, "best", json_string(best->name));
	}
	fflush(stdout);
	json_object_set_new(about, "title", json_string(title));
	json_object_set_new(about, "rows", rows);
	json_array_append_new(tables, about);
}

void
pp_target_ratio(struct pp_run *run, const char *name, const char *subject, double limit,
		const struct perf_arm *arms, unsigned int n)
{
	const struct perf_arm *best = perf_best_reference(arms, n);
	struct perf_summary s;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (strcmp(arms[i].name, subject) != 0 || arms[i].error != 0)
			continue;
		memset(&s, 0, sizeof(s));
		if (best != NULL)
			perf_arm_ratio(&arms[i], best, &s);
		if (s.n > 0)
			perf_target_add(&run->targets, name, s.median, limit);
		else
			perf_target_missing(&run->targets, name, limit, "no undisturbed round");
		return;
	}
	perf_target_missing(&run->targets, name, limit, "no such pool in this build");
}
