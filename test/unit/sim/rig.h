/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * A modelled port without a program: a fake host over a plain piece of memory, and what a
 * driver does with a command queue.
 */

#ifndef RIG_H
#define RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fw.h"
#include "sim_reg.h"

#define RIG_IOVA  0x40000000ull /* the arena begins here for the device */
#define RIG_BYTES 0x40000u
#define RIG_CSQ   RIG_IOVA
#define RIG_CRQ   (RIG_IOVA + 0x8000u)
#define RIG_FREE  (RIG_IOVA + 0x10000u) /* from here on for rings */
#define RIG_DEPTH 1024u
#define RIG_TQPS  16u

#define CFG_FLAG 0x0011
#define GET_FLAG 0x0019

struct rig {
	struct sim_dev *dev;
	struct sim_port_stats stats;
	struct sim_host_ops ops;
	uint32_t *bar2;
	uint8_t *arena;
	unsigned int irqs[SIM_MAX_TQPS + 2];
	unsigned int faults;
	bool link;
	uint32_t csq_next; /* the driver's index */
};

/** A port with its command queues set up. */
struct rig *rig_create(enum sim_mode mode, const struct sim_inject *inject, unsigned int nb_inject);
void rig_destroy(struct rig *r);
/** For cmocka: such a port in exact mode, in *state. */
int rig_setup(void **state);
int rig_teardown(void **state);
void rig_start_queues(struct rig *r);

void *rig_at(struct rig *r, uint64_t iova);
void rig_write(struct rig *r, uint32_t off, uint32_t val);
uint32_t rig_read(struct rig *r, uint32_t off);

/** Fill the headers of a command; NEXT on all BDs but the last unless it is raw. */
void rig_build(struct fw_bd *bd, unsigned int n, uint16_t opcode, bool get);
/** Put the BDs into the queue and ring; the answers are copied back.
 * Returns the retval of the last BD, or -1 if HEAD did not come.
 */
int rig_send(struct rig *r, struct fw_bd *bd, unsigned int n);
/** One command of one BD with @p data (24 bytes, in and out). */
int rig_cmd(struct rig *r, uint16_t opcode, bool get, uint8_t *data);
uint64_t rig_violations(struct rig *r);
uint64_t rig_cmd_count(struct rig *r, uint16_t opcode, bool errors);

#define expect_violations(r, v, n) do { \
	assert_int_equal((r)->stats.viol[v].count, n); \
	assert_int_equal(rig_violations(r), n); \
} while (0)

#endif /* RIG_H */
