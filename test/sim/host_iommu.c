/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host_conf.h"
#include "host_iommu.h"

void
sim_iommu_init(struct sim_iommu *m, struct sim_iommu_stats *stats)
{
	memset(m, 0, sizeof(*m));
	m->stats = stats;
}

static void
forget(struct sim_iommu *m)
{
	memset(m->hit, 0, sizeof(m->hit));
}

static void
count(struct sim_iommu *m, int64_t bytes)
{
	m->stats->mapped_bytes += (uint64_t)bytes;
	if (m->stats->mapped_bytes > m->stats->mapped_bytes_peak)
		m->stats->mapped_bytes_peak = m->stats->mapped_bytes;
}

/* Index of the first mapping that ends behind @iova. */
static unsigned int
find(const struct sim_iommu *m, uint64_t iova)
{
	unsigned int lo = 0, hi = m->nb;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (m->map[mid].end > iova)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static bool
insert(struct sim_iommu *m, unsigned int at, const struct sim_iommu_map *e)
{
	if (m->nb == m->room) {
		unsigned int room = m->room * 2 + 64;
		struct sim_iommu_map *p = realloc(m->map, room * sizeof(*p));

		if (p == NULL)
			return false;
		m->map = p;
		m->room = room;
	}
	memmove(&m->map[at + 1], &m->map[at], (m->nb - at) * sizeof(*e));
	m->map[at] = *e;
	m->nb++;
	return true;
}

static bool
bad_range(uint64_t iova, uint64_t size)
{
	return size == 0 || ((iova | size) & (SIM_IOMMU_PAGE - 1)) != 0 || iova + size < iova;
}

int
sim_iommu_add_tagged(struct sim_iommu *m, uint64_t iova, uint64_t size, uint64_t vaddr,
		uint32_t prot, uint64_t tag)
{
	struct sim_iommu_map e = { .start = iova, .end = iova + size, .prot = prot, .tag = tag,
		.mem = (uint8_t *)(uintptr_t)vaddr };
	unsigned int at;

	if (bad_range(iova, size) || bad_range(vaddr, size) || prot == 0 ||
			(prot & ~(SIM_IOMMU_READ | SIM_IOMMU_WRITE)) != 0)
		return -EINVAL;
	at = find(m, iova);
	if (at < m->nb && m->map[at].start < e.end)
		return -EEXIST;
	if (!insert(m, at, &e))
		return -ENOMEM;
	forget(m);
	count(m, (int64_t)size);
	return 0;
}

int
sim_iommu_add(struct sim_iommu *m, uint64_t iova, uint64_t size, uint64_t vaddr, uint32_t prot)
{
	return sim_iommu_add_tagged(m, iova, size, vaddr, prot, 0);
}

int
sim_iommu_del(struct sim_iommu *m, uint64_t iova, uint64_t size, uint64_t *unmapped)
{
	uint64_t end = iova + size;
	unsigned int i;

	*unmapped = 0;
	if (bad_range(iova, size))
		return -EINVAL;
	i = find(m, iova);
	while (i < m->nb && m->map[i].start < end) {
		struct sim_iommu_map *e = &m->map[i];
		uint64_t from = e->start > iova ? e->start : iova;
		uint64_t to = e->end < end ? e->end : end;
		void *mem = e->mem + (from - e->start);

		if (e->start < from && to < e->end) {
			/* out of the middle: the part behind becomes a mapping of its own */
			struct sim_iommu_map behind = { .start = to, .end = e->end, .prot = e->prot,
				.tag = e->tag, .mem = e->mem + (to - e->start) };

			if (!insert(m, i + 1, &behind))
				return -ENOMEM;
			m->map[i].end = from;
			i += 2;
		} else if (e->start < from) {
			e->end = from;
			i++;
		} else if (to < e->end) {
			e->mem += to - e->start;
			e->start = to;
			i++;
		} else {
			memmove(e, e + 1, (m->nb - i - 1) * sizeof(*e));
			m->nb--;
		}
		*unmapped += to - from;
		if (m->gone != NULL)
			m->gone(mem, to - from);
	}
	forget(m);
	count(m, -(int64_t)*unmapped);
	return 0;
}

void
sim_iommu_del_all(struct sim_iommu *m, uint64_t *unmapped)
{
	*unmapped = 0;
	for (unsigned int i = 0; i < m->nb; i++) {
		*unmapped += m->map[i].end - m->map[i].start;
		if (m->gone != NULL)
			m->gone(m->map[i].mem, m->map[i].end - m->map[i].start);
	}
	m->nb = 0;
	forget(m);
	count(m, -(int64_t)*unmapped);
}

void
sim_iommu_fini(struct sim_iommu *m)
{
	uint64_t n;

	sim_iommu_del_all(m, &n);
	free(m->map);
	m->map = NULL;
	m->room = 0;
}

void *
sim_iommu_search(struct sim_iommu *m, uint64_t iova, uint32_t len, uint32_t prot)
{
	uint64_t last = iova + (len ? len - 1 : 0);
	const struct sim_iommu_map *e;
	unsigned int i;
	uint8_t *mem;

	if (last < iova)
		return NULL;
	i = find(m, iova);
	if (i == m->nb || m->map[i].start > iova || (m->map[i].prot & prot) != prot)
		return NULL;
	e = &m->map[i];
	mem = e->mem + (iova - e->start);
	if (last < e->end) {
		struct sim_iommu_hit *h = &m->hit[(iova >> 21) % SIM_IOMMU_CACHE];

		h->start = e->start;
		h->end = e->end;
		h->mem = e->mem;
		h->prot = e->prot;
		return mem;
	}
	/* across mappings: neighbours must follow each other in IOVA and in memory */
	while (last >= e->end) {
		const struct sim_iommu_map *next = e + 1;

		if (++i == m->nb || next->start != e->end || (next->prot & prot) != prot ||
				next->mem != e->mem + (e->end - e->start))
			return NULL;
		e = next;
	}
	return mem;
}

/* Does @b go on where @a ends, in IOVA and in memory? */
static bool
follows(const struct sim_iommu_map *a, const struct sim_iommu_map *b, uint32_t prot)
{
	return b->start == a->end && (a->prot & b->prot & prot) == prot &&
		b->mem == a->mem + (a->end - a->start);
}

void *
sim_iommu_span(const struct sim_iommu *m, uint64_t iova, uint32_t prot, uint64_t *start,
		uint64_t *end)
{
	unsigned int first = find(m, iova), last = first;

	if (first == m->nb || m->map[first].start > iova || (m->map[first].prot & prot) != prot)
		return NULL;
	while (first > 0 && follows(&m->map[first - 1], &m->map[first], prot))
		first--;
	while (last + 1 < m->nb && follows(&m->map[last], &m->map[last + 1], prot))
		last++;
	*start = m->map[first].start;
	*end = m->map[last].end;
	return m->map[first].mem;
}
