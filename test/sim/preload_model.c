/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The ports in this process, what the devices ask of their host, and the thread. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "host_model.h"

#define BUDGET     32u  /* frames of one port in one turn */
#define SPIN_TURNS 200u /* without a frame, before the thread begins to rest */
#define REST_NS    30000
#define MEMFD_SIZE ((off_t)9 << SIM_REGION_SHIFT)

struct sim_model sim_model = { .log_fd = -1 };

static pthread_t thread;
static bool running;
static uint32_t stop;
static pid_t owner;
static cpu_set_t cpus_at_start, cpus_taken, cpus_of_first;

/* --- what a device asks of its host ------------------------------------------------------ */

static void
fault(const struct sim_port *p, uint64_t iova, uint64_t len, const char *what)
{
	struct sim_iommu_stats *s = &sim_model.state->iommu;
	char text[SIM_FAULT_TEXT];

	snprintf(text, sizeof(text), "port %u: %s of %llu bytes at IOVA 0x%llx", p->id, what,
		(unsigned long long)len, (unsigned long long)iova);
	if (s->faults++ == 0)
		memcpy(s->first_fault, text, sizeof(text));
	if (s->faults <= 100)
		sim_model_log("IOMMU fault: %s", text);
}

static void *
op_dma(void *host, uint64_t iova, uint32_t len, bool write)
{
	struct sim_port *p = host;
	void *mem = NULL;

	if (__builtin_expect(p->container != NULL, 1))
		mem = sim_iommu_lookup(&p->container->iommu, iova, len,
			write ? SIM_IOMMU_WRITE : SIM_IOMMU_READ);
	if (__builtin_expect(mem == NULL, 0))
		fault(p, iova, len, write ? "write" : "read");
	return mem;
}

/* Copy in pieces, each inside one page: neighbours in IOVA need not be so in memory. */
static bool
copy(struct sim_port *p, uint64_t iova, void *rd, const void *wr, uint32_t len)
{
	while (len != 0) {
		uint32_t n = SIM_IOMMU_PAGE - (uint32_t)(iova % SIM_IOMMU_PAGE);
		uint8_t *mem;

		if (n > len)
			n = len;
		mem = op_dma(p, iova, n, wr != NULL);
		if (mem == NULL)
			return false;
		if (wr != NULL) {
			memcpy(mem, wr, n);
			wr = (const uint8_t *)wr + n;
		} else {
			memcpy(rd, mem, n);
			rd = (uint8_t *)rd + n;
		}
		iova += n;
		len -= n;
	}
	return true;
}

static bool
op_dma_read(void *host, uint64_t iova, void *dst, uint32_t len)
{
	return copy(host, iova, dst, NULL, len);
}

static bool
op_dma_write(void *host, uint64_t iova, const void *src, uint32_t len)
{
	return copy(host, iova, NULL, src, len);
}

static void
op_irq(void *host, unsigned int vector)
{
	struct sim_port *p = host;
	const uint64_t one = 1;

	if (vector < SIM_MAX_VECTORS && p->irq_fd[vector] >= 0 &&
			write(p->irq_fd[vector], &one, sizeof(one)) < 0 && errno != EAGAIN)
		sim_model_log("port %u: vector %u: %s", p->id, vector, strerror(errno));
}

static unsigned int
op_wire_rx_peek(void *host, struct sim_frame *f, unsigned int n)
{
	return sim_wire_peek(&((struct sim_port *)host)->wire, f, n);
}

static void
op_wire_rx_done(void *host, unsigned int n)
{
	sim_wire_done(&((struct sim_port *)host)->wire, n);
}

static bool
op_wire_lossless(void *host)
{
	return sim_wire_lossless(&((struct sim_port *)host)->wire);
}

static bool
op_wire_tx(void *host, const void *data, uint32_t len)
{
	return sim_wire_tx(&((struct sim_port *)host)->wire, data, len);
}

static bool
op_wire_link(void *host)
{
	return ((struct sim_port *)host)->wire.ready;
}

