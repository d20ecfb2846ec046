/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Link state through ethdev. This file is compiled at several levels of optimisation: a
 * store that the compiler takes for unread shows only at some of them.
 */

#include "hns3_test.h"

#include <rte_ethdev.h>

#include "hns3_compat.h"

static struct rte_eth_link next_link;
static bool changed;

/* As the driver does it: a structure on the stack, filled field by field. */
static int
link_update(struct rte_eth_dev *dev, int wait)
{
	struct rte_eth_link link;

	RTE_SET_USED(wait);
	memset(&link, 0, sizeof(link));
	link.link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
	link.link_autoneg = RTE_ETH_LINK_AUTONEG;
	link.link_speed = next_link.link_speed;
	link.link_status = next_link.link_status;
	changed = hns3_link_set(dev, &link);
	return changed ? 0 : -1;
}

static const struct eth_dev_ops ops = { .link_update = link_update };
static struct rte_eth_dev *dev;

static int
setup(void **state)
{
	RTE_SET_USED(state);
	if (test_eal_init() != 0)
		return -1;
	dev = rte_eth_dev_allocate("link_test");
	if (dev == NULL)
		return -1;
	dev->dev_ops = &ops;
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
teardown(void **state)
{
	RTE_SET_USED(state);
	rte_eth_dev_release_port(dev);
	return rte_eal_cleanup();
}

static void
report(uint32_t speed, uint16_t status, bool expect_change)
{
	struct rte_eth_link seen, own;

	next_link.link_speed = speed;
	next_link.link_status = status;
	memset(&seen, 0xff, sizeof(seen));
	assert_int_equal(rte_eth_link_get_nowait(dev->data->port_id, &seen), 0);
	assert_int_equal(changed, expect_change);
	assert_int_equal(seen.link_speed, speed);
	assert_int_equal(seen.link_status, status);
	assert_int_equal(seen.link_duplex, RTE_ETH_LINK_FULL_DUPLEX);
	assert_int_equal(seen.link_autoneg, RTE_ETH_LINK_AUTONEG);
	own = hns3_link_get(dev);
	assert_memory_equal(&own, &seen, sizeof(own));
	/* As the field, which some applications read. */
	assert_int_equal(dev->data->dev_link.link_status, status);
	assert_int_equal(dev->data->dev_link.link_speed, speed);
}

static void
link_is_seen(void **state)
{
	RTE_SET_USED(state);
	report(RTE_ETH_SPEED_NUM_NONE, RTE_ETH_LINK_DOWN, false);
	report(RTE_ETH_SPEED_NUM_25G, RTE_ETH_LINK_UP, true);
	report(RTE_ETH_SPEED_NUM_25G, RTE_ETH_LINK_UP, false);
	report(RTE_ETH_SPEED_NUM_100G, RTE_ETH_LINK_UP, false);
	report(RTE_ETH_SPEED_NUM_NONE, RTE_ETH_LINK_DOWN, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(link_is_seen) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
