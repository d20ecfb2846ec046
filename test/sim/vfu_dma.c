/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Memory of the client: DMA_MAP brings a file and where in it the memory is, DMA_UNMAP takes
 * a range away, which may cover many mappings, parts of them and holes. A mapping is mapped
 * here with the permission that it has for the device, and goes with it: a device that went
 * round the table would crash.
 */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfu.h"

#define MAP_READ  1u
#define MAP_WRITE 2u
#define UNMAP_ALL 2u
#define MAP_BODY   32u
#define UNMAP_BODY 24u

static struct vfu *guarded;
static unsigned int nb_guarded;

/* The place stays reserved. */
static void
gone(void *mem, uint64_t size)
{
	mmap(mem, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

/* Where @iova lies here; NULL: too many parts of the IOVA space in use. */
static uint8_t *
place(struct vfu *v, uint64_t iova)
{
	uint64_t start = iova & ~(VFU_WINDOW_SIZE - 1);
	struct vfu_window *w = v->window;
	void *mem;

	while (w < v->window + v->nb_windows && w->iova != start)
		w++;
	if (w == v->window + v->nb_windows) {
		if (v->nb_windows == VFU_MAX_WINDOWS)
			return NULL;
		mem = mmap(NULL, VFU_WINDOW_SIZE, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (mem == MAP_FAILED)
			return NULL;
		w->iova = start;
		w->mem = mem;
		v->nb_windows++;
	}
	return w->mem + (iova - start);
}

void
vfu_dma_close(struct vfu *v)
{
	vfu_dma_unmap_all(v);
	for (unsigned int i = 0; i < v->nb_windows; i++)
		munmap(v->window[i].mem, VFU_WINDOW_SIZE);
	v->nb_windows = 0;
}

/* @where: a number for this place in this file. */
static int
check_file(int fd, uint64_t offset, uint64_t size, uint64_t *where)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return EBADF;
	if (offset % SIM_IOMMU_PAGE != 0 || offset > (uint64_t)st.st_size ||
			size > (uint64_t)st.st_size - offset)
		return EINVAL;
	*where = ((uint64_t)st.st_dev << 48) + ((uint64_t)st.st_ino << 24) * 0x9E3779B1u + offset;
	return 0;
}

static uint32_t
permission(uint32_t flags)
{
	return (flags & MAP_READ ? SIM_IOMMU_READ : 0) | (flags & MAP_WRITE ? SIM_IOMMU_WRITE : 0);
}

static bool
overlaps(const struct sim_iommu *m, uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < m->nb; i++)
		if (m->map[i].start < end && start < m->map[i].end)
			return true;
	return false;
}

/* Just this is mapped already: clients say what they have said again, when another device joins
 * the first one's address space.
 */
static bool
repeats(const struct sim_iommu *m, uint64_t iova, uint64_t size, uint64_t tag, uint32_t flags)
{
	for (unsigned int i = 0; i < m->nb; i++)
		if (m->map[i].start == iova)
			return m->map[i].end == iova + size && m->map[i].tag == tag &&
				m->map[i].prot == permission(flags);
	return false;
}

/* A piece that lies in one window. */
static int
map_piece(struct vfu *v, uint64_t iova, uint64_t size, uint64_t offset, uint64_t tag,
		uint32_t flags)
{
	int prot = PROT_READ | (flags & MAP_WRITE ? PROT_WRITE : 0), r;
	uint8_t *at = place(v, iova);

	if (at == NULL)
		return ENOSPC;
	if (mmap(at, size, prot, MAP_SHARED | MAP_FIXED, v->fds[0], (off_t)offset) != at) {
		r = errno;
		gone(at, size);
		return r;
	}
	r = sim_iommu_add_tagged(&v->space.iommu, iova, size, (uint64_t)(uintptr_t)at,
		permission(flags), tag);
	if (r != 0)
		gone(at, size);
	return -r;
}

/* All of it or nothing. */
static int
map_file(struct vfu *v, uint64_t iova, uint64_t size, uint64_t offset, uint64_t tag,
		uint32_t flags)
{
	uint64_t done = 0, undone;
	int r = 0;

	while (r == 0 && done < size) {
		uint64_t n = VFU_WINDOW_SIZE - ((iova + done) & (VFU_WINDOW_SIZE - 1));

		if (n > size - done)
			n = size - done;
		r = map_piece(v, iova + done, n, offset + done, tag, flags);
		if (r == 0)
			done += n;
	}
	if (r != 0 && done != 0)
		sim_iommu_del(&v->space.iommu, iova, done, &undone);
	return r;
}

int
vfu_dma_map(struct vfu *v, struct vfu_body *b)
{
	uint64_t offset, iova, size, file = 0;
	uint32_t flags;
	int r;

	if (b->len != MAP_BODY || vfu_u32(b, 0) < MAP_BODY || v->nb_fds > 1)
		return EINVAL;
	flags = vfu_u32(b, 4);
	offset = vfu_u64(b, 8);
	iova = vfu_u64(b, 16);
	size = vfu_u64(b, 24);
	if ((flags & (MAP_READ | MAP_WRITE)) == 0 || (flags & ~(MAP_READ | MAP_WRITE)) != 0 ||
			size == 0 || (iova | size) % SIM_IOMMU_PAGE != 0 || iova + size < iova)
		return EINVAL;
	if (v->space.iommu.nb >= VFU_MAX_MAPS)
		return ENOSPC;
	r = v->nb_fds == 1 ? check_file(v->fds[0], offset, size, &file) : 0;
	if (r != 0)
		return r;
	if (overlaps(&v->space.iommu, iova, iova + size))
		return v->nb_fds == 1 && repeats(&v->space.iommu, iova, size, file - iova, flags) ?
			0 : EEXIST;
	/* Without a file (a ROM of the machine) only messages would reach the memory; the device
	 * cannot wait for those, so for it the range stays unmapped.
	 */
	if (v->nb_fds == 1) {
		r = map_file(v, iova, size, offset, file - iova, flags);
		if (r != 0)
			return r;
	}
	v->port->state->vfu.maps++;
	sim_model.state->iommu.map_calls++;
	return 0;
}

static void
unmap_range(struct vfu *v, uint64_t iova, uint64_t size)
{
	uint64_t done;

	/* before the memory goes: the device remembers where it was */
	sim_dev_iotlb_flush(v->port->dev);
	sim_iommu_del(&v->space.iommu, iova, size, &done);
}

void
vfu_dma_unmap_all(struct vfu *v)
{
	uint64_t done;

	sim_dev_iotlb_flush(v->port->dev);
	sim_iommu_del_all(&v->space.iommu, &done);
}

int
vfu_dma_unmap(struct vfu *v, struct vfu_body *b)
{
	uint64_t iova, size;
	uint32_t flags;

	if (b->len < UNMAP_BODY || vfu_u32(b, 0) < UNMAP_BODY || v->nb_fds != 0)
		return EINVAL;
	flags = vfu_u32(b, 4);
	iova = vfu_u64(b, 8);
	size = vfu_u64(b, 16);
	if (flags == UNMAP_ALL && iova == 0 && size == 0) {
		vfu_dma_unmap_all(v);
	} else {
		/* up to the very end of the address space is fine, beyond is not */
		if (flags != 0 || size == 0 || (iova | size) % SIM_IOMMU_PAGE != 0 ||
				(iova + size < iova && iova + size != 0))
			return EINVAL;
		if (iova + size == 0)
			size -= SIM_IOMMU_PAGE;
		if (size != 0)
			unmap_range(v, iova, size);
	}
	v->port->state->vfu.unmaps++;
	memcpy(b->out, b->in, UNMAP_BODY);
	b->out_len = UNMAP_BODY;
	return 0;
}

/* --- memory that is not there any more ----------------------------------------------------- */

/* The client has made a file shorter that it had mapped. The device reads zeros from now on. */
static void
on_sigbus(int sig, siginfo_t *si, void *ctx)
{
	uint8_t *addr = si->si_addr;

	(void)ctx;
	for (unsigned int i = 0; i < nb_guarded; i++) {
		const struct sim_iommu *m = &guarded[i].space.iommu;

		for (unsigned int k = 0; k < m->nb; k++) {
			const struct sim_iommu_map *e = &m->map[k];
			void *page = (void *)((uintptr_t)addr & ~(uintptr_t)(SIM_IOMMU_PAGE - 1));

			if (addr < e->mem || (uint64_t)(addr - e->mem) >= e->end - e->start)
				continue;
			if (mmap(page, SIM_IOMMU_PAGE, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) {
				guarded[i].port->state->vfu.lost_pages++;
				return;
			}
		}
	}
	signal(sig, SIG_DFL);
}

void
vfu_dma_guard(struct vfu *all, unsigned int nb)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

	guarded = all;
	nb_guarded = nb;
	for (unsigned int i = 0; i < nb; i++) {
		sim_iommu_init(&all[i].space.iommu, &sim_model.state->iommu);
		all[i].space.iommu.gone = gone;
		all[i].space.used = all[i].space.typed = true;
	}
	sigaction(SIGBUS, &sa, NULL);
}
