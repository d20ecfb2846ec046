/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Register file of the model: ranges, values, side effects, resets, interrupts. */

#include <time.h>

#include "rig.h"

static uint32_t
win(unsigned int q, uint32_t rel)
{
	return SIM_TQP_BASE + TQP_WINDOW * q + rel;
}

/* A ring pair with its memory, as dev_start leaves it, but for RING_EN. */
static void
program_rings(struct rig *r, unsigned int q)
{
	uint8_t map[FW_DATA] = {(uint8_t)q, 0, 0, 2, (uint8_t)q};

	assert_int_equal(rig_cmd(r, 0x0A01, false, map), 0);
	rig_write(r, win(q, TQP_RX_BASE_L), (uint32_t)RIG_FREE);
	rig_write(r, win(q, TQP_RX_BASE_H), 0);
	rig_write(r, win(q, TQP_RX_BD_LEN), 2);
	rig_write(r, win(q, TQP_RX_BD_NUM), 7);
	rig_write(r, win(q, TQP_TX_BASE_L), (uint32_t)RIG_FREE + 0x2000);
	rig_write(r, win(q, TQP_TX_BASE_H), 0);
	rig_write(r, win(q, TQP_TX_BD_NUM), 7);
}

static void
outside_the_map(void **state)
{
	struct rig *r = *state;
	const uint32_t holes[] = {0x0, 0x20404, 0x2700C, 0x2710C + 4, 0x30000, 0x7008,
			SIM_TQP_BASE + 0x10, SIM_TQP_BASE + 0x100, SIM_TQP_BASE + TQP_WINDOW * RIG_TQPS};
	unsigned int n = 0;

	for (unsigned int i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
		rig_read(r, holes[i]);
		rig_write(r, holes[i], 1);
		n += 2;
		expect_violations(r, SIM_VIOL_REG_RANGE, n);
	}
	sim_dev_reg_bad(r->dev, 0x27000, 8, true);
	rig_read(r, SIM_BAR2_SIZE);
	rig_read(r, 0x27002);
	expect_violations(r, SIM_VIOL_REG_RANGE, n + 3);
}

static void
bad_values(void **state)
{
	struct rig *r = *state;
	const uint32_t bad[][2] = {
		{REG_OTHER_INT_STS, 1}, {REG_FUN_RST_ING, 1}, {REG_MISC_VECTOR_CTRL, 2},
		{REG_OTHER_INT, 1}, {REG_MISC_RESET_STS, 0x100}, {REG_CSQ_DEPTH, 129},
		{REG_CSQ_HEAD, 5}, {REG_CRQ_TAIL, 1}, {REG_CRQ_HEAD, 1024}, {REG_RXD_ADV_LAYOUT, 1},
		{0x20000, 2}, {0x20100, 0x8000000A}, {0x20900, 0x80}, {0x20E00, 1},
		{SIM_TQP_BASE + TQP_RX_BD_LEN, 4}, {SIM_TQP_BASE + TQP_RX_BD_NUM, 4096},
		{SIM_TQP_BASE + TQP_RX_TAIL, 1}, {SIM_TQP_BASE + TQP_RING_EN, 2},
	};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rig_write(r, bad[i][0], bad[i][1]);
		expect_violations(r, SIM_VIOL_REG_VALUE, i + 1);
	}
}

static void
dumps_read_without_effect(void **state)
{
	struct rig *r = *state;
	const uint32_t low[] = {0x27008, 0x27010, 0x27014, 0x27020, 0x27024, 0x27028, 0x27100,
			0x27104, 0x27108, 0x2710C, 0x20400, 0x20600, 0x20700, 0x20800, 0x20A00, 0x20C00,
			0x28000, 0x20B00, 0x28004};
	const uint8_t tqp[] = {0x08, 0x0C, 0x98, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x30, 0x34, 0x48,
			0xD4, 0x4C, 0x50, 0x54, 0x58, 0x5C, 0x60, 0x64, 0x68, 0x70, 0x74, 0x90};
	const uint16_t vec[] = {0, 0x100, 0x200, 0x300, 0x900};

	for (unsigned int i = 0; i < sizeof(low) / sizeof(low[0]); i++)
		assert_int_equal(rig_read(r, low[i]), rig_read(r, low[i]));
	for (unsigned int q = 0; q < RIG_TQPS; q++) {
		for (unsigned int i = 0; i < sizeof(tqp); i++)
			rig_read(r, win(q, tqp[i]));
		for (unsigned int i = 0; i < sizeof(vec) / sizeof(vec[0]); i++)
			rig_read(r, 0x20000 + 4 * q + vec[i]);
	}
	assert_int_equal(rig_read(r, win(3, TQP_RX_EN)), 1);
	assert_int_equal(rig_read(r, win(3, TQP_TX_EN)), 1);
	assert_int_equal(rig_violations(r), 0);
}

