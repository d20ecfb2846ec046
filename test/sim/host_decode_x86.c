/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The x86-64 instructions by which compilers access a volatile word: moves, and arithmetic
 * with an operand in memory.
 */

#include <string.h>

#include "host_decode.h"

#define F_CF (1u << 0)
#define F_PF (1u << 2)
#define F_AF (1u << 4)
#define F_ZF (1u << 6)
#define F_SF (1u << 7)
#define F_OF (1u << 11)
#define F_ARITH (F_CF | F_PF | F_AF | F_ZF | F_SF | F_OF)

#define RSP 4u

enum alu { ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST };

struct insn {
	const uint8_t *p;      /* next byte */
	bool opsize, lock, rex;
	uint8_t rex_bits, rep;
	uint8_t mod, reg, rm;
};

static unsigned int
width_of(const struct insn *i, bool byte)
{
	if (byte)
		return 1;
	return i->rex_bits & 8 ? 8 : i->opsize ? 2 : 4;
}

static uint64_t
mask_of(unsigned int width)
{
	return width == 8 ? UINT64_MAX : ((uint64_t)1 << (width * 8)) - 1;
}

static uint64_t
sign_extend(uint64_t v, unsigned int width)
{
	switch (width) {
	case 1:
		return (uint64_t)(int64_t)(int8_t)v;
	case 2:
		return (uint64_t)(int64_t)(int16_t)v;
	case 4:
		return (uint64_t)(int64_t)(int32_t)v;
	default:
		return v;
	}
}

static void
prefixes(struct insn *i)
{
	for (;; i->p++) {
		switch (*i->p) {
		case 0x66:
			i->opsize = true;
			continue;
		case 0xf0:
			i->lock = true;
			continue;
		case 0xf2:
		case 0xf3:
			i->rep = *i->p;
			continue;
		case 0x2e: case 0x36: case 0x3e: case 0x26: case 0x64: case 0x65: case 0x67:
			continue;
		default:
			break;
		}
		break;
	}
	if ((*i->p & 0xf0) == 0x40) {
		i->rex = true;
		i->rex_bits = *i->p++ & 15;
	}
}

/* ModRM, SIB and displacement are stepped over: the address is known. */
static bool
modrm(struct insn *i)
{
	uint8_t m = *i->p++;

	i->mod = m >> 6;
	i->reg = (uint8_t)(((m >> 3) & 7) | (i->rex_bits & 4) << 1);
	i->rm = m & 7;
	if (i->mod == 3)
		return false; /* no memory operand */
	if (i->rm == 4) {
		uint8_t sib = *i->p++;

		if (i->mod == 0 && (sib & 7) == 5)
			i->p += 4;
	} else if (i->mod == 0 && i->rm == 5) {
		i->p += 4;
	}
	i->p += i->mod == 1 ? 1 : i->mod == 2 ? 4 : 0;
	return true;
}

static uint64_t
immediate(struct insn *i, unsigned int width)
{
	unsigned int n = width == 8 ? 4 : width;
	uint64_t v = 0;

	memcpy(&v, i->p, n);
	i->p += n;
	return sign_extend(v, n);
}

static uint64_t
get_reg(const struct insn *i, const struct sim_x86_regs *r, unsigned int width)
{
	/* without REX, byte registers 4..7 are ah, ch, dh, bh */
	if (width == 1 && !i->rex && i->reg >= 4 && i->reg < 8)
		return (r->r[i->reg - 4] >> 8) & 0xff;
	return r->r[i->reg] & mask_of(width);
}

static void
set_reg(const struct insn *i, struct sim_x86_regs *r, unsigned int width, uint64_t v)
{
	uint64_t *d = &r->r[i->reg];

	switch (width) {
	case 8:
		*d = v;
		break;
	case 4:
		*d = (uint32_t)v;
		break;
	case 2:
		*d = (*d & ~(uint64_t)0xffff) | (v & 0xffff);
		break;
	default:
		if (!i->rex && i->reg >= 4 && i->reg < 8)
			r->r[i->reg - 4] = (r->r[i->reg - 4] & ~(uint64_t)0xff00) | (v & 0xff) << 8;
		else
			*d = (*d & ~(uint64_t)0xff) | (v & 0xff);
		break;
	}
}

