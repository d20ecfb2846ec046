/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The PCI device that a client sees: regions, interrupts, reset. Every register access comes
 * as a message, so each is an event for the device.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfu.h"

/* Indices of VFIO for a PCI device. */
#define REGION_BAR0   0u
#define REGION_BAR2   2u
#define REGION_CONFIG 7u
#define NB_REGIONS    9u
#define IRQ_MSIX      2u
#define NB_IRQS       5u

#define CONFIG_SIZE 4096u
#define HEADER_TYPE 0x0e

#define INFO_RESET 1u
#define INFO_PCI   2u
#define REGION_RW  3u
#define IRQ_EVENTFD 1u

#define SET_NONE    0x01u
#define SET_BOOL    0x02u
#define SET_EVENTFD 0x04u
#define SET_TRIGGER 0x20u

static unsigned int
nb_vectors(const struct vfu *v)
{
	return sim_nb_vectors(v->port->conf->dev.tqps);
}

static uint64_t
region_size(uint32_t region)
{
	switch (region) {
	case REGION_BAR0:
		return SIM_BAR0_SIZE;
	case REGION_BAR2:
		return SIM_BAR2_SIZE;
	case REGION_CONFIG:
		return CONFIG_SIZE;
	default:
		return 0;
	}
}

int
vfu_dev_info(struct vfu *v, struct vfu_body *b)
{
	(void)v;
	if (b->len < 16 || vfu_u32(b, 0) < 16)
		return EINVAL;
	vfu_put32(b, 0, 16);
	vfu_put32(b, 4, INFO_RESET | INFO_PCI);
	vfu_put32(b, 8, NB_REGIONS);
	vfu_put32(b, 12, NB_IRQS);
	b->out_len = 16;
	return 0;
}

int
vfu_dev_region_info(struct vfu *v, struct vfu_body *b)
{
	uint32_t index;

	(void)v;
	if (b->len < 32 || vfu_u32(b, 0) < 32)
		return EINVAL;
	index = vfu_u32(b, 8);
	if (index >= NB_REGIONS)
		return EINVAL;
	/* none can be mapped: each access is to be seen */
	vfu_put32(b, 0, 32);
	vfu_put32(b, 4, region_size(index) != 0 ? REGION_RW : 0);
	vfu_put32(b, 8, index);
	vfu_put32(b, 12, 0);
	vfu_put64(b, 16, region_size(index));
	vfu_put64(b, 24, 0);
	b->out_len = 32;
	return 0;
}

int
vfu_dev_irq_info(struct vfu *v, struct vfu_body *b)
{
	uint32_t index;

	if (b->len < 16 || vfu_u32(b, 0) < 16)
		return EINVAL;
	index = vfu_u32(b, 8);
	if (index >= NB_IRQS)
		return EINVAL;
	vfu_put32(b, 0, 16);
	vfu_put32(b, 4, index == IRQ_MSIX ? IRQ_EVENTFD : 0);
	vfu_put32(b, 8, index);
	vfu_put32(b, 12, index == IRQ_MSIX ? nb_vectors(v) : 0);
	b->out_len = 16;
	return 0;
}

/* --- interrupts ----------------------------------------------------------------------------- */

static void
set_vector(struct vfu *v, uint32_t vector, int fd)
{
	int *slot = &v->port->irq_fd[vector];

	if (*slot >= 0)
		close(*slot);
	*slot = fd;
}

/* Anything else could keep the writer waiting. */
static bool
is_eventfd(int fd)
{
	char path[32], what[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, what, sizeof(what));
	return n == 20 && memcmp(what, "anon_inode:[eventfd]", 20) == 0;
}

static int
set_eventfds(struct vfu *v, uint32_t start, uint32_t count)
{
	if (v->nb_fds != 0 && v->nb_fds != count)
		return EINVAL;
	for (unsigned int i = 0; i < v->nb_fds; i++) {
		int fl = fcntl(v->fds[i], F_GETFL);

		if (!is_eventfd(v->fds[i]) || fl < 0 || fcntl(v->fds[i], F_SETFL, fl | O_NONBLOCK) != 0)
			return EBADF;
	}
	for (uint32_t i = 0; i < count; i++)
		set_vector(v, start + i, v->nb_fds != 0 ? v->fds[i] : -1);
	v->nb_fds = 0; /* they are kept */
	return 0;
}

int
vfu_dev_set_irqs(struct vfu *v, struct vfu_body *b)
{
	uint32_t flags, start, count;

	if (b->len < 20 || vfu_u32(b, 0) < 20)
		return EINVAL;
	flags = vfu_u32(b, 4);
	start = vfu_u32(b, 12);
	count = vfu_u32(b, 16);
	if (vfu_u32(b, 8) != IRQ_MSIX || start > nb_vectors(v) || count > nb_vectors(v) - start)
		return EINVAL;
	switch (flags) {
	case SET_EVENTFD | SET_TRIGGER:
		return count == 0 ? EINVAL : set_eventfds(v, start, count);
	case SET_NONE | SET_TRIGGER:
		if (v->nb_fds != 0)
			return EINVAL;
		if (count == 0) {
			for (uint32_t i = 0; i < SIM_MAX_VECTORS; i++)
				set_vector(v, i, -1);
		}
		for (uint32_t i = 0; i < count; i++)
			sim_host_ops.irq(v->port, start + i);
		return 0;
	case SET_BOOL | SET_TRIGGER:
		if (v->nb_fds != 0 || b->len < 20 + count)
			return EINVAL;
		for (uint32_t i = 0; i < count; i++)
			if (b->in[20 + i] != 0)
				sim_host_ops.irq(v->port, start + i);
		return 0;
	default:
		return EINVAL; /* masking is the table's business */
	}
}

