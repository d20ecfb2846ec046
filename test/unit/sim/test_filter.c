/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Which frames a port takes. */

#include "fake_data.h"

static const uint8_t mine[6] = {2, 0, 0, 0, 0, 0x11};
static const uint8_t other[6] = {2, 0, 0, 0, 0, 0x12};
static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1};
static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};

/** SIM_DROP_NUM: taken. */
static enum sim_drop
verdict(const uint8_t *dmac, unsigned int tags, uint16_t vid)
{
	enum sim_drop why = SIM_DROP_NUM;
	struct fake_pkt p;
	struct sim_pkt pkt;

	fake_build(&p, false, 17, tags, 10);
	memcpy(p.data, dmac, 6);
	if (tags)
		sim_put_be16(p.data + 14, vid);
	sim_parse(p.data, p.len, &pkt);
	if (sim_filter_accept(&fake.d->t, p.data, &pkt, &why))
		return SIM_DROP_NUM;
	return why;
}

static void
add_uc(unsigned int at, const uint8_t *mac)
{
	fake.d->t.uc[at].used = true;
	memcpy(fake.d->t.uc[at].addr, mac, 6);
	fake.d->t.nb_uc++;
}

static void
test_unicast(void **state)
{
	(void)state;
	fake.d->t.promisc = 0x38;
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_MAC_FILTER);
	add_uc(0, other);
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_MAC_FILTER);
	add_uc(SIM_UC_ENTRIES - 1, mine);
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_NUM);
	assert_int_equal(verdict(other, 0, 0), SIM_DROP_NUM);
	fake.d->t.uc[SIM_UC_ENTRIES - 1].used = false;
	fake.d->t.nb_uc--;
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_MAC_FILTER);
	fake.d->t.promisc = 0x3a;
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_NUM);
	/* Promiscuous bits without the one for receiving do nothing. */
	fake.d->t.promisc = 0x1e;
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_MAC_FILTER);
	assert_int_equal(verdict(all, 0, 0), SIM_DROP_MAC_FILTER);
}

static void
test_multicast(void **state)
{
	struct sim_mac_entry *e = &fake.d->t.mc[3];

	(void)state;
	fake.d->t.promisc = 0x3a;
	assert_int_equal(verdict(group, 0, 0), SIM_DROP_MAC_FILTER);
	e->used = true;
	memcpy(e->addr, group, 6);
	fake.d->t.nb_mc = 1;
	e->functions[0] = 2;
	assert_int_equal(verdict(group, 0, 0), SIM_DROP_MAC_FILTER);
	e->functions[0] = 3;
	assert_int_equal(verdict(group, 0, 0), SIM_DROP_NUM);
	e->used = false;
	fake.d->t.nb_mc = 0;
	fake.d->t.promisc = 0x3c;
	assert_int_equal(verdict(group, 0, 0), SIM_DROP_NUM);
}

static void
test_broadcast(void **state)
{
	(void)state;
	fake.d->t.promisc = 0x38;
	assert_int_equal(verdict(all, 0, 0), SIM_DROP_NUM);
	fake.d->t.promisc = 0x36;
	assert_int_equal(verdict(all, 0, 0), SIM_DROP_MAC_FILTER);
}

static void
test_vlan(void **state)
{
	(void)state;
	assert_int_equal(verdict(mine, 1, 5), SIM_DROP_NUM);
	fake.d->t.vlan_port_ingress_filter = 0xa; /* egress only */
	assert_int_equal(verdict(mine, 1, 5), SIM_DROP_NUM);
	fake.d->t.vlan_port_ingress_filter = 0x5;
	assert_int_equal(verdict(mine, 1, 5), SIM_DROP_VLAN_FILTER);
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_VLAN_FILTER);
	fake.d->t.vlan_bitmap[0] = 1;
	assert_int_equal(verdict(mine, 0, 0), SIM_DROP_NUM);
	assert_int_equal(verdict(mine, 1, 5), SIM_DROP_VLAN_FILTER);
	fake.d->t.vlan_bitmap[4095 / 64] = 1ull << 63;
	assert_int_equal(verdict(mine, 1, 0xe000 | 4095), SIM_DROP_NUM);
	assert_int_equal(verdict(mine, 1, 4094), SIM_DROP_VLAN_FILTER);
	/* The outermost tag counts. */
	assert_int_equal(verdict(mine, 2, 4095), SIM_DROP_NUM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unicast, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_multicast, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_broadcast, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_vlan, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