static void
set_flags(struct sim_x86_regs *r, uint64_t mask, uint64_t val)
{
	r->flags = (r->flags & ~mask) | (val & mask);
}

static uint64_t
result_flags(uint64_t v, unsigned int width)
{
	uint64_t f = 0;

	v &= mask_of(width);
	if (v == 0)
		f |= F_ZF;
	if (v >> (width * 8 - 1))
		f |= F_SF;
	if (__builtin_parity((unsigned int)(v & 0xff)) == 0)
		f |= F_PF;
	return f;
}

static uint64_t
alu(enum alu op, uint64_t a, uint64_t b, unsigned int width, struct sim_x86_regs *r)
{
	const uint64_t m = mask_of(width), top = (m >> 1) + 1;
	uint64_t c = (op == ADC || op == SBB) && (r->flags & F_CF), v, f;

	a &= m;
	b &= m;
	switch (op) {
	case ADD:
	case ADC:
		v = (a + b + c) & m;
		f = result_flags(v, width);
		if (v < a || (c && v == a))
			f |= F_CF;
		if (~(a ^ b) & (a ^ v) & top)
			f |= F_OF;
		if ((a ^ b ^ v) & 16)
			f |= F_AF;
		break;
	case SBB:
	case SUB:
	case CMP:
		v = (a - b - c) & m;
		f = result_flags(v, width);
		if (a < b || (c && a == b))
			f |= F_CF;
		if ((a ^ b) & (a ^ v) & top)
			f |= F_OF;
		if ((a ^ b ^ v) & 16)
			f |= F_AF;
		break;
	case OR:
		v = a | b;
		f = result_flags(v, width);
		break;
	case XOR:
		v = a ^ b;
		f = result_flags(v, width);
		break;
	default: /* AND, TEST */
		v = a & b;
		f = result_flags(v, width);
		break;
	}
	set_flags(r, F_ARITH, f);
	return v;
}

static uint64_t
load(const struct sim_access *a, unsigned int width)
{
	return a->load(a->ctx, width);
}

static void
store(const struct sim_access *a, unsigned int width, uint64_t v)
{
	a->store(a->ctx, width, v & mask_of(width));
}

/* op [mem], value; nothing is written back by CMP and TEST. */
static void
alu_to_mem(enum alu op, uint64_t b, unsigned int width, struct sim_x86_regs *r,
		const struct sim_access *a)
{
	uint64_t v = alu(op, load(a, width), b, width, r);

	if (op != CMP && op != TEST)
		store(a, width, v);
}

/* Opcodes 00-3f: eight operations in four forms. */
static bool
emulate_alu(struct insn *i, uint8_t op, struct sim_x86_regs *r, const struct sim_access *a)
{
	enum alu f = (enum alu)(op >> 3);
	unsigned int width = width_of(i, (op & 1) == 0);
	uint64_t v;

	if ((op & 7) > 3 || !modrm(i))
		return false;
	if ((op & 2) == 0) {
		alu_to_mem(f, get_reg(i, r, width), width, r, a);
		return true;
	}
	v = alu(f, get_reg(i, r, width), load(a, width), width, r);
	if (f != CMP)
		set_reg(i, r, width, v);
	return true;
}

/* 80, 81, 83: with an immediate. */
static bool
emulate_group1(struct insn *i, uint8_t op, struct sim_x86_regs *r, const struct sim_access *a)
{
	unsigned int width = width_of(i, op == 0x80);
	uint64_t imm;

	if (!modrm(i))
		return false;
	imm = immediate(i, op == 0x83 ? 1 : width);
	alu_to_mem((enum alu)(i->reg & 7), imm, width, r, a);
	return true;
}

/* f6, f7: test, not, neg; fe, ff: inc, dec. */
static bool
emulate_group3(struct insn *i, uint8_t op, struct sim_x86_regs *r, const struct sim_access *a)
{
	unsigned int width = width_of(i, (op & 1) == 0);
	uint64_t carry = r->flags & F_CF, v;

	if (!modrm(i))
		return false;
	if (op >= 0xfe) {
		if ((i->reg & 7) > 1)
			return false;
		alu_to_mem((i->reg & 7) == 0 ? ADD : SUB, 1, width, r, a);
		set_flags(r, F_CF, carry); /* inc and dec leave it alone */
		return true;
	}
	switch (i->reg & 7) {
	case 0:
	case 1:
		alu_to_mem(TEST, immediate(i, width), width, r, a);
		return true;
	case 2:
		store(a, width, ~load(a, width));
		return true;
	case 3:
		v = load(a, width);
		store(a, width, alu(SUB, 0, v, width, r));
		return true;
	default:
		return false;
	}
}

