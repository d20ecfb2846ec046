/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* /dev/vfio: the container, a group for each port, the devices. */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host_model.h"

#define FD_MAX         65536
#define MAX_CONTAINERS 16

enum kind { NONE, CONTAINER, GROUP, DEVICE };

static struct {
	uint8_t kind;
	uint8_t idx;
} table[FD_MAX];
static unsigned int nb_fds;
static struct sim_container containers[MAX_CONTAINERS];

static int
fail(int err)
{
	errno = err;
	return -1;
}

bool
sim_vfio_is(int fd)
{
	return __atomic_load_n(&nb_fds, __ATOMIC_RELAXED) != 0 && fd >= 0 && fd < FD_MAX &&
		__atomic_load_n(&table[fd].kind, __ATOMIC_RELAXED) != NONE && !sim_model.foreign;
}

/* Make @fd one of ours. */
static int
enter(int fd, enum kind kind, unsigned int idx)
{
	if (fd < 0)
		return -1;
	if (fd >= FD_MAX) {
		sim_real_close(fd);
		return fail(EMFILE);
	}
	table[fd].idx = (uint8_t)idx;
	__atomic_store_n(&table[fd].kind, kind, __ATOMIC_RELEASE);
	__atomic_fetch_add(&nb_fds, 1, __ATOMIC_RELAXED);
	return fd;
}

static int
open_container(int flags)
{
	for (unsigned int i = 0; i < MAX_CONTAINERS; i++) {
		struct sim_container *c = &containers[i];
		int fd;

		if (c->used)
			continue;
		fd = enter(eventfd(0, flags & O_CLOEXEC ? EFD_CLOEXEC : 0), CONTAINER, i);
		if (fd >= 0) {
			memset(c, 0, sizeof(*c));
			c->used = true;
			sim_iommu_init(&c->iommu, &sim_model.state->iommu);
		}
		return fd;
	}
	return fail(EMFILE);
}

static int
open_group(unsigned long group, int flags)
{
	struct sim_port *p;
	int fd;

	if (group < SIM_GROUP_BASE || group >= SIM_GROUP_BASE + sim_model.nb_ports)
		return fail(ENOENT);
	p = &sim_model.port[group - SIM_GROUP_BASE];
	if (p->conf->unbound)
		return fail(ENOENT);
	if (p->group_open)
		return fail(EBUSY);
	fd = enter(eventfd(0, flags & O_CLOEXEC ? EFD_CLOEXEC : 0), GROUP, p->id);
	p->group_open = fd >= 0;
	return fd;
}

int
sim_vfio_open(const char *name, int flags)
{
	sigset_t old;
	char *end;
	int fd;

	sim_lock_quiet(&old);
	if (!sim_model_join()) {
		fd = fail(ENOENT);
	} else if (strcmp(name, "vfio") == 0) {
		fd = open_container(flags);
	} else {
		unsigned long g = strtoul(name, &end, 10);

		fd = *name < '0' || *name > '9' || *end != '\0' ? fail(ENOENT) : open_group(g, flags);
	}
	sim_unlock_quiet(&old);
	return fd;
}

/* --- container ---------------------------------------------------------------------------- */

static void
drop_all(struct sim_container *c)
{
	sim_iommu_fini(&c->iommu);
	sim_model_forget_dma();
	c->typed = false;
}

static int
dma_map(struct sim_container *c, const struct vfio_iommu_type1_dma_map *m)
{
	const uint64_t from = sim_model.state->conf.iommu_fail_from;
	uint32_t prot = 0;
	int r;

	if (m->argsz < sizeof(*m) || (m->flags & ~(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)))
		return fail(EINVAL);
	if (++sim_model.state->iommu.map_calls >= from && from != 0)
		return fail(ENOMEM);
	if (m->flags & VFIO_DMA_MAP_FLAG_READ)
		prot |= SIM_IOMMU_READ;
	if (m->flags & VFIO_DMA_MAP_FLAG_WRITE)
		prot |= SIM_IOMMU_WRITE;
	r = sim_iommu_add(&c->iommu, m->iova, m->size, m->vaddr, prot);
	return r == 0 ? 0 : fail(-r);
}

static int
dma_unmap(struct sim_container *c, struct vfio_iommu_type1_dma_unmap *u)
{
	uint64_t n = 0;
	int r = 0;

	if (u->argsz < sizeof(*u) || (u->flags & ~2u) != 0)
		return fail(EINVAL);
	if (u->flags & 2u) {
		if (u->iova != 0 || u->size != 0)
			return fail(EINVAL);
		sim_iommu_del_all(&c->iommu, &n);
	} else {
		r = sim_iommu_del(&c->iommu, u->iova, u->size, &n);
	}
	sim_model_forget_dma();
	u->size = n;
	return r == 0 ? 0 : fail(-r);
}

