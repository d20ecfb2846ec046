/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The receive engine, in all three ways to know a free BD. */

#include <stdlib.h>

#include "fake_data.h"

static enum sim_mode exact = SIM_MODE_EXACT, threaded = SIM_MODE_THREADED,
	lockstep = SIM_MODE_LOCKSTEP;

#define DB_RX(q) fake.bar2[(sim_tqp_off(q) + TQP_RX_HEAD) / 4]

static void
frame(uint32_t size, unsigned int n)
{
	struct fake_pkt p;

	fake_build(&p, false, 17, 0, size);
	for (unsigned int i = 0; i < n; i++) {
		sim_put_be16(p.data + p.l4 + 8, (uint16_t)i);
		fake_in(p.data, p.len);
	}
}

static uint32_t
info(unsigned int q, uint32_t i)
{
	return fake_rx_bd(q, i)->w[5];
}

/** What a driver does with BD @p i: take it, and give it back with the same buffer. */
static void
give_back(unsigned int q, uint32_t i)
{
	fake_rx_bd(q, i)->w[5] = 0;
}

static void
test_one_frame(void **state)
{
	struct fake_pkt p;
	struct sim_bd *bd;

	(void)state;
	fake_rings(0, 64, 2048);
	fake_build(&p, false, 17, 0, 100);
	fake_in(p.data, p.len);
	assert_int_equal(sim_rx_poll(fake.d, 32), 1);
	bd = fake_rx_bd(0, 0);
	assert_int_equal(bd->addr, fake_rx_addr(0, 0));
	assert_memory_equal(fake_mem(bd->addr), p.data, p.len);
	assert_int_equal(bd->w[0], 0); /* unicast, IPv4, UDP, no error, no tag */
	assert_int_equal(bd->w[1], p.len | p.len << 16);
	assert_int_not_equal(bd->w[2], 0);
	assert_int_equal(bd->w[5], RXBD_VLD | RXBD_FE | RXBD_L3L4P);
	assert_int_equal(info(0, 1), 0);
	assert_int_equal(fake.stats.rx_frames, 1);
	assert_int_equal(fake.stats.rx_bytes, p.len);
	assert_int_equal(fake.stats.rxq_frames[0], 1);
	assert_int_equal(fake.d->rxq[0].pkt_record, 1);
	assert_int_equal(fake.irqs, 1);
	assert_int_equal(fake.d->mac_counter[45], 1);
	assert_int_equal(fake.d->mac_counter[46], p.len + 4);
	assert_int_equal(fake.d->mac_counter[51], 1);
	assert_int_equal(fake.d->mac_counter[58], 1); /* 128 to 255 */
	assert_int_equal(fake_violations(), 0);
}

static void
test_bad_checksum_is_delivered(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_rings(0, 64, 2048);
	fake_build(&p, false, 6, 0, 100);
	p.data[p.len - 1] ^= 1;
	fake_in(p.data, p.len);
	fake_build(&p, false, 6, 0, 100);
	p.data[p.l3 + 8]++;
	fake_in(p.data, p.len);
	fake_build(&p, false, 1, 0, 100);
	fake_in(p.data, p.len);
	sim_rx_poll(fake.d, 32);
	assert_int_equal(fake_rx_bd(0, 0)->w[0], 1u << 8 | 1u << 18);
	assert_int_equal(fake_rx_bd(0, 1)->w[0], 1u << 8 | 1u << 17);
	assert_int_equal(fake_rx_bd(0, 2)->w[0], 5u << 8);
	assert_int_equal(info(0, 2), RXBD_VLD | RXBD_FE);
}

