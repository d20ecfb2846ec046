/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <errno.h>

#include <rte_atomic.h>
#include <rte_cycles.h>

#include "hns3_cmdq.h"
#include "hns3_log.h"
#include "hns3_regs.h"

#define RING_BYTES (HNS3_CMDQ_BDS * sizeof(struct hns3_cmd_bd))
#define RING_ALIGN 4096u

/* The firmware answers within 30 ms, or 100 ms for a reset of the rings. On a machine whose
 * cores are all polling, this thread may not run for longer than that: be generous, as only
 * a dead device ever costs so much.
 */
#define TIMEOUT_US       500000u
#define TIMEOUT_RESET_US 1000000u
#define SPIN_US          200u
#define NAP_US           20u
/* Late answers are written to the ring: it must not be freed before. */
#define DRAIN_MS         200u

static const struct {
	uint16_t op;
	const char *name;
} cmd_names[] = {
	{ HNS3_OP_FW_VERSION, "query firmware version" },
	{ HNS3_OP_RESET, "reset rings" },
	{ HNS3_OP_FUNC_STATUS, "query function status" },
	{ HNS3_OP_PF_RSRC, "query resources" },
	{ HNS3_OP_CFG_PARAM, "query configuration (cfg parameters)" },
	{ HNS3_OP_MAC_REG_NUM, "query number of MAC counters" },
	{ HNS3_OP_MAC_STATS, "query MAC counters" },
	{ HNS3_OP_RPU_DROP, "query dropped packets" },
	{ HNS3_OP_MAC_MODE, "configure MAC mode" },
	{ HNS3_OP_LINK_STATUS, "query link status" },
	{ HNS3_OP_MAX_FRAME, "configure max frame size (MTU)" },
	{ HNS3_OP_SPEED_DUP, "configure speed and duplex" },
	{ HNS3_OP_FEC_MODE, "query FEC mode" },
	{ HNS3_OP_SFP_INFO, "query SFP and speed" },
	{ HNS3_OP_TX_BUFF, "allocate Tx packet buffer" },
	{ HNS3_OP_RX_PRIV_BUFF, "allocate Rx packet buffer" },
	{ HNS3_OP_RX_PRIV_WL, "set Rx private waterlines" },
	{ HNS3_OP_RX_COM_THRD, "set Rx shared thresholds" },
	{ HNS3_OP_RX_COM_WL, "set Rx shared waterline" },
	{ HNS3_OP_TQP_MAP, "map queue pair (TQP) to function" },
	{ HNS3_OP_TQP_ENABLE, "enable or disable queue pair" },
	{ HNS3_OP_TQP_RESET, "reset queue pair" },
	{ HNS3_OP_RSS_CONFIG, "configure RSS algorithm and key" },
	{ HNS3_OP_RSS_TUPLES, "configure RSS tuples" },
	{ HNS3_OP_RSS_TABLE, "configure RSS table" },
	{ HNS3_OP_RSS_TC_MODE, "configure RSS traffic classes" },
	{ HNS3_OP_PROMISC, "configure promiscuous mode" },
	{ HNS3_OP_VLAN_TX, "configure VLAN of Tx" },
	{ HNS3_OP_VLAN_RX, "configure VLAN of Rx" },
	{ HNS3_OP_MAC_ADD, "look up or add MAC address" },
	{ HNS3_OP_MAC_REMOVE, "remove MAC address" },
	{ HNS3_OP_MAC_SPACE, "reserve MAC table space" },
	{ HNS3_OP_MNG_ADD, "add manager table entry" },
	{ HNS3_OP_VLAN_FILTER_CTRL, "switch VLAN filter" },
	{ HNS3_OP_VLAN_FILTER_PF, "set VLAN filter" },
	{ HNS3_OP_CLEAR_HW, "clear hardware state" },
	{ HNS3_OP_FW_COMPAT, "tell firmware of the driver" },
};

