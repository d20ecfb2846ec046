/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware of the model: what each command answers, and what it refuses. */

#include <stdlib.h>

#include "rig.h"

static uint16_t
le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static void
table_is_sorted(void **state)
{
	unsigned int n;
	const struct fw_op *op = fw_table(&n);

	(void)state;
	for (unsigned int i = 0; i < n; i++) {
		assert_true(i == 0 || op[i].opcode > op[i - 1].opcode);
		assert_ptr_equal(fw_find(op[i].opcode), &op[i]);
		assert_true((op[i].flags & (FW_GET | FW_SET)) != 0);
		assert_true((op[i].flags & FW_RAW) == 0 || op[i].bds == 0);
	}
	assert_null(fw_find(0));
	assert_null(fw_find(0xFFFF));
}

static void
identity(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0};

	assert_int_equal(rig_cmd(r, 0x0001, true, d), 0);
	assert_int_equal(le32(d + 12), 0); /* no capability words */
	assert_int_equal(rig_cmd(r, 0x0022, true, d), 0);
	assert_int_equal(d[16], 3);
	assert_int_equal(rig_cmd(r, 0x0022, true, d), 0);
	assert_int_equal(rig_cmd(r, 0x0023, true, d), 0);
	assert_int_equal(le16(d), RIG_TQPS);
	assert_int_equal(le16(d + 2), 0x2100);
	assert_int_equal(le16(d + 6), RIG_TQPS + 2);
	assert_int_equal(le16(d + 10), 1);
	memset(d, 0, sizeof(d));
	d[3] = 4;
	assert_int_equal(rig_cmd(r, 0x0025, true, d), 0);
	assert_int_equal(le32(d + 8), 0x04000100);
	assert_int_equal(le32(d + 12), 0x08000100);
	assert_int_equal(le32(d + 16), 0x012D1800);
	assert_int_equal(le32(d + 20), 0x10020302);
	d[0] = 3;
	assert_int_equal(rig_cmd(r, 0x0025, true, d), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 1);
}

static void
mac_settings(void **state)
{
	struct rig *r = *state;
	uint8_t mode[FW_DATA] = {0xC0, 0x18, 0x7E}, frame[FW_DATA] = {0xF6, 0x05, 64};
	uint8_t speed[FW_DATA] = {0x82, 1}, sfp[FW_DATA] = {0, 0, 0, 0, 1}, fec[FW_DATA] = {4};

	assert_int_equal(rig_cmd(r, 0x0301, false, mode), 0);
	memset(mode, 0, sizeof(mode));
	assert_int_equal(rig_cmd(r, 0x0301, true, mode), 0);
	assert_int_equal(le32(mode), 0x007E18C0);
	assert_int_equal(rig_cmd(r, 0x0308, false, frame), 0);
	assert_int_equal(r->dev->t.max_frame, 1526);
	assert_int_equal(rig_cmd(r, 0x0309, false, speed), 0);
	assert_int_equal(rig_cmd(r, 0x7104, true, sfp), 0);
	assert_int_equal(le32(sfp), 25000);
	assert_int_equal(le32(sfp + 8), 0x06);
	speed[0] = 0x81;
	assert_int_equal(rig_cmd(r, 0x0309, false, speed), 0);
	assert_int_equal(rig_cmd(r, 0x7104, true, sfp), 0);
	assert_int_equal(le32(sfp), 10000);
	assert_int_equal(rig_cmd(r, 0x031A, false, fec), 0);
	assert_int_equal(rig_cmd(r, 0x7104, true, sfp), 0);
	assert_int_equal(sfp[5], 2);
	assert_int_equal(rig_violations(r), 0);

	speed[0] = 0x85; /* 100G: legal, not here */
	assert_int_equal(rig_cmd(r, 0x0309, false, speed), FW_NOT_SUPPORTED);
	assert_int_equal(rig_violations(r), 0);
	speed[0] = 0x02;
	assert_int_equal(rig_cmd(r, 0x0309, false, speed), FW_PARAM);
	frame[1] = 0x27;
	assert_int_equal(rig_cmd(r, 0x0308, false, frame), FW_PARAM);
	mode[0] = 1;
	assert_int_equal(rig_cmd(r, 0x0301, false, mode), FW_PARAM);
	fec[0] = 0x0A;
	assert_int_equal(rig_cmd(r, 0x031A, false, fec), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 4);
}

