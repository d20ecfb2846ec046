/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Memory providers: which there are, and what the pool makes of their answers. */

#include <errno.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "ppool_memory.h"

/* ---- the EAL's heap */

/* IOVA of a piece of memory that the EAL knows, or RTE_BAD_IOVA if it does not lie in one piece. */
rte_iova_t
ppool_eal_iova(const void *addr, size_t len)
{
	const struct rte_memseg *ms;
	rte_iova_t first = RTE_BAD_IOVA, iova;
	uint64_t off = 0;

	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		return (uintptr_t)addr;
	while (off < len) {
		ms = rte_mem_virt2memseg(RTE_PTR_ADD(addr, off), NULL);
		if (ms == NULL || ms->iova == RTE_BAD_IOVA)
			return RTE_BAD_IOVA;
		iova = ms->iova + ((uintptr_t)addr + off - ms->addr_64);
		if (off == 0)
			first = iova;
		else if (iova != first + off)
			return RTE_BAD_IOVA;
		off += ms->len - ((uintptr_t)addr + off - ms->addr_64);
	}
	return first;
}

rte_iova_t
ppool_mem_eal_iova(void *ctx, const struct rte_ppool_mem *mem, size_t off, size_t len)
{
	RTE_SET_USED(ctx);
	return ppool_eal_iova(RTE_PTR_ADD(mem->addr, off), len);
}

static int
heap_alloc(void *ctx, size_t len, size_t align, int socket_id, struct rte_ppool_mem *mem)
{
	RTE_SET_USED(ctx);
	mem->addr = rte_malloc_socket("ppool_pages", len, (unsigned int)align, socket_id);
	mem->len = len;
	return mem->addr != NULL ? 0 : -ENOMEM;
}

static void
heap_free(void *ctx, const struct rte_ppool_mem *mem)
{
	RTE_SET_USED(ctx);
	rte_free(mem->addr);
}

/* The pool itself takes its chunks from the heap in one piece with their headers, see
 * ppool_chunk.c. This table is for providers that hand on to the heap.
 */
static const struct rte_ppool_mem_ops heap_ops = {
	.name = "heap",
	.alloc = heap_alloc,
	.free = heap_free,
	.iova = ppool_mem_eal_iova,
};

