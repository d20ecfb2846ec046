/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * hns3-sim: prepares a machine that seems to have hns3 ports, runs a command on it, and
 * reports. The model itself runs inside the command, in the preload library; only counters
 * come back, through shared memory, so that they survive whatever ends the command.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host_conf.h"
#include "vfu.h"

#define PRELOAD "libhns3-sim-preload.so"
#define TICK_MS 10

static char run_dir[SIM_PATH];

static void fail(int status, const char *msg) __attribute__((noreturn));

static void
fail(int status, const char *msg)
{
	sim_say("%s", msg);
	sim_tree_remove(run_dir);
	exit(status);
}

/* A name that stays true when the command changes its directory. */
static void
absolute(char *path)
{
	char real[PATH_MAX], msg[SIM_PATH + 64];

	if (realpath(path, real) == NULL || strlen(real) >= SIM_PATH) {
		snprintf(msg, sizeof(msg), "%s: %s", path, errno ? strerror(errno) : "name too long");
		fail(2, msg);
	}
	strcpy(path, real);
}

static void
touch(char *path, const char *what)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char msg[SIM_PATH + 96];

	if (fd < 0) {
		snprintf(msg, sizeof(msg), "%s %s cannot be written: %s", what, path, strerror(errno));
		fail(2, msg);
	}
	close(fd);
	absolute(path);
}

static struct sim_state *
make_state(const struct sim_conf *conf)
{
	char path[SIM_PATH + 16];
	struct sim_state *st;
	int fd;

	snprintf(path, sizeof(path), "%s/" SIM_STATE_FILE, run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*st)) != 0)
		fail(2, "no room for the shared state");
	st = mmap(NULL, sizeof(*st), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (st == MAP_FAILED)
		fail(2, "the shared state cannot be mapped");
	st->conf = *conf;
	st->launcher = getpid();
	for (unsigned int i = 0; i < SIM_MAX_PORTS; i++)
		st->port[i].tap_fd = -1;
	return st;
}

static void
make_wire(struct sim_state *st, unsigned int i)
{
	struct sim_wire_conf *w = &st->conf.port[i].wire;
	struct sim_port_state *ps = &st->port[i];
	char err[SIM_PATH + 512], file[SIM_PATH + 16];

	if (w->rx[0] != '\0') {
		snprintf(file, sizeof(file), "%s/rx%u", run_dir, i);
		if (!sim_pcap_load(w->rx, file, &ps->source_total, err, sizeof(err)))
			fail(2, err);
		ps->finite = 1;
	}
	if (w->tx[0] != '\0') {
		if (!sim_pcap_start(w->tx, err, sizeof(err)))
			fail(2, err);
		absolute(w->tx);
	}
	if (w->kind == SIM_WIRE_GEN && w->gen_count != 0) {
		ps->source_total = w->gen_count;
		ps->finite = 1;
	}
	if (w->kind == SIM_WIRE_TAP) {
		ps->tap_fd = sim_tap_open(w->ifname, err, sizeof(err));
		if (ps->tap_fd < 0)
			fail(2, err);
	}
}

/* Built with AddressSanitizer, the preload library needs the runtime in front of itself. */
static void
sanitizer_first(char *val, size_t size)
{
#if defined(__SANITIZE_ADDRESS__)
	FILE *f = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 128], *path;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		path = strchr(line, '/');
		if (path == NULL || strstr(path, "/libasan.so") == NULL)
			continue;
		path[strcspn(path, "\n")] = '\0';
		snprintf(val, size, "%s:", path);
		break;
	}
	if (f != NULL)
		fclose(f);
#else
	(void)val;
	(void)size;
#endif
}

/* The library lies beside this program; the command gets it by a link without blanks. */
static void
set_environment(void)
{
	char lib[PATH_MAX], link[SIM_PATH + 32], first[PATH_MAX + 128] = "", val[3 * PATH_MAX], *slash;
	const char *old = getenv("LD_PRELOAD");
	ssize_t n = readlink("/proc/self/exe", lib, sizeof(lib) - sizeof(PRELOAD) - 1);

	if (n <= 0)
		fail(2, "/proc/self/exe cannot be read");
	lib[n] = '\0';
	slash = strrchr(lib, '/');
	strcpy(slash + 1, PRELOAD);
	if (access(lib, R_OK) != 0) {
		char msg[PATH_MAX + 64];

		snprintf(msg, sizeof(msg), "%s is missing: it belongs beside hns3-sim", lib);
		fail(2, msg);
	}
	snprintf(link, sizeof(link), "%s/preload.so", run_dir);
	if (symlink(lib, link) != 0)
		fail(2, "the link to the preload library cannot be made");
	sanitizer_first(first, sizeof(first));
	snprintf(val, sizeof(val), "%s%s%s%s", first, link, old && *old ? ":" : "", old ? old : "");
	setenv("LD_PRELOAD", val, 1);
	snprintf(val, sizeof(val), "%s/pci", run_dir);
	setenv("SYSFS_PCI_DEVICES", val, 1);
	setenv(SIM_ENV_DIR, run_dir, 1);
}

