/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Command queues of the model: grouping, wrap, answers, faults, events. */

#include "rig.h"

static void
answer_in_place(void **state)
{
	struct rig *r = *state;
	struct fw_bd bd;

	rig_build(&bd, 1, 0x0001, true);
	assert_int_equal(rig_send(r, &bd, 1), 0);
	assert_int_equal(bd.opcode, 0x0001);
	assert_int_equal(bd.flag, GET_FLAG | BD_OUT);
	assert_int_not_equal(bd.data[3], 0);
	assert_int_equal(rig_cmd_count(r, 0x0001, false), 1);
	assert_int_equal(rig_violations(r), 0);
	/* A driver may send an answered BD again as it is. */
	assert_int_equal(rig_send(r, &bd, 1), 0);
	assert_int_equal(rig_violations(r), 0);
}

static void
two_commands_one_doorbell(void **state)
{
	struct rig *r = *state;
	uint32_t want[2] = {0x04000000, 0x04000010};
	struct fw_bd bd[2];

	for (unsigned int i = 0; i < 2; i++) {
		rig_build(&bd[i], 1, 0x0025, true);
		memcpy(bd[i].data, &want[i], 4);
	}
	assert_int_equal(rig_send(r, bd, 2), 0);
	assert_int_equal(bd[0].data[8 + 5], 1); /* media type: fibre */
	assert_int_equal(bd[1].data[8 + 4], 0x07);
	assert_int_equal(rig_cmd_count(r, 0x0025, false), 2);
	assert_int_equal(rig_violations(r), 0);
}

static void
chained(void **state)
{
	struct rig *r = *state;
	struct fw_bd bd[4];

	rig_build(bd, 4, 0x0043, true);
	assert_int_equal(rig_send(r, bd, 4), 0);
	assert_int_equal(rig_cmd_count(r, 0x0043, false), 1);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(bd[i].retval, 0);
	assert_int_equal(bd[0].data[4], 2);
	assert_int_equal(bd[2].data[0], 1); /* word 12 */
	assert_int_equal(rig_violations(r), 0);
}

static void
chain_cut_short(void **state)
{
	struct rig *r = *state;
	struct fw_bd bd[2];

	rig_build(bd, 2, 0x2100, false);
	bd[1].flag |= BD_NEXT;
	assert_int_equal(rig_send(r, bd, 2), 0);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 1);
}

static void
wrong_number_of_bds(void **state)
{
	struct rig *r = *state;
	struct fw_bd bd[2];

	rig_build(bd, 2, 0x0308, false);
	assert_int_equal(rig_send(r, bd, 2), FW_PARAM);
	assert_int_equal(bd[0].retval, FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 1);
	assert_int_equal(rig_cmd_count(r, 0x0308, true), 1);
}

static void
wrong_direction(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_cmd(r, 0x0023, false, NULL), FW_PARAM);
	assert_int_equal(rig_cmd(r, 0x0308, true, NULL), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 2);
}

static void
unknown_opcode(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_cmd(r, 0x7777, false, NULL), FW_NOT_SUPPORTED);
	expect_violations(r, SIM_VIOL_CMD_UNKNOWN, 1);
	assert_int_equal(rig_cmd_count(r, 0x7777, true), 1);
	assert_non_null(strstr(r->stats.viol[SIM_VIOL_CMD_UNKNOWN].first, "0x7777"));
}

/* Raw commands across the end of the ring: the stream goes on at its beginning. */
static void
raw_and_wrap(void **state)
{
	struct rig *r = *state;
	struct fw_bd bd[22];
	uint64_t counter[87];

	while (r->csq_next < RIG_DEPTH - 10)
		assert_int_equal(rig_cmd(r, 0x0307, true, NULL), 0);
	for (unsigned int i = 0; i < 87; i++)
		r->dev->mac_counter[i] = 1000 + i;
	rig_build(bd, 22, 0x0034, true);
	rig_send(r, bd, 22);
	assert_int_equal(r->csq_next, 12);
	assert_int_equal(bd[0].retval, 0);
	memcpy(counter, bd[0].data, 24);
	memcpy(&counter[3], &bd[1], 21 * 32);
	for (unsigned int i = 0; i < 87; i++) {
		assert_int_equal(counter[i], 1000 + i);
		assert_int_equal(r->dev->mac_counter[i], 0);
	}
	assert_int_equal(rig_violations(r), 0);
}

static void
bad_ring(void **state)
{
	struct rig *r = *state;

	rig_write(r, REG_CSQ_BASE_L, (uint32_t)RIG_CSQ + 64);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), -1);
	expect_violations(r, SIM_VIOL_ALIGN, 1);
	rig_start_queues(r);
	rig_write(r, REG_CSQ_TAIL, RIG_DEPTH - 1 + 1);
	assert_int_equal(r->stats.viol[SIM_VIOL_REG_VALUE].count, 1);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 0);
}

