/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The command line. */

#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "perf_env.h"
#include "perf_target.h"
#include "pmd_perf_bench.h"

#define ROWS_MAX 128u
#define DRIVER_NAME "librte_net_hns3_pmd_timed.so"

static const char usage[] =
"usage: pmd_perf [OPTION]... [FILTER]...\n"
"The same workloads on this tree's driver and on the distribution's net_hns3, under hns3-sim.\n"
"FILTER is one or more words with commas between, such as fwd or fwd,size=64: a workload is\n"
"run if it has all words of one filter.\n"
"\n"
"  -w WORKLOAD    run this one, in the list or not: rxonly, txonly, fwd or macswap, and any of\n"
"                 size= burst= ring= queues= busy=1 hold= fast_free=1 csum=1|2 rss=1 remote=1\n"
"                 cores=2 (each core has every second queue)\n"
"  --json FILE    write all figures; pmd_perf_table.py makes tables of them\n"
"  --targets      print targets; without filter and -w, run what they need\n"
"  --profile      print where instructions go, by function and line, instead of measuring\n"
"  --quick        few rounds, few workloads\n"
"  --rounds N     of each driver (default 15)\n"
"  --restarts N   processes over which they are spread (default 3)\n"
"  --only ours|theirs\n"
"  --lcores A,B   default 0,1; B frees and sends in the workloads with remote=1,\n"
"                 and has every second queue in those with cores=2\n"
"  --sim FILE     hns3-sim (default ../sim/hns3-sim beside this program)\n"
"  --driver FILE  our driver (default: the one built with this program, with Debian's flags)\n"
"  --simd BITS    widest vectors that ours may use: EAL's --force-max-simd-bitwidth\n"
"  --against-simd BITS  compare ours with itself, this wide, in place of net_hns3\n"
"  --against FILE       compare ours with that of another build, by its pmd_perf\n"
"  --count        only count instructions\n"
"  --emulator CMD words in front of each program that is started, and\n"
"  --stepper CMD  in front of the one that is measured: see arm64_instr.py\n"
"  --list         print the workloads\n";

struct options {
	struct pmd_settings s;
	const char *json;
	bool targets, profile, quick, list;
	const char *named[ROWS_MAX];
	unsigned int nb_named;
};

static const char *const for_targets[] = {
	"rxonly", "fwd", "fwd,size=9000", "rxonly,remote=1", "fwd,queues=64,busy=1", NULL
};

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "pmd_perf: %s: %s\n", what, why);
	exit(2);
}

static unsigned int
count_of(const char *opt, const char *s)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	if (*s == '\0' || *end != '\0' || v < 1 || v > 1000)
		fail(opt, "a number from 1 to 1000 is wanted");
	return v;
}

static void
find_files(struct pmd_files *f)
{
	char path[400], *dir;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		fail("/proc/self/exe", "cannot be read");
	path[n] = '\0';
	snprintf(f->self[PMD_OURS], sizeof(f->self[0]), "%s", path);
	memcpy(f->self[PMD_THEIRS], f->self[PMD_OURS], sizeof(f->self[0]));
	dir = dirname(path);
	snprintf(f->sim, sizeof(f->sim), "%s/../sim/hns3-sim", dir);
	snprintf(f->driver[PMD_OURS], sizeof(f->driver[0]), "%s/" DRIVER_NAME, dir);
	snprintf(f->lcores, sizeof(f->lcores), "0,1");
}

static void
set_only(struct options *o, const char *s)
{
	o->s.one = true;
	if (strcmp(s, "ours") == 0)
		o->s.which = PMD_OURS;
	else if (strcmp(s, "theirs") == 0)
		o->s.which = PMD_THEIRS;
	else
		fail(s, "ours or theirs is wanted");
}

static void
set_path(char *to, size_t size, const char *s)
{
	char real[PATH_MAX];

	if (realpath(s, real) == NULL || strlen(real) >= size)
		fail(s, "not found");
	strcpy(to, real);
}

static void
set_words(const char *opt, char *to, size_t size)
{
	if (strlen(optarg) >= size)
		fail(opt, "too long");
	strcpy(to, optarg);
}