static void
side_effects(void **state)
{
	struct rig *r = *state;

	sim_reg_set(r->dev, REG_OTHER_INT_STS, INT_STS_IMP | INT_STS_GLOBAL | INT_STS_PTP);
	rig_write(r, REG_MISC_RESET_STS, INT_STS_IMP);
	assert_int_equal(rig_read(r, REG_OTHER_INT_STS), INT_STS_GLOBAL | INT_STS_PTP);
	rig_write(r, REG_MISC_RESET_STS, 0xE0);
	rig_write(r, REG_MISC_RESET_STS, 1);
	assert_int_equal(rig_read(r, REG_OTHER_INT_STS), 0);

	sim_reg_set(r->dev, REG_CMDQ_SRC, 6);
	rig_write(r, REG_CMDQ_SRC, UINT32_MAX);
	assert_int_equal(rig_read(r, REG_CMDQ_SRC), 6);
	rig_write(r, REG_CMDQ_SRC, ~4u);
	assert_int_equal(rig_read(r, REG_CMDQ_SRC), 2);
	rig_write(r, REG_CMDQ_SRC, 0);
	assert_int_equal(rig_read(r, REG_CMDQ_SRC), 0);

	rig_write(r, REG_OTHER_INT, OTHER_INT_ALL_MSIX_ERR);
	assert_int_equal(rig_read(r, REG_OTHER_INT), OTHER_INT_ALL_MSIX_ERR);
	assert_int_equal(rig_violations(r), 0);
}

static void
ring_enable(void **state)
{
	struct rig *r = *state;

	program_rings(r, 2);
	rig_write(r, win(2, TQP_RING_EN), 1);
	assert_true(r->dev->rxq[2].enabled && r->dev->txq[2].enabled);
	assert_int_equal(rig_violations(r), 0);
	rig_write(r, win(2, TQP_RX_BD_NUM), 15);
	expect_violations(r, SIM_VIOL_ORDER, 1);
	rig_write(r, win(2, TQP_RX_EN), 0);
	assert_false(r->dev->rxq[2].enabled);
	assert_true(r->dev->txq[2].enabled);
	rig_write(r, win(2, TQP_RING_EN), 0);
	assert_false(r->dev->txq[2].enabled);
}

static void
ring_not_mapped(void **state)
{
	struct rig *r = *state;

	program_rings(r, 2);
	r->dev->tqp_mapped = 0;
	rig_write(r, win(2, TQP_RING_EN), 1);
	expect_violations(r, SIM_VIOL_ORDER, 1);
}

/* In the fast modes the driver's write is only memory until the model looks. */
static void
ring_enable_in_memory(void **state)
{
	struct rig *r = rig_create(SIM_MODE_THREADED, NULL, 0);
	uint8_t rcb[FW_DATA] = {0, 0, 2, 0, 0, 0, RIG_TQPS};

	(void)state;
	program_rings(r, 1);
	r->bar2[win(1, TQP_RING_EN) / 4] = 1;
	assert_false(r->dev->rxq[1].enabled);
	sim_dev_poll(r->dev, 32);
	assert_true(r->dev->rxq[1].enabled && r->dev->txq[1].enabled);
	/* Any command acts on what it finds, so that nothing runs behind a stopped ring. */
	r->bar2[win(1, TQP_RING_EN) / 4] = 0;
	assert_int_equal(rig_cmd(r, 0x0307, true, NULL), 0);
	assert_false(r->dev->rxq[1].enabled);
	r->bar2[win(1, TQP_RING_EN) / 4] = 1;
	assert_int_equal(rig_cmd(r, 0x0020, false, rcb), 0);
	assert_int_equal(rcb[8], 1);
	assert_int_equal(r->bar2[win(1, TQP_RING_EN) / 4], 0);
	assert_int_equal(r->bar2[win(1, TQP_RX_EN) / 4], 1);
	sim_dev_poll(r->dev, 32);
	assert_false(r->dev->rxq[1].enabled);
	assert_int_equal(rig_violations(r), 0);
	rig_destroy(r);
}

