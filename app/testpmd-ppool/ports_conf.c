/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What a port is asked for, checked against what it says that it can do: an option that it
 * cannot meet is refused in words before anything is set up.
 */

#include <inttypes.h>
#include <string.h>

#include "testpmd_ppool.h"

/* Rings where neither the user nor the driver has a wish. */
#define RING_DEFAULT 512

/* Bytes of a frame that do not count in the MTU. */
static uint32_t
frame_overhead(const struct rte_eth_dev_info *info)
{
	if (info->max_mtu != UINT16_MAX && info->max_rx_pktlen > info->max_mtu)
		return info->max_rx_pktlen - info->max_mtu;
	return RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
}

static int
frame_length(const struct options *opt, struct app_port *p)
{
	uint32_t overhead = frame_overhead(&p->info);
	uint32_t min, max;

	if (opt->max_pkt_len == 0) {
		p->frame_len = RTE_ETHER_MTU + overhead;
		return 0;
	}
	min = overhead + RTE_MAX(p->info.min_mtu, RTE_ETHER_MIN_MTU);
	max = RTE_MIN(p->info.max_rx_pktlen, overhead + p->info.max_mtu);
	if (opt->max_pkt_len < min || opt->max_pkt_len > max) {
		app_err("port %u (%s): --max-pkt-len=%u: must be from %u to %u", p->id,
			p->info.driver_name, opt->max_pkt_len, min, max);
		return -1;
	}
	p->frame_len = opt->max_pkt_len;
	p->conf.rxmode.mtu = opt->max_pkt_len - overhead;
	return 0;
}

static int
check_queues(const struct app_port *p, const char *name, uint32_t wanted, uint16_t max)
{
	if (wanted <= max)
		return 0;
	app_err("port %u (%s): --%s=%u: must be from 1 to %u", p->id, p->info.driver_name, name,
		wanted, max);
	return -1;
}

/* A user's number is taken or refused; a default is made to fit. */
static int
ring_size(const struct app_port *p, const char *name, uint32_t wanted, uint16_t preferred,
	const struct rte_eth_desc_lim *lim, uint16_t *out)
{
	uint32_t align = lim->nb_align != 0 ? lim->nb_align : 1;
	uint32_t max = lim->nb_max != 0 ? lim->nb_max : UINT16_MAX;
	uint32_t n = wanted;

	if (wanted == 0) {
		n = RTE_ALIGN_MUL_CEIL(preferred != 0 ? preferred : RING_DEFAULT, align);
		n = RTE_MIN(RTE_MAX(n, (uint32_t)lim->nb_min), max - max % align);
	} else if (n < lim->nb_min || n > max || n % align != 0) {
		app_err("port %u (%s): --%s=%u: a ring has from %u to %u descriptors, in multiples "
			"of %u", p->id, p->info.driver_name, name, n, lim->nb_min, max, align);
		return -1;
	}
	*out = n;
	return 0;
}

static void
name_offloads(FILE *f, uint64_t missing, const char *(*name)(uint64_t))
{
	for (; missing != 0; missing &= missing - 1)
		fprintf(f, "  lacking: %s\n", name(missing & -missing));
}

static int
offloads(const struct options *opt, struct app_port *p)
{
	uint64_t missing = opt->rx_offloads & ~p->info.rx_offload_capa;

	if (missing != 0) {
		app_err("port %u (%s): Rx offloads 0x%" PRIx64 " asked for, 0x%" PRIx64 " can be had",
			p->id, p->info.driver_name, opt->rx_offloads, p->info.rx_offload_capa);
		name_offloads(stderr, missing, rte_eth_dev_rx_offload_name);
		return -1;
	}
	p->conf.rxmode.offloads = opt->rx_offloads;
	missing = opt->tx_offloads & ~p->info.tx_offload_capa;
	if (missing != 0 && opt->tx_offloads_given) {
		app_err("port %u (%s): --tx-offloads=0x%" PRIx64 ": only 0x%" PRIx64 " can be had",
			p->id, p->info.driver_name, opt->tx_offloads, p->info.tx_offload_capa);
		name_offloads(stderr, missing, rte_eth_dev_tx_offload_name);
		return -1;
	}
	p->conf.txmode.offloads = opt->tx_offloads & p->info.tx_offload_capa;
	return 0;
}

