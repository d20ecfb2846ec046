/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Bring-up of a physical function: from a mapped device to a port that can be configured,
 * and back. Each step that is taken has its counterpart, and a failure takes back what was
 * done so far.
 */

#include <errno.h>

#include "hns3_dev.h"

#define GL_DEFAULT   (20u >> 1) /* 20 us in units of 2 us */
#define MSS_MIN      256u
#define MSS_MAX      9668u
#define TNL_INT_MASK 0x3ffu

static int
query_firmware(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_FW_VERSION, true);
	hns3_put32(&bd, HNS3_FW_API_CAPS, HNS3_API_FLEX_RSS);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret == 0)
		hw->fw_version = hns3_get32(&bd, HNS3_FW_VERSION);
	return ret;
}

/* Old firmware does not know the command; the link is then polled only. */
static void
tell_firmware(struct hns3_hw *hw, uint32_t compat)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_FW_COMPAT, false);
	hns3_put32(&bd, 0, compat);
	hns3_cmd_try(&hw->cmdq, &bd, 1);
}

static int
clear_hardware(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_CLEAR_HW, false);
	ret = hns3_cmd_try(&hw->cmdq, &bd, 1);
	if (ret == 0 || ret == -EOPNOTSUPP)
		return 0;
	HNS3_DEV_LOG(ERR, hw, "command 0x%04x (%s) failed: %s", HNS3_OP_CLEAR_HW,
		hns3_cmd_name(HNS3_OP_CLEAR_HW), strerror(-ret));
	return ret;
}

static void
clear_events(struct hns3_hw *hw)
{
	hns3_reg_write(hw->bar, HNS3_MISC_RST_STS,
		HNS3_OTHER_GLOBAL | HNS3_OTHER_CORE | HNS3_OTHER_IMP);
	hns3_reg_write(hw->bar, HNS3_CMDQ_SRC, 0);
	hns3_reg_write(hw->bar, HNS3_MISC_RST_STS, HNS3_OTHER_PTP);
}

static void
report_all_errors(struct hns3_hw *hw, bool on)
{
	uint32_t v = hns3_reg_read(hw->bar, HNS3_OTHER_EN);

	v = on ? v | HNS3_OTHER_EN_MSIX : v & ~HNS3_OTHER_EN_MSIX;
	hns3_reg_write(hw->bar, HNS3_OTHER_EN, v);
}

static int
cmdq_init(struct hns3_hw *hw)
{
	const struct rte_memzone *mz;

	mz = rte_eth_dma_zone_reserve(hw->dev, "cmdq", 0, hns3_cmdq_size(), 4096,
			hw->pci->device.numa_node);
	if (mz == NULL) {
		HNS3_DEV_LOG(ERR, hw, "no hugepage memory for the command queue (%zu bytes)",
			hns3_cmdq_size());
		return -ENOMEM;
	}
	hns3_cmdq_attach(&hw->cmdq, hw->bar, hw->name, mz);
	clear_events(hw);
	hns3_cmdq_start(&hw->cmdq);
	return 0;
}

static void
cmdq_uninit(struct hns3_hw *hw)
{
	hns3_cmdq_stop(&hw->cmdq);
	hns3_cmdq_detach(&hw->cmdq);
	rte_eth_dma_zone_free(hw->dev, "cmdq", 0);
}

/* All queue pairs of the port belong to the PF, under their own numbers. */
static int
map_queues(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	unsigned int q;
	int ret = 0;

	for (q = 0; ret == 0 && q < hw->cfg.tqps_total; q++) {
		hns3_cmd_setup(&bd, HNS3_OP_TQP_MAP, false);
		hns3_put16(&bd, HNS3_MAP_TQP, q);
		hns3_put8(&bd, HNS3_MAP_FLAG, HNS3_MAP_EN);
		hns3_put16(&bd, HNS3_MAP_VID, q);
		ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	}
	return ret;
}

/* No rule is ever set; the key is still given a shape, as the hardware expects one. */
static int
init_flow_director(struct hns3_hw *hw)
{
	/* Tuples by bit: VLAN 18, ethertype 20, TOS 22, protocol 23, addresses 24 and 25, ports
	 * 27 and 28; with keys of 400 bits those of tunnels, MAC addresses and the like too.
	 */
	const uint32_t small = 1u << 18 | 1u << 20 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25 |
		1u << 27 | 1u << 28;
	const uint32_t large = small | 1u << 4 | 1u << 7 | 1u << 11 | 1u << 12 | 1u << 14 |
		1u << 15 | 1u << 16 | 1u << 17 | 1u << 19 | 1u << 29;
	const uint32_t meta = 1u << 4 | 1u << 6 | 1u << 7;
	struct hns3_cmd_bd bd;
	uint8_t mode;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_FD_MODE, true);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	mode = hns3_get8(&bd, 0);
	if (mode != 0 && mode != 2) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: flow director mode %u is not supported",
			HNS3_OP_FD_MODE, mode);
		return -EOPNOTSUPP;
	}
	hns3_cmd_setup(&bd, HNS3_OP_FD_ALLOC, true);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	hns3_cmd_setup(&bd, HNS3_OP_FD_KEY, false);
	hns3_put8(&bd, 1, 1);
	hns3_put8(&bd, 2, 3);
	hns3_put8(&bd, 3, 3);
	hns3_put32(&bd, 8, ~(mode == 0 ? large : small));
	hns3_put32(&bd, 12, ~meta);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

