/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * VLAN: tag protocol, filter, and taking the tag off received packets.
 */

#include <errno.h>

#include "hns3_dev.h"

#define VLAN_IDS 4096u

int
hns3_vlan_filter_switch(struct hns3_hw *hw, bool on)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_VLAN_FILTER_CTRL, false);
	hns3_put8(&bd, HNS3_VF_CTRL_TYPE, HNS3_VF_CTRL_PORT);
	hns3_put8(&bd, HNS3_VF_CTRL_EN, on ? HNS3_VF_CTRL_IN : 0);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

static int
filter_entry(struct hns3_hw *hw, uint16_t vlan, bool add)
{
	unsigned int i = vlan % HNS3_VF_PF_SPAN;
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_VLAN_FILTER_PF, false);
	hns3_put8(&bd, HNS3_VF_PF_BLOCK, vlan / HNS3_VF_PF_SPAN);
	hns3_put8(&bd, HNS3_VF_PF_REMOVE, !add);
	hns3_put8(&bd, HNS3_VF_PF_MAP + i / 8, 1u << i % 8);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

/* Flags of the PF itself, Tx or Rx. */
static int
send_flags(struct hns3_hw *hw, enum hns3_opcode op, uint8_t flags)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, op, false);
	hns3_put8(&bd, HNS3_VLAN_FLAGS, flags);
	hns3_put8(&bd, HNS3_VLAN_FUNCS, 1);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

static int
set_tpids(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	unsigned int i;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_VLAN_RX_TPID, false);
	for (i = 0; i < 4; i++)
		hns3_put16(&bd, 2 * i, RTE_ETHER_TYPE_VLAN);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	hns3_cmd_setup(&bd, HNS3_OP_VLAN_TX_TPID, false);
	for (i = 0; i < 2; i++)
		hns3_put16(&bd, 2 * i, RTE_ETHER_TYPE_VLAN);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

int
hns3_vlan_init(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	/* The filter of each function, then that of the port: both let everything pass. */
	hns3_cmd_setup(&bd, HNS3_OP_VLAN_FILTER_CTRL, false);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret == 0)
		ret = hns3_vlan_filter_switch(hw, false);
	if (ret == 0)
		ret = set_tpids(hw);
	if (ret == 0)
		ret = send_flags(hw, HNS3_OP_VLAN_TX, HNS3_VLAN_TX_PLAIN);
	if (ret == 0)
		ret = send_flags(hw, HNS3_OP_VLAN_RX, 0);
	/* Packets without a tag count as VLAN 0. */
	if (ret == 0)
		ret = filter_entry(hw, 0, true);
	return ret;
}

void
hns3_vlan_clear(struct hns3_hw *hw)
{
	unsigned int vlan;

	for (vlan = 1; vlan < VLAN_IDS; vlan++)
		if (hw->vlans[vlan / 64] >> vlan % 64 & 1)
			filter_entry(hw, vlan, false);
	memset(hw->vlans, 0, sizeof(hw->vlans));
	send_flags(hw, HNS3_OP_VLAN_TX, HNS3_VLAN_TX_PLAIN);
}

int
hns3_vlan_offload(struct rte_eth_dev *dev, int mask)
{
	struct hns3_hw *hw = hns3_hw(dev);
	uint64_t offloads = dev->data->dev_conf.rxmode.offloads;
	bool strip = offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	bool filter = offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	int ret;

	if ((mask & RTE_ETH_VLAN_FILTER_MASK) && filter != hw->filter) {
		/* A promiscuous port keeps its filter off; it comes when that ends. */
		ret = hw->promisc ? 0 : hns3_vlan_filter_switch(hw, filter);
		if (ret != 0)
			return ret;
		hw->filter = filter;
	}
	if ((mask & RTE_ETH_VLAN_STRIP_MASK) && strip != hw->strip) {
		ret = send_flags(hw, HNS3_OP_VLAN_RX, strip ? HNS3_VLAN_RX_STRIP : 0);
		if (ret != 0)
			return ret;
		hw->strip = strip;
	}
	return 0;
}

int
hns3_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vlan, int on)
{
	struct hns3_hw *hw = hns3_hw(dev);
	int ret;

	if (vlan >= VLAN_IDS)
		return -EINVAL;
	if (vlan == 0)
		return 0; /* always in, or untagged packets would be lost */
	ret = filter_entry(hw, vlan, on);
	if (ret != 0)
		return ret;
	if (on)
		hw->vlans[vlan / 64] |= 1ull << vlan % 64;
	else
		hw->vlans[vlan / 64] &= ~(1ull << vlan % 64);
	return 0;
}
