/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Statistics. Packets and bytes are counted by the driver, as each is delivered or queued;
 * the MAC's and the drop counters come from the firmware, which clears them as it reports.
 */

#include <errno.h>
#include <inttypes.h>

#include "hns3_dev.h"

#define MAC_HOLES 3u /* counters that the firmware does not count, yet reports */
#define MAC_BDS_MAX 260u

/* By their place in the firmware's report. */
static const char *const mac_names[HNS3_MAC_COUNTERS] = {
	[0] = "mac_tx_mac_pause_num",
	[1] = "mac_rx_mac_pause_num",
	[3] = "mac_tx_pfc_pri0_pkt_num",
	[4] = "mac_tx_pfc_pri1_pkt_num",
	[5] = "mac_tx_pfc_pri2_pkt_num",
	[6] = "mac_tx_pfc_pri3_pkt_num",
	[7] = "mac_tx_pfc_pri4_pkt_num",
	[8] = "mac_tx_pfc_pri5_pkt_num",
	[9] = "mac_tx_pfc_pri6_pkt_num",
	[10] = "mac_tx_pfc_pri7_pkt_num",
	[11] = "mac_rx_pfc_pri0_pkt_num",
	[12] = "mac_rx_pfc_pri1_pkt_num",
	[13] = "mac_rx_pfc_pri2_pkt_num",
	[14] = "mac_rx_pfc_pri3_pkt_num",
	[15] = "mac_rx_pfc_pri4_pkt_num",
	[16] = "mac_rx_pfc_pri5_pkt_num",
	[17] = "mac_rx_pfc_pri6_pkt_num",
	[18] = "mac_rx_pfc_pri7_pkt_num",
	[19] = "mac_tx_total_pkt_num",
	[20] = "mac_tx_total_oct_num",
	[21] = "mac_tx_good_pkt_num",
	[22] = "mac_tx_bad_pkt_num",
	[23] = "mac_tx_good_oct_num",
	[24] = "mac_tx_bad_oct_num",
	[25] = "mac_tx_uni_pkt_num",
	[26] = "mac_tx_multi_pkt_num",
	[27] = "mac_tx_broad_pkt_num",
	[28] = "mac_tx_undersize_pkt_num",
	[29] = "mac_tx_oversize_pkt_num",
	[30] = "mac_tx_64_oct_pkt_num",
	[31] = "mac_tx_65_127_oct_pkt_num",
	[32] = "mac_tx_128_255_oct_pkt_num",
	[33] = "mac_tx_256_511_oct_pkt_num",
	[34] = "mac_tx_512_1023_oct_pkt_num",
	[35] = "mac_tx_1024_1518_oct_pkt_num",
	[36] = "mac_tx_1519_2047_oct_pkt_num",
	[37] = "mac_tx_2048_4095_oct_pkt_num",
	[38] = "mac_tx_4096_8191_oct_pkt_num",
	[40] = "mac_tx_8192_9216_oct_pkt_num",
	[41] = "mac_tx_9217_12287_oct_pkt_num",
	[42] = "mac_tx_12288_16383_oct_pkt_num",
	[43] = "mac_tx_1519_max_good_pkt_num",
	[44] = "mac_tx_1519_max_bad_pkt_num",
	[45] = "mac_rx_total_pkt_num",
	[46] = "mac_rx_total_oct_num",
	[47] = "mac_rx_good_pkt_num",
	[48] = "mac_rx_bad_pkt_num",
	[49] = "mac_rx_good_oct_num",
	[50] = "mac_rx_bad_oct_num",
	[51] = "mac_rx_uni_pkt_num",
	[52] = "mac_rx_multi_pkt_num",
	[53] = "mac_rx_broad_pkt_num",
	[54] = "mac_rx_undersize_pkt_num",
	[55] = "mac_rx_oversize_pkt_num",
	[56] = "mac_rx_64_oct_pkt_num",
	[57] = "mac_rx_65_127_oct_pkt_num",
	[58] = "mac_rx_128_255_oct_pkt_num",
	[59] = "mac_rx_256_511_oct_pkt_num",
	[60] = "mac_rx_512_1023_oct_pkt_num",
	[61] = "mac_rx_1024_1518_oct_pkt_num",
	[62] = "mac_rx_1519_2047_oct_pkt_num",
	[63] = "mac_rx_2048_4095_oct_pkt_num",
	[64] = "mac_rx_4096_8191_oct_pkt_num",
	[66] = "mac_rx_8192_9216_oct_pkt_num",
	[67] = "mac_rx_9217_12287_oct_pkt_num",
	[68] = "mac_rx_12288_16383_oct_pkt_num",
	[69] = "mac_rx_1519_max_good_pkt_num",
	[70] = "mac_rx_1519_max_bad_pkt_num",
	[71] = "mac_tx_fragment_pkt_num",
	[72] = "mac_tx_undermin_pkt_num",
	[73] = "mac_tx_jabber_pkt_num",
	[74] = "mac_tx_err_all_pkt_num",
	[75] = "mac_tx_from_app_good_pkt_num",
	[76] = "mac_tx_from_app_bad_pkt_num",
	[77] = "mac_rx_fragment_pkt_num",
	[78] = "mac_rx_undermin_pkt_num",
	[79] = "mac_rx_jabber_pkt_num",
	[80] = "mac_rx_fcs_err_pkt_num",
	[81] = "mac_rx_send_app_good_pkt_num",
	[82] = "mac_rx_send_app_bad_pkt_num",
	[83] = "mac_tx_pfc_pkt_num",
	[84] = "mac_rx_pfc_pkt_num",
	[85] = "mac_tx_control_pkt_num",
	[86] = "mac_rx_control_pkt_num",
};

