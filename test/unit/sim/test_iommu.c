/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The IOMMU table: map, unmap with splitting, look-up; then against a plain array of pages. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_conf.h"
#include "host_iommu.h"

#define PG ((uint64_t)SIM_IOMMU_PAGE)
#define RW (SIM_IOMMU_READ | SIM_IOMMU_WRITE)
#define VA 0x7f0000000000ull

struct fixture {
	struct sim_iommu_stats stats;
	struct sim_iommu m;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	sim_iommu_init(&f->m, &f->stats);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	sim_iommu_fini(&f->m);
	assert_int_equal(f->stats.mapped_bytes, 0);
	free(f);
	return 0;
}

static uint64_t
at(struct fixture *f, uint64_t iova, uint32_t len, uint32_t prot)
{
	return (uint64_t)(uintptr_t)sim_iommu_lookup(&f->m, iova, len, prot);
}

static void
test_map_and_look_up(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(at(f, 0x1000, 1, SIM_IOMMU_READ), 0);
	assert_int_equal(sim_iommu_add(&f->m, 0x200000, 4 * PG, VA, RW), 0);
	assert_int_equal(f->stats.mapped_bytes, 4 * PG);
	assert_int_equal(at(f, 0x200000, 1, RW), VA);
	assert_int_equal(at(f, 0x200000 + 4 * PG - 1, 1, RW), VA + 4 * PG - 1);
	assert_int_equal(at(f, 0x200000, 4 * (uint32_t)PG, RW), VA);
	/* both sides of each end */
	assert_int_equal(at(f, 0x200000 - 1, 1, RW), 0);
	assert_int_equal(at(f, 0x200000 - 1, 2, RW), 0);
	assert_int_equal(at(f, 0x200000 + 4 * PG, 1, RW), 0);
	assert_int_equal(at(f, 0x200000 + 4 * PG - 1, 2, RW), 0);
	assert_int_equal(at(f, 0x200000, 4 * (uint32_t)PG + 1, RW), 0);
	/* around the end of the address space */
	assert_int_equal(at(f, UINT64_MAX, 2, RW), 0);
}

static void
test_bad_ranges(void **state)
{
	struct fixture *f = *state;
	uint64_t n;

	assert_int_equal(sim_iommu_add(&f->m, 0, 0, VA, RW), -EINVAL);
	assert_int_equal(sim_iommu_add(&f->m, 1, PG, VA, RW), -EINVAL);
	assert_int_equal(sim_iommu_add(&f->m, 0, PG - 1, VA, RW), -EINVAL);
	assert_int_equal(sim_iommu_add(&f->m, 0, PG, VA + 1, RW), -EINVAL);
	assert_int_equal(sim_iommu_add(&f->m, 0, PG, VA, 0), -EINVAL);
	assert_int_equal(sim_iommu_add(&f->m, 0, PG, VA, 4), -EINVAL);
	assert_int_equal(sim_iommu_add(&f->m, UINT64_MAX - PG + 1, 2 * PG, VA, RW), -EINVAL);
	assert_int_equal(sim_iommu_del(&f->m, 0, 0, &n), -EINVAL);
	assert_int_equal(sim_iommu_del(&f->m, 1, PG, &n), -EINVAL);
	assert_int_equal(sim_iommu_del(&f->m, 0, PG, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(f->stats.mapped_bytes_peak, 0);
}

static void
test_overlap(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sim_iommu_add(&f->m, 4 * PG, 4 * PG, VA, RW), 0);
	assert_int_equal(sim_iommu_add(&f->m, 4 * PG, 4 * PG, VA, RW), -EEXIST);
	assert_int_equal(sim_iommu_add(&f->m, 7 * PG, PG, VA, RW), -EEXIST);
	assert_int_equal(sim_iommu_add(&f->m, 3 * PG, 2 * PG, VA, RW), -EEXIST);
	assert_int_equal(sim_iommu_add(&f->m, 0, 16 * PG, VA, RW), -EEXIST);
	assert_int_equal(sim_iommu_add(&f->m, 3 * PG, PG, VA, RW), 0);
	assert_int_equal(sim_iommu_add(&f->m, 8 * PG, PG, VA, RW), 0);
	assert_int_equal(f->stats.mapped_bytes, 6 * PG);
}

static void
test_permissions(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sim_iommu_add(&f->m, 0, PG, VA, SIM_IOMMU_READ), 0);
	assert_int_equal(sim_iommu_add(&f->m, PG, PG, VA + PG, SIM_IOMMU_WRITE), 0);
	assert_int_equal(at(f, 0, 8, SIM_IOMMU_READ), VA);
	assert_int_equal(at(f, 0, 8, SIM_IOMMU_WRITE), 0);
	assert_int_equal(at(f, PG, 8, SIM_IOMMU_WRITE), VA + PG);
	assert_int_equal(at(f, PG, 8, SIM_IOMMU_READ), 0);
	/* one piece of memory, but not of one permission */
	assert_int_equal(at(f, PG - 4, 8, SIM_IOMMU_READ), 0);
	/* and the remembered answers do not change that */
	assert_int_equal(at(f, 0, 8, SIM_IOMMU_READ), VA);
	assert_int_equal(at(f, 0, 8, SIM_IOMMU_WRITE), 0);
}

