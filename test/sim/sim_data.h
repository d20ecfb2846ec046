/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * What the parts of the data path share: descriptors, DMA, MAC counters.
 *
 * How the model knows which descriptors are its own
 * -------------------------------------------------
 * The doorbell registers RX_HEAD and TX_TAIL carry counts that add up, so a register that
 * is plain memory cannot promise what a trapped one can:
 *
 * - exact mode: every doorbell is an event. The credit is what the driver rang, no more;
 *   each rule about it is checked.
 * - lock-step mode: the model leaves SIM_DB_NONE in the register when it has taken a value,
 *   so it sees any doorbell, also one of the same value as before, provided that the caller
 *   runs the model after each burst call. The credit is what was rung, and is compared with
 *   what the descriptors show. Two doorbells of a ring between two turns are one to the
 *   model: the comparison then reports a credit violation.
 * - threaded mode: the descriptors carry the truth. A receive BD has come back when its VLD
 *   is clear and the BD after it is clear as well, for a driver may clear VLD before it has
 *   written the address of the same BD (x86 store order; see sim_ring.c). A transmit packet
 *   is there when its last BD shows VLD and FE, and every BD of it has an address and a
 *   length: the distribution's driver writes the length after the flags. So that an old
 *   value is not taken for it, the model clears these words when it completes a BD, which
 *   the chip is not known to do; a driver that wrote them only once would notice.
 *   A driver that never rings works in this mode, and one that rings a wrong number does
 *   too; doorbells are counted as seen, which is a lower bound. One receive BD of a ring that was filled
 *   once stays unused (its successor is not back yet).
 */

#ifndef SIM_DATA_H
#define SIM_DATA_H

#include <string.h>
#include <time.h>

#include "sim_dev.h"
#include "sim_reg.h"

#define SIM_DB_NONE  0xffffffffu
#define SIM_BD_SIZE  32u
#define SIM_MIN_LEN  60u /* shortest frame on a wire, without CRC */
#define SIM_CRC_LEN  4u

/* word 0x1c of a receive BD */
#define RXBD_VLD    0x10u
#define RXBD_UDP0   0x20u
#define RXBD_FE     0x100u
#define RXBD_CRCP   0x400u
#define RXBD_L3L4P  0x800u
/* half-word 0x1c of a transmit BD */
#define TXBD_FE     0x10u
#define TXBD_VLD    0x100u

/* word of the MAC mode command */
#define MAC_TX_EN   (1u << 6)
#define MAC_RX_EN   (1u << 7)
#define MAC_RX_FCS_STRIP (1u << 19)

/** A BD in memory, either direction. Word 7 is the one that hands it over. */
struct sim_bd {
	uint64_t addr;
	uint32_t w[6];
} __attribute__((aligned(32), may_alias));

/** Slow ways of the functions below. sim_ring.c */
void *sim_dma_miss(struct sim_dev *d, uint64_t iova, uint32_t len, bool write);
void sim_ring_resolve(struct sim_dev *d, uint64_t base, uint32_t nb_bd, uint8_t **ring,
		uint32_t *gen);
/** Threaded mode: looks for receive BDs that have come back. */
void sim_rxq_scan(struct sim_dev *d, unsigned int q);
/** Fast modes: take what was written to the doorbells of a ring since the last time. */
void sim_rxq_poll_doorbell(struct sim_dev *d, unsigned int q);
void sim_txq_poll_doorbell(struct sim_dev *d, unsigned int q);
/** Ends the statistics window when it is due. */
void sim_tqp_window_poll(struct sim_dev *d);
uint64_t sim_now_ns(void);

/** The program's memory behind a piece of IOVA, or NULL (and a fault at the host). */
static inline void *
sim_dma(struct sim_dev *d, uint64_t iova, uint32_t len, bool write)
{
	const struct sim_iotlb *e = &d->iotlb[(iova >> 21) % SIM_IOTLB];

	if (__builtin_expect(iova >= e->start && iova < e->end && len <= e->end - iova &&
			(e->write || !write), 1))
		return e->va + (iova - e->start);
	return sim_dma_miss(d, iova, len, write);
}

/** BD @p i of a ring; NULL if DMA to it is refused. */
static inline struct sim_bd *
sim_bd_at(struct sim_dev *d, uint8_t *ring, uint64_t base, uint32_t i)
{
	if (__builtin_expect(ring != NULL, 1))
		return (struct sim_bd *)(void *)(ring + (size_t)i * SIM_BD_SIZE);
	return sim_dma(d, base + (uint64_t)i * SIM_BD_SIZE, SIM_BD_SIZE, true);
}

static inline uint32_t
sim_bd_info(const struct sim_bd *bd)
{
	return __atomic_load_n(&bd->w[5], __ATOMIC_ACQUIRE);
}

static inline void
sim_bd_hand_over(struct sim_bd *bd, uint32_t info)
{
	__atomic_store_n(&bd->w[5], info, __ATOMIC_RELEASE);
}

/** Asks for a line that is going to be written, and that another core may have. */
static inline void
sim_prefetch_write(const void *p)
{
#if defined(__x86_64__)
	/* gcc makes this of __builtin_prefetch() only with -mprfchw. */
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1);
#endif
}

static inline uint32_t
sim_ring_add(uint32_t i, uint32_t n, uint32_t nb_bd)
{
	i += n;
	return i >= nb_bd ? i - nb_bd : i;
}

