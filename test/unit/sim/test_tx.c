/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The transmit engine and its offloads. */

#include <stdlib.h>

#include "fake_data.h"

static enum sim_mode exact = SIM_MODE_EXACT, threaded = SIM_MODE_THREADED,
	lockstep = SIM_MODE_LOCKSTEP;

#define DB_TX(q) fake.bar2[(sim_tqp_off(q) + TQP_TX_TAIL) / 4]
#define WHOLE    (TXBD_VLD | TXBD_FE)

enum { L3_V6 = 1, L3_V4 = 2, L4_TCP = 1 << 2, L4_UDP = 2 << 2, L4_SCTP = 3 << 2,
	L3CS = 0x10, L4CS = 0x20, VLAN = 0x40, TSO = 0x80 };

static uint32_t written; /* next BD of queue 0 */

static uint64_t
buffer(uint32_t i)
{
	return FAKE_IOVA + FAKE_TX_BUF + (uint64_t)i * 16384;
}

/** Posts what was written to queue 0 in the way of the mode, and runs the engine. */
static unsigned int
ring(uint32_t n)
{
	if (fake.d->cfg.mode == SIM_MODE_EXACT)
		sim_txq_doorbell(fake.d, 0, n);
	else
		DB_TX(0) = n;
	return sim_tx_poll(fake.d, 64);
}

static struct sim_bd *
post(const uint8_t *data, uint32_t len)
{
	struct sim_bd *bd = fake_tx_bd(0, written);

	memcpy(fake_mem(buffer(written)), data, len);
	fake_tx_write(0, written, buffer(written), len, WHOLE);
	written = (written + 1) % 64;
	return bd;
}

static uint32_t
lens(uint32_t l2, uint32_t l3, uint32_t l4)
{
	return (l2 / 2) << 8 | (l3 / 4) << 16 | (l4 / 4) << 24;
}

static int
setup(void **state)
{
	written = 0;
	fake_setup(state);
	fake_rings(0, 64, 2048);
	return 0;
}

static void
test_one_bd(void **state)
{
	struct fake_pkt p;
	struct sim_bd *bd;

	(void)state;
	fake_build(&p, false, 17, 0, 100);
	bd = post(p.data, p.len);
	assert_int_equal(ring(1), 1);
	assert_int_equal(fake.nb_out, 1);
	assert_int_equal(fake.out[0].len, p.len);
	assert_memory_equal(fake.out[0].data, p.data, p.len);
	assert_ptr_equal(fake.last_tx, fake_mem(buffer(0)));
	assert_int_equal(bd->w[5], 0);
	assert_int_equal(fake.stats.tx_frames, 1);
	assert_int_equal(fake.stats.tx_bytes, p.len);
	assert_int_equal(fake.stats.txq_frames[0], 1);
	assert_int_equal(fake.d->txq[0].pkt_record, 1);
	assert_int_equal(fake.d->mac_counter[19], 1);
	assert_int_equal(fake.d->mac_counter[20], p.len + 4);
	assert_int_equal(fake.d->mac_counter[25], 1);
	assert_int_equal(fake_violations(), 0);
	/* Round the ring more than once. */
	for (int i = 0; i < 200; i++) {
		post(p.data, p.len);
		assert_int_equal(ring(1), 1);
	}
	assert_int_equal(fake.nb_out, 201);
	assert_int_equal(fake_violations(), 0);
}

static void
test_lengths(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 9000);
	memset(p.data + p.len, 0, sizeof(p.data) - p.len);
	post(p.data, 33);
	ring(1);
	assert_int_equal(fake.out[0].len, 60);
	assert_memory_equal(fake.out[0].data, p.data, 33);
	assert_int_equal(fake.out[0].data[59], 0);
	post(p.data, 9728);
	ring(1);
	assert_int_equal(fake.out[1].len, 9728);
	assert_int_equal(fake_violations(), 0);
	post(p.data, 32);
	ring(1);
	post(p.data, 9729);
	ring(1);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_LEN].count, 2);
	assert_int_equal(fake.stats.drops[SIM_DROP_BAD_TX], 2);
	assert_int_equal(fake.nb_out, 2);
	/* A bad packet is over all the same. */
	assert_int_equal(fake_tx_bd(0, 2)->w[5], 0);
	post(p.data, 60);
	ring(1);
	assert_int_equal(fake.nb_out, 3);
}