static void
packet_record_clears(void **state)
{
	struct rig *r = *state;

	program_rings(r, 0);
	rig_write(r, win(0, TQP_RING_EN), 1);
	r->dev->rxq[0].pkt_record = 7;
	r->dev->txq[0].pkt_record = 9;
	assert_int_equal(rig_read(r, win(0, TQP_RX_PKTNUM)), 7);
	assert_int_equal(rig_read(r, win(0, TQP_RX_PKTNUM)), 0);
	assert_int_equal(rig_read(r, win(0, TQP_TX_PKTNUM)), 9);
	assert_int_equal(rig_read(r, win(0, TQP_TX_PKTNUM)), 0);
}

static void
queue_interrupt(void **state)
{
	struct rig *r = *state;
	uint8_t bind[FW_DATA] = {3, 1, 2 << 2 | 1};

	assert_int_equal(rig_cmd(r, 0x1503, false, bind), 0);
	rig_write(r, 0x20000 + 4 * 2, 1);
	assert_int_equal(r->irqs[3], 0);
	sim_queue_irq(r->dev, 2, true);
	assert_int_equal(r->irqs[3], 1);
	sim_queue_irq(r->dev, 1, true); /* bound to none */
	rig_write(r, 0x20000 + 4 * 2, 0);
	sim_queue_irq(r->dev, 2, true);
	sim_queue_irq(r->dev, 2, true);
	assert_int_equal(r->irqs[3], 1);
	/* What came meanwhile is signalled on unmasking, once. */
	rig_write(r, 0x20000 + 4 * 2, 1);
	rig_write(r, 0x20000 + 4 * 2, 1);
	assert_int_equal(r->irqs[3], 2);
	assert_int_equal(rig_cmd(r, 0x1504, false, bind), 0);
	sim_queue_irq(r->dev, 2, true);
	assert_int_equal(r->irqs[3], 2);
	assert_int_equal(rig_violations(r), 0);
}

static void
wait_reset(struct rig *r, uint32_t off)
{
	struct timespec ms = {0, 1000000};

	for (unsigned int i = 0; i < 2000 && rig_read(r, off) != 0; i++)
		nanosleep(&ms, NULL);
	assert_int_equal(rig_read(r, off), 0);
}

static void
function_reset(void **state)
{
	struct rig *r = *state;
	uint8_t d[FW_DATA] = {0x80};

	program_rings(r, 0);
	rig_write(r, win(0, TQP_RING_EN), 1);
	assert_int_equal(rig_cmd(r, 0x0020, false, d), 0);
	assert_int_equal(sim_reg_get(r->dev, REG_FUN_RST_ING), 1);
	assert_false(r->dev->rxq[0].enabled);
	assert_int_equal(sim_reg_get(r->dev, win(0, TQP_RING_EN)), 0);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), -1);
	wait_reset(r, REG_FUN_RST_ING);
	rig_start_queues(r);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 0);
	assert_int_equal(r->dev->tqp_mapped, 0);
	assert_int_equal(rig_violations(r), 0);
}

