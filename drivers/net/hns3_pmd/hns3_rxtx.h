/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_RXTX_H
#define HNS3_RXTX_H

/*
 * Queues and the burst functions. Everything here works on rings in memory and on one
 * doorbell address: the unit tests run it on memory of their own.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <rte_ppool.h>

#include "hns3_desc.h"

/** Buffers are posted, and packets freed, so many at a time. */
#define HNS3_BATCH      32u
/** Packets that the driver must copy to send them, at most so many under way. */
#define HNS3_BOUNCE_NUM 32u
#define HNS3_BOUNCE_LEN 9728u
/** Most BDs that one received frame can take (of 512 bytes). */
#define HNS3_RX_SEGS_MAX 20u

/** What the queue has seen; written by the polling thread only. */
struct hns3_rx_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t l2_errors;    /**< bad FCS or damaged: dropped */
	uint64_t len_errors;   /**< truncated or empty: dropped */
	uint64_t bad_bds;      /**< what the device wrote cannot be: dropped */
	uint64_t l3_csum_errors;
	uint64_t l4_csum_errors;
	uint64_t ol3_csum_errors;
	uint64_t ol4_csum_errors;
	uint64_t nombuf;       /**< refills that found no buffer */
};

struct hns3_rxq {
	/* Of each burst. */
	struct hns3_bd *ring;
	struct rte_mbuf **sw;      /**< buffer posted in each BD */
	uint16_t nb_desc;
	uint16_t next;             /**< BD to look at next */
	uint16_t fill;             /**< BD to give a buffer next */
	uint16_t hold;             /**< BDs consumed and not yet given a buffer */
	uint16_t batch;            /**< refill when so many are held */
	uint16_t bd_len;           /**< as the device knows it */
	uint16_t room_used;        /**< what the device may write into a buffer */
	bool skip;                 /**< dropping BDs up to the end of a bad frame */
	uint8_t nb_segs;           /**< of the frame that is being received */
	uint32_t seg_bytes;
	struct rte_mbuf *first;    /**< of the frame that is being received, or NULL */
	struct rte_mbuf *last;
	uint64_t rearm;            /**< data_off, refcnt, nb_segs, port */
	uint64_t ol_flags;         /**< of every packet */
	uint64_t hash_flag;        /**< of a packet that has a hash */
	const uint64_t *csum;      /**< flags by what was checked and what was wrong */
	volatile void *head;       /**< doorbell */
	struct hns3_rx_stats stats;

	/* Of a refill. */
	struct rte_mempool *mp;
	struct rte_ppool *pool;        /**< the page pool behind mp, or NULL */
	struct rte_ppool_owner *owner; /**< native: open from set-up to release */
	uint32_t frag_size;
	uint32_t mbuf_stride;

	/* Of set-up. */
	uint64_t offloads;
	uint64_t ring_iova;
	uint16_t room;                 /**< of a buffer, headroom counted */
	uint16_t port;
	uint16_t id;
	bool filled;
	struct hns3_rx_stats base;     /**< as they were when statistics were reset */
} __rte_cache_aligned;

struct hns3_tx_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t queue_full;   /**< bursts that ended for want of BDs */
	uint64_t bad_packets;  /**< longer than the MAC sends, or empty: dropped */
	uint64_t copied;       /**< packets of too many segments, or too short: copied */
};

/** In a software slot: a copy was sent in place of the buffers. */
#define HNS3_TX_BOUNCED 1u

struct hns3_txq {
	struct hns3_bd *ring;
	uintptr_t *sw;             /**< buffer of each BD, or 0 */
	uint16_t nb_desc;
	uint16_t next;             /**< BD to write next */
	uint16_t clean;            /**< oldest BD that is not yet free */
	uint16_t free;             /**< BDs that can be written */
	uint16_t pending;          /**< BDs written and not yet announced */
	uint16_t bounce_next;
	uint16_t bounce_used;
	bool fast_free;            /**< single pool, single reference */
	volatile void *tail;       /**< doorbell */
	uint8_t *bounce;
	uint64_t bounce_iova;
	struct hns3_tx_stats stats;

	uint64_t offloads;
	uint64_t ring_iova;
	uint16_t port;
	uint16_t id;
	struct hns3_tx_stats base;     /**< as they were when statistics were reset */
} __rte_cache_aligned;

/** Tables of the packet types and checksum flags; made once. */
void hns3_rx_tables_init(void);
/** Packet type of what the device has parsed. */
uint32_t hns3_rx_ptype(uint64_t w1, uint64_t w3);
/** Flags by {L3 checked, L4 checked, L3 wrong, L4 wrong}; the other one is all zero. */
extern const uint64_t hns3_rx_csum_flags[16];
extern const uint64_t hns3_rx_csum_none[16];
/** Checksum flags of a packet, by these tables. */
uint64_t hns3_rx_csum(const uint64_t *table, uint64_t w1, uint64_t w3);

/** BD length that a queue posts, or 0: the largest that fits. */
uint16_t hns3_rx_bd_len(bool native, uint16_t room, uint16_t headroom, uint16_t frame);

int hns3_rx_fill(struct hns3_rxq *q);
void hns3_rx_drain(struct hns3_rxq *q);
void hns3_tx_reset(struct hns3_txq *q);
void hns3_tx_drain(struct hns3_txq *q);
/** Free what is done; number of BDs freed, at most @p max. */
uint32_t hns3_tx_reclaim(struct hns3_txq *q, uint32_t max);

uint16_t hns3_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);

#endif /* HNS3_RXTX_H */
