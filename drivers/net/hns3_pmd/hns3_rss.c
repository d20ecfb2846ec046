/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Receive side scaling: which fields of a packet are hashed, by which key, and which queue
 * each of the 512 entries of the table stands for.
 */

#include <errno.h>

#include "hns3_dev.h"

#define ALGO_TOEPLITZ 0u
#define KEY_BLOCKS    ((HNS3_RSS_KEY_SIZE + HNS3_RSS_KEY_BLOCK - 1) / HNS3_RSS_KEY_BLOCK)

/* The key that the verification suite of Toeplitz hashing made common. */
static const uint8_t default_key[HNS3_RSS_KEY_SIZE] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* Bits of the tuple map: one byte for each flow type. In a byte of a type with ports: bit 0
 * destination port, 1 source port, 2 destination address, 3 source address. In the bytes of
 * plain IP: destination and source address, first of whole packets, then of fragments.
 */
#define PORTS_DST 0x1ull
#define PORTS_SRC 0x2ull
#define ADDR_DST  0x4ull
#define ADDR_SRC  0x8ull

static const struct {
	uint64_t type;
	uint64_t ip;         /* that covers the type if it is not asked for by itself */
	unsigned int shift;
} l4_types[] = {
	{ RTE_ETH_RSS_NONFRAG_IPV4_TCP, RTE_ETH_RSS_IPV4, 0 },
	{ RTE_ETH_RSS_NONFRAG_IPV4_UDP, RTE_ETH_RSS_IPV4, 8 },
	{ RTE_ETH_RSS_NONFRAG_IPV4_SCTP, RTE_ETH_RSS_IPV4, 16 },
	{ RTE_ETH_RSS_NONFRAG_IPV6_TCP, RTE_ETH_RSS_IPV6, 32 },
	{ RTE_ETH_RSS_NONFRAG_IPV6_UDP, RTE_ETH_RSS_IPV6, 40 },
};

static const struct {
	uint64_t type;
	unsigned int shift;
} l3_types[] = {
	{ RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER, 24 },
	{ RTE_ETH_RSS_FRAG_IPV4, 26 },
	{ RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_OTHER, 56 },
	{ RTE_ETH_RSS_FRAG_IPV6, 58 },
};

uint64_t
hns3_rss_supported(void)
{
	uint64_t all = RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L3_DST_ONLY |
		RTE_ETH_RSS_L4_SRC_ONLY | RTE_ETH_RSS_L4_DST_ONLY;
	unsigned int i;

	for (i = 0; i < RTE_DIM(l4_types); i++)
		all |= l4_types[i].type;
	for (i = 0; i < RTE_DIM(l3_types); i++)
		all |= l3_types[i].type;
	return all;
}

uint64_t
hns3_rss_tuples(uint64_t rss_hf)
{
	uint64_t tuples = 0, l4 = 0, l3 = 0;
	unsigned int i;

	if (rss_hf & RTE_ETH_RSS_L3_SRC_ONLY) {
		l4 |= ADDR_SRC;
		l3 |= 2;
	}
	if (rss_hf & RTE_ETH_RSS_L3_DST_ONLY) {
		l4 |= ADDR_DST;
		l3 |= 1;
	}
	if (rss_hf & RTE_ETH_RSS_L4_SRC_ONLY)
		l4 |= PORTS_SRC;
	if (rss_hf & RTE_ETH_RSS_L4_DST_ONLY)
		l4 |= PORTS_DST;
	if (l4 == 0)
		l4 = PORTS_DST | PORTS_SRC | ADDR_DST | ADDR_SRC;
	if (l3 == 0)
		l3 = 3;
	/* "IPv4" is every IPv4 packet: TCP and UDP by their addresses, where their ports were
	 * not asked for. The bytes of plain IP do not cover them.
	 */
	for (i = 0; i < RTE_DIM(l4_types); i++) {
		if (rss_hf & l4_types[i].type)
			tuples |= l4 << l4_types[i].shift;
		else if (rss_hf & l4_types[i].ip)
			tuples |= l3 << 2 << l4_types[i].shift;
	}
	for (i = 0; i < RTE_DIM(l3_types); i++)
		if (rss_hf & l3_types[i].type)
			tuples |= l3 << l3_types[i].shift;
	return tuples;
}

void
hns3_rss_defaults(struct hns3_hw *hw)
{
	memcpy(hw->rss.key, default_key, sizeof(default_key));
	memset(hw->rss.table, 0, sizeof(hw->rss.table));
	hw->rss.table_set = false;
	hw->rss.types = 0;
}

static int
send_key(struct hns3_hw *hw, const uint8_t *key)
{
	struct hns3_cmd_bd bd;
	unsigned int i, n;
	int ret = 0;

	for (i = 0; ret == 0 && i < KEY_BLOCKS; i++) {
		n = RTE_MIN(HNS3_RSS_KEY_SIZE - i * HNS3_RSS_KEY_BLOCK, HNS3_RSS_KEY_BLOCK);
		hns3_cmd_setup(&bd, HNS3_OP_RSS_CONFIG, false);
		hns3_put8(&bd, HNS3_RSS_ALGO, ALGO_TOEPLITZ | i << 4);
		memcpy(bd.data + HNS3_RSS_KEY, key + i * HNS3_RSS_KEY_BLOCK, n);
		ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	}
	return ret;
}