static void
test_several_bds(void **state)
{
	struct fake_pkt p;
	uint32_t at = 0;

	(void)state;
	fake_rings(0, 64, 512);
	fake_build(&p, true, 6, 1, 2000);
	fake_in(p.data, p.len);
	frame(20, 1);
	sim_rx_poll(fake.d, 32);
	for (uint32_t i = 0; at < p.len; i++) {
		uint32_t n = p.len - at < 512 ? p.len - at : 512;
		struct sim_bd *bd = fake_rx_bd(0, i);

		assert_memory_equal(fake_mem(bd->addr), p.data + at, n);
		assert_int_equal(bd->w[1] >> 16, n);
		at += n;
		if (at < p.len) {
			assert_int_equal(bd->w[5], RXBD_VLD);
		} else {
			assert_int_equal(bd->w[5], RXBD_VLD | RXBD_FE | RXBD_L3L4P);
			assert_int_equal(bd->w[1] & 0xffff, p.len);
		}
	}
	assert_int_equal(fake.d->rxq[0].tail, 5 + 1);
	assert_int_equal(fake.d->rxq[0].pkt_record, 2);
}

static void
test_largest_frame(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_rings(0, 64, 512);
	fake_build(&p, false, 17, 0, SIM_MAX_FRAME - 4 - 42);
	assert_int_equal(p.len, SIM_MAX_FRAME - 4);
	fake_in(p.data, p.len);
	fake_in(p.data, p.len + 1);
	sim_rx_poll(fake.d, 32);
	assert_int_equal(fake.stats.rx_frames, 1);
	assert_int_equal(fake.d->rxq[0].tail, 19);
	assert_int_equal(fake.stats.drops[SIM_DROP_OVERSIZE], 1);
	fake.d->t.max_frame = 1518;
	fake.d->t.gen++;
	fake_in(p.data, 1514);
	fake_in(p.data, 1515);
	fake_in(p.data, 13);
	sim_rx_poll(fake.d, 32);
	assert_int_equal(fake.stats.rx_frames, 2);
	assert_int_equal(fake.stats.drops[SIM_DROP_OVERSIZE], 2);
	assert_int_equal(fake.stats.drops[SIM_DROP_RUNT], 1);
}

static void
test_short_frame_is_padded(void **state)
{
	uint8_t arp[42] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06};
	struct sim_bd *bd;

	(void)state;
	fake_rings(0, 64, 2048);
	memset(fake_mem(fake_rx_addr(0, 0)), 0xaa, 64);
	fake_in(arp, sizeof(arp));
	sim_rx_poll(fake.d, 32);
	bd = fake_rx_bd(0, 0);
	assert_int_equal(bd->w[1], 60 | 60 << 16);
	assert_int_equal(fake_mem(bd->addr)[59], 0);
	assert_int_equal(fake_mem(bd->addr)[60], 0xaa);
	assert_int_equal(bd->w[0] >> 4 & 0xff, 0xf2);
}

static void
check_strip(unsigned int tags, uint8_t cfg, uint32_t strp, unsigned int cut, uint16_t inner,
		uint16_t outer)
{
	struct fake_pkt p, plain;
	struct sim_bd *bd;
	uint32_t at;

	fake_start(SIM_MODE_EXACT);
	fake.d->t.vlan_rx_cfg = cfg;
	fake_rings(0, 64, 2048);
	fake_build(&p, false, 17, tags, 100);
	fake_build(&plain, false, 17, tags - cut, 100);
	fake_in(p.data, p.len);
	sim_rx_poll(fake.d, 32);
	bd = fake_rx_bd(0, 0);
	assert_int_equal(bd->w[0] >> 13 & 3, strp);
	assert_int_equal(bd->w[1], plain.len | plain.len << 16);
	assert_int_equal(bd->w[3] >> 16, inner);
	assert_int_equal(bd->w[4] >> 16, outer);
	at = plain.l3;
	assert_memory_equal(fake_mem(bd->addr), p.data, 12);
	assert_memory_equal(fake_mem(bd->addr) + at, p.data + p.l3, p.len - p.l3);
	assert_int_equal(fake_violations(), 0);
	fake_stop();
}

static void
test_vlan_strip(void **state)
{
	const uint16_t first = 0x2000 + 100, second = 0x4000 + 101;

	(void)state;
	check_strip(1, 0, 0, 0, 0, 0);
	check_strip(1, 2, 2, 1, first, 0);
	check_strip(1, 1, 0, 0, 0, 0);
	check_strip(2, 2, 1, 1, 0, first);
	check_strip(2, 3, 3, 2, second, first);
	check_strip(2, 1, 2, 1, second, 0);
	check_strip(1, 2 | 8, 2, 1, first & 0xe000, 0);
}