/** The packet in @p n pieces. */
static void
post_pieces(const struct fake_pkt *p, uint32_t n)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = i + 1 == n ? p->len - at : p->len / n;
		uint64_t addr = buffer(written) + i;

		memcpy(fake_mem(addr), p->data + at, len);
		fake_tx_write(0, written, addr, len, TXBD_VLD | (i + 1 == n ? TXBD_FE : 0));
		/* Old offload words in all but the first BD mean nothing. */
		if (i != 0) {
			fake_tx_bd(0, written)->w[1] = 0xdeadbeef;
			fake_tx_bd(0, written)->w[3] = 0xdeadbeef;
		}
		written = (written + 1) % 64;
		at += len;
	}
}

static void
test_pieces(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 6, 0, 1000);
	for (uint32_t n = 2; n <= 8; n++) {
		post_pieces(&p, n);
		assert_int_equal(ring(n), 1);
		assert_int_equal(fake.out[n - 2].len, p.len);
		assert_memory_equal(fake.out[n - 2].data, p.data, p.len);
	}
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(fake_tx_bd(0, i)->w[5], 0);
	assert_int_equal(fake_violations(), 0);
	for (uint32_t i = 0; i < 64; i++)
		fake_tx_bd(0, i)->w[1] = fake_tx_bd(0, i)->w[3] = 0;
	post_pieces(&p, 9);
	ring(9);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_TOO_MANY_BD].count, 1);
	assert_int_equal(fake.stats.drops[SIM_DROP_BAD_TX], 1);
	assert_int_equal(fake_tx_bd(0, 43)->w[5], 0);
	/* More than is kept of any packet. */
	for (uint32_t i = 0; i < 64; i++)
		fake_tx_bd(0, i)->w[1] = fake_tx_bd(0, i)->w[3] = 0;
	post_pieces(&p, 64);
	ring(64);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_TOO_MANY_BD].count, 2);
	assert_int_equal(fake.nb_out, 7);
}

static void
test_empty_piece_and_no_address(void **state)
{
	(void)state;
	fake_tx_write(0, 0, buffer(0), 100, TXBD_VLD);
	fake_tx_write(0, 1, buffer(1), 0, WHOLE);
	ring(2);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_LEN].count, 1);
	fake_tx_write(0, 2, 0, 100, WHOLE);
	ring(1);
	assert_int_equal(fake.stats.viol[SIM_VIOL_BD_NO_ADDR].count, 1);
	assert_int_equal(fake.nb_out, 0);
}

static void
test_dma_refused(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 100);
	fake_tx_write(0, 0, 0x1000, 100, WHOLE);
	ring(1);
	fake_tx_write(0, 1, buffer(1), 100, TXBD_VLD);
	fake_tx_write(0, 2, 0x1000, 100, WHOLE);
	ring(2);
	assert_int_equal(fake.stats.drops[SIM_DROP_DMA], 2);
	assert_true(fake.faults >= 2);
	written = 3;
	post(p.data, p.len);
	ring(1);
	assert_int_equal(fake.nb_out, 1);
	assert_int_equal(fake_violations(), 0);
}

static void
test_wire_full_and_mac_off(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 100);
	fake.wire_full = true;
	post(p.data, p.len);
	ring(1);
	assert_int_equal(fake.stats.drops[SIM_DROP_WIRE_FULL], 1);
	assert_int_equal(fake.stats.tx_frames, 0);
	fake.wire_full = false;
	fake.d->t.mac_mode = 0;
	post(p.data, p.len);
	ring(1);
	assert_int_equal(fake.stats.drops[SIM_DROP_DISABLED], 1);
	assert_int_equal(fake_tx_bd(0, 1)->w[5], 0);
}

