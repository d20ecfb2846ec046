/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * What a load or store that faulted meant to do. The faulting address is known from the
 * signal; decoded are length, width, operation and register, and the instruction is then
 * carried out on a saved set of registers with two callbacks for the memory. Both decoders
 * compile everywhere, so that both can be tested anywhere.
 */

#ifndef HOST_DECODE_H
#define HOST_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The device register. @p width is in bytes. */
struct sim_access {
	uint64_t (*load)(void *ctx, unsigned int width);
	void (*store)(void *ctx, unsigned int width, uint64_t val);
	void *ctx;
};

/** x86-64: registers in the order of the instruction set (rax rcx rdx rbx rsp rbp rsi rdi r8..). */
struct sim_x86_regs {
	uint64_t r[16];
	uint64_t flags;
	uint64_t ip;
};

/** Carry out the instruction at @p code. False: not one that is known; nothing was done. */
bool sim_x86_emulate(const uint8_t *code, struct sim_x86_regs *regs, const struct sim_access *a);

/** AArch64: x0..x30, then sp. */
struct sim_a64_regs {
	uint64_t r[32];
	uint64_t pc;
};

bool sim_a64_emulate(uint32_t insn, struct sim_a64_regs *regs, const struct sim_access *a);

#endif /* HOST_DECODE_H */