static void
test_strip_then_split(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake.d->t.vlan_rx_cfg = 2;
	fake_rings(0, 64, 512);
	fake_build(&p, false, 17, 1, 900);
	fake_in(p.data, p.len);
	sim_rx_poll(fake.d, 32);
	assert_int_equal(info(0, 0), RXBD_VLD);
	assert_int_equal(fake_rx_bd(0, 0)->w[1] >> 16, 512);
	assert_int_equal(fake_rx_bd(0, 1)->w[1], (p.len - 4) | (p.len - 4 - 512) << 16);
	assert_memory_equal(fake_mem(fake_rx_addr(0, 1)), p.data + 516, p.len - 516);
}

static void
test_keep_crc(void **state)
{
	struct fake_pkt p;
	struct sim_bd *bd;
	uint32_t crc;

	(void)state;
	fake.d->t.mac_mode &= ~MAC_RX_FCS_STRIP;
	fake_rings(0, 64, 2048);
	fake_build(&p, false, 17, 0, 100);
	fake_in(p.data, p.len);
	fake_build(&p, false, 6, 0, 2);
	fake_in(p.data, p.len);
	sim_rx_poll(fake.d, 32);
	bd = fake_rx_bd(0, 0);
	assert_int_equal(bd->w[1] & 0xffff, 142 + 4);
	/* The sum over a frame with its check sequence is a constant. */
	memcpy(&crc, fake_mem(bd->addr) + 142, 4);
	assert_int_equal(sim_crc32(fake_mem(bd->addr), 142), crc);
	assert_int_equal(sim_crc32((const uint8_t *)"123456789", 9), 0xcbf43926);
	assert_int_equal(sim_crc32c((const uint8_t *)"123456789", 9), 0xe3069283);
	assert_int_equal(fake_rx_bd(0, 1)->w[1] & 0xffff, 60);
}

static void
test_exact_credit(void **state)
{
	(void)state;
	fake_rings(0, 64, 2048);
	frame(50, 70);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.rx_frames, 64);
	assert_int_equal(fake.stats.drops[SIM_DROP_NO_BD], 6);
	assert_int_equal(fake.d->rpu_drop, 6);
	for (uint32_t i = 0; i < 10; i++)
		give_back(0, i);
	/* Cleared is not returned. */
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_NO_BD], 7);
	sim_rxq_credit(fake.d, 0, 10);
	frame(50, 11);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.rx_frames, 74);
	assert_int_equal(fake.stats.drops[SIM_DROP_NO_BD], 8);
	assert_int_equal(fake.d->rxq[0].tail, 10);
	assert_int_equal(fake_violations(), 0);
	/* One that is still valid, and more than there are. */
	sim_rxq_credit(fake.d, 0, 1);
	assert_int_equal(fake.stats.viol[SIM_VIOL_RX_CREDIT].count, 1);
	for (uint32_t i = 0; i < 64; i++)
		give_back(0, i);
	sim_rxq_credit(fake.d, 0, 64);
	assert_int_equal(fake.stats.viol[SIM_VIOL_RX_CREDIT].count, 2);
	assert_int_equal(fake.d->rxq[0].free, 64);
	sim_rxq_credit(fake.d, 0, 0);
	assert_int_equal(fake.stats.doorbell_rx, 4);
}

static void
test_lossless_waits(void **state)
{
	(void)state;
	fake.lossless = true;
	fake_rings(0, 64, 2048);
	frame(50, 70);
	assert_int_equal(sim_rx_poll(fake.d, 100), 64);
	assert_int_equal(sim_rx_poll(fake.d, 100), 0);
	assert_int_equal(fake.next_in, 64);
	for (uint32_t i = 0; i < 32; i++)
		give_back(0, i);
	sim_rxq_credit(fake.d, 0, 32);
	assert_int_equal(sim_rx_poll(fake.d, 100), 6);
	assert_int_equal(fake.stats.drops[SIM_DROP_NO_BD], 0);
}

