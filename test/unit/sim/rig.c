/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <stdlib.h>
#include <string.h>

#include "rig.h"

static void *
host_dma(void *host, uint64_t iova, uint32_t len, bool write)
{
	struct rig *r = host;

	(void)write;
	if (iova < RIG_IOVA || iova + len > RIG_IOVA + RIG_BYTES) {
		r->faults++;
		return NULL;
	}
	return r->arena + (iova - RIG_IOVA);
}

static bool
host_dma_read(void *host, uint64_t iova, void *dst, uint32_t len)
{
	void *p = host_dma(host, iova, len, false);

	if (p != NULL)
		memcpy(dst, p, len);
	return p != NULL;
}

static bool
host_dma_write(void *host, uint64_t iova, const void *src, uint32_t len)
{
	void *p = host_dma(host, iova, len, true);

	if (p != NULL)
		memcpy(p, src, len);
	return p != NULL;
}

static void
host_irq(void *host, unsigned int vector)
{
	struct rig *r = host;

	assert_true(vector < sizeof(r->irqs) / sizeof(r->irqs[0]));
	r->irqs[vector]++;
}

static unsigned int
host_rx_peek(void *host, struct sim_frame *f, unsigned int n)
{
	(void)host, (void)f, (void)n;
	return 0;
}

static void
host_rx_done(void *host, unsigned int n)
{
	(void)host, (void)n;
}

static bool
host_lossless(void *host)
{
	(void)host;
	return true;
}

static bool
host_tx(void *host, const void *data, uint32_t len)
{
	(void)host, (void)data, (void)len;
	return true;
}

static bool
host_link(void *host)
{
	struct rig *r = host;

	return r->link;
}

static void
host_log(void *host, const char *fmt, ...)
{
	(void)host, (void)fmt;
}

void *
rig_at(struct rig *r, uint64_t iova)
{
	return r->arena + (iova - RIG_IOVA);
}

void
rig_write(struct rig *r, uint32_t off, uint32_t val)
{
	sim_dev_reg_write(r->dev, off, val);
}

uint32_t
rig_read(struct rig *r, uint32_t off)
{
	return sim_dev_reg_read(r->dev, off);
}

void
rig_start_queues(struct rig *r)
{
	rig_write(r, REG_CSQ_BASE_L, (uint32_t)RIG_CSQ);
	rig_write(r, REG_CSQ_BASE_H, (uint32_t)(RIG_CSQ >> 32));
	rig_write(r, REG_CSQ_DEPTH, RIG_DEPTH / 8 | CSQ_SW_RST_RDY);
	rig_write(r, REG_CSQ_HEAD, 0);
	rig_write(r, REG_CSQ_TAIL, 0);
	rig_write(r, REG_CRQ_BASE_L, (uint32_t)RIG_CRQ);
	rig_write(r, REG_CRQ_BASE_H, (uint32_t)(RIG_CRQ >> 32));
	rig_write(r, REG_CRQ_DEPTH, RIG_DEPTH / 8);
	rig_write(r, REG_CRQ_TAIL, 0);
	rig_write(r, REG_CRQ_HEAD, 0);
	r->csq_next = 0;
}

struct rig *
rig_create(enum sim_mode mode, const struct sim_inject *inject, unsigned int nb_inject)
{
	struct sim_dev_cfg cfg = {.device_id = 0xa222, .revision = 0x21, .tqps = RIG_TQPS,
			.mac = {0x00, 0x18, 0x2d, 1, 2, 3}, .mode = mode, .nb_inject = nb_inject};
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->bar2 = calloc(1, SIM_BAR2_SIZE);
	r->arena = calloc(1, RIG_BYTES);
	assert_non_null(r->bar2);
	assert_non_null(r->arena);
	r->link = true;
	r->ops = (struct sim_host_ops){.dma = host_dma, .dma_read = host_dma_read,
			.dma_write = host_dma_write, .irq = host_irq, .wire_rx_peek = host_rx_peek,
			.wire_rx_done = host_rx_done, .wire_lossless = host_lossless,
			.wire_tx = host_tx, .wire_link = host_link, .log = host_log};
	for (unsigned int i = 0; i < nb_inject; i++)
		cfg.inject[i] = inject[i];
	r->dev = sim_dev_create(&cfg, &r->ops, r, r->bar2, &r->stats);
	assert_non_null(r->dev);
	sim_dev_set_bus_master(r->dev, true);
	rig_start_queues(r);
	return r;
}

void
rig_destroy(struct rig *r)
{
	sim_dev_destroy(r->dev);
	free(r->bar2);
	free(r->arena);
	free(r);
}

int
rig_setup(void **state)
{
	*state = rig_create(SIM_MODE_EXACT, NULL, 0);
	return 0;
}

int
rig_teardown(void **state)
{
	rig_destroy(*state);
	return 0;
}

void
rig_build(struct fw_bd *bd, unsigned int n, uint16_t opcode, bool get)
{
	const struct fw_op *op = fw_find(opcode);
	bool raw = op != NULL && (op->flags & FW_RAW) != 0;

	memset(bd, 0, n * sizeof(*bd));
	for (unsigned int i = 0; i < n; i++) {
		if (raw && i > 0) {
			memset(&bd[i], 0xA5, sizeof(bd[i]));
			continue;
		}
		bd[i].opcode = opcode;
		bd[i].flag = get ? GET_FLAG : CFG_FLAG;
		if (i + 1 < n && !raw)
			bd[i].flag |= BD_NEXT;
	}
}

int
rig_send(struct rig *r, struct fw_bd *bd, unsigned int n)
{
	struct fw_bd *ring = rig_at(r, RIG_CSQ);
	uint32_t at = r->csq_next;

	for (unsigned int i = 0; i < n; i++)
		ring[(at + i) % RIG_DEPTH] = bd[i];
	r->csq_next = (at + n) % RIG_DEPTH;
	rig_write(r, REG_CSQ_TAIL, r->csq_next);
	if (rig_read(r, REG_CSQ_HEAD) != r->csq_next)
		return -1;
	for (unsigned int i = 0; i < n; i++)
		bd[i] = ring[(at + i) % RIG_DEPTH];
	return bd[n - 1].retval;
}

int
rig_cmd(struct rig *r, uint16_t opcode, bool get, uint8_t *data)
{
	struct fw_bd bd;
	int ret;

	rig_build(&bd, 1, opcode, get);
	if (data != NULL)
		memcpy(bd.data, data, FW_DATA);
	ret = rig_send(r, &bd, 1);
	if (data != NULL)
		memcpy(data, bd.data, FW_DATA);
	return ret;
}

uint64_t
rig_violations(struct rig *r)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < SIM_VIOL_NUM; i++)
		n += r->stats.viol[i].count;
	return n;
}

uint64_t
rig_cmd_count(struct rig *r, uint16_t opcode, bool errors)
{
	for (unsigned int i = 0; i < SIM_CMD_SLOTS; i++) {
		if (r->stats.cmd[i].opcode == opcode)
			return errors ? r->stats.cmd[i].errors : r->stats.cmd[i].count;
	}
	return 0;
}