const char *
hns3_cmd_name(uint16_t op)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(cmd_names); i++)
		if (cmd_names[i].op == op)
			return cmd_names[i].name;
	return "configuration";
}

/* Meaning and errno of what the firmware answers. */
static const struct {
	int err;
	const char *text;
} cmd_answers[] = {
	{ 0, "success" },
	{ -EPERM, "no authority" },
	{ -EOPNOTSUPP, "not supported" },
	{ -EXFULL, "queue full" },
	{ -ENOSR, "bad chain of descriptors" },
	{ -EBUSY, "not executed" },
	{ -EINVAL, "bad parameter" },
	{ -ERANGE, "bad result" },
	{ -ETIME, "timeout inside the device" },
	{ -ENOLINK, "hilink error" },
	{ -ENXIO, "queue illegal" },
	{ -EBADR, "invalid" },
	{ -EINVAL, "ROH check failed" },
};

static int
answer_errno(uint16_t retval)
{
	return retval < RTE_DIM(cmd_answers) ? cmd_answers[retval].err : -EREMOTEIO;
}

static const char *
answer_text(uint16_t retval)
{
	return retval < RTE_DIM(cmd_answers) ? cmd_answers[retval].text : "unknown answer";
}

/* In these the descriptors after the first are data from end to end: only the first has an
 * answer.
 */
static bool
is_raw(uint16_t op)
{
	switch (op) {
	case HNS3_OP_MAC_STATS:
	case HNS3_OP_MPF_RAS:
	case HNS3_OP_PF_RAS:
	case HNS3_OP_MPF_MSIX:
	case HNS3_OP_PF_MSIX:
		return true;
	default:
		return false;
	}
}

size_t
hns3_cmdq_size(void)
{
	return 2 * RING_BYTES + RING_ALIGN;
}

void
hns3_cmdq_attach(struct hns3_cmdq *q, volatile uint8_t *bar, const char *name,
		const struct rte_memzone *mz)
{
	static const uint32_t zero_first[] = {
		HNS3_CSQ_BASE_L, HNS3_CSQ_BASE_H, HNS3_CSQ_DEPTH, HNS3_CSQ_HEAD, HNS3_CSQ_TAIL,
		HNS3_CRQ_BASE_L, HNS3_CRQ_BASE_H, HNS3_CRQ_DEPTH, HNS3_CRQ_HEAD, HNS3_CRQ_TAIL,
	};
	/* The low half of the base reads as "queue lost" when it is 0. */
	size_t skip = (uint32_t)mz->iova == 0 ? RING_ALIGN : 0;
	unsigned int i;

	q->bar = bar;
	q->name = name;
	q->mz = mz;
	q->csq = RTE_PTR_ADD(mz->addr, skip);
	q->csq_iova = mz->iova + skip;
	q->crq = RTE_PTR_ADD(q->csq, RING_BYTES);
	q->crq_iova = q->csq_iova + RING_BYTES;
	q->up = false;
	q->timeout_us = TIMEOUT_US;
	pthread_mutex_init(&q->lock, NULL);
	for (i = 0; i < RTE_DIM(zero_first); i++)
		hns3_reg_write(bar, zero_first[i], 0);
}

void
hns3_cmdq_start(struct hns3_cmdq *q)
{
	volatile uint8_t *bar = q->bar;

	pthread_mutex_lock(&q->lock);
	memset(q->csq, 0, RING_BYTES);
	memset(q->crq, 0, RING_BYTES);
	q->tail = 0;
	q->crq_head = 0;
	q->stuck = 0;
	hns3_reg_write(bar, HNS3_CSQ_BASE_L, (uint32_t)q->csq_iova);
	hns3_reg_write(bar, HNS3_CSQ_BASE_H, (uint32_t)(q->csq_iova >> 32));
	hns3_reg_write(bar, HNS3_CSQ_DEPTH, HNS3_CMDQ_BDS / 8 | HNS3_SW_RST_READY);
	hns3_reg_write(bar, HNS3_CSQ_HEAD, 0);
	hns3_reg_write(bar, HNS3_CSQ_TAIL, 0);
	hns3_reg_write(bar, HNS3_CRQ_BASE_L, (uint32_t)q->crq_iova);
	hns3_reg_write(bar, HNS3_CRQ_BASE_H, (uint32_t)(q->crq_iova >> 32));
	hns3_reg_write(bar, HNS3_CRQ_DEPTH, HNS3_CMDQ_BDS / 8);
	hns3_reg_write(bar, HNS3_CRQ_HEAD, 0);
	hns3_reg_write(bar, HNS3_CRQ_TAIL, 0);
	q->up = true;
	pthread_mutex_unlock(&q->lock);
}

