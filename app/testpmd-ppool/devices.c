/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Why there is no port, and why EAL did not start: what a newcomer needs to know to go on. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "testpmd_ppool.h"

#define PCI_CLASS_NETWORK 0x02
#define HUGE_DIR "/sys/kernel/mm/hugepages"

static unsigned int devices_shown;

/* A number in a file of its own, as sysfs has them. */
static bool
read_number(int dir, const char *file, unsigned long *out)
{
	char text[64], *end;
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	*out = strtoul(text, &end, 0);
	return end != text;
}

/* The last part of where the link points. */
static void
bound_driver(int dir, char *name, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, "driver", target, sizeof(target) - 1);
	const char *slash;

	target[n > 0 ? n : 0] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, size, "%.*s", (int)size - 1,
		n <= 0 ? "none" : slash != NULL ? slash + 1 : target);
}

/* -a and -b as EAL understood them. */
static const char *
excluded(const char *addr)
{
	struct rte_devargs *da;
	bool allow_list = false;

	if (!rte_eal_has_pci())
		return "excluded by --no-pci";
	RTE_EAL_DEVARGS_FOREACH("pci", da) {
		if (da->policy == RTE_DEV_ALLOWED)
			allow_list = true;
		if (strcmp(da->name, addr) != 0)
			continue;
		return da->policy == RTE_DEV_BLOCKED ? "excluded by -b (--block)" : NULL;
	}
	return allow_list ? "excluded: -a (--allow) names other devices only" : NULL;
}

static bool
kernel_bypass_driver(const char *driver)
{
	return strcmp(driver, "vfio-pci") == 0 || strcmp(driver, "igb_uio") == 0 ||
		strcmp(driver, "uio_pci_generic") == 0;
}

static void
report_device(int base, const char *addr)
{
	unsigned long class = 0, vendor = 0, device = 0;
	int dir = openat(base, addr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char driver[NAME_MAX + 1];
	const char *why;

	if (dir < 0)
		return;
	read_number(dir, "class", &class);
	read_number(dir, "vendor", &vendor);
	read_number(dir, "device", &device);
	bound_driver(dir, driver, sizeof(driver));
	close(dir);
	if (class >> 16 != PCI_CLASS_NETWORK)
		return;
	devices_shown++;
	fprintf(stderr, "  PCI %s  id %04lx:%04lx  bound to %s: ", addr, vendor, device, driver);
	why = excluded(addr);
	if (why != NULL)
		fprintf(stderr, "%s\n", why);
	else if (!kernel_bypass_driver(driver))
		fprintf(stderr, "not bound to vfio-pci\n"
			"    to bind it: modprobe vfio-pci && dpdk-devbind.py --bind=vfio-pci %s\n"
			"    (the kernel loses this interface; the machine needs an IOMMU switched on)\n",
			addr);
	else
		fprintf(stderr, "no driver took it: its id is unknown to all drivers that are loaded, "
			"or it failed to start, which the messages above say\n");
}

static void
report_vdevs(void)
{
	struct rte_devargs *da;

	RTE_EAL_DEVARGS_FOREACH("vdev", da) {
		fprintf(stderr, "  vdev %s: no driver of that name, or it failed to start, which the "
			"messages above say\n", da->name);
		devices_shown++;
	}
}

/* Calls for each entry of a folder, in order of names. */
static int
for_each(const char *path, void (*call)(int dir, const char *name))
{
	int i, n, dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **list;

	if (dir < 0)
		return -1;
	n = scandirat(dir, ".", &list, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.')
			call(dir, list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	close(dir);
	return n;
}

void
devices_report(void)
{
	const char *base = getenv("SYSFS_PCI_DEVICES");

	if (base == NULL)
		base = "/sys/bus/pci/devices";
	app_err("no usable port. Network devices seen, and why none of them is a port:");
	devices_shown = 0;
	if (for_each(base, report_device) < 0)
		fprintf(stderr, "  no PCI device: %s: %s\n", base, strerror(errno));
	report_vdevs();
	if (devices_shown == 0)
		fprintf(stderr, "  none at all; a port without hardware: --vdev=net_null0, with "
			"--pool=mempool\n");
}

static void
report_hugepages(int base, const char *name)
{
	int dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned long total, free_pages;

	if (dir < 0)
		return;
	if (read_number(dir, "nr_hugepages", &total) &&
			read_number(dir, "free_hugepages", &free_pages))
		fprintf(stderr, "  %s: %lu reserved, %lu free\n", name, total, free_pages);
	close(dir);
}

/* What EAL says when it lacks memory, or cannot reach it. */
static bool
lacks_memory(int err)
{
	return err == ENOMEM || err == EACCES || err == EPERM || err == ENOENT;
}

void
devices_eal_failed(int err)
{
	app_err("EAL did not start: %s; its own messages stand above", rte_strerror(err));
	if (err == ENODEV)
		fprintf(stderr, "  a device of --vdev, -a or -b is called as no driver and no bus knows "
			"it\n");
	if (geteuid() != 0)
		fprintf(stderr, "  not run by root: memory and devices may be out of reach\n");
	if (!lacks_memory(err))
		return;
	fprintf(stderr, "Hugepages of this machine:\n");
	if (for_each(HUGE_DIR, report_hugepages) < 0)
		fprintf(stderr, "  %s: %s\n", HUGE_DIR, strerror(errno));
	fprintf(stderr, "  if these are too few, either ask for less by -m MEGABYTES, or reserve "
		"more, such as 512 of 2M:\n"
		"    echo 512 > " HUGE_DIR "/hugepages-2048kB/nr_hugepages\n"
		"  or do without them (vdevs only): --no-huge -m 256\n");
}
