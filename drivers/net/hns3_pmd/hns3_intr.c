/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Vector 0: events of the port; and the service that looks after a started port once a
 * second.
 */

#include <errno.h>

#include <rte_alarm.h>
#include <rte_interrupts.h>

#include "hns3_dev.h"

#define SERVICE_US 1000000u
#define MSG_LINK   201u /* code of a message, at byte 8: the link has changed */

static void
on_message(struct hns3_cmdq *q, const struct hns3_cmd_bd *bd, void *arg)
{
	struct hns3_hw *hw = arg;

	RTE_SET_USED(q);
	if (hns3_get8(bd, 8) == MSG_LINK)
		hns3_mac_link_refresh(hw);
	else
		HNS3_DEV_LOG(DEBUG, hw, "message %u of the firmware is not for this driver",
			hns3_get8(bd, 8));
}

/* Resets that the device starts on its own are not followed in this release: the port says
 * so and stays down until it is closed and probed again.
 */
static void
on_reset(struct hns3_hw *hw, uint32_t sts)
{
	HNS3_DEV_LOG(ERR, hw, "the device resets itself (%s): close the port and attach it again",
		sts & HNS3_OTHER_IMP ? "IMP reset" : "global reset");
	hw->broken = true;
	hw->cmdq.up = false;
	hns3_mac_link_refresh(hw);
}

static void
misc_handler(void *arg)
{
	struct hns3_hw *hw = arg;
	uint32_t other, src, ras;
	bool rearm = true;

	hns3_reg_write(hw->bar, HNS3_MISC_VECTOR, 0);
	other = hns3_reg_read(hw->bar, HNS3_OTHER_STS);
	src = hns3_reg_read(hw->bar, HNS3_CMDQ_SRC);
	ras = hns3_reg_read(hw->bar, HNS3_RAS_STS);
	if (other & (HNS3_OTHER_IMP | HNS3_OTHER_GLOBAL)) {
		hns3_reg_write(hw->bar, HNS3_MISC_RST_STS,
			other & (HNS3_OTHER_IMP | HNS3_OTHER_GLOBAL));
		on_reset(hw, other);
		rearm = false;
	} else if (other & HNS3_OTHER_PTP) {
		hns3_reg_write(hw->bar, HNS3_MISC_RST_STS, HNS3_OTHER_PTP);
	} else if ((other & HNS3_OTHER_MSIX_ERR) || (ras & HNS3_RAS_STS_NIC)) {
		rearm = hns3_err_handle(hw) == 0;
	} else if (src & HNS3_CMDQ_SRC_RX) {
		/* Before the queue is read: a message that comes meanwhile rings again. */
		hns3_reg_write(hw->bar, HNS3_CMDQ_SRC, src & ~HNS3_CMDQ_SRC_RX);
		hns3_cmdq_receive(&hw->cmdq);
	}
	/* A cause that is still pending fires again. */
	if (rearm)
		hns3_reg_write(hw->bar, HNS3_MISC_VECTOR, 1);
}

int
hns3_intr_init(struct hns3_hw *hw)
{
	struct rte_intr_handle *h = hw->pci->intr_handle;
	int ret;

	hw->cmdq.on_message = on_message;
	hw->cmdq.on_message_arg = hw;
	ret = rte_intr_callback_register(h, misc_handler, hw);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "cannot register the interrupt handler: %s", strerror(-ret));
		return ret;
	}
	ret = rte_intr_enable(h);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "cannot enable interrupts (MSI-X of vfio-pci)");
		rte_intr_callback_unregister_sync(h, misc_handler, hw);
		return ret < 0 ? ret : -EIO;
	}
	hw->intr_registered = true;
	hns3_reg_write(hw->bar, HNS3_MISC_VECTOR, 1);
	return 0;
}

void
hns3_intr_uninit(struct hns3_hw *hw)
{
	if (!hw->intr_registered)
		return;
	hns3_reg_write(hw->bar, HNS3_MISC_VECTOR, 0);
	rte_intr_disable(hw->pci->intr_handle);
	rte_intr_callback_unregister_sync(hw->pci->intr_handle, misc_handler, hw);
	hw->intr_registered = false;
}

static void
service(void *arg)
{
	struct hns3_hw *hw = arg;

	hns3_mac_link_refresh(hw);
	hns3_stats_mac_refresh(hw);
	if (rte_eal_alarm_set(SERVICE_US, service, hw) != 0)
		HNS3_DEV_LOG(ERR, hw, "the link is no longer watched: no alarm");
}

int
hns3_service_start(struct hns3_hw *hw)
{
	int ret = rte_eal_alarm_set(SERVICE_US, service, hw);

	if (ret != 0)
		HNS3_DEV_LOG(ERR, hw, "cannot set an alarm to watch the link");
	return ret;
}

/* Waits for a service that is running. */
void
hns3_service_stop(struct hns3_hw *hw)
{
	rte_eal_alarm_cancel(service, hw);
}