struct field {
	const char *name;
	size_t off;
};

#define RX(name, field) { name, offsetof(struct hns3_rx_stats, field) }
static const struct field rx_fields[] = {
	RX("packets", packets), RX("bytes", bytes), RX("l2_errors", l2_errors),
	RX("pkt_len_errors", len_errors), RX("bad_descriptors", bad_bds),
	RX("l3_checksum_errors", l3_csum_errors), RX("l4_checksum_errors", l4_csum_errors),
	RX("ol3_checksum_errors", ol3_csum_errors), RX("ol4_checksum_errors", ol4_csum_errors),
	RX("linear_packets", linear), RX("chained_packets", chained),
	RX("no_mbuf", nombuf),
};

#define TX(name, field) { name, offsetof(struct hns3_tx_stats, field) }
static const struct field tx_fields[] = {
	TX("packets", packets), TX("bytes", bytes), TX("queue_full", queue_full),
	TX("bad_packets", bad_packets), TX("copied", copied),
};

/* Both kinds of queue statistics are nothing but 64-bit counters. */
static uint64_t
value(const void *stats, const void *base, size_t off)
{
	uint64_t v, b;

	memcpy(&v, (const char *)stats + off, sizeof(v));
	memcpy(&b, (const char *)base + off, sizeof(b));
	return v - b;
}

static void
add(void *sum, const void *stats, const void *base, const struct field *f, unsigned int n)
{
	uint64_t v;
	unsigned int i;

	for (i = 0; i < n; i++) {
		memcpy(&v, (char *)sum + f[i].off, sizeof(v));
		v += value(stats, base, f[i].off);
		memcpy((char *)sum + f[i].off, &v, sizeof(v));
	}
}

/* A queue goes: what it counted stays with the port. */
void
hns3_stats_keep_rx(struct hns3_hw *hw, const struct hns3_rxq *q)
{
	add(&hw->gone_rx, &q->stats, &q->base, rx_fields, RTE_DIM(rx_fields));
}

void
hns3_stats_keep_tx(struct hns3_hw *hw, const struct hns3_txq *q)
{
	add(&hw->gone_tx, &q->stats, &q->base, tx_fields, RTE_DIM(tx_fields));
}

/* The firmware counts drops of the port since it was last asked. */
static int
refresh_drops(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_RPU_DROP, true);
	ret = hns3_cmd_try(&hw->cmdq, &bd, 1);
	if (ret == 0)
		hw->imissed += hns3_get32(&bd, HNS3_RPU_RX_DROP);
	return ret;
}

