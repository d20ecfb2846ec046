/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Children: started under hns3-sim, asked, and ended. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pmd_perf.h"

/* Milliseconds after which a child has hung. */
#define PATIENCE 120000
#define ARGV_MAX 64u

/* More words behind the first n, up to NULL. */
static unsigned int
put(const char **argv, unsigned int n, const char *const *words)
{
	for (; *words != NULL && n < ARGV_MAX - 1; words++)
		argv[n++] = *words;
	argv[n] = NULL;
	return n;
}

/* Those of a string that is taken apart at its blanks. */
static unsigned int
put_words(const char **argv, unsigned int n, char *s)
{
	const char *word[2] = { NULL, NULL };

	while ((word[0] = strsep(&s, " ")) != NULL)
		if (*word[0] != '\0')
			n = put(argv, n, word);
	return n;
}

static void
run_child(const struct pmd_files *f, enum pmd_which which, const struct pmd_workload *w,
	int in, int out, int log)
{
	char spec[2 * PMD_NAME_MAX], fds[32], wire[64], tqps[16], simd[16];
	char emulator[sizeof(f->emulator)], stepper[sizeof(f->stepper)];
	const char *argv[ARGV_MAX];
	bool ours = which == PMD_OURS || f->both_ours;
	unsigned int n;

	pmd_spec_name(w, true, spec, sizeof(spec));
	snprintf(fds, sizeof(fds), "%d,%d", in, out);
	snprintf(wire, sizeof(wire), "0=gen:size=%u,flows=1,count=1", w->size);
	snprintf(tqps, sizeof(tqps), "%u", w->queues > 16 ? w->queues : 16);
	snprintf(simd, sizeof(simd), "%u", f->simd[which]);
	strcpy(emulator, f->emulator);
	strcpy(stepper, f->stepper);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	setpgid(0, 0);
	n = put_words(argv, 0, emulator);
	n = put(argv, n, (const char *const[]){ f->sim, "--mode", "lockstep", "--wire", wire,
		"--tqps", tqps, "--", NULL });
	n = put_words(argv, n, stepper);
	put(argv, n, (const char *const[]){ f->self[which], "--child", fds,
		ours ? "ours" : "theirs", f->driver[which],
		f->lcores, simd, spec, NULL });
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	dprintf(STDERR_FILENO, "pmd_perf: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void
show_log(struct pmd_process *p)
{
	char line[512];

	rewind(p->log);
	while (fgets(line, sizeof(line), p->log) != NULL)
		fprintf(stderr, "  | %s", line);
}

static void
finish(struct pmd_process *p, bool kill_it)
{
	int status = 0;

	if (kill_it)
		kill(-p->pid, SIGKILL);
	if (p->in >= 0)
		close(p->in);
	waitpid(p->pid, &status, 0);
	if (status != 0)
		fprintf(stderr, "pmd_perf: a child ended with status 0x%x\n", status);
	if (status != 0 || p->show)
		show_log(p);
	fclose(p->from);
	fclose(p->log);
	p->pid = -1;
}

static json_t *
answer(struct pmd_process *p)
{
	struct pollfd pfd = { .fd = fileno(p->from), .events = POLLIN };
	json_t *o = NULL;
	char *line = NULL;
	size_t size = 0;

	if (poll(&pfd, 1, PATIENCE) == 1 && getline(&line, &size, p->from) > 0)
		o = json_loads(line, 0, NULL);
	free(line);
	return o;
}

json_t *
pmd_launch(struct pmd_process *p, const struct pmd_files *f, enum pmd_which which,
	const struct pmd_workload *w)
{
	int to[2], from[2];
	json_t *o;

	p->pid = -1;
	p->show = false;
	p->log = tmpfile();
	if (p->log == NULL || pipe2(to, O_CLOEXEC) != 0)
		return NULL;
	if (pipe2(from, O_CLOEXEC) != 0) {
		close(to[0]);
		close(to[1]);
		return NULL;
	}
	p->pid = fork();
	if (p->pid == 0) {
		fcntl(to[0], F_SETFD, 0);
		fcntl(from[1], F_SETFD, 0);
		run_child(f, which, w, to[0], from[1], fileno(p->log));
	}
	close(to[0]);
	close(from[1]);
	p->in = to[1];
	p->from = fdopen(from[0], "r");
	o = answer(p);
	if (o == NULL)
		finish(p, true);
	return o;
}

json_t *
pmd_ask(struct pmd_process *p, const char *command)
{
	json_t *o = NULL;

	if (p->pid < 0)
		return NULL;
	if (dprintf(p->in, "%s\n", command) > 0)
		o = answer(p);
	if (o == NULL)
		finish(p, true);
	return o;
}

json_t *
pmd_dismiss(struct pmd_process *p)
{
	json_t *o;

	if (p->pid < 0)
		return NULL;
	close(p->in);
	p->in = -1;
	o = answer(p);
	/* What the model has to say of it. */
	p->show = json_number_value(json_object_get(o, "violations")) != 0 ||
		json_number_value(json_object_get(o, "iommu_faults")) != 0;
	finish(p, o == NULL);
	return o;
}
