/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Queues: their memory, and their life in the device.
 */

#include <errno.h>

#include <rte_cycles.h>
#include <rte_malloc.h>

#include "hns3_queue.h"

#define BUF_ALIGN     64u /* of a received packet, on HIP08 */
#define RST_TRIES     200
#define RST_WAIT_US   1000
#define FLUSH_MS      50

static int
check_pool(struct hns3_hw *hw, uint16_t id, struct rte_mempool *mp, uint16_t room)
{
	struct rte_mbuf *m;
	uint64_t iova;

	if (hns3_rx_bd_len(false, room, RTE_PKTMBUF_HEADROOM, hw->frame) == 0) {
		HNS3_DEV_LOG(ERR, hw, "Rx queue %u: the buffers of pool %s (%u bytes) are too small: "
			"512 bytes behind the headroom of %u are the least", id, mp->name, room,
			RTE_PKTMBUF_HEADROOM);
		return -EINVAL;
	}
	/* All buffers of a pool have the same alignment: look at one. */
	if (rte_mempool_get(mp, (void **)&m) != 0)
		return 0; /* start will find out how many there are */
	iova = rte_mbuf_data_iova_default(m);
	rte_mempool_put(mp, m);
	if (iova % BUF_ALIGN != 0) {
		HNS3_DEV_LOG(ERR, hw, "Rx queue %u: the buffers of pool %s are not aligned to %u "
			"bytes (private size %u?)", id, mp->name, BUF_ALIGN,
			rte_pktmbuf_priv_size(mp));
		return -EINVAL;
	}
	return 0;
}

/* Receive natively where the mempool is the face of a page pool. */
static int
open_native(struct hns3_hw *hw, struct hns3_rxq *q)
{
	struct rte_ppool_info info;
	char name[32];
	int ret;

	q->pool = rte_ppool_from_mempool(q->mp);
	if (q->pool == NULL)
		return 0;
	ret = rte_ppool_info_get(q->pool, &info);
	if (ret != 0)
		return ret;
	if (info.layout != RTE_PPOOL_LAYOUT_COMPACT) {
		/* Headers in front of their data: mbufs like those of any mempool. */
		q->pool = NULL;
		return 0;
	}
	if (info.frag_size % BUF_ALIGN != 0) {
		HNS3_DEV_LOG(ERR, hw, "Rx queue %u: page pool %s has fragments of %u bytes, which "
			"are not aligned to %u", q->id, info.name, info.frag_size, BUF_ALIGN);
		return -EINVAL;
	}
	q->frag_size = info.frag_size;
	q->mbuf_stride = info.mbuf_stride;
	snprintf(name, sizeof(name), "port %u rxq %u", q->port, q->id);
	q->owner = rte_ppool_owner_open(q->pool, name);
	if (q->owner == NULL) {
		HNS3_DEV_LOG(ERR, hw, "Rx queue %u: no owner in page pool %s: %s", q->id, info.name,
			rte_strerror(rte_errno));
		return -rte_errno;
	}
	return rte_ppool_port_native_set(q->port, true);
}

static struct hns3_bd *
ring_alloc(struct hns3_hw *hw, const char *name, uint16_t id, uint16_t nb_desc,
		unsigned int socket, uint64_t *iova)
{
	const struct rte_memzone *mz;

	mz = rte_eth_dma_zone_reserve(hw->dev, name, id, nb_desc * sizeof(struct hns3_bd),
			HNS3_RING_BASE, socket);
	if (mz == NULL) {
		HNS3_DEV_LOG(ERR, hw, "queue %u: no hugepage memory for a ring of %u descriptors",
			id, nb_desc);
		return NULL;
	}
	memset(mz->addr, 0, nb_desc * sizeof(struct hns3_bd));
	*iova = mz->iova;
	return mz->addr;
}

