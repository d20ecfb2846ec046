/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * A data path without register file, firmware and host: DMA goes to an arena, frames come
 * from a list and go to a list. For the tests of the parser and the engines.
 */

#ifndef FAKE_DATA_H
#define FAKE_DATA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim_data.h"

#define FAKE_IOVA  0x7000000000ull /* of arena byte 0 */
#define FAKE_ARENA (8u << 20)
#define FAKE_WIRE  4096u

/* Where things stand in the arena. */
#define FAKE_RX_RING(q) (0x000000u + 0x8000u * (q))
#define FAKE_TX_RING(q) (0x100000u + 0x8000u * (q))
#define FAKE_RX_BUF     0x200000u
#define FAKE_TX_BUF     0x600000u
#define FAKE_BUF_SIZE   4096u

struct fake_frame {
	uint8_t data[SIM_MAX_FRAME + 64];
	uint32_t len;
};

struct fake {
	struct sim_dev *d;
	uint8_t *arena;
	uint32_t *bar2;
	struct sim_port_stats stats;
	bool lossless, with_span, wire_full;
	/* frames to be received */
	struct fake_frame *in;
	uint64_t (*memo)[8];
	unsigned int nb_in, next_in;
	/* frames that were sent */
	struct fake_frame *out;
	unsigned int nb_out;
	const void *last_tx; /* pointer that the last frame was sent from */
	unsigned int faults, irqs, traps;
	bool trapped, can_trap;
	uint64_t refuse_from, refuse_to; /* IOVA that is not mapped */
	/* Sees each DMA without spans; false refuses it. What a driver does meanwhile. */
	bool (*meanwhile)(uint64_t iova, uint32_t len);
};

extern struct fake fake;

/** For cmocka: a fresh device with its MAC on, promiscuous, in the mode of *state. */
int fake_setup(void **state);
int fake_teardown(void **state);
void fake_start(enum sim_mode mode);
void fake_stop(void);

/** Registers of a pair, and RING_EN; buffers of the receive ring filled in. */
void fake_rings(unsigned int q, uint32_t nb_bd, uint32_t bd_len);
struct sim_bd *fake_rx_bd(unsigned int q, uint32_t i);
struct sim_bd *fake_tx_bd(unsigned int q, uint32_t i);
uint8_t *fake_mem(uint64_t iova);
uint64_t fake_rx_addr(unsigned int q, uint32_t i);

/** Puts a frame on the wire, to be received. */
void fake_in(const uint8_t *data, uint32_t len);
/** Writes one transmit BD: @p flags of half-word 0x1c. */
void fake_tx_write(unsigned int q, uint32_t i, uint64_t addr, uint32_t len, uint32_t flags);

uint64_t fake_violations(void);

/* Frames */
struct fake_pkt {
	uint8_t data[SIM_MAX_FRAME + 64];
	uint32_t len, l3, l4;
};

/** Ethernet header (with tags, if any), then a good IPv4 or IPv6 packet with @p size bytes of
 * payload after its UDP, TCP or SCTP header; padded to 60.
 */
void fake_build(struct fake_pkt *p, bool v6, uint8_t proto, unsigned int tags, uint32_t size);
/** Puts right checksums where fake_build() put them. */
void fake_checksum(struct fake_pkt *p);
uint16_t fake_sum(const uint8_t *p, uint32_t len, uint32_t start);
/** Is the L3 and L4 checksum of the packet at @p l3 right? (IPv4 or IPv6 without extensions) */
bool fake_checksums_right(const uint8_t *data, uint32_t len, uint32_t l3);

#endif /* FAKE_DATA_H */