static void
test_exact_credit(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 100);
	/* Written is not announced. */
	post(p.data, p.len);
	post(p.data, p.len);
	assert_int_equal(sim_tx_poll(fake.d, 64), 0);
	assert_int_equal(ring(1), 1);
	assert_int_equal(ring(1), 1);
	assert_int_equal(fake_violations(), 0);
	/* Announced but not written. */
	assert_int_equal(ring(1), 0);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_CREDIT].count, 1);
	post(p.data, p.len);
	assert_int_equal(ring(1), 1);
	/* Half a packet. */
	post_pieces(&p, 2);
	assert_int_equal(ring(1), 0);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_CREDIT].count, 2);
	assert_int_equal(ring(1), 1);
	/* More than the ring has. */
	for (int i = 0; i < 64; i++)
		post(p.data, p.len);
	assert_int_equal(ring(65), 64);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_CREDIT].count, 3);
	assert_int_equal(ring(0), 0);
}

static void
test_lockstep_doorbells(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 100);
	assert_int_equal(DB_TX(0), SIM_DB_NONE);
	for (int i = 0; i < 5; i++) {
		post(p.data, p.len);
		post(p.data, p.len);
		assert_int_equal(ring(2), 2);
	}
	assert_int_equal(fake.stats.doorbell_tx, 5);
	assert_int_equal(fake_violations(), 0);
	post(p.data, p.len);
	post(p.data, p.len);
	assert_int_equal(ring(1), 1);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_CREDIT].count, 1);
}

static void
test_threaded_waits_for_the_end(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 100);
	/* VLD first, FE later, as the generic path of the distribution's driver does. */
	fake_tx_write(0, 0, buffer(0), 50, TXBD_VLD);
	assert_int_equal(sim_tx_poll(fake.d, 64), 0);
	fake_tx_write(0, 1, buffer(1), 50, TXBD_VLD);
	assert_int_equal(sim_tx_poll(fake.d, 64), 0);
	assert_int_not_equal(fake_tx_bd(0, 0)->w[5], 0);
	memcpy(fake_mem(buffer(0)), p.data, 50);
	memcpy(fake_mem(buffer(1)), p.data + 50, 50);
	fake_tx_bd(0, 1)->w[5] |= TXBD_FE;
	assert_int_equal(sim_tx_poll(fake.d, 64), 1);
	assert_int_equal(fake.out[0].len, 100);
	assert_memory_equal(fake.out[0].data, p.data, 100);
	/* And without any doorbell. */
	assert_int_equal(fake.stats.doorbell_tx, 0);
}

/** The driver goes on while the model looks from the first BD to the second. */
static bool
second_packet_comes(uint64_t iova, uint32_t len)
{
	const uint64_t base = FAKE_IOVA + FAKE_TX_RING(0);

	if (len > SIM_BD_SIZE && iova == base)
		return false; /* the ring is looked at BD by BD */
	if (iova == base + SIM_BD_SIZE && !(fake_tx_bd(0, 1)->w[5] & TXBD_VLD)) {
		fake_tx_bd(0, 0)->w[5] |= TXBD_FE;
		fake_tx_write(0, 1, buffer(1), 61, WHOLE);
	}
	return true;
}

static void
test_threaded_two_are_not_one(void **state)
{
	struct fake_pkt p;

	(void)state;
	if (fake.with_span)
		return; /* nothing is asked for then that could be seen */
	fake_build(&p, false, 17, 0, 200);
	memcpy(fake_mem(buffer(0)), p.data, 60);
	memcpy(fake_mem(buffer(1)), p.data, 61);
	fake_tx_write(0, 0, buffer(0), 60, TXBD_VLD);
	fake.meanwhile = second_packet_comes;
	sim_tx_poll(fake.d, 64);
	sim_tx_poll(fake.d, 64);
	assert_int_equal(fake.nb_out, 2);
	assert_int_equal(fake.out[0].len, 60);
	assert_int_equal(fake.out[1].len, 61);
	assert_memory_equal(fake.out[1].data, p.data, 61);
	assert_int_equal(fake_violations(), 0);
}

