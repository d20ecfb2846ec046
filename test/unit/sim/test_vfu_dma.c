/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Memory of a client of vfio-user: what may be mapped and unmapped, and the device's DMA where
 * nothing is mapped, which must be refused, counted and reported.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfu_client.h"

/* --- negative controls ------------------------------------------------------------ */

static void
test_dma_before_map(void **state)
{
	struct fixture *f = *state;

	vc_put_command(f, 0);
	assert_false(vc_command(f, IOVA));
	assert_int_equal(vc_faults(f), 1);
	assert_non_null(strstr(f->st->iommu.first_fault, "read of 32 bytes at IOVA 0x7f0000100000"));
	/* and the same is fine when it is mapped: the check is of this and nothing else */
	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), 0);
	assert_true(vc_command(f, IOVA));
	assert_true(vc_answered(f, 0));
	assert_int_equal(vc_faults(f), 1);
}

static void
test_dma_after_unmap(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), 0);
	vc_put_command(f, 0);
	assert_true(vc_command(f, IOVA));
	assert_int_equal(vc_unmap(f, IOVA, PG), 0);
	vc_put_command(f, 0);
	assert_false(vc_command(f, IOVA));
	assert_int_equal(vc_faults(f), 1);
	assert_false(vc_answered(f, 0));
}

static void
test_dma_past_the_end(void **state)
{
	struct fixture *f = *state;

	/* mapped up to where the queue begins */
	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), 0);
	vc_put_command(f, 1);
	assert_false(vc_command(f, IOVA + PG));
	assert_int_equal(vc_faults(f), 1);
	assert_false(vc_answered(f, 1));
}

static void
test_dma_to_guest_physical(void **state)
{
	struct fixture *f = *state;

	/* the guest maps a page of its RAM, and hands out the page's own address */
	assert_int_equal(vc_map(f, IOVA, PG, 2 * PG, RD | WR), 0);
	vc_put_command(f, 2);
	assert_false(vc_command(f, GUEST + 2 * PG));
	assert_int_equal(vc_faults(f), 1);
	assert_false(vc_answered(f, 2));
	assert_true(vc_command(f, IOVA));
}

static void
test_dma_write_read_only(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_map(f, IOVA, PG, 0, RD), 0);
	vc_put_command(f, 0);
	assert_false(vc_command(f, IOVA));
	assert_int_equal(vc_faults(f), 1);
	assert_non_null(strstr(f->st->iommu.first_fault, "write"));
	assert_false(vc_answered(f, 0));
}

static void
test_dma_read_write_only(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_map(f, IOVA, PG, 0, WR), 0);
	vc_put_command(f, 0);
	assert_false(vc_command(f, IOVA));
	assert_int_equal(vc_faults(f), 1);
}

static void
test_no_dma_without_bus_master(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), 0);
	vc_put_command(f, 0);
	assert_true(vc_command(f, IOVA));
	assert_int_equal(vc_ask(f, VFU_DEVICE_RESET, NULL, 0), 0);
	vc_put_command(f, 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_BASE_L, (uint32_t)IOVA, 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_BASE_H, (uint32_t)(IOVA >> 32), 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_DEPTH, 4, 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_TAIL, 1, 4), 0);
	assert_false(vc_answered(f, 0));
	assert_int_equal(vc_faults(f), 0);
}

/* --- maps ------------------------------------------------------------------------- */

