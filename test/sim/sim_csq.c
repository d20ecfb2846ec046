/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Command queues: fetches commands from the CSQ, has the firmware carry them out, writes the
 * answers in place; posts messages to the CRQ.
 *
 * One doorbell may hold several commands. A command with a raw opcode is everything up to
 * TAIL; in all others a BD with the NEXT flag continues in the following one.
 */

#include "fw.h"
#include "sim_reg.h"

#define RING_ALIGN 4096u

/* Slot of an opcode in the statistics; NULL: the table is full, or the opcode is 0. */
static void
count_command(struct sim_dev *d, uint16_t opcode, bool error)
{
	unsigned int slot = opcode % SIM_CMD_SLOTS;

	for (unsigned int i = 0; opcode != 0 && i < SIM_CMD_SLOTS; i++) {
		if (d->stats->cmd[slot].opcode == 0)
			d->stats->cmd[slot].opcode = opcode;
		if (d->stats->cmd[slot].opcode == opcode) {
			d->stats->cmd[slot].count++;
			d->stats->cmd[slot].errors += error;
			return;
		}
		slot = (slot + 1) % SIM_CMD_SLOTS;
	}
}

/* The fault to inject into this command, or NULL. */
static const struct sim_inject *
find_fault(struct sim_dev *d, uint16_t opcode)
{
	const struct sim_inject *hit = NULL;

	for (unsigned int i = 0; i < d->cfg.nb_inject; i++) {
		const struct sim_inject *f = &d->cfg.inject[i];
		uint32_t first = f->first != 0 ? f->first : 1;
		uint32_t n;

		if (f->opcode != opcode)
			continue;
		n = ++d->inject_seen[i];
		if (hit == NULL && n >= first && (f->times == 0 || n - first < f->times))
			hit = f;
	}
	return hit;
}

/* --- ring access ------------------------------------------------------------------------- */

struct csq {
	uint64_t base;
	uint32_t depth;
	uint32_t tail;
};

/* Where the queue lies; false: nothing that could run. */
static bool
csq_get(struct sim_dev *d, struct csq *r)
{
	r->base = sim_reg_get(d, REG_CSQ_BASE_L) | (uint64_t)sim_reg_get(d, REG_CSQ_BASE_H) << 32;
	r->depth = (sim_reg_get(d, REG_CSQ_DEPTH) & CSQ_DEPTH_MASK) * 8;
	r->tail = sim_reg_get(d, REG_CSQ_TAIL);
	if (r->depth == 0 || r->tail >= r->depth || d->csq_next >= r->depth)
		return false;
	if (r->base % RING_ALIGN == 0 && (uint32_t)r->base != 0)
		return true;
	if (r->tail != d->csq_next)
		sim_violate(d, SIM_VIOL_ALIGN, "doorbell of a command queue at 0x%llx",
				(unsigned long long)r->base);
	return false;
}

/* Copy BDs out of the ring, one by one: the queue is a ring. */
static bool
csq_fetch(struct sim_dev *d, const struct csq *r, struct fw_bd *bd, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t at = (d->csq_next + i) % r->depth;

		if (!d->ops->dma_read(d->host, r->base + (uint64_t)at * sizeof(*bd), &bd[i],
				sizeof(*bd)))
			return false;
	}
	return true;
}

static bool
csq_write_back(struct sim_dev *d, const struct csq *r, const struct fw_bd *bd, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t at = (d->csq_next + i) % r->depth;

		if (!d->ops->dma_write(d->host, r->base + (uint64_t)at * sizeof(*bd), &bd[i],
				sizeof(*bd)))
			return false;
	}
	return true;
}

/* --- one command --------------------------------------------------------------------------- */

/* BDs of the command that starts with bd[0], of @p n that are waiting. */
static unsigned int
csq_group(struct sim_dev *d, const struct fw_bd *bd, unsigned int n)
{
	const struct fw_op *op = fw_find(bd[0].opcode);
	unsigned int len = 1;

	if (op != NULL && (op->flags & FW_RAW) != 0)
		return n;
	while ((bd[len - 1].flag & BD_NEXT) != 0) {
		if (len == n || bd[len].opcode != bd[0].opcode) {
			sim_violate(d, SIM_VIOL_CMD_PARAM, "0x%04x: BD %u says that another follows",
					bd[0].opcode, len - 1);
			break;
		}
		len++;
	}
	return len;
}

