/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The Tx scheduler: one priority group, one priority, one queue set, all queues in it, and
 * shapers that do not hold anything back.
 */

#include <errno.h>

#include "hns3_dev.h"

#define SHAPER_BURST (5u << 16 | 20u << 21) /* bs_b, bs_s */
#define IR_MAX       126u
#define IR_DIV       8000u
#define WEIGHT       100u
#define DWRR         1u
#define QSET_VALID   (1u << 10)
#define ETS_OFFSET   14u
#define PAUSE_TIME   0xffffu
#define PAUSE_GAP    0x18u
#define BP_GROUPS    32u

/*
 * The shaper knows a rate as ir_b * 2^ir_u * 8000 / (tick * 2^ir_s) Mbit/s. With u = s = 0
 * and ir_b = 126 it gives a rate in the middle: from there one of the exponents is raised
 * until the wanted rate is passed, and ir_b is what is left.
 */
int
hns3_tm_shaper_word(uint32_t mbps, enum hns3_tm_level level, uint32_t max_rate, uint32_t *word)
{
	static const uint32_t ticks[] = {
		[HNS3_TM_PRI] = 1536, [HNS3_TM_PG] = 192, [HNS3_TM_PORT] = 48,
	};
	const uint64_t most = IR_MAX * IR_DIV, rate = mbps;
	uint64_t tick = ticks[level], calc, b;
	unsigned int u = 0, s = 0;

	if (mbps == 0 || mbps > max_rate)
		return -EINVAL;
	calc = (most + tick / 2 - 1) / tick;
	if (calc == rate) {
		b = IR_MAX;
	} else if (calc > rate) {
		while (calc >= rate) {
			s++;
			calc = most / (tick << s);
		}
		b = (rate * (tick << s) + IR_DIV / 2) / IR_DIV;
	} else {
		do {
			u++;
			calc = ((most << u) + tick / 2) / tick;
		} while (calc < rate);
		if (calc == rate) {
			b = IR_MAX;
		} else {
			u--;
			b = (rate * tick + (((uint64_t)IR_DIV << u) / 2)) / ((uint64_t)IR_DIV << u);
		}
	}
	*word = b == 0 ? 0 : (uint32_t)(b & 0xff) | u << 8 | s << 12 | SHAPER_BURST;
	return 0;
}

static int
send8(struct hns3_hw *hw, enum hns3_opcode op, uint32_t w0, uint32_t w1)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, op, false);
	hns3_put32(&bd, 0, w0);
	hns3_put32(&bd, 4, w1);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

static int
send_shaper(struct hns3_hw *hw, enum hns3_opcode op, uint32_t word)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, op, false);
	hns3_put8(&bd, 0, 0);
	hns3_put32(&bd, 4, word);
	hns3_put8(&bd, 8, 1);
	hns3_put32(&bd, 12, HNS3_TM_RATE_MAX);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

int
hns3_tm_port_shaper(struct hns3_hw *hw, uint32_t mbps)
{
	struct hns3_cmd_bd bd;
	uint32_t word;
	int ret;

	ret = hns3_tm_shaper_word(mbps, HNS3_TM_PORT, HNS3_TM_RATE_MAX, &word);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "no shaper for a port of %u Mbit/s", mbps);
		return ret;
	}
	hns3_cmd_setup(&bd, HNS3_OP_PORT_SHAPER, false);
	hns3_put32(&bd, 0, word);
	hns3_put8(&bd, 4, 1);
	hns3_put32(&bd, 8, mbps);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret == 0)
		hw->shaper_speed = mbps;
	return ret;
}