static int
refresh_mac(struct hns3_hw *hw)
{
	uint32_t n = RTE_MIN(hw->cfg.mac_counters + MAC_HOLES, HNS3_MAC_COUNTERS), i;
	uint32_t bds = (hw->cfg.mac_counters + MAC_HOLES) / 4 + 1;
	struct hns3_cmd_bd bd[MAC_BDS_MAX];
	uint64_t v;
	int ret;

	if (bds > MAC_BDS_MAX)
		return -ENODATA;
	memset(bd, 0, bds * sizeof(bd[0]));
	hns3_cmd_setup(&bd[0], HNS3_OP_MAC_STATS, true);
	ret = hns3_cmd_try(&hw->cmdq, bd, bds);
	if (ret != 0)
		return ret;
	/* From the data of the first descriptor on, the block is one array. */
	for (i = 0; i < n; i++) {
		memcpy(&v, (const char *)bd + offsetof(struct hns3_cmd_bd, data) + 8 * i, sizeof(v));
		hw->mac_stats[i] += rte_le_to_cpu_64(v);
	}
	return 0;
}

int
hns3_stats_mac_refresh(struct hns3_hw *hw)
{
	int ret;

	pthread_mutex_lock(&hw->stats_lock);
	ret = refresh_mac(hw);
	pthread_mutex_unlock(&hw->stats_lock);
	return ret;
}

/* What was counted before the driver came is thrown away. */
int
hns3_stats_init(struct hns3_hw *hw)
{
	int ret;

	ret = refresh_drops(hw);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x (%s) failed: %s", HNS3_OP_RPU_DROP,
			hns3_cmd_name(HNS3_OP_RPU_DROP), strerror(-ret));
		return ret;
	}
	ret = hns3_stats_mac_refresh(hw);
	if (ret != 0) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x (%s) failed: %s", HNS3_OP_MAC_STATS,
			hns3_cmd_name(HNS3_OP_MAC_STATS), strerror(-ret));
		return ret;
	}
	hw->imissed = 0;
	memset(hw->mac_stats, 0, sizeof(hw->mac_stats));
	return 0;
}

static uint64_t
rx_dropped(const struct hns3_rx_stats *s)
{
	return s->l2_errors + s->len_errors + s->bad_bds;
}

static void
sum_queues(struct hns3_hw *hw, struct hns3_rx_stats *rx, struct hns3_tx_stats *tx)
{
	struct rte_eth_dev_data *data = hw->data;
	uint16_t i;

	*rx = hw->gone_rx;
	*tx = hw->gone_tx;
	for (i = 0; i < data->nb_rx_queues; i++) {
		const struct hns3_rxq *q = data->rx_queues[i];

		if (q != NULL)
			add(rx, &q->stats, &q->base, rx_fields, RTE_DIM(rx_fields));
	}
	for (i = 0; i < data->nb_tx_queues; i++) {
		const struct hns3_txq *q = data->tx_queues[i];

		if (q != NULL)
			add(tx, &q->stats, &q->base, tx_fields, RTE_DIM(tx_fields));
	}
}

#if HNS3_STATS_QUEUES_APART
#define QSTATS(field) (qs->field)
#else
#define QSTATS(field) (stats->field)
#endif

#if HNS3_STATS_QUEUES_APART
int
hns3_op_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats, struct eth_queue_stats *qs)
#else
int
hns3_op_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
#endif
{
	struct hns3_hw *hw = hns3_hw(dev);
	struct hns3_rx_stats rx;
	struct hns3_tx_stats tx;
	uint16_t i;

	pthread_mutex_lock(&hw->stats_lock);
	refresh_drops(hw);
	stats->imissed = hw->imissed;
	pthread_mutex_unlock(&hw->stats_lock);
	sum_queues(hw, &rx, &tx);
	stats->ipackets = rx.packets;
	stats->ibytes = rx.bytes;
	stats->ierrors = rx_dropped(&rx);
	stats->rx_nombuf = rx.nombuf;
	stats->opackets = tx.packets;
	stats->obytes = tx.bytes;
	stats->oerrors = tx.bad_packets;
#if HNS3_STATS_QUEUES_APART
	if (qs == NULL)
		return 0;
#endif
	for (i = 0; i < RTE_MIN(dev->data->nb_rx_queues, RTE_ETHDEV_QUEUE_STAT_CNTRS); i++) {
		const struct hns3_rxq *q = dev->data->rx_queues[i];
		struct hns3_rx_stats s = { 0 };

		if (q == NULL)
			continue;
		add(&s, &q->stats, &q->base, rx_fields, RTE_DIM(rx_fields));
		QSTATS(q_ipackets[i]) = s.packets;
		QSTATS(q_ibytes[i]) = s.bytes;
		QSTATS(q_errors[i]) = rx_dropped(&s);
	}
	for (i = 0; i < RTE_MIN(dev->data->nb_tx_queues, RTE_ETHDEV_QUEUE_STAT_CNTRS); i++) {
		const struct hns3_txq *q = dev->data->tx_queues[i];

		if (q == NULL)
			continue;
		QSTATS(q_opackets[i]) = q->stats.packets - q->base.packets;
		QSTATS(q_obytes[i]) = q->stats.bytes - q->base.bytes;
	}
	return 0;
}

