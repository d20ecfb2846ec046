/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Streams (an Rx queue and the Tx queue its packets leave by) and the lcores that run them. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "testpmd_ppool.h"

/* How long, and how often, what was received before forwarding is thrown away. */
#define FLUSH_MS 1000
#define FLUSH_ROUNDS 2

static const struct fwd_engine *const engines[] = {
	&fwd_io, &fwd_mac, &fwd_macswap, &fwd_rxonly, &fwd_txonly,
};

const struct fwd_engine *
streams_engine(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(engines); i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	return NULL;
}

const char *
streams_engine_names(void)
{
	return "io|mac|macswap|rxonly|txonly";
}

static int
check_coremask(uint64_t mask)
{
	unsigned int id;

	for (id = 0; id < 64; id++) {
		if (!(mask & RTE_BIT64(id)))
			continue;
		if (id == rte_get_main_lcore()) {
			app_err("--coremask=0x%" PRIx64 ": lcore %u is the main lcore, which prints and "
				"does not forward", mask, id);
			return -1;
		}
		if (!rte_lcore_is_enabled(id)) {
			app_err("--coremask=0x%" PRIx64 ": lcore %u is not among those of EAL's -l", mask,
				id);
			return -1;
		}
	}
	return 0;
}

int
streams_lcores(struct app *app)
{
	const struct options *opt = &app->opt;
	unsigned int id, wanted, found = 0;

	if (check_coremask(opt->coremask) != 0)
		return -1;
	RTE_LCORE_FOREACH_WORKER(id) {
		if (opt->coremask != 0 && (id >= 64 || !(opt->coremask & RTE_BIT64(id))))
			continue;
		app->lcore[found++].lcore_id = id;
	}
	if (found == 0) {
		app_err("no cores for forwarding: the main lcore only prints, so EAL's -l must name "
			"two, such as -l 0,1 (or, on one CPU, --lcores 0@0,1@0)");
		return -1;
	}
	wanted = opt->nb_cores != 0 ? opt->nb_cores : opt->coremask != 0 ? found : 1;
	if (wanted > found) {
		app_err("--nb-cores=%u: %u forwarding cores can be had (EAL's -l less the main lcore)",
			wanted, found);
		return -1;
	}
	app->nb_lcores = wanted;
	return 0;
}

static unsigned int
queues_used(const struct options *opt)
{
	if (!opt->engine->uses_tx)
		return opt->rxq;
	if (!opt->engine->uses_rx)
		return opt->txq;
	return RTE_MIN(opt->rxq, opt->txq);
}

unsigned int
streams_count(const struct app *app)
{
	return queues_used(&app->opt) * app->nb_ports;
}

static unsigned int
peer_of(const struct app *app, unsigned int i)
{
	switch (app->opt.topology) {
	case TOPOLOGY_LOOP:
		return i;
	case TOPOLOGY_CHAINED:
		return (i + 1) % app->nb_ports;
	default:
		return (i ^ 1) < app->nb_ports ? i ^ 1 : i;
	}
}

static int
make_stream(struct app *app, struct fwd_stream *fs, unsigned int port, unsigned int queue)
{
	const struct app_port *rx = &app->port[port];
	const struct app_port *tx = &app->port[peer_of(app, port)];

	fs->rx_port = rx->id;
	fs->tx_port = tx->id;
	fs->rx_queue = fs->tx_queue = queue;
	fs->burst = app->opt.burst;
	fs->multi_flow = app->opt.multi_flow;
	fs->tx_mac = tx->mac;
	fs->peer = app->opt.peer[tx->id];
	fs->opt = &app->opt;
	fs->mp = pools_find(app, tx->socket)->mp;
	txonly_prepare(fs);
	if (!app->opt.record_bursts)
		return 0;
	fs->bursts = rte_zmalloc_socket("bursts", sizeof(*fs->bursts), RTE_CACHE_LINE_SIZE,
		rx->socket);
	return fs->bursts != NULL ? 0 : -1;
}

/* Shares differ by one at most; the larger ones come last. */
static void
share_out(struct app *app)
{
	unsigned int i, first = 0;

	app->nb_lcores = RTE_MIN(app->nb_lcores, app->nb_streams);
	for (i = 0; i < app->nb_lcores; i++) {
		struct fwd_lcore *lc = &app->lcore[i];

		lc->first = first;
		lc->nb = (app->nb_streams - first) / (app->nb_lcores - i);
		lc->streams = app->streams;
		lc->engine = app->opt.engine;
		lc->record_cycles = app->opt.record_cycles;
		first += lc->nb;
	}
}

int
streams_create(struct app *app)
{
	unsigned int i, queues = queues_used(&app->opt);

	if (app->opt.engine->uses_rx && app->opt.engine->uses_tx && app->opt.rxq != app->opt.txq)
		printf("Warning: --rxq=%u and --txq=%u: only the first %u of each forward\n",
			app->opt.rxq, app->opt.txq, queues);
	if (app->opt.topology == TOPOLOGY_PAIRED && app->nb_ports % 2 != 0)
		printf("Warning: port-topology=paired and an odd number of ports: the last port is "
			"its own pair\n");
	app->nb_streams = streams_count(app);
	app->streams = rte_zmalloc_socket("streams", app->nb_streams * sizeof(*app->streams),
		RTE_CACHE_LINE_SIZE, app->port[0].socket);
	if (app->streams == NULL) {
		app_err("no memory for %u streams", app->nb_streams);
		return -1;
	}
	for (i = 0; i < app->nb_streams; i++) {
		if (make_stream(app, &app->streams[i], i % app->nb_ports, i / app->nb_ports) != 0) {
			app_err("no memory for the burst statistics of %u streams", app->nb_streams);
			return -1;
		}
	}
	share_out(app);
	return 0;
}

