/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Commands that the kernel's driver sends and DPDK drivers do not. */

#include <stdlib.h>
#include <string.h>

#include "rig.h"

static int
setup(void **state)
{
	struct rig *r = rig_create(SIM_MODE_EXACT, NULL, 0);

	rig_start_queues(r);
	*state = r;
	return 0;
}

static void
loopback(void **state)
{
	struct rig *r = *state;
	uint8_t off[FW_DATA] = {0x05, 0}, on[FW_DATA] = {0x05, 0x01}, ask[FW_DATA] = {0};
	uint8_t bad[FW_DATA] = {0x02, 0};

	assert_int_equal(rig_cmd(r, 0x0315, false, off), 0);
	assert_int_equal(rig_cmd(r, 0x0315, true, ask), 0);
	assert_int_equal(ask[2], 3);
	assert_int_equal(rig_cmd(r, 0x0315, false, on), FW_NOT_SUPPORTED);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 0);
	assert_int_equal(rig_cmd(r, 0x0315, false, bad), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 1);
}

static int
function_vlan(struct rig *r, unsigned int vlan, unsigned int action, unsigned int functions,
		uint8_t *resp)
{
	struct fw_bd bd[2];
	int ret;

	rig_build(bd, 2, 0x1102, false);
	bd[0].data[0] = (uint8_t)vlan;
	bd[0].data[1] = (uint8_t)(vlan >> 8);
	bd[0].data[4] = (uint8_t)action;
	bd[0].data[8] = (uint8_t)functions;
	ret = rig_send(r, bd, 2);
	*resp = bd[0].data[2];
	return ret;
}

static void
vlans_of_a_function(void **state)
{
	struct rig *r = *state;
	uint8_t resp;

	assert_int_equal(function_vlan(r, 100, 1, 1, &resp), 0);
	assert_int_equal(resp, 1); /* was not there */
	assert_int_equal(function_vlan(r, 100, 0, 1, &resp), 0);
	assert_int_equal(resp, 0);
	assert_int_equal(function_vlan(r, 4095, 0, 1, &resp), 0);
	assert_int_equal(function_vlan(r, 100, 1, 1, &resp), 0);
	assert_int_equal(resp, 0);
	assert_int_equal(function_vlan(r, 100, 1, 1, &resp), 0);
	assert_int_equal(resp, 1);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 0);
	assert_int_equal(function_vlan(r, 4096, 0, 1, &resp), FW_PARAM);
	assert_int_equal(function_vlan(r, 1, 2, 1, &resp), FW_PARAM);
	assert_int_equal(function_vlan(r, 1, 0, 2, &resp), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 3);
}

static void
switch_parameter(void **state)
{
	struct rig *r = *state;
	uint8_t set[FW_DATA] = {[8] = 0x02, [12] = 0xFD}, more[FW_DATA] = {[8] = 0x0F, [12] = 0xFB};
	uint8_t get[FW_DATA] = {0}, bad[FW_DATA] = {[4] = 1};

	assert_int_equal(rig_cmd(r, 0x1033, false, set), 0);
	assert_int_equal(rig_cmd(r, 0x1033, false, more), 0); /* bit 2 alone is changed */
	assert_int_equal(rig_cmd(r, 0x1033, true, get), 0);
	assert_int_equal(get[8], 0x06);
	assert_int_equal(rig_cmd(r, 0x1033, false, bad), FW_PARAM);
}

static void
packets_of_a_queue(void **state)
{
	struct rig *r = *state;
	uint8_t get[FW_DATA] = {[0] = 3}, bad[FW_DATA] = {[0] = RIG_TQPS};

	r->dev->rxq[3].pkt_record = 77;
	assert_int_equal(rig_cmd(r, 0x0B03, true, get), 0);
	assert_int_equal(get[4], 0);
	assert_int_equal(rig_cmd(r, 0x0B13, true, get), 0);
	assert_int_equal(get[4], 77);
	assert_int_equal(rig_cmd(r, 0x0B13, true, get), 0);
	assert_int_equal(get[4], 0); /* cleared by the read */
	assert_int_equal(rig_cmd(r, 0x0B13, true, bad), FW_PARAM);
}

static void
nothing_there(void **state)
{
	struct rig *r = *state;
	uint8_t ready[FW_DATA] = {0}, clear[FW_DATA] = {5, 0}, reset[FW_DATA] = {5, 1};
	uint8_t words[FW_DATA] = {10, 0, 20, 0}, match[FW_DATA] = {10, 0x80};
	uint8_t led[FW_DATA] = {[3] = 1}, colour[FW_DATA] = {[3] = 2};

	assert_int_equal(rig_cmd(r, 0x0027, true, ready), 0);
	assert_int_equal(ready[0], 1);
	assert_int_equal(rig_cmd(r, 0x0021, false, clear), 0);
	assert_int_equal(rig_cmd(r, 0x0021, false, reset), FW_PARAM);
	assert_int_equal(rig_cmd(r, 0x1207, false, words), 0);
	assert_int_equal(rig_cmd(r, 0x1207, false, match), FW_NOT_SUPPORTED);
	assert_int_equal(rig_cmd(r, 0xB000, false, led), 0);
	assert_int_equal(rig_cmd(r, 0xB000, false, colour), FW_PARAM);
	expect_violations(r, SIM_VIOL_CMD_PARAM, 2);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(loopback), TEST(vlans_of_a_function), TEST(switch_parameter),
		TEST(packets_of_a_queue), TEST(nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
