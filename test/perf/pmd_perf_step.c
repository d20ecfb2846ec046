/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <rte_common.h>

#include "perf_meter.h"
#include "pmd_perf_step.h"

static PMD_MEASURED void
empty(void *arg)
{
	__asm__ volatile("" :: "r"(arg) : "memory");
}

#if defined(__x86_64__) || defined(__aarch64__)

static void
note(struct pmd_step_map *map, uint64_t addr, uint64_t count)
{
	uint64_t i = (addr ^ addr >> 14) & (PMD_STEP_PLACES - 1);
	unsigned int tries;

	for (tries = 0; tries < PMD_STEP_PLACES; tries++) {
		struct pmd_step_place *p = &map->place[i];

		if (p->addr == 0)
			p->addr = addr;
		if (p->addr == addr) {
			p->count += count;
			return;
		}
		i = (i + 1) & (PMD_STEP_PLACES - 1);
	}
	map->lost += count;
}

#endif

#ifdef __x86_64__

static __thread struct pmd_step_map *current;
static __thread uint64_t total, last;
static uint64_t frame;

/* Before the instruction at RIP. A repeated string instruction traps after each of its turns,
 * and is still one instruction.
 */
static void
on_trap(int sig, siginfo_t *si, void *context)
{
	const ucontext_t *uc = context;
	uint64_t addr = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];

	(void)sig;
	(void)si;
	if (addr == last)
		return;
	last = addr;
	total++;
	if (current != NULL)
		note(current, addr, 1);
}

/* The flag works from the end of the instruction after POPF on. The stack below the red zone. */
static inline void
trap_flag_on(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\t"
		"lea 128(%%rsp), %%rsp" ::: "memory", "cc");
}

static inline void
trap_flag_off(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\t"
		"lea 128(%%rsp), %%rsp" ::: "memory", "cc");
}

static __attribute__((noinline)) uint64_t
step(void (*fn)(void *), void *arg, struct pmd_step_map *map)
{
	total = 0;
	last = 0;
	current = map;
	trap_flag_on();
	fn(arg);
	trap_flag_off();
	current = NULL;
	return total;
}

bool
pmd_step_init(void)
{
	struct sigaction sa = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };

	sigfillset(&sa.sa_mask);
	sigdelset(&sa.sa_mask, SIGSEGV);
	if (sigaction(SIGTRAP, &sa, NULL) != 0)
		return false;
	frame = step(empty, NULL, NULL);
	return frame != 0;
}

uint64_t
pmd_step_run(void (*fn)(void *), void *arg, struct pmd_step_map *map)
{
	uint64_t n = step(fn, arg, map);

	return n > frame ? n - frame : 0;
}

#else /* no trap flag that a program can set for itself */

static double frame;

static double
read_counter(void (*fn)(void *), void *arg)
{
	struct perf_meter m;
	struct perf_reading r;

	perf_meter_thread_init();
	perf_meter_start(&m);
	fn(arg);
	perf_meter_stop(&m, &r);
	return r.instructions;
}

#ifdef __aarch64__

/* Counted from outside: arm64_instr.py reads which instructions the emulator executes between two
 * places, and then says so on a socket.
 */
static struct {
	uint64_t total;
	uint64_t nb;
	struct pmd_step_place place[PMD_STEP_PLACES / 2];
} seen;
static int outside = -1;

extern const char pmd_step_first[], pmd_step_last[];
extern const char __start_pmd_measured[], __stop_pmd_measured[];

static void
read_all(void *to, size_t size)
{
	ssize_t n;

	for (; size != 0; size -= n, to = (char *)to + n) {
		n = read(outside, to, size);
		if (n <= 0)
			_exit(1); /* nobody counts any more */
	}
}

static PMD_MEASURED void
step_outside(void (*fn)(void *), void *arg)
{
	__asm__ volatile(".globl pmd_step_first\npmd_step_first: nop" ::: "memory");
	fn(arg);
	__asm__ volatile(".globl pmd_step_last\npmd_step_last: nop" ::: "memory");
}

