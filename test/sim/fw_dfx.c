/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: register dumps. Their registers are the chip's inner ones, of which the model
 * has none: they read 0, in the shape that a dump expects.
 */

#include "fw.h"

#define REGS_32 14
#define REGS_64 7
#define DFX_FIRST 0x0044

/* Descriptors of the modules 0x0044 to 0x004F. */
static const uint8_t dfx_bds[] = {2, 10, 15, 9, 1, 2, 10, 4, 22, 10, 2, 1};

enum fw_ret
fw_reg_num(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put32(c, 0, 0, REGS_32);
	fw_put32(c, 0, 4, REGS_64);
	return FW_OK;
}

enum fw_ret
fw_reg_dump_check(struct fw_cmd *c)
{
	/* 32 bits: 8 in a BD but for 6 in the first; 64 bits: 4 and 3. */
	unsigned int bds = c->op->opcode == 0x0041 ? (REGS_32 + 2 + 7) / 8 : (REGS_64 + 1 + 3) / 4;

	return c->nb == bds ? FW_OK : fw_bad(c, "%u BDs, must be %u", c->nb, bds);
}

enum fw_ret
fw_reg_dump(struct fw_cmd *c)
{
	size_t room;
	uint8_t *out = fw_stream(c, &room);

	memset(out, 0, room);
	return FW_OK;
}

enum fw_ret
fw_dfx_bd_num(struct fw_cmd *c)
{
	fw_zero(c);
	/* A stream of words, six in each BD; word 0 is reserved. */
	for (unsigned int i = 0; i < sizeof(dfx_bds); i++)
		fw_put32(c, (i + 1) / 6, (i + 1) % 6 * 4, dfx_bds[i]);
	return FW_OK;
}

enum fw_ret
fw_dfx_check(struct fw_cmd *c)
{
	unsigned int bds = dfx_bds[c->op->opcode - DFX_FIRST];

	return c->nb == bds ? FW_OK : fw_bad(c, "%u BDs, must be %u", c->nb, bds);
}

enum fw_ret
fw_dfx(struct fw_cmd *c)
{
	fw_zero(c);
	return FW_OK;
}
