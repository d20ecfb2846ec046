/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Receives by Rx interrupts and tells of link changes: guest-rx-intr EAL-ARGS -- QUEUES FRAMES.
 * Sleeps until a queue's interrupt comes, empties the queue, and sleeps again. Prints "all here"
 * when so many frames have come; ends by SIGINT with the counts.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_epoll.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_mbuf.h>

#define MAX_QUEUES 16
#define RING       256
#define BURST      32
#define WAIT_MS    100

static volatile sig_atomic_t over;
static uint64_t frames[MAX_QUEUES], wakes[MAX_QUEUES], empty_wakes, timeouts;

static void
on_signal(int sig)
{
	(void)sig;
	over = 1;
}

static int
on_link(uint16_t port, enum rte_eth_event_type type, void *arg, void *ret)
{
	struct rte_eth_link link;

	(void)type;
	(void)arg;
	(void)ret;
	if (rte_eth_link_get_nowait(port, &link) != 0)
		return -1;
	printf("port %u: link is %s\n", port, link.link_status ? "up" : "down");
	fflush(stdout);
	return 0;
}

static void
check(int ret, const char *what)
{
	if (ret < 0)
		rte_exit(EXIT_FAILURE, "%s: %s\n", what, rte_strerror(-ret));
}

static void
start(uint16_t port, uint16_t queues)
{
	struct rte_eth_conf conf = {
		.intr_conf = { .lsc = 1, .rxq = 1 },
		.rxmode.mq_mode = queues > 1 ? RTE_ETH_MQ_RX_RSS : RTE_ETH_MQ_RX_NONE,
		.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_NONFRAG_IPV4_UDP,
	};
	struct rte_mempool *mp;

	mp = rte_pktmbuf_pool_create("rx", queues * RING + 1024, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
		SOCKET_ID_ANY);
	if (mp == NULL)
		rte_exit(EXIT_FAILURE, "no mbufs: %s\n", rte_strerror(rte_errno));
	check(rte_eth_dev_configure(port, queues, 1, &conf), "configure");
	for (uint16_t q = 0; q < queues; q++)
		check(rte_eth_rx_queue_setup(port, q, RING, SOCKET_ID_ANY, NULL, mp), "Rx queue");
	check(rte_eth_tx_queue_setup(port, 0, RING, SOCKET_ID_ANY, NULL), "Tx queue");
	check(rte_eth_dev_callback_register(port, RTE_ETH_EVENT_INTR_LSC, on_link, NULL), "callback");
	check(rte_eth_dev_start(port), "start");
	check(rte_eth_promiscuous_enable(port), "promiscuous mode");
	for (uint16_t q = 0; q < queues; q++) {
		check(rte_eth_dev_rx_intr_ctl_q(port, q, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
			(void *)(uintptr_t)q), "epoll");
		check(rte_eth_dev_rx_intr_enable(port, q), "Rx interrupt");
	}
	printf("sleeping\n");
	fflush(stdout);
}

static uint64_t
drain(uint16_t port, uint16_t q)
{
	struct rte_mbuf *pkts[BURST];
	uint64_t sum = 0;
	uint16_t n;

	while ((n = rte_eth_rx_burst(port, q, pkts, BURST)) != 0) {
		rte_pktmbuf_free_bulk(pkts, n);
		sum += n;
	}
	return sum;
}

/* Masked while the queue is read: what comes after the last look rings when it is unmasked. */
static uint64_t
serve(uint16_t port, uint16_t q)
{
	uint64_t n;

	wakes[q]++;
	check(rte_eth_dev_rx_intr_disable(port, q), "mask");
	n = drain(port, q);
	frames[q] += n;
	empty_wakes += n == 0;
	check(rte_eth_dev_rx_intr_enable(port, q), "unmask");
	return n;
}

static void
loop(uint16_t port, uint64_t want)
{
	struct rte_epoll_event ev[MAX_QUEUES];
	uint64_t sum = 0;

	while (!over) {
		int n = rte_epoll_wait(RTE_EPOLL_PER_THREAD, ev, MAX_QUEUES, WAIT_MS);

		timeouts += n == 0;
		for (int i = 0; i < n; i++)
			sum += serve(port, (uint16_t)(uintptr_t)ev[i].epdata.data);
		if (want != 0 && sum >= want) {
			printf("all here\n");
			fflush(stdout);
			want = 0;
		}
	}
}

int
main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);
	uint16_t port, queues;

	check(used, "EAL");
	argc -= used;
	argv += used;
	port = (uint16_t)rte_eth_find_next(0);
	queues = argc == 3 ? (uint16_t)atoi(argv[1]) : 0;
	if (queues == 0 || queues > MAX_QUEUES || port >= RTE_MAX_ETHPORTS)
		rte_exit(EXIT_FAILURE, "usage: guest-rx-intr EAL-ARGS -- QUEUES FRAMES, and a port\n");
	signal(SIGINT, on_signal);
	start(port, queues);
	loop(port, strtoull(argv[2], NULL, 10));
	for (uint16_t q = 0; q < queues; q++)
		printf("queue %u: %" PRIu64 " frames, %" PRIu64 " wakes\n", q, frames[q], wakes[q]);
	printf("%" PRIu64 " empty wakes, %" PRIu64 " time-outs\n", empty_wakes, timeouts);
	check(rte_eth_dev_stop(port), "stop");
	check(rte_eth_dev_close(port), "close");
	return rte_eal_cleanup();
}
