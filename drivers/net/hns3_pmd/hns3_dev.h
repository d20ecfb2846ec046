/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_DEV_H
#define HNS3_DEV_H

/*
 * State of a port, and what the rooms of the driver offer each other.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <bus_pci_driver.h>

#include "hns3_compat.h"
#include "hns3_cmdq.h"
#include "hns3_desc.h"
#include "hns3_log.h"
#include "hns3_regs.h"
#include "hns3_rxtx.h"

#define HNS3_TQPS_MAX     64u   /* queue pairs that the driver uses on HIP08 */
#define HNS3_TQPS_TOTAL   1280u /* queue pairs that a port can be said to have */
#define HNS3_TC_MAX       8u
#define HNS3_UC_MAX       128u
#define HNS3_MC_MAX       128u
#define HNS3_RSS_TBL_SIZE 512u
#define HNS3_RSS_KEY_SIZE 40u
#define HNS3_MAC_COUNTERS 87u
#define HNS3_TM_RATE_MAX  100000u /* Mbit/s */

_Static_assert(HNS3_TQP(HNS3_TQPS_MAX) <= HNS3_BAR_REGS_LEN, "a queue lies outside of the BAR");

/** What the packet buffer is divided into, in bytes. */
struct hns3_buf_plan {
	uint32_t tx[HNS3_TC_MAX];
	struct {
		uint32_t size, high, low;
	} priv[HNS3_TC_MAX];
	uint32_t shared;
	uint32_t shared_high, shared_low;
	uint32_t thrd_high, thrd_low; /* the same for all TCs */
};

/** Configuration that the firmware reports. */
struct hns3_cfg {
	uint16_t tqps_total;
	uint16_t tqps;             /**< those that are used */
	uint16_t vectors;
	uint16_t functions;
	uint32_t buf_total;
	uint32_t buf_tx;           /**< for each TC */
	uint32_t buf_dv;
	uint16_t rss_size_max;
	uint32_t speed;            /**< Mbit/s, default of the port */
	uint16_t mac_space;        /**< MAC addresses wanted */
	uint32_t mac_counters;     /**< counters that the firmware has */
	struct rte_ether_addr mac;
};

struct hns3_rss {
	uint8_t key[HNS3_RSS_KEY_SIZE];
	uint16_t table[HNS3_RSS_TBL_SIZE];
	bool table_set;            /**< by the application */
	uint64_t types;            /**< RTE_ETH_RSS_* in use */
};

struct hns3_hw {
	struct rte_eth_dev *dev;
	struct rte_eth_dev_data *data;
	struct rte_pci_device *pci;
	const char *name;
	volatile uint8_t *bar;
	bool dcb;                  /**< the device wants the DCB commands */
	uint32_t fw_version;
	struct hns3_cmdq cmdq;
	struct hns3_cfg cfg;

	uint16_t frame;            /**< max frame of the MAC now */
	uint32_t mac_granted;
	uint32_t shaper_speed;     /**< port shaper is set for */
	bool strip;
	bool filter;
	bool promisc;
	bool intr_registered;
	bool rx_intr;              /**< Rx queues are bound to vectors */
	bool started;
	bool link_failed;          /**< the last link query did */
	bool broken;               /**< the device went through a reset of its own */
	uint16_t nb_pairs;         /**< queue pairs enabled at start */
	const struct rte_memzone *fake; /**< ring of the missing half of a pair */

	struct rte_ether_addr mc[HNS3_MC_MAX];
	uint16_t nb_mc;
	uint64_t vlans[64];        /**< VLAN ids that the application lets in */
	struct hns3_rss rss;

	pthread_mutex_t stats_lock;
	uint64_t imissed;
	struct hns3_rx_stats gone_rx; /**< of queues that are no more */
	struct hns3_tx_stats gone_tx;
	uint64_t mac_stats[HNS3_MAC_COUNTERS];
};

