/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PMD_PERF_CHILD_H
#define PMD_PERF_CHILD_H

/* Inside of the measuring process. */

#include <rte_mbuf.h>
#include <rte_ppool.h>

#include "pmd_perf.h"
#include "pmd_perf_step.h"
#include "sim_lockstep.h"

/* The model has one. */
#define PMD_PORT 0u
/* Calls of each kind that one round can have. */
#define PMD_SAMPLES_MAX 65536u
/* Buffers of a frame. */
#define PMD_SEGS_MAX 16u

/** Packets that wait for their end, oldest first. */
struct pmd_fifo {
	struct rte_mbuf **m;
	uint32_t size; /**< a power of two */
	uint32_t first, n;
};

enum pmd_how { PMD_PLAIN, PMD_TIME, PMD_STEP };

struct pmd_sample {
	uint32_t cycles;
	uint32_t packets;
};

/** A queue, and what goes through it in a turn. */
struct pmd_poll {
	uint16_t queue;
	uint16_t burst; /**< packets wanted */
	uint16_t got;   /**< received */
	uint16_t give;  /**< to be sent or freed */
	uint16_t sent;  /**< of them, or of those received */
	struct rte_mbuf *in[PMD_BURST_MAX];
	struct rte_mbuf *out[PMD_BURST_MAX];
};

/** What one core does: every second queue where there are two, else all; arrays, packets and
 * counters of its own.
 */
struct pmd_lane {
	struct pmd_child *c;
	struct pmd_poll *from, *to;    /**< whose turn it is: all, but while steps are counted */
	uint32_t queues;
	struct pmd_poll poll[PMD_QUEUES_MAX];
	struct rte_mbuf *raw[PMD_BURST_MAX * PMD_SEGS_MAX]; /**< to be made packets */
	struct pmd_fifo fifo;

	uint64_t moved[PMD_CALLS];     /**< packets that each kind of measured call has moved */
	uint64_t nb_segs, seg_packets; /**< mbufs, and the packets that they made */
	uint64_t rx_packets, tx_packets, unsent;
	uint64_t fn_packets;           /**< of the call that was just made */
	uint64_t begun, ended;         /**< when */
	struct pmd_sample *sample[PMD_KINDS];
	uint32_t nb_samples[PMD_KINDS];
	uint64_t steps[PMD_CALLS];
	double empty;                  /**< a poll that finds nothing: cycles or instructions */
} __rte_cache_aligned;

struct pmd_child {
	struct pmd_workload w;
	bool ours;
	uint16_t frame_max;   /**< bytes of the longest frame, without CRC */
	uint32_t room;        /**< bytes of a buffer behind the headroom */
	uint32_t segs;        /**< buffers of a frame that is sent */
	char driver[64];
	char why[160];        /**< why the workload is not offered */
	struct rte_ppool *pp; /**< ours */
	struct rte_mempool *mp;
	const struct hns3_sim_api *sim;
	uint64_t hugepage_bytes; /**< before anything is measured */

	struct pmd_lane lane[PMD_CORES_MAX];
	enum pmd_how how;
	uint64_t turns;
	uint64_t tx_base;     /**< the model's count when this began */
	bool in_turn;         /**< two cores one after the other, though time is taken */
	uint64_t both_ticks, lane_ticks; /**< of the cores' time, that in which both were at it */
	struct pmd_step_map *map[PMD_CALLS];
	double empty_steps;         /**< instructions of a poll that finds nothing */
	struct pmd_step_map *empty_map;
	double empty_cycles;        /**< and its cycles */
	unsigned int worker; /**< lcore */
};

/* pmd_perf_port.c */

/** Pool and port, started. 0; 1: the driver does not offer the workload, c->why; -1: error. */
int pmd_port_open(struct pmd_child *c);
/** Stopped and closed, all buffers at home? */
bool pmd_port_close(struct pmd_child *c);
/** Bytes of this process in hugepages, as the kernel counts them. */
uint64_t pmd_port_hugepages(void);

/* pmd_perf_loop.c */

int pmd_loop_init(struct pmd_child *c);
void pmd_loop_fini(struct pmd_child *c);
/** So many bursts of each queue, measured as @p how says. */
void pmd_loop_run(struct pmd_child *c, enum pmd_how how, uint32_t turns);
/** Polls of queues that have nothing. */
void pmd_loop_empty(struct pmd_child *c, enum pmd_how how);
/** Turns of one kind in a row: drivers do some of their work for two bursts at once, or more. */
uint32_t pmd_loop_phase(const struct pmd_child *c);
/** Ways in which packets are moved, in turns of that number: calls measured apart, and, where there
 * is nothing between them, as one.
 */
uint32_t pmd_loop_ways(const struct pmd_child *c);
/** Packets that a turn moves. */
uint32_t pmd_loop_packets(const struct pmd_child *c);
/** Are both cores' calls made at the same time? */
bool pmd_loop_at_once(const struct pmd_child *c);

/* pmd_perf_core.c */

/** Ahead of other programs, while something is timed: a few milliseconds. Where that is not
 * allowed, disturbed rounds are made again.
 */
void pmd_core_first(bool on);
/** The other core waits for what it is asked, ahead of other programs or not. */
void pmd_core_start(unsigned int lcore, bool first);
void pmd_core_stop(unsigned int lcore);
/** Run @p fn(@p arg) there, and wait until that is done. */
void pmd_core_ask(void (*fn)(void *), void *arg);
void pmd_core_wait(void);
/** Ticks in which a line goes to the other core and comes back; the least of a few times, the mean
 * of a few lines.
 */
uint64_t pmd_core_hop(void);
/** Both cores call this, and go on at the same time. */
void pmd_core_meet(bool other);

#endif /* PMD_PERF_CHILD_H */
