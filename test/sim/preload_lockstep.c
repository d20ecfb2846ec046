/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <string.h>

#include "host_model.h"
#include "sim_lockstep.h"

#define HOOK __attribute__((visibility("default")))

/* The port, with the lock held, or NULL without. */
static struct sim_port *
enter(unsigned int port)
{
	if (sim_model.state == NULL || port >= sim_model.nb_ports || sim_model.foreign)
		return NULL;
	sim_lock();
	if (sim_model.port[port].dev_open)
		return &sim_model.port[port];
	sim_unlock();
	return NULL;
}

static int
ls_step(unsigned int port, unsigned int budget)
{
	struct sim_port *p = enter(port);
	unsigned int n;

	if (p == NULL)
		return -1;
	sim_wire_turn(&p->wire);
	n = sim_dev_poll(p->dev, budget);
	sim_wire_flush(&p->wire);
	sim_unlock();
	return (int)n;
}

static int
ls_set_wire(unsigned int port, const char *spec)
{
	struct sim_wire_conf conf;
	struct sim_port *p = enter(port);
	char err[256];
	bool ok;

	if (p == NULL)
		return -1;
	ok = sim_wire_parse(spec, port, sim_model.nb_ports, &conf, err, sizeof(err));
	if (ok && (conf.kind == SIM_WIRE_PCAP || conf.kind == SIM_WIRE_TAP)) {
		snprintf(err, sizeof(err), "a wire that only the launcher can make");
		ok = false;
	}
	if (ok) {
		p->state->source_pos = 0;
		p->state->source_total = conf.gen_count;
		p->state->finite = conf.gen_count != 0;
		sim_wire_fini(&p->wire);
		ok = sim_wire_init(&p->wire, p, &conf, err, sizeof(err));
	}
	if (!ok)
		fprintf(stderr, "hns3-sim: wire '%s': %s\n", spec, err);
	sim_unlock();
	return ok ? 0 : -1;
}

static int
ls_inject(unsigned int port, const void *data, uint32_t len)
{
	struct sim_port *p = enter(port);
	bool ok;

	if (p == NULL)
		return -1;
	ok = sim_fifo_put(&p->wire.fifo, data, len);
	sim_unlock();
	return ok ? 0 : -1;
}

static int
ls_capture(unsigned int port, int on)
{
	struct sim_port *p = enter(port);
	bool ok = true;

	if (p == NULL)
		return -1;
	if (on && p->wire.sent.bytes == NULL)
		ok = sim_fifo_init(&p->wire.sent, SIM_FIFO_SLOTS, SIM_FIFO_BYTES);
	p->wire.capture = on && ok;
	sim_unlock();
	return ok ? 0 : -1;
}

static int
ls_gather(unsigned int port, void *buf, uint32_t size)
{
	struct sim_port *p = enter(port);
	struct sim_frame f;
	int len = 0;

	if (p == NULL)
		return -1;
	if (p->wire.sent.bytes != NULL && sim_fifo_peek(&p->wire.sent, &f, 1) == 1) {
		len = (int)f.len;
		memcpy(buf, f.data, f.len < size ? f.len : size);
		sim_fifo_drop(&p->wire.sent, 1);
	}
	sim_unlock();
	return len;
}

static int
ls_stats(unsigned int port, struct hns3_sim_port_stats *out)
{
	struct sim_port *p = enter(port);
	const struct sim_port_stats *s;

	if (p == NULL)
		return -1;
	s = &p->state->stats;
	memset(out, 0, sizeof(*out));
	out->rx_frames = s->rx_frames;
	out->rx_bytes = s->rx_bytes;
	out->tx_frames = s->tx_frames;
	out->tx_bytes = s->tx_bytes;
	for (unsigned int d = 0; d < SIM_DROP_NUM; d++)
		out->drops += s->drops[d];
	out->no_bd = s->drops[SIM_DROP_NO_BD];
	out->doorbell_rx = s->doorbell_rx;
	out->doorbell_tx = s->doorbell_tx;
	for (unsigned int v = 0; v < SIM_VIOL_NUM; v++)
		out->violations += s->viol[v].count;
	out->iommu_faults = sim_model.state->iommu.faults;
	out->wire_waiting = p->wire.fifo.nb;
	sim_unlock();
	return 0;
}

static const struct hns3_sim_api api = {
	.version = 1,
	.step = ls_step,
	.set_wire = ls_set_wire,
	.inject = ls_inject,
	.capture = ls_capture,
	.gather = ls_gather,
	.stats = ls_stats,
};

HOOK const struct hns3_sim_api *
hns3_sim_api(void)
{
	if (sim_model.state == NULL || sim_model.mode != SIM_MODE_LOCKSTEP || sim_model.foreign)
		return NULL;
	return &api;
}