static void
sfp_eeprom(void **state)
{
	struct rig *r = *state;
	struct fw_bd bd[6];

	rig_build(bd, 6, 0x7100, true);
	bd[0].data[2] = 140;
	assert_int_equal(rig_send(r, bd, 6), 0);
	assert_int_equal(bd[0].data[4], 0x03);
	assert_memory_equal(&bd[1].data[0], "HNS3", 4); /* byte 20 */
	bd[0].data[2] = 141;
	assert_int_equal(rig_send(r, bd, 6), FW_PARAM);
}

static int
mac_op(struct rig *r, uint16_t opcode, bool get, const uint8_t *mac, uint8_t *resp)
{
	bool mc = (mac[0] & 1) != 0;
	unsigned int n = mc && opcode == 0x1000 ? 3 : 1;
	struct fw_bd bd[3];
	int ret;

	rig_build(bd, n, opcode, get);
	bd[0].data[0] = 1;
	memcpy(&bd[0].data[4], mac, 6);
	bd[0].data[12] = mc ? 2 : 0;
	bd[0].data[13] = mc;
	if (mc && !get && n == 3)
		bd[1].data[0] = 1;
	ret = rig_send(r, bd, n);
	*resp = bd[0].data[1];
	return ret;
}

static void
mac_table_of(struct rig *r, uint8_t *mac, unsigned int size, uint8_t full)
{
	uint8_t resp;

	assert_int_equal(mac_op(r, 0x1000, true, mac, &resp), 0);
	assert_int_equal(resp, 1);
	assert_int_equal(mac_op(r, 0x1001, false, mac, &resp), 0);
	assert_int_equal(resp, 1);
	for (unsigned int i = 0; i < size; i++) {
		mac[4] = (uint8_t)(i >> 8);
		mac[5] = (uint8_t)i;
		assert_int_equal(mac_op(r, 0x1000, false, mac, &resp), 0);
		assert_int_equal(resp, 0);
	}
	assert_int_equal(mac_op(r, 0x1000, true, mac, &resp), 0);
	assert_int_equal(resp, 0);
	assert_int_equal(mac_op(r, 0x1000, false, mac, &resp), 0);
	assert_int_equal(resp, 1);
	mac[3] = 99;
	assert_int_equal(mac_op(r, 0x1000, false, mac, &resp), 0);
	assert_int_equal(resp, full);
	mac[3] = 3;
	assert_int_equal(mac_op(r, 0x1001, false, mac, &resp), 0);
	assert_int_equal(resp, 0);
	mac[3] = 99;
	assert_int_equal(mac_op(r, 0x1000, false, mac, &resp), 0);
	assert_int_equal(resp, 0);
	assert_int_equal(rig_violations(r), 0);
}

static void
mac_table(void **state)
{
	struct rig *r = *state;
	uint8_t uc[6] = {2, 1, 2, 3, 0, 0}, mc[6] = {1, 0, 0x5e, 3, 0, 0}, zero[6] = {0}, resp;
	uint8_t d[FW_DATA] = {0};

	mac_table_of(r, uc, SIM_UC_ENTRIES, 2);
	mac_table_of(r, mc, SIM_MC_ENTRIES, 3);
	assert_int_equal(r->dev->t.nb_uc, SIM_UC_ENTRIES);
	assert_int_equal(r->dev->t.nb_mc, SIM_MC_ENTRIES);
	assert_int_equal(mac_op(r, 0x1000, false, zero, &resp), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 1);
	assert_int_equal(rig_cmd(r, 0x700B, false, d), 0);
	assert_int_equal(r->dev->t.nb_uc + r->dev->t.nb_mc, 0);
}

