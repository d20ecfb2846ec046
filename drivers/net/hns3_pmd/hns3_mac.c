/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The MAC: speed, frame size, mode, address table, link.
 */

#include <errno.h>

#include "hns3_dev.h"

int
hns3_mac_speed(struct hns3_hw *hw, uint32_t mbps)
{
	int code = hns3_speed_code(mbps);
	struct hns3_cmd_bd bd;

	if (code < 0)
		return code;
	hns3_cmd_setup(&bd, HNS3_OP_SPEED_DUP, false);
	hns3_put8(&bd, HNS3_SPEED_CODE, code | HNS3_SPEED_FULL);
	hns3_put8(&bd, HNS3_SPEED_CHANGE, 1);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

int
hns3_mac_frame(struct hns3_hw *hw, uint16_t frame)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_MAX_FRAME, false);
	hns3_put16(&bd, 0, frame);
	hns3_put8(&bd, 2, HNS3_FRAME_MIN);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret == 0)
		hw->frame = frame;
	return ret;
}

int
hns3_mac_mtu(struct hns3_hw *hw, uint16_t mtu)
{
	uint16_t frame = RTE_MAX(mtu + HNS3_OVERHEAD, HNS3_FRAME_FLOOR);
	uint16_t old = hw->frame;
	int ret;

	if (frame == old)
		return 0;
	ret = hns3_mac_frame(hw, frame);
	if (ret != 0)
		return ret;
	ret = hns3_buf_config(hw, frame);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "no packet buffer for MTU %u: the old MTU stays", mtu);
		if (hns3_mac_frame(hw, old) == 0)
			hns3_buf_config(hw, old);
	}
	return ret;
}

int
hns3_mac_mode(struct hns3_hw *hw, bool on)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_MAC_MODE, false);
	hns3_put32(&bd, 0, on ? HNS3_MAC_ENABLED : 0);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

static void
setup_sfp(struct hns3_cmd_bd *bd)
{
	hns3_cmd_setup(bd, HNS3_OP_SFP_INFO, true);
	hns3_put8(bd, HNS3_SFP_QUERY, HNS3_SFP_ACTIVE);
}

int
hns3_mac_fec_query(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	if (hw->cfg.speed >= 10000) {
		hns3_cmd_setup(&bd, HNS3_OP_FEC_MODE, true);
		ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
		if (ret != 0)
			return ret;
		if ((hns3_get8(&bd, 0) & 1) != 0)
			return 0;
	}
	setup_sfp(&bd);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

int
hns3_mac_space(struct hns3_hw *hw, bool get)
{
	struct hns3_cmd_bd bd;
	uint32_t granted;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_MAC_SPACE, false);
	hns3_put8(&bd, HNS3_SPACE_FREE, !get);
	hns3_put32(&bd, HNS3_SPACE_SIZE, get ? hw->cfg.mac_space : hw->mac_granted);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0 || !get)
		return ret;
	granted = hns3_get32(&bd, HNS3_SPACE_SIZE);
	if (granted == 0 || granted > hw->cfg.mac_space)
		granted = hw->cfg.mac_space;
	if (granted < hw->cfg.mac_space)
		HNS3_DEV_LOG(WARNING, hw, "the MAC table has room for %u addresses, not %u",
			granted, hw->cfg.mac_space);
	hw->mac_granted = granted;
	return 0;
}

/* LLDP frames of this port go to its physical function. */
int
hns3_mac_manager(struct hns3_hw *hw)
{
	static const uint8_t lldp[RTE_ETHER_ADDR_LEN] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e };
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_MNG_ADD, false);
	hns3_put8(&bd, HNS3_MNG_FLAGS, 1);
	memcpy(bd.data + HNS3_MNG_MAC, lldp, sizeof(lldp));
	hns3_put16(&bd, HNS3_MNG_TYPE, RTE_ETHER_TYPE_LLDP);
	hns3_put8(&bd, HNS3_MNG_IN_PORT, 1);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret == 0 && hns3_get8(&bd, HNS3_MNG_RESP) > 1) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: no room for the LLDP entry (answer %u)",
			HNS3_OP_MNG_ADD, hns3_get8(&bd, HNS3_MNG_RESP));
		ret = -EIO;
	}
	return ret;
}

