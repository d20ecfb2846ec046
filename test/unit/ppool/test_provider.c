/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Memory providers: those that are built in, one of the test's own, and what each of them, the EAL
 * and devices can do wrong. Nothing may be left behind by what failed.
 */

#include <errno.h>
#include <sys/mman.h>

#include <rte_dev.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "ppool_test.h"

#define PAGE 65536u

/* ---- the EAL's part, with faults */

static int fail_register, fail_map, fail_unmap, fail_unregister;
static int registered, mapped;
static size_t mapped_bytes;

int __real_rte_extmem_register(void *va, size_t len, rte_iova_t iova[], unsigned int n,
		size_t page_sz);
int __wrap_rte_extmem_register(void *va, size_t len, rte_iova_t iova[], unsigned int n,
		size_t page_sz);
int __real_rte_extmem_unregister(void *va, size_t len);
int __wrap_rte_extmem_unregister(void *va, size_t len);
int __wrap_rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len);
int __wrap_rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len);
const char *__wrap_rte_dev_name(const struct rte_device *dev);

static bool
fails(int *in)
{
	if (*in == 0)
		return false;
	return --*in == 0;
}

int
__wrap_rte_extmem_register(void *va, size_t len, rte_iova_t iova[], unsigned int n,
		size_t page_sz)
{
	int ret;

	if (fails(&fail_register)) {
		rte_errno = ENOSPC;
		return -1;
	}
	assert_int_equal((uintptr_t)va % page_sz, 0);
	assert_int_equal(n * page_sz, len);
	for (unsigned int i = 0; i < n; i++)
		assert_true(iova[i] == (uintptr_t)va + i * page_sz);
	ret = __real_rte_extmem_register(va, len, iova, n, page_sz);
	registered += ret == 0;
	return ret;
}

int
__wrap_rte_extmem_unregister(void *va, size_t len)
{
	int ret;

	if (fails(&fail_unregister)) {
		rte_errno = EBUSY;
		return -1;
	}
	ret = __real_rte_extmem_unregister(va, len);
	registered -= ret == 0;
	return ret;
}

/* Devices are names here. The rules of the EAL's hold: memory must be registered. */
int
__wrap_rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	assert_non_null(dev);
	assert_non_null(rte_mem_virt2memseg_list(addr));
	assert_true(iova == (uintptr_t)addr);
	if (fails(&fail_map)) {
		rte_errno = ENOTSUP;
		return -1;
	}
	mapped++;
	mapped_bytes += len;
	return 0;
}

int
__wrap_rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	assert_non_null(dev);
	assert_non_null(rte_mem_virt2memseg_list(addr));
	assert_true(iova == (uintptr_t)addr);
	if (fails(&fail_unmap)) {
		rte_errno = EINVAL;
		return -1;
	}
	mapped--;
	mapped_bytes -= len;
	return 0;
}

const char *
__wrap_rte_dev_name(const struct rte_device *dev)
{
	return (const char *)dev;
}

/* Is anything mapped at this address? */
static bool
is_mapped(void *addr)
{
	unsigned char in;

	return mincore(addr, 4096, &in) == 0;
}

static uint64_t
heap_bytes(void)
{
	struct rte_malloc_socket_stats s;

	assert_int_equal(rte_malloc_get_socket_stats(0, &s), 0);
	return s.heap_allocsz_bytes;
}

/* ---- pools */

static struct rte_ppool *
pool_of(const struct rte_ppool_mem_ops *ops, void *ctx, uint32_t min, uint32_t max)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .min_pages = min,
		.max_pages = max, .chunk_size = 2 << 20, .socket_id = SOCKET_ID_ANY,
		.mem_ops = ops, .mem_ctx = ctx };

	return rte_ppool_create("provider", &p);
}

/* All of it can be had, written and given back; all of it goes. */
static void
use(struct rte_ppool *pool, uint32_t pages)
{
	static struct rte_mbuf *m[8192];
	struct rte_ppool_owner *o;
	uint32_t n;

	assert_non_null(pool);
	o = rte_ppool_owner_open(pool, "me");
	n = test_take_all(o, m, 8192);
	assert_int_equal(n, pages * 32);
	for (uint32_t i = 0; i < n; i++) {
		memset(m[i]->buf_addr, i, 2048);
		assert_true(rte_mbuf_iova_get(m[i]) == (uintptr_t)m[i]->buf_addr);
	}
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(((uint8_t *)m[i]->buf_addr)[2047], i & 0xff);
	assert_int_equal(rte_ppool_put_bulk(pool, m, n), n);
	rte_ppool_owner_close(o);
}