/** The flags, and after them the length: so does the distribution's driver, four by four. */
static void
test_threaded_length_comes_last(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 200);
	for (uint32_t i = 0; i < 64 * 3; i++) {
		uint32_t len = 60 + i;
		struct sim_bd *bd = fake_tx_bd(0, i % 64);

		memcpy(fake_mem(buffer(0)), p.data, len);
		bd->w[5] = WHOLE;
		assert_int_equal(sim_tx_poll(fake.d, 64), 0);
		bd->addr = buffer(0);
		assert_int_equal(sim_tx_poll(fake.d, 64), 0);
		bd->w[0] = len << 16;
		assert_int_equal(sim_tx_poll(fake.d, 64), 1);
		assert_int_equal(fake.out[i].len, len);
		assert_int_equal(bd->w[5], 0);
	}
	assert_int_equal(fake_violations(), 0);
	/* One that never gets a length is against the rules, in the end. */
	fake_tx_bd(0, 0)->addr = buffer(0);
	fake_tx_bd(0, 0)->w[5] = WHOLE;
	for (uint64_t t = sim_now_ns(); sim_now_ns() - t < 1200000000;)
		sim_tx_poll(fake.d, 64);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_LEN].count, 1);
	assert_int_equal(fake_tx_bd(0, 0)->w[5], 0);
}

static void
test_queues_in_turn(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 100);
	fake_rings(1, 64, 2048);
	memcpy(fake_mem(buffer(0)), p.data, p.len);
	for (uint32_t i = 0; i < 60; i++) {
		fake_tx_write(0, i, buffer(0), p.len, WHOLE);
		fake_tx_write(1, i, buffer(0), p.len, WHOLE);
	}
	sim_txq_doorbell(fake.d, 0, 60);
	sim_txq_doorbell(fake.d, 1, 60);
	while (sim_tx_poll(fake.d, 32) != 0) {
		int64_t diff = (int64_t)(fake.stats.txq_frames[0] - fake.stats.txq_frames[1]);

		assert_true(diff <= 32 && diff >= -32);
	}
	assert_int_equal(fake.nb_out, 120);
}

/* --- offloads ---------------------------------------------------------------------------- */

/** The pseudo-header's sum in the checksum field, as the driver leaves it. */
static void
seed(struct fake_pkt *p, bool with_length)
{
	const uint8_t *ip = p->data + p->l3;
	bool v4 = ip[0] >> 4 == 4;
	uint8_t proto = v4 ? ip[9] : ip[6];
	uint32_t n = v4 ? sim_be16(ip + 2) - 20u : sim_be16(ip + 4);
	uint16_t s = fake_sum(ip + (v4 ? 12 : 8), v4 ? 8 : 32, proto + (with_length ? n : 0));

	sim_put_be16(p->data + p->l4 + (proto == 17 ? 6 : 16), s);
	if (v4)
		sim_put_be16(p->data + p->l3 + 10, 0);
}

static void
test_checksums(void **state)
{
	static const struct {
		bool six;
		uint8_t proto;
		uint32_t type, l4len;
	} c[] = {{false, 6, L3_V4 | L4_TCP | L3CS | L4CS, 20}, {true, 6, L3_V6 | L4_TCP | L4CS, 20},
		{false, 17, L3_V4 | L4_UDP | L3CS | L4CS, 8}, {true, 17, L3_V6 | L4_UDP | L4CS, 8}};
	struct fake_pkt p;
	struct sim_bd *bd;

	(void)state;
	for (unsigned int i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		for (unsigned int tags = 0; tags < 3; tags++) {
			fake_build(&p, c[i].six, c[i].proto, tags, 101);
			seed(&p, true);
			bd = post(p.data, p.len);
			bd->w[1] = c[i].type | lens(p.l3, c[i].six ? 40 : 20, c[i].l4len);
			ring(1);
			assert_true(fake_checksums_right(fake.out[fake.nb_out - 1].data,
					fake.out[fake.nb_out - 1].len, p.l3));
			bd->w[1] = 0;
		}
	}
	assert_int_equal(fake_violations(), 0);
	assert_int_equal(fake.nb_out, 12);
}

