/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What the library logs while a test runs. */

#ifndef PPOOL_TEST_LOG_H
#define PPOOL_TEST_LOG_H

#include "ppool_test.h"

/* What was logged between the two; to be freed. */
static char *text;
static size_t text_size;
static FILE *text_file;

static inline void
log_begin(void)
{
	text_file = open_memstream(&text, &text_size);
	assert_non_null(text_file);
	rte_openlog_stream(text_file);
}

static inline void
log_end(void)
{
	rte_openlog_stream(stderr);
	fclose(text_file);
	print_message("%s", text);
}

static inline void
says(const char *what)
{
	if (strstr(text, what) == NULL)
		print_message("not said: %s\n", what);
	assert_non_null(strstr(text, what));
}

#endif /* PPOOL_TEST_LOG_H */
