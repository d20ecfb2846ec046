/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: statistics. Counters are differences since the last time they were read. */

#include "fw.h"

#define MAC_BDS ((FW_MAC_REGS + 3) / 4 + 1)
#define SETTLE_TURNS  32
#define SETTLE_BUDGET 256

_Static_assert(8 + SIM_MAC_COUNTERS * 8 <= MAC_BDS * sizeof(struct fw_bd),
		"the counters fit into the descriptors of 0x0034");

/* The chip sends what was rung for within microseconds, far sooner than a command is done.
 * The model's thread may lag: let it catch up, so that a driver that has stopped sending reads
 * all that it sent. (In lock-step mode the caller decides when the device runs.)
 */
static void
settle_tx(struct sim_dev *d)
{
	if (d->cfg.mode == SIM_MODE_LOCKSTEP)
		return;
	for (unsigned int i = 0; i < SETTLE_TURNS && sim_tx_poll(d, SETTLE_BUDGET) != 0; i++)
		;
}

enum fw_ret
fw_mac_reg_num(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put32(c, 0, 0, FW_MAC_REGS);
	return FW_OK;
}

enum fw_ret
fw_mac_stats_check(struct fw_cmd *c)
{
	return c->nb == MAC_BDS ? FW_OK :
			fw_bad(c, "%u BDs for %u registers, must be %u", c->nb, FW_MAC_REGS,
					(unsigned int)MAC_BDS);
}

enum fw_ret
fw_mac_stats(struct fw_cmd *c)
{
	struct sim_dev *d = c->d;
	size_t room;
	uint8_t *out = fw_stream(c, &room);

	settle_tx(d);
	memset(out, 0, room);
	memcpy(out, d->mac_counter, sizeof(d->mac_counter));
	memset(d->mac_counter, 0, sizeof(d->mac_counter));
	sim_tqp_stats_window(d);
	return FW_OK;
}

enum fw_ret
fw_rpu_drop(struct fw_cmd *c)
{
	struct sim_dev *d = c->d;

	settle_tx(d);
	fw_zero(c);
	fw_put32(c, 0, 12, d->rpu_drop);
	d->rpu_drop = 0;
	sim_tqp_stats_window(d);
	return FW_OK;
}

enum fw_ret
fw_ssu_drop_check(struct fw_cmd *c)
{
	return fw_u8(c, 0, 0) <= 1 ? FW_OK : fw_bad(c, "direction %u", fw_u8(c, 0, 0));
}

enum fw_ret
fw_ssu_drop(struct fw_cmd *c)
{
	fw_zero(c); /* the model's packet buffer never overflows: the wire waits */
	return FW_OK;
}
