/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The decoders of trapped accesses. On x86-64 each form is also executed by the processor
 * itself on plain memory, and registers, flags and memory must agree.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "host_decode.h"

struct word {
	uint64_t val;
	unsigned int loads, stores, width;
};

static uint64_t
mem_load(void *ctx, unsigned int width)
{
	struct word *w = ctx;

	w->loads++;
	w->width = width;
	return width == 8 ? w->val : w->val & (((uint64_t)1 << (8 * width)) - 1);
}

static void
mem_store(void *ctx, unsigned int width, uint64_t val)
{
	struct word *w = ctx;

	w->stores++;
	w->width = width;
	memcpy(&w->val, &val, width);
}

static bool
run_x86(const char code[16], struct sim_x86_regs *r, struct word *w)
{
	const struct sim_access a = { .load = mem_load, .store = mem_store, .ctx = w };
	uint8_t buf[32] = { 0 };

	memcpy(buf, code, 16);
	return sim_x86_emulate(buf, r, &a);
}

/* Instructions in full: bytes, their length, width of the access, loads, stores. */
static const struct {
	char code[16];
	uint8_t len, width, loads, stores;
} forms[] = {
	{ "\x89\x07", 2, 4, 0, 1 },                         /* mov %eax,(%rdi) */
	{ "\x44\x89\x0f", 3, 4, 0, 1 },                     /* mov %r9d,(%rdi) */
	{ "\x48\x89\x07", 3, 8, 0, 1 },                     /* mov %rax,(%rdi) */
	{ "\x66\x89\x07", 3, 2, 0, 1 },                     /* mov %ax,(%rdi) */
	{ "\x88\x07", 2, 1, 0, 1 },                         /* mov %al,(%rdi) */
	{ "\x8b\x07", 2, 4, 1, 0 },                         /* mov (%rdi),%eax */
	{ "\x8b\x87\x10\x70\x02\x00", 6, 4, 1, 0 },         /* mov 0x27010(%rdi),%eax */
	{ "\x8b\x47\x10", 3, 4, 1, 0 },                     /* mov 0x10(%rdi),%eax */
	{ "\x8b\x04\x37", 3, 4, 1, 0 },                     /* mov (%rdi,%rsi),%eax */
	{ "\x8b\x44\x37\x10", 4, 4, 1, 0 },                 /* mov 0x10(%rdi,%rsi),%eax */
	{ "\x8b\x84\x37\x10\x70\x02\x00", 7, 4, 1, 0 },
	{ "\x8b\x04\x25\x10\x70\x02\x00", 7, 4, 1, 0 },     /* mov 0x27010,%eax */
	{ "\x8b\x05\x10\x70\x02\x00", 6, 4, 1, 0 },         /* mov 0x27010(%rip),%eax */
	{ "\x41\x8b\x04\x24", 4, 4, 1, 0 },                 /* mov (%r12),%eax */
	{ "\xc7\x07\x01\x00\x00\x00", 6, 4, 0, 1 },         /* movl $1,(%rdi) */
	{ "\xc7\x87\x10\x70\x02\x00\x01\x00\x00\x00", 10, 4, 0, 1 },
	{ "\xc6\x07\x01", 3, 1, 0, 1 },                     /* movb $1,(%rdi) */
	{ "\x66\xc7\x07\x01\x00", 5, 2, 0, 1 },             /* movw $1,(%rdi) */
	{ "\x48\xc7\x07\x01\x00\x00\x00", 7, 8, 0, 1 },     /* movq $1,(%rdi) */
	{ "\x0f\xb6\x07", 3, 1, 1, 0 },                     /* movzbl (%rdi),%eax */
	{ "\x0f\xb7\x07", 3, 2, 1, 0 },                     /* movzwl (%rdi),%eax */
	{ "\x0f\xc3\x07", 3, 4, 0, 1 },                     /* movnti %eax,(%rdi) */
	{ "\x0f\x38\xf9\x07", 4, 4, 0, 1 },                 /* movdiri %eax,(%rdi) */
	{ "\x81\x0f\x00\x01\x00\x00", 6, 4, 1, 1 },         /* orl $0x100,(%rdi) */
	{ "\x83\x27\xfe", 3, 4, 1, 1 },                     /* andl $-2,(%rdi) */
	{ "\xf0\x83\x0f\x01", 4, 4, 1, 1 },                 /* lock orl $1,(%rdi) */
	{ "\xf7\x07\x00\x01\x00\x00", 6, 4, 1, 0 },         /* testl $0x100,(%rdi) */
	{ "\xf6\x07\x01", 3, 1, 1, 0 },                     /* testb $1,(%rdi) */
	{ "\x85\x07", 2, 4, 1, 0 },                         /* test %eax,(%rdi) */
	{ "\x3b\x07", 2, 4, 1, 0 },                         /* cmp (%rdi),%eax */
	{ "\x39\x07", 2, 4, 1, 0 },                         /* cmp %eax,(%rdi) */
	{ "\x83\x3f\x00", 3, 4, 1, 0 },                     /* cmpl $0,(%rdi) */
	{ "\x87\x07", 2, 4, 1, 1 },                         /* xchg %eax,(%rdi) */
	{ "\xff\x07", 2, 4, 1, 1 },                         /* incl (%rdi) */
	{ "\x48\x63\x07", 3, 4, 1, 0 },                     /* movslq (%rdi),%rax */
};

