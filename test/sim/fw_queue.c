/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: queue pairs. Who owns them, their resets, and the vectors of their rings. */

#include "fw.h"
#include "sim_reg.h"

#define MAP_PF          0x02 /* enabled, owned by a PF */
#define RST_FUNC        0x80
#define RST_RCB         0x02
#define RCB_DONE        1
#define RING_ENTRIES    10
#define RING_TX         0
#define RING_RX         1

static enum fw_ret
queue_check(struct fw_cmd *c, unsigned int q)
{
	return q < c->d->cfg.tqps ? FW_OK :
			fw_bad(c, "queue %u of %u", q, c->d->cfg.tqps);
}

enum fw_ret
fw_tqp_map_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 2) != 0)
		return fw_bad(c, "function %u does not exist", fw_u8(c, 0, 2));
	if (fw_u8(c, 0, 3) != MAP_PF)
		return fw_bad(c, "flags 0x%02x", fw_u8(c, 0, 3));
	/* The PF has all queues, so a queue's two numbers are one. */
	if (fw_u16(c, 0, 0) != fw_u16(c, 0, 4))
		return fw_bad(c, "queue %u as queue %u of the function", fw_u16(c, 0, 0),
				fw_u16(c, 0, 4));
	return queue_check(c, fw_u16(c, 0, 0));
}

enum fw_ret
fw_tqp_map(struct fw_cmd *c)
{
	c->d->tqp_mapped |= 1ull << fw_u16(c, 0, 0);
	return FW_OK;
}

enum fw_ret
fw_tqp_enable_check(struct fw_cmd *c)
{
	if (fw_u16(c, 0, 2) != 0 || fw_u8(c, 0, 4) > 1)
		return fw_bad(c, "stream %u, enable %u", fw_u16(c, 0, 2), fw_u8(c, 0, 4));
	return queue_check(c, fw_u16(c, 0, 0));
}

enum fw_ret
fw_tqp_enable(struct fw_cmd *c)
{
	uint64_t bit = 1ull << fw_u16(c, 0, 0);

	if (fw_u8(c, 0, 4) != 0)
		c->d->fw->tqp_stream |= bit;
	else
		c->d->fw->tqp_stream &= ~bit;
	return FW_OK;
}

enum fw_ret
fw_tqp_reset_check(struct fw_cmd *c)
{
	if (!c->get && fw_u8(c, 0, 2) > 1)
		return fw_bad(c, "request is %u", fw_u8(c, 0, 2));
	return queue_check(c, fw_u16(c, 0, 0));
}

static void
reset_queue(struct sim_dev *d, unsigned int q)
{
	sim_tqp_clear(d, q);
	d->fw->tqp_stream |= 1ull << q;
}

enum fw_ret
fw_tqp_reset(struct fw_cmd *c)
{
	struct sim_dev *d = c->d;
	unsigned int q = fw_u16(c, 0, 0);
	uint64_t bit = 1ull << q;

	if (c->get) {
		fw_put8(c, 0, 3, (d->fw->tqp_in_reset & bit) != 0);
	} else if (fw_u8(c, 0, 2) == 0) {
		d->fw->tqp_in_reset &= ~bit;
	} else {
		d->fw->tqp_in_reset |= bit;
		reset_queue(d, q);
	}
	return FW_OK;
}

enum fw_ret
fw_reset_trigger_check(struct fw_cmd *c)
{
	unsigned int first = fw_u16(c, 0, 4);
	unsigned int n = fw_u16(c, 0, 6);

	if ((fw_u8(c, 0, 0) & ~RST_FUNC) != 0 || (fw_u8(c, 0, 2) & ~RST_RCB) != 0 ||
			(fw_u8(c, 0, 0) | fw_u8(c, 0, 2)) == 0)
		return fw_bad(c, "reset 0x%02x, 0x%02x", fw_u8(c, 0, 0), fw_u8(c, 0, 2));
	if (fw_u8(c, 0, 1) != 0)
		return fw_bad(c, "function %u does not exist", fw_u8(c, 0, 1));
	if (fw_u8(c, 0, 2) != 0 && (n == 0 || first + n > c->d->cfg.tqps))
		return fw_bad(c, "%u queues from %u on, of %u", n, first, c->d->cfg.tqps);
	return FW_OK;
}

enum fw_ret
fw_reset_trigger(struct fw_cmd *c)
{
	if ((fw_u8(c, 0, 2) & RST_RCB) != 0) {
		for (unsigned int i = 0; i < fw_u16(c, 0, 6); i++)
			reset_queue(c->d, fw_u16(c, 0, 4) + i);
		fw_put8(c, 0, 8, RCB_DONE);
	}
	if ((fw_u8(c, 0, 0) & RST_FUNC) != 0)
		c->d->reset_wanted = SIM_RESET_FUNC;
	return FW_OK;
}

/* --- rings and vectors --------------------------------------------------------------- */

static unsigned int
vector_of(const struct fw_cmd *c)
{
	return fw_u8(c, 0, 0) | (unsigned int)fw_u8(c, 0, 23) << 8;
}

enum fw_ret
fw_ring_vector_check(struct fw_cmd *c)
{
	unsigned int nb = sim_nb_vectors(c->d->cfg.tqps);
	unsigned int v = vector_of(c);
	unsigned int n = fw_u8(c, 0, 1);

	if (fw_u8(c, 0, 22) != 0)
		return fw_bad(c, "function %u does not exist", fw_u8(c, 0, 22));
	/* The last vector is where HIP08 parks rings: nobody binds one to it. */
	if (v == 0 || v >= nb || (c->op->opcode == 0x1503 && v == nb - 1))
		return fw_bad(c, "vector %u of %u", v, nb);
	if (n == 0 || n > RING_ENTRIES)
		return fw_bad(c, "%u rings", n);
	for (unsigned int i = 0; i < n; i++) {
		uint16_t e = fw_u16(c, 0, 2 + 2 * i);

		if ((e & 3) > RING_RX || (e >> 13 & 3) == 2)
			return fw_bad(c, "ring of type %u, limiter %u", e & 3, e >> 13 & 3);
		if (queue_check(c, e >> 2 & 0x7FF) != FW_OK)
			return FW_PARAM;
	}
	return FW_OK;
}

static void
bind_ring(struct sim_dev *d, uint16_t entry, unsigned int vector, bool bound)
{
	unsigned int q = entry >> 2 & 0x7FF;

	if ((entry & 3) == RING_RX) {
		d->t.rx_vector[q].bound = bound;
		d->t.rx_vector[q].vector = (uint16_t)vector;
		d->t.rx_vector[q].gl = entry >> 13 & 3;
		d->irq_missed &= ~(1ull << q);
	} else {
		d->t.tx_vector[q].bound = bound;
		d->t.tx_vector[q].vector = (uint16_t)vector;
		d->t.tx_vector[q].gl = entry >> 13 & 3;
	}
}

enum fw_ret
fw_ring_bind(struct fw_cmd *c)
{
	for (unsigned int i = 0; i < fw_u8(c, 0, 1); i++)
		bind_ring(c->d, fw_u16(c, 0, 2 + 2 * i), vector_of(c), true);
	return FW_OK;
}

/* Whatever vector the ring is on, and if it is on none: drivers clear leftovers this way. */
enum fw_ret
fw_ring_unbind(struct fw_cmd *c)
{
	for (unsigned int i = 0; i < fw_u8(c, 0, 1); i++)
		bind_ring(c->d, fw_u16(c, 0, 2 + 2 * i), 0, false);
	return FW_OK;
}