static uint64_t
step(void (*fn)(void *), void *arg, struct pmd_step_map *map)
{
	uint64_t i;

	step_outside(fn, arg);
	read_all(&seen, offsetof(__typeof__(seen), place));
	if (seen.nb > RTE_DIM(seen.place))
		_exit(1);
	read_all(seen.place, seen.nb * sizeof(*seen.place));
	for (i = 0; map != NULL && i < seen.nb; i++)
		note(map, seen.place[i].addr, seen.place[i].count);
	return seen.total;
}

/* Say where code is. The answer: whether to go on; the next time it is at the same places. */
bool
pmd_step_hello(void)
{
	const char *env = getenv(PMD_STEP_ENV);
	FILE *maps, *to;
	char line[512];
	char go;

	if (env == NULL)
		return true;
	outside = atoi(env);
	maps = fopen("/proc/self/maps", "r");
	to = fdopen(dup(outside), "w");
	if (maps == NULL || to == NULL)
		_exit(1);
	fprintf(to, "%p %p %p %p %p %p %p\n", (const void *)pmd_step_first,
		(const void *)pmd_step_last, (const void *)__start_pmd_measured,
		(const void *)__stop_pmd_measured, RTE_PTR_ADD(memcpy, 0), RTE_PTR_ADD(memmove, 0),
		RTE_PTR_ADD(memset, 0));
	while (fgets(line, sizeof(line), maps) != NULL)
		fputs(line, to);
	fputs("end\n", to);
	fclose(to);
	fclose(maps);
	read_all(&go, 1);
	return go == 'g';
}

bool
pmd_step_outside(void)
{
	return outside >= 0;
}

static double
count(void (*fn)(void *), void *arg, struct pmd_step_map *map)
{
	return outside >= 0 ? step(fn, arg, map) : read_counter(fn, arg);
}

#else

static double
count(void (*fn)(void *), void *arg, struct pmd_step_map *map)
{
	(void)map;
	return read_counter(fn, arg);
}

#endif

bool
pmd_step_init(void)
{
	count(empty, NULL, NULL);
	frame = count(empty, NULL, NULL);
	return frame >= 0;
}

uint64_t
pmd_step_run(void (*fn)(void *), void *arg, struct pmd_step_map *map)
{
	double n = count(fn, arg, map);

	return n > frame ? (uint64_t)(n - frame) : 0;
}

#endif

#ifndef __aarch64__
bool
pmd_step_hello(void)
{
	return true;
}

bool
pmd_step_outside(void)
{
	return false;
}
#endif

static int
most_first(const void *a, const void *b)
{
	const struct pmd_step_place *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : x->addr > y->addr;
}

json_t *
pmd_step_json(const struct pmd_step_map *map)
{
	struct pmd_step_place *p = malloc(sizeof(map->place));
	json_t *list = json_array();
	unsigned int i;
	Dl_info where;

	if (p == NULL)
		return list;
	memcpy(p, map->place, sizeof(map->place));
	qsort(p, PMD_STEP_PLACES, sizeof(*p), most_first);
	for (i = 0; i < PMD_STEP_PLACES && p[i].count != 0; i++) {
		if (dladdr((void *)(uintptr_t)p[i].addr, &where) == 0)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "file", where.dli_fname,
			"offset", (json_int_t)(p[i].addr - (uintptr_t)where.dli_fbase),
			"count", (json_int_t)p[i].count));
	}
	free(p);
	return list;
}

uint64_t
pmd_step_in(const struct pmd_step_map *map, const char *part)
{
	uint64_t n = 0;
	unsigned int i;
	Dl_info where;

	for (i = 0; i < PMD_STEP_PLACES; i++)
		if (map->place[i].count != 0 &&
				dladdr((void *)(uintptr_t)map->place[i].addr, &where) != 0 &&
				strstr(where.dli_fname, part) != NULL)
			n += map->place[i].count;
	return n;
}
