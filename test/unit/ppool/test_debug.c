/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What a debug build finds: writes to fragments that nobody has, and who had them last. What
 * stops the program happens in a process of its own (the memory of an EAL is shared with forked
 * children), whose last words are read.
 */

#include <pthread.h>

#include "ppool_test_child.h"
#include "ppool_test_log.h"

#if defined(__SANITIZE_ADDRESS__)
#define TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_ASAN 1
#endif
#endif

#ifdef TEST_ASAN
#include <sanitizer/asan_interface.h>
#define SILENTLY __attribute__((no_sanitize_address, noinline))
#else
#define SILENTLY __attribute__((noinline))
#endif

static struct rte_ppool *pool;
static struct rte_ppool_owner *owner;
static struct rte_mbuf *m[64], *n[64];

/* ---- deeds */

/* A write that the sanitizer does not see, as a device's. */
static SILENTLY void
scribble(volatile void *addr)
{
	*(volatile uint8_t *)addr ^= 0x55;
}

static void
nothing_wrong(void)
{
	for (int i = 0; i < 200; i++) {
		uint32_t k = 1 + i % 37;

		if (rte_ppool_mbuf_alloc_bulk(owner, n, k % 25 + 1) != 0)
			exit(3);
		for (uint32_t j = 0; j < k % 25 + 1; j++) {
			memset(n[j]->buf_addr, i, n[j]->buf_len);
			n[j]->data_len = k;
			n[j]->hash.rss = i;
		}
		rte_ppool_put_bulk(pool, n, k % 25 + 1);
	}
	rte_ppool_put_bulk(pool, m, 32);
	if (rte_ppool_mbuf_alloc_bulk(owner, m, 64) != 0)
		exit(3);
}

static void
first_byte(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	scribble(m[7]->buf_addr);
	rte_ppool_mbuf_alloc_bulk(owner, n, 64);
}

static void
last_byte(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	scribble(RTE_PTR_ADD(m[31]->buf_addr, 2047));
	rte_ppool_mbuf_alloc_bulk(owner, n, 64);
}

/* Into the next fragment, which is free: an overrun. */
static void
beyond_the_end(void)
{
	rte_ppool_put_bulk(pool, m + 1, 31);
	scribble(RTE_PTR_ADD(m[0]->buf_addr, 2048 + 10));
	rte_ppool_put_bulk(pool, m, 1);
	rte_ppool_mbuf_alloc_bulk(owner, n, 64);
}

/* The mbuf of a fragment that was given back. */
static void
mbuf_header(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	m[3]->data_len = 99;
	rte_ppool_mbuf_alloc_bulk(owner, n, 64);
}

/* A page that is partly free, used again. */
static void
partly_free(void)
{
	if (rte_ppool_mbuf_alloc_bulk(owner, n, 32) != 0)
		exit(3);
	rte_ppool_put_bulk(pool, m + 8, 8);
	scribble(RTE_PTR_ADD(m[9]->buf_addr, 128));
	rte_ppool_mbuf_alloc_bulk(owner, n, 8);
}

/* A callback of rte_ppool_obj_iter() may change what it is shown. */
static void
change(struct rte_mempool *mp, void *arg, void *obj, unsigned int idx)
{
	((struct rte_mbuf *)obj)->hash.rss = idx;
}

static void
visited(void)
{
	rte_ppool_put_bulk(pool, m, 20);
	if (rte_ppool_obj_iter(pool, change, NULL) != 64)
		exit(3);
	rte_ppool_put_bulk(pool, m + 20, 12);
	if (rte_ppool_mbuf_alloc_bulk(owner, n, 64) != 0)
		exit(3);
}

/* ... but not what it was not shown: a write of before is still found. */
static void
visited_too_late(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	m[3]->data_len = 99;
	rte_ppool_obj_iter(pool, change, NULL);
	rte_ppool_mbuf_alloc_bulk(owner, n, 64);
}

