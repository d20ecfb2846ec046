/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Live rates, and the tables of the end in the words of dpdk-testpmd. */

#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>

#include "testpmd_ppool.h"

struct totals {
	uint64_t rx, rx_missed, rx_errors, rx_nombuf, tx, tx_dropped;
};

/* A worker writes these at the same time. */
static uint64_t
now(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static uint64_t
tx_dropped(const struct app *app, uint16_t port)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < app->nb_streams; i++)
		if (app->streams[i].tx_port == port)
			n += now(&app->streams[i].tx_dropped);
	return n;
}

void
stats_begin(struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->nb_ports; i++) {
		struct app_port *p = &app->port[i];

		if (rte_eth_stats_get(p->id, &p->start) != 0)
			memset(&p->start, 0, sizeof(p->start));
		p->last = p->start;
	}
	app->rate_tsc = rte_rdtsc();
}

void
stats_rates(struct app *app)
{
	uint64_t tsc = rte_rdtsc();
	double seconds = (double)(tsc - app->rate_tsc) / rte_get_tsc_hz();
	struct rte_eth_stats s;
	unsigned int i;

	app->rate_tsc = tsc;
	for (i = 0; i < app->nb_ports; i++) {
		struct app_port *p = &app->port[i];

		if (rte_eth_stats_get(p->id, &s) != 0)
			continue;
		printf("Port %u  Rx-pps: %12.0f  Rx-bps: %14.0f  Tx-pps: %12.0f  Tx-bps: %14.0f  "
			"RX-missed: %" PRIu64 "  TX-dropped: %" PRIu64 "\n", p->id,
			(s.ipackets - p->last.ipackets) / seconds,
			8 * (s.ibytes - p->last.ibytes) / seconds,
			(s.opackets - p->last.opackets) / seconds,
			8 * (s.obytes - p->last.obytes) / seconds,
			s.imissed - p->start.imissed, tx_dropped(app, p->id));
		p->last = s;
	}
}

static void
print_spread(const char *direction, const uint64_t *bursts)
{
	uint64_t total = 0, others;
	unsigned int i, first = 0, second = 0;

	for (i = 0; i <= BURST_MAX; i++) {
		total += bursts[i];
		if (i == 0)
			continue;
		if (first == 0 || bursts[i] > bursts[first]) {
			second = first;
			first = i;
		} else if (second == 0 || bursts[i] > bursts[second]) {
			second = i;
		}
	}
	if (total == 0)
		return;
	others = total - bursts[0] - bursts[first] - bursts[second];
	printf("  %s-bursts : %" PRIu64 " [%.0f%% of 0 pkts", direction, total,
		100.0 * bursts[0] / total);
	if (bursts[first] > 0)
		printf(" + %.0f%% of %u pkts", 100.0 * bursts[first] / total, first);
	if (bursts[second] > 0)
		printf(" + %.0f%% of %u pkts", 100.0 * bursts[second] / total, second);
	if (others > 0)
		printf(" + %.0f%% of others", 100.0 * others / total);
	printf("]\n");
}

static void
print_bursts(const struct app *app, uint16_t port)
{
	struct burst_stats sum;
	unsigned int i, n;

	memset(&sum, 0, sizeof(sum));
	for (i = 0; i < app->nb_streams; i++) {
		const struct fwd_stream *fs = &app->streams[i];

		for (n = 0; n <= BURST_MAX && fs->bursts != NULL; n++) {
			if (fs->rx_port == port)
				sum.rx[n] += fs->bursts->rx[n];
			if (fs->tx_port == port)
				sum.tx[n] += fs->bursts->tx[n];
		}
	}
	print_spread("RX", sum.rx);
	print_spread("TX", sum.tx);
}

static void
print_totals(const struct totals *t)
{
	printf("  RX-packets: %-14" PRIu64 " RX-dropped: %-14" PRIu64 "RX-total: %-" PRIu64 "\n",
		t->rx, t->rx_missed, t->rx + t->rx_missed);
	if (t->rx_errors + t->rx_nombuf > 0) {
		printf("  RX-error: %-" PRIu64 "\n", t->rx_errors);
		printf("  RX-nombufs: %-14" PRIu64 "\n", t->rx_nombuf);
	}
	printf("  TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64 "TX-total: %-" PRIu64 "\n",
		t->tx, t->tx_dropped, t->tx + t->tx_dropped);
}

static void
print_port(const struct app *app, const struct app_port *p, struct totals *all)
{
	const struct rte_eth_stats *a = &p->start;
	struct rte_eth_stats b;
	struct totals t;

	if (rte_eth_stats_get(p->id, &b) != 0)
		b = *a;
	t.rx = b.ipackets - a->ipackets;
	t.rx_missed = b.imissed - a->imissed;
	t.rx_errors = b.ierrors - a->ierrors;
	t.rx_nombuf = b.rx_nombuf - a->rx_nombuf;
	t.tx = b.opackets - a->opackets;
	t.tx_dropped = tx_dropped(app, p->id);
	printf("\n  ---------------------- Forward statistics for port %-2u ----------------------\n",
		p->id);
	print_totals(&t);
	if (app->opt.record_bursts)
		print_bursts(app, p->id);
	printf("  ----------------------------------------------------------------------------\n");
	all->rx += t.rx;
	all->rx_missed += t.rx_missed;
	all->rx_errors += t.rx_errors;
	all->rx_nombuf += t.rx_nombuf;
	all->tx += t.tx;
	all->tx_dropped += t.tx_dropped;
}

static void
print_streams(const struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->nb_streams; i++) {
		const struct fwd_stream *fs = &app->streams[i];

		if (fs->rx_packets + fs->tx_packets + fs->tx_dropped == 0)
			continue;
		printf("\n  ------- Forward Stats for RX Port=%2u/Queue=%2u -> TX Port=%2u/Queue=%2u "
			"-------\n", fs->rx_port, fs->rx_queue, fs->tx_port, fs->tx_queue);
		printf("  RX-packets: %-14" PRIu64 " TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64
			"\n", fs->rx_packets, fs->tx_packets, fs->tx_dropped);
	}
}

static void
print_cycles(const struct app *app)
{
	uint64_t cycles = 0, packets = 0;
	unsigned int i;

	for (i = 0; i < app->nb_streams; i++) {
		cycles += app->streams[i].busy_cycles;
		packets += app->opt.engine->uses_rx ? app->streams[i].rx_packets :
			app->streams[i].tx_packets;
	}
	if (packets == 0)
		return;
	printf("\n  CPU cycles/packet=%.2f (total cycles=%" PRIu64 " / total %s packets=%" PRIu64
		") at %" PRIu64 " MHz Clock\n", (double)cycles / packets, cycles,
		app->opt.engine->name, packets, rte_get_tsc_hz() / 1000000);
}

void
stats_final(struct app *app)
{
	struct totals all;
	unsigned int i;

	memset(&all, 0, sizeof(all));
	if (app->nb_streams > app->nb_ports)
		print_streams(app);
	for (i = 0; i < app->nb_ports; i++)
		print_port(app, &app->port[i], &all);
	printf("\n  +++++++++++++++ Accumulated forward statistics for all ports+++++++++++++++\n");
	print_totals(&all);
	printf("  ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++\n");
	if (app->opt.record_cycles)
		print_cycles(app);
}
