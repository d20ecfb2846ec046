/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Hash and queue choice: the published verification vectors, and the tables around them. */

#include <arpa/inet.h>

#include "fake_data.h"

struct vector {
	const char *src, *dst;
	uint16_t sport, dport;
	uint32_t ip_only, with_ports;
};

static const struct vector v4[] = {
	{"66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2, 0x51ccc178},
	{"199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a, 0xc626b0ea},
	{"24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de, 0x5c2b394a},
	{"38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176, 0xafc7327f},
	{"153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5, 0x10e828a2},
};

static const struct vector v6[] = {
	{"3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x2cc18cd5, 0x40207d3d},
	{"3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0x0f0c461c, 0xdde51bbf},
	{"3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf", 44251, 38024,
		0x4b61e985, 0x02d1feef},
};

static void
make(struct fake_pkt *p, const struct vector *v, bool six, uint8_t proto)
{
	int family = six ? AF_INET6 : AF_INET;
	uint32_t at, alen = six ? 16 : 4;

	fake_build(p, six, proto, 0, 8);
	at = p->l3 + (six ? 8 : 12);
	assert_int_equal(inet_pton(family, v->src, p->data + at), 1);
	assert_int_equal(inet_pton(family, v->dst, p->data + at + alen), 1);
	sim_put_be16(p->data + p->l4, v->sport);
	sim_put_be16(p->data + p->l4 + 2, v->dport);
	fake_checksum(p);
}

static uint32_t
hash_of(const struct fake_pkt *p, struct sim_pkt *pkt)
{
	sim_parse(p->data, p->len, pkt);
	return sim_rss_hash(&fake.d->t, p->data, pkt);
}

static void
check_vectors(const struct vector *v, unsigned int n, bool six)
{
	static const uint8_t protos[] = {6, 17};
	struct fake_pkt p;
	struct sim_pkt pkt;

	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int k = 0; k < 2; k++) {
			make(&p, &v[i], six, protos[k]);
			fake.d->t.rss_tuple = 0x0f0f0f0f0f0f0f0full;
			assert_int_equal(hash_of(&p, &pkt), v[i].with_ports);
			/* Addresses only: zero ports change nothing, they come last. */
			fake.d->t.rss_tuple = 0x0c0c0c0c0c0c0c0cull;
			assert_int_equal(hash_of(&p, &pkt), v[i].ip_only);
		}
		/* A protocol without ports */
		make(&p, &v[i], six, 99);
		fake.d->t.rss_tuple = 0x0f0f0f0f0f0f0f0full;
		assert_int_equal(hash_of(&p, &pkt), v[i].ip_only);
		assert_int_equal(pkt.flow, six ? 7 : 3);
	}
}

static void
test_ipv4(void **state)
{
	(void)state;
	check_vectors(v4, sizeof(v4) / sizeof(v4[0]), false);
}

static void
test_ipv6(void **state)
{
	(void)state;
	check_vectors(v6, sizeof(v6) / sizeof(v6[0]), true);
}

static void
test_flow_types(void **state)
{
	static const struct {
		bool six;
		uint8_t proto, flow;
	} c[] = {{false, 6, 0}, {false, 17, 1}, {false, 132, 2}, {false, 1, 3},
		{true, 6, 4}, {true, 17, 5}, {true, 132, 6}, {true, 58, 7}};
	struct fake_pkt p;
	struct sim_pkt pkt;

	(void)state;
	for (unsigned int i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		fake_build(&p, c[i].six, c[i].proto, 0, 16);
		fake.d->t.rss_tuple = 0;
		assert_int_equal(hash_of(&p, &pkt), 0);
		assert_int_equal(pkt.flow, c[i].flow);
		/* Only its own byte of the tuple word switches a type on. */
		fake.d->t.rss_tuple = ~(0xffull << (8 * c[i].flow));
		assert_int_equal(hash_of(&p, &pkt), 0);
		fake.d->t.rss_tuple = 0x0full << (8 * c[i].flow);
		assert_int_not_equal(hash_of(&p, &pkt), 0);
	}
}

static void
test_fragments_use_their_own_bits(void **state)
{
	struct fake_pkt p;
	struct sim_pkt pkt;
	uint32_t whole;

	(void)state;
	make(&p, &v4[0], false, 17);
	sim_put_be16(p.data + p.l3 + 6, 0x2000);
	fake_checksum(&p);
	fake.d->t.rss_tuple = 0x03ull << 24;
	assert_int_equal(hash_of(&p, &pkt), 0);
	fake.d->t.rss_tuple = 0x0cull << 24;
	whole = hash_of(&p, &pkt);
	assert_int_equal(whole, v4[0].ip_only);
	assert_true(pkt.frag);
}

static void
test_symmetric(void **state)
{
	struct fake_pkt a, b;
	struct sim_pkt pkt;
	struct vector back = {v4[0].dst, v4[0].src, v4[0].dport, v4[0].sport, 0, 0};

	(void)state;
	fake.d->t.rss_algo = 2;
	make(&a, &v4[0], false, 6);
	make(&b, &back, false, 6);
	assert_int_equal(hash_of(&a, &pkt), hash_of(&b, &pkt));
	make(&b, &v4[1], false, 6);
	assert_int_not_equal(hash_of(&a, &pkt), hash_of(&b, &pkt));
	fake.d->t.rss_algo = 0;
	make(&b, &back, false, 6);
	assert_int_not_equal(hash_of(&a, &pkt), hash_of(&b, &pkt));
}

static void
test_simple(void **state)
{
	struct fake_pkt p;
	struct sim_pkt pkt;

	(void)state;
	fake.d->t.rss_algo = 1;
	make(&p, &v4[0], false, 17);
	assert_int_equal(hash_of(&p, &pkt),
			0x420995bb ^ 0xa18e6450 ^ ((uint32_t)2794 << 16 | 1766));
}

static void
test_tunnel_hashes_the_inner_headers(void **state)
{
	struct fake_pkt inner, outer;
	struct sim_pkt pkt;

	(void)state;
	make(&inner, &v4[2], false, 6);
	fake_build(&outer, false, 17, 0, 8 + inner.len);
	sim_put_be16(outer.data + outer.l4 + 2, 4789);
	memset(outer.data + outer.l4 + 8, 0, 8);
	outer.data[outer.l4 + 8] = 0x08;
	memcpy(outer.data + outer.l4 + 16, inner.data, inner.len);
	fake_checksum(&outer);
	assert_int_equal(hash_of(&outer, &pkt), v4[2].with_ports);
	assert_int_equal(pkt.ol4id, 1);
}

static void
test_queue_of_table_and_tc(void **state)
{
	struct sim_tables *t = &fake.d->t;
	struct sim_pkt pkt;
	struct fake_pkt p;

	(void)state;
	for (unsigned int i = 0; i < SIM_RSS_TABLE; i++)
		t->rss_table[i] = (uint16_t)(i % 4);
	t->rss_tc_mode[0] = 0x8000 | 2 << 12;
	make(&p, &v4[0], false, 6);
	sim_parse(p.data, p.len, &pkt);
	for (uint32_t h = 0; h < 2048; h += 7)
		assert_int_equal(sim_rss_queue(t, h, &pkt), h % 512 % 4);
	/* The table entry counts within the traffic class. */
	t->rss_tc_mode[3] = 0x8000 | 1 << 12 | 6;
	t->prio_to_tc[1] = 3;
	fake_build(&p, false, 6, 1, 8);
	sim_parse(p.data, p.len, &pkt);
	assert_int_equal(pkt.tci[0] >> 13, 1);
	assert_int_equal(sim_rss_queue(t, 3, &pkt), 6 + 1);
	assert_int_equal(sim_rss_queue(t, 4, &pkt), 6);
	/* The fourth bit of the size stands apart. */
	t->rss_tc_mode[3] = 0x8000 | 1 << 11 | 6;
	t->rss_table[3] = 200;
	assert_int_equal(sim_rss_queue(t, 3, &pkt), 206);
	t->rss_tc_mode[3] = 0;
	assert_int_equal(sim_rss_queue(t, 3, &pkt), 0);
}

static void
test_no_hash_takes_entry_0(void **state)
{
	struct sim_tables *t = &fake.d->t;
	struct sim_pkt pkt;
	uint8_t arp[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06};

	(void)state;
	t->rss_table[0] = 3;
	t->rss_table[5] = 1;
	t->rss_tc_mode[0] = 0x8000 | 2 << 12;
	sim_parse(arp, sizeof(arp), &pkt);
	assert_int_equal(sim_rss_hash(t, arp, &pkt), 0);
	assert_int_equal(sim_rss_queue(t, 5, &pkt), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ipv4, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_ipv6, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_flow_types, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_fragments_use_their_own_bits, fake_setup,
				fake_teardown),
		cmocka_unit_test_setup_teardown(test_symmetric, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_simple, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_tunnel_hashes_the_inner_headers, fake_setup,
				fake_teardown),
		cmocka_unit_test_setup_teardown(test_queue_of_table_and_tc, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_no_hash_takes_entry_0, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
