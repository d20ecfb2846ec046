/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/** @file The PCI face of a port: addresses, sizes, configuration space. */

#ifndef HOST_PCI_H
#define HOST_PCI_H

#include <stdint.h>
#include <sys/types.h>

#include "sim.h"

#define SIM_BAR0_SIZE  0x10000u /* MSI-X table and pending bits */
#define SIM_PBA_OFF    0x8000u
#define SIM_SUBSYSTEM  0x0454u
#define SIM_CLASS      0x020000u
#define SIM_CFG_SIZE   256u

#define SIM_PCI_COMMAND   0x04
#define SIM_PCI_CMD_MEM   0x0002
#define SIM_PCI_CMD_MASTER 0x0004
/** Function-level reset: this bit of this byte. */
#define SIM_PCI_FLR_BYTE 0x59u
#define SIM_PCI_FLR_BIT  0x80u

/** Bus addresses; nothing answers there, programs only print them. */
static inline uint64_t
sim_pci_bar0(unsigned int port)
{
	return 0x80120000000ull + (uint64_t)port * 0x400000u;
}

static inline uint64_t
sim_pci_bar2(unsigned int port)
{
	return 0x80120200000ull + (uint64_t)port * 0x400000u;
}

struct sim_pci_cfg {
	uint8_t b[SIM_CFG_SIZE];
};

/** State after power-on. preload_pci.c */
void sim_pci_init(struct sim_pci_cfg *c, const struct sim_dev_cfg *cfg);
/** Read; returns the number of bytes or -1. */
ssize_t sim_pci_read(const struct sim_pci_cfg *c, void *buf, size_t len, uint64_t off);
/** Write where the hardware lets; returns the number of bytes or -1. */
ssize_t sim_pci_write(struct sim_pci_cfg *c, const void *buf, size_t len, uint64_t off);
/** The command register. */
uint16_t sim_pci_command(const struct sim_pci_cfg *c);

#endif /* HOST_PCI_H */
