/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * Inside of the device half of hns3-sim: the state of one port, and who owns what.
 *
 * - sim_dev.c, sim_reg.c: life cycle and register file. They own bar2[] and the rings'
 *   enable and reset.
 * - sim_csq.c, fw_*.c: command queue and firmware. They own the tables (struct sim_tables).
 * - sim_parse.c, sim_rss.c, sim_filter.c, sim_rx.c, sim_tx.c: what happens to frames. They
 *   read the tables, own struct sim_rxq / sim_txq and the MAC counters.
 */

#ifndef SIM_DEV_H
#define SIM_DEV_H

#include "sim.h"

#define SIM_RSS_TABLE    512
#define SIM_RSS_KEY      40
#define SIM_MAC_COUNTERS 87
#define SIM_UC_ENTRIES   384
#define SIM_MC_ENTRIES   128
#define SIM_MAX_FRAME    9728

/** An entry of the MAC address table. */
struct sim_mac_entry {
	bool used;
	uint8_t addr[6];
	uint64_t functions[4]; /**< multicast: which functions want it; bit 0 is the PF */
};

/** What the firmware commands configure. Written by fw_*.c, read by the data path. */
struct sim_tables {
	uint32_t gen;           /**< counts changes: sim_csq.c adds 1 when it has run commands */
	uint32_t mac_mode;      /**< word of 0x0301 */
	uint16_t max_frame;     /**< 0x0308, with CRC */
	uint8_t promisc;        /**< data byte 0 of 0x0E01 for function 0 */
	uint8_t vlan_port_ingress_filter; /**< enables of 0x1100, type PORT */
	uint64_t vlan_bitmap[4096 / 64];
	uint8_t vlan_rx_cfg;    /**< data byte 0 of 0x0F02 */
	uint8_t vlan_tx_cfg;    /**< data byte 0 of 0x0F01 */
	uint16_t vlan_tx_tag1, vlan_tx_tag2;
	uint16_t tpid_rx[4], tpid_tx[2];
	struct sim_mac_entry uc[SIM_UC_ENTRIES];
	struct sim_mac_entry mc[SIM_MC_ENTRIES];
	unsigned int nb_uc, nb_mc;
	uint8_t rss_algo;
	uint8_t rss_key[48];
	uint64_t rss_tuple;     /**< 0x0D02 */
	uint16_t rss_table[SIM_RSS_TABLE];
	uint16_t rss_tc_mode[8];
	uint8_t prio_to_tc[8];
	uint16_t tso_mss_min, tso_mss_max;
	bool gro_en;
	uint8_t pause_en;
	struct {
		bool bound;
		uint16_t vector;
		uint8_t gl;
	} rx_vector[SIM_MAX_TQPS], tx_vector[SIM_MAX_TQPS];
};

/** Receive side of a TQP, as the hardware keeps it. */
struct sim_rxq {
	bool enabled;   /**< RING_EN, latched when it is written (or seen) */
	uint64_t base;  /**< latched at enable */
	uint32_t nb_bd; /**< BDs in the ring */
	uint32_t bd_len; /**< bytes of a buffer */
	uint32_t tail;  /**< next BD to fill */
	uint32_t free;  /**< exact mode: BDs that are the hardware's */
	uint32_t scan;  /**< fast modes: private to sim_rx.c */
	uint32_t head;  /**< software's position, by credit */
	uint32_t pkt_record; /**< RX_PKTNUM_RECORD since it was read */
	uint32_t shadow_head; /**< fast modes: last value seen in the register */
	/* sim_ring.c */
	uint8_t *ring;     /**< the ring in memory, if it is in one piece */
	uint32_t ring_gen; /**< d->iotlb_gen for which that was found */
	uint32_t stall;    /**< threaded mode: fruitless looks for returned BDs */
};

/** Transmit side of a TQP. */
struct sim_txq {
	bool enabled;
	uint64_t base;
	uint32_t nb_bd;
	uint32_t head;      /**< next BD to take */
	uint32_t announced; /**< exact mode: BDs rung for and not taken */
	uint32_t pkt_record;
	uint32_t shadow_tail; /**< fast modes: last value seen in the register */
	/* sim_ring.c */
	uint8_t *ring;
	uint32_t ring_gen;
	uint64_t wait_since_ns; /**< threaded mode: a BD is announced but not wholly written */
};

