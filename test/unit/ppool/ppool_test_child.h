/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What stops a program happens in a process of its own: the memory of an EAL is shared with forked
 * children.
 */

#ifndef PPOOL_TEST_CHILD_H
#define PPOOL_TEST_CHILD_H

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ppool_test.h"

/* In the child, which is meant to crash: an EAL, and no core file. */
static inline int
test_child_eal(void)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	return test_eal("64");
}

/* Run this program with one argument. Its status; its words are left in the buffer. */
static inline int
test_child_run(const char *name, char *words, size_t size)
{
	static char self[] = "/proc/self/exe";
	char *argv[] = { self, strdup(name), NULL };
	char exe[4096] = { 0 };
	posix_spawn_file_actions_t actions;
	int status, fd[2];
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	assert_true(readlink(self, exe, sizeof(exe) - 1) > 0);
	assert_int_equal(pipe(fd), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[1], 1);
	posix_spawn_file_actions_adddup2(&actions, fd[1], 2);
	posix_spawn_file_actions_addclose(&actions, fd[0]);
	assert_int_equal(posix_spawn(&pid, exe, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(fd[1]);
	while (len < size - 1 && (got = read(fd[0], words + len, size - 1 - len)) > 0)
		len += got;
	words[len] = '\0';
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	free(argv[1]);
	return status;
}

#endif /* PPOOL_TEST_CHILD_H */
