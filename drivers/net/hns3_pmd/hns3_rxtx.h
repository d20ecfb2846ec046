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
#include <rte_ppool_place.h>

#include "hns3_desc.h"

/** Buffers are posted, and packets freed, so many at a time. */
#define HNS3_BATCH      32u
/** Packets that the driver must copy to send them, at most so many under way. */
#define HNS3_BOUNCE_NUM 32u
#define HNS3_BOUNCE_LEN 9728u
/** Slots behind the end of a software ring, that are read for prefetching only. */
#define HNS3_RX_PAD     16u
/** Slots of an array of blocks, for so many BDs. */
#define HNS3_TX_BLOCKS(nb_desc) ((nb_desc) / HNS3_BATCH)
/** Pages whose fragments a block can hold as spans: those of 32 frames of 9000 bytes. */
#define HNS3_TX_SPANS   7u
/** Most BDs that one received frame can take (of 512 bytes). */
#define HNS3_RX_SEGS_MAX 20u
/** Frames of several BDs that are taken together. */
#define HNS3_RX_MANY    64u

/** For writing: what was read by the core that freed it would come without the right to write. */
static __rte_always_inline void
hns3_prefetch_write(const void *p)
{
#ifdef RTE_ARCH_X86_64
	/* All x86-64 CPUs have it, or take it for a NOP. */
	__asm__ volatile("prefetchw %0" :: "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1, 3);
#endif
}

struct hns3_rx_type;

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
	uint64_t linear;       /**< packets of several fragments that became one segment */
	uint64_t chained;      /**< packets that could not, their memory had a gap */
};

/** A frame of several BDs, as far as it is received; see hns3_rx_frame.c. */
struct hns3_rx_frame {
	struct rte_mbuf *first;    /**< or NULL: there is none */
	union {
		struct {
			uint16_t spill; /**< bytes that the last packet has of the fragment reach */
			bool skip;      /**< BDs are dropped, up to the end of a bad frame */
			uint8_t zero;
		};
		uint32_t left;     /**< of an earlier frame: not 0, if there is anything */
	};
	struct rte_mbuf *last;
	uint32_t bytes;
	uint16_t nb_segs;
	uint16_t nb_bds;
	uint16_t run;              /**< fragments of the last segment, if more may come */
	uint16_t cut;              /**< bytes of its headroom that are another packet's */
	uint16_t bd_size;          /**< of the last BD */
	uint16_t usual;            /**< BDs of the last one that came whole */
	struct rte_mbuf *reach;    /**< the next fragment, if the last packet has bytes of it */
};

struct hns3_rxq {
	/* Of each burst. */
	struct hns3_bd *ring;
	struct rte_mbuf **sw;      /**< buffer posted in each BD; HNS3_RX_PAD more */
	uint16_t nb_desc;
	uint16_t next;             /**< BD to look at next */
	uint16_t fill;             /**< BD to give a buffer next */
	uint16_t hold;             /**< BDs consumed and not yet given a buffer */
	uint16_t batch;            /**< refill when so many are held */
	uint16_t bd_len;           /**< as the device knows it */
	uint16_t room_used;        /**< what the device may write into a buffer */
	uint16_t plain_max;        /**< a frame of one BD and up to so much needs no thought */
	bool linear;               /**< frames lie across neighbouring fragments */
	struct hns3_rx_frame frame;
	uint64_t rearm __rte_aligned(16); /**< data_off, refcnt, nb_segs, port */
	uint64_t ol_flags;         /**< of every packet */
	uint64_t hash_flag;        /**< of a packet that has a hash */
	const uint64_t *csum;      /**< flags by what was checked and what was wrong */
	const struct hns3_rx_type *types; /**< the same, of packets without a fault */
	uint64_t need;             /**< of w[3]: a packet without it is looked at again */
	volatile void *head;       /**< doorbell */
	struct hns3_rx_stats stats;