/* The second of the two is ours, too, of another build. */
static void
set_against(struct pmd_files *f, const char *s)
{
	char path[400];

	set_path(f->self[PMD_THEIRS], sizeof(f->self[0]), s);
	snprintf(path, sizeof(path), "%.399s", f->self[PMD_THEIRS]);
	snprintf(f->driver[PMD_THEIRS], sizeof(f->driver[0]), "%s/" DRIVER_NAME, dirname(path));
	f->both_ours = true;
}

static unsigned int
simd_of(const char *opt, const char *s)
{
	unsigned int bits = count_of(opt, s);

	if (bits < 64 || !rte_is_power_of_2(bits))
		fail(opt, "64 (no vectors), 128, 256 or 512 is wanted");
	return bits;
}

static void
parse(int argc, char **argv, struct options *o)
{
	enum { JSON = 256, TARGETS, PROFILE, QUICK, ROUNDS, RESTARTS, ONLY, LCORES, SIM, DRIVER, LIST,
		SIMD, AGAINST, AGAINST_SIMD, COUNT, EMULATOR, STEPPER, HELP };
	static const struct option longopts[] = {
		{ "json", 1, NULL, JSON }, { "targets", 0, NULL, TARGETS },
		{ "profile", 0, NULL, PROFILE }, { "quick", 0, NULL, QUICK },
		{ "rounds", 1, NULL, ROUNDS }, { "restarts", 1, NULL, RESTARTS },
		{ "only", 1, NULL, ONLY }, { "lcores", 1, NULL, LCORES }, { "sim", 1, NULL, SIM },
		{ "driver", 1, NULL, DRIVER }, { "list", 0, NULL, LIST }, { "help", 0, NULL, HELP },
		{ "simd", 1, NULL, SIMD }, { "against", 1, NULL, AGAINST },
		{ "against-simd", 1, NULL, AGAINST_SIMD }, { "count", 0, NULL, COUNT },
		{ "emulator", 1, NULL, EMULATOR }, { "stepper", 1, NULL, STEPPER },
		{ NULL, 0, NULL, 0 }
	};
	unsigned int rounds = 0, restarts = 0;
	const char *against = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "w:", longopts, NULL)) != -1) {
		switch (c) {
		case 'w':
			if (o->nb_named == ROWS_MAX)
				fail("-w", "too many");
			o->named[o->nb_named++] = optarg;
			break;
		case JSON: o->json = optarg; break;
		case TARGETS: o->targets = true; break;
		case PROFILE: o->profile = true; break;
		case QUICK: o->quick = true; break;
		case ROUNDS: rounds = count_of("--rounds", optarg); break;
		case RESTARTS: restarts = count_of("--restarts", optarg); break;
		case ONLY: set_only(o, optarg); break;
		case LCORES:
			snprintf(o->s.files.lcores, sizeof(o->s.files.lcores), "%s", optarg);
			break;
		case SIM: set_path(o->s.files.sim, sizeof(o->s.files.sim), optarg); break;
		case DRIVER:
			set_path(o->s.files.driver[PMD_OURS], sizeof(o->s.files.driver[0]), optarg);
			break;
		case SIMD: o->s.files.simd[PMD_OURS] = simd_of("--simd", optarg); break;
		case AGAINST: against = optarg; break;
		case AGAINST_SIMD:
			o->s.files.simd[PMD_THEIRS] = simd_of("--against-simd", optarg);
			o->s.files.both_ours = true;
			break;
		case COUNT: o->s.count = true; break;
		case EMULATOR:
			set_words("--emulator", o->s.files.emulator, sizeof(o->s.files.emulator));
			break;
		case STEPPER:
			set_words("--stepper", o->s.files.stepper, sizeof(o->s.files.stepper));
			break;
		case LIST: o->list = true; break;
		case HELP:
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	memcpy(o->s.files.driver[PMD_THEIRS], o->s.files.driver[PMD_OURS],
		sizeof(o->s.files.driver[0]));
	if (against != NULL)
		set_against(&o->s.files, against);
	if (o->targets && o->s.files.both_ours)
		fail("--targets", "they are ratios to net_hns3: not with --against");
	o->s.rounds = rounds != 0 ? rounds : o->quick ? 2 : 15;
	o->s.restarts = RTE_MIN(restarts != 0 ? restarts : o->quick ? 1 : 3, o->s.rounds);
}

static bool
has_word(const char *words, const char *word, size_t len)
{
	const char *at = words;

	while (at != NULL) {
		at += *at == ',';
		if (strncmp(at, word, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
		at = strchr(at, ',');
	}
	return false;
}

/* All words of the filter are among those of the workload. */
static bool
passes(const struct pmd_workload *w, const char *filter)
{
	char full[2 * PMD_NAME_MAX];
	size_t len;

	pmd_spec_name(w, true, full, sizeof(full));
	while (*filter != '\0') {
		len = strcspn(filter, ",");
		if (!has_word(full, filter, len))
			return false;
		filter += len + (filter[len] == ',');
	}
	return true;
}

static unsigned int
choose(const struct options *o, char **filters, struct pmd_workload *w)
{
	const char *const *list = o->nb_named != 0 ? o->named : o->quick ? pmd_spec_quick :
		o->targets && *filters == NULL ? for_targets : pmd_spec_all;
	unsigned int n = 0, i;
	char err[128];
	bool wanted;

	for (; *list != NULL && n < ROWS_MAX; list++) {
		if (!pmd_spec_parse(*list, &w[n], err, sizeof(err)))
			fail(*list, err);
		wanted = *filters == NULL;
		for (i = 0; filters[i] != NULL; i++)
			wanted |= passes(&w[n], filters[i]);
		n += wanted;
	}
	return n;
}

static int
write_json(const char *path, json_t *all)
{
	if (json_dump_file(all, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) == 0)
		return 0;
	fprintf(stderr, "pmd_perf: %s cannot be written\n", path);
	return 1;
}

static json_t *
command(int argc, char **argv)
{
	char line[1024] = "";
	size_t n = 0;
	int i;

	for (i = 0; i < argc && n < sizeof(line); i++)
		n += snprintf(line + n, sizeof(line) - n, "%s%s", i > 0 ? " " : "", argv[i]);
	return json_string(line);
}

static int
measure(const struct options *o, const struct pmd_workload *w, unsigned int n, int argc,
	char **argv)
{
	static struct pmd_row rows[ROWS_MAX];
	struct perf_targets ts = { .n = 0 };
	json_t *all = json_object(), *list = json_array(), *env = pmd_bench_env(&o->s);
	unsigned int i;
	int ret = 0;

	if (env == NULL)
		return 1;
	json_object_set_new(env, "command", command(argc, argv));
	perf_env_print(env);
	json_object_set_new(all, "environment", env);
	json_object_set_new(all, "rows", list);
	pmd_report_head(&o->s);
	for (i = 0; i < n; i++) {
		ret |= pmd_bench(&o->s, &w[i], &rows[i]);
		pmd_report_row(&rows[i]);
		json_array_append_new(list, pmd_report_json(&rows[i]));
		/* All of them take a quarter of an hour: what is there is there. */
		if (o->json != NULL)
			ret |= write_json(o->json, all);
	}
	if (o->targets) {
		pmd_report_targets(rows, n, &ts);
		printf("\n");
		perf_targets_print(&ts);
		json_object_set_new(all, "targets", perf_targets_json(&ts));
	}
	if (o->json != NULL)
		ret |= write_json(o->json, all);
	json_decref(all);
	return ret != 0;
}

int
main(int argc, char **argv)
{
	static struct pmd_workload w[ROWS_MAX];
	static struct options o;
	unsigned int i, n;
	char name[PMD_NAME_MAX];
	int ret = 0;

	if (argc > 1 && strcmp(argv[1], "--child") == 0)
		return pmd_child_main(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	find_files(&o.s.files);
	parse(argc, argv, &o);
	n = choose(&o, argv + optind, w);
	if (n == 0)
		fail("workloads", "none has these words; --list prints them");
	if (!o.list && !o.profile)
		return measure(&o, w, n, argc, argv);
	for (i = 0; i < n; i++) {
		pmd_spec_name(&w[i], false, name, sizeof(name));
		if (o.list)
			printf("%s\n", name);
		else
			ret |= pmd_bench_profile(&o.s, &w[i]) != 0;
	}
	return ret;
}
