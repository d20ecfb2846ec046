/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Promiscuous modes.
 */

#include "hns3_dev.h"

static int
send_mode(struct hns3_hw *hw, uint8_t function, uint8_t mode)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_PROMISC, false);
	hns3_put8(&bd, 0, HNS3_PROMISC_BASE | mode);
	hns3_put8(&bd, HNS3_PROMISC_FUNC, function);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

int
hns3_promisc_init(struct hns3_hw *hw)
{
	unsigned int f;
	int ret;

	ret = send_mode(hw, 0, HNS3_PROMISC_BC);
	for (f = 1; ret == 0 && f < hw->cfg.functions; f++)
		ret = send_mode(hw, f, 0);
	return ret;
}

int
hns3_promisc_set(struct hns3_hw *hw, bool promisc, bool allmulti)
{
	uint8_t mode = HNS3_PROMISC_BC;
	int ret;

	if (promisc)
		mode |= HNS3_PROMISC_UC;
	if (promisc || allmulti)
		mode |= HNS3_PROMISC_MC;
	ret = send_mode(hw, 0, mode);
	if (ret != 0)
		return ret;
	/* The VLAN filter would hide packets from a port that wants all. */
	if (hw->filter && promisc != hw->promisc)
		ret = hns3_vlan_filter_switch(hw, !promisc);
	if (ret == 0)
		hw->promisc = promisc;
	return ret;
}

void
hns3_promisc_clear(struct hns3_hw *hw)
{
	send_mode(hw, 0, 0);
}
