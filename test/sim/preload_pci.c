/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Configuration space of a port, as vfio-pci shows it. */

#include <string.h>

#include "host_conf.h"
#include "host_pci.h"

#define CAP_PM   0x40
#define CAP_PCIE 0x50
#define CAP_MSIX 0x90

static void
put16(struct sim_pci_cfg *c, unsigned int off, uint16_t v)
{
	c->b[off] = (uint8_t)v;
	c->b[off + 1] = (uint8_t)(v >> 8);
}

static void
put32(struct sim_pci_cfg *c, unsigned int off, uint32_t v)
{
	put16(c, off, (uint16_t)v);
	put16(c, off + 2, (uint16_t)(v >> 16));
}

void
sim_pci_init(struct sim_pci_cfg *c, const struct sim_dev_cfg *cfg)
{
	uint64_t bar0 = sim_pci_bar0(cfg->port), bar2 = sim_pci_bar2(cfg->port);

	memset(c, 0, sizeof(*c));
	put16(c, 0x00, SIM_VENDOR);
	put16(c, 0x02, cfg->device_id);
	put16(c, SIM_PCI_COMMAND, SIM_PCI_CMD_MEM);
	put16(c, 0x06, 0x0010); /* there are capabilities */
	put32(c, 0x08, SIM_CLASS << 8 | cfg->revision);
	c->b[0x0e] = 0x80; /* one function of several */
	put32(c, 0x10, (uint32_t)bar0 | 4); /* 64 bit */
	put32(c, 0x14, (uint32_t)(bar0 >> 32));
	put32(c, 0x18, (uint32_t)bar2 | 4);
	put32(c, 0x1c, (uint32_t)(bar2 >> 32));
	put16(c, 0x2c, SIM_VENDOR);
	put16(c, 0x2e, SIM_SUBSYSTEM);
	c->b[0x34] = CAP_PM;

	put16(c, CAP_PM, (CAP_PCIE << 8) | 0x01);
	put16(c, CAP_PM + 2, 0x0003);
	put16(c, CAP_PCIE, (CAP_MSIX << 8) | 0x10);
	put16(c, CAP_PCIE + 2, 0x0002);          /* endpoint, version 2 */
	put32(c, CAP_PCIE + 4, 0x10008001);      /* function level reset, 256 byte payload */
	put32(c, CAP_PCIE + 0x0c, 0x00000103);   /* 16 lanes, 8 GT/s */
	put16(c, CAP_PCIE + 0x12, 0x1103);
	put16(c, CAP_MSIX, 0x0011);
	put16(c, CAP_MSIX + 2, (uint16_t)(sim_nb_vectors(cfg->tqps) - 1));
	put32(c, CAP_MSIX + 4, 0);               /* table at BAR0 + 0 */
	put32(c, CAP_MSIX + 8, SIM_PBA_OFF);
}

ssize_t
sim_pci_read(const struct sim_pci_cfg *c, void *buf, size_t len, uint64_t off)
{
	size_t n;

	if (off >= 4096)
		return -1;
	n = off < SIM_CFG_SIZE ? SIM_CFG_SIZE - off : 0;
	if (n > len)
		n = len;
	if (n != 0)
		memcpy(buf, c->b + off, n);
	memset((uint8_t *)buf + n, 0, len - n); /* no extended capabilities */
	return (ssize_t)len;
}

/* Which bits of a byte software may change. */
static uint8_t
writable(const struct sim_pci_cfg *c, unsigned int off)
{
	(void)c;
	if (off == SIM_PCI_COMMAND)
		return 0x46; /* memory, bus master, parity */
	if (off == SIM_PCI_COMMAND + 1)
		return 0x05; /* SERR, INTx off */
	if (off == 0x0c || off == 0x3c)
		return 0xff;
	/* BARs: all ones come back as the size. BAR0 64 KiB, BAR2 1 MiB. */
	if (off == 0x12 || off == 0x13 || (off >= 0x14 && off <= 0x17) || (off >= 0x1c && off <= 0x1f) ||
			off == 0x1b)
		return 0xff;
	if (off == 0x1a)
		return 0xf0;
	if (off == CAP_PM + 4)
		return 0x03;
	if (off == CAP_PCIE + 8)
		return 0xff;
	if (off == CAP_PCIE + 9)
		return 0x7f; /* the bit that starts a reset goes through vfio's own call */
	if (off == CAP_MSIX + 3)
		return 0xc0;
	return 0;
}

ssize_t
sim_pci_write(struct sim_pci_cfg *c, const void *buf, size_t len, uint64_t off)
{
	const uint8_t *src = buf;

	if (off >= 4096)
		return -1;
	for (size_t i = 0; i < len && off + i < SIM_CFG_SIZE; i++) {
		uint8_t w = writable(c, (unsigned int)(off + i));

		c->b[off + i] = (uint8_t)((c->b[off + i] & ~w) | (src[i] & w));
	}
	return (ssize_t)len;
}

uint16_t
sim_pci_command(const struct sim_pci_cfg *c)
{
	return (uint16_t)(c->b[SIM_PCI_COMMAND] | c->b[SIM_PCI_COMMAND + 1] << 8);
}