static bool
ring_size_ok(struct hns3_hw *hw, uint16_t nb_desc)
{
	if (nb_desc >= HNS3_RING_MIN && nb_desc <= HNS3_RING_MAX && nb_desc % HNS3_RING_ALIGN == 0)
		return true;
	HNS3_DEV_LOG(ERR, hw, "%u descriptors: a ring has %u to %u, and a multiple of %u", nb_desc,
		HNS3_RING_MIN, HNS3_RING_MAX, HNS3_RING_ALIGN);
	return false;
}

int
hns3_op_rx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc,
		unsigned int socket, const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	uint16_t room = mp != NULL ? rte_pktmbuf_data_room_size(mp) : 0;
	struct hns3_hw *hw = hns3_hw(dev);
	struct hns3_rxq *q;
	int ret;

	hns3_op_rx_queue_release(dev, id);
	if (mp == NULL || conf->rx_deferred_start || !ring_size_ok(hw, nb_desc)) {
		HNS3_DEV_LOG(ERR, hw, "Rx queue %u: refused (one pool, no deferred start)", id);
		return -EINVAL;
	}
	ret = check_pool(hw, id, mp, room);
	if (ret != 0)
		return ret;
	q = rte_zmalloc_socket("hns3 rxq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);
	if (q == NULL)
		return -ENOMEM;
	dev->data->rx_queues[id] = q;
	q->id = id;
	q->port = dev->data->port_id;
	q->mp = mp;
	q->nb_desc = nb_desc;
	q->room = room;
	q->batch = RTE_MIN(HNS3_BATCH, nb_desc / 4u);
	q->offloads = conf->offloads | dev->data->dev_conf.rxmode.offloads;
	q->head = hw->bar + HNS3_TQP(id) + HNS3_RX_HEAD;
	q->sw = rte_zmalloc_socket("hns3 rxq sw", (nb_desc + HNS3_RX_PAD) * sizeof(*q->sw),
			RTE_CACHE_LINE_SIZE, socket);
	q->ring = ring_alloc(hw, "rx_ring", id, nb_desc, socket, &q->ring_iova);
	ret = q->sw == NULL || q->ring == NULL ? -ENOMEM : open_native(hw, q);
	if (ret != 0) {
		hns3_op_rx_queue_release(dev, id);
		return ret;
	}
	hns3_rx_prepare(q);
	return 0;
}

void
hns3_op_rx_queue_release(struct rte_eth_dev *dev, uint16_t id)
{
	struct hns3_rxq *q = dev->data->rx_queues[id];
	struct hns3_hw *hw = hns3_hw(dev);

	if (q == NULL)
		return;
	hns3_rx_drain(q);
	rte_ppool_owner_close(q->owner);
	hns3_stats_keep_rx(hw, q);
	if (q->ring != NULL)
		rte_eth_dma_zone_free(dev, "rx_ring", id);
	rte_free(q->sw);
	rte_free(q);
	dev->data->rx_queues[id] = NULL;
}