/* 0f xx: extending loads, movnti, bit test. */
static bool
emulate_0f(struct insn *i, struct sim_x86_regs *r, const struct sim_access *a)
{
	uint8_t op = *i->p++;
	unsigned int from = op & 1 ? 2 : 1, width;
	uint64_t v;

	switch (op) {
	case 0xb6:
	case 0xb7:
		if (!modrm(i))
			return false;
		set_reg(i, r, width_of(i, false), load(a, from));
		return true;
	case 0xbe:
	case 0xbf:
		if (!modrm(i))
			return false;
		set_reg(i, r, width_of(i, false), sign_extend(load(a, from), from));
		return true;
	case 0xc3: /* movnti */
		if (!modrm(i))
			return false;
		width = width_of(i, false);
		store(a, width, get_reg(i, r, width));
		return true;
	case 0xba: /* bt, bts, btr, btc with an immediate */
		if (!modrm(i) || (i->reg & 7) < 4)
			return false;
		width = width_of(i, false);
		from = (unsigned int)immediate(i, 1) & (width * 8 - 1);
		v = load(a, width);
		set_flags(r, F_CF, (v >> from) & 1);
		if ((i->reg & 7) == 5)
			store(a, width, v | (uint64_t)1 << from);
		else if ((i->reg & 7) == 6)
			store(a, width, v & ~((uint64_t)1 << from));
		else if ((i->reg & 7) == 7)
			store(a, width, v ^ (uint64_t)1 << from);
		return true;
	case 0x38: /* movdiri */
		if (*i->p++ != 0xf9 || !modrm(i))
			return false;
		width = width_of(i, false);
		store(a, width, get_reg(i, r, width));
		return true;
	default:
		return false;
	}
}

static bool
emulate_mov(struct insn *i, uint8_t op, struct sim_x86_regs *r, const struct sim_access *a)
{
	unsigned int width = width_of(i, (op & 1) == 0);
	uint64_t v;

	if (!modrm(i))
		return false;
	switch (op) {
	case 0x88:
	case 0x89:
		store(a, width, get_reg(i, r, width));
		return true;
	case 0x8a:
	case 0x8b:
		set_reg(i, r, width, load(a, width));
		return true;
	case 0x86: /* xchg */
	case 0x87:
		v = load(a, width);
		store(a, width, get_reg(i, r, width));
		set_reg(i, r, width, v);
		return true;
	case 0x84:
	case 0x85:
		alu_to_mem(TEST, get_reg(i, r, width), width, r, a);
		return true;
	case 0xc6:
	case 0xc7:
		if ((i->reg & 7) != 0)
			return false;
		store(a, width, immediate(i, width));
		return true;
	default:
		return false;
	}
}

static bool
emulate_one(struct insn *i, struct sim_x86_regs *r, const struct sim_access *a)
{
	uint8_t op = *i->p++;

	if (op < 0x40 && op != 0x0f)
		return emulate_alu(i, op, r, a);
	switch (op) {
	case 0x0f:
		return emulate_0f(i, r, a);
	case 0x63: /* movsxd */
		if (!modrm(i))
			return false;
		set_reg(i, r, width_of(i, false), sign_extend(load(a, 4), 4));
		return true;
	case 0x80:
	case 0x81:
	case 0x83:
		return emulate_group1(i, op, r, a);
	case 0x84: case 0x85: case 0x86: case 0x87: case 0x88: case 0x89: case 0x8a: case 0x8b:
	case 0xc6: case 0xc7:
		return emulate_mov(i, op, r, a);
	case 0xf6: case 0xf7: case 0xfe: case 0xff:
		return emulate_group3(i, op, r, a);
	default:
		return false;
	}
}

bool
sim_x86_emulate(const uint8_t *code, struct sim_x86_regs *regs, const struct sim_access *a)
{
	struct insn i = { .p = code };

	prefixes(&i);
	if (!emulate_one(&i, regs, a))
		return false;
	regs->ip += (uint64_t)(i.p - code);
	return true;
}