static int
send_table(struct hns3_hw *hw, const uint16_t *table)
{
	struct hns3_cmd_bd bd;
	unsigned int first, i;
	int ret = 0;

	for (first = 0; ret == 0 && first < HNS3_RSS_TBL_SIZE; first += HNS3_RSS_TBL_BLOCK) {
		hns3_cmd_setup(&bd, HNS3_OP_RSS_TABLE, false);
		hns3_put16(&bd, HNS3_RSS_TBL_FIRST, first);
		hns3_put16(&bd, HNS3_RSS_TBL_MASK, 0xffff);
		for (i = 0; i < HNS3_RSS_TBL_BLOCK; i++) {
			hns3_put8(&bd, HNS3_RSS_TBL_LOW + i, table[first + i]);
			bd.data[HNS3_RSS_TBL_HIGH + i / 4] |= (table[first + i] >> 8 & 3) << 2 * (i % 4);
		}
		ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	}
	return ret;
}

static int
send_tc_mode(struct hns3_hw *hw, uint16_t queues)
{
	struct hns3_cmd_bd bd;
	uint16_t size = rte_log2_u32(queues);

	hns3_cmd_setup(&bd, HNS3_OP_RSS_TC_MODE, false);
	hns3_put16(&bd, 0, HNS3_RSS_TC_VALID | (size & 7) << 12 | (size >> 3 & 1) << 11);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

static int
send_tuples(struct hns3_hw *hw, uint64_t tuples)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_RSS_TUPLES, false);
	hns3_put64(&bd, 0, tuples);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

/* A table that the application has set stays, unless it names queues that are no more. */
static void
fit_table(struct hns3_hw *hw)
{
	uint16_t n = RTE_MAX(hw->data->nb_rx_queues, 1);
	unsigned int i;

	for (i = 0; hw->rss.table_set && i < HNS3_RSS_TBL_SIZE; i++)
		if (hw->rss.table[i] >= n) {
			HNS3_DEV_LOG(WARNING, hw, "the RSS table names queue %u of %u: it is made anew",
				hw->rss.table[i], n);
			hw->rss.table_set = false;
		}
	for (i = 0; !hw->rss.table_set && i < HNS3_RSS_TBL_SIZE; i++)
		hw->rss.table[i] = i % n;
}

int
hns3_rss_start(struct hns3_hw *hw)
{
	int ret;

	fit_table(hw);
	ret = send_key(hw, hw->rss.key);
	if (ret == 0)
		ret = send_table(hw, hw->rss.table);
	if (ret == 0)
		ret = send_tc_mode(hw, RTE_MAX(hw->data->nb_rx_queues, 1));
	if (ret == 0)
		ret = send_tuples(hw, hns3_rss_tuples(hw->rss.types));
	return ret;
}

void
hns3_rss_clear(struct hns3_hw *hw)
{
	static const uint16_t zero[HNS3_RSS_TBL_SIZE];

	if (send_tuples(hw, 0) == 0)
		send_table(hw, zero);
}

int
hns3_op_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct hns3_hw *hw = hns3_hw(dev);
	int ret;

	if (conf->rss_key != NULL && conf->rss_key_len != HNS3_RSS_KEY_SIZE) {
		HNS3_DEV_LOG(ERR, hw, "an RSS key has %u bytes, not %u", HNS3_RSS_KEY_SIZE,
			conf->rss_key_len);
		return -EINVAL;
	}
	if (conf->rss_hf & ~hns3_rss_supported())
		return -EINVAL;
	ret = send_tuples(hw, hns3_rss_tuples(conf->rss_hf));
	if (ret != 0)
		return ret;
	hw->rss.types = conf->rss_hf;
	if (conf->rss_key == NULL)
		return 0;
	ret = send_key(hw, conf->rss_key);
	if (ret == 0)
		memcpy(hw->rss.key, conf->rss_key, sizeof(hw->rss.key));
	return ret;
}

int
hns3_op_rss_hash_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct hns3_hw *hw = hns3_hw(dev);

	conf->rss_hf = hw->rss.types;
	if (conf->rss_key != NULL && conf->rss_key_len >= HNS3_RSS_KEY_SIZE)
		memcpy(conf->rss_key, hw->rss.key, HNS3_RSS_KEY_SIZE);
	conf->rss_key_len = HNS3_RSS_KEY_SIZE;
	return 0;
}

int
hns3_op_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n)
{
	struct hns3_hw *hw = hns3_hw(dev);
	uint16_t table[HNS3_RSS_TBL_SIZE];
	unsigned int i;
	int ret;

	if (n != HNS3_RSS_TBL_SIZE) {
		HNS3_DEV_LOG(ERR, hw, "the RSS table has %u entries, not %u", HNS3_RSS_TBL_SIZE, n);
		return -EINVAL;
	}
	memcpy(table, hw->rss.table, sizeof(table));
	for (i = 0; i < n; i++) {
		if (!(reta[i / RTE_ETH_RETA_GROUP_SIZE].mask >> i % RTE_ETH_RETA_GROUP_SIZE & 1))
			continue;
		table[i] = reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
		if (table[i] >= dev->data->nb_rx_queues) {
			HNS3_DEV_LOG(ERR, hw, "RSS table entry %u: there is no queue %u", i, table[i]);
			return -EINVAL;
		}
	}
	ret = send_table(hw, table);
	if (ret == 0) {
		memcpy(hw->rss.table, table, sizeof(table));
		hw->rss.table_set = true;
	}
	return ret;
}

int
hns3_op_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n)
{
	struct hns3_hw *hw = hns3_hw(dev);
	unsigned int i;

	if (n != HNS3_RSS_TBL_SIZE)
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (reta[i / RTE_ETH_RETA_GROUP_SIZE].mask >> i % RTE_ETH_RETA_GROUP_SIZE & 1)
			reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] =
				hw->rss.table[i];
	return 0;
}