/* A packet of a linear owner reaches into the headroom of the next fragment. */
static void
linear_spill(void)
{
	struct rte_ppool_owner *o;

	rte_ppool_put_bulk(pool, m, 32);
	o = rte_ppool_owner_open_linear(pool, "linear", 1);
	if (o == NULL || rte_ppool_mbuf_alloc_bulk(o, n, 31) != 0)
		exit(3);
	rte_ppool_put_bulk(pool, n + 4, 1);
	scribble(RTE_PTR_ADD(n[4]->buf_addr, RTE_PKTMBUF_HEADROOM - 1));
	rte_ppool_put_bulk(pool, n, 4);
	rte_ppool_put_bulk(pool, n + 5, 26);
	if (rte_ppool_mbuf_alloc_bulk(o, n, 31) != 0)
		exit(3);
}

static void
linear_overrun(void)
{
	struct rte_ppool_owner *o;

	rte_ppool_put_bulk(pool, m, 32);
	o = rte_ppool_owner_open_linear(pool, "linear", 1);
	if (o == NULL || rte_ppool_mbuf_alloc_bulk(o, n, 31) != 0)
		exit(3);
	rte_ppool_put_bulk(pool, n, 31);
	scribble(RTE_PTR_ADD(n[4]->buf_addr, RTE_PKTMBUF_HEADROOM));
	rte_ppool_mbuf_alloc_bulk(owner, n, 62);
}

/* Objects of an INLINE pool keep what is in them, and are watched all the same. */
static struct rte_mempool *objects;
static void *obj[63];

static void
take_objects(uint32_t size)
{
	objects = rte_mempool_create_empty("objects", RTE_DIM(obj), size, 0, 0, SOCKET_ID_ANY, 0);
	if (objects == NULL || rte_mempool_set_ops_byname(objects, "ppool", NULL) != 0 ||
			rte_mempool_populate_default(objects) != RTE_DIM(obj) ||
			rte_mempool_get_bulk(objects, obj, RTE_DIM(obj)) != 0)
		exit(3);
}

static void
objects_kept(void)
{
	static const uint32_t sizes[] = { 8, 20, 100, 300, 2000, 70000 };

	for (uint32_t s = 0; s < RTE_DIM(sizes); s++) {
		take_objects(sizes[s]);
		for (uint32_t i = 0; i < RTE_DIM(obj); i++)
			memset(obj[i], i + 1, sizes[s]);
		rte_mempool_put_bulk(objects, obj, RTE_DIM(obj));
		if (rte_mempool_get_bulk(objects, obj, RTE_DIM(obj)) != 0)
			exit(3);
		for (uint32_t i = 0; i < RTE_DIM(obj); i++) {
			const uint8_t *b = obj[i];

			if (b[0] == 0 || b[0] > RTE_DIM(obj) || b[sizes[s] - 1] != b[0])
				exit(3);
		}
		rte_mempool_put_bulk(objects, obj, RTE_DIM(obj));
		rte_mempool_free(objects);
	}
}

static void
object_written(void)
{
	take_objects(20);
	rte_mempool_put_bulk(objects, obj, RTE_DIM(obj));
	scribble(RTE_PTR_ADD(obj[17], 19));
	rte_mempool_get_bulk(objects, obj, RTE_DIM(obj));
}

static void
inline_mbuf_written(void)
{
	struct rte_mempool *mp = rte_ppool_pktmbuf_pool_create("inl", 64, 0, 0, SOCKET_ID_ANY,
		RTE_PPOOL_LAYOUT_INLINE);

	if (mp == NULL || rte_pktmbuf_alloc_bulk(mp, n, 64) != 0)
		exit(3);
	rte_pktmbuf_free_bulk(n, 64);
	scribble(rte_pktmbuf_mtod(n[30], uint8_t *));
	for (int i = 0; i < 64; i++)
		n[i] = rte_pktmbuf_alloc(mp);
}

#ifdef TEST_ASAN
/* The sanitizer stops a plain access to a free fragment, at once. */
static void
asan_sees_a_read(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	exit(*(volatile uint8_t *)rte_pktmbuf_mtod(m[5], uint8_t *) != 0 ? 4 : 5);
}

static void
asan_lets_users_be(void)
{
	void *addr = m[5]->buf_addr;

	memset(addr, 0, 2048);
	rte_ppool_put_bulk(pool, m, 32);
	if (!__asan_address_is_poisoned(addr))
		exit(3);
	if (rte_ppool_mbuf_alloc_bulk(owner, n, 64) != 0)
		exit(3);
	memset(addr, 0, 2048);
	rte_ppool_put_bulk(pool, n, 64);
	rte_ppool_owner_close(owner);
	if (rte_ppool_destroy(pool) != 0)
		exit(3);
}
#endif