static void
test_x86_lengths(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct sim_x86_regs r = { .ip = 0x1000 };
		struct word w = { .val = 0x1122334455667788ull };

		assert_true(run_x86(forms[i].code, &r, &w));
		assert_int_equal(r.ip - 0x1000, forms[i].len);
		assert_int_equal(w.width, forms[i].width);
		assert_int_equal(w.loads, forms[i].loads);
		assert_int_equal(w.stores, forms[i].stores);
	}
}

static void
test_x86_unknown(void **state)
{
	static const char bad[][16] = {
		"\x89\xc7",         /* register to register cannot fault on a register's page */
		"\xf3\x0f\x7f\x07", /* movdqu %xmm0,(%rdi) */
		"\xc5\xfe\x7f\x07", /* vmovdqu */
		"\x0f\x0b", "\x90", "\xff\x17", "\xc7\x0f", "\xf7\x27",
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sim_x86_regs r = { .ip = 0x1000 };
		struct word w = { 0 };

		assert_false(run_x86(bad[i], &r, &w));
		assert_int_equal(r.ip, 0x1000);
		assert_int_equal(w.loads + w.stores, 0);
	}
}

static void
test_x86_high_byte(void **state)
{
	struct sim_x86_regs r = { .r = { 0x1234 } };
	struct word w = { .val = 0x77 };

	(void)state;
	assert_true(run_x86((const char[16]){ "\x88\x27" }, &r, &w)); /* mov %ah,(%rdi) */
	assert_int_equal(w.val, 0x12);
	w.val = 0xab;
	assert_true(run_x86((const char[16]){ "\x8a\x27" }, &r, &w)); /* mov (%rdi),%ah */
	assert_int_equal(r.r[0], 0xab34);
	r.r[4] = 0x55;
	assert_true(run_x86((const char[16]){ "\x40\x88\x27" }, &r, &w)); /* mov %spl,(%rdi) */
	assert_int_equal(w.val, 0x55);
	/* 32-bit results clear the upper half, 16-bit ones keep it */
	r.r[0] = UINT64_MAX;
	w.val = 0x80000000;
	assert_true(run_x86((const char[16]){ "\x8b\x07" }, &r, &w));
	assert_int_equal(r.r[0], 0x80000000);
	r.r[0] = UINT64_MAX;
	assert_true(run_x86((const char[16]){ "\x66\x8b\x07" }, &r, &w));
	assert_int_equal(r.r[0], 0xffffffffffff0000ull);
}

#if defined(__x86_64__)

#define ARITH 0x8d5u
#define NO_AF 0x8c5u
#define CF    0x001u

struct machine {
	uint64_t rax, rcx, rdx, flags;
};

