/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The port as ethdev sees it.
 */

#include <errno.h>

#include <rte_cycles.h>
#include <rte_malloc.h>

#include "hns3_queue.h"

#define LINK_WAIT_MS 9000
#define LINK_POLL_MS 100
#define QUIET_MS     10

#define RX_OFFLOADS (RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH | \
	RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
	RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_VLAN_STRIP | \
	RTE_ETH_RX_OFFLOAD_VLAN_FILTER)
#define TX_OFFLOADS (RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | HNS3_TX_OFF)

static int
op_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct rte_eth_desc_lim lim = {
		.nb_max = HNS3_RING_MAX, .nb_min = HNS3_RING_MIN, .nb_align = HNS3_RING_ALIGN,
		.nb_seg_max = UINT16_MAX, .nb_mtu_seg_max = UINT16_MAX,
	};
	struct hns3_hw *hw = hns3_hw(dev);
	uint16_t queues = RTE_MIN(hw->cfg.tqps, hw->cfg.rss_size_max);

	info->max_rx_queues = queues;
	info->max_tx_queues = queues;
	info->max_rx_pktlen = HNS3_FRAME_MAX;
	info->min_mtu = HNS3_MTU_MIN;
	info->max_mtu = HNS3_MTU_MAX;
	info->min_rx_bufsize = 512;
	info->max_mac_addrs = HNS3_UC_MAX;
	info->rx_offload_capa = RX_OFFLOADS;
	info->tx_offload_capa = TX_OFFLOADS;
	info->rx_queue_offload_capa = 0;
	info->tx_queue_offload_capa = 0;
	info->dev_capa &= ~(uint64_t)RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP;
	info->reta_size = HNS3_RSS_TBL_SIZE;
	info->hash_key_size = HNS3_RSS_KEY_SIZE;
	info->flow_type_rss_offloads = hns3_rss_supported();
	info->rx_desc_lim = lim;
	info->tx_desc_lim = lim;
	info->speed_capa = rte_eth_speed_bitflag(hw->cfg.speed, RTE_ETH_LINK_FULL_DUPLEX);
	info->default_rxconf.rx_free_thresh = HNS3_BATCH;
	info->default_rxconf.rx_drop_en = 1;
	info->default_txconf.tx_rs_thresh = HNS3_BATCH;
	info->default_txconf.tx_free_thresh = HNS3_BATCH;
	info->default_rxportconf.ring_size = 1024;
	info->default_txportconf.ring_size = 1024;
	info->default_rxportconf.burst_size = HNS3_BATCH;
	info->default_txportconf.burst_size = HNS3_BATCH;
	info->default_rxportconf.nb_queues = 1;
	info->default_txportconf.nb_queues = 1;
	return 0;
}

static const uint32_t *
op_ptypes_get(HNS3_PTYPES_ARGS)
{
	static const uint32_t ptypes[] = {
		RTE_PTYPE_L2_ETHER, RTE_PTYPE_L2_ETHER_LLDP, RTE_PTYPE_L2_ETHER_ARP,
		RTE_PTYPE_L3_IPV4, RTE_PTYPE_L3_IPV4_EXT, RTE_PTYPE_L3_IPV6, RTE_PTYPE_L3_IPV6_EXT,
		RTE_PTYPE_L4_IGMP, RTE_PTYPE_L4_ICMP, RTE_PTYPE_L4_SCTP, RTE_PTYPE_L4_TCP,
		RTE_PTYPE_L4_UDP, RTE_PTYPE_TUNNEL_GRE, RTE_PTYPE_TUNNEL_GRENAT,
		RTE_PTYPE_TUNNEL_NVGRE, RTE_PTYPE_INNER_L2_ETHER, RTE_PTYPE_INNER_L3_IPV4,
		RTE_PTYPE_INNER_L3_IPV4_EXT, RTE_PTYPE_INNER_L3_IPV6, RTE_PTYPE_INNER_L3_IPV6_EXT,
		RTE_PTYPE_INNER_L4_UDP, RTE_PTYPE_INNER_L4_TCP, RTE_PTYPE_INNER_L4_SCTP,
		RTE_PTYPE_INNER_L4_ICMP, RTE_PTYPE_UNKNOWN,
	};

	RTE_SET_USED(dev);
	HNS3_PTYPES_COUNT(RTE_DIM(ptypes) - 1);
	return ptypes;
}

