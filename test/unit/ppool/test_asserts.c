/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* A build with the invariants asserted stops the program where one is broken. Each is broken
 * on purpose, in a process of its own (the memory of an EAL is shared with forked children).
 */

#include "ppool_test_child.h"

static struct rte_ppool *pool;
static struct rte_ppool_owner *owner;
static struct rte_mbuf *m[32];
static struct rte_ppool_run run;

static void
nothing_wrong(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	if (rte_ppool_run_alloc(owner, 32, &run) != 32)
		exit(3);
}

/* Invariant 1: an owner that is closed is used. */
static void
use_after_close(void)
{
	rte_ppool_owner_close(owner);
	rte_ppool_run_alloc(owner, 1, &run);
}

/* Invariant 4: the address that a page had is not the one it has. */
static void
address_changed(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	m[0]->buf_addr = RTE_PTR_ADD(m[0]->buf_addr, 64);
	rte_ppool_run_alloc(owner, 1, &run);
}

static void
iova_changed(void)
{
	rte_ppool_put_bulk(pool, m, 32);
	rte_mbuf_iova_set(m[0], 12345);
	rte_ppool_run_alloc(owner, 1, &run);
}

/* What rte_mbuf_raw_free() wants: no further segment. */
static void
chained(void)
{
	m[3]->next = m[4];
	rte_ppool_put_bulk(pool, &m[3], 1);
}

static void
shared_info_of_another(void)
{
	m[3]->shinfo = m[4]->shinfo;
	rte_ppool_put_bulk(pool, &m[3], 1);
}

static const struct {
	const char *name;
	void (*deed)(void);
	bool stops;
} deeds[] = {
	{ "nothing wrong", nothing_wrong, false },
	{ "use after close", use_after_close, true },
	{ "address changed", address_changed, true },
	{ "iova changed", iova_changed, true },
	{ "chained", chained, true },
	{ "shared info of another", shared_info_of_another, true },
};

static int
child(const char *name)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .min_pages = 2, .max_pages = 2,
		.socket_id = SOCKET_ID_ANY };

	if (test_child_eal() != 0)
		return 3;
	pool = rte_ppool_create("assert", &p);
	owner = rte_ppool_owner_open(pool, "me");
	if (rte_ppool_mbuf_alloc_bulk(owner, m, 32) != 0)
		return 3;
	for (uint32_t i = 0; i < RTE_DIM(deeds); i++)
		if (strcmp(name, deeds[i].name) == 0)
			deeds[i].deed();
	return 0;
}

static void
broken_invariants_stop(void **state)
{
	static char words[65536];
	int status;

	for (uint32_t i = 0; i < RTE_DIM(deeds); i++) {
		status = test_child_run(deeds[i].name, words, sizeof(words));
		print_message("%s: status %#x\n", deeds[i].name, (unsigned int)status);
		assert_int_equal(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
			deeds[i].stops);
		assert_int_equal(WIFEXITED(status) && WEXITSTATUS(status) == 0,
			!deeds[i].stops);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_invariants_stop),
	};

	if (argc > 1)
		return child(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