int
hns3_op_tx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc,
		unsigned int socket, const struct rte_eth_txconf *conf)
{
	struct hns3_hw *hw = hns3_hw(dev);
	const struct rte_memzone *mz;
	struct hns3_txq *q;

	hns3_op_tx_queue_release(dev, id);
	if (conf->tx_deferred_start || !ring_size_ok(hw, nb_desc)) {
		HNS3_DEV_LOG(ERR, hw, "Tx queue %u: refused (no deferred start)", id);
		return -EINVAL;
	}
	q = rte_zmalloc_socket("hns3 txq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);
	if (q == NULL)
		return -ENOMEM;
	dev->data->tx_queues[id] = q;
	q->id = id;
	q->port = dev->data->port_id;
	q->nb_desc = nb_desc;
	q->free = nb_desc - 1;
	q->offloads = conf->offloads | dev->data->dev_conf.txmode.offloads;
	q->fast_free = (q->offloads & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) != 0;
	q->off = (q->offloads & HNS3_TX_OFF) != 0;
	q->tail = hw->bar + HNS3_TQP(id) + HNS3_TX_TAIL;
	q->sw = rte_zmalloc_socket("hns3 txq sw", nb_desc * sizeof(*q->sw), RTE_CACHE_LINE_SIZE,
			socket);
	q->block = rte_zmalloc_socket("hns3 txq block", HNS3_TX_BLOCKS(nb_desc) * sizeof(*q->block),
			RTE_CACHE_LINE_SIZE, socket);
	q->ring = ring_alloc(hw, "tx_ring", id, nb_desc, socket, &q->ring_iova);
	mz = rte_eth_dma_zone_reserve(dev, "tx_copy", id, (size_t)HNS3_BOUNCE_NUM * HNS3_BOUNCE_LEN,
			RTE_CACHE_LINE_SIZE, socket);
	if (q->sw == NULL || q->block == NULL || q->ring == NULL || mz == NULL) {
		HNS3_DEV_LOG(ERR, hw, "Tx queue %u: not enough hugepage memory", id);
		hns3_op_tx_queue_release(dev, id);
		return -ENOMEM;
	}
	q->bounce = mz->addr;
	q->bounce_iova = mz->iova;
	return 0;
}

void
hns3_op_tx_queue_release(struct rte_eth_dev *dev, uint16_t id)
{
	struct hns3_txq *q = dev->data->tx_queues[id];
	struct hns3_hw *hw = hns3_hw(dev);

	if (q == NULL)
		return;
	if (q->sw != NULL && q->block != NULL && q->ring != NULL)
		hns3_tx_drain(q);
	hns3_stats_keep_tx(hw, q);
	if (q->ring != NULL)
		rte_eth_dma_zone_free(dev, "tx_ring", id);
	rte_eth_dma_zone_free(dev, "tx_copy", id);
	rte_free(q->block);
	rte_free(q->sw);
	rte_free(q);
	dev->data->tx_queues[id] = NULL;
}

void
hns3_op_rxq_info(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_rxq_info *info)
{
	struct hns3_rxq *q = dev->data->rx_queues[id];

	info->mp = q->mp;
	info->nb_desc = q->nb_desc;
	info->rx_buf_size = q->bd_len;
	info->scattered_rx = dev->data->scattered_rx;
	info->conf.offloads = q->offloads;
	info->conf.rx_drop_en = 1;
	info->conf.rx_free_thresh = q->batch;
}

void
hns3_op_txq_info(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_txq_info *info)
{
	struct hns3_txq *q = dev->data->tx_queues[id];

	info->nb_desc = q->nb_desc;
	info->conf.offloads = q->offloads;
	info->conf.tx_rs_thresh = HNS3_BATCH;
	info->conf.tx_free_thresh = HNS3_BATCH;
}

int
hns3_op_tx_done_cleanup(void *queue, uint32_t count)
{
	struct hns3_txq *q = queue;

	return hns3_tx_reclaim(q, count == 0 ? q->nb_desc : count);
}

static bool
bd_has(const struct hns3_bd *bd, uint64_t bit)
{
	return (rte_le_to_cpu_64(__atomic_load_n(&bd->w[3], __ATOMIC_RELAXED)) & bit) != 0;
}

int
hns3_rx_descriptor_status(void *queue, uint16_t offset)
{
	struct hns3_rxq *q = queue;

	if (offset >= q->nb_desc)
		return -EINVAL;
	if (offset >= q->nb_desc - q->hold)
		return RTE_ETH_RX_DESC_UNAVAIL;
	return bd_has(&q->ring[(q->next + offset) % q->nb_desc], HNS3_RXW3_VLD) ?
		RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;
}

int
hns3_tx_descriptor_status(void *queue, uint16_t offset)
{
	struct hns3_txq *q = queue;

	if (offset >= q->nb_desc)
		return -EINVAL;
	return bd_has(&q->ring[(q->next + offset) % q->nb_desc], HNS3_TXW3_VLD) ?
		RTE_ETH_TX_DESC_FULL : RTE_ETH_TX_DESC_DONE;
}

uint32_t
hns3_rx_queue_count(void *queue)
{
	struct hns3_rxq *q = queue;
	uint32_t n, max = q->nb_desc - q->hold;

	for (n = 0; n < max; n++)
		if (!bd_has(&q->ring[(q->next + n) % q->nb_desc], HNS3_RXW3_VLD))
			break;
	return n;
}

static int
disable_pair(struct hns3_hw *hw, uint16_t q)
{
	struct hns3_cmd_bd bd;

	hns3_cmd_setup(&bd, HNS3_OP_TQP_ENABLE, false);
	hns3_put16(&bd, HNS3_TQP_ID, q);
	hns3_put8(&bd, HNS3_TQP_EN, 0);
	return hns3_cmd_send(&hw->cmdq, &bd, 1);
}

/* The reset of one pair, in three steps, for firmware that cannot reset all at once. */
static int
reset_pair(struct hns3_hw *hw, uint16_t q)
{
	struct hns3_cmd_bd bd;
	int i, ret, err = -ETIMEDOUT;

	hns3_cmd_setup(&bd, HNS3_OP_TQP_RESET, false);
	hns3_put16(&bd, HNS3_TQP_ID, q);
	hns3_put8(&bd, HNS3_TQP_RST_REQ, 1);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	for (i = 0; i < RST_TRIES && err == -ETIMEDOUT; i++) {
		rte_delay_us_sleep(RST_WAIT_US);
		hns3_cmd_setup(&bd, HNS3_OP_TQP_RESET, true);
		hns3_put16(&bd, HNS3_TQP_ID, q);
		ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
		if (ret != 0)
			err = ret;
		else if (hns3_get8(&bd, HNS3_TQP_RST_READY) & 1)
			err = 0;
	}
	hns3_cmd_setup(&bd, HNS3_OP_TQP_RESET, false);
	hns3_put16(&bd, HNS3_TQP_ID, q);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (err == -ETIMEDOUT)
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: queue pair %u does not come out of its reset",
			HNS3_OP_TQP_RESET, q);
	return err != 0 ? err : ret;
}

