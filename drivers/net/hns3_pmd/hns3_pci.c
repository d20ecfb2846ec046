/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The driver's place on the PCI bus: which devices it takes, and how it comes before
 * another driver that is registered for the same ids.
 */

#include <errno.h>

#include <rte_common.h>
#include <bus_pci_driver.h>
#include <dev_driver.h>
#include <ethdev_driver.h>
#include <ethdev_pci.h>

#define HNS3_VENDOR 0x19e5

static const struct rte_pci_id hns3_pci_ids[] = {
	{ RTE_PCI_DEVICE(HNS3_VENDOR, 0xa221) },
	{ RTE_PCI_DEVICE(HNS3_VENDOR, 0xa222) },
	{ .vendor_id = 0 },
};

static int
hns3_pci_probe(struct rte_pci_driver *drv, struct rte_pci_device *pci)
{
	RTE_SET_USED(drv);
	RTE_SET_USED(pci);
	return 1;
}

static int
hns3_pci_remove(struct rte_pci_device *pci)
{
	RTE_SET_USED(pci);
	return 0;
}

static struct rte_pci_driver hns3_pci_driver = {
	.id_table = hns3_pci_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
	.probe = hns3_pci_probe,
	.remove = hns3_pci_remove,
};

RTE_PMD_REGISTER_PCI(net_hns3_pmd, hns3_pci_driver);
RTE_PMD_REGISTER_PCI_TABLE(net_hns3_pmd, hns3_pci_ids);
RTE_PMD_REGISTER_KMOD_DEP(net_hns3_pmd, "* vfio-pci");
