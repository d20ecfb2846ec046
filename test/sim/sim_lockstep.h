/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * Lock-step mode of hns3-sim (--mode lockstep): the program under test runs the model
 * itself, between its own bursts, so that a benchmark counts its driver's cycles only and a
 * test is deterministic. Doorbells are exact if the program steps after each burst.
 *
 * Found at run time, so that a program needs no library to link:
 * @code
 * const struct hns3_sim_api *(*get)(void) = dlsym(RTLD_DEFAULT, "hns3_sim_api");
 * const struct hns3_sim_api *sim = get ? get() : NULL; // NULL: not on the simulator, or not in lock-step
 * @endcode
 * All calls return at once. Ports are numbered as by --ports. Device must be probed first.
 */

#ifndef SIM_LOCKSTEP_H
#define SIM_LOCKSTEP_H

#include <stdint.h>

/** Counters of a port since the start. */
struct hns3_sim_port_stats {
	uint64_t rx_frames, rx_bytes; /**< delivered to the driver */
	uint64_t tx_frames, tx_bytes; /**< taken from the driver */
	uint64_t drops;               /**< for any reason */
	uint64_t no_bd;               /**< of them: no free receive descriptor */
	uint64_t doorbell_rx, doorbell_tx;
	uint64_t violations, iommu_faults;
	uint64_t wire_waiting;        /**< frames that wait to be received (not the generator's) */
};

struct hns3_sim_api {
	uint32_t version; /**< 1 */
	/** Run the Rx and Tx engines of a port once, at most @p budget frames each way.
	 * Returns the number of frames moved, or -1 if the port is not open.
	 */
	int (*step)(unsigned int port, unsigned int budget);
	/** Replace the wire, by the words of --wire except pcap and tap. 0, or -1. */
	int (*set_wire)(unsigned int port, const char *spec);
	/** Put a frame (without CRC) on the wire, to be received in a later step. 0; -1: full. */
	int (*inject)(unsigned int port, const void *data, uint32_t len);
	/** Keep copies of frames that the port sends, for gather(), or stop to. 0, or -1. */
	int (*capture)(unsigned int port, int on);
	/** The oldest kept copy: its length, 0 if there is none; at most @p size bytes are stored. */
	int (*gather)(unsigned int port, void *buf, uint32_t size);
	/** 0, or -1 for a bad port. */
	int (*stats)(unsigned int port, struct hns3_sim_port_stats *out);
};

/** The API, or NULL if the mode is not lock-step or no device was opened. */
const struct hns3_sim_api *hns3_sim_api(void);

#endif /* SIM_LOCKSTEP_H */