static int
init_offloads(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_TSO, false);
	hns3_put16(&bd, 0, MSS_MIN);
	hns3_put16(&bd, 2, MSS_MAX);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	/* Merging of TCP segments is on by itself on HIP08. */
	hns3_cmd_setup(&bd, HNS3_OP_GRO, false);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

/* Take each ring off any vector that an earlier driver left it on. The last vector is where
 * the hardware parks such rings.
 */
static int
init_vectors(struct hns3_hw *hw)
{
	uint16_t n = RTE_MIN(hw->cfg.tqps, hw->cfg.vectors - 2);
	uint16_t vector = hw->cfg.vectors - 2;
	struct hns3_cmd_bd bd;
	unsigned int q, rx;
	int ret;

	for (q = 0; q < n; q++) {
		hns3_reg_write(hw->bar, HNS3_QVEC(q) + HNS3_QVEC_GL0, GL_DEFAULT);
		hns3_reg_write(hw->bar, HNS3_QVEC(q) + HNS3_QVEC_GL1, GL_DEFAULT);
		hns3_reg_write(hw->bar, HNS3_QVEC(q) + HNS3_QVEC_RL, 0);
		for (rx = 0; rx < 2; rx++) {
			hns3_cmd_setup(&bd, HNS3_OP_RING_UNBIND, false);
			hns3_put8(&bd, HNS3_BIND_VECTOR, vector);
			hns3_put8(&bd, HNS3_BIND_VEC_HIGH, vector >> 8);
			hns3_put8(&bd, HNS3_BIND_NUM, 1);
			hns3_put16(&bd, HNS3_BIND_ENTRY, rx | q << 2 | (rx ? 0 : 1) << 13);
			ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
			if (ret != 0)
				return ret;
		}
	}
	return 0;
}

static int
init_tables(struct hns3_hw *hw)
{
	int ret;

	ret = hns3_mac_manager(hw);
	if (ret == 0)
		ret = hns3_promisc_init(hw);
	if (ret == 0)
		ret = hns3_vlan_init(hw);
	if (ret == 0)
		ret = hns3_tm_init(hw);
	if (ret == 0)
		ret = init_flow_director(hw);
	if (ret == 0)
		ret = init_offloads(hw);
	if (ret == 0)
		ret = init_vectors(hw);
	if (ret == 0)
		ret = hns3_err_enable(hw, true);
	return ret;
}

static int
init_hardware(struct hns3_hw *hw)
{
	int ret;

	ret = hns3_stats_init(hw);
	if (ret == 0)
		ret = map_queues(hw);
	if (ret == 0)
		ret = hns3_mac_space(hw, true);
	if (ret != 0)
		return ret;
	ret = hns3_mac_speed(hw, hw->cfg.speed);
	if (ret == 0)
		ret = hns3_mac_frame(hw, HNS3_FRAME_FLOOR);
	if (ret == 0)
		ret = hns3_buf_config(hw, HNS3_FRAME_FLOOR);
	if (ret == 0)
		ret = init_tables(hw);
	if (ret != 0)
		hns3_mac_space(hw, false);
	return ret;
}

int
hns3_pf_init(struct hns3_hw *hw)
{
	int ret;

	ret = cmdq_init(hw);
	if (ret != 0)
		return ret;
	ret = query_firmware(hw);
	if (ret != 0)
		goto no_firmware;
	tell_firmware(hw, HNS3_COMPAT_LINK_EVENT);
	ret = clear_hardware(hw);
	if (ret != 0)
		goto no_intr;
	report_all_errors(hw, true);
	ret = hns3_intr_init(hw);
	if (ret != 0)
		goto no_intr;
	ret = hns3_cfg_query(hw);
	if (ret == 0)
		ret = init_hardware(hw);
	if (ret != 0)
		goto no_hardware;
	hns3_reg_write(hw->bar, HNS3_CSQ_DEPTH,
		hns3_reg_read(hw->bar, HNS3_CSQ_DEPTH) & ~HNS3_SW_RST_READY);
	return 0;

no_hardware:
	hns3_intr_uninit(hw);
no_intr:
	report_all_errors(hw, false);
	tell_firmware(hw, 0);
no_firmware:
	cmdq_uninit(hw);
	return ret;
}

void
hns3_pf_uninit(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;

	hns3_reg_write(hw->bar, HNS3_CSQ_DEPTH,
		hns3_reg_read(hw->bar, HNS3_CSQ_DEPTH) | HNS3_SW_RST_READY);
	hns3_mac_mc_set(hw, NULL, 0);
	hns3_vlan_clear(hw);
	hns3_err_enable(hw, false);
	hns3_rss_clear(hw);
	hns3_cmd_setup(&bd, HNS3_OP_GRO, false);
	hns3_cmd_send(&hw->cmdq, &bd, 1);
	hns3_promisc_clear(hw);
	hns3_mac_space(hw, false);
	hns3_cmd_setup(&bd, HNS3_OP_MAC_TNL_EN, false);
	hns3_put32(&bd, 4, TNL_INT_MASK);
	hns3_cmd_send(&hw->cmdq, &bd, 1);
	hns3_intr_uninit(hw);
	report_all_errors(hw, false);
	tell_firmware(hw, 0);
	cmdq_uninit(hw);
}
