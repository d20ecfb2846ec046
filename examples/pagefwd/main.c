/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The smallest program that receives into page fragments: every frame that arrives on a
 * port of a pair leaves by the other one. What differs from a program on a pktmbuf pool is
 * create_pool(), check_native() and the end of main().
 *
 *   pagefwd -l 0 -d librte_net_hns3_pmd.so
 */

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ppool.h>

#define RING_SIZE  1024
#define BURST_SIZE 32
/* A page is in use from its first fragment to its last: beside the rings, some are half
 * handed out and some half come back.
 */
#define SPARE_PAGES 64

static volatile sig_atomic_t quit;

static void
on_signal(int sig)
{
	(void)sig;
	quit = 1;
}

static struct rte_ppool *
create_pool(unsigned int nb_ports)
{
	const struct rte_ppool_params params = {
		.page_size = 64 * 1024,
		.frag_size = 2048,
		.min_pages = 1,
		.max_pages = nb_ports * 2 * RING_SIZE / 32 + SPARE_PAGES,
		.socket_id = SOCKET_ID_ANY,
		.layout = RTE_PPOOL_LAYOUT_COMPACT,
	};

	return rte_ppool_create("pagefwd", &params);
}

/* Fragments of the COMPACT layout need a driver that knows them. */
static void
check_native(uint16_t port)
{
	if (!rte_ppool_port_native_get(port))
		rte_exit(EXIT_FAILURE, "port %u: its driver does not receive into page fragments\n",
			port);
}

static void
start_port(uint16_t port, struct rte_mempool *mp)
{
	const struct rte_eth_conf conf = {.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE};
	int socket = rte_eth_dev_socket_id(port);
	int ret;

	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(port, 0, RING_SIZE, socket, NULL, mp);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(port, 0, RING_SIZE, socket, NULL);
	if (ret == 0) {
		check_native(port);
		ret = rte_eth_dev_start(port);
	}
	if (ret == 0)
		ret = rte_eth_promiscuous_enable(port);
	if (ret != 0)
		rte_exit(EXIT_FAILURE, "port %u: %s\n", port, rte_strerror(-ret));
}

static uint64_t
forward(uint16_t from, uint16_t to)
{
	struct rte_mbuf *pkts[BURST_SIZE];
	uint16_t nb_rx = rte_eth_rx_burst(from, 0, pkts, BURST_SIZE);
	uint16_t nb_tx = nb_rx == 0 ? 0 : rte_eth_tx_burst(to, 0, pkts, nb_rx);

	if (nb_tx < nb_rx)
		rte_pktmbuf_free_bulk(&pkts[nb_tx], nb_rx - nb_tx);
	return nb_tx;
}

int
main(int argc, char **argv)
{
	struct rte_ppool *pool;
	uint64_t forwarded = 0;
	unsigned int nb_ports;
	uint16_t port;

	if (rte_eal_init(argc, argv) < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	nb_ports = rte_eth_dev_count_avail();
	if (nb_ports < 2 || nb_ports % 2 != 0)
		rte_exit(EXIT_FAILURE, "pagefwd wants pairs of ports, there are %u\n", nb_ports);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);

	pool = create_pool(nb_ports);
	if (pool == NULL)
		rte_exit(EXIT_FAILURE, "pool: %s\n", rte_strerror(rte_errno));
	RTE_ETH_FOREACH_DEV(port)
		start_port(port, rte_ppool_to_mempool(pool));

	while (!quit)
		RTE_ETH_FOREACH_DEV(port)
			forwarded += forward(port, port ^ 1);

	RTE_ETH_FOREACH_DEV(port) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
	printf("%" PRIu64 " frames forwarded\n", forwarded);
	rte_ppool_dump(stdout, pool);
	/* Not 0 if somebody still holds a fragment; nothing is freed under his feet. */
	if (rte_ppool_destroy(pool) != 0)
		rte_exit(EXIT_FAILURE, "fragments are still out\n");
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
