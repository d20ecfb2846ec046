/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Memory providers whose memory is not of the EAL's heap: external and anonymous. */

#include <errno.h>
#include <inttypes.h>
#include <numa.h>
#include <numaif.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "ppool_memory.h"

#define EXTERNAL_CHUNK (32u << 20)

/* Of newer kernels than some C libraries know. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

/* ---- memory of the process */

/* Prefer a node. Where that cannot be said (a container, a kernel without NUMA) the memory
 * comes from wherever it does; the pool looks where, and says so.
 */
static void
prefer_node(void *addr, size_t len, int socket_id)
{
	unsigned long mask[RTE_MAX_NUMA_NODES / (8 * sizeof(unsigned long)) + 1] = { 0 };
	const unsigned int bits = 8 * sizeof(mask[0]);

	if (socket_id < 0 || numa_available() < 0)
		return;
	mask[socket_id / bits] = 1ul << (socket_id % bits);
	if (mbind(addr, len, MPOL_PREFERRED, mask, sizeof(mask) * 8 + 1, 0) != 0)
		PPOOL_LOG(DEBUG, "memory cannot be asked of NUMA node %d: %s", socket_id,
			strerror(errno));
}

/* All of it now: a fault costs a datapath too much, and a page that is not there cannot be
 * looked up. Returns false if there is not so much memory.
 */
static bool
populate(uint8_t *addr, size_t len, size_t page_size)
{
	size_t off;

	if (madvise(addr, len, MADV_POPULATE_WRITE) == 0)
		return true;
	if (errno != EINVAL)
		return false;
	for (off = 0; off < len; off += page_size)
		*(volatile uint8_t *)(addr + off) = 0;
	return true;
}

/* Memory of pages of that size. Addresses are reserved first, and more than needed: what is
 * laid over them then is aligned, and takes no page in vain.
 */