static void
test_not_enough_for_a_jumbo(void **state)
{
	(void)state;
	fake_rings(0, 64, 512);
	frame(50, 62);
	frame(1400, 1);
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_NO_BD], 1);
	assert_int_equal(fake.stats.rx_frames, 63);
	assert_int_equal(info(0, 63), 0);
}

static void
test_lockstep_doorbells(void **state)
{
	(void)state;
	fake_rings(0, 64, 2048);
	assert_int_equal(DB_RX(0), SIM_DB_NONE);
	frame(50, 64);
	sim_rx_poll(fake.d, 100);
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 16; i++)
			give_back(0, (uint32_t)round * 16 + i);
		/* The same value each time is seen each time. */
		DB_RX(0) = 16;
		frame(50, 17);
		sim_rx_poll(fake.d, 100);
		assert_int_equal(fake.stats.drops[SIM_DROP_NO_BD], round + 1);
	}
	assert_int_equal(fake.stats.doorbell_rx, 3);
	assert_int_equal(fake.stats.rx_frames, 64 + 48);
	assert_int_equal(fake_violations(), 0);
	/* Rung for fewer than were cleared. */
	for (uint32_t i = 0; i < 8; i++)
		give_back(0, 48 + i);
	DB_RX(0) = 7;
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.viol[SIM_VIOL_RX_CREDIT].count, 1);
	/* Rung for one that is valid. */
	DB_RX(0) = 2;
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.viol[SIM_VIOL_RX_CREDIT].count, 2);
}

/** Polls until nothing has moved for a while: threaded mode takes its time. */
static unsigned int
settle(void)
{
	unsigned int moved = 0, idle = 0;

	while (idle < 100) {
		unsigned int n = sim_rx_poll(fake.d, 64);

		moved += n;
		idle = n ? 0 : idle + 1;
	}
	return moved;
}

static void
test_threaded_never_overtakes(void **state)
{
	(void)state;
	fake.lossless = true;
	fake_rings(0, 128, 2048);
	frame(50, 1000);
	assert_int_equal(settle(), 128);
	/* A BD is back only when the next is clear too. */
	give_back(0, 0);
	assert_int_equal(settle(), 0);
	assert_int_equal(info(0, 0), 0);
	give_back(0, 1);
	assert_int_equal(settle(), 1);
	assert_int_not_equal(info(0, 0), 0);
	assert_int_equal(info(0, 1), 0);
	/* All of them: all but the last one can be had. */
	for (uint32_t i = 0; i < 128; i++)
		give_back(0, i);
	assert_int_equal(settle(), 127);
	assert_int_equal(info(0, 0), 0);
	for (uint32_t i = 1; i < 128; i++)
		assert_int_not_equal(info(0, i), 0);
}

static void
test_threaded_address_follows(void **state)
{
	uint64_t fresh = fake_rx_addr(0, 1000);

	(void)state;
	fake.lossless = true;
	fake_rings(0, 64, 2048);
	frame(50, 80);
	assert_int_equal(settle(), 64);
	/* A driver that clears VLD first: BD 5 has no new address yet. */
	for (uint32_t i = 0; i < 6; i++) {
		if (i < 5)
			fake_rx_bd(0, i)->addr = fresh;
		give_back(0, i);
		if (i < 5)
			settle();
	}
	settle();
	assert_int_equal(info(0, 5), 0);
	assert_int_equal(fake.stats.rx_frames, 64 + 5);
}

static void
test_threaded_random_driver(void **state)
{
	uint32_t next = 0, seen = 0;

	(void)state;
	srand(3);
	fake.lossless = true;
	fake_rings(0, 64, 2048);
	frame(50, 4000);
	for (int i = 0; i < 200000 && seen < 4000; i++) {
		if (rand() & 1) {
			sim_rx_poll(fake.d, 1 + (unsigned int)(rand() % 64));
			continue;
		}
		for (int k = rand() % 40; k > 0 && info(0, next) != 0; k--) {
			const uint8_t *b = fake_mem(fake_rx_bd(0, next)->addr);

			assert_int_equal(sim_be16(b + 42), seen);
			give_back(0, next);
			next = (next + 1) % 64;
			seen++;
		}
	}
	assert_int_equal(seen, 4000);
	assert_int_equal(fake_violations(), 0);
}