static void
umv_space(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0, 0, 0, 0, 0x00, 0x10};

	assert_int_equal(rig_cmd(r, 0x1004, false, d), 0);
	assert_int_equal(le32(d + 4), SIM_UC_ENTRIES);
	d[0] = 1;
	assert_int_equal(rig_cmd(r, 0x1004, false, d), 0);
	assert_int_equal(rig_violations(r), 0);
	assert_int_equal(rig_cmd(r, 0x1004, false, d), FW_PARAM);
}

static void
manager_table(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {1, 0, 0, 0, 0x01, 0x80, 0xC2, 0, 0, 0x0E, 0, 0, 0xCC, 0x88};

	assert_int_equal(rig_cmd(r, 0x1010, false, d), 0);
	assert_int_equal(d[1], 0);
	assert_int_equal(rig_cmd(r, 0x1010, false, d), 0);
	assert_int_equal(d[1], 1);
	for (unsigned int i = 1; i < FW_MNG_ENTRIES; i++) {
		d[9] = (uint8_t)(0x40 + i);
		assert_int_equal(rig_cmd(r, 0x1010, false, d), 0);
		assert_int_equal(d[1], 0);
	}
	d[9] = 0x3F;
	assert_int_equal(rig_cmd(r, 0x1010, false, d), 0);
	assert_int_equal(d[1], 2);
}

static void
vlan(void **state)
{
	struct rig *r = *state;
	uint8_t filter[FW_DATA] = {1, 5}, add[FW_DATA] = {25}, tx[FW_DATA] = {0xE3};

	assert_int_equal(rig_cmd(r, 0x1100, false, filter), 0);
	assert_int_equal(r->dev->t.vlan_port_ingress_filter, 1);
	filter[1] = 0;
	assert_int_equal(rig_cmd(r, 0x1100, true, filter), 0);
	assert_int_equal(filter[1], 5);
	add[4 + 95 / 8] = 1 << 95 % 8; /* 25 * 160 + 95 = 4095 */
	assert_int_equal(rig_cmd(r, 0x1101, false, add), 0);
	assert_true((r->dev->t.vlan_bitmap[63] >> 63) == 1);
	add[1] = 1;
	assert_int_equal(rig_cmd(r, 0x1101, false, add), 0);
	assert_true(r->dev->t.vlan_bitmap[63] == 0);
	tx[8] = 1;
	tx[4] = 100;
	assert_int_equal(rig_cmd(r, 0x0F01, false, tx), 0);
	assert_int_equal(r->dev->t.vlan_tx_tag1, 100);
	tx[0] = 2;
	assert_int_equal(rig_cmd(r, 0x0F02, false, tx), 0);
	assert_int_equal(r->dev->t.vlan_rx_cfg, 2);
	assert_int_equal(rig_violations(r), 0);

	memset(add, 0, sizeof(add));
	add[0] = 25;
	add[4 + 96 / 8] = 1; /* 4096 */
	assert_int_equal(rig_cmd(r, 0x1101, false, add), FW_PARAM);
	tx[8] = 2;
	assert_int_equal(rig_cmd(r, 0x0F02, false, tx), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 2);
}

static void
promisc(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0x3E};

	assert_int_equal(rig_cmd(r, 0x0E01, false, d), 0);
	assert_int_equal(r->dev->t.promisc, 0x3E);
	d[1] = 1;
	assert_int_equal(rig_cmd(r, 0x0E01, false, d), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 1);
}