void
streams_print(struct app *app)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE];
	unsigned int i, s;

	printf("%s packet forwarding - ports=%u - cores=%u - streams=%u - NUMA support %s\n",
		app->opt.engine->name, app->nb_ports, app->nb_lcores, app->nb_streams,
		app->opt.numa ? "enabled" : "disabled");
	for (i = 0; i < app->nb_lcores; i++) {
		const struct fwd_lcore *lc = &app->lcore[i];

		printf("Logical Core %u (socket %u) forwards packets on %u streams:\n", lc->lcore_id,
			rte_lcore_to_socket_id(lc->lcore_id), lc->nb);
		for (s = lc->first; s < lc->first + lc->nb; s++) {
			const struct fwd_stream *fs = &app->streams[s];

			rte_ether_format_addr(mac, sizeof(mac), &fs->peer);
			printf("  RX P=%u/Q=%u -> TX P=%u/Q=%u peer=%s\n", fs->rx_port, fs->rx_queue,
				fs->tx_port, fs->tx_queue, mac);
		}
	}
	printf("\n  %s packet forwarding packets/burst=%u\n", app->opt.engine->name, app->opt.burst);
	for (i = 0; i < app->nb_ports; i++)
		printf("  port %u: RX queues: %u of %u descriptors, TX queues: %u of %u descriptors, "
			"Rx offloads=0x%" PRIx64 " Tx offloads=0x%" PRIx64 "\n", app->port[i].id,
			app->opt.rxq, app->port[i].rxd, app->opt.txq, app->port[i].txd,
			app->port[i].conf.rxmode.offloads, app->port[i].conf.txmode.offloads);
	printf("\n");
}

static int
forward(void *arg)
{
	struct fwd_lcore *lc = arg;
	struct fwd_stream *first = &lc->streams[lc->first], *end = first + lc->nb, *fs;
	bool (*burst)(struct fwd_stream *fs) = lc->engine->burst;
	uint64_t start;

	while (!atomic_load_explicit(&lc->stop, memory_order_relaxed)) {
		for (fs = first; fs < end; fs++) {
			if (!lc->record_cycles) {
				burst(fs);
				continue;
			}
			/* Polls that find nothing are free, as in dpdk-testpmd. */
			start = rte_rdtsc();
			if (burst(fs))
				fs->busy_cycles += rte_rdtsc() - start;
		}
	}
	return 0;
}

static int
send_first(void *arg)
{
	struct fwd_lcore *lc = arg;
	unsigned int i;

	for (i = lc->first; i < lc->first + lc->nb; i++)
		if (lc->streams[i].tx_queue < lc->streams[i].opt->txq)
			fwd_txonly.burst(&lc->streams[i]);
	return 0;
}

static int
launch(struct app *app, lcore_function_t *function)
{
	unsigned int i;

	for (i = 0; i < app->nb_lcores; i++) {
		struct fwd_lcore *lc = &app->lcore[i];

		atomic_store_explicit(&lc->stop, false, memory_order_relaxed);
		if (rte_eal_remote_launch(function, lc, lc->lcore_id) != 0) {
			app_err("lcore %u did not start", lc->lcore_id);
			streams_stop(app);
			return -1;
		}
	}
	return 0;
}

static void
flush(struct app *app)
{
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() * FLUSH_MS / 1000;
	struct rte_mbuf *pkts[BURST_MAX];
	unsigned int i, round;

	for (round = 0; round < FLUSH_ROUNDS; round++) {
		for (i = 0; i < app->nb_streams; i++) {
			const struct fwd_stream *fs = &app->streams[i];
			uint16_t n;

			if (fs->rx_queue >= app->opt.rxq)
				continue;
			do {
				n = rte_eth_rx_burst(fs->rx_port, fs->rx_queue, pkts, fs->burst);
				rte_pktmbuf_free_bulk(pkts, n);
			} while (n > 0 && rte_rdtsc() < end && !quit_signal);
		}
		rte_delay_us_sleep(10000);
	}
}

int
streams_start(struct app *app)
{
	if (app->opt.flush_rx)
		flush(app);
	stats_begin(app);
	if (app->opt.tx_first) {
		if (launch(app, send_first) != 0)
			return -1;
		rte_eal_mp_wait_lcore();
	}
	return launch(app, forward);
}

void
streams_stop(struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->nb_lcores; i++)
		atomic_store_explicit(&app->lcore[i].stop, true, memory_order_relaxed);
	rte_eal_mp_wait_lcore();
}

void
streams_free(struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->nb_streams && app->streams != NULL; i++)
		rte_free(app->streams[i].bursts);
	rte_free(app->streams);
	app->streams = NULL;
	app->nb_streams = 0;
}
