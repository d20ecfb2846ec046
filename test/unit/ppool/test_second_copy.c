/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* A program that has the library linked in, and a plugin that brings a copy of its own: the
 * second one is found out, says so, and makes no pools. Usage: test_second_copy LIBRARY.so
 */

#include <dlfcn.h>

#include "ppool_test.h"

static const char *library;

static void
second_copy_is_refused(void **state)
{
	struct rte_ppool_params p = { .layout = RTE_PPOOL_LAYOUT_COMPACT, .max_pages = 1, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *(*create)(const char *, const struct rte_ppool_params *);
	struct rte_ppool *(*from)(const struct rte_mempool *);
	struct rte_ppool *pool;
	char *text = NULL;
	size_t len = 0;
	FILE *log = open_memstream(&text, &len);
	void *copy;

	rte_openlog_stream(log);
	copy = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	rte_openlog_stream(NULL);
	fclose(log);
	if (copy == NULL)
		print_error("%s\n", dlerror());
	assert_non_null(copy);
	assert_non_null(text);
	assert_non_null(strstr(text, "second copy"));
	free(text);

	*(void **)&create = dlsym(copy, "rte_ppool_create");
	*(void **)&from = dlsym(copy, "rte_ppool_from_mempool");
	assert_non_null(create);
	assert_non_null(from);
	assert_ptr_not_equal(create, rte_ppool_create);
	rte_errno = 0;
	assert_null(create("copy", &p));
	assert_int_equal(rte_errno, ELIBACC);

	/* The first goes on working, and the second does not take its pools for its own. */
	pool = rte_ppool_create("first", &p);
	assert_non_null(pool);
	assert_null(from(rte_ppool_to_mempool(pool)));
	assert_int_equal(rte_ppool_destroy(pool), 0);

	/* Registered code must stay where it is. */
	dlclose(copy);
	assert_non_null(dlopen(library, RTLD_NOW | RTLD_NOLOAD));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(second_copy_is_refused),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s LIBRARY.so\n", argv[0]);
		return 2;
	}
	library = argv[1];
	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
