/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The calls of libc that the preload library answers. Each hands anything that is not about
 * /dev/vfio on to the kernel or to libc unchanged, so wrappers such as timeout(1) and shells
 * see no difference.
 */

/* With these, the headers would give open() the name open64(), or an inline body. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host_model.h"

#define HOOK __attribute__((visibility("default")))
#define NOIOMMU "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

/* --- the real calls ----------------------------------------------------------------------- */

void *
sim_real_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, off);
}

int
sim_real_open(const char *path, int flags, unsigned int mode)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
sim_real_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

/* The next library's function of a name; all are libc's, so there always is one. */
static void *
next(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL) {
		static const char msg[] = "hns3-sim: libc lacks a function that is needed\n";

		if (write(STDERR_FILENO, msg, sizeof(msg) - 1) < 0)
			_exit(126);
		_exit(126);
	}
	return f;
}

#define REAL(name) \
	static __typeof__(&name) real; \
	if (real == NULL) \
		*(void **)&real = next(#name)

int
sim_real_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	REAL(sigaction);

	return real(sig, act, old);
}

void
sim_real_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	/* the kernel's set is 8 bytes, libc's is longer */
	if (old != NULL)
		memset(old, 0, sizeof(*old));
	syscall(SYS_rt_sigprocmask, how, set, old, 8);
}

/* --- files -------------------------------------------------------------------------------- */

static bool
in_run(void)
{
	static int answer = -1;

	if (answer < 0)
		answer = getenv(SIM_ENV_DIR) != NULL;
	return answer == 1;
}

/* The name below /dev/vfio, or NULL. */
static const char *
vfio_name(const char *path)
{
	if (path == NULL || strncmp(path, "/dev/vfio/", 10) != 0 || !in_run() || sim_model.foreign)
		return NULL;
	return path + 10;
}

