/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The measuring process: pmd_perf --child IN,OUT ours|theirs DRIVER LCORES WORKLOAD, started
 * under hns3-sim. A line on IN is a command, a line on OUT its answer in JSON.
 */

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lcore.h>

#include "perf_env.h"
#include "pmd_perf_child.h"

/* Packets of a round that is timed, and, in each way, of one that is counted step by step: once
 * round the ring, as long as that does not take minutes.
 */
#define ROUND_PACKETS 32768u
#define COUNT_PACKETS 256u
#define COUNT_PACKETS_MAX 1024u
/* An interruption lasts 10 microseconds, at least. */
#define INTERRUPTIONS_PER_S 100000u

static const char *const call_names[PMD_CALLS] = {
	[PMD_CALL_RX] = "rx", [PMD_CALL_PREP] = "prep", [PMD_CALL_TX] = "tx",
	[PMD_CALL_POOL] = "pool", [PMD_CALL_LOOP] = "loop",
};

/* What is timed of kind @p i has this name in answers. */
static const char *
kind_name(unsigned int i)
{
	return i == PMD_MODEL ? "model" : call_names[i];
}

static int
cmp_cycles(const void *a, const void *b)
{
	uint32_t x = ((const struct pmd_sample *)a)->cycles;
	uint32_t y = ((const struct pmd_sample *)b)->cycles;

	return x < y ? -1 : x > y;
}

/* Of calls of one kind. */
struct sum {
	uint64_t cycles, packets;         /* of those that count */
	uint64_t all_cycles, all_packets;
	uint64_t calls, kept;
};

/* All calls, but for those that took longer than the median call by the time of an interruption
 * and by twice the median, which no driver needs. How large a part that was: "cut". A timer tick is
 * shorter, and stays; there are too few to matter.
 */
static void
add_lane(struct pmd_lane *l, unsigned int kind, struct sum *sum)
{
	uint32_t n = l->nb_samples[kind], i;
	struct pmd_sample *s = l->sample[kind];
	uint64_t limit;

	if (n == 0)
		return;
	qsort(s, n, sizeof(*s), cmp_cycles);
	limit = s[n / 2].cycles + RTE_MAX(2ull * s[n / 2].cycles,
		rte_get_tsc_hz() / INTERRUPTIONS_PER_S);
	sum->calls += n;
	for (i = 0; i < n; i++) {
		sum->all_cycles += s[i].cycles;
		sum->all_packets += s[i].packets;
		if (s[i].cycles > limit)
			continue;
		sum->kept++;
		sum->cycles += s[i].cycles;
		sum->packets += s[i].packets;
	}
}

/* Cycles a packet: the mean, of two cores the sum of what both needed by what both moved. */
static json_t *
cycles_json(struct pmd_child *c, unsigned int kind)
{
	struct sum sum = { 0 };
	uint32_t i;

	for (i = 0; i < c->w.cores; i++)
		add_lane(&c->lane[i], kind, &sum);
	if (sum.calls == 0)
		return NULL;
	return json_pack("{s:f, s:f, s:f, s:I}",
		"cycles", sum.packets ? (double)sum.cycles / sum.packets : 0,
		"all", sum.all_packets ? (double)sum.all_cycles / sum.all_packets : 0,
		"cut", (double)(sum.calls - sum.kept) / sum.calls, "calls", (json_int_t)sum.calls);
}

/* A packet of this core: receive and send as one, else the sum of the calls. */
static double
lane_cycles(struct pmd_lane *l)
{
	double all = 0, v = 0;
	unsigned int i;

	for (i = 0; i < PMD_CALLS; i++) {
		struct sum sum = { 0 };

		add_lane(l, i, &sum);
		v = sum.packets ? (double)sum.cycles / sum.packets : 0;
		all += v;
	}
	return l->nb_samples[PMD_CALL_LOOP] != 0 ? v : all;
}

/* How far the cores are from each other. */
static void
add_hop(struct pmd_child *c, json_t *o)
{
	pmd_core_start(c->worker, true);
	json_object_set_new(o, "hop", json_integer(pmd_core_hop()));
	pmd_core_stop(c->worker);
}

/* What each core needs: at once, and one after the other, which comes right behind so that the
 * host has both on the same CPUs, hopefully.
 */
static void
add_cores(struct pmd_child *c, json_t *o, uint32_t turns)
{
	json_object_set_new(o, "cores", json_pack("[f,f]", lane_cycles(&c->lane[0]),
		lane_cycles(&c->lane[1])));
	json_object_set_new(o, "at_once", json_real(c->lane_ticks ?
		(double)c->both_ticks / c->lane_ticks : 0));
	c->in_turn = true;
	pmd_loop_run(c, PMD_TIME, turns);
	c->in_turn = false;
	json_object_set_new(o, "in_turn", json_pack("[f,f]", lane_cycles(&c->lane[0]),
		lane_cycles(&c->lane[1])));
}