static void
built_in(void **state)
{
	static const char *const names[] = { "heap", "external", "anonymous" };
	struct rte_ppool *pool = pool_of(NULL, NULL, 0, 1);
	uint64_t before;

	/* what the EAL keeps from the first time on is not counted */
	use(pool, 1);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	before = heap_bytes();
	for (uint32_t i = 0; i < RTE_DIM(names); i++) {
		const struct rte_ppool_mem_ops *ops = rte_ppool_mem_ops_find(names[i]);

		assert_non_null(ops);
		assert_string_equal(ops->name, names[i]);
		pool = pool_of(ops, NULL, 40, 100);
		use(pool, 100);
		assert_int_equal(registered > 0, i == 1);
		assert_int_equal(rte_ppool_destroy(pool), 0);
		assert_int_equal(registered, 0);
	}
	assert_null(rte_ppool_mem_ops_find("nothing"));
	assert_null(rte_ppool_mem_ops_find(NULL));
	assert_int_equal(heap_bytes(), before);
}

/* The anonymous provider is for pools larger than the heap of --no-huge. */
static void
larger_than_the_heap(void **state)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .max_pages = 8192,
		.min_pages = 4800, .socket_id = 0,
		.mem_ops = rte_ppool_mem_ops_find("anonymous") };
	struct rte_ppool *pool = rte_ppool_create("large", &p);

	assert_non_null(pool);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	p.mem_ops = NULL;
	assert_null(rte_ppool_create("large", &p));
	assert_int_equal(rte_errno, ENOMEM);
}

static struct rte_device *const devices[] = {
	(struct rte_device *)(uintptr_t)"first", (struct rte_device *)(uintptr_t)"second",
};
static struct rte_ppool_mem_external two = { .devs = devices, .nb_devs = 2 };

static void
mapped_for_devices(void **state)
{
	const struct rte_ppool_mem_ops *ops = rte_ppool_mem_ops_find("external");
	struct rte_ppool *pool = pool_of(ops, &two, 40, 100);

	assert_int_equal(registered, 2);
	assert_int_equal(mapped, 4);
	assert_int_equal(mapped_bytes, 2 * 40 * PAGE);
	use(pool, 100);
	assert_int_equal(mapped, 2 * registered);
	assert_int_equal(mapped_bytes, 2 * 100 * PAGE);
	/* what is given back is unmapped */
	for (int i = 0; i < 200 && registered > 2; i++) {
		rte_ppool_maintain(pool);
		usleep(20000);
	}
	assert_in_range(registered, 2, 3);
	assert_int_equal(mapped, 2 * registered);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(registered, 0);
	assert_int_equal(mapped, 0);
	assert_int_equal(mapped_bytes, 0);
}

/* Each step in turn fails: at creation, and when the pool grows. */
static void
external_fails(void **state)
{
	const struct rte_ppool_mem_ops *ops = rte_ppool_mem_ops_find("external");
	const uint64_t before = heap_bytes();
	struct rte_ppool_owner *o;
	struct rte_ppool_run run;
	struct rte_ppool *pool;

	for (int i = 1; i <= 2; i++) {
		fail_register = i;
		assert_null(pool_of(ops, &two, 64, 64));
		assert_int_equal(rte_errno, ENOSPC);
		assert_int_equal(registered + mapped, 0);
	}
	for (int i = 1; i <= 4; i++) {
		fail_map = i;
		assert_null(pool_of(ops, &two, 64, 64));
		assert_int_equal(rte_errno, ENOTSUP);
		assert_int_equal(registered + mapped, 0);
	}
	assert_int_equal(heap_bytes(), before);
	pool = pool_of(ops, &two, 0, 32);
	assert_non_null(pool);
	o = rte_ppool_owner_open(pool, "me");
	fail_map = 2;
	assert_int_equal(rte_ppool_run_alloc(o, 1, &run), 0);
	assert_int_equal(registered + mapped, 0);
	/* not again at once, but later */
	for (int i = 0; i < 100 && rte_ppool_run_alloc(o, 1, &run) == 0; i++)
		usleep(20000);
	assert_int_equal(run.n, 1);
	assert_int_equal(rte_ppool_put_bulk(pool, &run.mbuf, 1), 1);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(heap_bytes(), before);
	assert_int_equal(registered + mapped, 0);
}