/* An instruction on (%rdi), with registers rax, rcx or rdx: the head of it, what follows the
 * ModRM byte, whose register field is one of those of a mask; the flags that are defined.
 */
static const struct {
	uint8_t op[4], nb_op, tail[4], nb_tail, fields;
	uint32_t flags;
} diff[] = {
#define ALU(base, f) \
	{ { base }, 1, { 0 }, 0, 7, f }, { { base + 1 }, 1, { 0 }, 0, 7, f }, \
	{ { base + 2 }, 1, { 0 }, 0, 7, f }, { { base + 3 }, 1, { 0 }, 0, 7, f }, \
	{ { 0x48, base + 1 }, 2, { 0 }, 0, 7, f }, { { 0x66, base + 3 }, 2, { 0 }, 0, 7, f }
	ALU(0x00, ARITH), ALU(0x08, NO_AF), ALU(0x10, ARITH), ALU(0x18, ARITH), ALU(0x20, NO_AF),
	ALU(0x28, ARITH), ALU(0x30, NO_AF), ALU(0x38, ARITH),
	{ { 0x80 }, 1, { 0x9c }, 1, 0xff, NO_AF },
	{ { 0x81 }, 1, { 0x12, 0x34, 0x56, 0x87 }, 4, 0xff, NO_AF },
	{ { 0x83 }, 1, { 0xf3 }, 1, 0xff, NO_AF },
	{ { 0x48, 0x81 }, 2, { 0x12, 0x34, 0x56, 0x87 }, 4, 0xff, NO_AF },
	{ { 0x66, 0x81 }, 2, { 0x12, 0x87 }, 2, 0xff, NO_AF },
	{ { 0x84 }, 1, { 0 }, 0, 7, NO_AF }, { { 0x85 }, 1, { 0 }, 0, 7, NO_AF },
	{ { 0x86 }, 1, { 0 }, 0, 7, ARITH }, { { 0x87 }, 1, { 0 }, 0, 7, ARITH },
	{ { 0x88 }, 1, { 0 }, 0, 7, ARITH }, { { 0x89 }, 1, { 0 }, 0, 7, ARITH },
	{ { 0x8a }, 1, { 0 }, 0, 7, ARITH }, { { 0x8b }, 1, { 0 }, 0, 7, ARITH },
	{ { 0x48, 0x8b }, 2, { 0 }, 0, 7, ARITH }, { { 0x66, 0x8b }, 2, { 0 }, 0, 7, ARITH },
	{ { 0xc6 }, 1, { 0x81 }, 1, 1, ARITH },
	{ { 0xc7 }, 1, { 1, 2, 3, 0x84 }, 4, 1, ARITH },
	{ { 0x48, 0xc7 }, 2, { 1, 2, 3, 0x84 }, 4, 1, ARITH },
	{ { 0xf6 }, 1, { 0x81 }, 1, 1, NO_AF },
	{ { 0xf7 }, 1, { 1, 2, 3, 0x84 }, 4, 1, NO_AF },
	{ { 0xf6 }, 1, { 0 }, 0, 0x0c, ARITH }, { { 0xf7 }, 1, { 0 }, 0, 0x0c, ARITH },
	{ { 0xfe }, 1, { 0 }, 0, 3, ARITH }, { { 0xff }, 1, { 0 }, 0, 3, ARITH },
	{ { 0x0f, 0xb6 }, 2, { 0 }, 0, 7, ARITH }, { { 0x0f, 0xb7 }, 2, { 0 }, 0, 7, ARITH },
	{ { 0x0f, 0xbe }, 2, { 0 }, 0, 7, ARITH }, { { 0x0f, 0xbf }, 2, { 0 }, 0, 7, ARITH },
	{ { 0x48, 0x0f, 0xbf }, 3, { 0 }, 0, 7, ARITH }, { { 0x48, 0x63 }, 2, { 0 }, 0, 7, ARITH },
	{ { 0x0f, 0xc3 }, 2, { 0 }, 0, 7, ARITH },
	{ { 0x0f, 0xba }, 2, { 0x25 }, 1, 0xf0, CF },
};