static void
test_udp_sum_zero_is_ffff(void **state)
{
	struct fake_pkt p;
	uint32_t at;

	(void)state;
	fake_build(&p, false, 17, 0, 20);
	/* Choose two bytes so that the sum comes out as zero. */
	at = p.l4 + 8;
	sim_put_be16(p.data + at, 0);
	fake_checksum(&p);
	sim_put_be16(p.data + at, sim_be16(p.data + p.l4 + 6));
	seed(&p, true);
	post(p.data, p.len)->w[1] = L3_V4 | L4_UDP | L4CS | lens(14, 20, 8);
	ring(1);
	assert_int_equal(sim_be16(fake.out[0].data + p.l4 + 6), 0xffff);
}

static void
test_sctp(void **state)
{
	struct fake_pkt p, sent;

	(void)state;
	fake_build(&p, false, 132, 0, 52);
	sent = p;
	memset(sent.data + p.l4 + 8, 0x77, 4);
	post(sent.data, sent.len)->w[1] = L3_V4 | L4_SCTP | L4CS | lens(14, 20, 12);
	ring(1);
	assert_memory_equal(fake.out[0].data, p.data, p.len);
}

static void
test_vlan_insertion(void **state)
{
	struct fake_pkt p;
	struct sim_bd *bd;
	const uint8_t *out;

	(void)state;
	fake_build(&p, false, 17, 0, 101);
	bd = post(p.data, p.len);
	bd->w[2] = 0x2123;
	bd->w[3] = 4;
	ring(1);
	out = fake.out[0].data;
	assert_int_equal(fake.out[0].len, p.len + 4);
	assert_memory_equal(out, p.data, 12);
	assert_int_equal(sim_be32(out + 12), 0x81002123);
	assert_memory_equal(out + 16, p.data + 12, p.len - 12);

	bd = post(p.data, p.len);
	bd->w[0] |= 0x0456;
	bd->w[1] = VLAN;
	bd->w[2] = 0x2123;
	bd->w[3] = 4;
	ring(1);
	out = fake.out[1].data;
	assert_int_equal(fake.out[1].len, p.len + 8);
	assert_int_equal(sim_be32(out + 12), 0x81002123);
	assert_int_equal(sim_be32(out + 16), 0x81000456);
	assert_memory_equal(out + 20, p.data + 12, p.len - 12);

	/* Without the bits the tag words are old. */
	bd = post(p.data, p.len);
	bd->w[0] |= 0x0456;
	bd->w[2] = 0x2123;
	ring(1);
	assert_int_equal(fake.out[2].len, p.len);

	/* The port's own VLAN, in place of the packet's outer tag. */
	fake.d->t.vlan_tx_cfg = 0xE6;
	fake.d->t.vlan_tx_tag1 = 77;
	fake.d->t.tpid_tx[0] = 0x88a8;
	bd = post(p.data, p.len);
	bd->w[0] |= 0x0456;
	bd->w[1] = VLAN;
	ring(1);
	out = fake.out[3].data;
	assert_int_equal(sim_be32(out + 12), 0x88a8004d);
	assert_int_equal(sim_be32(out + 16), 0x81000456);
	assert_int_equal(fake_violations(), 0);
	/* With a PVID at most one tag of one's own. */
	fake_build(&p, false, 17, 1, 101);
	bd = post(p.data, p.len);
	bd->w[0] |= 0x0456;
	bd->w[1] = VLAN;
	ring(1);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_OFFLOAD].count, 1);
	assert_int_equal(fake.stats.drops[SIM_DROP_BAD_TX], 1);
	assert_int_equal(fake.nb_out, 4);
}

static void
test_stale_words(void **state)
{
	struct fake_pkt p;
	struct sim_bd *bd;

	(void)state;
	/* PAYLEN and the outer checksum bit of an earlier packet. */
	fake_build(&p, false, 6, 0, 101);
	seed(&p, true);
	bd = post(p.data, p.len);
	bd->w[1] = L3_V4 | L4_TCP | L3CS | L4CS | lens(14, 20, 20);
	bd->w[4] = 0xfffff | 1u << 22;
	ring(1);
	assert_true(fake_checksums_right(fake.out[0].data, fake.out[0].len, p.l3));
	assert_int_equal(fake_violations(), 0);
}

