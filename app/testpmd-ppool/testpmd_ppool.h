/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * What the parts of testpmd-ppool share: options, ports, pools, streams, engines.
 *
 * Each part has one capability and returns errors to main.c, which alone decides how the
 * program ends: nothing here exits, so that ports and pools are always closed in order and
 * no DMA mapping outlives them.
 */

#ifndef TESTPMD_PPOOL_H
#define TESTPMD_PPOOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_udp.h>

#include <rte_ppool.h>

/** Most packets of a burst. */
#define BURST_MAX 512
/** Most segments of a packet made by txonly. */
#define TXPKTS_SEGS_MAX 32
/** Headers of a packet made by txonly. */
#define TXPKTS_HDR_LEN 42

/** Where the packets' buffers come from. */
enum pool_kind {
	POOL_PPOOL,
	POOL_MEMPOOL,
};

/** Which port sends what another received. */
enum topology {
	TOPOLOGY_PAIRED,
	TOPOLOGY_CHAINED,
	TOPOLOGY_LOOP,
};

struct fwd_stream;

/** A way to forward. */
struct fwd_engine {
	const char *name;
	bool uses_rx;
	bool uses_tx;
	/** One round over one stream. @return whether there was something to do */
	bool (*burst)(struct fwd_stream *fs);
};

extern const struct fwd_engine fwd_io;
extern const struct fwd_engine fwd_mac;
extern const struct fwd_engine fwd_macswap;
extern const struct fwd_engine fwd_rxonly;
extern const struct fwd_engine fwd_txonly;

/** The command line. Numbers are checked as far as that is possible without ports. */
struct options {
	const struct fwd_engine *engine;
	uint32_t topology;        /**< enum topology */
	uint32_t pool;            /**< enum pool_kind */
	uint32_t rxq;
	uint32_t txq;
	uint32_t rxd;             /**< 0: what the driver prefers */
	uint32_t txd;             /**< 0: what the driver prefers */
	uint32_t burst;
	uint32_t nb_cores;        /**< 0: 1, or those of coremask */
	uint32_t nb_ports;        /**< 0: all */
	uint64_t coremask;        /**< 0: all but the main lcore */
	uint64_t portmask;        /**< 0: all */
	uint32_t max_pkt_len;     /**< 0: what fits the default MTU */
	uint32_t total_num_mbufs; /**< 0: computed */
	uint32_t mbuf_size;       /**< 0: default */
	uint32_t mbcache;
	uint32_t page_size;       /**< 0: by the largest frame */
	uint32_t frag_size;       /**< 0: default */
	uint32_t stats_period;    /**< seconds; 0: no live rates */
	uint32_t duration;        /**< seconds; 0: until a signal */
	uint32_t numa;
	uint32_t socket_num;      /**< UINT32_MAX: by the port */
	uint32_t tx_first;
	uint32_t flush_rx;
	uint32_t lsc;
	uint32_t link_check;
	uint32_t record_cycles;
	uint32_t record_bursts;
	uint32_t multi_flow;
	uint64_t rss_hf;
	uint64_t rx_offloads;
	uint64_t tx_offloads;
	bool tx_offloads_given;
	uint16_t txpkt_len[TXPKTS_SEGS_MAX];
	uint32_t nb_txpkts;
	struct rte_ether_addr peer[RTE_MAX_ETHPORTS];
};

/** A port in use. */
struct app_port {
	uint16_t id;
	uint16_t rxd;
	uint16_t txd;
	uint32_t frame_len; /**< longest frame received, CRC included */
	int socket;
	bool configured;
	bool started;
	char name[RTE_ETH_NAME_MAX_LEN];
	struct rte_ether_addr mac;
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	struct rte_eth_stats start; /**< counters when forwarding began */
	struct rte_eth_stats last;  /**< counters at the last live rate */
};

/** A pool of buffers, one for each NUMA node that has ports. */
struct app_pool {
	char name[RTE_PPOOL_NAMESIZE];
	int socket;
	struct rte_mempool *mp;
	struct rte_ppool *pp; /**< NULL: a plain mempool */
};

/** How many bursts had how many packets. */
struct burst_stats {
	uint64_t rx[BURST_MAX + 1];
	uint64_t tx[BURST_MAX + 1];
};

/** Packets of one Rx queue and the Tx queue they leave by. */
struct fwd_stream {
	uint16_t rx_port;
	uint16_t rx_queue;
	uint16_t tx_port;
	uint16_t tx_queue;
	uint16_t burst;
	bool multi_flow;
	uint64_t rx_packets;
	uint64_t tx_packets;
	uint64_t tx_dropped;
	uint64_t busy_cycles;
	struct burst_stats *bursts; /**< NULL: not recorded */
	struct rte_ether_addr tx_mac;
	struct rte_ether_addr peer;
	/* For the packets that the stream makes itself. */
	struct rte_mempool *mp;
	const struct options *opt;
	uint32_t flow;
	struct {
		struct rte_ether_hdr eth;
		struct rte_ipv4_hdr ip;
		struct rte_udp_hdr udp;
	} hdr;
} __rte_cache_aligned;

/** A forwarding lcore and its share of the streams. */
struct fwd_lcore {
	unsigned int lcore_id;
	unsigned int first;
	unsigned int nb;
	const struct fwd_engine *engine;
	struct fwd_stream *streams;
	atomic_bool stop;
	bool record_cycles;
} __rte_cache_aligned;