int
hns3_queues_reset(struct hns3_hw *hw, uint16_t pairs)
{
	struct hns3_cmd_bd bd;
	uint8_t status;
	uint16_t q;
	int ret = 0;

	for (q = 0; ret == 0 && q < pairs; q++)
		ret = disable_pair(hw, q);
	if (ret != 0)
		return ret;
	hns3_cmd_setup(&bd, HNS3_OP_RESET, false);
	hns3_put8(&bd, HNS3_RESET_WHAT, HNS3_RESET_RCB);
	hns3_put16(&bd, HNS3_RESET_FIRST, 0);
	hns3_put16(&bd, HNS3_RESET_NUM, pairs);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	status = hns3_get8(&bd, HNS3_RESET_STATUS);
	if (status == 1)
		return 0;
	if (status != 0) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x (%s) ended with status %u", HNS3_OP_RESET,
			hns3_cmd_name(HNS3_OP_RESET), status);
		return -EIO;
	}
	for (q = 0; ret == 0 && q < pairs; q++)
		ret = reset_pair(hw, q);
	return ret;
}

static uint32_t
bd_len_code(uint16_t len)
{
	return len == 512 ? 0 : len == 1024 ? 1 : len == 2048 ? 2 : 3;
}

static void
program_rx(struct hns3_hw *hw, uint16_t id, uint64_t iova, uint16_t nb_desc, uint16_t bd_len)
{
	uint32_t win = HNS3_TQP(id);

	hns3_reg_write(hw->bar, win + HNS3_RX_BASE_L, (uint32_t)iova);
	hns3_reg_write(hw->bar, win + HNS3_RX_BASE_H, (uint32_t)(iova >> 32));
	hns3_reg_write(hw->bar, win + HNS3_RX_BD_LEN, bd_len_code(bd_len));
	hns3_reg_write(hw->bar, win + HNS3_RX_BD_NUM, nb_desc / 8 - 1);
}

static void
program_tx(struct hns3_hw *hw, uint16_t id, uint64_t iova, uint16_t nb_desc)
{
	uint32_t win = HNS3_TQP(id);

	hns3_reg_write(hw->bar, win + HNS3_TX_BASE_L, (uint32_t)iova);
	hns3_reg_write(hw->bar, win + HNS3_TX_BASE_H, (uint32_t)(iova >> 32));
	hns3_reg_write(hw->bar, win + HNS3_TX_BD_NUM, nb_desc / 8 - 1);
}