/** A piece of the program's memory that DMA may reach: translation cache. */
struct sim_iotlb {
	uint64_t start, end; /**< IOVA, end exclusive; 0, 0: unused */
	uint8_t *va;
	bool write;
};
#define SIM_IOTLB 128

struct sim_fw;

/** Kinds of reset, weakest first. */
enum sim_reset_kind {
	SIM_RESET_NONE,
	SIM_RESET_FUNC,
	SIM_RESET_GLOBAL,
	SIM_RESET_IMP,
};

struct sim_dev {
	struct sim_dev_cfg cfg;
	const struct sim_host_ops *ops;
	void *host;
	volatile uint32_t *bar2;
	struct sim_port_stats *stats;
	bool bus_master;

	struct sim_tables t;
	struct sim_rxq rxq[SIM_MAX_TQPS];
	struct sim_txq txq[SIM_MAX_TQPS];
	uint64_t mac_counter[SIM_MAC_COUNTERS]; /**< index of 14-stats.md section 3; cleared when read by 0x0034 */
	uint32_t rpu_drop;    /**< for 0x0048, cleared when read */
	unsigned int next_q;  /**< round robin of sim_dev_poll() */
	bool link;            /**< what 0x0307 answers: carrier of the wire */

	/* data path */
	struct sim_iotlb iotlb[SIM_IOTLB];
	uint32_t iotlb_gen;
	uint64_t rxq_mask, txq_mask; /**< enabled rings */
	uint64_t rx_unread, tx_unread; /**< queues whose record was not read in this window */
	uint32_t epoch;              /**< counts enables, disables and resets of rings */
	uint32_t turns;              /**< counts sim_rx_poll() */
	uint64_t window_end_ns;      /**< the TQP windows are trapped until then; 0: not trapped */
	uint64_t rx_wait_since_ns;   /**< the first frame waits for its ring to be enabled */

	/* interrupts: Rx work that found its vector masked, a bit per TQP */
	uint64_t irq_missed;

	/* ring enables, as last acted upon, and who may be enabled */
	uint64_t rx_en_seen, tx_en_seen;
	uint64_t tqp_mapped;     /**< by 0x0A01, a bit per TQP */
	unsigned int idle_polls;

	/* command queue and firmware */
	uint32_t inject_seen[SIM_MAX_INJECT];
	uint32_t csq_next;       /**< next BD to fetch; CSQ_HEAD lags if a command is never answered */
	bool csq_busy;
	uint32_t umv_granted;
	struct sim_fw *fw;       /**< private to fw_*.c */

	/* resets */
	enum sim_reset_kind reset_kind; /**< the one that runs */
	enum sim_reset_kind reset_wanted; /**< asked for by the command that is being answered */
	bool reset_ready;        /**< software said that it is ready (27008 bit 16) */
	uint64_t reset_at_ns; /**< a reset runs until then; 0: none */
};

/* sim_reg.c: plain access to the memory behind a register, no side effects. */
static inline uint32_t
sim_reg_get(const struct sim_dev *d, uint32_t off)
{
	return __atomic_load_n(&d->bar2[off / 4], __ATOMIC_ACQUIRE);
}

static inline void
sim_reg_set(struct sim_dev *d, uint32_t off, uint32_t val)
{
	__atomic_store_n(&d->bar2[off / 4], val, __ATOMIC_RELEASE);
}

/** Byte offset of the window of TQP @p q. */
static inline uint32_t
sim_tqp_off(unsigned int q)
{
	return SIM_TQP_BASE + 0x200u * q;
}

