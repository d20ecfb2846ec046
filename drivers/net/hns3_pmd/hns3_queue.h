/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_QUEUE_H
#define HNS3_QUEUE_H

#include "hns3_dev.h"
#include "hns3_rxtx.h"

int hns3_op_rx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc,
		unsigned int socket, const struct rte_eth_rxconf *conf, struct rte_mempool *mp);
int hns3_op_tx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc,
		unsigned int socket, const struct rte_eth_txconf *conf);
void hns3_op_rx_queue_release(struct rte_eth_dev *dev, uint16_t id);
void hns3_op_tx_queue_release(struct rte_eth_dev *dev, uint16_t id);
void hns3_op_rxq_info(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_rxq_info *info);
void hns3_op_txq_info(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_txq_info *info);
int hns3_op_tx_done_cleanup(void *queue, uint32_t count);
int hns3_rx_descriptor_status(void *queue, uint16_t offset);
int hns3_tx_descriptor_status(void *queue, uint16_t offset);
uint32_t hns3_rx_queue_count(void *queue);

/** Put all rings of the port into their first state, in the device. */
int hns3_queues_reset(struct hns3_hw *hw, uint16_t pairs);
/** Fill the rings and tell the device of them; undone by hns3_queues_drain(). */
int hns3_queues_prepare(struct hns3_hw *hw);
void hns3_queues_enable(struct hns3_hw *hw, bool on);
/** Wait a moment for what was given to the device to be sent. */
void hns3_queues_flush_tx(struct hns3_hw *hw);
/** Take all buffers out of rings that the device no longer uses. */
void hns3_queues_drain(struct hns3_hw *hw);

#endif /* HNS3_QUEUE_H */