static void *
map_memory(size_t len, size_t align, size_t page_size, int socket_id)
{
	const size_t system = (size_t)sysconf(_SC_PAGESIZE);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	uint8_t *all, *addr, *end;

	all = mmap(NULL, len + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (all == MAP_FAILED)
		return NULL;
	addr = RTE_PTR_ALIGN_CEIL(all, align);
	end = addr + len;
	if (page_size > system)
		flags |= MAP_HUGETLB | (int)(rte_log2_u64(page_size) << MAP_HUGE_SHIFT);
	if (mmap(addr, len, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) {
		munmap(all, len + align);
		return NULL;
	}
	if (addr > all)
		munmap(all, addr - all);
	if (all + len + align > end)
		munmap(end, all + len + align - end);
	prefer_node(addr, len, socket_id);
	if (!populate(addr, len, page_size)) {
		munmap(addr, len);
		return NULL;
	}
	return addr;
}

/* ---- anonymous */

static int
anonymous_alloc(void *ctx, size_t len, size_t align, int socket_id, struct rte_ppool_mem *mem)
{
	const size_t system = (size_t)sysconf(_SC_PAGESIZE);

	RTE_SET_USED(ctx);
	len = RTE_ALIGN_CEIL(len, system);
	mem->addr = map_memory(len, RTE_MAX(align, system), system, socket_id);
	if (mem->addr == NULL)
		return -ENOMEM;
	mem->len = len;
	/* Nobody keeps these pages where they are: physical addresses they have none. */
	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		mem->iova = (uintptr_t)mem->addr;
	return 0;
}

static void
anonymous_free(void *ctx, const struct rte_ppool_mem *mem)
{
	RTE_SET_USED(ctx);
	munmap(mem->addr, mem->len);
}

const struct rte_ppool_mem_ops ppool_mem_anonymous = {
	.name = "anonymous",
	.alloc = anonymous_alloc,
	.free = anonymous_free,
};

/* ---- external: known to the EAL and to devices */

static const struct rte_ppool_mem_external no_devices;

static size_t
external_page_size(const struct rte_ppool_mem_external *ext)
{
	return ext->page_size != 0 ? ext->page_size : (size_t)sysconf(_SC_PAGESIZE);
}

/* What devices see in one piece is mapped in one piece. */
static size_t
dma_step(const struct rte_ppool_mem_external *ext, const struct rte_ppool_mem *mem)
{
	return rte_eal_iova_mode() == RTE_IOVA_VA ? mem->len : external_page_size(ext);
}

/* Unmap up to the piece at "end" from a device. False if it refuses. */
static bool
dma_unmap(const struct rte_ppool_mem_external *ext, struct rte_device *dev,
		const struct rte_ppool_mem *mem, size_t end)
{
	const size_t step = dma_step(ext, mem);
	bool done = true;
	uint8_t *addr;
	size_t off;

	for (off = 0; off < end; off += step) {
		addr = RTE_PTR_ADD(mem->addr, off);
		if (rte_dev_dma_unmap(dev, addr, ppool_eal_iova(addr, step), step) == 0)
			continue;
		PPOOL_LOG(ERR, "memory at %p, %zu bytes, cannot be unmapped from device %s: %s",
			(void *)addr, step, rte_dev_name(dev), rte_strerror(rte_errno));
		done = false;
	}
	return done;
}

/* Unmap from the first devices. */
static bool
dma_unmap_all(const struct rte_ppool_mem_external *ext, uint16_t nb_devs,
		const struct rte_ppool_mem *mem)
{
	bool done = true;

	while (nb_devs-- > 0)
		done &= dma_unmap(ext, ext->devs[nb_devs], mem, mem->len);
	return done;
}

/* Map for a device. *stuck: it failed half way, and what was mapped cannot be unmapped. */
static int
dma_map(const struct rte_ppool_mem_external *ext, struct rte_device *dev,
		const struct rte_ppool_mem *mem, bool *stuck)
{
	const size_t step = dma_step(ext, mem);
	uint8_t *addr;
	size_t off;
	int err;

	for (off = 0; off < mem->len; off += step) {
		addr = RTE_PTR_ADD(mem->addr, off);
		if (rte_dev_dma_map(dev, addr, ppool_eal_iova(addr, step), step) == 0)
			continue;
		err = rte_errno != 0 ? rte_errno : EIO;
		PPOOL_LOG(ERR, "memory at %p, %zu bytes, cannot be mapped for DMA of device %s: "
			"%s%s", (void *)addr, step, rte_dev_name(dev), rte_strerror(err),
			err == ENOTSUP ? " (its bus or driver maps no external memory)" : "");
		*stuck = !dma_unmap(ext, dev, mem, off);
		/* Smaller pieces would not help. */
		return err == ENOMEM ? -ENOSPC : -err;
	}
	return 0;
}

static int
dma_map_all(const struct rte_ppool_mem_external *ext, const struct rte_ppool_mem *mem,
		bool *stuck)
{
	uint16_t i;
	int ret;

	for (i = 0; i < ext->nb_devs; i++) {
		ret = dma_map(ext, ext->devs[i], mem, stuck);
		if (ret == 0)
			continue;
		*stuck |= !dma_unmap_all(ext, i, mem);
		return ret;
	}
	return 0;
}

/* Tell the EAL: addresses, and IOVAs of each page. */
static int
external_register(const struct rte_ppool_mem *mem, size_t page_size)
{
	unsigned int n = mem->len / page_size, i;
	rte_iova_t *iova = calloc(n, sizeof(*iova));
	uint8_t *addr;
	int ret = 0;

	if (iova == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		addr = RTE_PTR_ADD(mem->addr, i * page_size);
		iova[i] = rte_eal_iova_mode() == RTE_IOVA_VA ? (uintptr_t)addr :
			rte_mem_virt2phy(addr);
		if (iova[i] == RTE_BAD_IOVA)
			ret = -EPERM;
	}
	if (ret != 0)
		PPOOL_LOG(ERR, "physical addresses cannot be read: use --iova-mode=va");
	else if (rte_extmem_register(mem->addr, mem->len, iova, n, page_size) != 0) {
		ret = rte_errno != 0 ? -rte_errno : -EIO;
		PPOOL_LOG(ERR, "memory at %p, %zu bytes, cannot be registered with the EAL: %s",
			mem->addr, mem->len, rte_strerror(-ret));
		/* "No room" is about entries of a table: smaller pieces would not help. */
		if (ret == -ENOMEM)
			ret = -ENOSPC;
	}
	free(iova);
	return ret;
}

static int
external_check(const struct rte_ppool_mem_external *ext, size_t align)
{
	const size_t page_size = external_page_size(ext);
	uint16_t i;

	if (!rte_is_power_of_2(page_size) || page_size < (size_t)sysconf(_SC_PAGESIZE)) {
		PPOOL_LOG(ERR, "external memory cannot be made of pages of %zu bytes", page_size);
		return -EINVAL;
	}
	if (rte_eal_iova_mode() != RTE_IOVA_VA && page_size < align) {
		PPOOL_LOG(ERR, "external memory in pages of %zu bytes: a page of %zu does not lie "
			"in one piece of physical memory: use hugepages, or --iova-mode=va",
			page_size, align);
		return -EINVAL;
	}
	for (i = 0; i < ext->nb_devs; i++) {
		if (ext->devs == NULL || ext->devs[i] == NULL) {
			PPOOL_LOG(ERR, "external memory: device %u of %u is NULL", i,
				ext->nb_devs);
			return -EINVAL;
		}
	}
	return 0;
}

/* The last steps of giving memory back. Where a device may still reach it (stuck), or the EAL
 * does not let go of it, it must not become anybody else's.
 */
static void
external_drop(const struct rte_ppool_mem *mem, bool stuck)
{
	if (!stuck && rte_extmem_unregister(mem->addr, mem->len) == 0) {
		munmap(mem->addr, mem->len);
		return;
	}
	PPOOL_LOG(ERR, "memory at %p, %zu bytes, is left as it is: %s", mem->addr, mem->len,
		stuck ? "a device has it mapped" : "the EAL does not unregister it");
}

static int
external_alloc(void *ctx, size_t len, size_t align, int socket_id, struct rte_ppool_mem *mem)
{
	const struct rte_ppool_mem_external *ext = ctx != NULL ? ctx : &no_devices;
	const size_t page_size = external_page_size(ext);
	int ret = external_check(ext, align);
	bool stuck = false;

	if (ret != 0)
		return ret;
	mem->len = RTE_ALIGN_CEIL(len, page_size);
	mem->addr = map_memory(mem->len, RTE_MAX(align, page_size), page_size, socket_id);
	if (mem->addr == NULL)
		return -ENOMEM;
	ret = external_register(mem, page_size);
	if (ret != 0) {
		munmap(mem->addr, mem->len);
		return ret;
	}
	ret = dma_map_all(ext, mem, &stuck);
	if (ret != 0)
		external_drop(mem, stuck);
	return ret;
}

static void
external_free(void *ctx, const struct rte_ppool_mem *mem)
{
	const struct rte_ppool_mem_external *ext = ctx != NULL ? ctx : &no_devices;

	external_drop(mem, !dma_unmap_all(ext, ext->nb_devs, mem));
}

const struct rte_ppool_mem_ops ppool_mem_external = {
	.name = "external",
	.chunk_size = EXTERNAL_CHUNK,
	.alloc = external_alloc,
	.free = external_free,
	.iova = ppool_mem_eal_iova,
};