/* The polling threads go on counting: not their counters are reset, but what is taken off
 * when they are reported.
 */
int
hns3_op_stats_reset(struct rte_eth_dev *dev)
{
	struct hns3_hw *hw = hns3_hw(dev);
	uint16_t i;

	pthread_mutex_lock(&hw->stats_lock);
	refresh_drops(hw);
	hw->imissed = 0;
	pthread_mutex_unlock(&hw->stats_lock);
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct hns3_rxq *q = dev->data->rx_queues[i];

		if (q != NULL)
			q->base = q->stats;
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		struct hns3_txq *q = dev->data->tx_queues[i];

		if (q != NULL)
			q->base = q->stats;
	}
	memset(&hw->gone_rx, 0, sizeof(hw->gone_rx));
	memset(&hw->gone_tx, 0, sizeof(hw->gone_tx));
	return 0;
}

static unsigned int
mac_count(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < HNS3_MAC_COUNTERS; i++)
		n += mac_names[i] != NULL;
	return n;
}

static unsigned int
xstats_count(const struct rte_eth_dev *dev)
{
	return mac_count() + 1 + dev->data->nb_rx_queues * RTE_DIM(rx_fields) +
		dev->data->nb_tx_queues * RTE_DIM(tx_fields);
}

int
hns3_op_xstats_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n)
{
	unsigned int i, q, k = 0, all = xstats_count(dev);

	if (names == NULL || n < all)
		return all;
	for (q = 0; q < dev->data->nb_rx_queues; q++)
		for (i = 0; i < RTE_DIM(rx_fields); i++)
			snprintf(names[k++].name, sizeof(names[0].name), "rx_q%u_%s", q,
				rx_fields[i].name);
	for (q = 0; q < dev->data->nb_tx_queues; q++)
		for (i = 0; i < RTE_DIM(tx_fields); i++)
			snprintf(names[k++].name, sizeof(names[0].name), "tx_q%u_%s", q,
				tx_fields[i].name);
	for (i = 0; i < HNS3_MAC_COUNTERS; i++)
		if (mac_names[i] != NULL)
			snprintf(names[k++].name, sizeof(names[0].name), "%s", mac_names[i]);
	snprintf(names[k++].name, sizeof(names[0].name), "rpu_rx_drops");
	return k;
}

int
hns3_op_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xs, unsigned int n)
{
	unsigned int i, q, k = 0, all = xstats_count(dev);
	struct hns3_hw *hw = hns3_hw(dev);

	if (xs == NULL || n < all)
		return all;
	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		const struct hns3_rxq *rxq = dev->data->rx_queues[q];

		for (i = 0; i < RTE_DIM(rx_fields); i++)
			xs[k++].value = rxq == NULL ? 0 :
				value(&rxq->stats, &rxq->base, rx_fields[i].off);
	}
	for (q = 0; q < dev->data->nb_tx_queues; q++) {
		const struct hns3_txq *txq = dev->data->tx_queues[q];

		for (i = 0; i < RTE_DIM(tx_fields); i++)
			xs[k++].value = txq == NULL ? 0 :
				value(&txq->stats, &txq->base, tx_fields[i].off);
	}
	pthread_mutex_lock(&hw->stats_lock);
	refresh_mac(hw);
	refresh_drops(hw);
	for (i = 0; i < HNS3_MAC_COUNTERS; i++)
		if (mac_names[i] != NULL)
			xs[k++].value = hw->mac_stats[i];
	xs[k++].value = hw->imissed;
	pthread_mutex_unlock(&hw->stats_lock);
	for (i = 0; i < k; i++)
		xs[i].id = i;
	return k;
}

int
hns3_op_xstats_reset(struct rte_eth_dev *dev)
{
	struct hns3_hw *hw = hns3_hw(dev);

	pthread_mutex_lock(&hw->stats_lock);
	refresh_mac(hw);
	memset(hw->mac_stats, 0, sizeof(hw->mac_stats));
	pthread_mutex_unlock(&hw->stats_lock);
	return hns3_op_stats_reset(dev);
}