/** A rule was broken: counts it, keeps the text of the first, and logs it. */
void sim_violate(struct sim_dev *d, enum sim_violation v, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

/** Everything back to the state after power-on (but the statistics). sim_dev.c */
void sim_dev_reset_state(struct sim_dev *d);
/** Begin a reset; it ends by itself, in sim_reset_tick(). sim_dev.c */
void sim_reset_start(struct sim_dev *d, enum sim_reset_kind kind);
/** End the running reset if its time has come. sim_dev.c */
void sim_reset_tick(struct sim_dev *d);
/** Reset of one TQP as a whole: the rings, and the enables in its window. sim_reg.c */
void sim_tqp_clear(struct sim_dev *d, unsigned int q);
/** Act upon the enables of a TQP's window as they stand now. sim_reg.c */
void sim_tqp_notice(struct sim_dev *d, unsigned int q);
/** Reset values of the register file; @p all: of the parts that outlive a reset too. sim_reg.c */
void sim_reg_reset(struct sim_dev *d, bool all);

/* --- register file to data path ------------------------------------------------------ */

/** RING_EN of a TQP was written 1 (or seen 1): latch base, sizes; check them. */
void sim_rxq_enable(struct sim_dev *d, unsigned int q);
void sim_txq_enable(struct sim_dev *d, unsigned int q);
void sim_rxq_disable(struct sim_dev *d, unsigned int q);
void sim_txq_disable(struct sim_dev *d, unsigned int q);
/** TQP reset by command: indices, records, credits zero; RING_EN register 0. */
void sim_tqp_reset(struct sim_dev *d, unsigned int q);
/** Exact mode: RX_HEAD written with @p n BDs returned; TX_TAIL with @p n new BDs. */
void sim_rxq_credit(struct sim_dev *d, unsigned int q, uint32_t n);
void sim_txq_doorbell(struct sim_dev *d, unsigned int q, uint32_t n);
/** Make the read-only registers of the window true (RX_TAIL, RX_FBDNUM, PKTNUM_RECORD, ...). */
void sim_tqp_refresh(struct sim_dev *d, unsigned int q);
/** Value of RX_PKTNUM_RECORD (@p rx) or TX_PKTNUM_RECORD, which is cleared by this: for a
 * trapped read of the register in any mode, and for 0x0B13 / 0x0B03.
 *
 * A trapped write to a TQP window in the threaded and lock-step modes (see
 * sim_tqp_stats_window()) is a plain store; the polling side takes it from there.
 */
uint32_t sim_tqp_take_record(struct sim_dev *d, unsigned int q, bool rx);
/** Call at the end of commands 0x0034 and 0x0048, after which a driver reads the records
 * of its queues: makes these reads exact in the modes where the windows are plain memory.
 */
void sim_tqp_stats_window(struct sim_dev *d);

/* --- register file to command queue --------------------------------------------------- */

/** CSQ_TAIL was written: run the commands between HEAD and TAIL. sim_csq.c */
void sim_csq_doorbell(struct sim_dev *d);
/** Post a message to the CRQ (event to the driver); false if it was full. sim_csq.c */
bool sim_crq_post(struct sim_dev *d, uint16_t opcode, const void *data24);
/** Something may be pending for vector 0: signal it if 0x20400 says so. sim_reg.c */
void sim_misc_irq(struct sim_dev *d);
/** Rx work for the vector bound to a queue: signal it if it is enabled. sim_reg.c */
void sim_queue_irq(struct sim_dev *d, unsigned int q, bool rx);

/* --- data path ------------------------------------------------------------------------ */

/** What the parser found. */
struct sim_pkt {
	uint32_t len;
	uint16_t l3_off, l4_off;   /**< of the inner headers if tunnelled */
	uint8_t l3id, l4id;        /**< 10-rx-path.md section 5.1 */
	uint8_t ol3id, ol4id;
	uint8_t nb_vlan;
	uint16_t tci[2];           /**< outermost first */
	uint16_t tpid[2];
	uint8_t dmac_class;        /**< 0 unicast, 1 multicast, 2 broadcast: outermost header */
	uint8_t inner_dmac_class;  /**< of the inner header if tunnelled, else the same */
	bool udp0;                 /**< UDP without a checksum */
	bool frag;
	bool l3l4p, l3e, l4e, ol3e, ol4e;
	uint8_t flow;              /**< RSS flow type 0..7 (byte number in 0x0D02), 0xff none */
};

void sim_parse(const uint8_t *data, uint32_t len, struct sim_pkt *pkt);
uint32_t sim_rss_hash(const struct sim_tables *t, const uint8_t *data, const struct sim_pkt *pkt);
unsigned int sim_rss_queue(const struct sim_tables *t, uint32_t hash, const struct sim_pkt *pkt);
/** Does the port take the frame? */
bool sim_filter_accept(const struct sim_tables *t, const uint8_t *data, const struct sim_pkt *pkt,
		enum sim_drop *why);
unsigned int sim_rx_poll(struct sim_dev *d, unsigned int budget);
unsigned int sim_tx_poll(struct sim_dev *d, unsigned int budget);

#endif /* SIM_DEV_H */
