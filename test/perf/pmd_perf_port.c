/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Pool and port of the measuring process: the same wishes to each driver, but for the pool. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "pmd_perf_child.h"

#define MEMPOOL_CACHE 256u
#define WORKERS       2u

uint64_t
pmd_port_hugepages(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	uint64_t kb = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "HugetlbPages: %" SCNu64, &kb) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kb << 10;
}

/* Buffers that can be in use at once, but for what a cache holds. */
static uint32_t
buffers(const struct pmd_child *c)
{
	const struct pmd_workload *w = &c->w;

	return 2 * w->queues * w->ring + (w->hold + 4 * w->queues * w->burst) * c->segs;
}

static int
make_ppool(struct pmd_child *c)
{
	const bool across = c->frame_max > RTE_PPOOL_FRAG_DEFAULT - RTE_PKTMBUF_HEADROOM;
	struct rte_ppool_params params = {
		/* What testpmd-ppool chooses where frames lie across fragments. */
		.page_size = across ? 2 * RTE_PPOOL_PAGE_DEFAULT : RTE_PPOOL_PAGE_DEFAULT,
		.frag_size = RTE_PPOOL_FRAG_DEFAULT,
		.socket_id = SOCKET_ID_ANY,
		.layout = RTE_PPOOL_LAYOUT_COMPACT,
	};
	/* There, up to an eighth of a page is not posted. */
	uint32_t per_page = params.page_size / params.frag_size * 7 / 8;

	/* It takes what it needs while rings and pools fill, before anything is measured; of the limit
	 * nothing is there until then. Twice what the buffers would fill: a page is free when its
	 * last packet is.
	 */
	params.min_pages = 1;
	params.max_pages = 2 * (buffers(c) / per_page + 5 * c->w.queues + 32);
	c->room = params.frag_size - RTE_PKTMBUF_HEADROOM;
	c->pp = rte_ppool_create("perf", &params);
	if (c->pp == NULL)
		return -1;
	c->mp = rte_ppool_to_mempool(c->pp);
	return 0;
}

static int
make_pool(struct pmd_child *c)
{
	uint32_t n = buffers(c) + WORKERS * MEMPOOL_CACHE * 3 / 2;

	if (c->ours)
		return make_ppool(c);
	c->room = RTE_MBUF_DEFAULT_DATAROOM;
	c->mp = rte_pktmbuf_pool_create("perf", n, MEMPOOL_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
		SOCKET_ID_ANY);
	return c->mp == NULL ? -1 : 0;
}

static int
refuse(struct pmd_child *c, const char *why)
{
	snprintf(c->why, sizeof(c->why), "%s", why);
	return 1;
}

static uint64_t
wanted_tx(const struct pmd_child *c)
{
	uint64_t tx = 0;

	if (c->w.fast_free)
		tx |= RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	if (c->w.csum == PMD_CSUM_RXTX)
		tx |= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	if (c->frame_max > c->room)
		tx |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	return tx;
}

static uint64_t
wanted_rx(const struct pmd_child *c)
{
	uint64_t rx = 0;

	if (c->w.csum != PMD_CSUM_OFF)
		rx |= RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
	if (c->w.rss)
		rx |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
	if (c->frame_max > c->room)
		rx |= RTE_ETH_RX_OFFLOAD_SCATTER;
	return rx;
}

static int
make_conf(struct pmd_child *c, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf)
{
	uint32_t overhead = info->max_rx_pktlen - info->max_mtu;
	const struct pmd_workload *w = &c->w;

	memset(conf, 0, sizeof(*conf));
	if (w->queues > info->max_rx_queues || w->queues > info->max_tx_queues)
		return refuse(c, "so many queues");
	if (w->ring > info->rx_desc_lim.nb_max || w->ring % info->rx_desc_lim.nb_align != 0)
		return refuse(c, "a ring of this size");
	conf->rxmode.mtu = RTE_ETHER_MTU;
	if (c->frame_max > RTE_ETHER_MTU + RTE_ETHER_HDR_LEN)
		conf->rxmode.mtu = c->frame_max + RTE_ETHER_CRC_LEN - overhead;
	conf->rxmode.offloads = wanted_rx(c);
	conf->txmode.offloads = wanted_tx(c);
	if (conf->rxmode.offloads & ~info->rx_offload_capa)
		return refuse(c, rte_eth_dev_rx_offload_name(rte_align64prevpow2(
			conf->rxmode.offloads & ~info->rx_offload_capa)));
	if (conf->txmode.offloads & ~info->tx_offload_capa)
		return refuse(c, rte_eth_dev_tx_offload_name(rte_align64prevpow2(
			conf->txmode.offloads & ~info->tx_offload_capa)));
	if (w->queues > 1 || w->rss) {
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads &
			(RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP);
	}
	return 0;
}

static int
start(struct pmd_child *c, struct rte_eth_dev_info *info, const struct rte_eth_conf *conf)
{
	struct rte_eth_rxconf rx = info->default_rxconf;
	struct rte_eth_txconf tx = info->default_txconf;
	uint16_t q;
	int ret;

	rx.offloads = conf->rxmode.offloads;
	tx.offloads = conf->txmode.offloads;
	ret = rte_eth_dev_configure(PMD_PORT, c->w.queues, c->w.queues, conf);
	for (q = 0; ret == 0 && q < c->w.queues; q++) {
		ret = rte_eth_rx_queue_setup(PMD_PORT, q, c->w.ring, SOCKET_ID_ANY, &rx, c->mp);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(PMD_PORT, q, c->w.ring, SOCKET_ID_ANY, &tx);
	}
	if (ret == 0)
		ret = rte_eth_dev_start(PMD_PORT);
	if (ret == 0)
		ret = rte_eth_promiscuous_enable(PMD_PORT);
	if (ret != 0)
		fprintf(stderr, "pmd_perf: port %u: %s\n", PMD_PORT, rte_strerror(-ret));
	return ret == 0 ? 0 : -1;
}

int
pmd_port_open(struct pmd_child *c)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int ret;

	if (rte_eth_dev_count_avail() == 0 || rte_eth_dev_info_get(0, &info) != 0) {
		fprintf(stderr, "pmd_perf: no port\n");
		return -1;
	}
	snprintf(c->driver, sizeof(c->driver), "%s", info.driver_name);
	if (strcmp(c->driver, c->ours ? "net_hns3_pmd" : "net_hns3") != 0) {
		fprintf(stderr, "pmd_perf: port 0 is driven by %s\n", c->driver);
		return -1;
	}
	c->frame_max = c->w.size - RTE_ETHER_CRC_LEN;
	c->segs = c->frame_max / 2048 + 1;
	if (make_pool(c) != 0) {
		fprintf(stderr, "pmd_perf: no pool: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	c->segs = (c->frame_max + c->room - 1) / c->room;
	ret = make_conf(c, &info, &conf);
	if (ret == 0)
		ret = start(c, &info, &conf);
	return ret;
}

bool
pmd_port_close(struct pmd_child *c)
{
	uint64_t out;

	if (c->driver[0] != '\0') {
		rte_eth_dev_stop(PMD_PORT);
		rte_eth_dev_close(PMD_PORT);
	}
	if (c->mp == NULL)
		return true;
	out = c->pp != NULL ? rte_ppool_in_flight(c->pp) : rte_mempool_in_use_count(c->mp);
	if (out != 0)
		fprintf(stderr, "pmd_perf: %" PRIu64 " buffers did not come back\n", out);
	if (c->pp != NULL)
		rte_ppool_destroy(c->pp);
	else if (out == 0)
		rte_mempool_free(c->mp);
	return out == 0;
}