static void
log_line(const char *fmt, va_list ap)
{
	char line[512];
	struct timespec ts;
	int n, m;

	if (sim_model.log_fd < 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	n = snprintf(line, sizeof(line), "%lld.%06ld ", (long long)ts.tv_sec, ts.tv_nsec / 1000);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	if (m > 0)
		n += m < (int)sizeof(line) - n - 1 ? m : (int)sizeof(line) - n - 2;
	line[n++] = '\n';
	if (write(sim_model.log_fd, line, (size_t)n) < 0)
		sim_model.log_fd = -1;
}

static void op_log(void *host, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
op_log(void *host, const char *fmt, ...)
{
	char with_port[400];
	va_list ap;

	if (sim_model.log_fd < 0)
		return;
	snprintf(with_port, sizeof(with_port), "port %u: %s", ((struct sim_port *)host)->id, fmt);
	va_start(ap, fmt);
	log_line(with_port, ap);
	va_end(ap);
}

void
sim_model_log(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

static void *
op_dma_span(void *host, uint64_t iova, bool write, uint64_t *start, uint64_t *end)
{
	struct sim_port *p = host;

	if (p->container == NULL)
		return NULL;
	return sim_iommu_span(&p->container->iommu, iova, write ? SIM_IOMMU_WRITE : SIM_IOMMU_READ,
		start, end);
}

static void
op_trap_rings(void *host, bool on)
{
	sim_trap_rings(host, on);
}

static const struct sim_host_ops host_ops = {
	.dma = op_dma,
	.dma_read = op_dma_read,
	.dma_write = op_dma_write,
	.dma_span = op_dma_span,
	.trap_rings = op_trap_rings,
	.irq = op_irq,
	.wire_rx_peek = op_wire_rx_peek,
	.wire_rx_done = op_wire_rx_done,
	.wire_lossless = op_wire_lossless,
	.wire_tx = op_wire_tx,
	.wire_link = op_wire_link,
	.log = op_log,
};

void
sim_model_forget_dma(void)
{
	for (unsigned int i = 0; i < sim_model.nb_ports; i++)
		if (sim_model.port[i].dev != NULL)
			sim_dev_iotlb_flush(sim_model.port[i].dev);
}

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

static void
init_port(unsigned int i)
{
	struct sim_port *p = &sim_model.port[i];

	p->id = i;
	p->conf = &sim_model.state->conf.port[i];
	p->state = &sim_model.state->port[i];
	p->memfd = -1;
	for (unsigned int v = 0; v < SIM_MAX_VECTORS; v++)
		p->irq_fd[v] = -1;
	sim_pci_init(&p->cfg, &p->conf->dev);
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
		init_port(i);
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

/* One turn over all ports; the number of frames that moved. */
static unsigned int
turn(void)
{
	unsigned int moved = 0;

	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		struct sim_port *p = &sim_model.port[i];

		if (!p->dev_open)
			continue;
		moved += sim_wire_turn(&p->wire);
		moved += sim_dev_poll(p->dev, BUDGET);
	}
	for (unsigned int i = 0; i < sim_model.nb_ports; i++)
		if (sim_model.port[i].wire.ready)
			sim_wire_flush(&sim_model.port[i].wire);
	return moved;
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
		moved = turn();
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

/* The wires of all ports: a peer may send before that port's device is opened. */
static bool
make_wires(void)
{
	char err[SIM_PATH];

	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		struct sim_port *p = &sim_model.port[i];

		if (p->wire.ready)
			continue;
		if (!sim_wire_init(&p->wire, p, &p->conf->wire, err, sizeof(err))) {
			fprintf(stderr, "hns3-sim: port %u: %s\n", i, err);
			return false;
		}
	}
	return true;
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
	if (!make_wires() || (p->memfd < 0 && !map_bars(p))) {
		errno = ENOMEM;
		return false;
	}
	if (p->dev == NULL)
		p->dev = sim_dev_create(&p->conf->dev, &host_ops, p, p->bar2, &p->state->stats);
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