/* ---- the child */

static const struct {
	const char *name;
	void (*deed)(void);
	const char *words;         /* NULL: ends well */
} deeds[] = {
	{ "nothing wrong", nothing_wrong, NULL },
	{ "first byte", first_byte, "watched: page 0 fragment 7: data" },
	{ "last byte", last_byte, "watched: page 0 fragment 31: data" },
	{ "beyond the end", beyond_the_end, "watched: page 0 fragment 1: data" },
	{ "mbuf header", mbuf_header, "watched: page 0 fragment 3: its mbuf" },
	{ "partly free", partly_free, "watched: page 0 fragment 9: data" },
	{ "visited", visited, NULL },
	{ "visited too late", visited_too_late, "watched: page 0 fragment 3: its mbuf" },
	{ "linear spill", linear_spill, NULL },
	{ "linear overrun", linear_overrun, "fragment 4: data" },
	{ "objects kept", objects_kept, NULL },
	{ "object written", object_written, ": its object" },
	{ "inline mbuf written", inline_mbuf_written, ": its object" },
#ifdef TEST_ASAN
	{ "asan sees a read", asan_sees_a_read, "use-after-poison" },
	{ "asan lets users be", asan_lets_users_be, NULL },
#endif
};

static int
child(const char *name)
{
	struct rte_ppool_params p = { .min_pages = 2, .max_pages = 2,
		.socket_id = SOCKET_ID_ANY, .layout = RTE_PPOOL_LAYOUT_COMPACT };

	if (test_child_eal() != 0)
		return 3;
	pool = rte_ppool_create("watched", &p);
	owner = rte_ppool_owner_open(pool, "me");
	if (rte_ppool_mbuf_alloc_bulk(owner, m, 32) != 0)
		return 3;
	for (uint32_t i = 0; i < RTE_DIM(deeds); i++)
		if (strcmp(name, deeds[i].name) == 0)
			deeds[i].deed();
	return 0;
}

static void
writes_after_free(void **state)
{
	static char words[65536];
	int status;

	for (uint32_t i = 0; i < RTE_DIM(deeds); i++) {
		status = test_child_run(deeds[i].name, words, sizeof(words));
		print_message("%s: status %#x\n", deeds[i].name, (unsigned int)status);
		if (deeds[i].words == NULL) {
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
				print_message("%s\n", words);
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
			continue;
		}
		if (strstr(words, deeds[i].words) == NULL)
			print_message("%s\n", words);
		assert_non_null(strstr(words, deeds[i].words));
		assert_false(WIFEXITED(status) && (WEXITSTATUS(status) == 0 ||
			(WEXITSTATUS(status) >= 3 && WEXITSTATUS(status) <= 5)));
	}
}

/* ---- who */

static void *
put_elsewhere(void *arg)
{
	rte_pktmbuf_free(arg);
	return (void *)(uintptr_t)rte_gettid();
}

/* A second put names who made the first, and who had it before. */
static void
first_putter(void **state)
{
	struct rte_ppool *p = test_pool("who", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(p, "me");
	struct rte_mbuf *mb[32];
	char line[96];
	pthread_t t;
	void *tid;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, mb, 32), 0);
	assert_int_equal(pthread_create(&t, NULL, put_elsewhere, mb[6]), 0);
	pthread_join(t, &tid);
	log_begin();
	assert_int_equal(rte_ppool_put_bulk(p, &mb[6], 1), 0);
	log_end();
	says("who: page 0 fragment 6: given back, but not out");
	snprintf(line, sizeof(line), "page 0 fragment 6: handed out by thread %d (lcore 0) at 0x",
		rte_gettid());
	says(line);
	snprintf(line, sizeof(line), "page 0 fragment 6: given back by thread %d (no lcore) at 0x",
		(int)(uintptr_t)tid);
	says(line);
	free(text);
	rte_pktmbuf_free_bulk(mb, 6);
	rte_pktmbuf_free_bulk(mb + 7, 25);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(p), 0);
}