static void
rss(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0x20}, q[FW_DATA] = {0x20}, tab[FW_DATA] = {0xF0, 1, 0xFF, 0xFF};
	uint8_t tuple[FW_DATA] = {0x0F, 0x0F, 0, 0, 0, 0, 0x0F}, tc[FW_DATA] = {0};

	memset(d + 8, 0x5A, 8);
	assert_int_equal(rig_cmd(r, 0x0D01, false, d), 0);
	assert_int_equal(rig_cmd(r, 0x0D01, true, q), 0);
	assert_memory_equal(q, d, sizeof(d));
	for (unsigned int j = 0; j < 16; j++)
		tab[8 + j] = (uint8_t)j;
	assert_int_equal(rig_cmd(r, 0x0D07, false, tab), 0);
	assert_int_equal(r->dev->t.rss_table[496 + 15], 15);
	memset(q, 0, sizeof(q));
	q[0] = 0xF0;
	q[1] = 1;
	assert_int_equal(rig_cmd(r, 0x0D07, true, q), 0);
	assert_memory_equal(q + 4, tab + 4, 20);
	assert_int_equal(rig_cmd(r, 0x0D02, false, tuple), 0);
	assert_int_equal(rig_cmd(r, 0x0D02, true, tuple), 0);
	assert_int_equal(tuple[6], 0x0C); /* no ports of IPv6-SCTP */
	tc[1] = 0x80 | 4 << 4;
	assert_int_equal(rig_cmd(r, 0x0D08, false, tc), 0);
	assert_int_equal(rig_violations(r), 0);

	tab[8] = RIG_TQPS;
	assert_int_equal(rig_cmd(r, 0x0D07, false, tab), FW_PARAM);
	tab[0] = 1;
	assert_int_equal(rig_cmd(r, 0x0D07, false, tab), FW_PARAM);
	d[0] = 0x30;
	assert_int_equal(rig_cmd(r, 0x0D01, false, d), FW_PARAM);
	tc[1] = 0x80 | 5 << 4;
	assert_int_equal(rig_cmd(r, 0x0D08, false, tc), FW_PARAM);
	tuple[0] = 0xFF;
	assert_int_equal(rig_cmd(r, 0x0D02, false, tuple), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 5);
}

static void
queues(void **state)
{
	struct rig *r = *state;
	uint8_t map[FW_DATA] = {15, 0, 0, 2, 15}, en[FW_DATA] = {15}, rst[FW_DATA] = {15, 0, 1};
	uint8_t rcb[FW_DATA] = {0, 0, 2, 0, 0, 0, RIG_TQPS};

	assert_int_equal(rig_cmd(r, 0x0A01, false, map), 0);
	assert_int_equal(r->dev->tqp_mapped, 1 << 15);
	assert_int_equal(rig_cmd(r, 0x0B20, false, en), 0);
	assert_int_equal(rig_cmd(r, 0x0B22, false, rst), 0);
	rst[2] = 0;
	assert_int_equal(rig_cmd(r, 0x0B22, true, rst), 0);
	assert_int_equal(rst[3], 1);
	assert_int_equal(rig_cmd(r, 0x0B22, false, rst), 0);
	rst[3] = 0;
	assert_int_equal(rig_cmd(r, 0x0B22, true, rst), 0);
	assert_int_equal(rst[3], 0);
	assert_int_equal(rig_cmd(r, 0x0020, false, rcb), 0);
	assert_int_equal(rcb[8], 1);
	assert_int_equal(rig_violations(r), 0);

	rcb[4] = 1;
	assert_int_equal(rig_cmd(r, 0x0020, false, rcb), FW_PARAM);
	map[0] = RIG_TQPS;
	map[4] = RIG_TQPS;
	assert_int_equal(rig_cmd(r, 0x0A01, false, map), FW_PARAM);
	en[0] = RIG_TQPS;
	assert_int_equal(rig_cmd(r, 0x0B20, false, en), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 3);
}

