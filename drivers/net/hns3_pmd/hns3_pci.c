/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The driver's place on the PCI bus: which devices it takes, and how it comes before
 * another driver that is registered for the same ids.
 */

#include <errno.h>
#include <sys/queue.h>

#include <rte_common.h>
#include <bus_pci_driver.h>
#include <dev_driver.h>
#include <ethdev_driver.h>
#include <ethdev_pci.h>

#include "hns3_dev.h"

RTE_LOG_REGISTER_DEFAULT(hns3_pmd_logtype, NOTICE);

static const struct rte_pci_id hns3_pci_ids[] = {
	{ RTE_PCI_DEVICE(HNS3_VENDOR, HNS3_ID_25GE) },
	{ RTE_PCI_DEVICE(HNS3_VENDOR, HNS3_ID_25GE_RDMA) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver hns3_pci_driver;

/* Another driver behind this one that would take the device too, or NULL. */
static const struct rte_pci_driver *
rival(const struct rte_pci_device *pci)
{
	const struct rte_pci_driver *d;
	const struct rte_pci_id *id;

	for (d = hns3_pci_driver.next.tqe_next; d != NULL; d = d->next.tqe_next)
		for (id = d->id_table; id != NULL && id->vendor_id != 0; id++)
			if (id->vendor_id == pci->id.vendor_id && id->device_id == pci->id.device_id)
				return d;
	return NULL;
}

/* 0 if the driver knows this revision of the chip; 1 hands the device on. */
static int
check_revision(struct rte_pci_device *pci)
{
	uint8_t rev;

	if (rte_pci_read_config(pci, &rev, sizeof(rev), HNS3_PCI_REVISION) != sizeof(rev)) {
		HNS3_LOG(ERR, "%s: cannot read the PCI configuration", pci->device.name);
		return -EIO;
	}
	if (rev == HNS3_REV_HIP08_B)
		return 0;
	HNS3_LOG(NOTICE, "%s: revision 0x%02x is not driven by this driver (only 0x%02x, HIP08)",
		pci->device.name, rev, HNS3_REV_HIP08_B);
	return 1;
}

static int
hns3_pci_probe(struct rte_pci_driver *drv, struct rte_pci_device *pci)
{
	const struct rte_pci_driver *other = rival(pci);
	int ret;

	RTE_SET_USED(drv);
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		HNS3_LOG(ERR, "%s: not in a secondary process", pci->device.name);
		return -ENOTSUP;
	}
	ret = check_revision(pci);
	if (ret != 0)
		return ret;
	if (pci->mem_resource[HNS3_BAR_REGS].addr == NULL ||
			pci->mem_resource[HNS3_BAR_REGS].len < HNS3_BAR_REGS_LEN) {
		HNS3_LOG(ERR, "%s: BAR %u is not mapped, or smaller than %u bytes: is the device "
			"bound to vfio-pci?", pci->device.name, HNS3_BAR_REGS, HNS3_BAR_REGS_LEN);
		return -ENODEV;
	}
	if (other != NULL)
		HNS3_LOG(INFO, "%s: taken before driver %s, which is registered for it too",
			pci->device.name, other->driver.name);
	return rte_eth_dev_pci_generic_probe(pci, sizeof(struct hns3_hw), hns3_dev_init);
}

static int
hns3_pci_remove(struct rte_pci_device *pci)
{
	return rte_eth_dev_pci_generic_remove(pci, hns3_dev_uninit);
}

static struct rte_pci_driver hns3_pci_driver = {
	.id_table = hns3_pci_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_INTR_LSC,
	.probe = hns3_pci_probe,
	.remove = hns3_pci_remove,
};

TAILQ_HEAD(driver_list, rte_pci_driver);

/*
 * The bus asks its drivers in the order of their registration, and the first that knows the
 * id gets the device. The distribution's driver may have registered earlier or later: at the
 * head of the list the order does not matter, as registration appends.
 *
 * The list belongs to the bus, and its head is not public. A TAILQ leads back to it: each
 * entry points at the pointer to itself, and head and entries have the same two fields. Only
 * at the head the second one points at a pointer that is NULL, that of the last entry.
 */
static void
move_to_head(struct rte_pci_driver *drv)
{
	struct rte_pci_driver **link = drv->next.tqe_prev;
	struct driver_list *list;

	_Static_assert(offsetof(struct driver_list, tqh_last) ==
		offsetof(struct rte_pci_driver, next.tqe_prev) -
		offsetof(struct rte_pci_driver, next.tqe_next), "a TAILQ is not what it was");
	for (;;) {
		list = (struct driver_list *)link;
		if (*list->tqh_last == NULL)
			break;
		link = list->tqh_last;
	}
	TAILQ_REMOVE(list, drv, next);
	TAILQ_INSERT_HEAD(list, drv, next);
}

RTE_PMD_REGISTER_PCI(net_hns3_pmd, hns3_pci_driver);
RTE_PMD_REGISTER_PCI_TABLE(net_hns3_pmd, hns3_pci_ids);
RTE_PMD_REGISTER_KMOD_DEP(net_hns3_pmd, "* vfio-pci");

/* Constructors of a file run in their order: the driver is in the list by now. */
RTE_INIT(hns3_pci_first)
{
	if (hns3_pci_driver.next.tqe_prev != NULL)
		move_to_head(&hns3_pci_driver);
}