	/* Of a refill. */
	struct rte_mempool *mp;
	struct rte_ppool *pool;        /**< the page pool behind mp, or NULL */
	struct rte_ppool_owner *owner; /**< native: open from set-up to release */
	struct rte_ppool_run run;      /**< what was got last, where it need not be on the stack */
	uint32_t frag_size;
	uint32_t mbuf_stride;
	struct rte_ppool_spot spot;    /**< linear: where the last packet's mbuf was */
	uint32_t page_frags;           /**< linear: fragments of a page that are posted */

	/* Of set-up. */
	uint64_t offloads;
	uint64_t ring_iova;
	uint16_t room;                 /**< of a buffer, headroom counted */
	uint16_t port;
	uint16_t id;
	bool filled;
	struct hns3_rx_stats base;     /**< as they were when statistics were reset */
} __rte_cache_aligned;

/** Is the next BD the first of a frame that nothing before it matters to? */
static inline bool
hns3_rx_between(const struct hns3_rxq *q)
{
	return ((uintptr_t)q->frame.first | q->frame.left) == 0;
}

struct hns3_tx_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t queue_full;   /**< bursts that ended for want of BDs */
	uint64_t bad_packets;  /**< longer than the MAC sends, or empty: dropped */
	uint64_t copied;       /**< packets of too many segments, or too short: copied */
};

/** In a software slot: a copy was sent in place of the buffers. */
#define HNS3_TX_BOUNCED 1u

/** How the buffers of a queue go back to their pool. */
enum hns3_tx_kind {
	HNS3_TX_LOOK,   /**< each by a look at it */
	HNS3_TX_DIRECT, /**< to a mempool, if nobody else has them */
	HNS3_TX_FRAG,   /**< to a page pool, if nobody else has them */
	HNS3_TX_TRUST,  /**< to a mempool, as the application promises that nobody else has them */
	HNS3_TX_TRUST_FRAG, /**< to a page pool, likewise */
};

/** Of each HNS3_BATCH BDs: how their buffers go back. Decided when they are sent. */
struct hns3_tx_block {
	struct rte_mempool *mp;    /**< where all go, or NULL, if each must be looked at */
	/** All of them are in the spans, and so need not be touched; of a page pool only. */
	bool spans;
	unsigned int nb_spans;
	struct rte_ppool_span span[HNS3_TX_SPANS];
} __rte_cache_aligned;

struct hns3_txq {
	struct hns3_bd *ring;
	struct rte_mbuf **sw;      /**< buffer of each BD in use */
	struct hns3_tx_block *block;
	uint16_t nb_desc;
	uint16_t next;             /**< BD to write next */
	uint16_t clean;            /**< oldest BD that is not yet free */
	uint16_t free;             /**< BDs that can be written */
	uint16_t pending;          /**< BDs written and not yet announced */
	uint16_t bounce_next;
	uint16_t bounce_used;
	uint16_t open;             /**< slots filled last, not yet settled; only within a burst */
	uint8_t kind;              /**< enum hns3_tx_kind, of mp */
	bool fast_free;            /**< single pool, single reference */
	bool off;                  /**< packets may ask for offloads */
	struct rte_mempool *mp;    /**< pool of the last block, or NULL: each needs a look */
	struct rte_mempool *seen;  /**< pool that mp and kind were found for */
	struct rte_ppool *pool;    /**< the page pool of COMPACT fragments behind mp, or NULL */
	uint64_t own;              /**< buf_len and pool as an mbuf of mp has them, see hns3_tx.h */
	volatile void *tail;       /**< doorbell */
	struct hns3_tx_stats stats;
	uint64_t usual;            /**< own, if of fragments, without offloads; else all ones */
	/** If not NULL, place begins with this mbuf, and the packet that was queued last, which is
	 * not yet freed, stands before it: so their page is out, and what place says is still true.
	 */
	const struct rte_mbuf *ahead;
	struct rte_ppool_place place; /**< of the packets at hand, where it need not be on the stack */

	uint8_t *bounce;
	uint64_t bounce_iova;
	uint64_t offloads;
	uint64_t ring_iova;
	uint16_t port;
	uint16_t id;
	struct hns3_tx_stats base;     /**< as they were when statistics were reset */
} __rte_cache_aligned;

/** Makes the tables of packet types; once. */
void hns3_rx_tables_init(void);