/* What a device does not let go of is not unmapped from the process: it stays, registered. */
static void
release_fails(void **state)
{
	const struct rte_ppool_mem_ops *ops = rte_ppool_mem_ops_find("external");
	struct rte_mbuf *m[32];
	struct rte_ppool_owner *o;
	struct rte_ppool *pool;
	void *addr;

	for (int i = 0; i < 3; i++) {
		pool = pool_of(ops, &two, 1, 1);
		o = rte_ppool_owner_open(pool, "me");
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 32), 0);
		addr = m[0]->buf_addr;
		assert_int_equal(rte_ppool_put_bulk(pool, m, 32), 32);
		rte_ppool_owner_close(o);
		fail_unmap = i == 1;
		fail_unregister = i == 2;
		assert_true(is_mapped(addr));
		assert_int_equal(rte_ppool_destroy(pool), 0);
		assert_int_equal(is_mapped(addr), i > 0);
		assert_int_equal(registered, i > 0);
		if (i == 0)
			continue;
		assert_int_equal(__real_rte_extmem_unregister(addr, PAGE), 0);
		munmap(addr, PAGE);
		registered = mapped = 0;
		mapped_bytes = 0;
	}
	/* the same at creation, half way */
	fail_map = 2;
	fail_unmap = 1;
	assert_null(pool_of(ops, &two, 1, 1));
	assert_int_equal(rte_errno, ENOTSUP);
	assert_int_equal(registered, 1);
	registered = mapped = 0;
	mapped_bytes = 0;
}

static void
external_parameters(void **state)
{
	const struct rte_ppool_mem_ops *ops = rte_ppool_mem_ops_find("external");
	struct rte_device *const holes[] = { devices[0], NULL };
	struct rte_ppool_mem_external wrong[] = {
		{ .page_size = 1000 }, { .page_size = 5000 }, { .nb_devs = 1 },
		{ .devs = holes, .nb_devs = 2 },
	};

	for (uint32_t i = 0; i < RTE_DIM(wrong); i++) {
		assert_null(pool_of(ops, &wrong[i], 1, 1));
		assert_int_equal(rte_errno, EINVAL);
		assert_int_equal(registered + mapped, 0);
	}
}

/* ---- a provider of the test's own */

struct own {
	int fail_in, error;
	size_t off;                /* from where it should be */
	size_t cut;                /* shorter by so much */
	rte_iova_t iova;
	int out, calls;
	size_t asked;
	uint8_t *twice;            /* hand out this, again and again */
	bool null;
};

static int
own_alloc(void *ctx, size_t len, size_t align, int socket_id, struct rte_ppool_mem *mem)
{
	struct own *own = ctx;

	own->calls++;
	own->asked = len;
	assert_null(mem->addr);
	assert_true(mem->iova == RTE_BAD_IOVA);
	assert_int_equal(align, PAGE);
	assert_int_equal(len % PAGE, 0);
	assert_int_equal(socket_id, SOCKET_ID_ANY);
	if (fails(&own->fail_in))
		return own->error;
	if (own->null)
		return 0;
	mem->priv = own->twice;
	if (own->twice == NULL && posix_memalign(&mem->priv, align, len + align) != 0)
		return -ENOMEM;
	mem->addr = (uint8_t *)mem->priv + own->off;
	mem->len = len - own->cut;
	mem->iova = own->iova != 0 ? own->iova : (uintptr_t)mem->addr;
	own->out++;
	return 0;
}

static void
own_free(void *ctx, const struct rte_ppool_mem *mem)
{
	struct own *own = ctx;

	own->out--;
	if (own->twice == NULL)
		free(mem->priv);
}

static rte_iova_t
own_iova(void *ctx, const struct rte_ppool_mem *mem, size_t off, size_t len)
{
	assert_int_equal(len, PAGE);
	return off == 3 * PAGE ? RTE_BAD_IOVA : (uintptr_t)mem->addr + off;
}

static const struct rte_ppool_mem_ops own_ops = {
	.name = "own", .alloc = own_alloc, .free = own_free,
};

static void
own_memory(void **state)
{
	struct own own = { .out = 0 };
	struct rte_ppool *pool = pool_of(&own_ops, &own, 0, 100);
	uint64_t before;

	assert_int_equal(own.calls, 0);
	rte_ppool_owner_close(rte_ppool_owner_open(pool, "me"));
	before = heap_bytes();
	use(pool, 100);
	assert_int_equal(own.out, 4); /* chunks of 2M: 32 pages, all of it theirs */
	for (int i = 0; i < 200 && own.out > 0; i++) {
		rte_ppool_maintain(pool);
		usleep(20000);
	}
	assert_int_equal(own.out, 0);
	assert_int_equal(heap_bytes(), before);
	use(pool, 100);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_int_equal(own.out, 0);
}

