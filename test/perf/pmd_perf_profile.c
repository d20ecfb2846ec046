/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Instructions by function and source line: what addr2line knows of the addresses stepped on. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pmd_perf.h"

#define PLACES_MAX 4096u
#define LINES_MAX  4096u

struct line {
	char name[160]; /**< "function  file:line" */
	double count;
};

struct table {
	struct line line[LINES_MAX];
	unsigned int n;
};

static void
add(struct table *t, const char *name, double count)
{
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		if (strcmp(t->line[i].name, name) == 0) {
			t->line[i].count += count;
			return;
		}
	}
	if (t->n == LINES_MAX)
		return;
	snprintf(t->line[t->n].name, sizeof(t->line[0].name), "%s", name);
	t->line[t->n++].count = count;
}

static int
most_first(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : strcmp(x->name, y->name);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static bool
next_line(FILE *f, char *buf, size_t size)
{
	if (f == NULL || fgets(buf, (int)size, f) == NULL)
		return false;
	buf[strcspn(buf, "\n")] = '\0';
	return true;
}

struct place {
	char fn[96], at[256]; /* of the innermost inlined function */
	char whole[96];       /* the function that it was inlined into, as a whole */
};

/* addr2line -a -f -i prints the address, then function and file:line, from the innermost inlined
 * function outwards. @p line holds the first line of a place, and is left with that of the next.
 */
static bool
read_place(FILE *f, char *line, size_t size, struct place *p)
{
	char fn[256], at[512];
	bool first = true, more;

	if (strncmp(line, "0x", 2) != 0)
		return false;
	while ((more = next_line(f, fn, sizeof(fn))) && strncmp(fn, "0x", 2) != 0) {
		if (!next_line(f, at, sizeof(at)))
			break;
		at[strcspn(at, " ")] = '\0';
		snprintf(p->whole, sizeof(p->whole), "%.90s", strcmp(fn, "??") == 0 ? "-" : fn);
		if (first) {
			strcpy(p->fn, p->whole);
			snprintf(p->at, sizeof(p->at), "%.200s", base_name(at));
		}
		first = false;
	}
	snprintf(line, size, "%s", more ? fn : "");
	return !first;
}

static void
read_names(FILE *f, const char *file, const double *count, unsigned int n, struct table *lines,
	struct table *functions)
{
	char line[512] = "", name[160];
	struct place p;
	unsigned int i;

	next_line(f, line, sizeof(line));
	for (i = 0; i < n; i++) {
		if (!read_place(f, line, sizeof(line), &p)) {
			strcpy(p.fn, "-");
			strcpy(p.whole, "-");
			strcpy(p.at, "?");
		}
		snprintf(name, sizeof(name), "%.60s  %.60s", p.whole, base_name(file));
		add(functions, name, count[i]);
		snprintf(name, sizeof(name), "%.60s  %.60s", p.fn, p.at);
		add(lines, name, count[i]);
	}
}

/* All addresses of one file. */
static void
name_file(const json_t *profile, const char *file, struct table *lines, struct table *functions)
{
	static double count[PLACES_MAX];
	size_t size = strlen(file) + 64 + PLACES_MAX * 20, at;
	char *cmd = malloc(size);
	unsigned int n = 0;
	json_t *e;
	size_t i;
	FILE *f;

	if (cmd == NULL)
		return;
	at = snprintf(cmd, size, "addr2line -a -f -i -e '%s'", file);
	json_array_foreach((json_t *)(uintptr_t)profile, i, e) {
		if (n == PLACES_MAX ||
				strcmp(json_string_value(json_object_get(e, "file")), file) != 0)
			continue;
		count[n++] = json_integer_value(json_object_get(e, "count"));
		at += snprintf(cmd + at, size - at, " 0x%" PRIx64,
			(uint64_t)json_integer_value(json_object_get(e, "offset")));
	}
	f = strchr(file, '\'') == NULL ? popen(cmd, "r") : NULL;
	read_names(f, file, count, n, lines, functions);
	if (f != NULL)
		pclose(f);
	free(cmd);
}

static void
print_table(FILE *to, struct table *t, double packets, double least)
{
	unsigned int i;

	qsort(t->line, t->n, sizeof(t->line[0]), most_first);
	for (i = 0; i < t->n; i++)
		if (t->line[i].count / packets >= least)
			fprintf(to, "  %9.2f  %s\n", t->line[i].count / packets, t->line[i].name);
}

void
pmd_profile_print(FILE *to, const json_t *profile, const char *call, double packets)
{
	static struct table lines, functions;
	size_t i, k;
	json_t *e;

	lines.n = 0;
	functions.n = 0;
	json_array_foreach((json_t *)(uintptr_t)profile, i, e) {
		const char *file = json_string_value(json_object_get(e, "file"));

		for (k = 0; k < i; k++)
			if (strcmp(file, json_string_value(json_object_get(json_array_get(profile, k),
					"file"))) == 0)
				break;
		if (k == i)
			name_file(profile, file, &lines, &functions);
	}
	fprintf(to, "%s: instructions a packet by function\n", call);
	print_table(to, &functions, packets, 0.05);
	fprintf(to, "%s: by source line\n", call);
	print_table(to, &lines, packets, 0.2);
}
