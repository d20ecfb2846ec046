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

/* Calls of each kind that one round can have. */
#define PMD_SAMPLES_MAX 65536u

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

struct pmd_child {
	struct pmd_workload w;
	bool ours;
	uint16_t port;
	uint16_t frame_max;   /**< bytes of the longest frame, without CRC */
	uint32_t room;        /**< bytes of a buffer behind the headroom */
	uint32_t segs;        /**< buffers of a frame that is sent */
	char driver[64];
	char why[160];        /**< why the workload is not offered */
	struct rte_ppool *pp; /**< ours */
	struct rte_mempool *mp;
	const struct hns3_sim_api *sim;
	uint64_t hugepage_bytes;

	struct rte_mbuf *pkts[PMD_QUEUES_MAX * PMD_BURST_MAX];
	struct rte_mbuf *out[PMD_QUEUES_MAX * PMD_BURST_MAX];
	struct rte_mbuf *raw[PMD_BURST_MAX * 16];
	uint16_t got[PMD_QUEUES_MAX];  /**< received from each queue */
	uint16_t give[PMD_QUEUES_MAX]; /**< to be sent on each queue */
	uint32_t nb_out;               /**< mbufs to be freed */
	struct pmd_fifo fifo;

	enum pmd_how how;
	uint64_t turns;
	uint64_t moved[PMD_CALLS];  /**< packets that each kind of call has moved */
	uint64_t nb_segs, seg_packets; /**< mbufs, and the packets that they made */
	uint64_t rx_packets, tx_packets, unsent;
	uint64_t tx_base;           /**< the model's count when this began */
	uint64_t fn_packets;        /**< of the call that was just made */
	struct pmd_sample *sample[PMD_KINDS];
	uint32_t nb_samples[PMD_KINDS];
	uint64_t steps[PMD_CALLS];
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

/* pmd_perf_loop.c */

int pmd_loop_init(struct pmd_child *c);
void pmd_loop_fini(struct pmd_child *c);
/** So many bursts of each queue, measured as @p how says. */
void pmd_loop_run(struct pmd_child *c, enum pmd_how how, uint32_t turns);
/** Polls of queues that have nothing. */
void pmd_loop_empty(struct pmd_child *c, enum pmd_how how);
/** Packets that a turn moves. */
uint32_t pmd_loop_packets(const struct pmd_child *c);

#endif /* PMD_PERF_CHILD_H */