/* Where it was taken: an address in the function that did. */
static __attribute__((noinline)) int
take_here(struct rte_ppool_owner *o, struct rte_mbuf **mb)
{
	int ret = rte_ppool_mbuf_alloc_bulk(o, mb, 2);

	__asm__ volatile("" ::: "memory"); /* no tail call */
	return ret;
}

static void
leak_names_site(void **state)
{
	struct rte_ppool *p = test_pool("site", 1);
	struct rte_ppool_owner *o = rte_ppool_owner_open(p, "port 1 rxq 2");
	struct rte_mbuf *mb[2];
	uintptr_t site, here = (uintptr_t)take_here;
	const char *at;

	assert_int_equal(take_here(o, mb), 0);
	rte_ppool_owner_close(o);
	log_begin();
	assert_int_equal(rte_ppool_destroy(p), -EINPROGRESS);
	log_end();
	says("site: page 0 fragment 0 is out: handed out by \"port 1 rxq 2\", thread ");
	says("site: page 0 fragment 1 is out: handed out by \"port 1 rxq 2\", thread ");
	at = strstr(strstr(text, "fragment 1 is out"), " at 0x");
	assert_non_null(at);
	site = strtoull(at + 4, NULL, 16);
	if (site <= here || site >= here + 400)
		print_message("%#lx is not in the function at %#lx\n", site, here);
	assert_in_range(site, here, here + 400);
	free(text);
	rte_ppool_put_bulk(p, mb, 2);
}

/* ---- puts to pools that are gone */

/* The pool is known by its address alone: nothing of it is there any more. */
static void
pool_is_gone(void **state)
{
	struct rte_ppool *p = test_pool("gone", 1), *again;
	struct rte_ppool_owner *o = rte_ppool_owner_open(p, "me");
	struct rte_ppool_run run = { .n = 1 };
	struct rte_mbuf *mb;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &mb, 1), 0);
	run.mbuf = mb;
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(p), -EINPROGRESS);
	assert_int_equal(rte_ppool_put_bulk(p, &mb, 1), 1);
	log_begin();
	assert_int_equal(rte_ppool_put_bulk(p, &mb, 1), 0);
	log_end();
	says("gone: 0x");
	says("was given back, but the pool is gone since 0.0");
	free(text);
	assert_int_equal(rte_ppool_frag_put_bulk(p, &mb, 1), 0);
	assert_int_equal(rte_ppool_run_free(p, &run), 0);
	/* A new pool at the same place is a pool. */
	again = test_pool("gone", 1);
	o = rte_ppool_owner_open(again, "me");
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &mb, 1), 0);
	assert_int_equal(rte_ppool_put_bulk(again, &mb, 1), 1);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(again), 0);
}

/* Kept: rte_pktmbuf_free() gets as far as the library, and the fragment is named. */
static void
free_after_destroy(void **state)
{
	struct rte_mempool *pools[4];
	struct rte_mbuf *mb[4];
	char name[32];

	setenv("PPOOL_DEBUG_KEEP", "2", 1);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "kept %d", i);
		pools[i] = rte_ppool_pktmbuf_pool_create(name, 64, 0, 0, SOCKET_ID_ANY,
			i % 2 == 0 ? RTE_PPOOL_LAYOUT_COMPACT : RTE_PPOOL_LAYOUT_INLINE);
		mb[i] = rte_pktmbuf_alloc(pools[i]);
		assert_non_null(mb[i]);
		rte_pktmbuf_free(mb[i]);
		assert_int_equal(rte_ppool_destroy(rte_ppool_from_mempool(pools[i])), 0);
	}
	for (int i = 2; i < 4; i++) {
		rte_delay_us_block(150000); /* lines come at a limited rate */
		log_begin();
		rte_pktmbuf_free(mb[i]);
		log_end();
		snprintf(name, sizeof(name), "kept %d: 0x", i);
		says(name);
		says("but the pool is gone since");
		says("fragment 0: given back by thread");
		free(text);
	}
	setenv("PPOOL_DEBUG_KEEP", "0", 1);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_after_free),
		cmocka_unit_test(first_putter),
		cmocka_unit_test(leak_names_site),
		cmocka_unit_test(pool_is_gone),
		cmocka_unit_test(free_after_destroy),
	};

	if (argc > 1)
		return child(argv[1]);
	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