/* Times that the scheduler took the CPU from us. */
static long
switches(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_nivcsw : 0;
}

static json_t *
answer_round(struct pmd_child *c)
{
	uint32_t turns = RTE_MAX(ROUND_PACKETS / pmd_loop_packets(c) / c->segs, 32u);
	long before = switches();
	json_t *o, *kind;
	unsigned int i;

	pmd_loop_run(c, PMD_TIME, turns);
	o = json_pack("{s:f, s:I}", "tsc_mhz", rte_get_tsc_hz() / 1e6,
		"switches", (json_int_t)(switches() - before));
	for (i = 0; i < PMD_KINDS; i++) {
		kind = cycles_json(c, i);
		if (kind != NULL)
			json_object_set_new(o, kind_name(i), kind);
	}
	if (c->w.cores > 1)
		add_cores(c, o, turns);
	if (c->w.cores > 1 || c->w.remote)
		add_hop(c, o);
	return o;
}

static void
count_in(const struct pmd_step_map *map, double per, json_t *o)
{
	json_object_set_new(o, "driver", json_real(pmd_step_in(map, "net_hns3") / per));
	json_object_set_new(o, "pools", json_real((pmd_step_in(map, "ppool") +
		pmd_step_in(map, "rte_mempool")) / per));
}

static uint64_t
moved(const struct pmd_child *c, unsigned int call)
{
	return c->lane[0].moved[call] + c->lane[1].moved[call];
}

static json_t *
answer_count(struct pmd_child *c)
{
	const uint32_t packets = RTE_MIN(RTE_MAX(COUNT_PACKETS, c->w.ring), COUNT_PACKETS_MAX);
	const uint32_t each = RTE_MAX(packets / c->segs / pmd_loop_packets(c), 4u);
	const uint32_t turns = RTE_ALIGN_CEIL(each, pmd_loop_phase(c)) * pmd_loop_ways(c);
	const struct pmd_lane *a = &c->lane[0], *b = &c->lane[1];
	json_t *o = json_object(), *e;
	uint64_t n, received;
	unsigned int i;

	for (i = 0; i < PMD_CALLS; i++)
		memset(c->map[i], 0, sizeof(*c->map[i]));
	pmd_loop_run(c, PMD_STEP, turns);
	for (i = 0; i < PMD_CALLS; i++) {
		n = moved(c, i);
		if (n == 0)
			continue;
		e = json_pack("{s:f, s:I}", "instructions", (double)(a->steps[i] + b->steps[i]) / n,
			"packets", (json_int_t)n);
		count_in(c->map[i], n, e);
		json_object_set_new(o, call_names[i], e);
	}
	received = a->seg_packets + b->seg_packets;
	json_object_set_new(o, "segments", json_real(received ?
		(double)(a->nb_segs + b->nb_segs) / received : 0));
	return o;
}

static json_t *
answer_profile(struct pmd_child *c)
{
	json_t *o = answer_count(c);
	unsigned int i;

	for (i = 0; i < PMD_CALLS; i++)
		if (moved(c, i) != 0)
			json_object_set_new(json_object_get(o, call_names[i]), "profile",
				pmd_step_json(c->map[i]));
	return o;
}

static json_t *
answer_empty(struct pmd_child *c)
{
	const double polls = 4 * c->w.queues;
	json_t *o;

	memset(c->empty_map, 0, sizeof(*c->empty_map));
	pmd_loop_empty(c, PMD_STEP);
	if (!pmd_step_outside())
		pmd_loop_empty(c, PMD_TIME);
	o = json_pack("{s:f, s:f}", "instructions", c->empty_steps, "cycles", c->empty_cycles);
	count_in(c->empty_map, polls, o);
	return o;
}

static json_t *
answer_end(struct pmd_child *c)
{
	const struct pmd_lane *a = &c->lane[0], *b = &c->lane[1];
	struct hns3_sim_port_stats st = { 0 };

	c->sim->stats(0, &st);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"hugepage_bytes_before", (json_int_t)c->hugepage_bytes,
		"hugepage_bytes", (json_int_t)pmd_port_hugepages(),
		"rx_packets", (json_int_t)(a->rx_packets + b->rx_packets),
		"tx_packets", (json_int_t)(a->tx_packets + b->tx_packets),
		"unsent", (json_int_t)(a->unsent + b->unsent),
		"model_rx", (json_int_t)st.rx_frames, "model_tx", (json_int_t)(st.tx_frames - c->tx_base),
		"no_bd", (json_int_t)st.no_bd, "violations", (json_int_t)st.violations,
		"iommu_faults", (json_int_t)st.iommu_faults);
}

static void
say(FILE *to, json_t *o)
{
	json_dumpf(o, to, JSON_COMPACT);
	fputc('\n', to);
	fflush(to);
	json_decref(o);
}