static inline struct hns3_hw *
hns3_hw(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/* hns3_pf.c: from a mapped device to one that can be configured, and back */
int hns3_pf_init(struct hns3_hw *hw);
void hns3_pf_uninit(struct hns3_hw *hw);

/* hns3_cfg.c: what the firmware says of the port */
int hns3_cfg_query(struct hns3_hw *hw);
int hns3_speed_code(uint32_t mbps);

/* hns3_buf.c */
int hns3_buf_compute(struct hns3_buf_plan *plan, uint32_t total, uint32_t tx, uint32_t dv,
		uint32_t frame, unsigned int nb_tc, bool dcb);
int hns3_buf_config(struct hns3_hw *hw, uint16_t frame);

/* hns3_tm.c */
enum hns3_tm_level {
	HNS3_TM_PRI,
	HNS3_TM_PG,
	HNS3_TM_PORT,
};
int hns3_tm_shaper_word(uint32_t mbps, enum hns3_tm_level level, uint32_t max_rate, uint32_t *word);
int hns3_tm_init(struct hns3_hw *hw);
int hns3_tm_queues(struct hns3_hw *hw, uint16_t n);
int hns3_tm_port_shaper(struct hns3_hw *hw, uint32_t mbps);
int hns3_tm_pause_addr(struct hns3_hw *hw, const struct rte_ether_addr *mac);

/* hns3_mac.c */
int hns3_mac_speed(struct hns3_hw *hw, uint32_t mbps);
int hns3_mac_frame(struct hns3_hw *hw, uint16_t frame);
int hns3_mac_mtu(struct hns3_hw *hw, uint16_t mtu);
int hns3_mac_mode(struct hns3_hw *hw, bool on);
int hns3_mac_fec_query(struct hns3_hw *hw);
int hns3_mac_space(struct hns3_hw *hw, bool get);
int hns3_mac_manager(struct hns3_hw *hw);
int hns3_mac_uc_add(struct hns3_hw *hw, const struct rte_ether_addr *mac);
int hns3_mac_uc_remove(struct hns3_hw *hw, const struct rte_ether_addr *mac);
int hns3_mac_mc_set(struct hns3_hw *hw, const struct rte_ether_addr *list, uint32_t n);
bool hns3_mac_link_refresh(struct hns3_hw *hw);

/* hns3_rss.c */
void hns3_rss_defaults(struct hns3_hw *hw);
int hns3_rss_start(struct hns3_hw *hw);
void hns3_rss_clear(struct hns3_hw *hw);
uint64_t hns3_rss_tuples(uint64_t rss_hf);
uint64_t hns3_rss_supported(void);

/* hns3_vlan.c */
int hns3_vlan_init(struct hns3_hw *hw);
void hns3_vlan_clear(struct hns3_hw *hw);
int hns3_vlan_filter_switch(struct hns3_hw *hw, bool on);
int hns3_vlan_offload(struct rte_eth_dev *dev, int mask);
int hns3_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vlan, int on);

/* hns3_promisc.c */
int hns3_promisc_init(struct hns3_hw *hw);
int hns3_promisc_set(struct hns3_hw *hw, bool promisc, bool allmulti);
void hns3_promisc_clear(struct hns3_hw *hw);

/* hns3_intr.c, hns3_err.c */
int hns3_intr_init(struct hns3_hw *hw);
void hns3_intr_uninit(struct hns3_hw *hw);
bool hns3_intr_rx_capable(const struct hns3_hw *hw);
int hns3_intr_rx_start(struct hns3_hw *hw);
void hns3_intr_rx_stop(struct hns3_hw *hw);
int hns3_service_start(struct hns3_hw *hw);
void hns3_service_stop(struct hns3_hw *hw);
int hns3_err_enable(struct hns3_hw *hw, bool on);
int hns3_err_handle(struct hns3_hw *hw);

/* hns3_stats.c */
int hns3_stats_init(struct hns3_hw *hw);
int hns3_stats_mac_refresh(struct hns3_hw *hw);
void hns3_stats_keep_rx(struct hns3_hw *hw, const struct hns3_rxq *q);
void hns3_stats_keep_tx(struct hns3_hw *hw, const struct hns3_txq *q);

/* hns3_ethdev.c */
int hns3_dev_init(struct rte_eth_dev *dev);
int hns3_dev_uninit(struct rte_eth_dev *dev);

/* Operations of ethdev that stand in the room of their subject */
int hns3_op_rx_intr_enable(struct rte_eth_dev *dev, uint16_t q);
int hns3_op_rx_intr_disable(struct rte_eth_dev *dev, uint16_t q);
int hns3_op_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int hns3_op_rss_hash_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int hns3_op_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n);
int hns3_op_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n);
#if HNS3_STATS_QUEUES_APART
int hns3_op_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		struct eth_queue_stats *qstats);
#else
int hns3_op_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats);
#endif
int hns3_op_stats_reset(struct rte_eth_dev *dev);
int hns3_op_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xs, unsigned int n);
int hns3_op_xstats_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n);
int hns3_op_xstats_reset(struct rte_eth_dev *dev);

#endif /* HNS3_DEV_H */