/** All of it. */
struct app {
	struct options opt;
	struct app_port port[RTE_MAX_ETHPORTS]; /**< those in use, in order of their ids */
	unsigned int nb_ports;
	struct app_pool pool[RTE_MAX_NUMA_NODES];
	unsigned int nb_pools;
	struct fwd_stream *streams;
	unsigned int nb_streams;
	struct fwd_lcore lcore[RTE_MAX_LCORE];
	unsigned int nb_lcores;
	uint64_t rate_tsc; /**< when the last live rate was taken */
};

/** Set by the first SIGINT or SIGTERM. */
extern volatile int quit_signal;

/** Print one message for the user on standard error. */
void app_err(const char *fmt, ...) __rte_format_printf(1, 2);

/* ---- options.c, txpkts and peers in options_values.c ---- */

/** Read the options that follow "--".
 * @return 0, 1 if only help was asked for, or -1 if something is wrong (it was said) */
int options_parse(int argc, char **argv, struct options *opt);

/** Value of --txpkts. @return 0, or -1 (said) */
int options_txpkts(struct options *opt, const char *name, const char *val);
/** Value of --eth-peer. @return 0, or -1 (said) */
int options_eth_peer(struct options *opt, const char *name, const char *val);
/** A whole decimal number within limits. @return 0, or -1 (said) */
int options_number(const char *name, const char *val, uint64_t min, uint64_t max, uint64_t *out);
/** A bit mask, hexadecimal with or without 0x. @return 0, or -1 (said) */
int options_mask(const char *name, const char *val, uint64_t *out);

/* ---- devices.c ---- */

/** Say which network devices the program saw and why none of them is a port. */
void devices_report(void);
/** Say what to do when EAL did not start. */
void devices_eal_failed(int err);

/* ---- ports.c ---- */

/** Choose the ports and check the options against what they can do. @return 0 or -1 (said) */
int ports_select(struct app *app);
/** Configure queues and start. @return 0 or -1 (said) */
int ports_start(struct app *app);
/** Wait until the links are up, 9 seconds at most. */
void ports_wait_link(struct app *app);
/** Stop and close. @return 0, or -1 if a port did not stop (said) */
int ports_close(struct app *app);
/** The port in use with that id, or NULL. */
struct app_port *ports_find(struct app *app, uint16_t id);

/* ---- ports_conf.c ---- */

/** Longest frame, offloads and ring sizes of a port. @return 0 or -1 (said) */
int port_conf_make(struct app *app, struct app_port *p);
/** Bytes of a frame that fit one buffer, once the size of the buffers is known. */
uint32_t port_conf_buffer(const struct app *app);
/** Scatter and multi-segment offloads as the buffers demand. @return 0 or -1 (said) */
int port_conf_segments(struct app *app, struct app_port *p);

/* ---- pool.c ---- */

/** Bytes of a buffer, headroom included. */
uint32_t pools_buffer_size(const struct app *app);
/** Make one pool for each NUMA node of the ports. @return 0 or -1 (said) */
int pools_create(struct app *app);
/** The pool for a NUMA node. */
struct app_pool *pools_find(struct app *app, int socket);
/** Print statistics of the pools. */
void pools_report(struct app *app);
/** Say what is still held, and free. @return 0, or -1 if something is held (said) */
int pools_destroy(struct app *app);

/* ---- streams.c ---- */

/** The engine of that name, or NULL. */
const struct fwd_engine *streams_engine(const char *name);
/** Names of the engines, as "io|mac|...". */
const char *streams_engine_names(void);
/** Choose the forwarding lcores. @return 0 or -1 (said) */
int streams_lcores(struct app *app);
/** Number of streams that the options and ports make. */
unsigned int streams_count(const struct app *app);
/** Make the streams and share them out. @return 0 or -1 (said) */
int streams_create(struct app *app);
/** Print who forwards what. */
void streams_print(struct app *app);
/** Begin to forward. @return 0 or -1 (said) */
int streams_start(struct app *app);
/** End it, and wait until all lcores have ended. */
void streams_stop(struct app *app);
/** Free the streams. */
void streams_free(struct app *app);
/** Fill in the headers of the packets that a stream makes (fwd_txonly.c). */
void txonly_prepare(struct fwd_stream *fs);

/* ---- stats.c ---- */

/** Remember the counters at the start of forwarding. */
void stats_begin(struct app *app);
/** Print one line of rates for each port. */
void stats_rates(struct app *app);
/** Print the tables of the end. */
void stats_final(struct app *app);

/* ---- shared by the engines ---- */

/** Receive a burst and count it. */
static inline uint16_t
stream_rx(struct fwd_stream *fs, struct rte_mbuf **pkts)
{
	uint16_t n = rte_eth_rx_burst(fs->rx_port, fs->rx_queue, pkts, fs->burst);

	if (unlikely(fs->bursts != NULL))
		fs->bursts->rx[n]++;
	fs->rx_packets += n;
	return n;
}

/** Send a burst, count it, and drop what the port did not take. */
static inline void
stream_tx(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t sent = rte_eth_tx_burst(fs->tx_port, fs->tx_queue, pkts, n);

	if (unlikely(fs->bursts != NULL))
		fs->bursts->tx[sent]++;
	fs->tx_packets += sent;
	if (unlikely(sent < n)) {
		fs->tx_dropped += n - sent;
		rte_pktmbuf_free_bulk(pkts + sent, n - sent);
	}
}

#endif /* TESTPMD_PPOOL_H */
