/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * usage: relacy_model --list | SUITE [--seed LABEL.rel|.acq|.step] [--iterations N] [--show]
 *
 * Without a seed, the suite must pass in all executions tried. With one, that half of the order
 * is taken away, and the suite must fail in the way that the table says.
 */

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <streambuf>

#include "order.hpp"

/* What Relacy says. Of fixed size: it takes operator new for the program's under test. */
struct text_buffer : std::streambuf {
	char text[1 << 20];

	text_buffer() { setp(text, text + sizeof(text) - 1); }

	const char *
	said()
	{
		*pptr() = '\0';
		return text;
	}
};

static text_buffer buffer;

order_label seed_label = ORDER_NONE;
int seed_half;

static const char *const label_names[] = {
#define X(l) #l,
	ORDER_LABELS(X)
#undef X
};

struct seed {
	const char *suite;
	const char *name;
	rl::test_result_e result;
};

#define RACE rl::test_result_data_race
#define WRONG rl::test_result_user_assert_failed

/* Each half of each label that is needed, where it is needed. */
static const seed seeds[] = {
	{ "small_page", "A0.rel", RACE },
	{ "small_page", "A0.acq", RACE },
	{ "small_page", "R0.acq", RACE },
	{ "small_page", "O0.rel", RACE },
	{ "small_page", "O1.acq", RACE },
	{ "large_page", "A1.rel", RACE },
	{ "large_page", "A1.acq", RACE },
	{ "large_page", "R0.acq", RACE },
	{ "ring", "O0.rel", RACE },
	{ "ring", "O1.acq", RACE },
	{ "ring_close", "O0.rel", RACE },
	{ "ring_close", "O2.acq", RACE },
	{ "reuse_small", "H0.acq", RACE },
	{ "reuse_small", "A0.rel", RACE },
	{ "reuse_small", "R0.rel", RACE },
	{ "reuse_large", "H1.acq", RACE },
	{ "reuse_large", "A0.rel", RACE },
	{ "reuse_large", "R0.rel", RACE },
	{ "words_of_this_life", "H0.acq", WRONG },
	{ "words_of_this_life", "R0.rel", WRONG },
	{ "new_life", "L0.rel", WRONG },
	{ "new_life", "H0.acq", WRONG },
	{ "second_put_open", "L1.rel", RACE },
	{ "second_put_open", "A0.acq", RACE },
	{ "second_put_take", "H1.rel", RACE },
	{ "second_put_take", "A0.acq", RACE },
	{ "close", "C0.rel", RACE },
	{ "close", "C0.acq", RACE },
	{ "close", "C1back.rel", RACE },
	{ "close", "C1back.acq", RACE },
	{ "close", "C1close.rel", RACE },
	{ "close", "C1close.acq", RACE },
	{ "destroy", "D0.rel", RACE },
	{ "destroy", "D0.acq", RACE },
	{ "in_flight", "C1back.rel", WRONG },
	{ "in_flight", "P2.acq", WRONG },
	{ "table", "T0.rel", RACE },
	{ "table", "T0.acq", RACE },
	{ "owners", "P0.rel", RACE },
	{ "owners", "P0.acq", RACE },
	{ "chunks", "P1.rel", RACE },
	{ "chunks", "P1.acq", RACE },
	{ "registry", "M0.rel", RACE },
	{ "registry", "M0.acq", RACE },
	{ "registry_known", "M1.rel", RACE },
	{ "registry_known", "M1.acq", RACE },
	{ "orphan", "M2.rel", RACE },
	{ "orphan", "M2.acq", RACE },
	{ "table_remove", "G0.step", WRONG },
	{ "give_back", "A0.rel", RACE },
	{ "give_back", "A0.acq", RACE },
	{ "open_page", "I0.rel", WRONG },
	{ "open_page", "I0.acq", WRONG },
	{ "clone", "F0.acq", RACE },
	{ "pool_small", "A0.rel", RACE },
	{ "pool_small", "A0.acq", RACE },
	{ "pool_small", "R0.rel", RACE },
	{ "pool_small", "R0.acq", RACE },
	{ "pool_small", "H0.acq", RACE },
	{ "pool_small", "O0.rel", RACE },
	{ "pool_small", "O1.acq", RACE },
	{ "pool_small", "O2.acq", RACE },
	{ "pool_small", "C1back.rel", RACE },
	{ "pool_small", "C1back.acq", RACE },
	{ "pool_small", "C1close.acq", RACE },
	{ "pool_small", "D0.rel", RACE },
	{ "pool_small", "D0.acq", RACE },
	{ "pool_large", "A0.rel", RACE },
	{ "pool_large", "A1.rel", RACE },
	{ "pool_large", "A1.acq", RACE },
	{ "pool_large", "R0.rel", WRONG },
	{ "pool_large", "R0.acq", RACE },
	{ "pool_large", "H0.acq", WRONG },
	{ "pool_large", "H1.acq", RACE },
};