static int
container_ioctl(struct sim_container *c, unsigned long req, void *arg)
{
	switch (req) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return (uintptr_t)arg == VFIO_TYPE1_IOMMU || (uintptr_t)arg == VFIO_TYPE1v2_IOMMU ||
			(uintptr_t)arg == VFIO_DMA_CC_IOMMU;
	case VFIO_SET_IOMMU:
		if ((uintptr_t)arg != VFIO_TYPE1_IOMMU && (uintptr_t)arg != VFIO_TYPE1v2_IOMMU)
			return fail(ENODEV);
		if (c->groups == 0 || c->typed)
			return fail(EINVAL);
		c->typed = true;
		return 0;
	case VFIO_IOMMU_GET_INFO: {
		struct vfio_iommu_type1_info *i = arg;

		if (!c->typed || i->argsz < 16)
			return fail(EINVAL);
		i->flags = VFIO_IOMMU_INFO_PGSIZES;
		i->iova_pgsizes = ~(uint64_t)(SIM_IOMMU_PAGE - 1);
		return 0;
	}
	case VFIO_IOMMU_MAP_DMA:
		return c->typed ? dma_map(c, arg) : fail(EINVAL);
	case VFIO_IOMMU_UNMAP_DMA:
		return c->typed ? dma_unmap(c, arg) : fail(EINVAL);
	default:
		return fail(ENOTTY);
	}
}

/* --- group -------------------------------------------------------------------------------- */

/* The kernel tears the address space down with the last group. */
static void
leave_container(struct sim_port *p)
{
	struct sim_container *c = p->container;

	if (c == NULL)
		return;
	p->container = NULL;
	sim_model_forget_dma();
	if (--c->groups == 0)
		drop_all(c);
}

static int
set_container(struct sim_port *p, int fd)
{
	if (!sim_vfio_is(fd) || table[fd].kind != CONTAINER)
		return fail(EBADF);
	if (p->container != NULL)
		return fail(EINVAL);
	p->container = &containers[table[fd].idx];
	p->container->groups++;
	return 0;
}

static int
get_device(struct sim_port *p, const char *name)
{
	char mine[32];
	int fd;

	sim_pci_name(p->id, mine, sizeof(mine));
	if (strcmp(name, mine) != 0)
		return fail(ENODEV);
	if (p->container == NULL || !p->container->typed)
		return fail(EINVAL);
	if (!sim_model_device_open(p))
		return -1;
	fd = enter(fcntl(p->memfd, F_DUPFD_CLOEXEC, 3), DEVICE, p->id);
	if (fd < 0)
		sim_model_device_close(p);
	return fd;
}

static int
group_ioctl(struct sim_port *p, unsigned long req, void *arg)
{
	switch (req) {
	case VFIO_GROUP_GET_STATUS: {
		struct vfio_group_status *s = arg;

		if (s->argsz < sizeof(*s))
			return fail(EINVAL);
		s->flags = VFIO_GROUP_FLAGS_VIABLE |
			(p->container != NULL ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0);
		return 0;
	}
	case VFIO_GROUP_SET_CONTAINER:
		return set_container(p, *(const int *)arg);
	case VFIO_GROUP_UNSET_CONTAINER:
		if (p->container == NULL)
			return fail(EINVAL);
		if (p->dev_open)
			return fail(EBUSY);
		leave_container(p);
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		return get_device(p, arg);
	default:
		return fail(ENOTTY);
	}
}

/* --- device ------------------------------------------------------------------------------- */

static int
region_info(struct vfio_region_info *r)
{
	if (r->argsz < sizeof(*r))
		return fail(EINVAL);
	if (r->index >= VFIO_PCI_NUM_REGIONS)
		return fail(EINVAL);
	r->argsz = sizeof(*r); /* no capabilities follow */
	r->cap_offset = 0;
	r->offset = (uint64_t)r->index << SIM_REGION_SHIFT;
	r->size = 0;
	r->flags = 0;
	switch (r->index) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		r->size = SIM_BAR0_SIZE;
		break;
	case VFIO_PCI_BAR2_REGION_INDEX:
		r->size = SIM_BAR2_SIZE;
		break;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		r->size = 4096;
		r->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
		return 0;
	default:
		return 0;
	}
	r->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
		VFIO_REGION_INFO_FLAG_MMAP;
	return 0;
}