static void
check_tso(bool six, unsigned int tags, uint32_t mss, uint32_t payload, uint32_t pieces)
{
	struct fake_pkt p;
	struct sim_bd *bd = fake_tx_bd(0, written);
	uint32_t head, at = 0, first = fake.nb_out, n = 0;
	uint32_t id = 0x1234;

	fake_build(&p, six, 6, tags, payload);
	head = p.l4 + 20;
	sim_put_be32(p.data + p.l4 + 4, 0xfffffe00);
	p.data[p.l4 + 13] = 0x80 | 0x10 | 0x08 | 0x01; /* CWR, ACK, PSH, FIN */
	if (!six)
		sim_put_be16(p.data + p.l3 + 4, (uint16_t)id);
	seed(&p, false);
	post_pieces(&p, pieces);
	bd->w[1] = (six ? L3_V6 : L3_V4 | L3CS) | L4_TCP | L4CS | TSO |
		lens(p.l3, six ? 40 : 20, 20);
	bd->w[3] = 0;
	bd->w[4] = payload;
	bd->w[5] |= mss << 16;
	assert_int_equal(ring(pieces), 1);
	for (uint32_t i = 0; i < 64; i++)
		fake_tx_bd(0, i)->w[1] = fake_tx_bd(0, i)->w[3] = 0;
	for (; first + n < fake.nb_out; n++) {
		const struct fake_frame *f = &fake.out[first + n];
		uint32_t len = payload - at < mss ? payload - at : mss;
		bool last = at + len == payload;

		assert_int_equal(f->len, head + len < 60 ? 60 : head + len);
		assert_memory_equal(f->data + head, p.data + head + at, len);
		assert_true(fake_checksums_right(f->data, f->len, p.l3));
		assert_int_equal(sim_be32(f->data + p.l4 + 4), 0xfffffe00u + at);
		assert_int_equal(f->data[p.l4 + 13], 0x10 | (last ? 0x09 : 0) | (n ? 0 : 0x80));
		if (!six)
			assert_int_equal(sim_be16(f->data + p.l3 + 4), id + n);
		at += len;
	}
	assert_int_equal(at, payload);
}

static void
test_tso(void **state)
{
	(void)state;
	check_tso(false, 0, 1000, 4321, 1);
	check_tso(true, 1, 1000, 4000, 2);
	check_tso(false, 2, 256, 256 * 5 + 1, 3);
	check_tso(true, 0, 9000, 9001, 7);
	check_tso(false, 0, 536, 8000, 40);
	assert_int_equal(fake.d->txq[0].pkt_record, 5);
	assert_int_equal(fake_violations(), 0);
}

static void
test_tso_with_vlan(void **state)
{
	struct fake_pkt p;
	struct sim_bd *bd;

	(void)state;
	fake_build(&p, false, 6, 0, 3000);
	seed(&p, false);
	bd = post(p.data, p.len);
	bd->w[1] = L3_V4 | L3CS | L4_TCP | L4CS | TSO | lens(14, 20, 20);
	bd->w[2] = 99;
	bd->w[3] = 4;
	bd->w[4] = 3000;
	bd->w[5] |= 1400u << 16;
	ring(1);
	assert_int_equal(fake.nb_out, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(sim_be32(fake.out[i].data + 12), 0x81000063);
		assert_true(fake_checksums_right(fake.out[i].data, fake.out[i].len, 18));
	}
	assert_int_equal(fake.stats.tx_frames, 3);
}

/** VXLAN around a TCP packet; inner lengths in *in. */
static uint32_t
vxlan(struct fake_pkt *out, struct fake_pkt *in, uint32_t payload, bool with_length)
{
	fake_build(in, false, 6, 0, payload);
	seed(in, with_length);
	fake_build(out, false, 17, 0, 8 + in->len);
	sim_put_be16(out->data + out->l4 + 2, 4789);
	sim_put_be16(out->data + out->l4 + 6, 0);
	memset(out->data + out->l4 + 8, 0, 8);
	out->data[out->l4 + 8] = 8;
	memcpy(out->data + out->l4 + 16, in->data, in->len);
	sim_put_be16(out->data + out->l3 + 10, 0);
	return out->l4 + 16;
}

