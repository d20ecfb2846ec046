/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: what the kernel's driver asks and DPDK drivers do not. */

#include "fw.h"

#define LOOP_SERIAL   (1u << 0)
#define LOOP_PARALLEL (1u << 2)
#define LOOP_PHY      (1u << 3)
#define LOOP_DONE     3 /* done, with success */
#define VLANS         4096
#define KILL_UNKNOWN  1
#define SWITCH_BITS   0x0Fu
#define LED_MAX       1
#define FD_USER_ON    0x8000u

enum fw_ret
fw_loopback_check(struct fw_cmd *c)
{
	if (((fw_u8(c, 0, 0) | fw_u8(c, 0, 1)) & ~(LOOP_SERIAL | LOOP_PARALLEL | LOOP_PHY)) != 0)
		return fw_bad(c, "mask 0x%x, enable 0x%x", fw_u8(c, 0, 0), fw_u8(c, 0, 1));
	/* Inner loops of the chip: there is none to switch on. */
	return !c->get && (fw_u8(c, 0, 0) & fw_u8(c, 0, 1)) != 0 ? FW_NOT_SUPPORTED : FW_OK;
}

enum fw_ret
fw_loopback(struct fw_cmd *c)
{
	if (c->get)
		fw_put8(c, 0, 2, LOOP_DONE);
	return FW_OK;
}

/* --- resets of virtual functions, of which there are none ------------------------------------ */

enum fw_ret
fw_vf_reset_check(struct fw_cmd *c)
{
	/* The kernel clears the state of all that there could be. */
	if (fw_u8(c, 0, 1) != 0)
		return fw_bad(c, "function %u does not exist", fw_u8(c, 0, 0));
	return FW_OK;
}

enum fw_ret
fw_vf_ready(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put8(c, 0, 0, 1);
	return FW_OK;
}

/* --- the VLANs of a function; the port's own table is what filters ----------------------------- */

enum fw_ret
fw_vlan_function_check(struct fw_cmd *c)
{
	if (fw_u16(c, 0, 0) >= VLANS || fw_u8(c, 0, 4) > 1)
		return fw_bad(c, "VLAN %u, action %u", fw_u16(c, 0, 0), fw_u8(c, 0, 4));
	for (unsigned int i = 0; i < 16; i++)
		if (fw_u8(c, 0, 8 + i) != (i == 0 ? 1 : 0) || fw_u8(c, 1, 8 + i) != 0)
			return fw_bad(c, "functions other than 0 do not exist");
	return FW_OK;
}

enum fw_ret
fw_vlan_function(struct fw_cmd *c)
{
	uint64_t *word = &c->d->fw->vlan_function[fw_u16(c, 0, 0) / 64];
	uint64_t bit = 1ull << fw_u16(c, 0, 0) % 64;

	fw_put8(c, 0, 2, 0);
	if (fw_u8(c, 0, 4) == 0) {
		*word |= bit;
	} else {
		if ((*word & bit) == 0)
			fw_put8(c, 0, 2, KILL_UNKNOWN);
		*word &= ~bit;
	}
	return FW_OK;
}

/* --- packets of one queue ------------------------------------------------------------------------ */

enum fw_ret
fw_tqp_stats_check(struct fw_cmd *c)
{
	if (fw_u16(c, 0, 0) >= c->d->cfg.tqps)
		return fw_bad(c, "queue %u of %u", fw_u16(c, 0, 0), c->d->cfg.tqps);
	return FW_OK;
}

enum fw_ret
fw_tqp_stats(struct fw_cmd *c)
{
	uint32_t n = sim_tqp_take_record(c->d, fw_u16(c, 0, 0), c->op->opcode == 0x0B13);

	fw_put32(c, 0, 4, n);
	return FW_OK;
}

/* --- what has no effect here ---------------------------------------------------------------------- */

enum fw_ret
fw_switch_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 0) > 1 || fw_u32(c, 0, 4) != 0 || (fw_u8(c, 0, 8) & ~SWITCH_BITS) != 0)
		return fw_bad(c, "select %u, function %u, parameter 0x%x", fw_u8(c, 0, 0),
			fw_u32(c, 0, 4), fw_u8(c, 0, 8));
	return FW_OK;
}

enum fw_ret
fw_switch(struct fw_cmd *c)
{
	uint8_t *now = &c->d->fw->switch_param, mask = fw_u8(c, 0, 12);

	if (c->get)
		fw_put8(c, 0, 8, *now);
	else
		*now = (uint8_t)((*now & mask) | (fw_u8(c, 0, 8) & ~mask));
	return FW_OK;
}

enum fw_ret
fw_led_check(struct fw_cmd *c)
{
	return fw_u8(c, 0, 3) <= LED_MAX ? FW_OK : fw_bad(c, "LED state %u", fw_u8(c, 0, 3));
}

/* Words that a rule of the flow director could match, of which there are none. */
enum fw_ret
fw_fd_user(struct fw_cmd *c)
{
	for (unsigned int i = 0; i < 6; i++)
		if ((fw_u16(c, 0, 2 * i) & FD_USER_ON) != 0)
			return FW_NOT_SUPPORTED;
	return FW_OK;
}
