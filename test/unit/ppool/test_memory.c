/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Memory: growth, and each thing that can fail on the way, made to fail. */

#include <numaif.h>

#include <rte_memory.h>

#include "ppool_test.h"

/* Calls until one fails; 0: none does. Once failed, all that follow fail, too, or, if
 * fail_once, none.
 */
static int fail_in;
static bool fail_once;
static size_t largest = SIZE_MAX;
static int wrong_node = -1;
static int move_pages_result;
static bool torn;
static int calls;

static bool
fails(void)
{
	calls++;
	if (fail_in == 0)
		return false;
	if (fail_in > 1) {
		fail_in--;
		return false;
	}
	if (fail_once)
		fail_in = 0;
	return true;
}

static void
no_faults(void)
{
	fail_in = 0;
	fail_once = false;
	largest = SIZE_MAX;
	wrong_node = -1;
	move_pages_result = 0;
	torn = false;
	calls = 0;
}

void *__real_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__wrap_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__real_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__real_rte_calloc_socket(const char *type, size_t n, size_t size, unsigned int align,
		int socket);
void *__wrap_rte_calloc_socket(const char *type, size_t n, size_t size, unsigned int align,
		int socket);
struct rte_mempool *__real_rte_mempool_create_empty(const char *name, unsigned int n,
		unsigned int elt_size, unsigned int cache_size, unsigned int private_size,
		int socket, unsigned int flags);
struct rte_mempool *__wrap_rte_mempool_create_empty(const char *name, unsigned int n,
		unsigned int elt_size, unsigned int cache_size, unsigned int private_size,
		int socket, unsigned int flags);
const struct rte_memzone *__real_rte_memzone_reserve(const char *name, size_t len, int socket,
		unsigned int flags);
const struct rte_memzone *__wrap_rte_memzone_reserve(const char *name, size_t len, int socket,
		unsigned int flags);
long __wrap_move_pages(int pid, unsigned long n, void **pages, const int *nodes, int *status,
		int flags);
int __wrap_numa_available(void);
enum rte_iova_mode __wrap_rte_eal_iova_mode(void);
struct rte_memseg *__real_rte_mem_virt2memseg(const void *addr,
		const struct rte_memseg_list *list);
struct rte_memseg *__wrap_rte_mem_virt2memseg(const void *addr,
		const struct rte_memseg_list *list);

void *
__wrap_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	if (fails() || size > largest)
		return NULL;
	return __real_rte_malloc_socket(type, size, align, socket);
}

void *
__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	return fails() ? NULL : __real_rte_zmalloc_socket(type, size, align, socket);
}

void *
__wrap_rte_calloc_socket(const char *type, size_t n, size_t size, unsigned int align, int socket)
{
	return fails() ? NULL : __real_rte_calloc_socket(type, n, size, align, socket);
}

struct rte_mempool *
__wrap_rte_mempool_create_empty(const char *name, unsigned int n, unsigned int elt_size,
		unsigned int cache_size, unsigned int private_size, int socket,
		unsigned int flags)
{
	if (fails()) {
		rte_errno = ENOMEM;
		return NULL;
	}
	return __real_rte_mempool_create_empty(name, n, elt_size, cache_size, private_size,
			socket, flags);
}

const struct rte_memzone *
__wrap_rte_memzone_reserve(const char *name, size_t len, int socket, unsigned int flags)
{
	if (fails()) {
		rte_errno = ENOMEM;
		return NULL;
	}
	return __real_rte_memzone_reserve(name, len, socket, flags);
}

int
__wrap_numa_available(void)
{
	return 0;
}

long
__wrap_move_pages(int pid, unsigned long n, void **pages, const int *nodes, int *status,
		int flags)
{
	assert_null(nodes);
	assert_int_equal(pid, 0);
	for (unsigned long i = 0; i < n; i++) {
		assert_non_null(pages[i]);
		status[i] = wrong_node >= 0 && i % 2 == 0 ? wrong_node : i == 1 ? -ENOENT : 0;
	}
	return move_pages_result;
}

/* A heap of 4K pages, in PA mode: each at a place of its own if torn. */
enum rte_iova_mode
__wrap_rte_eal_iova_mode(void)
{
	return torn ? RTE_IOVA_PA : RTE_IOVA_VA;
}

struct rte_memseg *
__wrap_rte_mem_virt2memseg(const void *addr, const struct rte_memseg_list *list)
{
	static struct rte_memseg ms;

	ms.addr_64 = (uintptr_t)addr & ~UINT64_C(4095);
	ms.iova = ms.addr_64 * 2;
	ms.len = 4096;
	return &ms;
}

static struct rte_ppool *
pool_of(uint32_t min, uint32_t max, int socket)
{
	struct rte_ppool_params p = { .min_pages = min, .max_pages = max, .socket_id = socket,
		.layout = RTE_PPOOL_LAYOUT_COMPACT };

	return rte_ppool_create("mem", &p);
}

static uint32_t
nb_pages(struct rte_ppool *pool)
{
	struct rte_ppool_info info;

	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	return info.nb_pages;
}

static void
grows_on_demand(void **state)
{
	struct rte_ppool *pool = pool_of(0, 100, SOCKET_ID_ANY);
	struct rte_mempool *mp = rte_ppool_to_mempool(pool);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	static struct rte_mbuf *m[3201];

	no_faults();
	assert_int_equal(nb_pages(pool), 0);
	assert_int_equal(mp->populated_size, 0);
	assert_int_equal(mp->size, 3200);
	assert_int_equal(rte_ppool_avail_count(pool), 0);
	assert_int_equal(rte_mempool_avail_count(mp), 3200);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 1), 0);
	assert_in_range(nb_pages(pool), 1, 99);
	assert_int_equal(mp->populated_size, 32 * nb_pages(pool));
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m + 1, 3200), -ENOENT);
	assert_int_equal(nb_pages(pool), 100);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m + 1, 3199), 0);
	for (uint32_t i = 0; i < 3200; i++)
		memset(m[i]->buf_addr, i, 2048);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 3200), 3200);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_avail_count(pool), 3200);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Each allocation of create in turn fails: an error, and nothing left behind. */
