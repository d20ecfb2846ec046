/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The life of the ports: chosen, configured, started, stopped, closed. */

#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include "testpmd_ppool.h"

/* As long as dpdk-testpmd waits for links. */
#define LINK_WAIT_MS 9000
#define LINK_POLL_MS 100

struct app_port *
ports_find(struct app *app, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < app->nb_ports; i++)
		if (app->port[i].id == id)
			return &app->port[i];
	return NULL;
}

static int
port_socket(const struct options *opt, uint16_t id)
{
	int socket = rte_eth_dev_socket_id(id);

	if (opt->socket_num != UINT32_MAX)
		return opt->socket_num;
	if (!opt->numa || socket < 0)
		return rte_socket_id_by_idx(0);
	return socket;
}

static int
check_socket_num(const struct options *opt)
{
	unsigned int i;

	if (opt->socket_num == UINT32_MAX)
		return 0;
	for (i = 0; i < rte_socket_count(); i++)
		if ((uint32_t)rte_socket_id_by_idx(i) == opt->socket_num)
			return 0;
	app_err("--socket-num=%u: this machine has no such NUMA node", opt->socket_num);
	return -1;
}

static int
port_describe(struct app *app, struct app_port *p)
{
	int ret = rte_eth_dev_info_get(p->id, &p->info);

	if (ret == 0)
		ret = rte_eth_macaddr_get(p->id, &p->mac);
	if (ret == 0)
		ret = rte_eth_dev_get_name_by_port(p->id, p->name);
	if (ret != 0) {
		app_err("port %u: does not describe itself: %s", p->id, rte_strerror(-ret));
		return -1;
	}
	p->socket = port_socket(&app->opt, p->id);
	return port_conf_make(app, p);
}

int
ports_select(struct app *app)
{
	const struct options *opt = &app->opt;
	uint64_t seen = 0;
	unsigned int i;
	uint16_t id;

	if (check_socket_num(opt) != 0)
		return -1;
	RTE_ETH_FOREACH_DEV(id) {
		seen |= RTE_BIT64(id);
		if (opt->portmask != 0 && !(opt->portmask & RTE_BIT64(id)))
			continue;
		app->port[app->nb_ports++].id = id;
	}
	if (seen == 0) {
		devices_report();
		return -1;
	}
	if ((opt->portmask & ~seen) != 0) {
		app_err("--portmask=0x%" PRIx64 ": the ports that exist are 0x%" PRIx64,
			opt->portmask, seen);
		return -1;
	}
	if (opt->nb_ports > app->nb_ports) {
		app_err("--nb-ports=%u: there are %u", opt->nb_ports, app->nb_ports);
		return -1;
	}
	if (opt->nb_ports != 0)
		app->nb_ports = opt->nb_ports;
	for (i = 0; i < app->nb_ports; i++)
		if (port_describe(app, &app->port[i]) != 0)
			return -1;
	return 0;
}

static int
link_event(uint16_t id, enum rte_eth_event_type type, void *arg, void *ret_param)
{
	char text[RTE_ETH_LINK_MAX_STR_LEN];
	struct rte_eth_link link;

	if (rte_eth_link_get_nowait(id, &link) == 0 &&
			rte_eth_link_to_str(text, sizeof(text), &link) > 0)
		printf("Port %u: %s\n", id, text);
	return 0;
}

static int
setup_queues(struct app *app, struct app_port *p)
{
	struct app_pool *pool = pools_find(app, p->socket);
	struct rte_eth_rxconf rxconf = p->info.default_rxconf;
	struct rte_eth_txconf txconf = p->info.default_txconf;
	uint16_t q;
	int ret;

	rxconf.offloads = p->conf.rxmode.offloads;
	txconf.offloads = p->conf.txmode.offloads;
	for (q = 0; q < app->opt.rxq; q++) {
		ret = rte_eth_rx_queue_setup(p->id, q, p->rxd, p->socket, &rxconf, pool->mp);
		if (ret != 0) {
			app_err("port %u (%s): Rx queue %u of %u descriptors: %s", p->id,
				p->info.driver_name, q, p->rxd, rte_strerror(-ret));
			return -1;
		}
	}
	for (q = 0; q < app->opt.txq; q++) {
		ret = rte_eth_tx_queue_setup(p->id, q, p->txd, p->socket, &txconf);
		if (ret != 0) {
			app_err("port %u (%s): Tx queue %u of %u descriptors: %s", p->id,
				p->info.driver_name, q, p->txd, rte_strerror(-ret));
			return -1;
		}
	}
	/* Another driver overwrites the flag in ol_flags by which such an mbuf is freed. */
	if (pool->pp != NULL && !rte_ppool_port_native_get(p->id)) {
		app_err("port %u: its driver, %s, does not know page pools and would spoil their "
			"mbufs: use --pool=mempool", p->id, p->info.driver_name);
		return -1;
	}
	return 0;
}

