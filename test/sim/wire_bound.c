/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * When a source that is to lose nothing may send.
 *
 * Drivers enable a port's queues first and open its filters afterwards (promiscuous mode above
 * all), and programs configure all their ports before they begin; a peer that sends at once
 * would lose its first frames. So a source begins when the port would take its first frames
 * and no port has had a firmware command for a moment, or after a while in any case.
 *
 * A program that forwards drops what its transmit ring has no room for, so a replay that is
 * to lose nothing bounds what the program has in its hands: received by any port and not yet
 * sent by any. A program that only receives would stop such a source; after a short while
 * everything that is no longer in a receive ring counts as gone.
 */

#include <time.h>

#include "host_model.h"
#include "sim_dev.h"

#define WINDOW     256
#define STALL_NS   20000000ull
#define SINK_NS    500000ull /* if nothing was sent between two stalls: the program only receives */
#define GIVE_UP_NS 20000000000ull
#define HOLD_NS    15000000000ull /* programs wait up to 9 s for the link before they go on */
#define SETTLE_NS  250000000ull
#define BD_SIZE    32u
#define BD_INFO    28u
#define BD_VLD     0x10u
/* A driver may give back received descriptors in groups; so many may stay behind. */
#define HELD_BACK  64u

static struct {
	uint64_t stall_ns;    /* since when there is no room; 0: there was some */
	uint64_t wait_ns;     /* how long such a stall is to last */
	uint64_t sent;        /* frames sent by all ports, when it was ended last */
	uint64_t give_up_ns;  /* since when all of it is still in the receive rings */
	int64_t forgiven;
} bound;

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

static int64_t
in_flight(void)
{
	int64_t n = 0;

	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		const struct sim_port_stats *s = &sim_model.port[i].state->stats;

		n += (int64_t)(s->rx_frames - s->tx_frames);
		n += (int64_t)(s->rx_bytes / 1024) - (int64_t)(s->tx_bytes / 1024);
	}
	return n;
}

static int64_t
window(void)
{
	int64_t w = WINDOW;

	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		const struct sim_dev *d = sim_model.port[i].dev;

		if (!sim_model.port[i].dev_open || d == NULL)
			continue;
		for (unsigned int q = 0; q < d->cfg.tqps; q++)
			if (d->txq[q].enabled && d->txq[q].nb_bd / 2 < w)
				w = d->txq[q].nb_bd / 2;
	}
	return w > 0 ? w : 1;
}

/* Descriptors of a ring that the driver has not looked at yet. */
static int64_t
unseen_in(struct sim_port *p, const struct sim_rxq *rxq)
{
	uint32_t slack = rxq->nb_bd / 4 < HELD_BACK ? rxq->nb_bd / 4 : HELD_BACK;
	int64_t n = 0;

	for (uint32_t i = 0; i < rxq->nb_bd; i++) {
		const uint8_t *bd = sim_iommu_lookup(&p->container->iommu,
			rxq->base + (uint64_t)i * BD_SIZE, BD_SIZE, SIM_IOMMU_READ);

		if (bd == NULL)
			return 0;
		n += (__atomic_load_n((const uint32_t *)(bd + BD_INFO), __ATOMIC_RELAXED) & BD_VLD) != 0;
	}
	return n > slack ? n - slack : 0;
}

static int64_t
unseen(void)
{
	int64_t n = 0;

	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		struct sim_port *p = &sim_model.port[i];

		if (!p->dev_open || p->dev == NULL || p->container == NULL)
			continue;
		for (unsigned int q = 0; q < p->dev->cfg.tqps; q++)
			if (p->dev->rxq[q].enabled)
				n += unseen_in(p, &p->dev->rxq[q]);
	}
	return n;
}

/* Nobody has configured anything for a moment. */
static bool
settled(uint64_t now)
{
	static uint64_t since;
	static uint32_t last;
	uint32_t sum = 0;

	for (unsigned int i = 0; i < sim_model.nb_ports; i++)
		if (sim_model.port[i].dev != NULL)
			sum += sim_model.port[i].dev->t.gen;
	if (sum != last) {
		last = sum;
		since = now;
	}
	return now - since >= SETTLE_NS;
}

bool
sim_source_begin(struct sim_wire *w, const struct sim_frame *f, unsigned int n)
{
	const struct sim_tables *t = &w->port->dev->t;
	uint64_t now = now_ns();
	bool taken = settled(now);

	if (w->hold_ns == 0)
		w->hold_ns = now;
	for (unsigned int i = 0; taken && i < n; i++) {
		struct sim_pkt pkt;
		enum sim_drop why;

		sim_parse(f[i].data, f[i].len, &pkt);
		taken = sim_filter_accept(t, f[i].data, &pkt, &why);
	}
	if (!taken && now - w->hold_ns < HOLD_NS)
		return false;
	w->begun = true;
	w->hold_ns = 0;
	return true;
}

/* There was no room for a while: what the program has taken and not sent is gone. */
static void
forgive(int64_t have, uint64_t now)
{
	uint64_t sent = 0;

	for (unsigned int i = 0; i < sim_model.nb_ports; i++)
		sent += sim_model.port[i].state->stats.tx_frames;
	bound.wait_ns = sent == bound.sent ? SINK_NS : STALL_NS;
	bound.sent = sent;
	bound.stall_ns = 0;
	bound.forgiven += have - (now - bound.give_up_ns >= GIVE_UP_NS ? 0 : unseen());
}

int64_t
sim_bound_room(void)
{
	int64_t have = in_flight() - bound.forgiven, room;
	uint64_t now;

	if (have < 0) {
		/* the program sends of its own accord */
		bound.forgiven += have;
		have = 0;
	}
	room = window() - have;
	if (room > 0) {
		bound.stall_ns = bound.give_up_ns = 0;
		return room;
	}
	now = now_ns();
	if (bound.stall_ns == 0) {
		bound.stall_ns = now;
		if (bound.give_up_ns == 0)
			bound.give_up_ns = now;
	}
	if (now - bound.stall_ns >= (bound.wait_ns ? bound.wait_ns : STALL_NS))
		forgive(have, now);
	return 0;
}