/* --- regions --------------------------------------------------------------------------------- */

static int
check_access(const struct vfu_body *b, uint32_t *region, uint32_t *off, uint32_t *count)
{
	uint64_t at, size;

	if (b->len < 16)
		return EINVAL;
	at = vfu_u64(b, 0);
	*region = vfu_u32(b, 8);
	*count = vfu_u32(b, 12);
	size = region_size(*region);
	if (size == 0 || *count == 0 || *count > VFU_MAX_DATA || at >= size || *count > size - at)
		return EINVAL;
	*off = (uint32_t)at;
	return 0;
}

int
vfu_dev_read(struct vfu *v, struct vfu_body *b)
{
	struct sim_port *p = v->port;
	uint32_t region, off, count;
	struct vfu_body data;
	int r = check_access(b, &region, &off, &count);

	if (r != 0)
		return r;
	if (b->len != 16)
		return EINVAL;
	memcpy(b->out, b->in, 16);
	b->out_len = 16 + count;
	data.out = b->out + 16;
	switch (region) {
	case REGION_CONFIG:
		sim_pci_read(&p->cfg, data.out, count, off);
		break;
	case REGION_BAR0:
		memcpy(data.out, p->bar0 + off, count);
		break;
	default:
		if (count == 4 && off % 4 == 0) {
			vfu_put32(&data, 0, sim_dev_reg_read(p->dev, off));
		} else {
			sim_dev_reg_bad(p->dev, off, count, false);
			memset(data.out, 0xff, count);
		}
		break;
	}
	return 0;
}

/* The reset by the bit in the device control register, which is not kept. */
static bool
asks_for_reset(const uint8_t *src, uint32_t off, uint32_t count)
{
	const uint32_t at = SIM_PCI_FLR_BYTE;

	return off <= at && at - off < count && (src[at - off] & SIM_PCI_FLR_BIT) != 0;
}

static void
write_config(struct vfu *v, const uint8_t *src, uint32_t off, uint32_t count)
{
	struct sim_port *p = v->port;

	if (asks_for_reset(src, off, count)) {
		vfu_dev_reset(v);
		return;
	}
	sim_pci_write(&p->cfg, src, count, off);
	sim_dev_set_bus_master(p->dev, (sim_pci_command(&p->cfg) & SIM_PCI_CMD_MASTER) != 0);
}

int
vfu_dev_write(struct vfu *v, struct vfu_body *b)
{
	struct sim_port *p = v->port;
	uint32_t region, off, count;
	int r = check_access(b, &region, &off, &count);

	if (r != 0)
		return r;
	if (b->len != 16 + (size_t)count)
		return EINVAL;
	switch (region) {
	case REGION_CONFIG:
		write_config(v, b->in + 16, off, count);
		break;
	case REGION_BAR0:
		/* the table is plain memory, the pending bits are read-only */
		for (uint32_t i = 0; i < count && off + i < SIM_PBA_OFF; i++)
			p->bar0[off + i] = b->in[16 + i];
		break;
	default:
		if (count == 4 && off % 4 == 0)
			sim_dev_reg_write(p->dev, off, vfu_u32(b, 16));
		else
			sim_dev_reg_bad(p->dev, off, count, true);
		break;
	}
	memcpy(b->out, b->in, 16);
	b->out_len = 16;
	return 0;
}

/* --- life ------------------------------------------------------------------------------------ */

static void
power_on_config(struct sim_port *p)
{
	sim_pci_init(&p->cfg, &p->conf->dev);
	p->cfg.b[HEADER_TYPE] = 0; /* each port is a device of its own here */
	memset(p->bar0, 0, SIM_BAR0_SIZE);
}

static uint64_t
mapped_bytes(const struct vfu *v)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < v->space.iommu.nb; i++)
		n += v->space.iommu.map[i].end - v->space.iommu.map[i].start;
	return n;
}

void
vfu_dev_reset(struct vfu *v)
{
	struct sim_port *p = v->port;

	p->state->vfu.resets++;
	p->state->vfu.mapped_at_reset = mapped_bytes(v);
	sim_model_log("port %u: reset with %llu bytes mapped", p->id,
		(unsigned long long)p->state->vfu.mapped_at_reset);
	sim_dev_set_bus_master(p->dev, false);
	sim_dev_flr(p->dev);
	power_on_config(p);
	sim_dev_link_event(p->dev, sim_host_ops.wire_link(p));
}

bool
vfu_dev_open(struct vfu *v)
{
	struct sim_port *p = v->port;

	if (p->bar0 == NULL)
		p->bar0 = calloc(1, SIM_BAR0_SIZE);
	if (p->bar2 == NULL)
		p->bar2 = calloc(1, SIM_BAR2_SIZE);
	if (p->bar0 == NULL || p->bar2 == NULL)
		return false;
	if (p->dev == NULL)
		p->dev = sim_dev_create(&p->conf->dev, &sim_host_ops, p, p->bar2, &p->state->stats);
	if (p->dev == NULL)
		return false;
	power_on_config(p);
	p->container = &v->space;
	p->dev_open = true;
	__atomic_store_n(&p->state->owner, (uint32_t)getpid(), __ATOMIC_RELAXED);
	sim_dev_link_event(p->dev, sim_host_ops.wire_link(p));
	return true;
}

void
vfu_dev_close(struct vfu *v)
{
	struct sim_port *p = v->port;

	sim_dev_set_bus_master(p->dev, false);
	sim_dev_flr(p->dev);
	for (uint32_t i = 0; i < SIM_MAX_VECTORS; i++)
		set_vector(v, i, -1);
	sim_wire_flush(&p->wire);
	p->dev_open = false;
	p->container = NULL;
	__atomic_store_n(&p->state->owner, 0, __ATOMIC_RELAXED);
}