/* A pair is enabled as a whole: the half that the application has no queue for gets an empty
 * ring. No packet comes to it, as no RSS table names it.
 */
static int
prepare_fake(struct hns3_hw *hw)
{
	uint16_t rx = hw->data->nb_rx_queues, tx = hw->data->nb_tx_queues, i;

	if (rx == tx)
		return 0;
	hw->fake = rte_eth_dma_zone_reserve(hw->dev, "fake_ring", 0,
			HNS3_RING_MIN * sizeof(struct hns3_bd), HNS3_RING_BASE, SOCKET_ID_ANY);
	if (hw->fake == NULL) {
		HNS3_DEV_LOG(ERR, hw, "no hugepage memory for the ring of unpaired queues");
		return -ENOMEM;
	}
	memset(hw->fake->addr, 0, HNS3_RING_MIN * sizeof(struct hns3_bd));
	for (i = rx; i < tx; i++)
		program_rx(hw, i, hw->fake->iova, HNS3_RING_MIN, 512);
	for (i = tx; i < rx; i++)
		program_tx(hw, i, hw->fake->iova, HNS3_RING_MIN);
	return 0;
}

int
hns3_queues_prepare(struct hns3_hw *hw)
{
	struct rte_eth_dev_data *data = hw->data;
	struct hns3_rxq *rxq;
	struct hns3_txq *txq;
	uint16_t i;
	int ret;

	data->scattered_rx = 0;
	for (i = 0; i < data->nb_rx_queues; i++) {
		rxq = data->rx_queues[i];
		ret = hns3_rx_set_frame(rxq, hw->frame);
		if (ret != 0)
			return ret;
		/* Linear receive falls back to a chain where its memory has a gap. */
		if (hw->frame > rxq->plain_max)
			data->scattered_rx = 1;
		ret = hns3_rx_fill(rxq);
		if (ret != 0)
			return ret;
		program_rx(hw, i, rxq->ring_iova, rxq->nb_desc, rxq->bd_len);
	}
	for (i = 0; i < data->nb_tx_queues; i++) {
		txq = data->tx_queues[i];
		hns3_tx_reset(txq);
		program_tx(hw, i, txq->ring_iova, txq->nb_desc);
		hns3_reg_write(hw->bar, HNS3_TQP(i) + HNS3_TX_TC, 0);
	}
	return prepare_fake(hw);
}

void
hns3_queues_enable(struct hns3_hw *hw, bool on)
{
	uint16_t pairs = RTE_MAX(hw->data->nb_rx_queues, hw->data->nb_tx_queues), i;
	uint32_t v;

	for (i = 0; i < pairs; i++) {
		v = hns3_reg_read(hw->bar, HNS3_TQP(i) + HNS3_RING_EN);
		hns3_reg_write(hw->bar, HNS3_TQP(i) + HNS3_RING_EN, on ? v | 1 : v & ~1u);
	}
}

void
hns3_queues_flush_tx(struct hns3_hw *hw)
{
	struct hns3_txq *q;
	uint16_t i, ms;

	for (i = 0, ms = 0; i < hw->data->nb_tx_queues; i++) {
		q = hw->data->tx_queues[i];
		while (hns3_tx_reclaim(q, q->nb_desc), q->free != q->nb_desc - 1 && ms < FLUSH_MS) {
			rte_delay_us_sleep(1000);
			ms++;
		}
	}
}

void
hns3_queues_drain(struct hns3_hw *hw)
{
	uint16_t i;

	for (i = 0; i < hw->data->nb_rx_queues; i++)
		hns3_rx_drain(hw->data->rx_queues[i]);
	for (i = 0; i < hw->data->nb_tx_queues; i++)
		hns3_tx_drain(hw->data->tx_queues[i]);
	if (hw->fake != NULL)
		rte_eth_dma_zone_free(hw->dev, "fake_ring", 0);
	hw->fake = NULL;
}