static int
start_port(struct app *app, struct app_port *p)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE];
	int ret, promiscuous;

	printf("Configuring Port %u (socket %d)\n", p->id, p->socket);
	if (port_conf_segments(app, p) != 0)
		return -1;
	ret = rte_eth_dev_configure(p->id, app->opt.rxq, app->opt.txq, &p->conf);
	if (ret != 0) {
		app_err("port %u (%s): not configured: %s", p->id, p->info.driver_name,
			rte_strerror(-ret));
		return -1;
	}
	p->configured = true;
	if (p->conf.intr_conf.lsc)
		rte_eth_dev_callback_register(p->id, RTE_ETH_EVENT_INTR_LSC, link_event, NULL);
	if (setup_queues(app, p) != 0)
		return -1;
	/* Before the start, or the first frames for other addresses are lost; again after it
	 * where a driver cannot.
	 */
	promiscuous = rte_eth_promiscuous_enable(p->id);
	ret = rte_eth_dev_start(p->id);
	if (ret != 0) {
		app_err("port %u (%s): not started: %s", p->id, p->info.driver_name,
			rte_strerror(-ret));
		return -1;
	}
	p->started = true;
	if (promiscuous != 0)
		promiscuous = rte_eth_promiscuous_enable(p->id);
	/* Not all drivers have it, and some wires do not need it. */
	if (promiscuous != 0 && promiscuous != -ENOTSUP)
		printf("Warning: port %u: not promiscuous: %s\n", p->id,
			rte_strerror(-promiscuous));
	rte_eth_macaddr_get(p->id, &p->mac);
	rte_ether_format_addr(mac, sizeof(mac), &p->mac);
	printf("Port %u: %s  %s  %s\n", p->id, mac, p->info.driver_name, p->name);
	return 0;
}

/* Once, for the first lcore of another node: it costs, but it works. */
static void
warn_numa(const struct app *app, const struct app_port *p)
{
	int node = rte_eth_dev_socket_id(p->id);
	unsigned int i;

	if (node >= 0 && node != p->socket)
		printf("Warning: port %u is on NUMA node %d, its memory on node %d\n", p->id, node,
			p->socket);
	for (i = 0; i < app->nb_lcores; i++) {
		int socket = rte_lcore_to_socket_id(app->lcore[i].lcore_id);

		if (node >= 0 && node != socket) {
			printf("Warning: port %u is on NUMA node %d, lcore %u on node %d\n", p->id, node,
				app->lcore[i].lcore_id, socket);
			return;
		}
	}
}

int
ports_start(struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->nb_ports && !quit_signal; i++) {
		if (start_port(app, &app->port[i]) != 0)
			return -1;
		warn_numa(app, &app->port[i]);
	}
	return 0;
}

void
ports_wait_link(struct app *app)
{
	char text[RTE_ETH_LINK_MAX_STR_LEN];
	struct rte_eth_link link;
	unsigned int i, waited = 0;

	if (!app->opt.link_check)
		return;
	printf("Checking link statuses...\n");
	for (i = 0; i < app->nb_ports && !quit_signal; i++) {
		struct app_port *p = &app->port[i];
		bool known;

		for (;;) {
			known = rte_eth_link_get_nowait(p->id, &link) == 0;
			if (!known || link.link_status == RTE_ETH_LINK_UP || waited >= LINK_WAIT_MS ||
					quit_signal)
				break;
			rte_delay_us_sleep(LINK_POLL_MS * 1000);
			waited += LINK_POLL_MS;
		}
		if (known && rte_eth_link_to_str(text, sizeof(text), &link) > 0)
			printf("Port %u %s%s\n", p->id, text, link.link_status == RTE_ETH_LINK_UP ? "" :
				": forwarding all the same");
	}
	printf("Done\n");
}

static int
stop_port(const struct app_port *p)
{
	int ret;

	printf("Stopping port %u...\n", p->id);
	ret = rte_eth_dev_stop(p->id);
	if (ret != 0)
		app_err("port %u (%s): did not stop: %s", p->id, p->info.driver_name,
			rte_strerror(-ret));
	return ret;
}

static int
close_port(const struct app_port *p)
{
	int ret;

	if (!rte_eth_dev_is_valid_port(p->id))
		return 0;
	if (p->conf.intr_conf.lsc)
		rte_eth_dev_callback_unregister(p->id, RTE_ETH_EVENT_INTR_LSC, link_event, NULL);
	ret = rte_eth_dev_close(p->id);
	if (ret != 0)
		app_err("port %u (%s): did not close: %s", p->id, p->info.driver_name,
			rte_strerror(-ret));
	else if (p->configured)
		printf("Port %u is closed\n", p->id);
	return ret;
}

/* The device behind a port keeps its VFIO group, and so all of the program's memory stays
 * mapped for it, until it is removed. Several ports may share one.
 */
static int
remove_device(struct app *app, unsigned int i)
{
	struct rte_device *dev = app->port[i].info.device;
	unsigned int j;
	int ret;

	if (dev == NULL)
		return 0;
	for (j = i; j < app->nb_ports; j++)
		if (app->port[j].info.device == dev)
			app->port[j].info.device = NULL;
	ret = rte_dev_remove(dev);
	if (ret != 0)
		app_err("port %u: its device was not given back: %s", app->port[i].id,
			rte_strerror(-ret));
	return ret;
}

int
ports_close(struct app *app)
{
	unsigned int i;
	int bad = 0;

	/* All stand still before the first is closed: they send each other's buffers. */
	for (i = 0; i < app->nb_ports; i++)
		if (app->port[i].started && stop_port(&app->port[i]) != 0)
			bad = -1;
	for (i = 0; i < app->nb_ports; i++)
		if (close_port(&app->port[i]) != 0)
			bad = -1;
	for (i = 0; i < app->nb_ports; i++)
		if (remove_device(app, i) != 0)
			bad = -1;
	return bad;
}
