/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_CMDQ_H
#define HNS3_CMDQ_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_memzone.h>

#include "hns3_cmd.h"

/** BDs of each of the two queues. */
#define HNS3_CMDQ_BDS 1024u

/** The pair of command queues. One command is under way at a time. */
struct hns3_cmdq {
	volatile uint8_t *bar;
	const char *name;              /**< of the device, for the log */
	const struct rte_memzone *mz;
	struct hns3_cmd_bd *csq;
	struct hns3_cmd_bd *crq;
	rte_iova_t csq_iova;
	rte_iova_t crq_iova;
	uint16_t tail;                 /**< CSQ: next BD to write */
	uint16_t crq_head;             /**< CRQ: next BD to read */
	uint16_t stuck;                /**< opcode that was never answered, or 0 */
	bool up;
	uint32_t timeout_us;
	pthread_mutex_t lock;
	/** Told of each message of the firmware, in the interrupt thread. */
	void (*on_message)(struct hns3_cmdq *q, const struct hns3_cmd_bd *bd, void *arg);
	void *on_message_arg;
};

/** Give the queues their memory: hns3_cmdq_size() bytes of one memzone. */
size_t hns3_cmdq_size(void);
void hns3_cmdq_attach(struct hns3_cmdq *q, volatile uint8_t *bar, const char *name,
		const struct rte_memzone *mz);
/** Program the queues into the device, empty. */
void hns3_cmdq_start(struct hns3_cmdq *q);
/** No command will be sent any more; waits for late answers. */
void hns3_cmdq_stop(struct hns3_cmdq *q);
void hns3_cmdq_detach(struct hns3_cmdq *q);

/** Prepare one descriptor: opcode, flags, zero data. */
void hns3_cmd_setup(struct hns3_cmd_bd *bd, enum hns3_opcode op, bool query);
/** Prepare @p n descriptors that are one command. */
void hns3_cmd_setup_chain(struct hns3_cmd_bd *bd, unsigned int n, enum hns3_opcode op, bool query);

/**
 * Send a command and wait for its answer, which takes the place of the request in @p bd.
 * Says nothing in the log of an error that the firmware answers. Any thread.
 *
 * @return
 *   0, or what the firmware answered as a negative errno, or -ETIMEDOUT if it did not
 *   answer, or -EIO if the queue is down.
 */
int hns3_cmd_try(struct hns3_cmdq *q, struct hns3_cmd_bd *bd, unsigned int n);
/** The same; each error is logged with the opcode and its meaning. */
int hns3_cmd_send(struct hns3_cmdq *q, struct hns3_cmd_bd *bd, unsigned int n);

/** Read what the firmware has sent. */
void hns3_cmdq_receive(struct hns3_cmdq *q);

/** What a command is for, in words. */
const char *hns3_cmd_name(uint16_t op);

#endif /* HNS3_CMDQ_H */