static void
test_bad_buffers(void **state)
{
	(void)state;
	fake_rings(0, 64, 2048);
	fake_rx_bd(0, 0)->addr = 0;
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.viol[SIM_VIOL_BD_NO_ADDR].count, 1);
	assert_int_equal(fake.stats.drops[SIM_DROP_DMA], 1);
	assert_int_equal(info(0, 0), 0);
	fake_rx_bd(0, 0)->addr = fake_rx_addr(0, 0) + 32;
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.viol[SIM_VIOL_ALIGN].count, 1);
	assert_int_equal(fake.stats.rx_frames, 1);
	fake_rx_bd(0, 1)->addr = 0x40;
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_DMA], 2);
	assert_int_equal(fake.faults, 1);
	/* The second of two BDs: nothing of the frame is published. */
	fake_rx_bd(0, 1)->addr = fake_rx_addr(0, 1);
	fake_rx_bd(0, 2)->addr = 0x40;
	frame(3000, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(info(0, 1), 0);
	assert_int_equal(fake.stats.drops[SIM_DROP_DMA], 3);
}

static void
test_unmapped_after_flush(void **state)
{
	(void)state;
	fake_rings(0, 64, 2048);
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.rx_frames, 1);
	fake.refuse_from = fake_rx_addr(0, 1);
	fake.refuse_to = fake.refuse_from + FAKE_BUF_SIZE;
	sim_dev_iotlb_flush(fake.d);
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_DMA], 1);
	assert_int_equal(fake.faults, 1);
	assert_int_equal(info(0, 1), 0);
}

static void
test_ring_not_mapped(void **state)
{
	(void)state;
	fake_rings(0, 64, 2048);
	fake.refuse_from = FAKE_IOVA;
	fake.refuse_to = FAKE_IOVA + 64 * SIM_BD_SIZE;
	sim_dev_iotlb_flush(fake.d);
	frame(50, 3);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.rx_frames, 0);
	assert_int_equal(fake.stats.drops[SIM_DROP_DMA], 3);
	assert_true(fake.faults > 0);
}

static void
test_disabled(void **state)
{
	(void)state;
	frame(50, 5);
	fake.d->t.mac_mode = 0;
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_DISABLED], 5);
	frame(50, 5);
	fake.d->t.mac_mode = 0x007E18C0;
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_DISABLED], 10);
	fake.lossless = true;
	frame(50, 5);
	sim_rx_poll(fake.d, 100);
	fake.d->t.mac_mode = 0;
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.next_in, 10);
	fake.d->t.mac_mode = 0x007E18C0;
	fake_rings(0, 64, 2048);
	assert_int_equal(sim_rx_poll(fake.d, 100), 5);
	sim_rxq_disable(fake.d, 0);
	fake.lossless = false;
	frame(50, 1);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_DISABLED], 11);
	assert_int_equal(info(0, 5), 0);
}

static void
test_reset_and_again(void **state)
{
	(void)state;
	fake_rings(0, 64, 2048);
	frame(50, 10);
	sim_rx_poll(fake.d, 100);
	sim_rxq_disable(fake.d, 0);
	sim_txq_disable(fake.d, 0);
	sim_tqp_reset(fake.d, 0);
	assert_int_equal(fake.bar2[(sim_tqp_off(0) + TQP_RING_EN) / 4], 0);
	fake_rings(0, 128, 1024);
	frame(50, 3);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.d->rxq[0].tail, 3);
	assert_int_equal(fake.d->rxq[0].nb_bd, 128);
	assert_int_equal(fake_violations(), 0);
	/* Without the reset another ring is against the rules. */
	sim_rxq_disable(fake.d, 0);
	sim_txq_disable(fake.d, 0);
	fake_rings(0, 64, 1024);
	assert_int_equal(fake.stats.viol[SIM_VIOL_ORDER].count, 2);
}

