/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Trapped registers: their pages are closed to the program, and each access is carried out
 * by a handler of SIGSEGV on the model. Other faults belong to the program's own handler.
 *
 * The windows of the queues are open in the fast modes, but for moments: the device closes
 * them after a statistics command (trap_rings in sim.h). An access that faulted just before
 * they were opened again is carried out on the model all the same.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "host_decode.h"
#include "host_model.h"
#include "sim_reg.h"

#define MAX_TRAPS 64

static struct trap {
	uintptr_t start, end;
	struct sim_port *port;
	uint64_t off;
	bool rings; /* open until sim_trap_rings() */
} traps[MAX_TRAPS];
static unsigned int nb_traps;

static bool installed;
static struct sigaction theirs; /* the program's own handler */

/* The access that is being carried out. */
struct reg_ctx {
	struct sim_port *port;
	uint32_t off;
};

static uint64_t
reg_load(void *ctx, unsigned int width)
{
	const struct reg_ctx *c = ctx;

	if (width == 4 && c->off % 4 == 0)
		return sim_dev_reg_read(c->port->dev, c->off);
	sim_dev_reg_bad(c->port->dev, c->off, width, false);
	return width == 8 ? UINT64_MAX : ((uint64_t)1 << (width * 8)) - 1;
}

static void
reg_store(void *ctx, unsigned int width, uint64_t val)
{
	const struct reg_ctx *c = ctx;

	if (width == 4 && c->off % 4 == 0)
		sim_dev_reg_write(c->port->dev, c->off, (uint32_t)val);
	else
		sim_dev_reg_bad(c->port->dev, c->off, width, true);
}

#if defined(__x86_64__)

