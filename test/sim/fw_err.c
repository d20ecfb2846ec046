/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: reports of hardware errors. The model has none, and says so in the right shape. */

#include "fw.h"

#define MPF_BDS      10
#define PF_BDS       4
#define TUNNEL_BITS  0x3FFu
#define RESET_NONE   8

enum fw_ret
fw_err_bd_num(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put32(c, 0, 0, MPF_BDS);
	fw_put32(c, 0, 4, PF_BDS);
	return FW_OK;
}

enum fw_ret
fw_err_raw_check(struct fw_cmd *c)
{
	bool mpf = c->op->opcode == 0x1511 || c->op->opcode == 0x1514;
	unsigned int bds = mpf ? MPF_BDS : PF_BDS;

	return c->nb == bds ? FW_OK : fw_bad(c, "%u BDs, must be %u", c->nb, bds);
}

enum fw_ret
fw_err_raw(struct fw_cmd *c)
{
	size_t room;
	uint8_t *out = fw_stream(c, &room);

	if (c->get)
		memset(out, 0, room);
	return FW_OK;
}

enum fw_ret
fw_all_err_num(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put32(c, 0, 0, 1);
	return FW_OK;
}

enum fw_ret
fw_all_err_info(struct fw_cmd *c)
{
	size_t room;
	uint8_t *out = fw_stream(c, &room);

	memset(out, 0, room);
	out[0] = RESET_NONE;
	return FW_OK;
}

enum fw_ret
fw_mac_tunnel_status(struct fw_cmd *c)
{
	fw_zero(c);
	return FW_OK;
}

enum fw_ret
fw_mac_tunnel_check(struct fw_cmd *c)
{
	if (((fw_u32(c, 0, 0) | fw_u32(c, 0, 4)) & ~TUNNEL_BITS) != 0)
		return fw_bad(c, "words 0x%x, 0x%x", fw_u32(c, 0, 0), fw_u32(c, 0, 4));
	return FW_OK;
}
