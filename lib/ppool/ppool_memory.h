/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Where pages come from and go to: the free list, chunks, and the memory behind them. */

#ifndef PPOOL_MEMORY_H
#define PPOOL_MEMORY_H

#include "ppool_page.h"

/* ppool_free.c */
struct ppool_page *ppool_free_pop(struct rte_ppool *pool);

#endif /* PPOOL_MEMORY_H */