void
hns3_cmdq_stop(struct hns3_cmdq *q)
{
	static const uint32_t regs[] = {
		HNS3_CSQ_BASE_L, HNS3_CSQ_BASE_H, HNS3_CSQ_DEPTH, HNS3_CSQ_HEAD, HNS3_CSQ_TAIL,
		HNS3_CRQ_BASE_L, HNS3_CRQ_BASE_H, HNS3_CRQ_DEPTH, HNS3_CRQ_HEAD, HNS3_CRQ_TAIL,
	};
	unsigned int i;

	pthread_mutex_lock(&q->lock);
	q->up = false;
	pthread_mutex_unlock(&q->lock);
	rte_delay_us_sleep(DRAIN_MS * 1000);
	for (i = 0; i < RTE_DIM(regs); i++)
		hns3_reg_write(q->bar, regs[i], 0);
}

void
hns3_cmdq_detach(struct hns3_cmdq *q)
{
	pthread_mutex_destroy(&q->lock);
	q->csq = NULL;
	q->crq = NULL;
}

void
hns3_cmd_setup(struct hns3_cmd_bd *bd, enum hns3_opcode op, bool query)
{
	memset(bd, 0, sizeof(*bd));
	bd->opcode = rte_cpu_to_le_16(op);
	bd->flag = rte_cpu_to_le_16(HNS3_CMD_IN | HNS3_CMD_NO_INTR | (query ? HNS3_CMD_QUERY : 0));
}

void
hns3_cmd_setup_chain(struct hns3_cmd_bd *bd, unsigned int n, enum hns3_opcode op, bool query)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		hns3_cmd_setup(&bd[i], op, query);
		if (i + 1 < n)
			bd[i].flag |= rte_cpu_to_le_16(HNS3_CMD_NEXT);
	}
}

/* Wait until the device has taken everything up to the tail. */
static bool
csq_wait(struct hns3_cmdq *q, uint32_t limit_us)
{
	uint64_t hz = rte_get_timer_hz();
	uint64_t end = rte_get_timer_cycles() + hz / 1000 * limit_us / 1000;
	uint32_t spins = 0;

	while (hns3_reg_read(q->bar, HNS3_CSQ_HEAD) != q->tail) {
		if (rte_get_timer_cycles() > end)
			/* One more look, as this thread may have slept through the end. */
			return hns3_reg_read(q->bar, HNS3_CSQ_HEAD) == q->tail;
		if (spins++ < SPIN_US)
			rte_delay_us_block(1);
		else
			rte_delay_us_sleep(NAP_US);
	}
	return true;
}

/* A command that was not answered leaves the queue unusable until it is. */
static int
csq_ready(struct hns3_cmdq *q, uint16_t op)
{
	if (!q->up)
		return -EIO;
	if (q->stuck != 0 && hns3_reg_read(q->bar, HNS3_CSQ_HEAD) != q->tail) {
		HNS3_LOG(DEBUG, "%s: command 0x%04x (%s) not sent: command 0x%04x is still not answered",
			q->name, op, hns3_cmd_name(op), q->stuck);
		return -EIO;
	}
	q->stuck = 0;
	if (hns3_reg_read(q->bar, HNS3_CSQ_BASE_L) != (uint32_t)q->csq_iova ||
			hns3_reg_read(q->bar, HNS3_CSQ_HEAD) != q->tail) {
		HNS3_LOG(ERR, "%s: the device has lost its command queue (head %u, expected %u): "
			"command 0x%04x (%s) not sent", q->name,
			hns3_reg_read(q->bar, HNS3_CSQ_HEAD), q->tail, op, hns3_cmd_name(op));
		q->up = false;
		return -EIO;
	}
	return 0;
}