static void
test_across_mappings(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sim_iommu_add(&f->m, 0, PG, VA, RW), 0);
	assert_int_equal(sim_iommu_add(&f->m, PG, PG, VA + PG, RW), 0);
	assert_int_equal(sim_iommu_add(&f->m, 2 * PG, PG, VA + 8 * PG, RW), 0);
	assert_int_equal(sim_iommu_add(&f->m, 4 * PG, PG, VA + 9 * PG, RW), 0);
	/* neighbours in both: one piece */
	assert_int_equal(at(f, PG - 1, 2, RW), VA + PG - 1);
	assert_int_equal(at(f, 0, 2 * (uint32_t)PG, RW), VA);
	/* neighbours in IOVA only, or in memory only */
	assert_int_equal(at(f, 2 * PG - 1, 2, RW), 0);
	assert_int_equal(at(f, 3 * PG - 1, 2, RW), 0);
}

static void
test_unmap_splits(void **state)
{
	struct fixture *f = *state;
	uint64_t n;

	assert_int_equal(sim_iommu_add(&f->m, 0, 10 * PG, VA, RW), 0);
	assert_int_equal(at(f, 5 * PG, 1, RW), VA + 5 * PG);
	assert_int_equal(sim_iommu_del(&f->m, 4 * PG, 2 * PG, &n), 0);
	assert_int_equal(n, 2 * PG);
	assert_int_equal(f->m.nb, 2);
	assert_int_equal(f->stats.mapped_bytes, 8 * PG);
	assert_int_equal(at(f, 5 * PG, 1, RW), 0);
	assert_int_equal(at(f, 4 * PG - 1, 1, RW), VA + 4 * PG - 1);
	assert_int_equal(at(f, 4 * PG - 1, 2, RW), 0);
	assert_int_equal(at(f, 6 * PG, 1, RW), VA + 6 * PG);
	/* at the ends, and over a hole */
	assert_int_equal(sim_iommu_del(&f->m, 0, PG, &n), 0);
	assert_int_equal(at(f, PG, 1, RW), VA + PG);
	assert_int_equal(at(f, PG - 1, 1, RW), 0);
	assert_int_equal(sim_iommu_del(&f->m, 3 * PG, 4 * PG, &n), 0);
	assert_int_equal(n, 2 * PG);
	assert_int_equal(at(f, 7 * PG, 1, RW), VA + 7 * PG);
	/* the hole can be mapped anew, to other memory */
	assert_int_equal(sim_iommu_add(&f->m, 4 * PG, PG, VA + 99 * PG, RW), 0);
	assert_int_equal(at(f, 4 * PG, 1, RW), VA + 99 * PG);
	assert_int_equal(f->stats.mapped_bytes_peak, 10 * PG);
	sim_iommu_del_all(&f->m, &n);
	assert_int_equal(n, 6 * PG);
	assert_int_equal(f->stats.mapped_bytes, 0);
	assert_int_equal(at(f, 7 * PG, 1, RW), 0);
}

#define PAGES 256u

static uint64_t
rnd(uint64_t *s)
{
	*s = *s * 6364136223846793005ull + 1442695040888963407ull;
	return *s >> 33;
}

static void
test_against_array(void **state)
{
	struct fixture *f = *state;
	uint64_t mem[PAGES] = { 0 }, seed = 42, n;

	for (unsigned int step = 0; step < 20000; step++) {
		uint64_t from = rnd(&seed) % PAGES, len = 1 + rnd(&seed) % 24, used = 0;
		uint64_t va = VA + (rnd(&seed) % 4096) * PG, base = 3ull << 30;

		if (from + len > PAGES)
			len = PAGES - from;
		for (uint64_t i = from; i < from + len; i++)
			used += mem[i] != 0;
		if (rnd(&seed) & 1) {
			int r = sim_iommu_add(&f->m, base + from * PG, len * PG, va, RW);

			assert_int_equal(r, used != 0 ? -EEXIST : 0);
			for (uint64_t i = 0; r == 0 && i < len; i++)
				mem[from + i] = va + i * PG;
		} else {
			assert_int_equal(sim_iommu_del(&f->m, base + from * PG, len * PG, &n), 0);
			assert_int_equal(n, used * PG);
			memset(&mem[from], 0, len * sizeof(mem[0]));
		}
		for (unsigned int k = 0; k < 8; k++) {
			uint64_t off = rnd(&seed) % (PAGES * PG);
			uint32_t bytes = 1 + (uint32_t)(rnd(&seed) % (3 * PG));
			uint64_t first = off / PG, last = (off + bytes - 1) / PG, want;

			want = last < PAGES && mem[first] != 0 ? mem[first] + off % PG : 0;
			for (uint64_t i = first + 1; want != 0 && i <= last; i++)
				if (mem[i] != mem[first] + (i - first) * PG)
					want = 0;
			assert_int_equal(at(f, base + off, bytes, RW), want);
		}
	}
	for (n = 0, seed = 0; n < PAGES; n++)
		seed += mem[n] != 0;
	assert_int_equal(f->stats.mapped_bytes, seed * PG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_map_and_look_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_ranges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overlap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_across_mappings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unmap_splits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_against_array, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
