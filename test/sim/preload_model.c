/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The ports in this process, their life, and the thread that runs them. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "host_model.h"

#define SPIN_TURNS 200u /* without a frame, before the thread begins to rest */
#define REST_NS    30000
#define MEMFD_SIZE ((off_t)9 << SIM_REGION_SHIFT)

static pthread_t thread;
static bool running;
static uint32_t stop;
static pid_t owner;
static cpu_set_t cpus_at_start, cpus_taken, cpus_of_first;

/* --- joining the run ---------------------------------------------------------------------- */

static bool
map_state(void)
{
	const char *dir = getenv(SIM_ENV_DIR);
	char path[SIM_PATH];
	void *m;
	int fd;

	if (dir == NULL || strlen(dir) > SIM_PATH - 32)
		return false;
	snprintf(path, sizeof(path), "%s/" SIM_STATE_FILE, dir);
	fd = sim_real_open(path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		return false;
	m = sim_real_mmap(NULL, sizeof(struct sim_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	sim_real_close(fd);
	if (m == MAP_FAILED)
		return false;
	sim_model.state = m;
	return true;
}

static void
in_child(void)
{
	sim_lock_reinit();
	sim_model.foreign = true;
	running = false;
}

bool
sim_model_join(void)
{
	const struct sim_conf *conf;

	if (sim_model.state != NULL)
		return true;
	if (!map_state())
		return false;
	conf = &sim_model.state->conf;
	sim_model.nb_ports = conf->nb_ports;
	sim_model.mode = conf->mode;
	if (conf->log[0] != '\0')
		sim_model.log_fd = sim_real_open(conf->log, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
	for (unsigned int i = 0; i < conf->nb_ports; i++)
		sim_model_init_port(i);
	pthread_atfork(NULL, NULL, in_child);
	return true;
}

__attribute__((constructor)) static void
remember_cpus(void)
{
	/* before a program such as a DPDK one pins its threads; cheap and without effect */
	if (getenv(SIM_ENV_DIR) != NULL)
		sched_getaffinity(0, sizeof(cpus_at_start), &cpus_at_start);
}

/* --- the thread --------------------------------------------------------------------------- */

void
sim_model_cpu_taken(int cpu, bool first)
{
	CPU_SET(cpu, first ? &cpus_of_first : &cpus_taken);
}

/* Stay off the CPUs on which a worker of the program polls, if there are others. */
static void
choose_cpus(void)
{
	cpu_set_t set;

	for (int c = 0; c < CPU_SETSIZE; c++)
		if (CPU_ISSET(c, &cpus_of_first))
			CPU_CLR(c, &cpus_taken);
	CPU_XOR(&set, &cpus_at_start, &cpus_taken);
	CPU_AND(&set, &set, &cpus_at_start);
	if (CPU_COUNT(&set) == 0)
		set = cpus_at_start;
	if (CPU_COUNT(&set) != 0)
		sched_setaffinity(0, sizeof(set), &set);
}

static void *
run(void *arg)
{
	const struct timespec rest = { .tv_nsec = REST_NS };
	unsigned int idle = 0;

	(void)arg;
	choose_cpus();
	prctl(PR_SET_TIMERSLACK, 1000);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		unsigned int moved;

		sim_lock();
		moved = sim_model_turn();
		sim_unlock();
		sim_lock_yield();
		idle = moved != 0 ? 0 : idle + 1;
		if (idle > SPIN_TURNS)
			nanosleep(&rest, NULL);
		else if (idle > SPIN_TURNS / 4)
			sched_yield();
	}
	return NULL;
}

static bool
start_thread(void)
{
	sigset_t all, old;
	int r;

	if (running || sim_model.mode == SIM_MODE_LOCKSTEP)
		return true;
	stop = 0;
	owner = getpid();
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sim_real_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&thread, NULL, run, NULL);
	sim_real_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0)
		return false;
	pthread_setname_np(thread, "hns3-sim");
	running = true;
	return true;
}

/* Without the lock held: the thread may be waiting for it. */
static void
stop_thread(void)
{
	if (!running || sim_model.foreign)
		return;
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	if (!pthread_equal(pthread_self(), thread))
		pthread_join(thread, NULL);
	running = false;
}

__attribute__((destructor)) static void
at_exit(void)
{
	if (sim_model.state == NULL || sim_model.foreign || (running && owner != getpid()))
		return;
	stop_thread();
	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		struct sim_port *p = &sim_model.port[i];

		if (p->wire.ready)
			sim_wire_flush(&p->wire);
		if (p->dev_open)
			__atomic_store_n(&p->state->owner, 0, __ATOMIC_RELAXED);
	}
}

