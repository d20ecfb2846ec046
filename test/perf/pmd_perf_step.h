/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PMD_PERF_STEP_H
#define PMD_PERF_STEP_H

/*
 * Instructions counted one by one: between begin and end the CPU traps after each
 * instruction of the calling thread, and the signal handler takes note of its address. Exact
 * and repeatable on any x86 machine, virtual or not, at about a microsecond for each. AArch64
 * under an emulator: by its log, see arm64_instr.py. On other machines the CPU's
 * counter, if the kernel lets us have it: without places.
 */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/** In the environment of who is counted from outside: a file descriptor. */
#define PMD_STEP_ENV "PMD_PERF_STEPPED"

/** Of what is counted, that which is in the program itself: together, and each a function. */
#ifdef __clang__
#define PMD_MEASURED __attribute__((section("pmd_measured"), noinline))
#else
#define PMD_MEASURED __attribute__((section("pmd_measured"), noinline, noclone))
#endif

#define PMD_STEP_PLACES (1u << 14) /* different addresses, a power of two */

struct pmd_step_place {
	uint64_t addr;
	uint64_t count;
};

/** Where instructions were executed. */
struct pmd_step_map {
	uint64_t lost; /**< executed at addresses for which there was no room */
	struct pmd_step_place place[PMD_STEP_PLACES];
};

/** If somebody counts from outside: tell, once all code is there. False: that was all. */
bool pmd_step_hello(void);
/** Does somebody? Then each instruction takes microseconds, counted or not. */
bool pmd_step_outside(void);
/** False if this machine cannot count. */
bool pmd_step_init(void);
/** Run @p fn(@p arg) step by step; the number of instructions from its call to its return,
 * without the frame of the function itself (measured on an empty one).
 */
uint64_t pmd_step_run(void (*fn)(void *), void *arg, struct pmd_step_map *map);
/** [{"file", "offset", "count"}, ...], most first. */
json_t *pmd_step_json(const struct pmd_step_map *map);
/** Instructions executed in files whose name holds @p part. */
uint64_t pmd_step_in(const struct pmd_step_map *map, const char *part);

#endif /* PMD_PERF_STEP_H */