static void
reset_by_register(struct rig *r, uint32_t off, uint32_t bit, uint32_t cause)
{
	rig_write(r, REG_MISC_VECTOR_CTRL, 1);
	rig_write(r, REG_CSQ_DEPTH, RIG_DEPTH / 8);
	rig_write(r, REG_OTHER_INT, OTHER_INT_ALL_MSIX_ERR);
	rig_write(r, off, rig_read(r, off) | bit);
	assert_int_equal(r->irqs[0], 1);
	assert_int_equal(rig_read(r, REG_OTHER_INT_STS), cause);
	rig_write(r, REG_MISC_VECTOR_CTRL, 0);
	rig_write(r, REG_MISC_RESET_STS, cause);
	assert_int_equal(rig_read(r, REG_OTHER_INT_STS), 0);
	rig_write(r, REG_OTHER_INT, rig_read(r, REG_OTHER_INT) | OTHER_INT_IMP_NOTED);
	assert_int_not_equal(rig_read(r, REG_GLOBAL_RESET), 0);
	rig_write(r, REG_CSQ_DEPTH, RIG_DEPTH / 8 | CSQ_SW_RST_RDY);
	wait_reset(r, REG_GLOBAL_RESET);
	assert_int_equal(rig_read(r, REG_OTHER_INT), OTHER_INT_ALL_MSIX_ERR);
	rig_start_queues(r);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 0);
	assert_int_equal(rig_violations(r), 0);
}

static void
global_reset(void **state)
{
	reset_by_register(*state, REG_GLOBAL_RESET, GLOBAL_RESET_GLOBAL, INT_STS_GLOBAL);
}

static void
imp_reset(void **state)
{
	reset_by_register(*state, REG_OTHER_INT, OTHER_INT_TRIGGER_IMP, INT_STS_IMP);
}

static void
flr(void **state)
{
	struct rig *r = *state;

	program_rings(r, 0);
	rig_write(r, win(0, TQP_RING_EN), 1);
	rig_write(r, 0x20000, 1);
	sim_dev_flr(r->dev);
	assert_int_equal(rig_read(r, REG_CSQ_BASE_L), 0);
	assert_int_equal(rig_read(r, 0x20000), 0);
	assert_int_equal(rig_read(r, win(0, TQP_RX_BASE_L)), 0);
	assert_int_equal(rig_read(r, win(0, TQP_RX_EN)), 1);
	assert_false(r->dev->rxq[0].enabled);
	assert_int_equal(rig_violations(r), 0);
}

static void
link_event(void **state)
{
	struct rig *r = *state;
	struct fw_bd *ring = rig_at(r, RIG_CRQ);
	uint8_t compat[FW_DATA] = {5}, mac[FW_DATA] = {0xC0, 0x18, 0x7E}, q[FW_DATA] = {0};

	assert_int_equal(rig_cmd(r, 0x701A, false, compat), 0);
	assert_int_equal(rig_cmd(r, 0x0307, true, q), 0);
	assert_int_equal(q[0], 0);
	assert_int_equal(rig_cmd(r, 0x0301, false, mac), 0);
	assert_int_equal(r->stats.link_up, 1);
	assert_int_equal(ring[0].data[8], 201);
	assert_int_equal(ring[0].data[9], 1);
	assert_int_equal(rig_cmd(r, 0x0307, true, q), 0);
	assert_int_equal(q[0], 1);
	sim_dev_link_event(r->dev, false);
	assert_int_equal(ring[1].data[9], 0);
	sim_dev_link_event(r->dev, false);
	assert_int_equal(rig_read(r, REG_CRQ_TAIL), 2);
	memset(q, 0, sizeof(q));
	assert_int_equal(rig_cmd(r, 0x0307, true, q), 0);
	assert_int_equal(q[0], 0);
}

static void
names(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SIM_DROP_NUM; i++)
		assert_string_not_equal(sim_drop_name(i), "unknown");
	for (unsigned int i = 0; i < SIM_VIOL_NUM; i++)
		assert_string_not_equal(sim_violation_name(i), "unknown");
	assert_string_equal(sim_drop_name(SIM_DROP_NUM), "unknown");
	assert_string_equal(sim_violation_name(SIM_VIOL_NUM), "unknown");
}

#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(outside_the_map), T(bad_values), T(dumps_read_without_effect), T(side_effects),
		T(ring_enable), T(ring_not_mapped), cmocka_unit_test(ring_enable_in_memory),
		T(packet_record_clears), T(queue_interrupt), T(function_reset), T(global_reset),
		T(imp_reset), T(flr), T(link_event), cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