static void
test_unmap_by_range(void **state)
{
	struct fixture *f = *state;

	/* pieces with a hole between them; the client takes a power of two away that covers all */
	for (unsigned int i = 0; i < 8; i++)
		if (i != 3)
			assert_int_equal(vc_map(f, IOVA + i * PG, PG, i * PG, RD | WR), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 7 * PG);
	/* the middle of a larger one */
	assert_int_equal(vc_map(f, IOVA + (16 * PG), 4 * PG, 8 * PG, RD | WR), 0);
	assert_int_equal(vc_unmap(f, IOVA + 17 * PG, 2 * PG), 0);
	vc_put_command(f, 11);
	assert_true(vc_command(f, IOVA + 19 * PG));
	assert_true(vc_answered(f, 11));
	vc_put_command(f, 9);
	assert_false(vc_command(f, IOVA + 17 * PG));
	assert_int_equal(vc_faults(f), 1);
	assert_int_equal(vc_unmap(f, IOVA, 8 * PG), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 2 * PG);
	/* nothing there: no error, as a kernel's */
	assert_int_equal(vc_unmap(f, IOVA, 8 * PG), 0);
	/* the two halves of the address space */
	assert_int_equal(vc_unmap(f, 0, 1ull << 63), 0);
	assert_int_equal(vc_unmap(f, 1ull << 63, 1ull << 63), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
	/* the place can be mapped to other memory, and that is what the device sees */
	assert_int_equal(vc_map(f, IOVA, PG, 5 * PG, RD | WR), 0);
	vc_put_command(f, 0);
	vc_put_command(f, 5);
	assert_true(vc_command(f, IOVA));
	assert_false(vc_answered(f, 0));
	assert_true(vc_answered(f, 5));
}

/* Neighbours for the device, not in the client's file: a buffer may lie across them. */
static void
test_contiguous(void **state)
{
	struct fixture *f = *state;
	uint64_t start = IOVA & ~(VFU_WINDOW_SIZE - 1);
	uint8_t *mem;

	assert_int_equal(vc_map(f, start - PG, PG, 0, RD), 0); /* in another window */
	assert_int_equal(vc_map(f, start, PG, 7 * PG, RD | WR), 0);
	assert_int_equal(vc_map(f, start + PG, PG, 3 * PG, RD), 0);
	memset(f->mem + 7 * PG, 7, PG);
	memset(f->mem + 3 * PG, 3, PG);
	mem = sim_host_ops.dma(f->v->port, start + 100, 2 * PG - 100, false);
	assert_non_null(mem);
	assert_int_equal(mem[0], 7);
	assert_int_equal(mem[PG - 101], 7);
	assert_int_equal(mem[PG - 100], 3);
	assert_null(sim_host_ops.dma(f->v->port, start + 100, 2 * PG - 100, true));
	assert_null(sim_host_ops.dma(f->v->port, start + 100, 2 * PG, false));
	assert_int_equal(vc_faults(f), 2);
	/* one mapping across two windows */
	assert_int_equal(vc_unmap(f, start - PG, 3 * PG), 0);
	assert_int_equal(vc_map(f, start - 2 * PG, 4 * PG, 0, RD | WR), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 4 * PG);
	vc_put_command(f, 1);
	assert_true(vc_command(f, start - PG));
	assert_int_equal(vc_unmap(f, start - 2 * PG, 4 * PG), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
	/* more parts of the space than there are windows */
	for (uint64_t i = 0; i < VFU_MAX_WINDOWS + 2; i++)
		vc_map(f, i * VFU_WINDOW_SIZE, PG, 0, RD);
	assert_int_equal(vc_map(f, 1000 * VFU_WINDOW_SIZE, PG, 0, RD), ENOSPC);
	assert_int_equal(f->st->iommu.mapped_bytes, (VFU_MAX_WINDOWS - 2) * PG);
}

static void
test_unmap_all(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), 0);
	assert_int_equal(vc_map(f, 0, PG, PG, RD), 0);
	assert_int_equal(vc_unmap_flags(f, 0, 0, 2), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
}

static void
test_map_refused(void **state)
{
	struct fixture *f = *state;
	int other = memfd_create("other", MFD_CLOEXEC), ro, pipe_fd[2], two[2] = { f->ram, f->ram };
	struct {
		uint32_t argsz, flags;
		uint64_t offset, iova, size;
	} m = { sizeof(m), RD, 0, IOVA, PG };

	assert_int_equal(ftruncate(other, FILE_SIZE), 0);
	assert_int_equal(vc_map(f, IOVA, 2 * PG, 0, RD | WR), 0);
	/* just this again: as said before; other memory or permission: no */
	assert_int_equal(vc_map(f, IOVA, 2 * PG, 0, RD | WR), 0);
	assert_int_equal(vc_map(f, IOVA, 2 * PG, PG, RD | WR), EEXIST);
	assert_int_equal(vc_map(f, IOVA, 2 * PG, 0, RD), EEXIST);
	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), EEXIST);
	assert_int_equal(vc_map_fd(f, other, IOVA, 2 * PG, 0, RD | WR), EEXIST);
	assert_int_equal(vc_map(f, IOVA + PG, 2 * PG, 0, RD), EEXIST);
	assert_int_equal(vc_map(f, IOVA - PG, 4 * PG, 0, RD), EEXIST);
	assert_int_equal(vc_map_fd(f, -1, IOVA, PG, 0, RD), EEXIST);
	assert_int_equal(vc_map(f, 0, 0, 0, RD), EINVAL);
	assert_int_equal(vc_map(f, 0, 100, 0, RD), EINVAL);
	assert_int_equal(vc_map(f, 8, PG, 0, RD), EINVAL);
	assert_int_equal(vc_map(f, 0, PG, 8, RD), EINVAL);
	assert_int_equal(vc_map(f, 0, PG, 0, 0), EINVAL);
	assert_int_equal(vc_map(f, 0, PG, 0, 8 | RD), EINVAL);
	assert_int_equal(vc_map(f, -PG, 2 * PG, 0, RD), EINVAL);
	/* not in the file */
	assert_int_equal(vc_map(f, 0, FILE_SIZE + PG, 0, RD), EINVAL);
	assert_int_equal(vc_map(f, 0, PG, FILE_SIZE, RD), EINVAL);
	assert_int_equal(vc_map(f, 0, 2 * PG, -PG, RD), EINVAL);
	/* no file, or one that cannot be what the client says */
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(vc_map_fd(f, pipe_fd[0], 0, PG, 0, RD), EBADF);
	assert_int_equal(vc_map_fd(f, f->fd, 0, PG, 0, RD), EBADF);
	ro = open("/proc/self/exe", O_RDONLY);
	assert_int_equal(vc_map_fd(f, ro, 0, PG, 0, RD | WR), EACCES);
	assert_int_equal(vc_ask_fds(f, VFU_DMA_MAP, &m, sizeof(m), two, 2), EINVAL);
	assert_int_equal(vc_ask_fds(f, VFU_DMA_MAP, &m, sizeof(m) - 8, two, 1), EINVAL);
	m.argsz = 8;
	assert_int_equal(vc_ask_fds(f, VFU_DMA_MAP, &m, sizeof(m), two, 1), EINVAL);
	/* unmapping */
	assert_int_equal(vc_unmap(f, IOVA, 0), EINVAL);
	assert_int_equal(vc_unmap(f, IOVA + 1, PG), EINVAL);
	assert_int_equal(vc_unmap(f, -PG, 2 * PG), EINVAL);
	assert_int_equal(vc_unmap_flags(f, IOVA, PG, 1), EINVAL);
	assert_int_equal(f->st->iommu.mapped_bytes, 2 * PG);
	assert_int_equal(f->st->port[0].vfu.refused, 27);
	close(ro);
	close(other);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

