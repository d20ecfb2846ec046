/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PERF_ENV_H
#define PERF_ENV_H

/* On what machine, by what build: what a figure means nothing without. */

#include <jansson.h>

/** Facts as an object of strings and numbers: CPU, topology, caches, kernel, hugepages, load,
 * DPDK, compiler and flags, commit. To be called after rte_eal_init().
 */
json_t *perf_env_json(int argc, char **argv);
/** A line for each fact. */
void perf_env_print(const json_t *env);

#endif /* PERF_ENV_H */
