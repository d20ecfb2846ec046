/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The second core: asked to do something, or brought to do it at the same time as the first. */

#include <sched.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_pause.h>

#include "perf_meter.h"
#include "pmd_perf_child.h"

/* Looks at what another core will write, until the CPU is offered to others; where nothing is
 * timed, others may need it more: until this core sleeps for a while.
 */
#define LOOKS 4096u
#define SLEEP_US 20u
/* Two cores that meet go on so much later: a part of a second, several times what it takes for
 * the date to reach the other core.
 */
#define AHEAD_PER_S 1000000u
/* Times that a line is sent, and lines: where the cores meet depends on its address, too. */
#define HOPS 32u
#define HOP_LINES 32u

static struct {
	void (*fn)(void *);
	void *arg;
	bool first, end;
	unsigned int asked; /* how often */
	/* Written by the other core, so in a line of its own. */
	unsigned int done __rte_cache_aligned;
} other;

static struct {
	unsigned int n;
} __rte_cache_aligned hop[HOP_LINES];

/* Meetings, counted by each core, and the date that the first core has set for the last of them. */
static struct {
	unsigned int said;
	uint64_t date;
	unsigned int there __rte_cache_aligned;
} meeting;

void
pmd_core_first(bool on)
{
	struct sched_param prio = { .sched_priority = on ? 1 : 0 };

	sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, &prio);
}

/* What the other core wrote before it wrote the number can be read afterwards. */
static void
wait_for(const unsigned int *at, unsigned int n)
{
	unsigned int looks = 0;

	while (__atomic_load_n(at, __ATOMIC_ACQUIRE) != n) {
		rte_pause();
		if (++looks % LOOKS != 0)
			continue;
		if (other.first)
			sched_yield();
		else
			usleep(SLEEP_US);
	}
}

static int
run_other(void *arg)
{
	unsigned int n = 1;

	(void)arg;
	if (other.first)
		pmd_core_first(true);
	for (;; n++) {
		wait_for(&other.asked, n);
		if (other.end)
			break;
		other.fn(other.arg);
		__atomic_store_n(&other.done, n, __ATOMIC_RELEASE);
	}
	if (other.first)
		pmd_core_first(false);
	return 0;
}

void
pmd_core_start(unsigned int lcore, bool first)
{
	other.first = first;
	other.end = false;
	other.asked = 0;
	other.done = 0;
	if (rte_eal_remote_launch(run_other, NULL, lcore) != 0)
		rte_exit(EXIT_FAILURE, "pmd_perf: lcore %u cannot be used\n", lcore);
}

void
pmd_core_ask(void (*fn)(void *), void *arg)
{
	other.fn = fn;
	other.arg = arg;
	__atomic_store_n(&other.asked, other.asked + 1, __ATOMIC_RELEASE);
}

void
pmd_core_wait(void)
{
	wait_for(&other.done, other.asked);
}

void
pmd_core_stop(unsigned int lcore)
{
	other.end = true;
	__atomic_store_n(&other.asked, other.asked + 1, __ATOMIC_RELEASE);
	rte_eal_wait_lcore(lcore);
}

static void
send_back(void *arg)
{
	unsigned int i, n;

	(void)arg;
	for (i = 0; i < HOP_LINES; i++) {
		for (n = 0; n < HOPS; n++) {
			wait_for(&hop[i].n, 2 * n + 1);
			__atomic_store_n(&hop[i].n, 2 * n + 2, __ATOMIC_RELEASE);
		}
	}
}

static uint64_t
line_hop(unsigned int *line)
{
	uint64_t least = UINT64_MAX, t;
	unsigned int n;

	for (n = 0; n < HOPS; n++) {
		t = perf_tsc();
		__atomic_store_n(line, 2 * n + 1, __ATOMIC_RELEASE);
		wait_for(line, 2 * n + 2);
		t = perf_tsc() - t;
		least = RTE_MIN(least, t);
	}
	return least;
}

uint64_t
pmd_core_hop(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < HOP_LINES; i++)
		hop[i].n = 0;
	pmd_core_ask(send_back, NULL);
	for (i = 0; i < HOP_LINES; i++)
		sum += line_hop(&hop[i].n);
	pmd_core_wait();
	return sum / HOP_LINES;
}

/* Cores whose TSCs do not agree begin apart by that difference; how much of the time both were at
 * it is measured.
 */
void
pmd_core_meet(bool second)
{
	unsigned int n;

	if (second) {
		n = meeting.there + 1;
		__atomic_store_n(&meeting.there, n, __ATOMIC_RELEASE);
		wait_for(&meeting.said, n);
	} else {
		n = meeting.said + 1;
		wait_for(&meeting.there, n);
		meeting.date = rte_rdtsc() + rte_get_tsc_hz() / AHEAD_PER_S;
		__atomic_store_n(&meeting.said, n, __ATOMIC_RELEASE);
	}
	while (rte_rdtsc() < meeting.date)
		;
}