static int
check_conf(struct hns3_hw *hw, const struct rte_eth_conf *conf)
{
	const char *why = NULL;

	if (conf->link_speeds & RTE_ETH_LINK_SPEED_FIXED)
		why = "a fixed link speed";
	else if (conf->lpbk_mode != 0)
		why = "loopback";
	else if (conf->intr_conf.rxq && !hns3_intr_rx_capable(hw))
		why = "Rx interrupts without MSI-X";
	else if (conf->rxmode.mq_mode & ~RTE_ETH_MQ_RX_RSS_FLAG)
		why = "DCB or VMDq";
	else if (conf->txmode.mq_mode != RTE_ETH_MQ_TX_NONE)
		why = "DCB or VMDq on Tx";
	if (why == NULL)
		return 0;
	HNS3_DEV_LOG(ERR, hw, "%s is not supported", why);
	return -ENOTSUP;
}

static int
take_rss(struct hns3_hw *hw, const struct rte_eth_conf *conf)
{
	const struct rte_eth_rss_conf *rss = &conf->rx_adv_conf.rss_conf;

	hw->rss.types = 0;
	if (!(conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG))
		return 0;
	if (rss->rss_key != NULL && rss->rss_key_len != 0) {
		if (rss->rss_key_len != HNS3_RSS_KEY_SIZE) {
			HNS3_DEV_LOG(ERR, hw, "an RSS key has %u bytes, not %u", HNS3_RSS_KEY_SIZE,
				rss->rss_key_len);
			return -EINVAL;
		}
		memcpy(hw->rss.key, rss->rss_key, HNS3_RSS_KEY_SIZE);
	}
	hw->rss.types = rss->rss_hf & hns3_rss_supported();
	return 0;
}

static int
op_configure(struct rte_eth_dev *dev)
{
	struct hns3_hw *hw = hns3_hw(dev);
	int ret;

	ret = check_conf(hw, &dev->data->dev_conf);
	if (ret == 0)
		ret = take_rss(hw, &dev->data->dev_conf);
	if (ret == 0)
		ret = hns3_mac_mtu(hw, dev->data->mtu);
	if (ret == 0)
		ret = hns3_vlan_offload(dev, RTE_ETH_VLAN_STRIP_MASK | RTE_ETH_VLAN_FILTER_MASK);
	return ret;
}

static void
set_burst(struct rte_eth_dev *dev, bool run)
{
	const struct hns3_path *path = hns3_path_best();

	dev->rx_pkt_burst = run ? path->rx : rte_eth_pkt_burst_dummy;
	dev->tx_pkt_burst = run ? path->tx : rte_eth_pkt_burst_dummy;
	dev->tx_pkt_prepare = hns3_tx_prepare;
	dev->rx_descriptor_status = hns3_rx_descriptor_status;
	dev->tx_descriptor_status = hns3_tx_descriptor_status;
	dev->rx_queue_count = hns3_rx_queue_count;
}

static void
set_queue_states(struct rte_eth_dev *dev, uint8_t state)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++)
		dev->data->rx_queue_state[i] = state;
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		dev->data->tx_queue_state[i] = state;
}

static int
check_queues(struct hns3_hw *hw)
{
	uint16_t i;

	for (i = 0; i < hw->data->nb_rx_queues; i++)
		if (hw->data->rx_queues[i] == NULL) {
			HNS3_DEV_LOG(ERR, hw, "Rx queue %u was not set up", i);
			return -EINVAL;
		}
	for (i = 0; i < hw->data->nb_tx_queues; i++)
		if (hw->data->tx_queues[i] == NULL) {
			HNS3_DEV_LOG(ERR, hw, "Tx queue %u was not set up", i);
			return -EINVAL;
		}
	return 0;
}

/* From enabled rings back to empty ones. */
static int
halt(struct hns3_hw *hw)
{
	int ret, err;

	hns3_queues_enable(hw, false);
	err = hns3_mac_mode(hw, false);
	ret = hns3_queues_reset(hw, hw->nb_pairs);
	/* The reset ends all DMA; where the firmware no longer does it, there is only time. */
	if (ret != 0)
		rte_delay_us_sleep(QUIET_MS * 1000);
	hns3_queues_drain(hw);
	return err != 0 ? err : ret;
}

static int
op_start(struct rte_eth_dev *dev)
{
	struct hns3_hw *hw = hns3_hw(dev);
	int ret;

	if (hw->broken)
		return -EIO;
	ret = check_queues(hw);
	if (ret != 0)
		return ret;
	hw->nb_pairs = RTE_MAX(dev->data->nb_rx_queues, dev->data->nb_tx_queues);
	ret = hns3_tm_queues(hw, dev->data->nb_tx_queues);
	if (ret == 0)
		ret = hns3_queues_reset(hw, hw->nb_pairs);
	if (ret == 0)
		ret = hns3_rss_start(hw);
	if (ret != 0)
		return ret;
	ret = hns3_queues_prepare(hw);
	if (ret == 0)
		ret = hns3_mac_mode(hw, true);
	if (ret == 0)
		ret = hns3_intr_rx_start(hw);
	if (ret == 0) {
		hns3_queues_enable(hw, true);
		hw->started = true;
		ret = hns3_service_start(hw);
	}
	if (ret != 0) {
		hw->started = false;
		hns3_intr_rx_stop(hw);
		halt(hw);
		return ret;
	}
	set_queue_states(dev, RTE_ETH_QUEUE_STATE_STARTED);
	set_burst(dev, true);
	return 0;
}