static size_t
assemble(uint8_t *out, unsigned int i, unsigned int field, unsigned int form)
{
	uint8_t *p = out;

	memcpy(p, diff[i].op, diff[i].nb_op);
	p += diff[i].nb_op;
	switch (form) {
	case 0: /* (%rdi) */
		*p++ = (uint8_t)(field << 3 | 7);
		break;
	case 1: /* 0(%rdi), one byte of displacement */
		*p++ = (uint8_t)(0x40 | field << 3 | 7);
		*p++ = 0;
		break;
	default: /* 0(%rdi) by SIB and four bytes */
		*p++ = (uint8_t)(0x80 | field << 3 | 4);
		*p++ = 0x27;
		memset(p, 0, 4);
		p += 4;
		break;
	}
	memcpy(p, diff[i].tail, diff[i].nb_tail);
	return (size_t)(p - out) + diff[i].nb_tail;
}

static void
on_the_processor(uint8_t *page, const uint8_t *insn, size_t len, uint64_t *mem, struct machine *m)
{
	static const uint8_t before[] = { 0x53, 0x48, 0x8b, 0x06, 0x48, 0x8b, 0x4e, 0x08, 0x48, 0x8b,
		0x56, 0x10, 0xff, 0x76, 0x18, 0x9d };
	static const uint8_t after[] = { 0x9c, 0x5b, 0x48, 0x89, 0x5e, 0x18, 0x48, 0x89, 0x06, 0x48,
		0x89, 0x4e, 0x08, 0x48, 0x89, 0x56, 0x10, 0x5b, 0xc3 };
	void (*fn)(uint64_t *, struct machine *);

	memcpy(page, before, sizeof(before));
	memcpy(page + sizeof(before), insn, len);
	memcpy(page + sizeof(before) + len, after, sizeof(after));
	*(void **)&fn = page;
	fn(mem, m);
}

static uint64_t
rnd(uint64_t *s)
{
	uint64_t v;

	*s = *s * 6364136223846793005ull + 1442695040888963407ull;
	v = *s ^ *s >> 29;
	/* values at the edges, too */
	switch (v & 7) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return 0x8000000080008080ull;
	default:
		return v * 0x9e3779b97f4a7c15ull;
	}
}

static void
test_x86_against_processor(void **state)
{
	uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t seed = 7;

	(void)state;
	if (page == MAP_FAILED)
		skip();
	for (unsigned int i = 0; i < sizeof(diff) / sizeof(diff[0]); i++)
		for (unsigned int k = 0; k < 8 * 3 * 60; k++) {
			unsigned int field = k & 7, form = k / 8 % 3;
			uint64_t mem = rnd(&seed);
			struct machine m = { rnd(&seed), rnd(&seed), rnd(&seed), 0x202 };
			struct sim_x86_regs r = { .r = { m.rax, m.rcx, m.rdx } };
			struct word w = { .val = mem };
			const struct sim_access a = { mem_load, mem_store, &w };
			uint8_t insn[32] = { 0 };
			size_t len;

			if (!(diff[i].fields >> field & 1))
				continue;
			if (rnd(&seed) & 16)
				m.flags |= ARITH;
			r.flags = m.flags;
			len = assemble(insn, i, field, form);
			on_the_processor(page, insn, len, &mem, &m);
			assert_true(sim_x86_emulate(insn, &r, &a));
			assert_int_equal(r.ip, len);
			assert_int_equal(w.val, mem);
			assert_int_equal(r.r[0], m.rax);
			assert_int_equal(r.r[1], m.rcx);
			assert_int_equal(r.r[2], m.rdx);
			assert_int_equal(r.flags & diff[i].flags, m.flags & diff[i].flags);
		}
	munmap(page, 4096);
}

#endif