/* The n-th call fails: with ENOMEM the pool makes do with less, with others it does not. */
static void
own_fails(void **state)
{
	for (int i = 1; i <= 4; i++) {
		struct own own = { .fail_in = i, .error = -ENOMEM };
		struct rte_ppool *pool = pool_of(&own_ops, &own, 100, 100);

		use(pool, 100);
		assert_in_range(own.calls, 5, 8);
		assert_int_equal(rte_ppool_destroy(pool), 0);
		assert_int_equal(own.out, 0);
	}
	for (int i = 1; i <= 4; i++) {
		struct own own = { .fail_in = i, .error = i % 2 ? -EIO : 1 };

		assert_null(pool_of(&own_ops, &own, 100, 100));
		assert_int_equal(rte_errno, i % 2 ? EIO : EFAULT);
		assert_int_equal(own.calls, i);
		assert_int_equal(own.out, 0);
	}
}

static void
bad_answers(void **state)
{
	struct own bad[] = {
		{ .off = 4096 }, { .off = 64 }, { .off = 1 }, { .cut = 1 }, { .cut = PAGE },
		{ .iova = RTE_BAD_IOVA }, { .iova = 4096 + 8 }, { .iova = -(rte_iova_t)PAGE },
		{ .null = true },
	};
	struct rte_ppool_mem_ops holes = own_ops;
	struct own own = { .out = 0 };
	const uint64_t before = heap_bytes();
	struct rte_ppool *pool;
	void *same = NULL;

	for (uint32_t i = 0; i < RTE_DIM(bad); i++) {
		assert_null(pool_of(&own_ops, &bad[i], 4, 4));
		assert_int_equal(rte_errno, EFAULT);
		assert_int_equal(bad[i].calls, 1);
		assert_int_equal(bad[i].out, 0);
	}
	/* one page of it is not in one piece for devices */
	holes.iova = own_iova;
	assert_null(pool_of(&holes, &own, 4, 4));
	assert_int_equal(rte_errno, EFAULT);
	assert_int_equal(own.out, 0);
	pool = pool_of(&holes, &own, 3, 3);
	use(pool, 3);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	/* the same memory twice */
	assert_int_equal(posix_memalign(&same, PAGE, 64 * PAGE), 0);
	own.twice = same;
	assert_null(pool_of(&own_ops, &own, 40, 40));
	assert_int_equal(rte_errno, EFAULT);
	assert_int_equal(own.out, 0);
	free(same);
	assert_int_equal(heap_bytes(), before);
}

static void
parameters(void **state)
{
	struct rte_ppool_mem_ops ops = own_ops;
	struct own own = { .out = 0 };
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .max_pages = 1 };
	static const uint32_t sizes[] = { 1, 1 << 20, 3 << 20, 1u << 31 };

	ops.name = NULL;
	assert_null(pool_of(&ops, &own, 0, 1));
	assert_int_equal(rte_errno, EINVAL);
	ops = own_ops;
	ops.alloc = NULL;
	assert_null(pool_of(&ops, &own, 0, 1));
	ops = own_ops;
	ops.free = NULL;
	assert_null(pool_of(&ops, &own, 0, 1));
	for (uint32_t i = 0; i < RTE_DIM(sizes); i++) {
		p.chunk_size = sizes[i];
		assert_null(rte_ppool_create("provider", &p));
		assert_int_equal(rte_errno, EINVAL);
	}
	p.chunk_size = 2 << 20;
	p.page_size = 2 << 20;
	assert_null(rte_ppool_create("provider", &p));
	assert_int_equal(rte_errno, EINVAL);
	p.page_size = 0;
	p.layout = RTE_PPOOL_LAYOUT_INLINE;
	assert_null(rte_ppool_create("provider", &p));
	assert_int_equal(rte_errno, EINVAL);
	p.chunk_size = 0;
	p.mem_ops = &own_ops;
	assert_null(rte_ppool_create("provider", &p));
	assert_int_equal(rte_errno, EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in),
		cmocka_unit_test(larger_than_the_heap),
		cmocka_unit_test(mapped_for_devices),
		cmocka_unit_test(external_fails),
		cmocka_unit_test(release_fails),
		cmocka_unit_test(external_parameters),
		cmocka_unit_test(own_memory),
		cmocka_unit_test(own_fails),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(parameters),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
