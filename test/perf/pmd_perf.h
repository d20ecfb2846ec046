/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PMD_PERF_H
#define PMD_PERF_H

/*
 * pmd_perf: one workload on two drivers. The parent starts a child for each driver, under
 * hns3-sim in lock-step mode, and lets them measure in turns; the child is an ordinary
 * program of the ethdev API.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#define PMD_QUEUES_MAX 64
#define PMD_BURST_MAX  64
#define PMD_CORES_MAX  2
#define PMD_NAME_MAX   128

enum pmd_mode {
	PMD_RXONLY,  /**< receive, and free */
	PMD_TXONLY,  /**< allocate, and send */
	PMD_FWD,     /**< receive and send */
	PMD_MACSWAP, /**< receive, swap the MAC addresses, and send */
	PMD_MODES,
};

enum pmd_csum {
	PMD_CSUM_OFF,
	PMD_CSUM_RX, /**< the NIC checks what arrives */
	PMD_CSUM_RXTX, /**< and fills in the checksums of what leaves */
};

struct pmd_workload {
	enum pmd_mode mode;
	uint32_t size;    /**< bytes of a frame on the wire, CRC included */
	uint32_t burst;   /**< packets */
	uint32_t ring;    /**< descriptors of each Rx and Tx ring */
	uint32_t queues;
	uint32_t busy;    /**< of them, that get traffic: 1, or all */
	uint32_t hold;    /**< packets that the application keeps before it lets go of them */
	uint32_t fast_free; /**< MBUF_FAST_FREE */
	uint32_t csum;    /**< enum pmd_csum */
	uint32_t rss;     /**< the hash is asked for */
	uint32_t remote;  /**< freed, or sent, by another core */
	uint32_t cores;   /**< 2: each polls, and sends on, every second queue */
};

/** What is timed or counted apart. */
enum pmd_call {
	PMD_CALL_RX,
	PMD_CALL_PREP, /**< rte_eth_tx_prepare(), where a checksum is asked for */
	PMD_CALL_TX,
	PMD_CALL_POOL, /**< rte_pktmbuf_alloc_bulk() or rte_pktmbuf_free_bulk() */
	PMD_CALL_LOOP, /**< receive and send in one measurement, nothing between them */
	PMD_CALLS,
	PMD_MODEL = PMD_CALLS, /**< the model's turn: no call of the driver, timed like one */
	PMD_KINDS,
};

/* --- pmd_perf_spec.c ------------------------------------------------------------------------ */

/** "fwd,size=64,burst=32,...": what is left out has its default. false: @p err says why. */
bool pmd_spec_parse(const char *s, struct pmd_workload *w, char *err, size_t size);
/** The mode, and what differs from the defaults; @p all: everything. */
void pmd_spec_name(const struct pmd_workload *w, bool all, char *buf, size_t size);
/** The workloads that are run when none is named. NULL at the end. */
extern const char *const pmd_spec_all[];
extern const char *const pmd_spec_quick[];

/* --- pmd_perf_child.c ----------------------------------------------------------------------- */

/** The measuring process: commands come in on one file, answers leave on the other.
 * Returns the exit status.
 */
int pmd_child_main(int argc, char **argv);

/* --- pmd_perf_launch.c ---------------------------------------------------------------------- */

/** What is compared. The second is the distribution's driver, or, to compare what is ours with
 * itself, another build of it, or other vectors.
 */
enum pmd_which { PMD_OURS, PMD_THEIRS };

struct pmd_files {
	char self[2][512];
	char sim[512];
	char driver[2][512];
	char lcores[32];
	unsigned int simd[2]; /**< bits of the widest vectors, or 0: as EAL has it by default */
	bool both_ours;
	char emulator[1024];  /**< words in front of what is started, or empty */
	char stepper[1024];   /**< the same for the measuring process */
};

struct pmd_process {
	int pid;
	int in, out;
	FILE *from;
	FILE *log;
	bool show; /**< the log, though it ended well */
};

/** Start a child and wait until its port runs. Its first answer, or NULL if it died. */
json_t *pmd_launch(struct pmd_process *p, const struct pmd_files *f, enum pmd_which which,
		const struct pmd_workload *w);
/** Send a command, and wait for the answer; NULL if the child died or hung. */
json_t *pmd_ask(struct pmd_process *p, const char *command);
/** End it. The last answer: what the model saw. */
json_t *pmd_dismiss(struct pmd_process *p);

/* --- pmd_perf_profile.c --------------------------------------------------------------------- */

/** Print a child's histogram of instructions by function, or by source line. */
void pmd_profile_print(FILE *to, const json_t *profile, const char *call, double packets);

#endif /* PMD_PERF_H */