static const uint8_t greg_of[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static bool
emulate(ucontext_t *uc, const struct sim_access *a)
{
	greg_t *g = uc->uc_mcontext.gregs;
	struct sim_x86_regs r;

	for (unsigned int i = 0; i < 16; i++)
		r.r[i] = (uint64_t)g[greg_of[i]];
	r.flags = (uint64_t)g[REG_EFL];
	r.ip = (uint64_t)g[REG_RIP];
	if (!sim_x86_emulate((const uint8_t *)(uintptr_t)r.ip, &r, a))
		return false;
	for (unsigned int i = 0; i < 16; i++)
		g[greg_of[i]] = (greg_t)r.r[i];
	g[REG_EFL] = (greg_t)r.flags;
	g[REG_RIP] = (greg_t)r.ip;
	return true;
}

static uintptr_t
pc_of(const ucontext_t *uc)
{
	return (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
}

#elif defined(__aarch64__)

static bool
emulate(ucontext_t *uc, const struct sim_access *a)
{
	struct sim_a64_regs r;

	memcpy(r.r, uc->uc_mcontext.regs, 31 * sizeof(r.r[0]));
	r.r[31] = uc->uc_mcontext.sp;
	r.pc = uc->uc_mcontext.pc;
	if (!sim_a64_emulate(*(const uint32_t *)(uintptr_t)r.pc, &r, a))
		return false;
	memcpy(uc->uc_mcontext.regs, r.r, 31 * sizeof(r.r[0]));
	uc->uc_mcontext.sp = r.r[31];
	uc->uc_mcontext.pc = r.pc;
	return true;
}

static uintptr_t
pc_of(const ucontext_t *uc)
{
	return (uintptr_t)uc->uc_mcontext.pc;
}

#else
#error "no decoder for this architecture"
#endif

static void
unknown_instruction(const ucontext_t *uc, uint32_t off)
{
	const uint8_t *p = (const uint8_t *)pc_of(uc);
	char line[160];
	int n = snprintf(line, sizeof(line), "hns3-sim: access to register 0x%05x by an instruction "
		"that is not decoded:", off);

	for (unsigned int i = 0; i < 12; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " %02x", p[i]);
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

/* True if the fault was a register access, now done. */
static bool
handle(const siginfo_t *si, ucontext_t *uc)
{
	uintptr_t at = (uintptr_t)si->si_addr;
	bool done = false;

	sim_lock();
	for (unsigned int i = 0; i < nb_traps; i++) {
		struct reg_ctx ctx = { .port = traps[i].port };
		const struct sim_access a = { .load = reg_load, .store = reg_store, .ctx = &ctx };

		if (at < traps[i].start || at >= traps[i].end)
			continue;
		ctx.off = (uint32_t)(traps[i].off + (at - traps[i].start));
		done = emulate(uc, &a);
		if (!done)
			unknown_instruction(uc, ctx.off);
		break;
	}
	sim_unlock();
	return done;
}

static void
pass_on(int sig, siginfo_t *si, void *uc)
{
	if (theirs.sa_flags & SA_SIGINFO) {
		theirs.sa_sigaction(sig, si, uc);
	} else if (theirs.sa_handler == SIG_DFL || theirs.sa_handler == SIG_IGN) {
		struct sigaction dfl = { .sa_handler = SIG_DFL };

		/* a fault comes again when this returns; a signal that was sent does not */
		sim_real_sigaction(sig, &dfl, NULL);
		if (si->si_code <= 0)
			raise(sig);
	} else {
		theirs.sa_handler(sig);
	}
}

static void
on_fault(int sig, siginfo_t *si, void *uc)
{
	int err = errno;

	if (si->si_code <= 0 || !handle(si, uc))
		pass_on(sig, si, uc);
	errno = err;
}

static bool
install(void)
{
	/* no other handler may run inside, it could access registers too */
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

	if (installed)
		return true;
	sigfillset(&sa.sa_mask);
	sigdelset(&sa.sa_mask, SIGSEGV);
	if (sim_real_sigaction(SIGSEGV, &sa, &theirs) != 0)
		return false;
	installed = true;
	return true;
}

bool
sim_trap_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct sigaction was;
	sigset_t mask;

	if (sig != SIGSEGV || !installed)
		return false;
	sim_lock_quiet(&mask);
	was = theirs;
	if (act != NULL)
		theirs = *act;
	sim_unlock_quiet(&mask);
	if (old != NULL)
		*old = was;
	return true;
}

bool
sim_trap_any(void)
{
	return __atomic_load_n(&nb_traps, __ATOMIC_RELAXED) != 0;
}

static void
add(struct sim_port *p, uintptr_t start, size_t len, uint64_t off, bool rings)
{
	struct trap *t = &traps[nb_traps];

	t->start = start;
	t->end = start + len;
	t->port = p;
	t->off = off;
	t->rings = rings;
	__atomic_store_n(&nb_traps, nb_traps + 1, __ATOMIC_RELEASE);
}

bool
sim_trap_add(struct sim_port *p, void *addr, size_t len, uint64_t off)
{
	uint64_t limit = sim_model.mode == SIM_MODE_EXACT ? SIM_BAR2_SIZE : SIM_TQP_BASE;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), closed = 0;

	len = (len + page - 1) & ~(page - 1);
	if (off >= SIM_BAR2_SIZE)
		return true;
	if (len > SIM_BAR2_SIZE - off)
		len = SIM_BAR2_SIZE - off;
	if (off < limit)
		closed = len < limit - off ? len : limit - off;
	if (nb_traps + 2 > MAX_TRAPS || !install() ||
			(closed != 0 && mprotect(addr, closed, PROT_NONE) != 0))
		return false;
	if (closed != 0)
		add(p, (uintptr_t)addr, closed, off, false);
	if (closed < len)
		add(p, (uintptr_t)addr + closed, len - closed, off + closed, true);
	return true;
}

void
sim_trap_rings(struct sim_port *p, bool on)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t end = (SIM_TQP_BASE + TQP_WINDOW * p->conf->dev.tqps + page - 1) & ~(page - 1);

	for (unsigned int i = 0; i < nb_traps; i++) {
		struct trap *t = &traps[i];
		size_t len = t->end - t->start;

		if (t->port != p || !t->rings || t->off >= end)
			continue;
		if (len > end - t->off)
			len = end - t->off;
		if (mprotect((void *)t->start, len, on ? PROT_NONE : PROT_READ | PROT_WRITE) != 0)
			sim_model_log("port %u: mprotect: %s", p->id, strerror(errno));
	}
}

void
sim_trap_del(const void *addr, size_t len)
{
	uintptr_t start = (uintptr_t)addr, end = start + len;
	sigset_t old;

	if (!sim_trap_any())
		return;
	sim_lock_quiet(&old);
	for (unsigned int i = 0; i < nb_traps;) {
		struct trap *t = &traps[i];

		if (t->start >= end || t->end <= start) {
			i++;
			continue;
		}
		/* mappings are made and unmapped as a whole; a part at an end may go */
		if (start <= t->start && end < t->end) {
			t->off += end - t->start;
			t->start = end;
			i++;
		} else if (start > t->start) {
			t->end = start;
			i++;
		} else {
			*t = traps[--nb_traps];
		}
	}
	sim_unlock_quiet(&old);
}