static void
test_bad_rings(void **state)
{
	uint32_t *w = &fake.bar2[sim_tqp_off(0) / 4];

	(void)state;
	w[TQP_RING_EN / 4] = 1;
	sim_rxq_enable(fake.d, 0);
	assert_int_equal(fake.stats.viol[SIM_VIOL_ORDER].count, 1);
	w[TQP_RX_BASE_L / 4] = 0x1040;
	sim_rxq_enable(fake.d, 0);
	assert_int_equal(fake.stats.viol[SIM_VIOL_ALIGN].count, 1);
	w[TQP_RX_BASE_L / 4] = 0x1000;
	w[TQP_RX_BD_NUM / 4] = 4096;
	sim_rxq_enable(fake.d, 0);
	assert_int_equal(fake.stats.viol[SIM_VIOL_REG_VALUE].count, 1);
	w[TQP_RX_BD_NUM / 4] = 7;
	w[TQP_RX_BD_LEN / 4] = 4;
	sim_rxq_enable(fake.d, 0);
	assert_int_equal(fake.stats.viol[SIM_VIOL_REG_VALUE].count, 2);
	assert_false(fake.d->rxq[0].enabled);
	assert_int_equal(fake.d->rxq_mask, 0);
}

static void
test_spread_and_memo(void **state)
{
	struct fake_pkt p;
	uint64_t n = 0;

	(void)state;
	for (unsigned int q = 0; q < 4; q++)
		fake_rings(q, 64, 2048);
	for (unsigned int i = 0; i < SIM_RSS_TABLE; i++)
		fake.d->t.rss_table[i] = (uint16_t)(i % 4);
	fake.d->t.rss_tc_mode[0] = 0x8000 | 2 << 12;
	fake.memo = calloc(FAKE_WIRE, 64);
	for (uint32_t i = 0; i < 64; i++) {
		fake_build(&p, false, 17, 0, 50);
		sim_put_be16(p.data + p.l4, (uint16_t)(1000 + i));
		fake_checksum(&p);
		fake_in(p.data, p.len);
	}
	sim_rx_poll(fake.d, 64);
	for (unsigned int q = 0; q < 4; q++) {
		assert_true(fake.stats.rxq_frames[q] > 4);
		n += fake.stats.rxq_frames[q];
		for (uint32_t i = 0; i < fake.stats.rxq_frames[q]; i++)
			assert_int_equal(fake_rx_bd(q, i)->w[2] % 4, q);
	}
	assert_int_equal(n, 64);
	/* The same frames again, from the memo; then with tables that have changed. */
	fake.next_in = 0;
	for (unsigned int q = 0; q < 4; q++) {
		for (uint32_t i = 0; i < 64; i++)
			give_back(q, i);
		sim_rxq_credit(fake.d, q, fake.d->rxq[q].nb_bd - fake.d->rxq[q].free);
	}
	sim_rx_poll(fake.d, 64);
	assert_int_equal(fake.stats.rx_frames, 128);
	for (unsigned int q = 0; q < 4; q++)
		assert_int_equal(fake.stats.rxq_frames[q] % 2, 0);
	fake.next_in = 0;
	fake.d->t.rss_tc_mode[0] = 0x8000;
	fake.d->t.gen++;
	n = fake.stats.rxq_frames[0];
	for (uint32_t i = 0; i < 64; i++)
		give_back(0, i);
	sim_rxq_credit(fake.d, 0, fake.d->rxq[0].nb_bd - fake.d->rxq[0].free);
	sim_rx_poll(fake.d, 64);
	assert_int_equal(fake.stats.rxq_frames[0] - n, 64);
	assert_int_equal(fake_violations(), 0);
}

static void
test_queue_beyond_the_last(void **state)
{
	(void)state;
	fake_rings(0, 64, 2048);
	fake.d->t.rss_tc_mode[0] = 0x8000 | 500;
	frame(50, 2);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(fake.stats.drops[SIM_DROP_DISABLED], 2);
}

