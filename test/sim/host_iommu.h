/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * A type 1 IOMMU: which IOVA is which memory of the program. Every DMA goes through
 * sim_iommu_lookup(). Not locked: callers hold the simulator's lock, so no DMA is in flight
 * while a mapping goes.
 */

#ifndef HOST_IOMMU_H
#define HOST_IOMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_IOMMU_PAGE  4096u
#define SIM_IOMMU_READ  1u /* the device may read */
#define SIM_IOMMU_WRITE 2u

#define SIM_IOMMU_CACHE 512u

struct sim_iommu_stats;

struct sim_iommu_map {
	uint64_t start, end; /**< [start, end) in IOVA */
	uint8_t *mem;        /**< memory at start */
	uint32_t prot;
	uint64_t tag;        /**< the owner's; parts of a mapping have that of the whole */
};

/** A remembered answer; end 0: empty. */
struct sim_iommu_hit {
	uint64_t start, end;
	uint8_t *mem;
	uint32_t prot;
};

struct sim_iommu {
	struct sim_iommu_map *map; /**< sorted, not overlapping */
	unsigned int nb, room;
	struct sim_iommu_stats *stats;
	/** Optional: this memory is not mapped any more. */
	void (*gone)(void *mem, uint64_t size);
	struct sim_iommu_hit hit[SIM_IOMMU_CACHE];
};

void sim_iommu_init(struct sim_iommu *m, struct sim_iommu_stats *stats);
/** Drop all mappings. */
void sim_iommu_fini(struct sim_iommu *m);

/** 0, or -EINVAL (bad range or permission), -EEXIST (overlaps), -ENOMEM. */
int sim_iommu_add(struct sim_iommu *m, uint64_t iova, uint64_t size, uint64_t vaddr, uint32_t prot);
/** The same, with a tag. */
int sim_iommu_add_tagged(struct sim_iommu *m, uint64_t iova, uint64_t size, uint64_t vaddr,
		uint32_t prot, uint64_t tag);
/** Unmap whatever of the range is mapped, splitting mappings at its ends. 0 or -EINVAL,
 * -ENOMEM; *unmapped is the number of bytes.
 */
int sim_iommu_del(struct sim_iommu *m, uint64_t iova, uint64_t size, uint64_t *unmapped);
/** Unmap all. */
void sim_iommu_del_all(struct sim_iommu *m, uint64_t *unmapped);

/** The long way of sim_iommu_lookup(). */
void *sim_iommu_search(struct sim_iommu *m, uint64_t iova, uint32_t len, uint32_t prot);

/** The memory around @p iova in one piece, mapped with permission: its bounds in IOVA and its
 * address, or NULL.
 */
void *sim_iommu_span(const struct sim_iommu *m, uint64_t iova, uint32_t prot, uint64_t *start,
		uint64_t *end);

/** Memory of [iova, iova + len), or NULL if it is not mapped as a whole, with permission,
 * and in one piece of memory.
 */
static inline void *
sim_iommu_lookup(struct sim_iommu *m, uint64_t iova, uint32_t len, uint32_t prot)
{
	/* 2 MiB pages are what programs map one by one */
	const struct sim_iommu_hit *h = &m->hit[(iova >> 21) % SIM_IOMMU_CACHE];

	if (__builtin_expect(iova >= h->start && iova < h->end && len <= h->end - iova &&
			(h->prot & prot) == prot, 1))
		return h->mem + (iova - h->start);
	return sim_iommu_search(m, iova, len, prot);
}

#endif /* HOST_IOMMU_H */