static void
remove_addresses(struct hns3_hw *hw)
{
	static const struct rte_ether_addr none;
	unsigned int i;

	for (i = 0; i < HNS3_UC_MAX; i++)
		if (!rte_is_same_ether_addr(&hw->data->mac_addrs[i], &none))
			hns3_mac_uc_remove(hw, &hw->data->mac_addrs[i]);
}

static int
op_stop(struct rte_eth_dev *dev)
{
	struct hns3_hw *hw = hns3_hw(dev);
	int ret;

	if (!hw->started)
		return 0;
	set_burst(dev, false);
	/* A burst that is under way may still use the rings. */
	rte_delay_us_sleep(QUIET_MS * 1000);
	hns3_service_stop(hw);
	hns3_queues_flush_tx(hw);
	hw->started = false;
	hns3_intr_rx_stop(hw);
	ret = halt(hw);
	remove_addresses(hw);
	set_queue_states(dev, RTE_ETH_QUEUE_STATE_STOPPED);
	hns3_mac_link_refresh(hw);
	return ret;
}

static int
op_close(struct rte_eth_dev *dev)
{
	struct hns3_hw *hw = hns3_hw(dev);
	uint16_t i;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	ret = op_stop(dev);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		hns3_op_rx_queue_release(dev, i);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		hns3_op_tx_queue_release(dev, i);
	dev->data->nb_rx_queues = 0;
	dev->data->nb_tx_queues = 0;
	rte_ppool_port_native_set(dev->data->port_id, false);
	hns3_pf_uninit(hw);
	pthread_mutex_destroy(&hw->stats_lock);
	return ret;
}

static int
op_link_update(struct rte_eth_dev *dev, int wait)
{
	struct hns3_hw *hw = hns3_hw(dev);
	bool changed = hns3_mac_link_refresh(hw);
	int ms = wait && hw->started ? LINK_WAIT_MS : 0;

	for (; ms > 0 && hns3_link_get(dev).link_status == RTE_ETH_LINK_DOWN; ms -= LINK_POLL_MS) {
		rte_delay_us_sleep(LINK_POLL_MS * 1000);
		changed |= hns3_mac_link_refresh(hw);
	}
	return changed ? 0 : -1;
}

static int
op_promisc_on(struct rte_eth_dev *dev)
{
	return hns3_promisc_set(hns3_hw(dev), true, true);
}

static int
op_promisc_off(struct rte_eth_dev *dev)
{
	return hns3_promisc_set(hns3_hw(dev), false, dev->data->all_multicast);
}

static int
op_allmulti_on(struct rte_eth_dev *dev)
{
	return hns3_promisc_set(hns3_hw(dev), dev->data->promiscuous, true);
}

static int
op_allmulti_off(struct rte_eth_dev *dev)
{
	return hns3_promisc_set(hns3_hw(dev), dev->data->promiscuous, false);
}

static int
op_mac_add(struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint32_t index, uint32_t pool)
{
	RTE_SET_USED(index);
	RTE_SET_USED(pool);
	return hns3_mac_uc_add(hns3_hw(dev), mac);
}

static void
op_mac_remove(struct rte_eth_dev *dev, uint32_t index)
{
	hns3_mac_uc_remove(hns3_hw(dev), &dev->data->mac_addrs[index]);
}

static int
op_mac_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	struct hns3_hw *hw = hns3_hw(dev);
	int ret;

	ret = hns3_mac_uc_remove(hw, &dev->data->mac_addrs[0]);
	if (ret != 0)
		return ret;
	ret = hns3_mac_uc_add(hw, mac);
	if (ret == 0)
		ret = hns3_tm_pause_addr(hw, mac);
	if (ret != 0)
		hns3_mac_uc_add(hw, &dev->data->mac_addrs[0]);
	return ret;
}

static int
op_mc_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t n)
{
	return hns3_mac_mc_set(hns3_hw(dev), list, n);
}

static int
op_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct hns3_hw *hw = hns3_hw(dev);

	if (dev->data->dev_started) {
		HNS3_DEV_LOG(ERR, hw, "stop the port before its MTU is changed");
		return -EBUSY;
	}
	return hns3_mac_mtu(hw, mtu);
}

static int
op_fw_version(struct rte_eth_dev *dev, char *text, size_t size)
{
	uint32_t v = hns3_hw(dev)->fw_version;
	int n;

	n = snprintf(text, size, "%u.%u.%u.%u", v >> 24, v >> 16 & 0xff, v >> 8 & 0xff, v & 0xff);
	if (n < 0)
		return -EINVAL;
	return (size_t)n < size ? 0 : n + 1;
}