static void
setup_addr(struct hns3_cmd_bd *bd, unsigned int n, enum hns3_opcode op, bool query,
		const struct rte_ether_addr *mac)
{
	hns3_cmd_setup_chain(bd, n, op, query);
	hns3_put8(bd, HNS3_ADDR_FLAG, HNS3_ADDR_VALID);
	memcpy(bd->data + HNS3_ADDR_MAC, mac, sizeof(*mac));
	if (rte_is_multicast_ether_addr(mac)) {
		hns3_put8(bd, HNS3_ADDR_TYPE, HNS3_ADDR_TYPE_MC);
		hns3_put8(bd, HNS3_ADDR_MC_EN, 1);
	}
}

static int
answer_addr(struct hns3_hw *hw, const struct hns3_cmd_bd *bd, enum hns3_opcode op,
		const struct rte_ether_addr *mac)
{
	uint8_t resp = hns3_get8(bd, HNS3_ADDR_RESP);

	if (resp <= 1)
		return 0;
	HNS3_DEV_LOG(ERR, hw, "command 0x%04x (%s): address " RTE_ETHER_ADDR_PRT_FMT
		" refused (answer %u)", op, resp <= 3 ? "MAC table full" : "MAC table",
		RTE_ETHER_ADDR_BYTES(mac), resp);
	return resp <= 3 ? -ENOSPC : -EIO;
}

int
hns3_mac_uc_add(struct hns3_hw *hw, const struct rte_ether_addr *mac)
{
	struct hns3_cmd_bd bd;
	int ret;

	setup_addr(&bd, 1, HNS3_OP_MAC_ADD, true, mac);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	if (hns3_get8(&bd, HNS3_ADDR_RESP) == 0)
		return 0;
	setup_addr(&bd, 1, HNS3_OP_MAC_ADD, false, mac);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	return ret != 0 ? ret : answer_addr(hw, &bd, HNS3_OP_MAC_ADD, mac);
}

/* An address that is not there is removed as well. */
int
hns3_mac_uc_remove(struct hns3_hw *hw, const struct rte_ether_addr *mac)
{
	struct hns3_cmd_bd bd;
	int ret;

	setup_addr(&bd, 1, HNS3_OP_MAC_REMOVE, false, mac);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	return ret != 0 ? ret : answer_addr(hw, &bd, HNS3_OP_MAC_REMOVE, mac);
}

static int
mc_add(struct hns3_hw *hw, const struct rte_ether_addr *mac)
{
	struct hns3_cmd_bd bd[3];
	int ret;

	/* The answer has the functions that are members: this one (0) joins them. */
	setup_addr(bd, 3, HNS3_OP_MAC_ADD, true, mac);
	ret = hns3_cmd_send(&hw->cmdq, bd, 3);
	if (ret != 0)
		return ret;
	if (hns3_get8(bd, HNS3_ADDR_RESP) != 0) {
		setup_addr(bd, 3, HNS3_OP_MAC_ADD, false, mac);
	} else {
		uint8_t members[2][HNS3_CMD_DATA];

		memcpy(members[0], bd[1].data, HNS3_CMD_DATA);
		memcpy(members[1], bd[2].data, HNS3_CMD_DATA);
		setup_addr(bd, 3, HNS3_OP_MAC_ADD, false, mac);
		memcpy(bd[1].data, members[0], HNS3_CMD_DATA);
		memcpy(bd[2].data, members[1], HNS3_CMD_DATA);
	}
	hns3_put8(&bd[1], 0, hns3_get8(&bd[1], 0) | 1);
	ret = hns3_cmd_send(&hw->cmdq, bd, 3);
	return ret != 0 ? ret : answer_addr(hw, bd, HNS3_OP_MAC_ADD, mac);
}

static bool
mc_listed(const struct rte_ether_addr *mac, const struct rte_ether_addr *list, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (rte_is_same_ether_addr(mac, &list[i]))
			return true;
	return false;
}

