/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * What the firmware says of the port. Nothing of it is believed before it has been checked
 * against what the driver's tables hold.
 */

#include <errno.h>

#include <rte_cycles.h>

#include "hns3_dev.h"

#define U128 128u
#define TX_BUF_DEFAULT  0x4000u
#define DV_BUF_DEFAULT  0xa000u
#define BUF_UNIT        256u
#define STATUS_TRIES    11
#define RSS_SIZE_DEFAULT 64u
#define MAC_SPACE_DEFAULT 384u
#define MAC_COUNTERS_LIMIT 1024u

/* Media types */
#define MEDIA_FIBRE     1
#define MEDIA_COPPER    2
#define MEDIA_BACKPLANE 3

/* Speeds by their code */
static const uint32_t speeds[] = { 1000, 10000, 25000, 40000, 50000, 100000, 10, 100, 200000 };

int
hns3_speed_code(uint32_t mbps)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(speeds); i++)
		if (speeds[i] == mbps)
			return i;
	return -EINVAL;
}

static int
query_status(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int i, ret;

	for (i = 0; i < STATUS_TRIES; i++) {
		hns3_cmd_setup(&bd, HNS3_OP_FUNC_STATUS, true);
		ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
		if (ret != 0)
			return ret;
		if (hns3_get8(&bd, HNS3_FUNC_PF_STATE) != 0)
			break;
		rte_delay_us_sleep(1000);
	}
	if ((hns3_get8(&bd, HNS3_FUNC_PF_STATE) & HNS3_FUNC_DONE) == 0) {
		HNS3_DEV_LOG(ERR, hw, "the function is still being reset (state 0x%02x)",
			hns3_get8(&bd, HNS3_FUNC_PF_STATE));
		return -EINVAL;
	}
	return 0;
}

static int
query_mac_counters(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	uint32_t n;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_MAC_REG_NUM, true);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	n = hns3_get32(&bd, 0);
	if (n == 0 || n > MAC_COUNTERS_LIMIT) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: %u MAC counters cannot be",
			HNS3_OP_MAC_REG_NUM, n);
		return -ENODATA;
	}
	hw->cfg.mac_counters = n;
	return 0;
}

static int
query_resources(struct hns3_hw *hw)
{
	struct hns3_cfg *cfg = &hw->cfg;
	struct hns3_cmd_bd bd;
	uint32_t total;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_PF_RSRC, true);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	total = hns3_get16(&bd, HNS3_RSRC_TQPS) + hns3_get16(&bd, HNS3_RSRC_EXT_TQPS);
	cfg->vectors = hns3_get16(&bd, HNS3_RSRC_VECTORS);
	cfg->functions = hns3_get16(&bd, HNS3_RSRC_FUNCS);
	cfg->buf_total = hns3_get16(&bd, HNS3_RSRC_BUF) * U128;
	cfg->buf_tx = hns3_get16(&bd, HNS3_RSRC_TX_BUF) * U128;
	cfg->buf_dv = hns3_get16(&bd, HNS3_RSRC_DV_BUF) * U128;
	if (total == 0 || total > HNS3_TQPS_TOTAL || cfg->vectors < 3 || cfg->functions > 256) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: %u queue pairs, %u vectors and %u functions "
			"cannot be", HNS3_OP_PF_RSRC, total, cfg->vectors, cfg->functions);
		return -EINVAL;
	}
	cfg->tqps_total = total;
	cfg->tqps = RTE_MIN(total, HNS3_TQPS_MAX);
	cfg->buf_tx = RTE_ALIGN_CEIL(cfg->buf_tx == 0 ? TX_BUF_DEFAULT : cfg->buf_tx, BUF_UNIT);
	cfg->buf_dv = RTE_ALIGN_CEIL(cfg->buf_dv == 0 ? DV_BUF_DEFAULT : cfg->buf_dv, BUF_UNIT);
	return 0;
}

static int
take_mac(struct hns3_hw *hw, uint32_t low, uint32_t high)
{
	struct rte_ether_addr *mac = &hw->cfg.mac;
	unsigned int i;

	for (i = 0; i < 4; i++)
		mac->addr_bytes[i] = low >> (8 * i);
	mac->addr_bytes[4] = high;
	mac->addr_bytes[5] = high >> 8;
	if (!rte_is_valid_assigned_ether_addr(mac)) {
		rte_eth_random_addr(mac->addr_bytes);
		HNS3_DEV_LOG(WARNING, hw, "the port has no MAC address of its own: using "
			RTE_ETHER_ADDR_PRT_FMT, RTE_ETHER_ADDR_BYTES(mac));
	}
	return 0;
}

static int
take_media(struct hns3_hw *hw, unsigned int media)
{
	switch (media) {
	case MEDIA_FIBRE:
	case MEDIA_BACKPLANE:
		return 0;
	case MEDIA_COPPER:
		HNS3_DEV_LOG(ERR, hw, "copper ports are not supported");
		return -EOPNOTSUPP;
	default:
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: unknown media type %u",
			HNS3_OP_CFG_PARAM, media);
		return -EINVAL;
	}
}

static int
query_parameters(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd[2];
	uint32_t p[4], code;
	int ret;

	/* Two blocks of 16 bytes, asked for by two commands at once. */
	hns3_cmd_setup(&bd[0], HNS3_OP_CFG_PARAM, true);
	hns3_cmd_setup(&bd[1], HNS3_OP_CFG_PARAM, true);
	hns3_put32(&bd[0], 0, HNS3_CFG_REQ(0));
	hns3_put32(&bd[1], 0, HNS3_CFG_REQ(16));
	ret = hns3_cmd_send(&hw->cmdq, bd, 2);
	if (ret != 0)
		return ret;
	if (bd[0].retval != 0) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x (%s) failed: the firmware answers %u to its "
			"first block", HNS3_OP_CFG_PARAM, hns3_cmd_name(HNS3_OP_CFG_PARAM),
			rte_le_to_cpu_16(bd[0].retval));
		return -EIO;
	}
	p[1] = hns3_get32(&bd[0], HNS3_CFG_WORD(1));
	p[2] = hns3_get32(&bd[0], HNS3_CFG_WORD(2));
	p[3] = hns3_get32(&bd[0], HNS3_CFG_WORD(3));
	ret = take_media(hw, (p[1] >> 8) & 0xff);
	if (ret != 0)
		return ret;
	code = (p[3] >> 16) & 0xff;
	if (code >= RTE_DIM(speeds)) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: unknown speed code %u",
			HNS3_OP_CFG_PARAM, code);
		return -EINVAL;
	}
	hw->cfg.speed = speeds[code];
	hw->cfg.rss_size_max = p[3] >> 24;
	if (hw->cfg.rss_size_max == 0)
		hw->cfg.rss_size_max = RSS_SIZE_DEFAULT;
	hw->cfg.mac_space = hns3_get32(&bd[1], HNS3_CFG_WORD(1)) >> 16;
	if (hw->cfg.mac_space == 0)
		hw->cfg.mac_space = MAC_SPACE_DEFAULT;
	return take_mac(hw, p[2], p[3]);
}

int
hns3_cfg_query(struct hns3_hw *hw)
{
	int ret;

	ret = query_status(hw);
	if (ret == 0)
		ret = query_mac_counters(hw);
	if (ret == 0)
		ret = query_resources(hw);
	if (ret == 0)
		ret = query_parameters(hw);
	if (ret == 0)
		ret = hns3_mac_fec_query(hw);
	return ret;
}
