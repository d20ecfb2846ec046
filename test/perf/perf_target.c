/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <stdio.h>

#include "perf_target.h"

static struct perf_target *
target_new(struct perf_targets *ts, const char *name, double limit)
{
	struct perf_target *t;

	if (ts->n == PERF_TARGETS_MAX)
		return NULL;
	t = &ts->t[ts->n++];
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->limit = limit;
	return t;
}

void
perf_target_add(struct perf_targets *ts, const char *name, double value, double limit)
{
	struct perf_target *t = target_new(ts, name, limit);

	if (t == NULL)
		return;
	t->measured = true;
	t->value = value;
}

void
perf_target_missing(struct perf_targets *ts, const char *name, double limit, const char *why)
{
	struct perf_target *t = target_new(ts, name, limit);

	if (t != NULL)
		snprintf(t->why, sizeof(t->why), "%s", why);
}

static const char *
verdict(const struct perf_target *t)
{
	if (!t->measured)
		return "not measured";
	return t->value <= t->limit ? "met" : "missed";
}

void
perf_targets_print(const struct perf_targets *ts)
{
	unsigned int i;

	for (i = 0; i < ts->n; i++) {
		const struct perf_target *t = &ts->t[i];

		if (t->measured)
			printf("target: %s: %.3f, limit %.2f, %s\n", t->name, t->value, t->limit,
				verdict(t));
		else
			printf("target: %s: n/a, limit %.2f, not measured (%s)\n", t->name,
				t->limit, t->why);
	}
}

json_t *
perf_targets_json(const struct perf_targets *ts)
{
	json_t *all = json_array(), *o;
	unsigned int i;

	for (i = 0; i < ts->n; i++) {
		const struct perf_target *t = &ts->t[i];

		o = json_pack("{s:s, s:f, s:s}", "name", t->name, "limit", t->limit,
			"verdict", verdict(t));
		json_object_set_new(o, "value", t->measured ? json_real(t->value) : json_null());
		if (!t->measured)
			json_object_set_new(o, "why", json_string(t->why));
		json_array_append_new(all, o);
	}
	return all;
}