static int
irq_info(const struct sim_port *p, struct vfio_irq_info *i)
{
	if (i->argsz < sizeof(*i) || i->index >= VFIO_PCI_NUM_IRQS)
		return fail(EINVAL);
	i->flags = 0;
	i->count = 0;
	if (i->index == VFIO_PCI_MSIX_IRQ_INDEX) {
		i->count = sim_nb_vectors(p->conf->dev.tqps);
		i->flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE;
	} else if (i->index == VFIO_PCI_REQ_IRQ_INDEX || i->index == VFIO_PCI_ERR_IRQ_INDEX) {
		i->count = 1;
		i->flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE;
	}
	return 0;
}

static void
set_vector(struct sim_port *p, unsigned int v, int fd)
{
	int mine = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;

	/* our own copy: the program may close its one first, and the number be used again */
	if (p->irq_fd[v] >= 0)
		sim_real_close(p->irq_fd[v]);
	p->irq_fd[v] = mine;
}

static void
trigger(struct sim_port *p, unsigned int v)
{
	const uint64_t one = 1;

	if (p->irq_fd[v] >= 0 && write(p->irq_fd[v], &one, sizeof(one)) < 0)
		sim_model_log("port %u: vector %u: %s", p->id, v, strerror(errno));
}

static int
set_irqs(struct sim_port *p, const struct vfio_irq_set *s)
{
	unsigned int max = sim_nb_vectors(p->conf->dev.tqps);
	uint32_t data = s->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	const int32_t *fds = (const int32_t *)(const void *)s->data;

	if (s->argsz < sizeof(*s) || s->index >= VFIO_PCI_NUM_IRQS)
		return fail(EINVAL);
	if (s->index == VFIO_PCI_REQ_IRQ_INDEX || s->index == VFIO_PCI_ERR_IRQ_INDEX)
		return s->start + s->count <= 1 ? 0 : fail(EINVAL);
	if (s->index != VFIO_PCI_MSIX_IRQ_INDEX || s->start >= max || s->count > max - s->start)
		return fail(EINVAL);
	if (s->count == 0 && data == VFIO_IRQ_SET_DATA_NONE) {
		for (unsigned int v = 0; v < max; v++)
			set_vector(p, v, -1);
		return 0;
	}
	if (!(s->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return fail(EINVAL);
	if (data == VFIO_IRQ_SET_DATA_EVENTFD &&
			s->argsz < sizeof(*s) + (size_t)s->count * sizeof(int32_t))
		return fail(EINVAL);
	for (unsigned int i = 0; i < s->count; i++) {
		if (data == VFIO_IRQ_SET_DATA_EVENTFD)
			set_vector(p, s->start + i, fds[i]);
		else if (data == VFIO_IRQ_SET_DATA_NONE || s->data[i] != 0)
			trigger(p, s->start + i);
	}
	return 0;
}

static int
device_ioctl(struct sim_port *p, unsigned long req, void *arg)
{
	switch (req) {
	case VFIO_DEVICE_GET_INFO: {
		struct vfio_device_info *i = arg;

		if (i->argsz < 16)
			return fail(EINVAL);
		i->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
		i->num_regions = VFIO_PCI_NUM_REGIONS;
		i->num_irqs = VFIO_PCI_NUM_IRQS;
		return 0;
	}
	case VFIO_DEVICE_GET_REGION_INFO:
		return region_info(arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return irq_info(p, arg);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(p, arg);
	case VFIO_DEVICE_RESET:
		sim_model_device_reset(p);
		return 0;
	default:
		return fail(ENOTTY);
	}
}

/* --- entries ------------------------------------------------------------------------------ */

int
sim_vfio_ioctl(int fd, unsigned long req, void *arg)
{
	unsigned int idx = table[fd].idx;
	sigset_t old;
	int r, err;

	sim_lock_quiet(&old);
	switch (table[fd].kind) {
	case CONTAINER:
		r = container_ioctl(&containers[idx], req, arg);
		break;
	case GROUP:
		r = group_ioctl(&sim_model.port[idx], req, arg);
		break;
	case DEVICE:
		r = device_ioctl(&sim_model.port[idx], req, arg);
		break;
	default:
		r = fail(EBADF);
		break;
	}
	err = errno;
	sim_unlock_quiet(&old);
	errno = err;
	return r;
}

void
sim_vfio_close(int fd)
{
	unsigned int idx = table[fd].idx;
	struct sim_port *p = &sim_model.port[idx % SIM_MAX_PORTS];
	sigset_t old;

	sim_lock_quiet(&old);
	switch (table[fd].kind) {
	case CONTAINER:
		for (unsigned int i = 0; i < sim_model.nb_ports; i++)
			if (sim_model.port[i].container == &containers[idx])
				sim_model.port[i].container = NULL;
		containers[idx].groups = 0;
		drop_all(&containers[idx]);
		containers[idx].used = false;
		break;
	case GROUP:
		p->group_open = false;
		if (!p->dev_open)
			leave_container(p);
		break;
	case DEVICE:
		sim_model_device_close(p);
		if (!p->group_open)
			leave_container(p);
		break;
	default:
		break;
	}
	if (table[fd].kind != NONE) {
		table[fd].kind = NONE;
		__atomic_fetch_sub(&nb_fds, 1, __ATOMIC_RELAXED);
	}
	sim_unlock_quiet(&old);
}

/* A BAR by read() and write(): 32-bit registers only, as the hardware has them. */
static ssize_t
bar2_rw(struct sim_port *p, void *rd, const void *wr, size_t len, uint64_t off)
{
	uint32_t v;

	if (off >= SIM_BAR2_SIZE || len > SIM_BAR2_SIZE - off)
		return fail(EINVAL);
	if ((off | len) % 4 != 0) {
		sim_dev_reg_bad(p->dev, (uint32_t)off, (unsigned int)len, wr != NULL);
		if (rd != NULL)
			memset(rd, 0xff, len);
		return (ssize_t)len;
	}
	for (size_t i = 0; i < len; i += 4) {
		if (wr != NULL) {
			memcpy(&v, (const uint8_t *)wr + i, 4);
			sim_dev_reg_write(p->dev, (uint32_t)(off + i), v);
		} else {
			v = sim_dev_reg_read(p->dev, (uint32_t)(off + i));
			memcpy((uint8_t *)rd + i, &v, 4);
		}
	}
	return (ssize_t)len;
}

static ssize_t
config_rw(struct sim_port *p, void *rd, const void *wr, size_t len, uint64_t off)
{
	ssize_t r;

	if (wr == NULL)
		return sim_pci_read(&p->cfg, rd, len, off);
	r = sim_pci_write(&p->cfg, wr, len, off);
	sim_dev_set_bus_master(p->dev, (sim_pci_command(&p->cfg) & SIM_PCI_CMD_MASTER) != 0);
	return r;
}

static ssize_t
device_rw(int fd, void *rd, const void *wr, size_t len, off_t off)
{
	struct sim_port *p = &sim_model.port[table[fd].idx % SIM_MAX_PORTS];
	uint64_t at = (uint64_t)off & (((uint64_t)1 << SIM_REGION_SHIFT) - 1);
	ssize_t r = -1;
	sigset_t old;

	if (table[fd].kind != DEVICE)
		return fail(EINVAL);
	sim_lock_quiet(&old);
	switch ((uint64_t)off >> SIM_REGION_SHIFT) {
	case VFIO_PCI_CONFIG_REGION_INDEX:
		r = config_rw(p, rd, wr, len, at);
		break;
	case VFIO_PCI_BAR0_REGION_INDEX:
		if (at < SIM_BAR0_SIZE && len <= SIM_BAR0_SIZE - at) {
			if (wr != NULL)
				memcpy(p->bar0 + at, wr, len);
			else if (rd != NULL)
				memcpy(rd, p->bar0 + at, len);
			r = (ssize_t)len;
		}
		break;
	case VFIO_PCI_BAR2_REGION_INDEX:
		r = bar2_rw(p, rd, wr, len, at);
		break;
	default:
		break;
	}
	sim_unlock_quiet(&old);
	return r >= 0 ? r : fail(EINVAL);
}

ssize_t
sim_vfio_pread(int fd, void *buf, size_t len, off_t off)
{
	return device_rw(fd, buf, NULL, len, off);
}

ssize_t
sim_vfio_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	return device_rw(fd, NULL, buf, len, off);
}

void *
sim_vfio_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	struct sim_port *p = &sim_model.port[table[fd].idx % SIM_MAX_PORTS];
	uint64_t at = (uint64_t)off & (((uint64_t)1 << SIM_REGION_SHIFT) - 1);
	uint64_t region = (uint64_t)off >> SIM_REGION_SHIFT;
	uint64_t size = region == VFIO_PCI_BAR0_REGION_INDEX ? SIM_BAR0_SIZE :
		region == VFIO_PCI_BAR2_REGION_INDEX ? SIM_BAR2_SIZE : 0;
	sigset_t old;
	void *m;

	if (table[fd].kind != DEVICE || at >= size || len > size - at || !(flags & MAP_SHARED)) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	sim_lock_quiet(&old);
	m = sim_real_mmap(addr, len, prot, flags, fd, off);
	if (m != MAP_FAILED) {
		sim_trap_del(m, len);
		if (region == VFIO_PCI_BAR2_REGION_INDEX && !sim_trap_add(p, m, len, at)) {
			munmap(m, len);
			errno = ENOMEM;
			m = MAP_FAILED;
		}
	}
	sim_unlock_quiet(&old);
	return m;
}