static void
unmapped_ring(void **state)
{
	struct rig *r = *state;

	rig_write(r, REG_CSQ_BASE_L, (uint32_t)(RIG_IOVA + RIG_BYTES));
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), -1);
	assert_int_equal(r->faults, 1);
}

static void
no_bus_master(void **state)
{
	struct rig *r = *state;

	sim_dev_set_bus_master(r->dev, false);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), -1);
	assert_int_equal(r->faults, 0);
}

static void
queue_set_up_again(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 0);
	rig_start_queues(r);
	assert_int_equal(rig_cmd_count(r, 0x0001, false), 1);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 0);
	assert_int_equal(rig_cmd_count(r, 0x0001, false), 2);
	assert_int_equal(rig_violations(r), 0);
}

static void
fault_retval(void **state)
{
	struct sim_inject f[] = {{.opcode = 0x0301, .retval = 7, .first = 2, .times = 1},
			{.opcode = 0x0001, .retval = 2}};
	struct rig *r = rig_create(SIM_MODE_EXACT, f, 2);
	uint8_t d[FW_DATA] = {0xC0, 0x18, 0x7E, 0};

	(void)state;
	assert_int_equal(rig_cmd(r, 0x0301, false, d), 0);
	memset(d, 0, sizeof(d));
	assert_int_equal(rig_cmd(r, 0x0301, false, d), 7);
	assert_int_equal(r->dev->t.mac_mode, 0x007E18C0); /* not carried out */
	assert_int_equal(rig_cmd(r, 0x0301, false, d), 0);
	assert_int_equal(r->dev->t.mac_mode, 0);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 2);
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 2);
	assert_int_equal(rig_cmd_count(r, 0x0301, true), 1);
	assert_int_equal(rig_violations(r), 0);
	rig_destroy(r);
}

static void
fault_never(void **state)
{
	struct sim_inject f = {.opcode = 0x0308, .never = true};
	struct rig *r = rig_create(SIM_MODE_EXACT, &f, 1);
	uint8_t d[FW_DATA] = {0xF6, 0x05, 64};

	(void)state;
	assert_int_equal(rig_cmd(r, 0x0001, true, NULL), 0);
	assert_int_equal(rig_cmd(r, 0x0308, false, d), -1);
	assert_int_equal(rig_read(r, REG_CSQ_HEAD), 1);
	assert_int_equal(r->dev->t.max_frame, FW_DEFAULT_FRAME);
	/* The firmware itself goes on. */
	assert_int_equal(rig_cmd(r, 0x0307, true, NULL), 0);
	assert_int_equal(rig_read(r, REG_CSQ_HEAD), 3);
	rig_destroy(r);
}

static void
crq(void **state)
{
	struct rig *r = *state;
	struct fw_bd *ring = rig_at(r, RIG_CRQ);
	uint8_t msg[FW_DATA] = {1, 2, 3};

	assert_true(sim_crq_post(r->dev, 0x2001, msg));
	assert_int_equal(ring[0].opcode, 0x2001);
	assert_int_equal(ring[0].flag, BD_OUT);
	assert_memory_equal(ring[0].data, msg, sizeof(msg));
	assert_int_equal(rig_read(r, REG_CRQ_TAIL), 1);
	assert_int_equal(rig_read(r, REG_CMDQ_SRC), CMDQ_SRC_CRQ);
	assert_int_equal(r->irqs[0], 0); /* masked */
	rig_write(r, REG_MISC_VECTOR_CTRL, 1);
	assert_int_equal(r->irqs[0], 1);
	rig_write(r, REG_CMDQ_SRC, ~CMDQ_SRC_CRQ);
	assert_int_equal(rig_read(r, REG_CMDQ_SRC), 0);
	for (unsigned int i = 1; i < RIG_DEPTH - 1; i++)
		assert_true(sim_crq_post(r->dev, 0x2001, msg));
	assert_false(sim_crq_post(r->dev, 0x2001, msg));
	rig_write(r, REG_CRQ_HEAD, 1);
	assert_true(sim_crq_post(r->dev, 0x2001, msg));
	assert_int_equal(rig_read(r, REG_CRQ_TAIL), 0);
	assert_int_equal(rig_violations(r), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(answer_in_place), T(two_commands_one_doorbell), T(chained), T(chain_cut_short),
		T(wrong_number_of_bds), T(wrong_direction), T(unknown_opcode), T(raw_and_wrap),
		T(bad_ring), T(unmapped_ring), T(no_bus_master), T(queue_set_up_again),
		cmocka_unit_test(fault_retval), cmocka_unit_test(fault_never), T(crq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