/* Start COMMAND; tells by a pipe that closes on exec if it cannot be executed. */
static pid_t
start(char **argv, const sigset_t *mask)
{
	char msg[SIM_PATH + 64];
	int fds[2], why = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		fail(2, "no pipe");
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fail(2, "no further process");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		sigprocmask(SIG_SETMASK, mask, NULL);
		execvp(argv[0], argv);
		why = errno;
		if (write(fds[1], &why, sizeof(why)) < 0)
			_exit(126);
		_exit(127);
	}
	close(fds[1]);
	if (read(fds[0], &why, sizeof(why)) == (ssize_t)sizeof(why)) {
		waitpid(pid, NULL, 0);
		snprintf(msg, sizeof(msg), "%.400s cannot be executed: %s", argv[0], strerror(why));
		fail(127, msg);
	}
	close(fds[0]);
	return pid;
}

static uint64_t
frames_moved(const struct sim_state *st)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		n += __atomic_load_n(&st->port[i].stats.rx_frames, __ATOMIC_RELAXED);
		n += __atomic_load_n(&st->port[i].stats.tx_frames, __ATOMIC_RELAXED);
		n += __atomic_load_n(&st->port[i].source_pos, __ATOMIC_RELAXED);
	}
	return n;
}

static bool
sources_exhausted(const struct sim_state *st)
{
	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		const struct sim_port_state *p = &st->port[i];

		if (p->finite && __atomic_load_n(&p->source_pos, __ATOMIC_RELAXED) < p->source_total)
			return false;
	}
	return true;
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* True once, when the run has nothing more to do. A machine that stands still for a while, as a
 * virtual one does when others use its cores, is not idle: what went by between two looks counts
 * as little more than a tick.
 */
static bool
idle(const struct sim_state *st)
{
	static uint64_t last_moved, last_look, quiet_ms;
	static bool told;
	uint64_t moved = frames_moved(st), now = now_ms(), gone = now - last_look;

	if (told || st->conf.until_idle_ms == 0)
		return false;
	last_look = now;
	if (moved == 0 || moved != last_moved || !sources_exhausted(st)) {
		last_moved = moved;
		quiet_ms = 0;
		return false;
	}
	quiet_ms += gone < 2 * TICK_MS ? gone : 2 * TICK_MS;
	told = quiet_ms >= st->conf.until_idle_ms;
	return told;
}

/* SIGINT to the programs that have a port open, which COMMAND may only have started (a shell
 * would wait and not hand it on); to COMMAND if there are none.
 */
static void
interrupt(pid_t command, const struct sim_state *st)
{
	bool sent = false;

	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		uint32_t owner = __atomic_load_n(&st->port[i].owner, __ATOMIC_RELAXED);
		bool again = owner == 0;

		for (unsigned int j = 0; j < i; j++)
			again |= st->port[j].owner == owner;
		if (!again && kill((pid_t)owner, SIGINT) == 0)
			sent = true;
	}
	if (!sent)
		kill(command, SIGINT);
}

/* Wait for the end of COMMAND, hand signals on. Returns the status to exit with. */
static int
watch(pid_t pid, const struct sim_state *st, const sigset_t *set)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000 };
	bool interrupted = false;
	int status;

	for (;;) {
		siginfo_t si;
		int sig = st->conf.until_idle_ms != 0 ? sigtimedwait(set, &si, &tick) : sigwaitinfo(set, &si);

		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		/* what the terminal sends it sends to the whole group, COMMAND included */
		if (sig > 0 && sig != SIGCHLD && si.si_code != SI_KERNEL)
			kill(pid, sig);
		if (idle(st)) {
			interrupted = true;
			interrupt(pid, st);
		}
	}
	/* a shell tells so that its command was interrupted */
	if (interrupted && WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGINT)
		return 0;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (interrupted && WTERMSIG(status) == SIGINT)
		return 0;
	return 128 + WTERMSIG(status);
}

static void
block_signals(sigset_t *set, sigset_t *old)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
	sigaddset(set, SIGCHLD);
	sigprocmask(SIG_BLOCK, set, old);
}

/* The ports are served to virtual machines. */
static int
serve(struct sim_state *st, char **command, const sigset_t *set, const sigset_t *old)
{
	char err[2 * SIM_PATH];
	pid_t pid;

	setenv(SIM_ENV_DIR, run_dir, 1);
	if (!vfu_listen(st, err, sizeof(err)))
		fail(2, err);
	unsetenv(SIM_ENV_DIR);
	for (unsigned int i = 0; i < st->conf.nb_ports; i++)
		sim_say("port %u is at %s.%u", i, st->conf.vfio_user, i);
	pid = *command == NULL ? 0 : start(command, old);
	return vfu_serve(st, set, pid);
}

int
main(int argc, char **argv)
{
	static struct sim_conf conf;
	char err[2 * SIM_PATH];
	struct sim_state *st;
	sigset_t set, old;
	int cmd, status;

	cmd = sim_options(argc, argv, &conf);
	block_signals(&set, &old);
	sim_tree_sweep();
	if (!sim_tree_make(&conf, run_dir, sizeof(run_dir), err, sizeof(err)))
		fail(2, err);
	if (conf.report[0] != '\0')
		touch(conf.report, "the report");
	if (conf.log[0] != '\0')
		touch(conf.log, "the log");
	st = make_state(&conf);
	for (unsigned int i = 0; i < conf.nb_ports; i++)
		make_wire(st, i);
	if (conf.vfio_user[0] != '\0') {
		status = serve(st, argv + cmd, &set, &old);
	} else {
		set_environment();
		status = watch(start(argv + cmd, &old), st, &set);
	}
	sim_report_print(st);
	if (conf.report[0] != '\0' && !sim_report_write(st, err, sizeof(err))) {
		sim_say("%s", err);
		status = status ? status : 2;
	}
	sim_tree_remove(run_dir);
	return status;
}