static int
op_rx_burst_mode(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_burst_mode *mode)
{
	const struct hns3_rxq *q = dev->data->rx_queues[id];

	snprintf(mode->info, sizeof(mode->info), "%s, %s", hns3_path_best()->rx_name,
		q->owner != NULL ? "page fragments" : "mbufs");
	return 0;
}

static int
op_tx_burst_mode(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_burst_mode *mode)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(id);
	snprintf(mode->info, sizeof(mode->info), "%s", hns3_path_best()->tx_name);
	return 0;
}

static const struct eth_dev_ops hns3_ops = {
	.dev_configure = op_configure,
	.dev_start = op_start,
	.dev_stop = op_stop,
	.dev_close = op_close,
	.dev_infos_get = op_infos_get,
	.dev_supported_ptypes_get = op_ptypes_get,
	.link_update = op_link_update,
	.promiscuous_enable = op_promisc_on,
	.promiscuous_disable = op_promisc_off,
	.allmulticast_enable = op_allmulti_on,
	.allmulticast_disable = op_allmulti_off,
	.mac_addr_add = op_mac_add,
	.mac_addr_remove = op_mac_remove,
	.mac_addr_set = op_mac_set,
	.set_mc_addr_list = op_mc_list,
	.mtu_set = op_mtu_set,
	.vlan_filter_set = hns3_vlan_filter_set,
	.vlan_offload_set = hns3_vlan_offload,
	.rx_queue_setup = hns3_op_rx_queue_setup,
	.rx_queue_release = hns3_op_rx_queue_release,
	.tx_queue_setup = hns3_op_tx_queue_setup,
	.tx_queue_release = hns3_op_tx_queue_release,
	.rxq_info_get = hns3_op_rxq_info,
	.txq_info_get = hns3_op_txq_info,
	.rx_queue_intr_enable = hns3_op_rx_intr_enable,
	.rx_queue_intr_disable = hns3_op_rx_intr_disable,
	.rx_burst_mode_get = op_rx_burst_mode,
	.tx_burst_mode_get = op_tx_burst_mode,
	.tx_done_cleanup = hns3_op_tx_done_cleanup,
	.rss_hash_update = hns3_op_rss_hash_update,
	.rss_hash_conf_get = hns3_op_rss_hash_get,
	.reta_update = hns3_op_reta_update,
	.reta_query = hns3_op_reta_query,
	.stats_get = hns3_op_stats_get,
	.stats_reset = hns3_op_stats_reset,
	.xstats_get = hns3_op_xstats_get,
	.xstats_get_names = hns3_op_xstats_names,
	.xstats_reset = hns3_op_xstats_reset,
	.fw_version_get = op_fw_version,
};

int
hns3_dev_init(struct rte_eth_dev *dev)
{
	struct rte_pci_device *pci = RTE_ETH_DEV_TO_PCI(dev);
	struct hns3_hw *hw = hns3_hw(dev);
	int ret;

	hns3_rx_tables_init();
	hns3_tx_tables_init();
	hw->dev = dev;
	hw->data = dev->data;
	hw->pci = pci;
	hw->name = pci->device.name;
	hw->bar = pci->mem_resource[HNS3_BAR_REGS].addr;
	hw->dcb = pci->id.device_id != HNS3_ID_25GE;
	pthread_mutex_init(&hw->stats_lock, NULL);
	hns3_rss_defaults(hw);
	set_burst(dev, false);
	dev->dev_ops = &hns3_ops;
	dev->data->mac_addrs = rte_zmalloc("hns3 mac", HNS3_UC_MAX * sizeof(struct rte_ether_addr), 0);
	if (dev->data->mac_addrs == NULL) {
		ret = -ENOMEM;
		goto failed;
	}
	ret = hns3_pf_init(hw);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "bring-up failed: %s", strerror(-ret));
		goto failed;
	}
	rte_ether_addr_copy(&hw->cfg.mac, &dev->data->mac_addrs[0]);
	HNS3_DEV_LOG(INFO, hw, "firmware %u.%u.%u.%u, %u queue pairs, %u Mbit/s",
		hw->fw_version >> 24, hw->fw_version >> 16 & 0xff, hw->fw_version >> 8 & 0xff,
		hw->fw_version & 0xff, hw->cfg.tqps, hw->cfg.speed);
	return 0;

failed:
	dev->dev_ops = NULL;
	pthread_mutex_destroy(&hw->stats_lock);
	rte_free(dev->data->mac_addrs);
	dev->data->mac_addrs = NULL;
	return ret;
}

int
hns3_dev_uninit(struct rte_eth_dev *dev)
{
	return op_close(dev);
}
