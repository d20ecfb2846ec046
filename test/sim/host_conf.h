/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * What the launcher and the preload library share: the run's configuration and the memory
 * in which counters outlive the program under test. One file, "state", in the run's
 * directory, mapped by both; the launcher exists before the first and after the last user.
 */

#ifndef HOST_CONF_H
#define HOST_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim.h"

/** Environment variable that tells the preload library the run's directory. */
#define SIM_ENV_DIR "HNS3_SIM_DIR"

#define SIM_STATE_FILE "state"
#define SIM_PATH       512
#define SIM_SPEC       (2 * SIM_PATH + 32)
#define SIM_CRC        4u
#define SIM_SOCKET_NAME 100
#define SIM_GROUP_BASE 70u /* IOMMU group of port 0 */
#define SIM_VENDOR     0x19e5u

enum sim_wire_kind {
	SIM_WIRE_LOOP,
	SIM_WIRE_GEN,
	SIM_WIRE_PCAP,
	SIM_WIRE_TAP,
	SIM_WIRE_PEER,
};

/** One --wire, parsed. */
struct sim_wire_conf {
	enum sim_wire_kind kind;
	char spec[SIM_SPEC]; /**< as given, for the report */
	uint32_t gen_size;   /**< on the wire, with CRC */
	uint32_t gen_flows;
	uint64_t gen_count;  /**< 0: without end */
	unsigned int peer;
	char ifname[16];
	char rx[SIM_PATH];
	char tx[SIM_PATH];
};

struct sim_port_conf {
	struct sim_dev_cfg dev;
	struct sim_wire_conf wire;
	bool unbound; /**< no driver link: not bound to vfio-pci */
};

struct sim_conf {
	enum sim_mode mode;
	unsigned int nb_ports;
	uint32_t until_idle_ms;  /**< 0: off */
	uint64_t iommu_fail_from; /**< MAP_DMA fails from this call on; 0: never */
	char log[SIM_PATH];
	char report[SIM_PATH];
	char vfio_user[SIM_PATH]; /**< sockets are this name, a dot and the port; "": preload */
	struct sim_port_conf port[SIM_MAX_PORTS];
};

#define SIM_FAULT_TEXT 120

/** Counters of the IOMMU, written under the simulator's lock. */
struct sim_iommu_stats {
	uint64_t mapped_bytes;
	uint64_t mapped_bytes_peak;
	uint64_t map_calls;
	uint64_t faults;
	char first_fault[SIM_FAULT_TEXT];
};

/** What a client of vfio-user did with a port. */
struct sim_vfu_stats {
	uint64_t clients;         /**< that connected */
	uint64_t maps, unmaps;    /**< DMA_MAP and DMA_UNMAP that were carried out */
	uint64_t resets;          /**< by message, or by the bit in the configuration space */
	uint64_t mapped_at_reset; /**< bytes that were mapped when the last of them came */
	uint64_t refused;         /**< messages answered with an error */
	uint64_t lost_pages;      /**< the client took memory away that it had mapped */
	char first_refused[SIM_FAULT_TEXT];
};

struct sim_port_state {
	struct sim_port_stats stats;
	struct sim_vfu_stats vfu;
	uint64_t source_pos;   /**< frames that the finite source has handed out */
	uint64_t source_total; /**< frames that it has; 0 and !finite: no finite source */
	uint32_t finite;       /**< the wire has a finite source */
	uint32_t owner;        /**< process that has the device open, or 0 */
	int32_t tap_fd;        /**< in the launcher, inherited by the command */
};

/** The file "state". */
struct sim_state {
	struct sim_conf conf;
	struct sim_iommu_stats iommu;
	struct sim_port_state port[SIM_MAX_PORTS];
	int32_t launcher;
};

/** Head of the file "rx<port>": the frames of a pcap, ready to be mapped. */
struct sim_frames_head {
	uint64_t nb;
	struct {
		uint64_t off; /**< from the start of the file */
		uint64_t len;
	} f[];
};

/** Name of port @p i on the PCI bus. */
static inline void
sim_pci_name(unsigned int i, char *buf, size_t size)
{
	snprintf(buf, size, "0000:7d:00.%u", i);
}

/** Parse a wire SPEC for @p port. On error fills @p err and returns false. host_wirespec.c */
bool sim_wire_parse(const char *spec, unsigned int port, unsigned int nb_ports,
		struct sim_wire_conf *w, char *err, size_t errlen);
/** A number in decimal or 0x form, all of @p s, within the limits. host_wirespec.c */
bool sim_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *val);

/** Read the command line; exits with a message and status 2 if it is wrong. Returns the
 * index of COMMAND in argv. host_opts.c
 */
int sim_options(int argc, char **argv, struct sim_conf *conf);
/** Print to standard error with the program's name in front. host_opts.c */
void sim_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Load the frames of a pcap file into @p out, a new file. host_pcap.c */
bool sim_pcap_load(const char *path, const char *out, uint64_t *nb, char *err, size_t errlen);
/** Make an empty pcap file. host_pcap.c */
bool sim_pcap_start(const char *path, char *err, size_t errlen);

/** Make the run's directory with the PCI tree in <dir>/pci. host_sysfs.c */
bool sim_tree_make(const struct sim_conf *conf, char *dir, size_t size, char *err, size_t errlen);
/** Remove what runs have left whose launcher was killed outright. host_sysfs.c */
void sim_tree_sweep(void);
/** Remove it. host_sysfs.c */
void sim_tree_remove(const char *dir);

/** One line a port on standard error, and the JSON file. host_report.c */
void sim_report_print(const struct sim_state *st);
bool sim_report_write(const struct sim_state *st, char *err, size_t errlen);

/** Make the TAP device of a wire; returns its fd. host_tap.c */
int sim_tap_open(const char *ifname, char *err, size_t errlen);

#endif /* HOST_CONF_H */
