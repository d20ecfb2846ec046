/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Life cycle of a port of the model: power-on, resets, turns of the engines, and the book
 * of broken rules.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fw.h"
#include "sim_reg.h"

/* A reset takes this long once software is ready, and waits at most so long for it. */
#define RESET_BUSY_NS  (2 * 1000000ull)
#define RESET_GRACE_NS (400 * 1000000ull)

/* In the fast modes a poll that moved nothing makes the read-only registers true, but no
 * more often than this: the cache lines are the driver's.
 */
#define IDLE_POLLS_REFRESH 64

/* A busy port looks for rings that were enabled in one of so many turns. */
#define BUSY_TURNS_NOTICE 16

static const char *const drop_name[SIM_DROP_NUM] = {
	[SIM_DROP_NO_BD] = "no_bd",
	[SIM_DROP_DISABLED] = "disabled",
	[SIM_DROP_MAC_FILTER] = "mac_filter",
	[SIM_DROP_VLAN_FILTER] = "vlan_filter",
	[SIM_DROP_OVERSIZE] = "oversize",
	[SIM_DROP_RUNT] = "runt",
	[SIM_DROP_DMA] = "dma",
	[SIM_DROP_BAD_TX] = "bad_tx",
	[SIM_DROP_WIRE_FULL] = "wire_full",
};

static const char *const violation_name[SIM_VIOL_NUM] = {
	[SIM_VIOL_ALIGN] = "align",
	[SIM_VIOL_BD_NO_ADDR] = "bd_no_addr",
	[SIM_VIOL_RX_CREDIT] = "rx_credit",
	[SIM_VIOL_TX_CREDIT] = "tx_credit",
	[SIM_VIOL_TX_TOO_MANY_BD] = "tx_too_many_bd",
	[SIM_VIOL_TX_LEN] = "tx_len",
	[SIM_VIOL_TX_OFFLOAD] = "tx_offload",
	[SIM_VIOL_CMD_UNKNOWN] = "cmd_unknown",
	[SIM_VIOL_CMD_PARAM] = "cmd_param",
	[SIM_VIOL_REG_RANGE] = "reg_range",
	[SIM_VIOL_REG_VALUE] = "reg_value",
	[SIM_VIOL_ORDER] = "order",
};

const char *
sim_drop_name(enum sim_drop d)
{
	return (unsigned int)d < SIM_DROP_NUM ? drop_name[d] : "unknown";
}

const char *
sim_violation_name(enum sim_violation v)
{
	return (unsigned int)v < SIM_VIOL_NUM ? violation_name[v] : "unknown";
}