/** BD length that a queue posts, or 0: the largest that fits. */
uint16_t hns3_rx_bd_len(bool native, uint16_t room, uint16_t headroom, uint16_t frame);

/** What the burst functions need to know of a queue whose offloads are set. */
void hns3_rx_prepare(struct hns3_rxq *q);
/** BD length and all that follows from it, for frames of so many bytes. 0, or no owner. */
int hns3_rx_set_frame(struct hns3_rxq *q, uint16_t frame);
int hns3_rx_fill(struct hns3_rxq *q);
void hns3_rx_drain(struct hns3_rxq *q);
void hns3_tx_reset(struct hns3_txq *q);
void hns3_tx_drain(struct hns3_txq *q);
/** Free what is done; number of BDs freed, at most @p max. */
uint32_t hns3_tx_reclaim(struct hns3_txq *q, uint32_t max);

/** One way to receive and send: all do the same. */
struct hns3_path {
	const char *rx_name;       /**< as in the burst mode */
	const char *tx_name;
	uint16_t (*rx)(void *queue, struct rte_mbuf **pkts, uint16_t n);
	uint16_t (*tx)(void *queue, struct rte_mbuf **pkts, uint16_t n);
	bool (*usable)(void);      /**< by this CPU, and within EAL's limit */
};

/** All that were built, slowest first. The first is the readable one, in C. */
extern const struct hns3_path hns3_paths[];
extern const unsigned int hns3_nb_paths;
/** The fastest that is usable. */
const struct hns3_path *hns3_path_best(void);

uint16_t hns3_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t hns3_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
/** Offloads that a queue needs to know of to look for them in each packet. */
#define HNS3_TX_OFF (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM | \
	RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
	RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_VLAN_INSERT)
/** What an application calls before it sends packets with offloads. */
uint16_t hns3_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t n);
void hns3_tx_tables_init(void);

/* What the vector paths leave to the one in C. */
/** At most @p n packets from at most @p max BDs. @p end: the next BD is not ready. */
uint16_t hns3_rx_some(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n, uint16_t max,
		bool *end);
/** Packets that were taken for ordinary ones, and are not quite: set their flags again. */
void hns3_rx_fix(struct hns3_rxq *q, const struct hns3_bd *bd, struct rte_mbuf **pkts,
		unsigned int n);
void hns3_rx_refill(struct hns3_rxq *q);
/** For fewer BDs than these a refill begins no new page. On a linear queue whole pages are handed
 * out at once: if the rest of one was there, from the end of the ring, what is left waits.
 */
static inline uint32_t
hns3_rx_refill_least(const struct hns3_rxq *q)
{
	return q->linear ? q->batch : 1;
}

/* hns3_rx_frame.c */
/** One more BD of a frame. The frame if it was the last of it, and is good. */
struct rte_mbuf *hns3_rx_frame_add(struct hns3_rxq *q, struct rte_mbuf *m, uint16_t size,
		uint64_t w1, uint64_t w3);
/** On a linear queue: at most @p n frames of several BDs, each at once, until the next BDs are no
 * such frame. Adds to @p bytes.
 */
uint16_t hns3_rx_frame_many(struct hns3_rxq *q, struct rte_mbuf **pkts, uint16_t n,
		uint64_t *bytes);
/** Frames in order, whose mbufs are filled in: they become the holders of their runs, of so many
 * fragments each. How many did.
 */
unsigned int hns3_rx_bind_many(struct hns3_rxq *q, struct rte_mbuf *const *m, const uint16_t *k,
		unsigned int n);
/** A BD that is not to be delivered: its buffer goes back, and with it what came before of the
 * same frame; what is still to come of it is skipped.
 */
void hns3_rx_frame_drop(struct hns3_rxq *q, struct rte_mbuf *m, uint64_t w3, uint64_t *counter);
/** Give back what there is of a frame. */
void hns3_rx_frame_free(struct hns3_rxq *q);
void hns3_rx_put(struct hns3_rxq *q, struct rte_mbuf **m, unsigned int n);

#endif /* HNS3_RXTX_H */
