/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * ppool_perf: buffer pools side by side. Method and tables: doc/guides/prog_guide/ppool_perf.rst.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>

#include "perf_env.h"
#include "perf_meter.h"
#include "ppool_perf.h"

#define ROUNDS       31u
#define ROUNDS_QUICK 3u
#define ROUNDS_MAX   10001u

struct options {
	const char *json;
	const char *only;
	bool targets;
	bool quick;
	bool instr;
	unsigned int rounds;
};

static void
usage(FILE *f)
{
	fprintf(f, "usage: ppool_perf [--json FILE] [--targets] [--quick] [--instr]\n"
		"                  [--only bare|life|memory] [--rounds N] [-- EAL options]\n"
		"  --json FILE  all figures, and what they were measured on\n"
		"  --targets    print a line for each target: name, value, limit, met or missed\n"
		"  --quick      few rounds: shows that all works, figures are rough\n"
		"  --instr      one round, to be run by perf_instr.py under callgrind\n"
		"  --only PART  leave out the rest\n"
		"  --rounds N   rounds of each comparison (default %u)\n"
		"EAL options: by default --in-memory --iova-mode=va --no-telemetry --no-pci;\n"
		"under valgrind --no-huge. A second lcore frees what the first receives.\n", ROUNDS);
}

static int
parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "json", required_argument, NULL, 'j' }, { "targets", no_argument, NULL, 't' },
		{ "quick", no_argument, NULL, 'q' }, { "instr", no_argument, NULL, 'i' },
		{ "only", required_argument, NULL, 'o' },
		{ "rounds", required_argument, NULL, 'r' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "+h", longs, NULL)) != -1) {
		switch (c) {
		case 'j': o->json = optarg; break;
		case 't': o->targets = true; break;
		case 'q': o->quick = true; break;
		case 'i': o->instr = true; break;
		case 'o': o->only = optarg; break;
		case 'r': o->rounds = (unsigned int)strtoul(optarg, NULL, 10); break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return -1;
		}
	}
	if (o->only != NULL && strcmp(o->only, "bare") != 0 && strcmp(o->only, "life") != 0 &&
			strcmp(o->only, "memory") != 0) {
		fprintf(stderr, "--only takes bare, life or memory, not %s\n", o->only);
		return -1;
	}
	if (o->rounds > ROUNDS_MAX) {
		fprintf(stderr, "--rounds takes 1 to %u\n", ROUNDS_MAX);
		return -1;
	}
	return optind;
}

/* The user's own EAL options, or ours. */
static int
eal_init(int argc, char **argv, int first)
{
	static char no_telemetry[] = "--no-telemetry", no_pci[] = "--no-pci",
		level[] = "--log-level=lib.eal:error", in_memory[] = "--in-memory",
		va[] = "--iova-mode=va", no_huge[] = "--no-huge", no_shconf[] = "--no-shconf",
		mem[] = "-m", mem_mib[] = "2048";
	static char *ours[12];
	int n = 0;

	rte_log_set_global_level(RTE_LOG_NOTICE);
	if (first < argc) {
		argv[first - 1] = argv[0];
		return rte_eal_init(argc - first + 1, argv + first - 1);
	}
	ours[n++] = argv[0];
	ours[n++] = no_telemetry;
	ours[n++] = no_pci;
	ours[n++] = level;
	if (!perf_meter_valgrind()) {
		ours[n++] = in_memory;
		/* As with a device behind an IOMMU. */
		ours[n++] = va;
		return rte_eal_init(n, ours);
	}
	/* Valgrind has no room for the address space that the EAL otherwise reserves. */
	ours[n++] = no_huge;
	ours[n++] = no_shconf;
	ours[n++] = mem;
	ours[n++] = mem_mib;
	return rte_eal_init(n, ours);
}

void
pp_fact(struct pp_run *run, const char *what, bool holds)
{
	json_t *facts = json_object_get(run->json, "facts");

	if (!holds) {
		run->broken++;
		printf("broken: %s\n", what);
	}
	if (!holds || json_object_get(facts, what) == NULL)
		json_object_set_new(facts, what, json_boolean(holds));
}

static bool
wanted(const struct options *o, const char *part)
{
	return o->only == NULL || strcmp(o->only, part) == 0;
}

static void
measure(struct pp_run *run, const struct options *o)
{
	if (wanted(o, "bare"))
		pp_bare(run);
	if (wanted(o, "life"))
		pp_life(run);
	if (wanted(o, "memory") && !run->instr)
		pp_memory(run);
	if (o->targets) {
		printf("\n");
		perf_targets_print(&run->targets);
	}
	json_object_set_new(run->json, "targets", perf_targets_json(&run->targets));
}

static int
save(const struct pp_run *run, const char *path)
{
	if (path == NULL || json_dump_file(run->json, path,
			JSON_INDENT(1) | JSON_REAL_PRECISION(6)) == 0)
		return 0;
	fprintf(stderr, "%s cannot be written: %s\n", path, strerror(errno));
	return -1;
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct pp_run run = { 0 };
	char **copy;
	json_t *env;
	int first = parse(argc, argv, &o), ret;

	if (first < 0)
		return 2;
	perf_meter_calibrate();
	copy = calloc((size_t)argc + 1, sizeof(*copy));
	run.json = json_pack("{s:s, s:{}}", "program", "ppool_perf", "facts");
	if (copy == NULL || run.json == NULL)
		return 2;
	memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	if (eal_init(argc, argv, first) < 0) {
		fprintf(stderr, "the EAL does not start: %s\n", rte_strerror(rte_errno));
		return 2;
	}
	env = perf_env_json(argc, copy);
	free(copy);
	run.quick = o.quick;
	run.instr = o.instr;
	run.rounds = o.rounds != 0 ? o.rounds : o.instr ? 1 : o.quick ? ROUNDS_QUICK : ROUNDS;
	if (o.quick)
		perf_rounds_repeat(1);
	run.helper = rte_lcore_count() > 1 ? (int)rte_get_next_lcore(-1, 1, 0) : -1;
	json_object_set_new(env, "rounds", json_integer(run.rounds));
	json_object_set_new(env, "instructions counted", json_boolean(perf_meter_thread_init()));
	json_object_set_new(run.json, "environment", env);
	perf_env_print(env);
	if (run.helper < 0)
		printf("# one lcore only: nothing can be freed on another core\n");
	measure(&run, &o);
	ret = save(&run, o.json);
	json_decref(run.json);
	perf_meter_thread_fini();
	rte_eal_cleanup();
	return ret != 0 ? 2 : run.broken > 0 ? 1 : 0;
}