const struct rte_ppool_mem_ops *
rte_ppool_mem_ops_find(const char *name)
{
	static const struct rte_ppool_mem_ops *const all[] = {
		&heap_ops, &ppool_mem_external, &ppool_mem_anonymous,
	};
	uint32_t i;

	for (i = 0; name != NULL && i < RTE_DIM(all); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

/* ---- what a pool asks for */

#define REFUSE(fmt, ...) \
	do { \
		PPOOL_LOG(ERR, "%s: " fmt, name, ##__VA_ARGS__); \
		return -EINVAL; \
	} while (0)

/* Are the parameters possible that say what memory the pool is made of? Page and fragment size
 * are. Fills in what they leave open.
 */
int
ppool_mem_check(const char *name, struct rte_ppool_params *p)
{
	const struct rte_ppool_mem_ops *ops = p->mem_ops;

	if (ops == &heap_ops)
		ops = p->mem_ops = NULL;
	if (ops != NULL && (ops->name == NULL || ops->alloc == NULL || ops->free == NULL))
		REFUSE("the memory provider has no name, or no function to alloc or to free");
	if (p->layout != RTE_PPOOL_LAYOUT_COMPACT) {
		if (ops != NULL || p->chunk_size != 0)
			REFUSE("a memory provider or chunk size is for layout COMPACT only");
		return 0;
	}
	if (p->chunk_size == 0)
		p->chunk_size = ops != NULL && ops->chunk_size != 0 ? ops->chunk_size :
			RTE_MAX(RTE_PPOOL_CHUNK_MIN, 8 * p->page_size);
	if (!rte_is_power_of_2(p->chunk_size) || p->chunk_size < RTE_PPOOL_CHUNK_MIN ||
			p->chunk_size > RTE_PPOOL_CHUNK_MAX)
		REFUSE("chunk size %u is not a power of two in %u..%u", p->chunk_size,
			RTE_PPOOL_CHUNK_MIN, RTE_PPOOL_CHUNK_MAX);
	if (p->chunk_size < 2 * p->page_size)
		REFUSE("chunks of %u bytes have no room for pages of %u and their headers",
			p->chunk_size, p->page_size);
	return 0;
}

/* ---- asking, and not trusting the answer */

/* A provider must not hand out twice what the pool has already. The grow lock is held. */
static const struct ppool_chunk *
overlaps(const struct ppool_chunk *c, const struct rte_ppool_mem *mem)
{
	for (; c != NULL; c = c->next)
		if ((uintptr_t)mem->addr < (uintptr_t)c->mem.addr + c->mem.len &&
				(uintptr_t)c->mem.addr < (uintptr_t)mem->addr + mem->len)
			return c;
	return NULL;
}

static int
answer_check(const struct rte_ppool *pool, const struct rte_ppool_mem *mem, size_t len)
{
	const char *name = pool->params.mem_ops->name;
	const char *wrong = NULL;

	if (mem->addr == NULL)
		wrong = "no address";
	else if ((uintptr_t)mem->addr % pool->page_size != 0)
		wrong = "not aligned to the page size";
	else if (mem->len < len)
		wrong = "too short";
	else if ((uintptr_t)mem->addr + mem->len < (uintptr_t)mem->addr)
		wrong = "longer than there are addresses";
	else if (overlaps(pool->chunks, mem) != NULL || overlaps(pool->retired, mem) != NULL)
		wrong = "memory that the pool has already";
	if (wrong == NULL)
		return 0;
	PPOOL_LOG(ERR, "%s: memory provider \"%s\" was asked for %zu bytes aligned to %u and "
		"answered %p, %zu bytes: %s: refused", pool->name, name, len, pool->page_size,
		mem->addr, mem->len, wrong);
	return -EFAULT;
}

int
ppool_mem_get(struct rte_ppool *pool, uint32_t pages, struct rte_ppool_mem *mem)
{
	const struct rte_ppool_mem_ops *ops = pool->params.mem_ops;
	size_t len = (size_t)pages * pool->page_size;
	int ret;

	memset(mem, 0, sizeof(*mem));
	mem->iova = RTE_BAD_IOVA;
	ret = ops->alloc(pool->params.mem_ctx, len, pool->page_size, pool->params.socket_id,
		mem);
	if (ret == 0) {
		ret = answer_check(pool, mem, len);
		if (ret != 0 && mem->addr != NULL)
			ops->free(pool->params.mem_ctx, mem);
		return ret;
	}
	if (ret > 0)
		ret = -EFAULT;
	if (ret != -ENOMEM)
		PPOOL_LOG(ERR, "%s: memory provider \"%s\" failed: %s", pool->name, ops->name,
			rte_strerror(-ret));
	return ret;
}

void
ppool_mem_put(struct rte_ppool *pool, const struct rte_ppool_mem *mem)
{
	pool->params.mem_ops->free(pool->params.mem_ctx, mem);
}

/* IOVA of a page, or RTE_BAD_IOVA if it has none, or none that can be right. */
rte_iova_t
ppool_mem_iova(const struct rte_ppool *pool, const struct rte_ppool_mem *mem, size_t off)
{
	const struct rte_ppool_mem_ops *ops = pool->params.mem_ops;
	rte_iova_t iova;

	if (ops->iova != NULL)
		iova = ops->iova(pool->params.mem_ctx, mem, off, pool->page_size);
	else
		iova = mem->iova != RTE_BAD_IOVA ? mem->iova + off : RTE_BAD_IOVA;
	if (iova % RTE_CACHE_LINE_SIZE != 0 || iova + pool->page_size < iova)
		return RTE_BAD_IOVA;
	return iova;
}