/* A ROM of the machine comes without a file: the client may map it, the device cannot reach it. */
static void
test_map_without_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_map_fd(f, -1, IOVA, PG, 0, RD), 0);
	assert_false(vc_command(f, IOVA));
	assert_int_equal(vc_faults(f), 1);
	assert_int_equal(vc_unmap(f, IOVA, PG), 0);
}

static void
test_file_gets_shorter(void **state)
{
	struct fixture *f = *state;

	/* the framework of the test has taken the signal away */
	vfu_dma_guard(f->v, 1);
	assert_int_equal(vc_map(f, IOVA, 4 * PG, 0, RD | WR), 0);
	assert_int_equal(ftruncate(f->ram, PG), 0);
	vc_command(f, IOVA + 2 * PG);
	assert_int_equal(f->st->port[0].vfu.lost_pages, 1);
	assert_int_equal(ftruncate(f->ram, FILE_SIZE), 0);
	assert_int_equal(vc_unmap(f, IOVA, 4 * PG), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		GREETED(test_dma_before_map),
		GREETED(test_dma_after_unmap),
		GREETED(test_dma_past_the_end),
		GREETED(test_dma_to_guest_physical),
		GREETED(test_dma_write_read_only),
		GREETED(test_dma_read_write_only),
		GREETED(test_no_dma_without_bus_master),
		GREETED(test_unmap_by_range),
		GREETED(test_contiguous),
		GREETED(test_unmap_all),
		GREETED(test_map_refused),
		GREETED(test_map_without_file),
		GREETED(test_file_gets_shorter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