static int
csq_post(struct hns3_cmdq *q, struct hns3_cmd_bd *bd, unsigned int n)
{
	uint16_t op = rte_le_to_cpu_16(bd[0].opcode);
	uint16_t first = q->tail;
	unsigned int i;
	int ret;

	ret = csq_ready(q, op);
	if (ret != 0)
		return ret;
	for (i = 0; i < n; i++)
		q->csq[(first + i) % HNS3_CMDQ_BDS] = bd[i];
	q->tail = (first + n) % HNS3_CMDQ_BDS;
	hns3_reg_write(q->bar, HNS3_CSQ_TAIL, q->tail);
	if (!csq_wait(q, op == HNS3_OP_RESET ? TIMEOUT_RESET_US : q->timeout_us)) {
		q->stuck = op;
		HNS3_LOG(ERR, "%s: command 0x%04x (%s) was not answered: the firmware or its "
			"command queue hangs", q->name, op, hns3_cmd_name(op));
		return -ETIMEDOUT;
	}
	/* The answer is read after the head that announces it. */
	rte_io_rmb();
	for (i = 0; i < n; i++)
		bd[i] = q->csq[(first + i) % HNS3_CMDQ_BDS];
	return answer_errno(rte_le_to_cpu_16(bd[is_raw(op) ? 0 : n - 1].retval));
}

int
hns3_cmd_try(struct hns3_cmdq *q, struct hns3_cmd_bd *bd, unsigned int n)
{
	int ret;

	if (n == 0 || n >= HNS3_CMDQ_BDS)
		return -EINVAL;
	pthread_mutex_lock(&q->lock);
	ret = csq_post(q, bd, n);
	pthread_mutex_unlock(&q->lock);
	return ret;
}

int
hns3_cmd_send(struct hns3_cmdq *q, struct hns3_cmd_bd *bd, unsigned int n)
{
	uint16_t op = rte_le_to_cpu_16(bd[0].opcode), retval;
	int ret = hns3_cmd_try(q, bd, n);

	/* What the queue itself has to say is in the log already. */
	if (ret == 0 || ret == -ETIMEDOUT || ret == -EIO || n == 0)
		return ret;
	retval = rte_le_to_cpu_16(bd[is_raw(op) ? 0 : n - 1].retval);
	HNS3_LOG(ERR, "%s: command 0x%04x (%s) failed: the firmware answers %u (%s)", q->name, op,
		hns3_cmd_name(op), retval, answer_text(retval));
	return ret;
}

void
hns3_cmdq_receive(struct hns3_cmdq *q)
{
	uint32_t tail = hns3_reg_read(q->bar, HNS3_CRQ_TAIL);
	struct hns3_cmd_bd bd;

	if (tail >= HNS3_CMDQ_BDS) {
		HNS3_LOG(ERR, "%s: the device reports %u as tail of its message queue", q->name, tail);
		return;
	}
	rte_io_rmb();
	while (q->crq_head != tail) {
		bd = q->crq[q->crq_head];
		if ((rte_le_to_cpu_16(bd.flag) & HNS3_CMD_OUT) != 0 && q->on_message != NULL)
			q->on_message(q, &bd, q->on_message_arg);
		q->crq[q->crq_head].flag = 0;
		q->crq_head = (q->crq_head + 1) % HNS3_CMDQ_BDS;
	}
	hns3_reg_write(q->bar, HNS3_CRQ_HEAD, q->crq_head);
}