void
sim_violate(struct sim_dev *d, enum sim_violation v, const char *fmt, ...)
{
	char text[SIM_VIOL_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (d->stats->viol[v].count++ == 0)
		memcpy(d->stats->viol[v].first, text, sizeof(text));
	d->ops->log(d->host, "violation %s: %s", sim_violation_name(v), text);
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

/* What every reset does, from the function's to the power switch. */
static void
clear_function(struct sim_dev *d)
{
	uint32_t gen = d->t.gen;

	for (unsigned int q = 0; q < d->cfg.tqps; q++)
		sim_tqp_clear(d, q);
	memset(&d->t, 0, sizeof(d->t));
	d->t.gen = gen + 1;
	d->t.max_frame = FW_DEFAULT_FRAME;
	for (unsigned int i = 0; i < 4; i++)
		d->t.tpid_rx[i] = FW_TPID;
	for (unsigned int i = 0; i < 2; i++)
		d->t.tpid_tx[i] = FW_TPID;
	d->irq_missed = 0;
	d->tqp_mapped = 0;
	d->umv_granted = 0;
	d->stats->link_up = 0;
	fw_reset(d);
}

void
sim_dev_reset_state(struct sim_dev *d)
{
	clear_function(d);
	memset(d->mac_counter, 0, sizeof(d->mac_counter));
	d->rpu_drop = 0;
	d->next_q = 0;
	d->csq_next = 0;
	d->csq_busy = false;
	d->reset_kind = SIM_RESET_NONE;
	d->reset_wanted = SIM_RESET_NONE;
	d->reset_ready = false;
	d->reset_at_ns = 0;
	sim_reg_reset(d, true);
}

struct sim_dev *
sim_dev_create(const struct sim_dev_cfg *cfg, const struct sim_host_ops *ops, void *host,
		volatile uint32_t *bar2, struct sim_port_stats *stats)
{
	struct sim_dev *d;

	if (cfg->tqps == 0 || cfg->tqps > SIM_MAX_TQPS || cfg->nb_inject > SIM_MAX_INJECT)
		return NULL;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->fw = fw_create();
	if (d->fw == NULL) {
		free(d);
		return NULL;
	}
	d->cfg = *cfg;
	d->ops = ops;
	d->host = host;
	d->bar2 = bar2;
	d->stats = stats;
	d->link = ops->wire_link(host);
	sim_dev_reset_state(d);
	return d;
}

void
sim_dev_destroy(struct sim_dev *d)
{
	if (d == NULL)
		return;
	fw_destroy(d->fw);
	free(d);
}

void
sim_dev_flr(struct sim_dev *d)
{
	d->ops->log(d->host, "function-level reset");
	sim_dev_reset_state(d);
}

void
sim_dev_set_bus_master(struct sim_dev *d, bool on)
{
	d->bus_master = on;
}

/* --- resets that software asks for ----------------------------------------------------- */

static const char *const reset_name[] = {"none", "function", "global", "IMP"};

void
sim_reset_start(struct sim_dev *d, enum sim_reset_kind kind)
{
	if (kind <= d->reset_kind)
		return;
	d->ops->log(d->host, "%s reset starts", reset_name[kind]);
	d->reset_kind = kind;
	d->reset_ready = kind == SIM_RESET_FUNC;
	d->reset_at_ns = now_ns() + (d->reset_ready ? RESET_BUSY_NS : RESET_GRACE_NS);
	clear_function(d);
	switch (kind) {
	case SIM_RESET_FUNC:
		sim_reg_set(d, REG_FUN_RST_ING, 1);
		break;
	case SIM_RESET_GLOBAL:
		sim_reg_set(d, REG_GLOBAL_RESET, sim_reg_get(d, REG_GLOBAL_RESET) | GLOBAL_RESET_GLOBAL);
		sim_reg_set(d, REG_OTHER_INT_STS, sim_reg_get(d, REG_OTHER_INT_STS) | INT_STS_GLOBAL);
		break;
	default:
		sim_reg_set(d, REG_GLOBAL_RESET, sim_reg_get(d, REG_GLOBAL_RESET) | GLOBAL_RESET_IMP);
		sim_reg_set(d, REG_OTHER_INT_STS, sim_reg_get(d, REG_OTHER_INT_STS) | INT_STS_IMP);
		break;
	}
	sim_misc_irq(d);
}

static void
reset_finish(struct sim_dev *d)
{
	d->ops->log(d->host, "%s reset is over", reset_name[d->reset_kind]);
	if (d->reset_kind != SIM_RESET_FUNC)
		sim_reg_reset(d, false);
	sim_reg_set(d, REG_FUN_RST_ING, 0);
	sim_reg_set(d, REG_GLOBAL_RESET, 0);
	d->reset_kind = SIM_RESET_NONE;
	d->reset_at_ns = 0;
}

void
sim_reset_tick(struct sim_dev *d)
{
	uint64_t now;

	if (d->reset_kind == SIM_RESET_NONE)
		return;
	now = now_ns();
	if (!d->reset_ready && (sim_reg_get(d, REG_CSQ_DEPTH) & CSQ_SW_RST_RDY) != 0) {
		d->reset_ready = true;
		d->reset_at_ns = now + RESET_BUSY_NS;
	}
	if (now >= d->reset_at_ns)
		reset_finish(d);
}

/* --- turns of the engines --------------------------------------------------------------- */

unsigned int
sim_dev_poll(struct sim_dev *d, unsigned int budget)
{
	bool fast = d->cfg.mode != SIM_MODE_EXACT;
	unsigned int n;

	if (d->reset_kind != SIM_RESET_NONE) {
		sim_reset_tick(d);
		return 0;
	}
	if (!d->bus_master)
		return 0;
	/* Not in every turn of a busy port: this reads a cache line for each queue. A driver
	 * that stops its rings sends commands next, and they look too.
	 */
	if (fast && (d->idle_polls != 0 || d->turns % BUSY_TURNS_NOTICE == 0)) {
		for (unsigned int q = 0; q < d->cfg.tqps; q++)
			sim_tqp_notice(d, q);
	}
	n = sim_rx_poll(d, budget);
	n += sim_tx_poll(d, budget);
	if (!fast)
		return n;
	if (n != 0) {
		d->idle_polls = 0;
	} else if (++d->idle_polls == IDLE_POLLS_REFRESH) {
		for (unsigned int q = 0; q < d->cfg.tqps; q++) {
			if (d->rxq[q].enabled || d->txq[q].enabled)
				sim_tqp_refresh(d, q);
		}
	}
	return n;
}

void
sim_dev_link_event(struct sim_dev *d, bool up)
{
	if (d->link == up)
		return;
	d->link = up;
	fw_link_notify(d);
}