/* Index of the counters of one direction relative to its first one, total_pkt. */
enum sim_mac_idx {
	MAC_TOTAL, MAC_TOTAL_OCT, MAC_GOOD, MAC_BAD, MAC_GOOD_OCT, MAC_BAD_OCT,
	MAC_UNI, MAC_MULTI, MAC_BROAD, MAC_UNDERSIZE, MAC_OVERSIZE, MAC_BIN0,
	MAC_1519_MAX_GOOD = 24, MAC_1519_MAX_BAD = 25
};
#define MAC_TX_FIRST      19u
#define MAC_RX_FIRST      45u
#define MAC_TX_FROM_APP   75u
#define MAC_RX_TO_APP     81u
#define MAC_NB_BINS       13u

/** Counters of one poll, added to the port's at its end. */
struct sim_mac_sum {
	uint32_t bin[16];
	uint32_t cast[4];
	uint64_t bytes;
};

/** Which size counter a frame belongs to; @p len without CRC. */
static inline unsigned int
sim_mac_bin(uint32_t len)
{
	uint32_t l = len + SIM_CRC_LEN;

	if (l <= 64)
		return 0;
	if (l < 1024)
		return 26u - (unsigned int)__builtin_clz(l);
	if (l <= 1518)
		return 5;
	if (l < 2048)
		return 6;
	if (l < 4096)
		return 7;
	if (l < 8192)
		return 8;
	return l <= 9216 ? 10 : l <= 12287 ? 11 : 12;
}

static inline void
sim_mac_add(struct sim_mac_sum *s, uint32_t len, unsigned int bin, unsigned int cast)
{
	s->bin[bin]++;
	s->cast[cast]++;
	s->bytes += len + SIM_CRC_LEN;
}

static inline unsigned int
sim_dmac_class(const uint8_t *dmac)
{
	static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (!(dmac[0] & 1))
		return 0;
	return memcmp(dmac, broadcast, 6) == 0 ? 2 : 1;
}

/** Adds good frames to the MAC counters. sim_ring.c */
void sim_mac_flush(struct sim_dev *d, const struct sim_mac_sum *s, bool rx);

/** 16-bit ones-complement sum of bytes, in network order, not folded to the end. */
static inline uint32_t
sim_sum16(const uint8_t *p, uint32_t len, uint32_t sum)
{
	uint64_t s = 0;

	for (; len >= 4; p += 4, len -= 4) {
		uint32_t v;

		memcpy(&v, p, 4);
		s += v;
	}
	if (len >= 2) {
		uint16_t v;

		memcpy(&v, p, 2);
		s += v;
		p += 2;
		len -= 2;
	}
	if (len)
		s += *p;
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return sum + __builtin_bswap16((uint16_t)s);
}

static inline uint16_t
sim_fold16(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline uint16_t
sim_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void
sim_put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline uint32_t
sim_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void
sim_put_be32(uint8_t *p, uint32_t v)
{
	sim_put_be16(p, (uint16_t)(v >> 16));
	sim_put_be16(p + 2, (uint16_t)v);
}

/** CRC-32C of SCTP, as it stands in the packet (little-endian). sim_crc.c */
uint32_t sim_crc32c(const uint8_t *p, uint32_t len);
/** Frame check sequence of Ethernet, as it stands on the wire (little-endian). sim_crc.c */
uint32_t sim_crc32(const uint8_t *p, uint32_t len);

/* --- transmit offloads, sim_txoff.c ---------------------------------------------------- */

/** What the first BD of a packet asks for. */
struct sim_tx_desc {
	uint16_t inner_tag, outer_tag;
	uint32_t type; /**< word 0x0c */
	uint32_t ol;   /**< word 0x14 */
	uint32_t paylen; /**< word 0x18 */
	uint16_t mss;  /**< half-word 0x1e, all of it */
};

/** Does the packet need any change, or can its bytes go out as they are? */
static inline bool
sim_tx_plain(const struct sim_tx_desc *t, uint8_t vlan_tx_cfg)
{
	/* Bits 2 and 3 insert a tag of the port, 1 and 6 let frames without one pass. */
	return t->type == 0 && t->ol == 0 && !(t->mss & 0x4000) && !(vlan_tx_cfg & 0x0c) &&
		(vlan_tx_cfg == 0 || (vlan_tx_cfg & 0x42) == 0x42);
}

/** Room before and behind the packet in the buffer given to sim_txoff_send(). */
#define SIM_TX_HEADROOM 16u
#define SIM_TX_TAILROOM 64u

/** What became of a packet. */
struct sim_tx_result {
	uint32_t frames, bytes; /**< sent */
	uint32_t wire_full;     /**< not taken by the wire */
	bool bad;               /**< broke a rule (already counted as a violation) */
};

/** Carries out the offloads on a packet of @p len bytes at @p p, which has
 * SIM_TX_HEADROOM before it and SIM_TX_TAILROOM behind it, and sends the frames.
 */
void sim_txoff_send(struct sim_dev *d, unsigned int q, const struct sim_tx_desc *t, uint8_t *p,
		uint32_t len, struct sim_mac_sum *sum, struct sim_tx_result *res);

/** Sends one frame as it is, padded if it is short. */
void sim_tx_emit(struct sim_dev *d, const uint8_t *p, uint32_t len, struct sim_mac_sum *sum,
		struct sim_tx_result *res);

#endif /* SIM_DATA_H */
