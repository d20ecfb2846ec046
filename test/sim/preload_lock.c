/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The one lock of the simulator. It is taken in a SIGSEGV handler, possibly by the very
 * thread that holds it (a fault of the model itself), so it is recursive by thread id; and
 * on a machine with fewer cores than threads its holder may not be running, so it sleeps.
 */

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host_model.h"

#define SPINS 200
#define HAND_OVER_SPINS 2000

static struct {
	uint32_t word; /* 0 free, 1 taken, 2 taken and somebody may sleep */
	int32_t owner;
	uint32_t depth;
	uint32_t waiting;
} lk __attribute__((aligned(128)));

static __thread int32_t my_tid __attribute__((tls_model("initial-exec")));

static inline void
relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#endif
}

static inline int32_t
tid(void)
{
	if (my_tid == 0)
		my_tid = (int32_t)syscall(SYS_gettid);
	return my_tid;
}

static inline bool
try_lock(void)
{
	uint32_t zero = 0;

	return __atomic_load_n(&lk.word, __ATOMIC_RELAXED) == 0 &&
		__atomic_compare_exchange_n(&lk.word, &zero, 1, false, __ATOMIC_ACQUIRE,
			__ATOMIC_RELAXED);
}

static void
lock_slow(void)
{
	__atomic_fetch_add(&lk.waiting, 1, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < SPINS; i++) {
		if (try_lock())
			goto out;
		relax();
	}
	while (__atomic_exchange_n(&lk.word, 2, __ATOMIC_ACQUIRE) != 0)
		syscall(SYS_futex, &lk.word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
out:
	__atomic_fetch_sub(&lk.waiting, 1, __ATOMIC_RELAXED);
}

void
sim_lock(void)
{
	int32_t me = tid();

	if (__atomic_load_n(&lk.owner, __ATOMIC_RELAXED) == me) {
		lk.depth++;
		return;
	}
	if (!try_lock())
		lock_slow();
	__atomic_store_n(&lk.owner, me, __ATOMIC_RELAXED);
}

void
sim_unlock(void)
{
	if (lk.depth != 0) {
		lk.depth--;
		return;
	}
	__atomic_store_n(&lk.owner, 0, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&lk.word, 0, __ATOMIC_RELEASE) == 2)
		syscall(SYS_futex, &lk.word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void
sim_lock_quiet(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sim_real_sigmask(SIG_BLOCK, &all, old);
	sim_lock();
}

void
sim_unlock_quiet(const sigset_t *old)
{
	sim_unlock();
	sim_real_sigmask(SIG_SETMASK, old, NULL);
}

void
sim_lock_yield(void)
{
	for (unsigned int i = 0; i < HAND_OVER_SPINS; i++) {
		if (__atomic_load_n(&lk.waiting, __ATOMIC_RELAXED) == 0)
			return;
		relax();
	}
	sched_yield();
}

void
sim_lock_reinit(void)
{
	my_tid = 0;
	lk.word = 0;
	lk.owner = 0;
	lk.depth = 0;
	lk.waiting = 0;
}
