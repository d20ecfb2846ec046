/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The run's directory: the PCI tree that EAL reads by SYSFS_PCI_DEVICES, and the state. */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_conf.h"
#include "host_pci.h"

static bool put(const char *dir, const char *name, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

static bool
put(const char *dir, const char *name, const char *fmt, ...)
{
	char path[SIM_PATH + 64];
	va_list ap;
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (f == NULL)
		return false;
	va_start(ap, fmt);
	ok = vfprintf(f, fmt, ap) >= 0;
	va_end(ap);
	return fclose(f) == 0 && ok;
}

static bool
put_link(const char *dir, const char *name, const char *target)
{
	char path[SIM_PATH + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return symlink(target, path) == 0;
}

/* start, end and flags of the six BARs and the ROM, as the kernel prints them. */
static bool
put_resource(const char *dir, unsigned int port)
{
	uint64_t bar0 = sim_pci_bar0(port), bar2 = sim_pci_bar2(port);
	const unsigned long long flags = 0x140204; /* memory, 64 bit */

	return put(dir, "resource",
		"0x%016llx 0x%016llx 0x%016llx\n0x%016x 0x%016x 0x%016x\n"
		"0x%016llx 0x%016llx 0x%016llx\n0x%016x 0x%016x 0x%016x\n"
		"0x%016x 0x%016x 0x%016x\n0x%016x 0x%016x 0x%016x\n0x%016x 0x%016x 0x%016x\n",
		(unsigned long long)bar0, (unsigned long long)bar0 + SIM_BAR0_SIZE - 1, flags, 0, 0, 0,
		(unsigned long long)bar2, (unsigned long long)bar2 + SIM_BAR2_SIZE - 1, flags, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static bool
put_port(const char *pci, unsigned int i, const struct sim_port_conf *p)
{
	char dir[SIM_PATH + 32], name[32], group[64];

	sim_pci_name(i, name, sizeof(name));
	snprintf(dir, sizeof(dir), "%s/%s", pci, name);
	snprintf(group, sizeof(group), "../../../../kernel/iommu_groups/%u", SIM_GROUP_BASE + i);
	return mkdir(dir, 0755) == 0 && put(dir, "vendor", "0x%04x\n", SIM_VENDOR) &&
		put(dir, "device", "0x%04x\n", p->dev.device_id) &&
		put(dir, "subsystem_vendor", "0x%04x\n", SIM_VENDOR) &&
		put(dir, "subsystem_device", "0x%04x\n", SIM_SUBSYSTEM) &&
		put(dir, "revision", "0x%02x\n", p->dev.revision) &&
		put(dir, "class", "0x%06x\n", SIM_CLASS) && put(dir, "max_vfs", "0\n") &&
		put(dir, "sriov_numvfs", "0\n") && put(dir, "sriov_totalvfs", "0\n") &&
		put(dir, "numa_node", "0\n") && put(dir, "irq", "0\n") && put_resource(dir, i) &&
		(p->unbound || (put_link(dir, "driver", "../../../../bus/pci/drivers/vfio-pci") &&
		put_link(dir, "iommu_group", group)));
}

/* Memory, so that counters never wait for a disk; a folder of short name and without blanks,
 * because it appears in LD_PRELOAD.
 */
static const char *
place(void)
{
	const char *tmp = getenv("TMPDIR");

	if (access("/dev/shm", W_OK | X_OK) == 0)
		return "/dev/shm";
	return tmp == NULL || strpbrk(tmp, " :") != NULL || strlen(tmp) > 200 ? "/tmp" : tmp;
}

static bool
alive(uint32_t pid)
{
	return pid != 0 && (kill((pid_t)pid, 0) == 0 || errno != ESRCH);
}

/* Nobody is left of a run: neither its launcher nor a program on its ports. */
static bool
abandoned(const char *dir)
{
	char path[SIM_PATH + 16];
	struct sim_state *st;
	struct stat s;
	bool dead;
	int fd;

	snprintf(path, sizeof(path), "%s/" SIM_STATE_FILE, dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	if (fstat(fd, &s) != 0 || s.st_uid != geteuid() || s.st_size != (off_t)sizeof(*st)) {
		close(fd);
		return false;
	}
	st = mmap(NULL, sizeof(*st), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (st == MAP_FAILED)
		return false;
	/* 0: it is just being made */
	dead = st->launcher != 0 && !alive((uint32_t)st->launcher);
	for (unsigned int i = 0; i < SIM_MAX_PORTS; i++)
		dead = dead && !alive(st->port[i].owner);
	munmap(st, sizeof(*st));
	return dead;
}

void
sim_tree_sweep(void)
{
	char pattern[SIM_PATH];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/hns3-sim-??????", place());
	if (glob(pattern, GLOB_NOSORT, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		if (abandoned(g.gl_pathv[i]))
			sim_tree_remove(g.gl_pathv[i]);
	globfree(&g);
}

bool
sim_tree_make(const struct sim_conf *conf, char *dir, size_t size, char *err, size_t errlen)
{
	char pci[SIM_PATH];

	snprintf(dir, size, "%s/hns3-sim-XXXXXX", place());
	if (mkdtemp(dir) == NULL) {
		snprintf(err, errlen, "%s: %s", dir, strerror(errno));
		dir[0] = '\0';
		return false;
	}
	snprintf(pci, sizeof(pci), "%s/pci", dir);
	if (mkdir(pci, 0755) == 0) {
		unsigned int i = 0;

		while (i < conf->nb_ports && put_port(pci, i, &conf->port[i]))
			i++;
		if (i == conf->nb_ports)
			return true;
	}
	snprintf(err, errlen, "the PCI tree below %s cannot be written: %s", dir, strerror(errno));
	return false;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	remove(path);
	return 0;
}

void
sim_tree_remove(const char *dir)
{
	if (dir[0] != '\0')
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