/* Make the list the multicast addresses of the port: first out with the old, then in. */
int
hns3_mac_mc_set(struct hns3_hw *hw, const struct rte_ether_addr *list, uint32_t n)
{
	uint32_t i;
	int ret, err = 0;

	if (n > HNS3_MC_MAX) {
		HNS3_DEV_LOG(ERR, hw, "%u multicast addresses are more than %u", n, HNS3_MC_MAX);
		return -ENOSPC;
	}
	for (i = 0; i < n; i++)
		if (!rte_is_multicast_ether_addr(&list[i])) {
			HNS3_DEV_LOG(ERR, hw, RTE_ETHER_ADDR_PRT_FMT " is no multicast address",
				RTE_ETHER_ADDR_BYTES(&list[i]));
			return -EINVAL;
		}
	for (i = 0; i < hw->nb_mc;) {
		if (mc_listed(&hw->mc[i], list, n)) {
			i++;
			continue;
		}
		ret = hns3_mac_uc_remove(hw, &hw->mc[i]);
		if (ret != 0) {
			err = ret;
			i++;
			continue;
		}
		hw->mc[i] = hw->mc[--hw->nb_mc];
	}
	for (i = 0; i < n && err == 0; i++) {
		if (mc_listed(&list[i], hw->mc, hw->nb_mc))
			continue;
		if (hw->nb_mc == HNS3_MC_MAX)
			return -ENOSPC;
		err = mc_add(hw, &list[i]);
		if (err == 0)
			hw->mc[hw->nb_mc++] = list[i];
	}
	return err;
}

/* Is there a link, and how fast; an error is "down", and said once, not every second. */
static bool
query_link(struct hns3_hw *hw, uint32_t *mbps)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_LINK_STATUS, true);
	ret = hns3_cmd_try(&hw->cmdq, &bd, 1);
	if (ret == 0 && (hns3_get8(&bd, 0) & 1) == 0)
		return false;
	if (ret == 0) {
		setup_sfp(&bd);
		ret = hns3_cmd_try(&hw->cmdq, &bd, 1);
	}
	if (ret != 0) {
		if (!hw->link_failed)
			HNS3_DEV_LOG(ERR, hw, "command 0x%04x failed (%s): the link counts as down",
				rte_le_to_cpu_16(bd.opcode), strerror(-ret));
		hw->link_failed = true;
		return false;
	}
	hw->link_failed = false;
	*mbps = hns3_get32(&bd, HNS3_SFP_SPEED);
	return true;
}

/* Ask for the link, and tell ethdev; true if it went up or down. */
bool
hns3_mac_link_refresh(struct hns3_hw *hw)
{
	struct rte_eth_link link;
	uint32_t mbps = 0;

	memset(&link, 0, sizeof(link));
	link.link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
	link.link_autoneg = !(hw->data->dev_conf.link_speeds & RTE_ETH_LINK_SPEED_FIXED);
	link.link_speed = RTE_ETH_SPEED_NUM_NONE;
	link.link_status = RTE_ETH_LINK_DOWN;
	if (hw->started && !hw->broken && query_link(hw, &mbps)) {
		link.link_status = RTE_ETH_LINK_UP;
		/* 0: a module that does not say; the MAC runs at the port's own speed. */
		link.link_speed = mbps == 0 ? hw->cfg.speed :
			hns3_speed_code(mbps) >= 0 ? mbps : RTE_ETH_SPEED_NUM_UNKNOWN;
		if (mbps != hw->shaper_speed && mbps <= HNS3_TM_RATE_MAX && hns3_speed_code(mbps) >= 0)
			hns3_tm_port_shaper(hw, mbps);
	}
	if (!hns3_link_set(hw->dev, &link))
		return false;
	HNS3_DEV_LOG(INFO, hw, "link is %s", link.link_status == RTE_ETH_LINK_UP ? "up" : "down");
	if (hw->data->dev_conf.intr_conf.lsc)
		rte_eth_dev_callback_process(hw->dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	return true;
}