static void
vectors(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {RIG_TQPS, 1, 15 << 2 | 1};

	assert_int_equal(rig_cmd(r, 0x1504, false, d), 0); /* bound to none: fine */
	assert_int_equal(rig_cmd(r, 0x1503, false, d), 0);
	assert_true(r->dev->t.rx_vector[15].bound);
	assert_int_equal(r->dev->t.rx_vector[15].vector, RIG_TQPS);
	assert_int_equal(rig_violations(r), 0);
	d[0] = RIG_TQPS + 1; /* the parking vector */
	assert_int_equal(rig_cmd(r, 0x1503, false, d), FW_PARAM);
	d[0] = 0;
	assert_int_equal(rig_cmd(r, 0x1503, false, d), FW_PARAM);
	d[0] = 1;
	d[1] = 11;
	assert_int_equal(rig_cmd(r, 0x1503, false, d), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 3);
}

static void
put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, 2);
}

static void
packet_buffers(void **state)
{
	struct rig *r = *state;
	uint8_t tx[FW_DATA] = {0}, rx[FW_DATA] = {0}, wl[FW_DATA] = {0};

	for (unsigned int tc = 0; tc < 8; tc++) {
		put16(tx + 2 * tc, tc == 0 ? 0x8080 : 0x8000);
		put16(rx + 2 * tc, 0x8000);
	}
	put16(rx + 16, 0xA080);
	put16(wl, 0x8034);
	put16(wl + 2, 0x800C);
	assert_int_equal(rig_cmd(r, 0x0901, false, tx), 0);
	assert_int_equal(rig_cmd(r, 0x0902, false, rx), 0);
	assert_int_equal(rig_cmd(r, 0x0905, false, wl), 0);
	assert_int_equal(rig_violations(r), 0);
	put16(rx + 16, 0xA081);
	assert_int_equal(rig_cmd(r, 0x0902, false, rx), FW_PARAM);
	put16(wl + 2, 0x8035);
	assert_int_equal(rig_cmd(r, 0x0905, false, wl), FW_PARAM);
	put16(tx, 0x0080);
	assert_int_equal(rig_cmd(r, 0x0901, false, tx), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 3);
}

static void
shapers(void **state)
{
	struct rig *r = *state;
	uint32_t port[6] = {0x02850096, 1, 25000}, pg[6] = {0, 0x02850496, 1, 100000};
	uint32_t pri[6] = {0, 0x02850796, 1, 100000}, mode[6] = {0, 1};
	uint8_t pause[FW_DATA] = {0};

	assert_int_equal(rig_cmd(r, 0x0810, false, (uint8_t *)port), 0);
	assert_int_equal(rig_cmd(r, 0x080F, false, (uint8_t *)pg), 0);
	assert_int_equal(rig_cmd(r, 0x080D, false, (uint8_t *)pri), 0);
	assert_int_equal(rig_cmd(r, 0x0812, false, (uint8_t *)mode), 0);
	assert_int_equal(rig_violations(r), 0);
	port[2] = 10000; /* contradicts the parameter */
	assert_int_equal(rig_cmd(r, 0x0810, false, (uint8_t *)port), FW_PARAM);
	mode[0] = 4;
	assert_int_equal(rig_cmd(r, 0x0812, false, (uint8_t *)mode), FW_PARAM);
	pri[0] = 8;
	assert_int_equal(rig_cmd(r, 0x080D, false, (uint8_t *)pri), FW_PARAM);
	pause[6] = 0x18;
	pause[8] = 0x30;
	assert_int_equal(rig_cmd(r, 0x0703, false, pause), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 4);
}

static void
errors_none(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0};
	struct fw_bd bd[10];

	assert_int_equal(rig_cmd(r, 0x1513, true, d), 0);
	assert_int_equal(le32(d), 10);
	assert_int_equal(le32(d + 4), 4);
	rig_build(bd, 10, 0x1514, true);
	rig_send(r, bd, 10);
	assert_int_equal(bd[0].retval, 0);
	for (unsigned int i = 1; i < 10; i++) {
		static const struct fw_bd zero;

		assert_memory_equal(&bd[i], &zero, sizeof(zero));
	}
	bd[0].flag = CFG_FLAG;
	rig_send(r, bd, 10);
	assert_int_equal(bd[0].retval, 0);
	assert_int_equal(rig_violations(r), 0);
}

