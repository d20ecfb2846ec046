/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Where pages come from and go to: the free list, chunks, and the memory behind them. */

#ifndef PPOOL_MEMORY_H
#define PPOOL_MEMORY_H

#include "ppool_page.h"

/* ppool_free.c */
void ppool_free_init(struct rte_ppool *pool);
struct ppool_page *ppool_free_pop(struct rte_ppool *pool);
void ppool_free_add(struct rte_ppool *pool, struct ppool_chunk *c);
struct ppool_chunk *ppool_free_take_idle(struct rte_ppool *pool, uint64_t until, uint32_t spare);
uint32_t ppool_free_peak(struct rte_ppool *pool);

/* ppool_layout.c */
int ppool_layout(struct rte_ppool *pool);
int ppool_chunk_make(struct rte_ppool *pool, uint32_t pages, struct ppool_chunk **made);
void ppool_chunk_free(struct rte_ppool *pool, struct ppool_chunk *c);

/* ppool_chunk.c */
void ppool_chunk_add(struct rte_ppool *pool, struct ppool_chunk *c);
void ppool_chunk_remove(struct rte_ppool *pool, struct ppool_chunk *c);

/* ppool_provider.c: COMPACT pools only */
int ppool_mem_check(const char *name, struct rte_ppool_params *p);
int ppool_mem_get(struct rte_ppool *pool, uint32_t pages, struct rte_ppool_mem *mem);
void ppool_mem_put(struct rte_ppool *pool, const struct rte_ppool_mem *mem);
rte_iova_t ppool_mem_iova(const struct rte_ppool *pool, const struct rte_ppool_mem *mem,
		size_t off);
rte_iova_t ppool_eal_iova(const void *addr, size_t len);
rte_iova_t ppool_mem_eal_iova(void *ctx, const struct rte_ppool_mem *mem, size_t off, size_t len);

/* ppool_external.c */
extern const struct rte_ppool_mem_ops ppool_mem_external;
extern const struct rte_ppool_mem_ops ppool_mem_anonymous;

#endif /* PPOOL_MEMORY_H */