static void
test_tunnel(void **state)
{
	struct fake_pkt out, in;
	struct sim_bd *bd;
	uint32_t base;

	(void)state;
	base = vxlan(&out, &in, 200, true);
	bd = post(out.data, out.len);
	bd->w[1] = L3_V4 | L3CS | L4_TCP | L4CS | lens(14, 20, 20);
	bd->w[3] = 3 | 1 << 4 | lens(14, 20, 16);
	ring(1);
	assert_int_equal(fake.nb_out, 1);
	assert_true(fake_checksums_right(fake.out[0].data + base, fake.out[0].len - base, 14));
	assert_int_equal(fake_sum(fake.out[0].data + 14, 20, 0), 0xffff);

	vxlan(&out, &in, 2500, false);
	bd = post(out.data, out.len);
	bd->w[1] = L3_V4 | L3CS | L4_TCP | L4CS | TSO | lens(14, 20, 20);
	bd->w[3] = 3 | 1 << 4 | lens(14, 20, 16);
	bd->w[4] = 2500;
	bd->w[5] |= 1000u << 16;
	ring(1);
	assert_int_equal(fake.nb_out, 4);
	for (unsigned int i = 1; i < 4; i++) {
		const uint8_t *f = fake.out[i].data;
		uint32_t len = base + 54 + (i < 3 ? 1000 : 500);

		assert_int_equal(fake.out[i].len, len);
		assert_true(fake_checksums_right(f + base, len - base, 14));
		assert_int_equal(fake_sum(f + 14, 20, 0), 0xffff);
		assert_int_equal(sim_be16(f + 16), len - 14);
		assert_int_equal(sim_be16(f + 34 + 4), len - 34);
	}
	assert_int_equal(fake_violations(), 0);
}

static void
test_contradictions(void **state)
{
	static const struct {
		bool six;
		uint8_t proto;
		uint32_t type, ol, paylen, mss;
	} c[] = {
		{true, 6, L3_V4 | L4_TCP | L4CS, 0, 0, 0},
		{false, 6, L3_V6 | L4_TCP | L4CS, 0, 0, 0},
		{false, 17, L3_V4 | L4_TCP | L4CS, 0, 0, 0},
		{false, 6, L3_V4 | L4CS, 0, 0, 0},
		{false, 6, L4_TCP | L4CS, 0, 0, 0},
		{true, 6, L3_V6 | L3CS, 0, 0, 0},
		{false, 17, L3_V4 | L4_UDP | L4CS | TSO, 0, 1000, 500},
		{false, 6, L3_V4 | L4_TCP | L4CS | TSO, 0, 1000, 255},
		{false, 6, L3_V4 | L4_TCP | L4CS | TSO, 0, 1000, 9669},
		{false, 6, L3_V4 | L4_TCP | L4CS | TSO, 0, 999, 500},
		{false, 6, L3_V4 | L4_TCP | L4CS, 0, 0, 0x4000},
		{false, 6, L3_V4 | L4_TCP | L4CS, 2 | 1 << 4 | 0xff << 8, 0, 0},
	};
	struct fake_pkt p;

	(void)state;
	for (unsigned int i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct sim_bd *bd;

		fake_build(&p, c[i].six, c[i].proto, 0, 1000);
		seed(&p, true);
		bd = post(p.data, p.len);
		bd->w[1] = c[i].type | lens(14, c[i].six ? 40 : 20, c[i].proto == 6 ? 20 : 8);
		bd->w[3] = c[i].ol;
		bd->w[4] = c[i].paylen;
		bd->w[5] |= c[i].mss << 16;
		ring(1);
		assert_int_equal(fake.stats.viol[SIM_VIOL_TX_OFFLOAD].count, i + 1);
		assert_int_equal(fake.nb_out, 0);
	}
	/* UDP to a tunnel's port is taken for one. */
	fake_build(&p, false, 17, 0, 100);
	sim_put_be16(p.data + p.l4 + 2, 4789);
	post(p.data, p.len)->w[1] = L3_V4 | L4_UDP | L4CS | lens(14, 20, 8);
	ring(1);
	assert_int_equal(fake.nb_out, 0);
}