static bool
obey(struct pmd_child *c, const char *line, FILE *to)
{
	if (strncmp(line, "round", 5) == 0)
		say(to, answer_round(c));
	else if (strncmp(line, "count", 5) == 0)
		say(to, answer_count(c));
	else if (strncmp(line, "profile", 7) == 0)
		say(to, answer_profile(c));
	else if (strncmp(line, "empty", 5) == 0)
		say(to, answer_empty(c));
	else if (strncmp(line, "env", 3) == 0)
		say(to, perf_env_json(0, NULL));
	else
		return false;
	return true;
}

/* Rings, pool and what is held have gone round a few times. A fixed number of turns: the same
 * state each time, so that the counts are the same.
 */
static void
warm_up(struct pmd_child *c)
{
	uint32_t busy = c->w.busy == 1 ? 1 : c->w.queues, laps = pmd_step_outside() ? 2 : 8;

	pmd_loop_run(c, PMD_PLAIN, (c->w.hold + laps * c->w.ring * busy) / pmd_loop_packets(c) + 16);
}

static int
serve(struct pmd_child *c, FILE *from, FILE *to)
{
	char line[64];
	json_t *o;
	bool home;

	if (pmd_loop_init(c) != 0) {
		fprintf(stderr, "pmd_perf: the loop cannot begin\n");
		return 1;
	}
	warm_up(c);
	c->hugepage_bytes = pmd_port_hugepages();
	say(to, json_pack("{s:s, s:b}", "driver", c->driver, "steps", pmd_step_init()));
	while (fgets(line, sizeof(line), from) != NULL && obey(c, line, to))
		;
	o = answer_end(c);
	pmd_loop_fini(c);
	home = pmd_port_close(c);
	json_object_set_new(o, "buffers_home", json_boolean(home));
	say(to, o);
	return 0;
}

/* simd: bits of the widest vectors; "0": as EAL has it by default. */
static int
eal(const char *lcores, const char *simd)
{
	char *argv[] = { strdup("pmd_perf"), strdup("--in-memory"), strdup("--no-telemetry"),
		strdup("-l"), strdup(lcores), strdup("--iova-mode=va"), strdup("-a"),
		strdup("0000:7d:00.0"), NULL, NULL };
	int argc = RTE_DIM(argv) - 2;

	if (strcmp(simd, "0") != 0 &&
			asprintf(&argv[argc++], "--force-max-simd-bitwidth=%s", simd) < 0)
		return -1;
	return rte_eal_init(argc, argv) < 0 ? -1 : 0;
}

static const struct hns3_sim_api *
find_model(void)
{
	const struct hns3_sim_api *(*get)(void);

	*(void **)&get = dlsym(RTLD_DEFAULT, "hns3_sim_api");
	return get == NULL ? NULL : get();
}

int
pmd_child_main(int argc, char **argv)
{
	static struct pmd_child c;
	char err[128];
	FILE *from, *to;
	int in, out, ret;

	if (argc != 8 || sscanf(argv[2], "%d,%d", &in, &out) != 2 ||
			!pmd_spec_parse(argv[7], &c.w, err, sizeof(err)))
		return 2;
	from = fdopen(in, "r");
	to = fdopen(out, "w");
	if (from == NULL || to == NULL)
		return 2;
	c.ours = strcmp(argv[3], "ours") == 0;
	/* Before the EAL looks for devices; EAL itself loads the distribution's drivers. */
	if (c.ours && dlopen(argv[4], RTLD_NOW | RTLD_GLOBAL) == NULL) {
		fprintf(stderr, "pmd_perf: %s\n", dlerror());
		return 1;
	}
	if (eal(argv[5], argv[6]) != 0)
		return 1;
	if (!pmd_step_hello())
		return 0;
	c.worker = rte_get_next_lcore(-1, 1, 0);
	if ((c.w.remote || c.w.cores > 1) && c.worker >= RTE_MAX_LCORE) {
		fprintf(stderr, "pmd_perf: remote=1 and cores=2 need two lcores, and there is one: --lcores\n");
		return 1;
	}
	ret = pmd_port_open(&c);
	c.sim = find_model();
	if (ret == 1) {
		say(to, json_pack("{s:s, s:s}", "driver", c.driver, "refused", c.why));
		while (fgetc(from) != EOF)
			;
		say(to, json_pack("{s:b}", "buffers_home", pmd_port_close(&c)));
		ret = 0;
	} else if (ret == 0 && c.sim == NULL) {
		fprintf(stderr, "pmd_perf: not under hns3-sim --mode lockstep\n");
		ret = -1;
	} else if (ret == 0) {
		ret = serve(&c, from, to);
	}
	rte_eal_cleanup();
	return ret == 0 ? 0 : 1;
}