static int
init_shapers(struct hns3_hw *hw)
{
	uint32_t word;
	int ret;

	ret = hns3_tm_port_shaper(hw, hw->cfg.speed);
	if (ret == 0)
		ret = send_shaper(hw, HNS3_OP_PG_C_SHAPER, 0);
	if (ret == 0)
		ret = hns3_tm_shaper_word(HNS3_TM_RATE_MAX, HNS3_TM_PG, HNS3_TM_RATE_MAX, &word);
	if (ret == 0)
		ret = send_shaper(hw, HNS3_OP_PG_P_SHAPER, word);
	if (ret == 0)
		ret = send_shaper(hw, HNS3_OP_PRI_C_SHAPER, 0);
	if (ret == 0)
		ret = hns3_tm_shaper_word(HNS3_TM_RATE_MAX, HNS3_TM_PRI, HNS3_TM_RATE_MAX, &word);
	if (ret == 0)
		ret = send_shaper(hw, HNS3_OP_PRI_P_SHAPER, word);
	return ret;
}

static int
init_weights(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	ret = send8(hw, HNS3_OP_PG_WEIGHT, WEIGHT << 8, 0);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_PRI_WEIGHT, WEIGHT << 8, 0);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_QS_WEIGHT, WEIGHT << 16, 0);
	if (ret != 0 || !hw->dcb)
		return ret;
	hns3_cmd_setup(&bd, HNS3_OP_ETS_WEIGHT, false);
	hns3_put8(&bd, 0, WEIGHT);
	hns3_put8(&bd, 8, ETS_OFFSET);
	ret = hns3_cmd_try(&hw->cmdq, &bd, 1);
	/* Firmware without it schedules by the weights above. */
	if (ret != 0 && ret != -EOPNOTSUPP) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x (TC weights) failed", HNS3_OP_ETS_WEIGHT);
		return ret;
	}
	return 0;
}

static int
send_pause_para(struct hns3_hw *hw, const struct rte_ether_addr *mac, uint8_t gap, uint16_t time)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_PAUSE_PARA, false);
	memcpy(bd.data, mac, sizeof(*mac));
	hns3_put8(&bd, 6, gap);
	hns3_put16(&bd, 8, time);
	memcpy(bd.data + 16, mac, sizeof(*mac));
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

/* Pause frames carry the port's address, and must follow it. */
int
hns3_tm_pause_addr(struct hns3_hw *hw, const struct rte_ether_addr *mac)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_PAUSE_PARA, true);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	return send_pause_para(hw, mac, hns3_get8(&bd, 6), hns3_get16(&bd, 8));
}

static int
init_pause(struct hns3_hw *hw)
{
	unsigned int i;
	int ret;

	ret = send_pause_para(hw, &hw->cfg.mac, PAUSE_GAP, PAUSE_TIME);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_MAC_PAUSE, 0, 0);
	if (ret != 0 || !hw->dcb)
		return ret;
	ret = send8(hw, HNS3_OP_PFC_PAUSE, 0, 0);
	for (i = 0; ret == 0 && i < BP_GROUPS; i++)
		ret = send8(hw, HNS3_OP_BP_MAP, i << 24, i == 0 ? 1 : 0);
	return ret;
}

/* Put the first n queues into the queue set. */
int
hns3_tm_queues(struct hns3_hw *hw, uint16_t n)
{
	uint16_t q;
	int ret = 0;

	for (q = 0; ret == 0 && q < n; q++)
		ret = send8(hw, HNS3_OP_NQ_TO_QS, q, QSET_VALID);
	return ret;
}

int
hns3_tm_init(struct hns3_hw *hw)
{
	int ret;

	ret = send8(hw, HNS3_OP_PRI_TO_TC, 0, 0);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_PG_TO_PRI, 0, 1);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_QS_TO_PRI, 0, 1u << 8);
	if (ret == 0)
		ret = hns3_tm_queues(hw, RTE_MIN(hw->cfg.rss_size_max, hw->cfg.tqps));
	if (ret == 0)
		ret = init_shapers(hw);
	if (ret == 0)
		ret = init_weights(hw);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_PG_SCHED, 0, DWRR);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_PRI_SCHED, 0, DWRR);
	if (ret == 0)
		ret = send8(hw, HNS3_OP_QS_SCHED, 0, DWRR);
	if (ret == 0)
		ret = init_pause(hw);
	return ret;
}