static void
test_a64(void **state)
{
	static const struct {
		uint32_t insn;
		uint8_t width, store;
		uint64_t result; /* x1 after a load of 0x8877665580818283 */
		int64_t moved;   /* x0 */
	} t[] = {
		{ 0xb9400001, 4, 0, 0x80818283, 0 },           /* ldr w1, [x0] */
		{ 0xb9002001, 4, 1, 0, 0 },                    /* str w1, [x0, #32] */
		{ 0xf9400001, 8, 0, 0x8877665580818283ull, 0 },/* ldr x1, [x0] */
		{ 0x39400001, 1, 0, 0x83, 0 },                 /* ldrb w1, [x0] */
		{ 0x79400001, 2, 0, 0x8283, 0 },               /* ldrh w1, [x0] */
		{ 0xb9800001, 4, 0, 0xffffffff80818283ull, 0 },/* ldrsw x1, [x0] */
		{ 0x39c00001, 1, 0, 0xffffff83, 0 },           /* ldrsb w1, [x0] */
		{ 0x39800001, 1, 0, 0xffffffffffffff83ull, 0 },/* ldrsb x1, [x0] */
		{ 0xb85fc001, 4, 0, 0x80818283, 0 },           /* ldur w1, [x0, #-4] */
		{ 0xb81fc001, 4, 1, 0, 0 },                    /* stur w1, [x0, #-4] */
		{ 0xb8404401, 4, 0, 0x80818283, 4 },           /* ldr w1, [x0], #4 */
		{ 0xb81fcc01, 4, 1, 0, -4 },                   /* str w1, [x0, #-4]! */
		{ 0xb8626801, 4, 0, 0x80818283, 0 },           /* ldr w1, [x0, x2] */
		{ 0xb8227801, 4, 1, 0, 0 },                    /* str w1, [x0, x2, lsl #2] */
		{ 0x88dffc01, 4, 0, 0x80818283, 0 },           /* ldar w1, [x0] */
		{ 0x889ffc01, 4, 1, 0, 0 },                    /* stlr w1, [x0] */
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct sim_a64_regs r = { .r = { 0x5000, 0xaabbccdd11223344ull }, .pc = 0x1000 };
		struct word w = { .val = 0x8877665580818283ull };
		const struct sim_access a = { mem_load, mem_store, &w };

		assert_true(sim_a64_emulate(t[i].insn, &r, &a));
		assert_int_equal(r.pc, 0x1004);
		assert_int_equal(w.width, t[i].width);
		assert_int_equal(w.stores, t[i].store);
		assert_int_equal(w.loads, !t[i].store);
		if (t[i].store)
			assert_int_equal(w.val, 0x8877665511223344ull);
		else
			assert_int_equal(r.r[1], t[i].result);
		assert_int_equal((int64_t)(r.r[0] - 0x5000), t[i].moved);
	}
}

static void
test_a64_zero_and_unknown(void **state)
{
	static const uint32_t bad[] = { 0xd503201f, 0x3d800001 /* str q1 */, 0x29000801 /* stp */,
		0xf9800000 /* prfm */, 0x885ffc01 /* ldaxr */, 0xb8200001 /* ldadd */ };
	struct sim_a64_regs r = { .r = { 0x5000 }, .pc = 0x1000 };
	struct word w = { .val = 5 };
	const struct sim_access a = { mem_load, mem_store, &w };

	(void)state;
	r.r[31] = 0x7777; /* as a base it is sp, as a value it is zero */
	assert_true(sim_a64_emulate(0xb900001f, &r, &a)); /* str wzr, [x0] */
	assert_int_equal(w.val, 0);
	assert_true(sim_a64_emulate(0xb940001f, &r, &a)); /* ldr wzr, [x0] */
	assert_int_equal(r.r[31], 0x7777);
	w.loads = w.stores = 0;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(sim_a64_emulate(bad[i], &r, &a));
	assert_int_equal(w.loads + w.stores, 0);
	assert_int_equal(r.pc, 0x1008);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86_lengths),
		cmocka_unit_test(test_x86_unknown),
		cmocka_unit_test(test_x86_high_byte),
#if defined(__x86_64__)
		cmocka_unit_test(test_x86_against_processor),
#endif
		cmocka_unit_test(test_a64),
		cmocka_unit_test(test_a64_zero_and_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