static void
spreading(const struct options *opt, struct app_port *p)
{
	uint64_t hf = opt->rss_hf & p->info.flow_type_rss_offloads;

	if (opt->rxq == 1)
		return;
	if (hf == 0) {
		p->conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
		if (opt->rss_hf != 0)
			printf("Warning: port %u cannot spread over its Rx queues by RSS\n", p->id);
		return;
	}
	p->conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	p->conf.rx_adv_conf.rss_conf.rss_hf = hf;
}

int
port_conf_make(struct app *app, struct app_port *p)
{
	const struct options *opt = &app->opt;
	const struct rte_eth_dev_info *info = &p->info;

	memset(&p->conf, 0, sizeof(p->conf));
	if (check_queues(p, "rxq", opt->rxq, info->max_rx_queues) != 0 ||
			check_queues(p, "txq", opt->txq, info->max_tx_queues) != 0 ||
			ring_size(p, "rxd", opt->rxd, info->default_rxportconf.ring_size,
				&info->rx_desc_lim, &p->rxd) != 0 ||
			ring_size(p, "txd", opt->txd, info->default_txportconf.ring_size,
				&info->tx_desc_lim, &p->txd) != 0 ||
			frame_length(opt, p) != 0 || offloads(opt, p) != 0)
		return -1;
	spreading(opt, p);
	if (opt->lsc && (*info->dev_flags & RTE_ETH_DEV_INTR_LSC))
		p->conf.intr_conf.lsc = 1;
	return 0;
}

uint32_t
port_conf_buffer(const struct app *app)
{
	return pools_buffer_size(app) - RTE_PKTMBUF_HEADROOM;
}

/* Segments of the packets that the program makes itself. */
static int
own_packets(const struct app *app, const struct app_port *p)
{
	const struct options *opt = &app->opt;
	uint16_t max = p->info.tx_desc_lim.nb_seg_max;
	uint32_t i;

	for (i = 0; i < opt->nb_txpkts; i++) {
		if (opt->txpkt_len[i] > port_conf_buffer(app)) {
			app_err("--txpkts: a segment of %u bytes; a buffer holds %u", opt->txpkt_len[i],
				port_conf_buffer(app));
			return -1;
		}
	}
	if (max != 0 && opt->nb_txpkts > max) {
		app_err("port %u (%s): --txpkts: %u segments; it sends %u at most", p->id,
			p->info.driver_name, opt->nb_txpkts, max);
		return -1;
	}
	return 0;
}

int
port_conf_segments(struct app *app, struct app_port *p)
{
	bool long_frames = p->frame_len > port_conf_buffer(app);
	bool own = app->opt.nb_txpkts > 1;

	if (own_packets(app, p) != 0)
		return -1;
	if (long_frames) {
		if (!(p->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER)) {
			app_err("port %u (%s): frames of %u bytes do not fit a buffer of %u, and it "
				"cannot scatter them: use larger buffers (--%s)", p->id,
				p->info.driver_name, p->frame_len, port_conf_buffer(app),
				app->opt.pool == POOL_PPOOL ? "ppool-frag-size" : "mbuf-size");
			return -1;
		}
		p->conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	}
	if (long_frames || own || (p->conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER)) {
		if (own && !(p->info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS)) {
			app_err("port %u (%s): --txpkts: it cannot send packets of several segments",
				p->id, p->info.driver_name);
			return -1;
		}
		p->conf.txmode.offloads |=
			p->info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	}
	/* It promises that all packets of a Tx queue come from one pool. */
	if (app->nb_pools > 1 && !app->opt.tx_offloads_given)
		p->conf.txmode.offloads &= ~RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	return 0;
}
