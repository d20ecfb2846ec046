/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The packet buffer of the port: how much of it is for Tx, for the Rx of each traffic
 * class, and shared between them, and where the waterlines are.
 */

#include <errno.h>

#include "hns3_dev.h"

#define UNIT        256u
#define NON_DCB_GAP 0x1400u
#define PRIV_GAP    0x3c00u
#define PRIV_STEP   0x1800u
#define UPDATE      0x8000u /* in each field: this value is to be taken */

static uint32_t
up(uint32_t v)
{
	return RTE_ALIGN_CEIL(v, UNIT);
}

static uint32_t
down(uint32_t v)
{
	return RTE_ALIGN_FLOOR(v, UNIT);
}

/* A port without DCB, or a large frame, may leave up to nine parts of ten of a class. */
static uint32_t
share(uint32_t v, unsigned int n)
{
	return (n <= 2 ? (uint64_t)v * 90 / 100 : v) / n;
}

/* The shared buffer, from what the private ones leave; false if that is not enough. */
static bool
plan_shared(struct hns3_buf_plan *plan, uint32_t rx_all, uint32_t dv, uint32_t m,
		unsigned int n, bool dcb)
{
	uint32_t priv = 0, least, shared;
	unsigned int i;

	for (i = 0; i < HNS3_TC_MAX; i++)
		priv += plan->priv[i].size;
	least = up(RTE_MAX(dcb ? 2 * m + dv : m + NON_DCB_GAP + dv, (n + 1) * m));
	if (rx_all < priv + least)
		return false;
	shared = down(rx_all - priv);
	plan->shared = shared;
	if (!dcb) {
		plan->shared_high = m + NON_DCB_GAP;
		plan->shared_low = m;
		plan->thrd_high = m + NON_DCB_GAP;
		plan->thrd_low = m;
		return true;
	}
	plan->shared_high = shared - dv;
	plan->shared_low = plan->shared_high - up(m / 2);
	plan->thrd_high = down(RTE_MAX(share(shared - dv, n), 2 * m));
	plan->thrd_low = plan->thrd_high - m / 2;
	return true;
}

/* All of Rx divided between the classes, nothing shared. */
static bool
plan_private(struct hns3_buf_plan *plan, uint32_t rx_all, uint32_t dv, uint32_t frame,
		unsigned int n)
{
	uint32_t r = down(n <= 2 ? (uint64_t)(rx_all / n) * 90 / 100 : rx_all / n);
	unsigned int i;

	if (r < up(dv + PRIV_GAP + 5 * (frame / 2)))
		return false;
	for (i = 0; i < n; i++) {
		plan->priv[i].size = r;
		plan->priv[i].high = r - dv;
		plan->priv[i].low = plan->priv[i].high - PRIV_STEP;
	}
	return true;
}

/* Small private buffers and the rest shared. */
static bool
plan_mixed(struct hns3_buf_plan *plan, uint32_t rx_all, uint32_t dv, uint32_t m,
		unsigned int n, bool large)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		plan->priv[i].low = 0;
		plan->priv[i].high = large ? 2 * m : m;
		plan->priv[i].size = plan->priv[i].high + dv;
	}
	return plan_shared(plan, rx_all, dv, m, n, true);
}

static bool
plan_fewer(struct hns3_buf_plan *plan, uint32_t rx_all, uint32_t dv, uint32_t m, unsigned int n)
{
	unsigned int i;

	for (i = n; i-- > 0;) {
		memset(&plan->priv[i], 0, sizeof(plan->priv[i]));
		if (plan_shared(plan, rx_all, dv, m, n, true))
			return true;
	}
	return false;
}

