/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Pools used by two processes: this program starts itself once more, as a secondary process. */

#include <errno.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <rte_memzone.h>

#include "ppool_test.h"

#define N 40
/* Set in a secondary: it registers ops of its own before those of the library. */
#define SHIFT "PPOOL_TEST_SHIFT"

extern char **environ;

/* What both processes see. */
struct shared {
	struct rte_mbuf *to_secondary[N], *to_primary[N];
};

static char dir[] = "/run/ppool-test-XXXXXX", prefix[64], self[256];
static struct rte_ppool *inl, *compact;
static struct shared *shared;

static int
no_alloc(struct rte_mempool *mp)
{
	return -ENOTSUP;
}

static int
no_put(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	return -ENOTSUP;
}

static int
no_get(struct rte_mempool *mp, void **objs, unsigned int n)
{
	return -ENOTSUP;
}

static unsigned int
no_count(const struct rte_mempool *mp)
{
	return 0;
}

RTE_INIT_PRIO(shift_ops, LOG)
{
	static const struct rte_mempool_ops ops = { .name = "first", .alloc = no_alloc,
		.enqueue = no_put, .dequeue = no_get, .get_count = no_count };

	if (getenv(SHIFT) != NULL)
		rte_mempool_register_ops(&ops);
}

static int
eal(const char *type)
{
	char a[128], b[128];
	const char *argv[] = { "test", a, b, type, "--no-telemetry", "--no-pci", "-m", "64", "-l",
		"0" };

	snprintf(a, sizeof(a), "--huge-dir=%s", dir);
	snprintf(b, sizeof(b), "--file-prefix=%s", prefix);
	return rte_eal_init(RTE_DIM(argv), (char **)(uintptr_t)argv) < 0 ? -1 : 0;
}

/* ---- the secondary */

static void
count_pool(struct rte_ppool *pool, void *arg)
{
	(*(unsigned int *)arg)++;
}

/* It finds the INLINE pool, allocates, and frees what it and the primary have allocated. */
static void
use_inline(void **state)
{
	struct rte_ppool *pool = rte_ppool_lookup("inline");
	struct rte_mempool *mp = rte_mempool_lookup("inline");
	struct rte_mbuf *m[N];

	assert_non_null(pool);
	assert_ptr_equal(rte_ppool_from_mempool(mp), pool);
	assert_int_equal(rte_mempool_in_use_count(mp), N);
	for (int i = 0; i < N; i++)
		assert_string_equal(rte_pktmbuf_mtod(shared->to_secondary[i], char *), "primary");
	rte_pktmbuf_free_bulk(shared->to_secondary, N);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, N), 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, shared->to_primary, N), 0);
	for (int i = 0; i < N; i++)
		strcpy(rte_pktmbuf_mtod(shared->to_primary[i], char *), "secondary");
	rte_pktmbuf_free_bulk(m, N);
	assert_int_equal(rte_mempool_in_use_count(mp), N);
	/* Puts of what is not out are seen here, too. */
	assert_int_equal(rte_ppool_put_bulk(pool, m, 1), 0);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	assert_int_equal(rte_ppool_destroy(pool), -E_RTE_SECONDARY);
	assert_null(rte_ppool_lookup("neither"));
	assert_int_equal(rte_errno, ENOENT);
}

/* A COMPACT pool is refused, unless the library happens to stand where the primary has it. */
static void
refuse_compact(void **state)
{
	struct rte_mempool *mp = rte_mempool_lookup("compact");
	unsigned int pools = 0;

	assert_non_null(mp);
	assert_null(rte_ppool_lookup("compact"));
	assert_int_equal(rte_errno, ENOTSUP);
	assert_null(rte_pktmbuf_alloc(mp));
	rte_ppool_walk(count_pool, &pools);
	assert_int_equal(pools, 1);
}

static void
refuse_to_create(void **state)
{
	assert_null(rte_ppool_pktmbuf_pool_create("new", 100, 0, 0, SOCKET_ID_ANY,
		RTE_PPOOL_LAYOUT_INLINE));
	assert_int_equal(rte_errno, E_RTE_SECONDARY);
}