static void
flow_director(void **state)
{
	struct rig *r = *state;
	struct fw_bd bd[3];

	rig_build(bd, 3, 0x1203, false);
	bd[0].data[1] = 1;
	bd[0].data[4] = FW_FD_ENTRIES - 1;
	assert_int_equal(rig_send(r, bd, 3), 0);
	assert_int_equal(rig_violations(r), 0);
	bd[0].data[8] = 1;
	assert_int_equal(rig_send(r, bd, 3), FW_NOT_SUPPORTED);
	assert_int_equal(rig_violations(r), 0);
	bd[0].data[4] = FW_FD_ENTRIES;
	assert_int_equal(rig_send(r, bd, 3), FW_PARAM);
}

static void
drop_counter_clears(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0};

	r->dev->rpu_drop = 5;
	assert_int_equal(rig_cmd(r, 0x0048, true, d), 0);
	assert_int_equal(le32(d + 12), 5);
	assert_int_equal(rig_cmd(r, 0x0048, true, d), 0);
	assert_int_equal(le32(d + 12), 0);
}

static void
dumps(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0};
	struct fw_bd bd[22];

	assert_int_equal(rig_cmd(r, 0x0040, true, d), 0);
	assert_int_equal(le32(d), 14);
	assert_int_equal(le32(d + 4), 7);
	rig_build(bd, 2, 0x0041, true);
	rig_send(r, bd, 2);
	assert_int_equal(bd[0].retval, 0);
	rig_build(bd, 22, 0x004C, true);
	assert_int_equal(rig_send(r, bd, 22), 0);
	assert_int_equal(rig_violations(r), 0);
	rig_build(bd, 21, 0x004C, true);
	assert_int_equal(rig_send(r, bd, 21), FW_PARAM);
}

/* A driver gone mad: any opcode, number of BDs, flags, data and register. The model says what
 * was wrong, answers, and stays within its bounds (for the sanitizers to see).
 */
static void
garbage(void **state)
{
	struct rig *r = *state;
	unsigned int n;
	const struct fw_op *op = fw_table(&n);
	struct fw_bd bd[24];

	srandom(1);
	for (unsigned int i = 0; i < 50000; i++) {
		unsigned int nb = 1 + (unsigned int)random() % 24;
		uint16_t opcode = op[(unsigned int)random() % n].opcode;

		nb = random() % 4 != 0 && fw_find(opcode)->bds != 0 ? fw_find(opcode)->bds : nb;
		rig_build(bd, nb, opcode, random() % 2 != 0);
		for (unsigned int k = 0; k < nb * sizeof(*bd); k++) {
			if (k % sizeof(*bd) >= 8 && random() % 3 == 0)
				((uint8_t *)bd)[k] = (uint8_t)random();
		}
		if (random() % 16 == 0)
			bd[0].flag = (uint16_t)random();
		rig_send(r, bd, nb);
		if (random() % 8 == 0)
			rig_write(r, ((uint32_t)random() % 0x8000) * 4, (uint32_t)random());
		if (random() % 8 == 0)
			rig_write(r, SIM_TQP_BASE + ((uint32_t)random() % 0x800) * 4,
					(uint32_t)random() % 4);
		sim_dev_poll(r->dev, 4);
		if (rig_read(r, REG_CSQ_HEAD) == r->csq_next)
			continue;
		/* A reset was asked for, or the queue was moved away. */
		sim_dev_flr(r->dev);
		rig_start_queues(r);
	}
	assert_true(rig_violations(r) > 1000);
	sim_dev_flr(r->dev);
	rig_start_queues(r);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sorted), T(identity), T(mac_settings), T(sfp_eeprom),
		T(mac_table), T(umv_space), T(manager_table), T(vlan), T(promisc), T(rss), T(queues),
		T(vectors), T(packet_buffers), T(shapers), T(errors_none), T(flow_director),
		T(drop_counter_clears), T(dumps), T(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