int
hns3_buf_compute(struct hns3_buf_plan *plan, uint32_t total, uint32_t tx, uint32_t dv,
		uint32_t frame, unsigned int nb_tc, bool dcb)
{
	uint32_t m = up(frame), rx_all;
	unsigned int i;

	memset(plan, 0, sizeof(*plan));
	if (nb_tc == 0 || nb_tc > HNS3_TC_MAX || (uint64_t)tx * nb_tc > total)
		return -ENOMEM;
	for (i = 0; i < nb_tc; i++)
		plan->tx[i] = tx;
	rx_all = total - tx * nb_tc;
	if (!dcb)
		return plan_shared(plan, rx_all, dv, m, nb_tc, false) ? 0 : -ENOMEM;
	if (plan_private(plan, rx_all, dv, frame, nb_tc) ||
			plan_mixed(plan, rx_all, dv, m, nb_tc, true) ||
			plan_mixed(plan, rx_all, dv, m, nb_tc, false) ||
			plan_fewer(plan, rx_all, dv, m, nb_tc))
		return 0;
	return -ENOMEM;
}

static uint16_t
field(uint32_t bytes)
{
	return (bytes >> 7) | UPDATE;
}

/* {high, low} of eight classes in two descriptors */
static int
send_waterlines(struct hns3_hw *hw, enum hns3_opcode op, const uint16_t high[], const uint16_t low[])
{
	struct hns3_cmd_bd bd[2];
	unsigned int i;

	hns3_cmd_setup_chain(bd, 2, op, false);
	for (i = 0; i < HNS3_TC_MAX; i++) {
		hns3_put16(&bd[i / 4], 4 * (i % 4), high[i]);
		hns3_put16(&bd[i / 4], 4 * (i % 4) + 2, low[i]);
	}
	return hns3_cmd_send(&hw->cmdq, bd, 2);
}

static int
send_dcb(struct hns3_hw *hw, const struct hns3_buf_plan *plan)
{
	uint16_t high[HNS3_TC_MAX], low[HNS3_TC_MAX];
	unsigned int i;
	int ret;

	for (i = 0; i < HNS3_TC_MAX; i++) {
		high[i] = field(plan->priv[i].high);
		low[i] = field(plan->priv[i].low);
	}
	ret = send_waterlines(hw, HNS3_OP_RX_PRIV_WL, high, low);
	if (ret != 0)
		return ret;
	for (i = 0; i < HNS3_TC_MAX; i++) {
		high[i] = field(plan->thrd_high);
		low[i] = field(plan->thrd_low);
	}
	return send_waterlines(hw, HNS3_OP_RX_COM_THRD, high, low);
}

/* Divide the packet buffer anew for frames of so many bytes. */
int
hns3_buf_config(struct hns3_hw *hw, uint16_t frame)
{
	struct hns3_buf_plan plan;
	struct hns3_cmd_bd bd;
	unsigned int i;
	int ret;

	ret = hns3_buf_compute(&plan, hw->cfg.buf_total, hw->cfg.buf_tx, hw->cfg.buf_dv, frame, 1,
			hw->dcb);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "a packet buffer of %u bytes is too small for frames of %u bytes",
			hw->cfg.buf_total, frame);
		return ret;
	}
	hns3_cmd_setup(&bd, HNS3_OP_TX_BUFF, false);
	for (i = 0; i < HNS3_TC_MAX; i++)
		hns3_put16(&bd, 2 * i, field(plan.tx[i]));
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	hns3_cmd_setup(&bd, HNS3_OP_RX_PRIV_BUFF, false);
	for (i = 0; i < HNS3_TC_MAX; i++)
		hns3_put16(&bd, 2 * i, field(plan.priv[i].size));
	hns3_put16(&bd, 2 * HNS3_TC_MAX, field(plan.shared));
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret == 0 && hw->dcb)
		ret = send_dcb(hw, &plan);
	if (ret != 0)
		return ret;
	hns3_cmd_setup(&bd, HNS3_OP_RX_COM_WL, false);
	hns3_put16(&bd, 0, field(plan.shared_high));
	hns3_put16(&bd, 2, field(plan.shared_low));
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}