static const suite *const all[] = { suites_page, suites_owner, suites_publish, suites_pool };

static const suite *
suite_find(const char *name)
{
	for (const suite *list : all)
		for (; list->name != NULL; list++)
			if (strcmp(list->name, name) == 0)
				return list;
	return NULL;
}

static const seed *
seed_find(const char *suite, const char *name)
{
	for (const seed &s : seeds)
		if (strcmp(s.suite, suite) == 0 && strcmp(s.name, name) == 0)
			return &s;
	return NULL;
}

/* "A0.rel" */
static bool
seed_set(const char *name)
{
	const char *dot = strchr(name, '.');
	int l;

	for (l = 0; dot != NULL && l < ORDER_NONE; l++) {
		if (strlen(label_names[l]) != (size_t)(dot - name) ||
				strncmp(label_names[l], name, dot - name) != 0)
			continue;
		seed_label = (order_label)l;
		seed_half = strcmp(dot, ".rel") == 0 ? ORDER_REL :
			strcmp(dot, ".acq") == 0 ? ORDER_ACQ :
			strcmp(dot, ".step") == 0 ? ORDER_STEP : 0;
		return seed_half != 0;
	}
	return false;
}

static int
list()
{
	for (const suite *l : all)
		for (; l->name != NULL; l++)
			printf("suite %s: %s\n", l->name, l->what);
	for (const seed &s : seeds)
		printf("seed %s %s: %s\n", s.suite, s.name, rl::test_result_str(s.result));
	return 0;
}

static int
usage()
{
	fprintf(stderr, "usage: relacy_model --list | SUITE [--seed LABEL.rel|.acq|.step] "
		"[--iterations N] [--show]\n");
	return 2;
}

static int
run(const suite *s, const char *seeded, unsigned long iterations, bool show)
{
	const seed *want = seeded != NULL ? seed_find(s->name, seeded) : NULL;
	rl::test_result_e result = want != NULL ? want->result : rl::test_result_success;
	std::ostream said(&buffer);
	rl::test_params params;
	bool ok;

	params.iteration_count = iterations;
	params.search_type = rl::random_scheduler_type;
	params.output_stream = &said;
	params.progress_stream = &said;
	s->run(params);
	ok = params.test_result == result;
	if (!ok || show)
		printf("%s\n", buffer.said());
	printf("%s%s%s: %s after %lu executions, as it should be: %s\n", s->name,
		seeded != NULL ? " without " : "", seeded != NULL ? seeded : "",
		rl::test_result_str(params.test_result), (unsigned long)params.stop_iteration,
		ok ? "yes" : "NO");
	return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
	unsigned long iterations = 100000;
	const char *seeded = NULL;
	const suite *s;
	bool show = false;
	int i;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	s = argc > 1 ? suite_find(argv[1]) : NULL;
	if (s == NULL)
		return usage();
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc && seed_set(argv[i + 1]))
			seeded = argv[++i];
		else if (strcmp(argv[i], "--iterations") == 0 && i + 1 < argc)
			iterations = strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--show") == 0)
			show = true;
		else
			return usage();
	}
	return run(s, seeded, iterations, show);
}
