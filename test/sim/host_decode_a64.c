/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* AArch64: loads and stores of one general register, in every addressing mode. */

#include "host_decode.h"

#define ZR 31u

static uint64_t
extend(uint64_t v, unsigned int width, unsigned int opc)
{
	if (opc < 2 || width == 8)
		return v;
	/* 2: to 64 bits, 3: to 32 bits */
	switch (width) {
	case 1:
		v = (uint64_t)(int64_t)(int8_t)v;
		break;
	case 2:
		v = (uint64_t)(int64_t)(int16_t)v;
		break;
	default:
		v = (uint64_t)(int64_t)(int32_t)v;
		break;
	}
	return opc == 3 ? (uint32_t)v : v;
}

static void
transfer(uint32_t insn, unsigned int opc, struct sim_a64_regs *r, const struct sim_access *a)
{
	unsigned int width = 1u << (insn >> 30), rt = insn & 31;

	if (opc == 0) {
		uint64_t v = rt == ZR ? 0 : r->r[rt];

		if (width < 8)
			v &= ((uint64_t)1 << (width * 8)) - 1;
		a->store(a->ctx, width, v);
	} else {
		uint64_t v = extend(a->load(a->ctx, width), width, opc);

		if (rt != ZR)
			r->r[rt] = v;
	}
}

bool
sim_a64_emulate(uint32_t insn, struct sim_a64_regs *r, const struct sim_access *a)
{
	unsigned int opc = (insn >> 22) & 3, rn = (insn >> 5) & 31;
	int64_t writeback = 0;

	if ((insn & 0x3ffffc00) == 0x08dffc00) { /* ldar */
		opc = 1;
	} else if ((insn & 0x3ffffc00) == 0x089ffc00) { /* stlr */
		opc = 0;
	} else if ((insn & 0x3f000000) == 0x39000000) {
		/* unsigned offset */
	} else if ((insn & 0x3f200000) == 0x38000000) {
		/* bits 11:10: 0 ldur and stur, 1 post-index, 2 unprivileged, 3 pre-index */
		if (((insn >> 10) & 1) != 0) {
			writeback = (int64_t)(insn >> 12 & 0x1ff);
			if (writeback & 0x100)
				writeback -= 0x200;
		}
	} else if ((insn & 0x3f200c00) != 0x38200800) { /* register offset */
		return false;
	}
	/* what would be a signed load of 64 bits is a prefetch; of 32 to 32 bits there is none */
	if (opc >= 2 && (insn >> 30 == 3 || (insn >> 30 == 2 && opc == 3)))
		return false;
	transfer(insn, opc, r, a);
	if (writeback != 0)
		r->r[rn] += (uint64_t)writeback;
	r->pc += 4;
	return true;
}