static void
test_registers(void **state)
{
	uint32_t *w = &fake.bar2[sim_tqp_off(0) / 4];

	(void)state;
	fake_rings(0, 64, 2048);
	frame(50, 10);
	sim_rx_poll(fake.d, 100);
	sim_tqp_refresh(fake.d, 0);
	assert_int_equal(w[TQP_RX_TAIL / 4], 10);
	assert_int_equal(w[TQP_RX_FBDNUM / 4], 10);
	assert_int_equal(w[TQP_RX_PKTNUM / 4], 10);
	assert_int_equal(sim_tqp_take_record(fake.d, 0, true), 10);
	assert_int_equal(sim_tqp_take_record(fake.d, 0, true), 0);
	for (uint32_t i = 0; i < 4; i++)
		give_back(0, i);
	sim_rxq_credit(fake.d, 0, 4);
	sim_tqp_refresh(fake.d, 0);
	assert_int_equal(w[TQP_RX_FBDNUM / 4], 6);
	assert_int_equal(w[TQP_RX_HEAD / 4], 4);
}

static void
test_statistics_window(void **state)
{
	uint32_t *w;

	(void)state;
	fake_stop();
	fake.can_trap = true;
	fake_start(SIM_MODE_THREADED);
	w = &fake.bar2[sim_tqp_off(0) / 4];
	fake_rings(0, 64, 2048);
	frame(50, 10);
	sim_rx_poll(fake.d, 100);
	assert_int_equal(w[TQP_RX_PKTNUM / 4], 0);
	sim_tqp_stats_window(fake.d);
	assert_true(fake.trapped);
	sim_rx_poll(fake.d, 100);
	assert_true(fake.trapped);
	assert_int_equal(sim_tqp_take_record(fake.d, 0, true), 10);
	assert_int_equal(sim_tqp_take_record(fake.d, 0, false), 0);
	sim_rx_poll(fake.d, 100);
	assert_false(fake.trapped);
	assert_int_equal(fake.traps, 1);
	/* A driver that does not read is not waited for. */
	sim_tqp_stats_window(fake.d);
	for (uint64_t t = sim_now_ns(); sim_now_ns() - t < 100000000;)
		sim_rx_poll(fake.d, 100);
	assert_false(fake.trapped);
	/* Without the host's help: what came since the command before. */
	fake_stop();
	fake.can_trap = false;
	fake_start(SIM_MODE_THREADED);
	w = &fake.bar2[sim_tqp_off(0) / 4];
	fake_rings(0, 64, 2048);
	frame(50, 10);
	sim_rx_poll(fake.d, 100);
	sim_tqp_stats_window(fake.d);
	assert_int_equal(w[TQP_RX_PKTNUM / 4], 10);
	sim_tqp_stats_window(fake.d);
	assert_int_equal(w[TQP_RX_PKTNUM / 4], 0);
}

#define T(f, mode) {#f " (" #mode ")", f, fake_setup, fake_teardown, &mode}

static int
run(bool span)
{
	const struct CMUnitTest tests[] = {
		T(test_one_frame, exact), T(test_one_frame, threaded), T(test_one_frame, lockstep),
		T(test_bad_checksum_is_delivered, exact),
		T(test_several_bds, exact), T(test_several_bds, threaded),
		T(test_largest_frame, exact), T(test_short_frame_is_padded, exact),
		T(test_strip_then_split, exact), T(test_keep_crc, exact),
		T(test_exact_credit, exact), T(test_lossless_waits, exact),
		T(test_not_enough_for_a_jumbo, exact), T(test_not_enough_for_a_jumbo, threaded),
		T(test_lockstep_doorbells, lockstep),
		T(test_threaded_never_overtakes, threaded),
		T(test_threaded_address_follows, threaded),
		T(test_threaded_random_driver, threaded),
		T(test_bad_buffers, exact), T(test_ring_not_mapped, threaded),
		T(test_unmapped_after_flush, exact),
		T(test_disabled, exact), T(test_reset_and_again, exact),
		T(test_reset_and_again, threaded), T(test_bad_rings, exact),
		T(test_spread_and_memo, exact), T(test_queue_beyond_the_last, exact),
		T(test_registers, exact), T(test_statistics_window, threaded),
	};

	fake.with_span = span;
	return cmocka_run_group_tests_name(span ? "rx, spans" : "rx", tests, NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest strip[] = {cmocka_unit_test(test_vlan_strip)};

	return run(false) + run(true) + cmocka_run_group_tests(strip, NULL, NULL);
}