static void
test_tso_windows(void **state)
{
	struct fake_pkt p;
	struct sim_bd *bd = fake_tx_bd(0, written);

	(void)state;
	fake_build(&p, false, 6, 0, 3000);
	seed(&p, false);
	/* 60 pieces of 50 bytes: eight of them hold less than a segment. */
	post_pieces(&p, 60);
	bd->w[1] = L3_V4 | L3CS | L4_TCP | L4CS | TSO | lens(14, 20, 20);
	bd->w[4] = 3000;
	bd->w[5] |= 1000u << 16;
	ring(60);
	assert_int_equal(fake.stats.viol[SIM_VIOL_TX_TOO_MANY_BD].count, 1);
	assert_int_equal(fake.nb_out, 0);
}

/** Any descriptor: the model must live through it. */
static void
test_any_descriptor(void **state)
{
	(void)state;
	srand(11);
	for (uint32_t i = 0; i < FAKE_ARENA - FAKE_TX_BUF; i++)
		fake.arena[FAKE_TX_BUF + i] = (uint8_t)rand();
	for (int round = 0; round < 20000; round++) {
		struct sim_bd *bd = fake_tx_bd(0, written);

		fake.d->t.vlan_tx_cfg = (uint8_t)rand();
		bd->addr = buffer((uint32_t)rand() % 64);
		for (int i = 0; i < 5; i++)
			bd->w[i] = (uint32_t)rand() << 16 ^ (uint32_t)rand();
		bd->w[0] = (uint32_t)(rand() % 12000) << 16;
		if (rand() & 1) {
			bd->w[1] = (bd->w[1] & 0xff) | lens(14, 20, 20);
			*fake_mem(bd->addr + 14) = 0x45;
			*fake_mem(bd->addr + 23) = 6;
			bd->w[4] = (bd->w[0] >> 16) - 54;
		}
		bd->w[5] = (rand() & 7 ? (uint32_t)WHOLE : TXBD_VLD) | (uint32_t)rand() << 16;
		written = (written + 1) % 64;
		ring(1);
		fake.nb_out = 0;
	}
	assert_true(fake_violations() > 1000);
}

#define T(f, mode) {#f " (" #mode ")", f, setup, fake_teardown, &mode}

static int
run(bool span)
{
	const struct CMUnitTest tests[] = {
		T(test_one_bd, exact), T(test_one_bd, threaded), T(test_one_bd, lockstep),
		T(test_lengths, exact), T(test_pieces, exact), T(test_pieces, threaded),
		T(test_empty_piece_and_no_address, exact), T(test_dma_refused, exact),
		T(test_dma_refused, threaded), T(test_wire_full_and_mac_off, exact),
		T(test_exact_credit, exact), T(test_lockstep_doorbells, lockstep),
		T(test_threaded_waits_for_the_end, threaded),
		T(test_threaded_two_are_not_one, threaded),
		T(test_threaded_length_comes_last, threaded), T(test_queues_in_turn, exact),
		T(test_checksums, exact), T(test_udp_sum_zero_is_ffff, exact), T(test_sctp, exact),
		T(test_vlan_insertion, exact), T(test_stale_words, exact), T(test_tso, exact),
		T(test_tso, lockstep), T(test_tso_with_vlan, threaded), T(test_tunnel, exact),
		T(test_contradictions, exact), T(test_tso_windows, exact),
		T(test_any_descriptor, exact), T(test_any_descriptor, threaded),
	};

	fake.with_span = span;
	return cmocka_run_group_tests_name(span ? "tx, spans" : "tx", tests, NULL, NULL);
}

int
main(void)
{
	return run(false) + run(true);
}