/* --- life of a device --------------------------------------------------------------------- */

static bool
map_bars(struct sim_port *p)
{
	void *bar0, *bar2;

	p->memfd = memfd_create("hns3-sim-bars", MFD_CLOEXEC);
	if (p->memfd < 0 || ftruncate(p->memfd, MEMFD_SIZE) != 0)
		return false;
	bar0 = sim_real_mmap(NULL, SIM_BAR0_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, p->memfd, 0);
	bar2 = sim_real_mmap(NULL, SIM_BAR2_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, p->memfd,
		(off_t)2 << SIM_REGION_SHIFT);
	if (bar0 == MAP_FAILED || bar2 == MAP_FAILED)
		return false;
	p->bar0 = bar0;
	p->bar2 = bar2;
	return true;
}

static void
op_trap_rings(void *host, bool on)
{
	sim_trap_rings(host, on);
}

/* What every host answers, and the windows of the queues, which only traps can close. */
static const struct sim_host_ops *
port_ops(void)
{
	static struct sim_host_ops ops;

	ops = sim_host_ops;
	ops.trap_rings = op_trap_rings;
	return &ops;
}

static bool
claim(struct sim_port *p)
{
	uint32_t was = __atomic_load_n(&p->state->owner, __ATOMIC_RELAXED), me = (uint32_t)getpid();

	if (was != 0 && was != me && kill((pid_t)was, 0) == 0)
		return false;
	return __atomic_compare_exchange_n(&p->state->owner, &was, me, false, __ATOMIC_RELAXED,
		__ATOMIC_RELAXED);
}

bool
sim_model_device_open(struct sim_port *p)
{
	if (p->dev_open || !claim(p)) {
		errno = EBUSY;
		return false;
	}
	if (!sim_model_make_wires() || (p->memfd < 0 && !map_bars(p))) {
		errno = ENOMEM;
		return false;
	}
	if (p->dev == NULL)
		p->dev = sim_dev_create(&p->conf->dev, port_ops(), p, p->bar2, &p->state->stats);
	if (p->dev == NULL) {
		errno = ENOMEM;
		return false;
	}
	sim_pci_init(&p->cfg, &p->conf->dev);
	sim_dev_link_event(p->dev, true);
	p->dev_open = true;
	sim_model.nb_open++;
	sim_model_log("port %u: device opened", p->id);
	if (start_thread())
		return true;
	p->dev_open = false;
	sim_model.nb_open--;
	errno = EAGAIN;
	return false;
}

void
sim_model_device_reset(struct sim_port *p)
{
	sim_dev_flr(p->dev);
	sim_dev_set_bus_master(p->dev, (sim_pci_command(&p->cfg) & SIM_PCI_CMD_MASTER) != 0);
	sim_dev_link_event(p->dev, true);
}

/* Called with the lock held once; it is given up while the thread ends. */
void
sim_model_device_close(struct sim_port *p)
{
	if (!p->dev_open)
		return;
	sim_dev_set_bus_master(p->dev, false);
	sim_dev_flr(p->dev);
	for (unsigned int v = 0; v < SIM_MAX_VECTORS; v++) {
		if (p->irq_fd[v] >= 0)
			sim_real_close(p->irq_fd[v]);
		p->irq_fd[v] = -1;
	}
	sim_wire_flush(&p->wire);
	p->dev_open = false;
	__atomic_store_n(&p->state->owner, 0, __ATOMIC_RELAXED);
	sim_model_log("port %u: device closed", p->id);
	if (--sim_model.nb_open == 0) {
		sim_unlock();
		stop_thread();
		sim_lock();
	}
}
