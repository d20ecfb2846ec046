/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * Inside of the preload library: the ports, the one lock, the thread that runs them, and
 * what the interposed calls need of each other.
 */

#ifndef HOST_MODEL_H
#define HOST_MODEL_H

#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "host_conf.h"
#include "host_iommu.h"
#include "host_pci.h"
#include "wire.h"

#define SIM_MAX_VECTORS (SIM_MAX_TQPS + 2)

/** A VFIO container: one address space. */
struct sim_container {
	bool used, typed; /**< open; SET_IOMMU was done */
	unsigned int groups;
	struct sim_iommu iommu;
};

struct sim_port {
	unsigned int id;
	const struct sim_port_conf *conf;
	struct sim_port_state *state;
	struct sim_dev *dev;
	struct sim_container *container; /**< of its group, or NULL */
	bool group_open, dev_open;
	int memfd;                /**< region i at i << 40 */
	volatile uint32_t *bar2;  /**< the model's own view */
	uint8_t *bar0;
	struct sim_pci_cfg cfg;
	int irq_fd[SIM_MAX_VECTORS];
	struct sim_wire wire;
};

struct sim_model {
	struct sim_state *state; /**< NULL until a vfio file is opened */
	unsigned int nb_ports;
	enum sim_mode mode;
	struct sim_port port[SIM_MAX_PORTS];
	int log_fd;
	unsigned int nb_open;    /**< devices */
	bool foreign;            /**< a child after fork(): hands off */
};

extern struct sim_model sim_model;

#define SIM_REGION_SHIFT 40

/** True if the calling process has a run to join (made by the launcher). Maps the state and
 * makes the ports at the first call. preload_model.c
 */
bool sim_model_join(void);
bool sim_model_device_open(struct sim_port *p);
void sim_model_device_close(struct sim_port *p);
void sim_model_device_reset(struct sim_port *p);
/** Mappings went: the devices must not keep translations. host_ops.c */
void sim_model_forget_dma(void);
/** What a device asks of its host, but trap_rings. host_ops.c */
extern const struct sim_host_ops sim_host_ops;
/** The state of a port before it is opened first. host_ops.c */
void sim_model_init_port(unsigned int i);
/** The wires of all ports: a peer may send before that port's device is opened. host_ops.c */
bool sim_model_make_wires(void);
/** One turn over all ports; the number of frames that moved. host_ops.c */
unsigned int sim_model_turn(void);
void sim_model_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** A thread of the program was given just this CPU; @p first: the program's first thread. */
void sim_model_cpu_taken(int cpu, bool first);

/* --- the lock: recursive, and usable in a SIGSEGV handler. preload_lock.c ---------------- */

void sim_lock(void);
void sim_unlock(void);
/** With asynchronous signals kept out: their handlers may touch registers too. */
void sim_lock_quiet(sigset_t *old);
void sim_unlock_quiet(const sigset_t *old);
/** Let those who wait have their turn. */
void sim_lock_yield(void);
/** In a child after fork(). */
void sim_lock_reinit(void);

/* --- /dev/vfio. preload_vfio.c ------------------------------------------------------------ */

/** fd, or -1 with errno. */
int sim_vfio_open(const char *name, int flags);
/** True if @p fd is one of ours. */
bool sim_vfio_is(int fd);
int sim_vfio_ioctl(int fd, unsigned long req, void *arg);
/** Before the fd is closed. */
void sim_vfio_close(int fd);
ssize_t sim_vfio_pread(int fd, void *buf, size_t len, off_t off);
ssize_t sim_vfio_pwrite(int fd, const void *buf, size_t len, off_t off);
void *sim_vfio_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off);

/* --- trapped registers. preload_trap.c ---------------------------------------------------- */

/** [addr, addr + len) is mapped to BAR2 + @p off: trap what must be trapped. */
bool sim_trap_add(struct sim_port *p, void *addr, size_t len, uint64_t off);
/** Close the windows of a port's queues, or open them again. */
void sim_trap_rings(struct sim_port *p, bool on);
/** The program unmaps, or maps something else there. */
void sim_trap_del(const void *addr, size_t len);
bool sim_trap_any(void);
/** The program asks for or sets its handler of SIGSEGV; false: not ours to answer. */
bool sim_trap_sigaction(int sig, const struct sigaction *act, struct sigaction *old);

/* --- the real calls. preload_hooks.c ------------------------------------------------------ */

void *sim_real_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off);
int sim_real_open(const char *path, int flags, unsigned int mode);
int sim_real_close(int fd);
int sim_real_sigaction(int sig, const struct sigaction *act, struct sigaction *old);
void sim_real_sigmask(int how, const sigset_t *set, sigset_t *old);

#endif /* HOST_MODEL_H */