static int
open_common(int dir, const char *path, int flags, unsigned int mode)
{
	const char *name = vfio_name(path);

	if (name != NULL)
		return sim_vfio_open(name, flags);
	if (path != NULL && strcmp(path, NOIOMMU) == 0 && in_run()) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

#define NEEDS_MODE(flags) (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE)

#define GET_MODE(flags, mode) \
	do { \
		if (NEEDS_MODE(flags)) { \
			va_list ap; \
			va_start(ap, flags); \
			(mode) = va_arg(ap, unsigned int); \
			va_end(ap); \
		} \
	} while (0)

HOOK int
open(const char *path, int flags, ...)
{
	unsigned int mode = 0;

	GET_MODE(flags, mode);
	return open_common(AT_FDCWD, path, flags, mode);
}

HOOK int
open64(const char *path, int flags, ...)
{
	unsigned int mode = 0;

	GET_MODE(flags, mode);
	return open_common(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

HOOK int
openat(int dir, const char *path, int flags, ...)
{
	unsigned int mode = 0;

	GET_MODE(flags, mode);
	return open_common(dir, path, flags, mode);
}

HOOK int
openat64(int dir, const char *path, int flags, ...)
{
	unsigned int mode = 0;

	GET_MODE(flags, mode);
	return open_common(dir, path, flags | O_LARGEFILE, mode);
}

/* What _FORTIFY_SOURCE makes of open() without a mode. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags);

HOOK int
__open_2(const char *path, int flags)
{
	return open_common(AT_FDCWD, path, flags, 0);
}

HOOK int
__open64_2(const char *path, int flags)
{
	return open_common(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

HOOK int
__openat_2(int dir, const char *path, int flags)
{
	return open_common(dir, path, flags, 0);
}

HOOK int
__openat64_2(int dir, const char *path, int flags)
{
	return open_common(dir, path, flags | O_LARGEFILE, 0);
}

HOOK int
close(int fd)
{
	if (sim_vfio_is(fd))
		sim_vfio_close(fd);
	return sim_real_close(fd);
}

HOOK int
ioctl(int fd, unsigned long req, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, req);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (sim_vfio_is(fd))
		return sim_vfio_ioctl(fd, req, arg);
	return (int)syscall(SYS_ioctl, fd, req, arg);
}

HOOK ssize_t
pread(int fd, void *buf, size_t len, off_t off)
{
	if (sim_vfio_is(fd))
		return sim_vfio_pread(fd, buf, len, off);
	return syscall(SYS_pread64, fd, buf, len, off);
}

HOOK ssize_t
pread64(int fd, void *buf, size_t len, off64_t off)
{
	return pread(fd, buf, len, off);
}

ssize_t __pread_chk(int fd, void *buf, size_t len, off_t off, size_t room);
ssize_t __pread64_chk(int fd, void *buf, size_t len, off64_t off, size_t room);

HOOK ssize_t
__pread_chk(int fd, void *buf, size_t len, off_t off, size_t room)
{
	if (len > room)
		abort();
	return pread(fd, buf, len, off);
}

HOOK ssize_t
__pread64_chk(int fd, void *buf, size_t len, off64_t off, size_t room)
{
	return __pread_chk(fd, buf, len, off, room);
}

HOOK ssize_t
pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (sim_vfio_is(fd))
		return sim_vfio_pwrite(fd, buf, len, off);
	return syscall(SYS_pwrite64, fd, buf, len, off);
}

HOOK ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t off)
{
	return pwrite(fd, buf, len, off);
}

/* --- memory ------------------------------------------------------------------------------- */

HOOK void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	if (fd >= 0 && sim_vfio_is(fd))
		return sim_vfio_mmap(addr, len, prot, flags, fd, off);
	if ((flags & MAP_FIXED) && sim_trap_any())
		sim_trap_del(addr, len);
	return sim_real_mmap(addr, len, prot, flags, fd, off);
}

HOOK void *
mmap64(void *addr, size_t len, int prot, int flags, int fd, off64_t off)
{
	return mmap(addr, len, prot, flags, fd, off);
}

HOOK int
munmap(void *addr, size_t len)
{
	if (sim_trap_any())
		sim_trap_del(addr, len);
	return (int)syscall(SYS_munmap, addr, len);
}

/* --- is vfio there? ----------------------------------------------------------------------- */

static bool
is_module(const char *path)
{
	return path != NULL && (strcmp(path, "/sys/module/vfio") == 0 ||
		strcmp(path, "/sys/module/vfio_pci") == 0 || strcmp(path, "/dev/vfio") == 0 ||
		strcmp(path, "/sys/module/vfio_iommu_type1") == 0) && in_run();
}

static int
stat_common(const char *path, struct stat *st, int flags)
{
	/* any directory does: only its being there is asked */
	if (is_module(path))
		path = "/sys/module";
	else if (vfio_name(path) != NULL)
		path = "/dev/null";
	return (int)syscall(SYS_newfstatat, AT_FDCWD, path, st, flags);
}

HOOK int
stat(const char *path, struct stat *st)
{
	return stat_common(path, st, 0);
}

HOOK int
stat64(const char *path, struct stat64 *st)
{
	return stat_common(path, (struct stat *)st, 0);
}

HOOK int
lstat(const char *path, struct stat *st)
{
	return stat_common(path, st, AT_SYMLINK_NOFOLLOW);
}

HOOK int
lstat64(const char *path, struct stat64 *st)
{
	return stat_common(path, (struct stat *)st, AT_SYMLINK_NOFOLLOW);
}

/* Programs linked to a glibc before 2.33. */
int __xstat(int ver, const char *path, struct stat *st);
int __xstat64(int ver, const char *path, struct stat64 *st);

HOOK int
__xstat(int ver, const char *path, struct stat *st)
{
	(void)ver;
	return stat_common(path, st, 0);
}

HOOK int
__xstat64(int ver, const char *path, struct stat64 *st)
{
	return __xstat(ver, path, (struct stat *)st);
}

HOOK int
access(const char *path, int mode)
{
	if (is_module(path) || vfio_name(path) != NULL)
		return 0;
	return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

/* --- signals and threads ------------------------------------------------------------------ */

HOOK int
sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	if (sim_trap_sigaction(sig, act, old))
		return 0;
	return sim_real_sigaction(sig, act, old);
}

HOOK sighandler_t
signal(int sig, sighandler_t handler)
{
	REAL(signal);
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

	sigemptyset(&act.sa_mask);
	if (sim_trap_sigaction(sig, &act, &old))
		return old.sa_handler;
	return real(sig, handler);
}

/* A fault while SIGSEGV is blocked kills: it stays open while registers are trapped. */
static const sigset_t *
without_segv(int how, const sigset_t *set, sigset_t *copy)
{
	if (set == NULL || how == SIG_UNBLOCK || !sim_trap_any())
		return set;
	*copy = *set;
	sigdelset(copy, SIGSEGV);
	return copy;
}

HOOK int
sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	REAL(sigprocmask);
	sigset_t copy;

	return real(how, without_segv(how, set, &copy), old);
}

HOOK int
pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	REAL(pthread_sigmask);
	sigset_t copy;

	return real(how, without_segv(how, set, &copy), old);
}

static pthread_t first_thread;

__attribute__((constructor)) static void
remember_first(void)
{
	first_thread = pthread_self();
}

/* A thread that gets one CPU to itself will poll there; the first thread mostly sleeps, and
 * threads that share its CPU are not of those that poll.
 */
HOOK int
pthread_setaffinity_np(pthread_t th, size_t size, const cpu_set_t *set)
{
	REAL(pthread_setaffinity_np);

	if (in_run() && CPU_COUNT_S(size, set) == 1)
		for (int c = 0; c < CPU_SETSIZE && c < (int)size * 8; c++)
			if (CPU_ISSET_S(c, size, set))
				sim_model_cpu_taken(c, pthread_equal(th, first_thread));
	return real(th, size, set);
}