static void
create_fails_at_each_step(void **state)
{
	int steps;
	struct rte_ppool *pool;

	no_faults();
	pool = pool_of(2, 2, SOCKET_ID_ANY);
	steps = calls;
	assert_non_null(pool);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_in_range(steps, 6, 20);
	for (int i = 1; i <= steps; i++) {
		no_faults();
		fail_in = i;
		assert_null(pool_of(2, 2, SOCKET_ID_ANY));
		assert_int_equal(rte_errno, ENOMEM);
		no_faults();
		pool = pool_of(2, 2, SOCKET_ID_ANY);
		assert_non_null(pool);
		assert_int_equal(rte_ppool_destroy(pool), 0);
	}
}

static void
owner_open_fails(void **state)
{
	struct rte_ppool *pool = pool_of(1, 1, SOCKET_ID_ANY);
	struct rte_mbuf *m;

	no_faults();
	fail_in = 1;
	assert_null(rte_ppool_owner_open(pool, "me"));
	assert_int_equal(rte_errno, ENOMEM);
	assert_null(rte_pktmbuf_alloc(rte_ppool_to_mempool(pool)));
	no_faults();
	m = rte_pktmbuf_alloc(rte_ppool_to_mempool(pool));
	assert_non_null(m);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Short of memory in large pieces: the pool takes smaller ones. */
static void
small_chunks(void **state)
{
	struct rte_ppool *pool;

	no_faults();
	largest = 5 * 65536;
	pool = pool_of(100, 100, SOCKET_ID_ANY);
	assert_non_null(pool);
	assert_int_equal(nb_pages(pool), 100);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	no_faults();
}

/* Growth fails: the pool says it is exhausted, does not ask the heap each time, and grows when
 * there is memory again.
 */
static void
growth_fails_for_a_while(void **state)
{
	struct rte_ppool *pool = pool_of(0, 8, SOCKET_ID_ANY);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_run run;
	int asked;

	no_faults();
	largest = 0;
	assert_int_equal(rte_ppool_run_alloc(o, 32, &run), 0);
	asked = calls;
	assert_true(asked > 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(rte_ppool_run_alloc(o, 32, &run), 0);
	assert_in_range(calls, asked, 3 * asked);
	assert_int_equal(test_stats(pool).alloc_fail, 101 * 32);
	no_faults();
	usleep(150000);
	assert_int_equal(rte_ppool_run_alloc(o, 1, &run), 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &run.mbuf, 1), 1);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* A heap that is really too small. */
static void
heap_too_small(void **state)
{
	struct rte_ppool *pool;

	no_faults();
	assert_null(pool_of(100000, 100000, SOCKET_ID_ANY));
	assert_int_equal(rte_errno, ENOMEM);
	assert_null(rte_ppool_pktmbuf_pool_create("mem", 10000000, 0, 2048, SOCKET_ID_ANY,
			RTE_PPOOL_LAYOUT_COMPACT));
	assert_int_equal(rte_errno, ENOMEM);
	pool = pool_of(10, 10, SOCKET_ID_ANY);
	assert_non_null(pool);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Pages on another node than asked for are counted, and used all the same. */
static void
wrong_numa_node(void **state)
{
	struct rte_ppool *pool;

	no_faults();
	wrong_node = 1;
	pool = pool_of(10, 10, 0);
	assert_non_null(pool);
	assert_int_equal(test_stats(pool).alloc_waive, 5);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	pool = pool_of(10, 10, SOCKET_ID_ANY);
	assert_int_equal(test_stats(pool).alloc_waive, 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	/* a kernel that does not tell */
	move_pages_result = -1;
	pool = pool_of(10, 10, 0);
	assert_int_equal(test_stats(pool).alloc_waive, 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	no_faults();
	pool = pool_of(10, 10, 0);
	assert_int_equal(test_stats(pool).alloc_waive, 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Physical addresses: a page must lie in one piece. */
static void
torn_pages(void **state)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .page_size = 4096, .frag_size = 2048, .min_pages = 1,
		.max_pages = 1, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool_owner *o;
	struct rte_ppool *pool;
	struct rte_ppool_run run;

	no_faults();
	torn = true;
	assert_null(pool_of(1, 1, SOCKET_ID_ANY));
	assert_int_equal(rte_errno, ENOMEM);
	/* as large as the memory's own pages: in one piece, and where they say */
	pool = rte_ppool_create("mem", &p);
	assert_non_null(pool);
	o = rte_ppool_owner_open(pool, "me");
	assert_int_equal(rte_ppool_run_alloc(o, 2, &run), 2);
	assert_true(run.iova == 2 * (uintptr_t)run.addr);
	assert_true(rte_mbuf_iova_get((struct rte_mbuf *)RTE_PTR_ADD(run.mbuf, 128)) ==
		run.iova + 2048);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	no_faults();
}

static int
setup(void **state)
{
	return test_eal("96");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_on_demand),
		cmocka_unit_test(create_fails_at_each_step),
		cmocka_unit_test(owner_open_fails),
		cmocka_unit_test(small_chunks),
		cmocka_unit_test(growth_fails_for_a_while),
		cmocka_unit_test(heap_too_small),
		cmocka_unit_test(wrong_numa_node),
		cmocka_unit_test(torn_pages),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
