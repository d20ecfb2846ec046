/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Vector 0: events of the port; the vectors of Rx queues; and the service that looks after a
 * started port once a second.
 */

#include <errno.h>

#include <rte_alarm.h>
#include <rte_interrupts.h>

#include "hns3_dev.h"

#define SERVICE_US 1000000u
#define FIRST_US   1000u    /* the link of a port that has just been started */
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

/* --- Rx interrupts -------------------------------------------------------------------------- */

/* Vectors that queues may use: 0 is the port's own, and on the last one the hardware parks
 * rings.
 */
static uint16_t
queue_vectors(const struct hns3_hw *hw)
{
	return hw->cfg.vectors - 2;
}

/* From 1 on; if there are fewer than queues, the last are shared. */
static uint16_t
queue_vector(const struct hns3_hw *hw, uint16_t q)
{
	return 1 + RTE_MIN(q, queue_vectors(hw) - 1);
}

static int
bind_rx(struct hns3_hw *hw, uint16_t q, bool on)
{
	uint16_t vector = queue_vector(hw, q);
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, on ? HNS3_OP_RING_BIND : HNS3_OP_RING_UNBIND, false);
	hns3_put8(&bd, HNS3_BIND_VECTOR, vector);
	hns3_put8(&bd, HNS3_BIND_VEC_HIGH, vector >> 8);
	hns3_put8(&bd, HNS3_BIND_NUM, 1);
	hns3_put16(&bd, HNS3_BIND_ENTRY, HNS3_BIND_RX | q << 2);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

static void
mask_rx(struct hns3_hw *hw, uint16_t q, bool on)
{
	hns3_reg_write(hw->bar, HNS3_QVEC(queue_vector(hw, q) - 1) + HNS3_QVEC_CTRL, on ? 0 : 1);
}

/* The eventfds of all vectors are handed to the kernel at once, with that of vector 0. */
static int
rearm(struct hns3_hw *hw, uint16_t vectors)
{
	struct rte_intr_handle *h = hw->pci->intr_handle;
	int ret = 0;

	hns3_reg_write(hw->bar, HNS3_MISC_VECTOR, 0);
	rte_intr_disable(h);
	if (vectors != 0)
		ret = rte_intr_efd_enable(h, vectors);
	else
		rte_intr_efd_disable(h);
	if (rte_intr_enable(h) != 0)
		ret = -EIO;
	/* what came meanwhile is still pending, and fires now */
	hns3_reg_write(hw->bar, HNS3_MISC_VECTOR, 1);
	return ret;
}

bool
hns3_intr_rx_capable(const struct hns3_hw *hw)
{
	return hw->cfg.vectors > 2 && rte_intr_cap_multiple(hw->pci->intr_handle) != 0;
}

/* Queues are masked until the application asks for an interrupt. */
int
hns3_intr_rx_start(struct hns3_hw *hw)
{
	struct rte_intr_handle *h = hw->pci->intr_handle;
	uint16_t n = hw->data->nb_rx_queues, q;
	int ret;

	if (!hw->data->dev_conf.intr_conf.rxq || n == 0)
		return 0;
	hw->rx_intr = true;
	ret = rearm(hw, RTE_MIN(n, queue_vectors(hw)));
	if (ret == 0)
		ret = rte_intr_vec_list_alloc(h, "hns3 rx vectors", n);
	for (q = 0; q < n && ret == 0; q++) {
		mask_rx(hw, q, true);
		ret = bind_rx(hw, q, true);
		if (ret == 0)
			ret = rte_intr_vec_list_index_set(h, q,
				RTE_INTR_VEC_RXTX_OFFSET + queue_vector(hw, q) - 1);
	}
	if (ret != 0)
		HNS3_DEV_LOG(ERR, hw, "cannot set up Rx interrupts of %u queues: %s", n,
			strerror(-ret));
	return ret;
}

void
hns3_intr_rx_stop(struct hns3_hw *hw)
{
	uint16_t q;

	if (!hw->rx_intr)
		return;
	hw->rx_intr = false;
	for (q = 0; q < hw->data->nb_rx_queues; q++) {
		mask_rx(hw, q, true);
		bind_rx(hw, q, false);
	}
	rearm(hw, 0);
	rte_intr_vec_list_free(hw->pci->intr_handle);
}

int
hns3_op_rx_intr_enable(struct rte_eth_dev *dev, uint16_t q)
{
	struct hns3_hw *hw = hns3_hw(dev);

	if (!hw->rx_intr)
		return -ENOTSUP;
	mask_rx(hw, q, false);
	return 0;
}

int
hns3_op_rx_intr_disable(struct rte_eth_dev *dev, uint16_t q)
{
	struct hns3_hw *hw = hns3_hw(dev);

	if (!hw->rx_intr)
		return -ENOTSUP;
	mask_rx(hw, q, true);
	return 0;
}

/* --- the service ---------------------------------------------------------------------------- */

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
	int ret = rte_eal_alarm_set(FIRST_US, service, hw);

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