/* Returns false if the command is not to be answered. */
static bool
csq_command(struct sim_dev *d, struct fw_bd *bd, unsigned int n)
{
	const struct sim_inject *fault = find_fault(d, bd[0].opcode);
	struct fw_cmd c = {.d = d, .op = fw_find(bd[0].opcode), .nb = n, .bd = bd};
	uint16_t opcode = bd[0].opcode;
	uint16_t ret;

	c.get = (bd[0].flag & BD_WR) != 0;
	if (fault != NULL && fault->never) {
		d->ops->log(d->host, "command 0x%04x is not answered, as was asked for", opcode);
		count_command(d, opcode, true);
		return false;
	}
	if (fault != NULL)
		ret = fault->retval;
	else
		ret = fw_execute(&c);
	count_command(d, opcode, ret != 0);
	if (ret != 0)
		d->ops->log(d->host, "command 0x%04x %s is answered with %u", opcode,
				c.op != NULL ? c.op->name : "(unknown)", ret);
	bd[0].retval = ret;
	bd[0].flag |= BD_OUT;
	if (c.op != NULL && (c.op->flags & FW_RAW) != 0)
		return true;
	for (unsigned int i = 1; i < n; i++) {
		bd[i].retval = ret;
		bd[i].flag |= BD_OUT;
	}
	return true;
}

void
sim_csq_doorbell(struct sim_dev *d)
{
	struct fw_bd *bd = d->fw->bd;
	struct csq r;

	if (d->reset_kind != SIM_RESET_NONE || !d->bus_master || d->csq_busy || !csq_get(d, &r))
		return;
	/* In the fast modes the driver may have stopped its rings just before. */
	for (unsigned int q = 0; q < d->cfg.tqps; q++)
		sim_tqp_notice(d, q);
	d->csq_busy = true;
	while (d->csq_next != r.tail) {
		unsigned int n = (r.tail + r.depth - d->csq_next) % r.depth;
		bool answer;

		if (!csq_fetch(d, &r, bd, n))
			break;
		n = csq_group(d, bd, n);
		answer = csq_command(d, bd, n);
		if (answer && !csq_write_back(d, &r, bd, n))
			break;
		d->csq_next = (d->csq_next + n) % r.depth;
		if (answer)
			sim_reg_set(d, REG_CSQ_HEAD, d->csq_next);
		if (d->reset_wanted != SIM_RESET_NONE)
			break;
	}
	d->csq_busy = false;
	d->t.gen++;
	if (d->reset_wanted != SIM_RESET_NONE) {
		enum sim_reset_kind kind = d->reset_wanted;

		/* Answered first: the driver waits for HEAD. */
		d->reset_wanted = SIM_RESET_NONE;
		sim_reset_start(d, kind);
	}
}

/* --- events to the driver -------------------------------------------------------------------- */

bool
sim_crq_post(struct sim_dev *d, uint16_t opcode, const void *data24)
{
	uint64_t base = sim_reg_get(d, REG_CRQ_BASE_L) |
			(uint64_t)sim_reg_get(d, REG_CRQ_BASE_H) << 32;
	uint32_t depth = (sim_reg_get(d, REG_CRQ_DEPTH) & CSQ_DEPTH_MASK) * 8;
	uint32_t tail = sim_reg_get(d, REG_CRQ_TAIL);
	struct fw_bd bd = {.opcode = opcode, .flag = BD_OUT};
	uint32_t next;

	if (d->reset_kind != SIM_RESET_NONE || !d->bus_master || depth == 0 || base == 0 ||
			tail >= depth)
		return false;
	if (base % RING_ALIGN != 0) {
		sim_violate(d, SIM_VIOL_ALIGN, "receive command queue at 0x%llx",
				(unsigned long long)base);
		return false;
	}
	next = (tail + 1) % depth;
	if (next == sim_reg_get(d, REG_CRQ_HEAD))
		return false;
	memcpy(bd.data, data24, sizeof(bd.data));
	if (!d->ops->dma_write(d->host, base + (uint64_t)tail * sizeof(bd), &bd, sizeof(bd)))
		return false;
	sim_reg_set(d, REG_CRQ_TAIL, next);
	sim_reg_set(d, REG_CMDQ_SRC, sim_reg_get(d, REG_CMDQ_SRC) | CMDQ_SRC_CRQ);
	sim_reg_set(d, REG_CMDQ_STAT, sim_reg_get(d, REG_CMDQ_STAT) | CMDQ_SRC_CRQ);
	sim_misc_irq(d);
	return true;
}