/* Its ops have other numbers than the primary's. */
static void
refuse_all(void **state)
{
	unsigned int pools = 0;

	assert_null(rte_ppool_lookup("inline"));
	assert_int_equal(rte_errno, ENOTSUP);
	rte_ppool_walk(count_pool, &pools);
	assert_int_equal(pools, 0);
}

static int
secondary(void)
{
	const struct CMUnitTest same[] = { cmocka_unit_test(use_inline),
		cmocka_unit_test(refuse_compact), cmocka_unit_test(refuse_to_create) };
	const struct CMUnitTest other[] = { cmocka_unit_test(refuse_all) };

	if (eal("--proc-type=secondary") != 0)
		return 1;
	shared = rte_memzone_lookup("shared")->addr;
	return getenv(SHIFT) != NULL ? cmocka_run_group_tests(other, NULL, NULL) :
		cmocka_run_group_tests(same, NULL, NULL);
}

/* ---- the primary */

static int
run_secondary(void)
{
	char *argv[] = { self, dir, prefix, NULL };
	int status = -1;
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
pools_of_both(void **state)
{
	struct rte_mempool *mp = rte_ppool_to_mempool(inl);

	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, shared->to_secondary, N), 0);
	for (int i = 0; i < N; i++)
		strcpy(rte_pktmbuf_mtod(shared->to_secondary[i], char *), "primary");
	assert_int_equal(run_secondary(), 0);
	for (int i = 0; i < N; i++)
		assert_string_equal(rte_pktmbuf_mtod(shared->to_primary[i], char *), "secondary");
	rte_pktmbuf_free_bulk(shared->to_primary, N);
	assert_int_equal(rte_mempool_in_use_count(mp), 0);
	assert_int_equal(test_stats(inl).bad_process, 0);
	/* The lookup and the allocation. */
	assert_int_equal(test_stats(compact).bad_process, 2);
}

static void
other_numbers(void **state)
{
	assert_int_equal(setenv(SHIFT, "1", 1), 0);
	assert_int_equal(run_secondary(), 0);
	assert_int_equal(test_stats(inl).bad_process, 1);
}

static int
primary(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pools_of_both),
		cmocka_unit_test(other_numbers) };
	const struct rte_memzone *mz;
	int ret;

	if (eal("--proc-type=primary") != 0)
		return TEST_SKIP;
	mz = rte_memzone_reserve("shared", sizeof(*shared), SOCKET_ID_ANY, 0);
	inl = rte_ppool_from_mempool(rte_ppool_pktmbuf_pool_create("inline", 1000, 0, 0,
		SOCKET_ID_ANY, RTE_PPOOL_LAYOUT_INLINE));
	compact = rte_ppool_from_mempool(rte_ppool_pktmbuf_pool_create("compact", 100, 0, 0,
		SOCKET_ID_ANY, RTE_PPOOL_LAYOUT_COMPACT));
	if (mz == NULL || inl == NULL || compact == NULL)
		return 1;
	shared = mz->addr;
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	ret |= rte_ppool_destroy(inl) | rte_ppool_destroy(compact);
	rte_eal_cleanup();
	return ret;
}

static bool
addresses_are_random(void)
{
	FILE *f = fopen("/proc/sys/kernel/randomize_va_space", "r");
	int c = f != NULL ? fgetc(f) : '0';

	if (f != NULL)
		fclose(f);
	return c != '0';
}

int
main(int argc, char **argv)
{
	int ret;

	if (argc == 3) {
		snprintf(dir, sizeof(dir), "%s", argv[1]);
		snprintf(prefix, sizeof(prefix), "%s", argv[2]);
		return secondary();
	}
	ret = (int)readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (ret <= 0 || !addresses_are_random() || mkdtemp(dir) == NULL)
		return TEST_SKIP;
	snprintf(prefix, sizeof(prefix), "ppool-test-%d", (int)getpid());
	if (mount("none", dir, "hugetlbfs", 0, "pagesize=2M") != 0) {
		rmdir(dir);
		return TEST_SKIP;
	}
	ret = primary();
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	return ret;
}
